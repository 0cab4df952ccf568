// On paper: one slide to a page of 1280 x 720, then what is folded on them.
// A page that is no lecture is printed light, its solutions at its end.
import { folded, sheet, solutions } from "./sheets.js";

const root = document.documentElement;
const page = document.createElement("style");
page.textContent = "@page { size: 1280px 720px; margin: 0; }";
const sheets = document.createElement("div");
sheets.className = "lm-sheets";
/** @type {HTMLElement} */
let end;

/**
 * @param {() => import("./slides.js").Slide[] | null} slides none: no lecture
 */
export function printable(slides) {
  let theme = "";
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    const shown = slides();
    if (!shown) {
      end = solutions();
      return;
    }
    document.head.append(page);
    document.body.append(sheets);
    for (const slide of shown) sheet(sheets, slide);
    sheets.append(...folded(shown));
    root.classList.add("lm-print");
  });
  addEventListener("afterprint", () => {
    root.dataset.theme = theme;
    for (const part of [page, sheets, end]) part?.remove();
    sheets.replaceChildren();
    root.classList.remove("lm-print");
  });
}
