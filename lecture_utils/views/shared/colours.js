// The colours of weights, and the theme of the page that they follow.

const VIRIDIS =
  "44015448186a472d7b4240863b528b33638d2c728e26828e21918c1fa08828ae803fbc735ec96284d44baddc30d8e219fde725";

const stop = (i) => [0, 2, 4].map((k) => parseInt(VIRIDIS.slice(6 * i + k, 6 * i + k + 2), 16));
/** @param {number[]} colour red, green, blue, 0 to 255 */
const light = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/**
 * 256 colours from the paper's own (0) to its far end (1): viridis, whose first quarter fades in.
 * Lightness is monotone on white and on dark paper.
 * @param {number[]} paper
 * @returns {number[][]}
 */
export function palette(paper) {
  const flip = light(paper) > 128;
  return Array.from({ length: 256 }, (_, k) => {
    const t = k / 255;
    const x = 16 * (flip ? 1 - t : t);
    const [a, b] = [stop(Math.floor(x)), stop(Math.ceil(x))];
    const ink = Math.min(1, 4 * t);
    return paper.map((p, c) => Math.round(p + ink * (a[c] + (x % 1) * (b[c] - a[c]) - p)));
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
  const [ink, paper, accent] = ["color", "background-color", "--accent"].map((name) =>
    style.getPropertyValue(name),
  );
  return { ink, paper, accent };
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
