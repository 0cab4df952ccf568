// The colours of weights, and the theme of the page that they follow.

// The address's colour between pale and strong, behind the paper: on white as in colours.py; on dark.
const RAMPS = ["f5c3a1dd8148b3430b571c00", "5a2e17b15c2cff9a5cffe9dc"].map((stops) =>
  stops.match(/.{6}/g).map((stop) => [0, 2, 4].map((k) => parseInt(stop.slice(k, k + 2), 16))),
);
/** @param {number[]} colour red, green, blue, 0 to 255 */
const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/**
 * 256 colours from the paper's own (0) to its far end (1): more weight, more contrast.
 * @param {number[]} paper
 * @returns {number[][]}
 */
export function palette(paper) {
  const stops = [paper, ...RAMPS[light(paper) > 128 ? 0 : 1]];
  return Array.from({ length: 256 }, (_, k) => {
    const x = (4 * k) / 255;
    const [a, b] = [stops[Math.floor(x)], stops[Math.ceil(x)]];
    return a.map((from, c) => Math.round(from + (x % 1) * (b[c] - from)));
  });
}

export const rgb = (colour) => `rgb(${colour})`;

/** Ink that can be read on a colour. */
export const inkOn = (colour) => (light(colour) > 120 ? "#000" : "#fff");

/** The paper under an element. @param {Element} el @returns {number[]} */
export const paperOf = (el) =>
  (getComputedStyle(el).backgroundColor.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);

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
