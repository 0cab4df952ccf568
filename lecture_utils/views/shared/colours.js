// The colours of weights, and the theme of the page that they follow.

// The address's colour between pale and strong, behind the paper: on white as in colours.py; on dark.
const RAMPS = ["f5c3a1dd8148b3430b571c00", "5a2e17b15c2cff9a5cffe9dc"];
// From the lowest number to the paper, and from there to the highest: orange and purple.
const SIGNS = [
  ["7f3b08b35806e08214fdb863", "b2abd28073ac5427882d004b"],
  ["ffe3bffdb863c46f1a5c3410", "3d33598073aeb2a6e0e6e0fa"],
];

/** @param {string} stops colours of six digits, one behind the other */
function hex(stops) {
  const each = stops.match(/.{6}/g) ?? [];
  return each.map((stop) => [0, 2, 4].map((k) => parseInt(stop.slice(k, k + 2), 16)));
}

/** @param {number[]} colour red, green, blue, 0 to 255 */
const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** Colours from the first of some to the last, at equal distances. @param {number[][]} stops */
export const blend = (stops, count = 256) =>
  Array.from({ length: count }, (_, k) => {
    const x = ((stops.length - 1) * k) / (count - 1);
    const [a, b] = [stops[Math.floor(x)], stops[Math.ceil(x)]];
    return a.map((from, c) => Math.round(from + (x % 1) * (b[c] - from)));
  });

/** Of two, the one for such a paper.
 * @template T @param {number[]} paper @param {T[]} both */
const on = (paper, [white, dark]) => (light(paper) > 128 ? white : dark);

/**
 * 256 colours from the paper's own (0) to its far end (1): more weight, more contrast.
 * @param {number[]} paper
 * @returns {number[][]}
 */
export const palette = (paper) => blend([paper, ...hex(on(paper, RAMPS))]);

/** 255 colours for numbers of both signs; in the middle, at 127, stands 0 and is the paper's own.
 * @param {number[]} paper */
export function signs(paper) {
  const [below, above] = on(paper, SIGNS).map(hex);
  return blend([...below, paper, ...above], 255);
}

export const rgb = (colour) => `rgb(${colour})`;

/** Ink that can be read on a colour. */
export const inkOn = (colour) => (light(colour) > 120 ? "#000" : "#fff");

/** A colour of an element, as red, green and blue. @param {Element} el
 * @param {"backgroundColor" | "color"} of @returns {number[]} */
export const colourOf = (el, of) =>
  (getComputedStyle(el)[of].match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);

/** The paper under an element. @param {Element} el */
export const paperOf = (el) => colourOf(el, "backgroundColor");

/** What a saved picture is drawn with. @param {Element} el */
export function inks(el) {
  const style = getComputedStyle(el);
  const [ink, paper, query] = ["color", "background-color", "--query"].map((name) =>
    style.getPropertyValue(name),
  );
  return { ink, paper, query };
}

/**
 * Call `changed` whenever the page changes between light, dark and forced colours.
 * @param {() => void} changed @param {AbortSignal} signal
 */
export function onTheme(changed, signal) {
  const observer = new MutationObserver(changed);
  const watch = { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"] };
  observer.observe(document.documentElement, watch);
  observer.observe(document.body, watch);
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
    matchMedia(query).addEventListener("change", changed, { signal });
  signal.addEventListener("abort", () => observer.disconnect());
}

/**
 * Call `look` once a view stands in the page, so that it has colours, and whenever these change.
 * @param {Element} root @param {() => void} look @param {AbortSignal} signal
 */
export function coloured(root, look, signal) {
  let looked = false;
  const size = new ResizeObserver(first);
  function first() {
    size.disconnect();
    if (!looked) look();
    looked = true;
  }
  onTheme(look, signal);
  size.observe(root);
  if (root.isConnected) first();
  signal.addEventListener("abort", () => size.disconnect());
}

/** A bar of a palette of 256 colours, as a background. @param {Parameters<typeof rgb>[0][]} colours */
export const barOf = (colours) =>
  `linear-gradient(90deg,${colours.filter((_, k) => k % 15 === 0).map(rgb)})`;
