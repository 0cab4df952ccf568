import { markContents } from "./book/contents.js";
import { joinLinks } from "./book/links.js";
import { showProgress } from "./book/progress.js";
import { searchSections } from "./book/search.js";

showProgress();
searchSections();
joinLinks();
markContents();

// From disk a browser may not read the pages that a search finds: then without excerpts.
// @ts-expect-error: the theme's own variable
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// What is wider than its place scrolls there, also by keyboard, has a name, and fades where it runs
// on. Its place changes with the window, on a slide, and in what folds.
addEventListener("load", () => {
  const article = document.querySelector(".bd-article");
  const names = {
    ".equation, span.math": "Formula",
    ".pst-scrollable-table-container, .cell_output > .output": "Table",
    ".lecture-drawn": "Figure",
    pre: "",
  };
  /** @type {NodeListOf<HTMLElement>} */
  const nodes = document.querySelectorAll(Object.keys(names).join());
  const isWide = (node) => {
    if (!node.matches("span"))
      return (
        node.clientWidth > 0 && node.scrollWidth > node.clientWidth + (node.matches("pre") ? 0 : 1)
      );
    // An inline formula overflows its own box a little: what counts is the box. On a slide, which
    // is zoomed, only what is measured alike can be compared.
    const [room, own] = [node.parentElement, node.firstElementChild].map(
      (one) => one.getBoundingClientRect().width,
    );
    return room > 0 && own > room + 1;
  };
  const isRead = ({ scrollLeft, clientWidth, scrollWidth }) =>
    scrollLeft + clientWidth > scrollWidth - 2;
  const fade = ({ target }) => target.classList.toggle("end", isRead(target));
  const set = (node, i, { wide, tall, end }) => {
    node.classList.toggle("wide", wide);
    node.classList.toggle("end", end);
    const name = Object.entries(names).find(([places]) => node.matches(places))[1];
    if (!name) {
      node.tabIndex = wide || tall ? 0 : -1;
      return;
    }
    const region = { tabindex: "0", role: "region", "aria-label": `${name} ${i + 1}, scrolls` };
    for (const [key, value] of Object.entries(region)) {
      if (wide) node.setAttribute(key, value);
      else node.removeAttribute(key);
    }
  };
  const mark = () => {
    for (const node of nodes) if (node.matches("span.wide")) node.classList.remove("wide");
    // all are measured, then all are marked: so the page is laid out once
    const found = [...nodes].map((node) => ({
      wide: isWide(node),
      tall: node.scrollHeight > node.clientHeight,
      end: isRead(node),
    }));
    for (const [i, node] of nodes.entries()) set(node, i, found[i]);
  };
  const sizes = new ResizeObserver(mark);
  for (const node of nodes) {
    sizes.observe(node);
    node.addEventListener("scroll", fade, { passive: true });
  }
  const changes = { subtree: true, attributeFilter: ["data-lm", "open"] };
  if (article) new MutationObserver(mark).observe(article, changes);
  document.fonts.addEventListener("loadingdone", mark);
  mark();
});

// On a telephone a cell shows how it begins; what follows opens. On paper all code is open; a picture has no table.
{
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const folds = document.querySelectorAll(".bd-article details");
  const narrow = matchMedia("(width < 576px)");
  const set = () => {
    for (const fold of folds) if (fold.matches(".fold-rest")) fold.open = !narrow.matches;
  };
  set();
  narrow.addEventListener("change", set);
  let closed = [];
  addEventListener("beforeprint", () => {
    const opens = (fold) => !fold.open && fold.closest(".cell") && !fold.closest("figure");
    closed = [...folds].filter(opens);
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
}

// The theme takes the focus off its buttons: give it back to who presses a key, and when the
// dialogs of the two contents close, as they do when a section is chosen. Its button for the colours says which are shown.
addEventListener("DOMContentLoaded", () => {
  const { documentElement } = document;
  const colours = document.querySelector(".theme-switch-button");
  const say = () => colours?.setAttribute("aria-label", `Colours: ${documentElement.dataset.mode}`);
  new MutationObserver(say).observe(documentElement, { attributeFilter: ["data-mode"] });
  say();
  for (const name of ["theme-switch", "primary", "secondary"]) {
    /** @type {HTMLElement | null} */
    const button = document.querySelector(`.${name}-button, .${name}-toggle`);
    button?.addEventListener("click", ({ detail }) => detail || button.focus());
    /** @type {HTMLDialogElement | null} */
    const dialog = document.querySelector(`#pst-${name}-sidebar-modal`);
    dialog?.addEventListener("close", () => button?.focus());
    // the theme moves the contents into the dialog when it opens: the dialog hears their clicks
    dialog?.addEventListener("click", ({ target }) => {
      if (/** @type {Element} */ (target).closest("a[href^='#']")) dialog.close();
    });
  }
});
