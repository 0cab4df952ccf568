// From disk a browser may not read the pages that a search finds: then without excerpts.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// What is wider than its place scrolls there, also by keyboard, and has a name.
addEventListener("load", () => {
  const article = document.querySelector(".bd-article");
  const places = ".equation, span.math, .pst-scrollable-table-container";
  const nodes = article ? [...article.querySelectorAll(places)] : [];
  const mark = () => nodes.forEach((node, i) => {
    node.classList.remove("wide");
    const formula = node.matches("span") ? node.firstElementChild : node;
    const room = node.matches("span") ? node.parentElement.clientWidth : node.clientWidth;
    // (An inline formula overflows its own box a little: what counts is the box.)
    const needed = node.matches("span") ? formula.getBoundingClientRect().width : node.scrollWidth;
    const wide = room > 0 && needed > room + 1;
    const name = `${node.matches(".math, .equation") ? "Formula" : "Table"} ${i + 1}, scrolls`;
    node.classList.toggle("wide", wide);
    for (const [key, value] of Object.entries({ tabindex: 0, role: "region", "aria-label": name })) {
      if (wide) node.setAttribute(key, value);
      else node.removeAttribute(key);
    }
  });
  addEventListener("resize", mark);
  mark();
});

// Code that is wider than its place is reached by keyboard, whatever the size of the place. (The theme
// looks when the page loads or the window changes; a slide is another size, and so is what it folds away.)
addEventListener("load", () => {
  const nodes = document.querySelectorAll("pre, .cell_output > .output");
  const mark = () => nodes.forEach((node) => {
    node.tabIndex = node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight ? 0 : -1;
  });
  const sizes = new ResizeObserver(mark);
  nodes.forEach((node) => sizes.observe(node));
  const article = document.querySelector(".bd-article");
  if (article) new MutationObserver(mark).observe(article, { subtree: true, attributeFilter: ["data-lm", "open"] });
});

// The theme takes the focus off the buttons of the two contents: give it back when their dialogs close.
addEventListener("DOMContentLoaded", () => {
  for (const name of ["primary", "secondary"]) {
    const button = document.querySelector(`.${name}-toggle`);
    document.getElementById(`pst-${name}-sidebar-modal`)?.addEventListener("close", () => button?.focus());
  }
});
