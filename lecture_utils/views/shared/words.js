// Numbers and names in words.

/** @param {number} n */
export const nth = (n) =>
  n + (["th", "st", "nd", "rd"][n % 100 > 10 && n % 100 < 14 ? 0 : n % 10] ?? "th");

/** A word in quotes; the which-th, where the list has it more than once.
 * @param {string[]} words @param {number} i */
export function quote(words, i) {
  const twice = words.indexOf(words[i]) !== words.lastIndexOf(words[i]);
  const rank = words.slice(0, i + 1).filter((word) => word === words[i]).length;
  return `“${words[i]}”${twice ? ` (${nth(rank)})` : ""}`;
}

/** In quotes, cut where it is long. @param {string} text */
export const clip = (text, most = 30) =>
  `“${text.length > most ? `${text.slice(0, most)}…` : text}”`;

/** Two decimals; no minus before a zero. @param {number} x */
export const fixed = (x) => x.toFixed(2).replace(/^-(0\.00)$/, "$1");

/** The same in the width of a cell: three digits, so that 9.996 is 10.0. @param {number} x */
export const brief = (x) => {
  const digits = [2, 1, 0].find((d) => Math.abs(+x.toFixed(d)) < 10 ** (3 - d)) ?? 0;
  return digits === 2 ? fixed(x) : x.toFixed(digits);
};

/** @param {number[]} list */
export const listed = (list) => `(${list.map(fixed).join(", ")})`;

/** @type {CanvasRenderingContext2D | null} one for the page */
let pen = null;

/** Pixels that the widest of some words takes; only the longest dozen can be it.
 * @param {string[]} words @param {string} font */
export function widest(words, font) {
  pen ??= /** @type {CanvasRenderingContext2D} */ (
    document.createElement("canvas").getContext("2d")
  );
  pen.font = font;
  const longest = [...words].sort((a, b) => b.length - a.length).slice(0, 12);
  return Math.ceil(Math.max(...longest.map((word) => pen?.measureText(word).width ?? 0)));
}
