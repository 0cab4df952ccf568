// Slides: the blocks of the page, collected by section, measured, and dealt so that each slide fits.
import { deal } from "./deal.js";

const root = document.documentElement;
const SCALES = [1.8, 1.5, 1.2, 1, 0.8]; // times the page's text

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
 * @property {number} scale
 * @property {number} most the scale to try first: awake, a view may be smaller
 * @property {HTMLElement[]} elements the heading and the blocks
 * @property {HTMLElement[]} notes
 * @property {number} minutes
 */

export const setScale = (scale) => root.style.setProperty("--lm-scale", String(scale));

/** A slide's title, with its number where a section has several. */
export const name = ({ group, part, parts }) =>
  group.title + (parts > 1 ? ` ${part}/${parts}` : "");

/**
 * Collect the sections of an article; mark what is on no slide, and what is hidden at first.
 *
 * @param {HTMLElement} article
 * @returns {Group[]}
 */
export function collect(article) {
  const groups = [];
  let reading = false;
  const walk = (section) => {
    for (const node of section.children) {
      const group = groups.at(-1);
      if (node.matches("section")) walk(node);
      else if (node.dataset.mark === "slide") group?.breaks.push(group.blocks.length);
      else if (node.dataset.mark) reading = node.dataset.mark === "page-only";
      else if (node.matches(".lecturer")) {
        group?.notes.push({ node, block: Math.max(0, group.blocks.length - 1) });
      } else if (node.matches("script,style,link,span:empty")) continue;
      else if (reading) node.dataset.lm = "skip";
      else if (node.matches("h1,h2,h3")) groups.push(begin(section, node));
      else group?.blocks.push(node);
    }
  };
  walk(article);
  // A section for the page alone has no slide.
  const shown = groups.filter(
    ({ heading, blocks, notes }) =>
      blocks.length ||
      notes.length ||
      !heading.parentElement.querySelector(":scope > [data-lm=skip]"),
  );
  for (const { heading, blocks } of shown) {
    for (const node of [heading, ...blocks]) node.dataset.lm = "off";
  }
  return shown;
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

/**
 * Measure the page at each scale that is needed, and deal each section onto slides.
 *
 * @param {Group[]} groups
 * @param {number} width of the screen
 * @param {number} height of the screen
 * @param {number} room the height of a slide
 * @param {number[]} smallest scales below those of a screen
 * @returns {{ slides: Slide[], unit: number }} unit: how much larger the screen is than 1280 x 720
 */
export function layout(groups, width, height, room, smallest = []) {
  const unit = Math.max(1, Math.min(width / 1280, height / 720));
  const largest = Math.min(1.8, Math.max(1, width / unit / 711));
  const below = SCALES.filter((scale) => scale < largest);
  const scales = [...new Set([largest, ...below, ...smallest])];
  const sizes = {};
  const measure = (scale) => {
    setScale(scale * unit);
    const nodes = groups.flatMap(({ heading, blocks }) => [heading, ...blocks]);
    return new Map(nodes.map((node) => [node, size(node)]));
  };
  const at = (node, scale) => {
    sizes[scale] ??= measure(scale);
    return sizes[scale].get(node);
  };
  root.style.setProperty("--lm-unit", String(unit));
  root.style.setProperty("--lm-side", String(width < 700 ? 16 : 64 * unit));
  root.classList.add("lm-measure");
  const slides = groups.flatMap((group) => {
    const { heading, blocks, breaks } = group;
    const sizeOf = (index, scale) => at(index < 0 ? heading : blocks[index], scale);
    const dealt = deal(blocks.map(traits), breaks, sizeOf, { room, largest, scales });
    return dealt.map((one, i) => slide(group, one, i + 1, dealt.length, largest));
  });
  root.classList.remove("lm-measure");
  return { slides, unit };
}

function size(node) {
  const { top, bottom } = node.getBoundingClientRect();
  const places = node.querySelectorAll("pre,.equation,.pst-scrollable-table-container");
  const wide = [node, ...places].some(
    ({ clientWidth, scrollWidth }) => clientWidth && scrollWidth > clientWidth + 1,
  );
  return { top, bottom, wide };
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
function slide(group, { from, to, scale }, part, parts, largest) {
  const elements = [group.heading, ...group.blocks.slice(from, to)];
  const own = ({ block }) => !group.blocks.length || (block >= from && block < to);
  const notes = group.notes.filter(own).map(({ node }) => node);
  const alive = elements.some(
    (node) => node.matches("[data-view]") || node.querySelector("[data-view]"),
  );
  return {
    group,
    part,
    parts,
    scale,
    elements,
    notes,
    most: alive ? Math.max(scale, Math.min(1.5, largest)) : scale,
    minutes: notes.reduce((sum, note) => sum + Number(note.dataset.minutes ?? 0), 0),
  };
}

/** The minutes that are planned for some slides together. */
export const planned = (slides) => slides.reduce((sum, { minutes }) => sum + minutes, 0);
