// On paper: one slide to a page of 1280 x 720 with margins of 64 and 32.
// A page that is no lecture is printed light, as it is.

const root = document.documentElement;
const SMALLEST = [0.6, 0.45, 0.3]; // paper cannot scroll
const page = document.createElement("style");
page.textContent = "@page { size: 1280px 720px; margin: 32px 64px; }";

/**
 * @param {object} lecture
 * @param {() => boolean} lecture.active
 * @param {(width: number, height: number, room: number, smallest: number[]) => Slide[]} lecture.fit
 * @param {() => void} lecture.again show the slide that was there before
 * @typedef {import("./slides.js").Slide} Slide
 */
export function printable({ active, fit, again }) {
  let theme = "";
  const styles = new Map();
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    if (!active()) return;
    document.head.append(page);
    root.classList.add("lm-print");
    fit(1280, 720, 656, SMALLEST).forEach(({ elements, scale, part }, index) => {
      elements.slice(part > 1 ? 1 : 0).forEach((node, i) => {
        const begins = index && !i ? "page" : "auto";
        styles.set(node, node.style.cssText);
        node.style.cssText += `; zoom: ${scale}; --lm-scale: ${scale}; break-before: ${begins}`;
      });
    });
  });
  addEventListener("afterprint", () => {
    root.dataset.theme = theme;
    if (!active()) return;
    for (const [node, style] of styles) {
      if (style) node.style.cssText = style;
      else node.removeAttribute("style");
    }
    styles.clear();
    page.remove();
    root.classList.remove("lm-print");
    again();
  });
}
