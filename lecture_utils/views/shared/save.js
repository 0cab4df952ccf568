// What a reader takes along: the picture as SVG or PNG, the numbers as CSV.

import { button, group } from "./dom.js";
import { widest } from "./words.js";

/** @typedef {(string | number)[]} Row */

/** @param {string} text */
export const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** @param {Row[]} rows */
export const csv = (rows) =>
  `${rows
    .map((row) =>
      row
        .map((cell) => (/[",\n]/.test(`${cell}`) ? `"${`${cell}`.replaceAll('"', '""')}"` : cell))
        .join(),
    )
    .join("\r\n")}\r\n`;

/** @param {number} x @param {number} y @param {string | number} words */
export const textAt = (x, y, words, attributes = "") =>
  `<text x="${x}" y="${y}" ${attributes}>${escaped(`${words}`)}</text>`;

/**
 * An SVG on paper, its title at the top, and as wide as the title at least.
 * @param {string} title @param {number} width @param {number} height
 * @param {{ink: string, paper: string}} inks @param {(string | false)[]} parts
 */
export const picture = (title, width, height, { ink, paper }, parts) =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.max(width, widest([title], "bold 13px sans-serif") + 16)}" height="${height}" font-family="sans-serif" font-size="13" fill="${ink}">`,
    `<rect width="100%" height="100%" fill="${paper}"/>`,
    textAt(8, 20, title, 'font-weight="bold"'),
    ...parts.filter(Boolean),
    "</svg>",
  ].join("");

/** A canvas in a saved picture, with a frame. @param {HTMLCanvasElement} on @param {number[]} sides
 * left, top, width, height @param {string} ink */
export function canvasAt(on, [x, y, width, height], ink) {
  const place = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  return [
    `<image ${place} href="${on.toDataURL()}" preserveAspectRatio="none" style="image-rendering:pixelated"/>`,
    `<rect ${place} fill="none" stroke="${ink}" stroke-opacity=".3"/>`,
  ].join("");
}

/** A picture that is an SVG in the page, on its paper; its colours are variables of the page.
 * @param {any} svg @param {number[]} size left, top, width and height, if not what is seen of it */
export function drawing(svg, size = svg.getAttribute("viewBox").split(" ")) {
  const copy = svg.cloneNode(true);
  const style = getComputedStyle(svg.closest(".lv"));
  for (const name of ["--query", "--key", "--value", "--ink", "--soft", "--paper"])
    copy.style.setProperty(name, style.getPropertyValue(name));
  copy.style.background = style.backgroundColor;
  copy.setAttribute("viewBox", size.join(" "));
  copy.setAttribute("width", size[2]);
  copy.setAttribute("height", size[3]);
  return new XMLSerializer().serializeToString(copy);
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement("a");
  Object.assign(link, { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1e4);
}

/**
 * Buttons that save an SVG text, the same as PNG at twice its size, and rows as CSV; behind others.
 * @param {string} name @param {() => string} svg @param {() => Row[]} rows @param {...Node} others
 */
export function saves(name, svg, rows, ...others) {
  const drawn = { type: "image/svg+xml" };
  const write = {
    SVG: () => save(new Blob([svg()], drawn), `${name}.svg`),
    async PNG() {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(svg())}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      Object.assign(canvas, { width: 2 * image.width, height: 2 * image.height });
      canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => blob && save(blob, `${name}.png`));
    },
    CSV: () => save(new Blob(["\ufeff", csv(rows())], { type: "text/csv" }), `${name}.csv`),
  };
  const buttons = Object.entries(write).map(([kind, onclick]) =>
    button(kind, `save as ${kind}`, onclick),
  );
  return group("numbers", ...others, "save", ...buttons);
}
