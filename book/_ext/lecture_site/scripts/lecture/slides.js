// Slides: what the build chose of the page; where it chose nothing, the blocks of each section,
// measured and dealt so that a slide holds them.
import { deal } from "./deal.js";

// Times the page's text. At 1280 x 720 the last gives 26 px to text, 30 to equations, 20 to the
// labels of a view and to code. No slide is set smaller.
const SCALES = [2.1, 1.8, 1.5];
const LEAST = 170; // the height of a picture, in the page's px

/**
 * @typedef {object} Group a section of the page
 * @property {string} id
 * @property {string} title
 * @property {HTMLElement} heading
 * @property {HTMLElement[]} blocks
 * @property {number[]} breaks the blocks that must begin a slide
 * @property {{ node: HTMLElement, block: number }[]} notes
 *
 * @typedef {object} Slide
 * @property {Group} group
 * @property {number} part from 1 on
 * @property {number} parts
 * @property {number} scale the largest that may fit
 * @property {string} kind what stands on it: a "view" with its question beside it, a "stage" with
 *   a view alone, a "picture", or ""
 * @property {HTMLElement[]} elements the heading and the blocks
 * @property {HTMLElement[]} later those of them that wait for the clicker
 * @property {HTMLElement[]} notes
 * @property {number} minutes
 *
 * @typedef {{ unit: number, side: number, scales: number[] }} Screen
 * @typedef {{ group: Group, elements: HTMLElement[], notes: HTMLElement[] }} Part
 */

/** A slide's title, with its number where a section has several. */
export const name = ({ group, part, parts }) =>
  group.title + (parts > 1 ? ` ${part}/${parts}` : "");

/** The minutes that are planned for some slides together. */
export const planned = (slides) => slides.reduce((sum, { minutes }) => sum + minutes, 0);

/**
 * How large things are on a screen: `unit`, how much larger it is than 1280 x 720. A projector of
 * 1024 x 768 is as wide on the wall, so its pixels are larger and all is set in fewer.
 *
 * @returns {Screen}
 */
export function screen(width, height) {
  const unit = Math.max(width < 700 ? 1 : 0.8, Math.min(width / 1280, height / 720));
  const part = Math.min(1, Math.max(1 / SCALES.at(-1), width / unit / 1000)); // a telephone
  const side = width < 700 ? 16 : 48 * unit;
  return { unit, side, scales: SCALES.map((scale) => scale * part) };
}

/**
 * Collect the slides that the build chose, or else the sections; mark what is on no slide, and
 * what is hidden at first.
 *
 * @param {HTMLElement} article
 * @returns {{ groups: Group[], chosen: Part[] | null }}
 */
export function collect(article) {
  const groups = [];
  const marks = article.querySelector(".on-slide") !== null;
  /** @type {Part[]} */
  const parts = [];
  const holds = (node, kind) => node.matches(kind) || node.querySelector(`:scope > ${kind}`);
  let reading = false;
  const walk = (section) => {
    for (const node of section.children) {
      const group = groups.at(-1);
      const mark = node.dataset.mark;
      if (node.matches("section")) walk(node);
      else if (mark === "slide") {
        if (marks) parts.push({ group, elements: [group.heading], notes: [] });
        else group?.breaks.push(group.blocks.length);
      } else if (mark) reading = mark === "page-only";
      else if (node.matches(".lecturer")) {
        if (marks) parts.at(-1)?.notes.push(node);
        else group?.notes.push({ node, block: Math.max(0, group.blocks.length - 1) });
      } else if (node.matches("script,style,link,span:empty")) continue;
      else if (reading) node.dataset.lm = "skip";
      else if (node.matches("h1,h2,h3")) groups.push(begin(section, node));
      else if (marks ? !holds(node, ".on-slide") : holds(node, ".off-slide"))
        node.dataset.lm = "skip";
      else if (marks) parts.at(-1)?.elements.push(node);
      else group?.blocks.push(node);
    }
  };
  walk(article);
  // A section for the page alone has no slide.
  const shown = groups.filter(
    ({ heading, blocks, notes }) =>
      marks ||
      blocks.length ||
      notes.length ||
      !heading.parentElement.querySelector(":scope > [data-lm=skip]"),
  );
  for (const { heading } of groups) heading.dataset.lm = "skip";
  const nodes = shown.flatMap(({ heading, blocks }) => [heading, ...blocks]);
  for (const node of nodes.concat(parts.flatMap(({ elements }) => elements)))
    node.dataset.lm = "off";
  const full = ({ elements }) => elements.length > 1 || elements[0].matches("h1");
  return { groups: shown, chosen: marks ? parts.filter(full) : null };
}

/** @returns {Group} */
function begin(section, heading) {
  const title = heading.cloneNode(true);
  for (const part of title.querySelectorAll(".headerlink, mjx-assistive-mml")) part.remove();
  return {
    id: section.id,
    title: title.textContent.trim(),
    heading,
    blocks: [],
    breaks: [],
    notes: [],
  };
}

/** Set the size of everything in an article, or in the copy of one. */
function resize(box, scale, { unit, side }) {
  box.style.setProperty("--lm-scale", String(scale * unit));
  box.style.setProperty("--lm-unit", String(unit));
  box.style.setProperty("--lm-side", String(side));
}

/**
 * Number the slides that were chosen; or measure the page at each scale that is needed, and deal
 * each section onto slides.
 *
 * @param {HTMLElement} article
 * @param {{ groups: Group[], chosen: Part[] | null }} collected
 * @param {Screen} on
 * @param {number} room the height of a slide
 * @returns {Slide[]}
 */
export function layout(article, { groups, chosen }, on, room) {
  const { scales } = on;
  if (chosen) return chosen.map((one) => slide(one, scales[0]));
  const sizes = {};
  const measure = (scale) => {
    resize(article, scale, on);
    const nodes = groups.flatMap(({ heading, blocks }) => [heading, ...blocks]);
    return new Map(nodes.map((node) => [node, size(node)]));
  };
  const at = (node, scale) => {
    sizes[scale] ??= measure(scale);
    return sizes[scale].get(node);
  };
  document.documentElement.classList.add("lm-measure");
  const slides = groups.flatMap((group) => {
    const { heading, blocks, breaks } = group;
    const sizeOf = (index, scale) => at(index < 0 ? heading : blocks[index], scale);
    return deal(blocks.map(traits), breaks, sizeOf, { room, scales }).map(({ from, to, scale }) => {
      const own = ({ block }) => !blocks.length || (block >= from && block < to);
      const notes = group.notes.filter(own).map(({ node }) => node);
      return slide(
        { group, elements: [heading, ...blocks.slice(from, to)], notes },
        scale,
        "stage",
      );
    });
  });
  document.documentElement.classList.remove("lm-measure");
  return slides;
}

const WIDE = "pre,.equation,.pst-scrollable-table-container";
const isWide = ({ clientWidth, scrollWidth }) => clientWidth && scrollWidth > clientWidth + 1;

function size(node) {
  const { top, bottom } = node.getBoundingClientRect();
  return { top, bottom, wide: [node, ...node.querySelectorAll(WIDE)].some(isWide) };
}

function traits(node) {
  const text = node.matches("p") ? node.textContent : null;
  return {
    folds: node.matches("details"),
    introduces: node.matches("h4,h5,h6") || (text !== null && /:\s*$/.test(text)),
    scant: text !== null && text.length < 160,
  };
}

/** @returns {Slide} */
function slide({ group, elements, notes }, scale, alive = "view") {
  const has = (selector) =>
    elements.some((node) => node.matches(selector) || node.querySelector(selector));
  return {
    group,
    part: 1,
    parts: 1,
    scale,
    kind: has("[data-view]")
      ? alive
      : has("img,.cell_output svg:not(.copybtn svg)")
        ? "picture"
        : "",
    elements,
    later: elements.filter((node) => node.matches(".lm-later")),
    notes,
    minutes: notes.reduce((sum, note) => sum + Number(note.dataset.minutes ?? 0), 0),
  };
}

/** Number the slides of each section. @param {Slide[]} slides */
export function number(slides) {
  for (const one of slides) {
    const own = slides.filter(({ group }) => group === one.group);
    one.part = own.indexOf(one) + 1;
    one.parts = own.length;
  }
  return slides;
}

/**
 * Set a slide as large as it goes: its text, or else its picture.
 *
 * @param {HTMLElement} box the article that holds it, or the copy of one
 * @param {Slide} slide
 * @param {Screen} on
 */
export function fit(box, { scale, kind }, on) {
  const over = () => box.scrollHeight - box.clientHeight;
  const wide = () => [...box.querySelectorAll(WIDE)].some(isWide);
  const floor = on.scales.at(-1);
  let tall = 400; // of a picture, in the page's px
  const put = () => {
    box.style.setProperty("--lv-tall", String(tall));
    for (const view of box.querySelectorAll("[data-lm=on] .lv"))
      view.dispatchEvent(new Event("lv-fit"));
  };
  put();
  for (const one of on.scales.filter((s) => (kind ? s === floor : s <= scale))) {
    resize(box, one, on);
    if (over() <= 1 && !wide()) return;
  }
  while (kind && over() > 1 && tall > LEAST) {
    tall = Math.max(LEAST, tall - Math.max(over(), 8));
    put();
  }
}
