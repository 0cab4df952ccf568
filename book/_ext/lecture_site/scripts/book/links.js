// A letter of an equation, a part of a picture and a line of code that carry one name: pointing at
// one marks all. What a picture was stepped to, or told by its keys, stays marked.

const PARTS = ".lv-diagram [data-part]";

/** @param {Element} node @returns {string[]} what it is called */
const names = (node) =>
  node instanceof SVGElement
    ? [node.dataset.part ?? ""]
    : [...node.classList].filter((name) => name.startsWith("link-")).map((name) => name.slice(5));

export function joinLinks() {
  const article = document.querySelector(".bd-article");
  if (!article?.querySelector("[class*=link-]")) return;
  /** @type {Element | null} the picture that was used last */
  let picture = null;
  /** @type {Element[]} */
  let marked = [];

  /** @param {Event} event */
  function mark({ target }) {
    if (!(target instanceof Element)) return;
    picture = target.closest(".lv-diagram") ?? picture;
    const told = ["on", "lit"].map((state) => picture?.querySelectorAll(`[data-part].${state}`));
    const end = target.closest(`${PARTS}, [class*=link-]`);
    const ends = end ? [end] : [...(told.find((nodes) => nodes?.length) ?? [])];
    const wanted = new Set(ends.flatMap(names));
    const all = [...wanted].filter((name) => article?.querySelector(`.link-${name}`));
    for (const node of marked) node.classList.remove("linked");
    marked = all.flatMap((name) => [
      ...document.querySelectorAll(`.link-${name}, .lv-drawing [data-part="${name}"]`),
    ]);
    for (const node of marked) node.classList.add("linked");
  }
  for (const type of ["pointerover", "click", "input", "keyup"])
    article.addEventListener(type, mark);
}
