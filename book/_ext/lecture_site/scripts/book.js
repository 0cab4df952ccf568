// From disk a browser may not read the pages that a search finds: then without excerpts.
// @ts-expect-error: the theme's own variable
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// What is wider than its place scrolls there, also by keyboard, and has a name.
addEventListener("load", () => {
  const article = document.querySelector(".bd-article");
  const places = ".equation, span.math, .pst-scrollable-table-container";
  const nodes = article ? [...article.querySelectorAll(places)] : [];
  const isWide = (node) => {
    if (!node.matches("span"))
      return node.clientWidth > 0 && node.scrollWidth > node.clientWidth + 1;
    // An inline formula overflows its own box a little: what counts is the box.
    const room = node.parentElement.clientWidth;
    return room > 0 && node.firstElementChild.getBoundingClientRect().width > room + 1;
  };
  const mark = () => {
    for (const [i, node] of nodes.entries()) {
      node.classList.remove("wide");
      const wide = isWide(node);
      const kind = node.matches(".math, .equation") ? "Formula" : "Table";
      const region = { tabindex: "0", role: "region", "aria-label": `${kind} ${i + 1}, scrolls` };
      node.classList.toggle("wide", wide);
      for (const [key, value] of Object.entries(region)) {
        if (wide) node.setAttribute(key, value);
        else node.removeAttribute(key);
      }
    }
  };
  addEventListener("resize", mark);
  mark();
});

// Code that is wider than its place is reached by keyboard, whatever the size of the place. (The
// theme looks when the page loads or the window changes; a slide is another size, and so is what it
// folds away.)
addEventListener("load", () => {
  /** @type {NodeListOf<HTMLElement>} */
  const nodes = document.querySelectorAll("pre, .cell_output > .output");
  const mark = () => {
    for (const node of nodes) {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = node;
      node.tabIndex = scrollWidth > clientWidth || scrollHeight > clientHeight ? 0 : -1;
    }
  };
  const sizes = new ResizeObserver(mark);
  for (const node of nodes) sizes.observe(node);
  const article = document.querySelector(".bd-article");
  const changes = { subtree: true, attributeFilter: ["data-lm", "open"] };
  if (article) new MutationObserver(mark).observe(article, changes);
});

// On a telephone a cell shows how it begins; what follows opens. On paper everything is open.
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
    closed = [...folds].filter((fold) => !fold.open && fold.closest(".cell"));
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
}

// The theme takes the focus off the buttons of the two contents: give it back when
// their dialogs close.
addEventListener("DOMContentLoaded", () => {
  for (const name of ["primary", "secondary"]) {
    /** @type {HTMLElement | null} */
    const button = document.querySelector(`.${name}-toggle`);
    document
      .getElementById(`pst-${name}-sidebar-modal`)
      ?.addEventListener("close", () => button?.focus());
  }
});
