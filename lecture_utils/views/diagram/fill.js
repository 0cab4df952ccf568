// What fills a picture: the numbers of one example at one moment, in its parts.
//
// `flow` has for each place the tensors of its calls, one behind the other: {shape: [calls, ...],
// weights, packing, low, high}, a value being low + (high - low) weight. A part that counts calls
// shows one call in each of its row; any other shows the call of the moment, or the only one.

import { unpack } from "../shared/weights.js";
import { fixed } from "../shared/words.js";

const FAN = 14; // units that a line is wide whose weight is 1
const LEAST = 0.7;

/** Two decimals without the zero in front: .54, 0, 1. @param {number} w */
export const decimals = (w) =>
  ({ "0.00": "0", "1.00": "1" })[w.toFixed(2)] ?? w.toFixed(2).replace(/^0/, "");

/** The numbers of a place. @param {any} packed */
function values(packed) {
  const { low = 0, high = 1, packing } = packed;
  const plain = unpack(packed);
  return packing === "none" ? plain : plain.map((w) => low + (high - low) * w);
}

const cache = new WeakMap();
/** Unpacked once. @param {any} packed @returns {Float32Array} */
function numbers(packed) {
  if (!cache.has(packed)) cache.set(packed, values(packed));
  return cache.get(packed);
}

/**
 * The numbers of the j-th of a part: a vector, or one weight.
 * @param {{form: string, counts: string}} part @param {any} packed
 * @param {number} moment @param {number} j
 * @returns {Float32Array}
 */
export function numbersOf({ form, counts }, packed, moment, j) {
  const [calls, ...shape] = packed.shape;
  const size = shape.reduce((a, b) => a * b, 1);
  const call = counts === "call" ? j : calls === 1 ? 0 : moment;
  if (call >= calls) return new Float32Array();
  const tensor = numbers(packed).subarray(call * size, (call + 1) * size);
  if (form === "address") return tensor.subarray(j, j + 1);
  const features = shape.at(-1) ?? 1;
  const row = counts === "slot" ? j : 0;
  return tensor.subarray(row * features, (row + 1) * features);
}

/** The first slot of those that are drawn: around the largest weight where there are more.
 * @param {ArrayLike<number>} weights @param {number} drawn @param {number} all */
export function firstOf(weights, drawn, all) {
  let most = 0;
  for (let j = 1; j < weights.length; j++) if (weights[j] > weights[most]) most = j;
  return Math.max(0, Math.min(most - Math.floor(drawn / 2), all - drawn));
}

/** Which slot stands at a place of a row: with `ends` the first ones, dots, and the last; else a
 * window from `first`. -1: dots, null: none.
 * @param {number} place @param {number} drawn @param {number} all @param {number} first
 * @param {boolean} ends */
export function slotAt(place, drawn, all, first, ends) {
  if (!ends || all === drawn) return place + first < all || drawn === 1 ? place + first : null;
  if (place === drawn - 1) return all > 1 ? all - 1 : null;
  if (all > drawn) return place === drawn - 2 ? -1 : place;
  return place < Math.max(1, all - 1) ? place : null;
}

const CELLS = 24; // of a strip, at most

/** The first numbers of a vector as a strip: pale is the lowest, full the highest.
 * @param {number[]} vector @param {number[]} colour */
function strip(vector, [r, g, b]) {
  const row = vector.slice(0, CELLS);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: row.length, height: 1 });
  const pen = canvas.getContext("2d");
  const image = new ImageData(row.length, 1);
  const [low, high] = [Math.min(...row), Math.max(...row)];
  for (let k = 0; k < row.length; k++)
    image.data.set([r, g, b, 255 * (0.06 + 0.94 * ((row[k] - low) / (high - low || 1)))], 4 * k);
  pen?.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

/** Strips that were drawn, by the numbers of their place. */
const strips = new WeakMap();
/** The same as `strip`; one that was drawn before is not drawn again. */
function drawnOnce(packed, row, colour) {
  if (!strips.has(packed)) strips.set(packed, new Map());
  const known = strips.get(packed);
  const key = `${colour};${row.slice(0, CELLS)}`;
  if (!known.has(key)) known.set(key, strip(row, colour));
  return known.get(key);
}

const ROLES = { q: "--query", k: "--key", v: "--value" };
const LIGHT = { q: [179, 67, 11], k: [31, 95, 153], v: [0, 121, 107] };

/** The colour that a part draws with, as red, green, blue. @param {Element} node @param {Element} root */
function colourOf(node, root) {
  const role = Object.keys(ROLES).find((name) => node.classList.contains(name));
  const style = getComputedStyle(root);
  const named = role ? style.getPropertyValue(ROLES[role]).trim() : style.color;
  const hex = /^#(..)(..)(..)$/.exec(named);
  if (hex) return hex.slice(1).map((part) => parseInt(part, 16));
  const plain = named.match(/[\d.]+/g);
  return plain ? plain.slice(0, 3).map(Number) : (LIGHT[role ?? ""] ?? [28, 32, 36]);
}

/**
 * A function that fills the picture with a state at a moment; where nothing fills it, it stays.
 * @param {any} svg @param {Element} root
 */
export function filling(svg, root) {
  const parts = [...svg.querySelectorAll("[data-at], [data-shows]")];
  const numbered = [...svg.querySelectorAll("[data-number=before]")];
  const begins = [...svg.querySelectorAll("[data-begins]")];
  const more = [...svg.querySelectorAll("[data-more]")];
  const placed = [...svg.querySelectorAll("[data-place]")];
  const steps = Math.max(
    1,
    ...parts
      .filter((part) => part.dataset.counts === "call")
      .map((part) => part.querySelectorAll("[data-j]").length),
  );
  const fans = [...svg.querySelectorAll("[data-fan]")];
  const set = (node, name, value) =>
    node?.getAttribute(name) !== `${value}` && node?.setAttribute(name, value);

  return (state, moment) => {
    const { flow, columns, rows, probabilities } = state;
    if (!flow) return;
    const address = svg.querySelector('[data-form="address"]');
    const all = address
      ? columns.map(
          (_, j) =>
            numbersOf({ form: "address", counts: "slot" }, flow[address.dataset.at], moment, j)[0],
        )
      : columns.map((_, j) => +(j === moment));
    const now = rows.map((_, i) => +(i === moment));
    /** The first of a row that is drawn, and how many there are. */
    const window = (counts, drawn) => {
      const list = counts === "call" ? now : all;
      return [drawn > 1 ? firstOf(list, drawn, list.length) : 0, list.length];
    };
    for (const part of parts) {
      const { at, counts, form, shows } = part.dataset;
      const colour = colourOf(part, root);
      const ones = [...part.querySelectorAll("[data-j]")];
      const [first, there] = window(counts, ones.length);
      ones.forEach((one, place) => {
        const j = slotAt(place, ones.length, there, first, "ends" in part.dataset);
        set(one, "visibility", j === null ? "hidden" : "inherit");
        if (j === null) return;
        set(one, "data-slot", j);
        const dots = j < 0;
        const image = one.querySelector("[data-fill=strip]");
        for (const drawn of [image, one.querySelector(".strip")])
          set(drawn, "visibility", dots ? "hidden" : "inherit");
        if (part.dataset.number) one.querySelector("tspan.n").textContent = `${j + 1}`;
        const text = one.querySelector("[data-fill=words]");
        if (dots) {
          if (text) text.textContent = "…";
          return;
        }
        const row = at ? Array.from(numbersOf({ form, counts }, flow[at], moment, j)) : [];
        if (image && row.length) set(image, "href", drawnOnce(flow[at], row, colour));
        const bar = one.querySelector("[data-fill=bar]");
        if (bar && row.length) {
          const { foot, high } = bar.dataset;
          const mean = row.reduce((sum, w) => sum + w, 0) / row.length;
          const tall = high * Math.max(0, Math.min(1, mean));
          set(bar, "y", foot - tall);
          set(bar, "height", tall);
          const label = one.querySelector("[data-fill=weight]");
          set(label, "y", foot - tall - 5);
          if (label) label.textContent = decimals(mean);
        }
        if (!text) return;
        const i = ones.length > 1 ? j : moment;
        const sure = probabilities && ones.length === 1 ? ` ${decimals(probabilities[i])}` : "";
        text.textContent =
          {
            slot: columns[i] ?? "",
            row: `${rows[i] ?? ""}${sure}`,
            before: rows[i - 1] ?? "(start)",
          }[shows] ?? "";
      });
    }
    const before = steps > 1 ? firstOf(now, steps, rows.length) : 0;
    for (const node of numbered) node.querySelector("tspan.n").textContent = `${before}`;
    const shows = (node, yes) => set(node, "visibility", yes ? "visible" : "hidden");
    for (const node of begins) {
      shows(node, before === 0);
      for (const arrow of svg.querySelectorAll(`[data-to="${node.dataset.part}"]`))
        shows(arrow, before === 0);
    }
    for (const node of more)
      shows(node, node.dataset.more === "left" ? before > 0 : before + steps < rows.length);
    for (const arrow of placed) {
      const start = svg.querySelector(`[data-part="${arrow.dataset.from}"]`);
      const one = start?.querySelector(`[data-j="${arrow.dataset.place}"]`);
      const begun = svg.querySelector(`[data-part="${arrow.dataset.to}"][data-begins]`);
      shows(arrow, one?.getAttribute("visibility") !== "hidden" && (!begun || before === 0));
    }
    for (const fan of fans)
      for (const line of fan.querySelectorAll("[data-j]")) {
        const j = window("slot", fan.querySelectorAll("[data-j]").length)[0] + +line.dataset.j;
        set(line, "stroke-width", Math.max(LEAST, FAN * (all[j] ?? 0)));
        set(line, "visibility", j < columns.length ? "visible" : "hidden");
      }
  };
}

/**
 * A part in words: what it is, its shape, and what stands in it now.
 * @param {[string, string]} part @param {any} node @param {any} state
 * @param {number} moment @param {number} j which of its row is pointed at
 */
export function told([says, shape], node, state, moment, j) {
  const { flow, columns } = state;
  const { at, counts, form } = node.dataset;
  const start = says.charAt(0).toUpperCase() + says.slice(1);
  const sized = shape ? `${start}, (${shape}).` : `${start}.`;
  if (!flow || !at) return sized;
  if (form === "address") {
    const all = columns.map((word, k) => [
      numbersOf({ form, counts }, flow[at], moment, k)[0],
      word,
    ]);
    const most = all.sort(([a], [b]) => b - a).slice(0, 3);
    return `${sized} Most on ${most.map(([w, word]) => `“${word}” ${decimals(w)}`).join(", ")}.`;
  }
  const row = Array.from(numbersOf({ form, counts }, flow[at], moment, j));
  if (!row.length) return sized;
  const ends = [Math.min(...row), Math.max(...row)].map(fixed);
  return `${sized} ${row.length} numbers from ${ends[0]} to ${ends[1]}${
    row.length > CELLS ? `; the strip shows the first ${CELLS}` : ""
  }.`;
}
