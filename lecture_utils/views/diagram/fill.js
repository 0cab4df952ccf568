// What fills a picture: the numbers of one example at one moment, in its parts.
//
// `flow` has for each place the tensors of its calls, one behind the other: {shape: [calls, ...],
// weights, packing, low, high}, a value being low + (high - low) weight. A part that counts calls
// shows one call in each of its row; any other shows the call of the moment, or the only one.

import { svgNode } from "../shared/dom.js";
import { ranged } from "../shared/weights.js";
import { fixed, quote } from "../shared/words.js";

const FAN = 14; // units that a line is wide whose weight is 1
const LEAST = 0.7;

/** Two decimals without the zero in front: .54, 0, 1. @param {number} w */
export const decimals = (w) =>
  ({ "0.00": "0", "1.00": "1" })[w.toFixed(2)] ?? w.toFixed(2).replace(/^0/, "");

/** What was made of the numbers of a place, by name. */
const known = new WeakMap();
/** What `make` gives; what was made before is not made again. */
function once(packed, name, make) {
  if (!known.has(packed)) known.set(packed, new Map());
  const made = known.get(packed);
  if (!made.has(name)) made.set(name, make());
  return made.get(name);
}

/** The numbers of a place. @param {any} packed @returns {Float32Array} */
const numbers = (packed) => once(packed, "numbers", () => ranged(packed));

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
  return Math.max(0, Math.min(mostOf(weights) - Math.floor(drawn / 2), all - drawn));
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

/** Which word stands at a place of a row where the one at `asks` is now; null: none.
 * @param {number} place @param {number} asks @param {number} now @param {number} all */
export function beside(place, asks, now, all) {
  const j = now - asks + place;
  return j >= 0 && j < all ? j : null;
}

/** The weights of one row of one head, or of the mean of all: (S,).
 * @param {any} packed of weights (..., H, T, S) @param {number} row @param {number} [head] */
export function rowOf(packed, row, head) {
  const [heads, rows, slots] = packed.shape.slice(-3);
  const all = numbers(packed);
  const of = (h) => all.subarray((h * rows + row) * slots, (h * rows + row + 1) * slots);
  if (head !== undefined) return of(head);
  const each = Array.from({ length: heads }, (_, h) => of(h));
  return Float32Array.from({ length: slots }, (_, s) => {
    return each.reduce((sum, weights) => sum + weights[s], 0) / heads;
  });
}

/** The values of a map of an image, and the lowest and highest of all maps of that place.
 * @param {any} packed of maps (..., C, H, W) @param {number} moment @param {number} k
 * @returns {[Float32Array, number, number]} */
export function mapOf(packed, moment, k) {
  const [calls, ...shape] = packed.shape;
  const all = numbers(packed);
  const size = shape.slice(-2).reduce((a, b) => a * b, 1);
  const start = ((calls > 1 ? moment : 0) * all.length) / calls + k * size;
  const [low, high] = once(packed, "ends", () => [
    all.reduce((a, b) => Math.min(a, b)),
    all.reduce((a, b) => Math.max(a, b)),
  ]);
  return [all.subarray(start, start + size), low, high];
}

const CELLS = 24; // of a strip, at most

/** Strengths from 0 to 1 as an image, so many in a row. @param {number[]} strengths
 * @param {number} wide @param {number[]} colour */
function painted(strengths, wide, [r, g, b]) {
  const canvas = document.createElement("canvas");
  const size = { width: wide, height: strengths.length / wide };
  Object.assign(canvas, size);
  const image = new ImageData(size.width, size.height);
  strengths.forEach((strength, k) => {
    image.data.set([r, g, b, 255 * strength], 4 * k);
  });
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

/** The first numbers of a vector as a strip: pale is the lowest, full the highest.
 * @param {number[]} vector @param {number[]} colour */
function strip(vector, colour) {
  const row = vector.slice(0, CELLS);
  const [low, high] = [Math.min(...row), Math.max(...row)];
  const strong = row.map((x) => 0.06 + 0.94 * ((x - low) / (high - low || 1)));
  return painted(strong, row.length, colour);
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

/** How much is read of each slot at a moment: by what the picture shows of it.
 * @param {any} state @param {number} moment @param {string} [at] of an address */
export function readOf({ flow, focus, columns }, moment, at) {
  if (at)
    return columns.map(
      (_, j) => numbersOf({ form: "address", counts: "slot" }, flow[at], moment, j)[0],
    );
  return focus ? rowOf(flow[focus], moment) : columns.map((_, j) => +(j === moment));
}

/** Which slot most is read of. @param {ArrayLike<number>} weights */
export const mostOf = (weights) =>
  Array.from(weights).reduce((best, w, j) => (w > weights[best] ? j : best), 0);

/** The image in the square of a head, and the line around a row: made when first it is filled.
 * @param {Element} tile */
function drawnIn(tile) {
  const there = tile.querySelectorAll("[data-fill]");
  if (there.length) return there;
  const square = tile.querySelector("rect");
  const names = ["x", "y", "width", "height"];
  const where = Object.fromEntries(names.map((name) => [name, square.getAttribute(name)]));
  const made = [
    svgNode("image", { ...where, preserveAspectRatio: "none", "data-fill": "map" }),
    svgNode("rect", { ...where, style: "fill:none;stroke:var(--i)", "data-fill": "row" }),
  ];
  tile.append(...made);
  return made;
}

const STRIP = 12; // units that it is high

/** The image in the place of a strip's pale cells: made when first it is filled.
 * @param {Element} cells */
function imageFor(cells) {
  if (cells.localName === "image") return cells;
  const [x, y, width] = cells.getAttribute("d").match(/[\d.]+/g);
  const image = svgNode("image", {
    ...{ x, y: +y - STRIP / 2, width, height: STRIP },
    ...{ preserveAspectRatio: "none", "data-fill": "strip" },
  });
  cells.replaceWith(image);
  return image;
}

/** Dots in the middle of a box, where a row leaves slots out. @param {Element} one */
function dotted(one) {
  const [x, y, w, h] = ["x", "y", "width", "height"].map(
    (name) => +one.querySelector("rect").getAttribute(name),
  );
  const text = svgNode("text", { "data-fill": "words", x: x + w / 2, y: y + h / 2 + 5 });
  one.append(text);
  return text;
}

/**
 * A function that fills the picture with a state at a moment; where nothing fills it, it stays.
 * @param {any} svg @param {Element} root @param {(path: string) => string} there the place of a
 *     path in the picture
 */
export function filling(svg, root, there = (path) => path) {
  const parts = [...svg.querySelectorAll("[data-at], [data-shows], [data-tells]")];
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
  /** The pieces of arrows that belong to one of a row, and where they begin and end. */
  const pieces = [...svg.querySelectorAll("[data-s], [data-e]")].map((piece) => {
    const { s, e } = piece.dataset;
    const { from, to } = piece.parentNode.dataset;
    const found = (part, j) => svg.querySelector(`[data-part="${part}"] [data-j="${j}"]`);
    return [piece, found(from, s), found(to, e)];
  });
  const fans = [...svg.querySelectorAll("[data-fan]")];
  const set = (node, name, value) =>
    node?.getAttribute(name) !== `${value}` && node?.setAttribute(name, value);

  /** The squares of heads, and the line around a row of each. */
  function fillMaps(tiles, packed, row, colour) {
    const [heads, rows, slots] = packed.shape.slice(-3);
    tiles.forEach((tile, h) => {
      set(tile, "visibility", h < heads ? "inherit" : "hidden");
      if (h >= heads) return;
      const drawn = () => {
        const size = rows * slots;
        const weights = Array.from(numbers(packed).subarray(h * size, (h + 1) * size));
        return painted(weights, slots, colour);
      };
      const [image, line] = drawnIn(tile);
      set(image, "href", once(packed, `${h};${colour}`, drawn));
      const high = +image.getAttribute("height");
      set(line, "y", +image.getAttribute("y") + (high * row) / rows);
      set(line, "height", high / rows);
    });
  }

  /** The maps of an image: pale is the lowest value of them all, full the highest. */
  function fillPlanes(part, packed, moment, colour) {
    for (const image of part.querySelectorAll("[data-fill=plane]")) {
      const drawn = () => {
        const [values, low, high] = mapOf(packed, moment, +image.dataset.map);
        const strong = Array.from(values, (x) => (x - low) / (high - low || 1));
        return painted(strong, packed.shape.at(-1), colour);
      };
      set(image, "href", once(packed, `${moment};${image.dataset.map};${colour}`, drawn));
      set(image, "image-rendering", "pixelated");
    }
  }

  /** The likeliest words. */
  function fillList(part, likely) {
    for (const line of part.querySelectorAll("[data-k]")) {
      const [word, p] = likely[+line.dataset.k] ?? [];
      set(line, "visibility", word === undefined ? "hidden" : "inherit");
      if (word === undefined) continue;
      line.querySelector("[data-fill=likely]").textContent = word;
      line.querySelector("[data-fill=sure]").textContent = decimals(p);
      const bar = line.querySelector("[data-fill=share]");
      set(bar, "width", bar.dataset.wide * p);
    }
  }

  return (state, moment) => {
    const { flow, columns, rows, probabilities, guesses } = state;
    if (!flow) return;
    const address = svg.querySelector('[data-form="address"]');
    const all = readOf(state, moment, address?.dataset.at);
    const most = mostOf(all);
    const now = rows.map((_, i) => +(i === moment));
    /** The first of a row that is drawn, and how many there are. */
    const window = (counts, drawn) => {
      const list = counts === "call" ? now : all;
      return [drawn > 1 ? firstOf(list, drawn, list.length) : 0, list.length];
    };
    for (const part of parts) {
      const { counts, form, shows, asks, tells } = part.dataset;
      const at = part.dataset.at && there(part.dataset.at);
      const colour = colourOf(part, root);
      const ones = [...part.querySelectorAll("[data-j]")];
      if (form === "maps") {
        fillMaps(ones, flow[at], counts === "call" ? moment : most, colour);
        continue;
      }
      if (form === "planes") {
        fillPlanes(part, flow[at], moment, colour);
        continue;
      }
      const likely = tells && guesses?.[there(tells)]?.[moment];
      if (form === "list") {
        fillList(part, likely ?? []);
        continue;
      }
      if (likely) {
        const [word, p] = likely[0];
        part.querySelector("[data-fill=guess]").textContent = `${word} ${decimals(p)}`;
      }
      const [first, count] = window(counts, ones.length);
      const now = counts === "call" ? moment : most;
      ones.forEach((one, place) => {
        const j = asks
          ? beside(place, +asks, now, count)
          : slotAt(place, ones.length, count, first, "ends" in part.dataset);
        set(one, "visibility", j === null ? "hidden" : "inherit");
        one.classList.toggle("now", counts === "call" && ones.length > 1 && j === moment);
        if (j === null) return;
        set(one, "data-slot", j);
        const dots = j < 0;
        const cells = one.querySelector("[data-fill=strip]");
        set(cells, "visibility", dots ? "hidden" : "inherit");
        if (part.dataset.number) one.querySelector("tspan.n").textContent = `${j + 1}`;
        const text = one.querySelector("[data-fill=words]");
        if (dots) {
          (text ?? dotted(one)).textContent = "…";
          return;
        }
        const row = at ? Array.from(numbersOf({ form, counts }, flow[at], moment, j)) : [];
        if (cells && row.length)
          set(
            imageFor(cells),
            "href",
            once(flow[at], `${colour};${row.slice(0, CELLS)}`, () => strip(row, colour)),
          );
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
    for (const [piece, ...ends] of pieces)
      set(
        piece,
        "visibility",
        ends.some((one) => one?.getAttribute("visibility") === "hidden") ? "hidden" : "inherit",
      );
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
 * @param {number} moment @param {number | null} j which of its row is pointed at; null: none
 * @param {(path: string) => string} there the place of a path in the picture
 */
export function told([says, shape], node, state, moment, j, there = (path) => path) {
  const { flow, columns, rows, guesses } = state;
  const { counts, form, shows, asks, tells } = node.dataset;
  const at = node.dataset.at && there(node.dataset.at);
  const start = says.charAt(0).toUpperCase() + says.slice(1);
  const sized = shape ? `${start}, (${shape}).` : `${start}.`;
  const most = (weights, words, many = 3) =>
    Array.from(weights, (w, k) => [w, quote(words, k)])
      .sort(([a], [b]) => b - a)
      .slice(0, many)
      .map(([w, word]) => `${word} ${decimals(w)}`)
      .join(", ");
  if (tells && guesses) {
    const likely = guesses[there(tells)][moment].map(([word, p]) => `“${word}” ${decimals(p)}`);
    return `${sized} ${likely.join(", ")}.`;
  }
  if (!flow || !at) return sized;
  const slot = mostOf(readOf(state, moment));
  const before = ["(start)", ...rows];
  if (form === "maps") {
    const row = counts === "call" ? moment : slot;
    const who = counts === "call" ? quote(before, moment) : quote(columns, slot);
    const read = shows === "before" ? before : columns;
    const heads = j === null ? Array.from({ length: flow[at].shape.at(-3) }, (_, h) => h) : [j];
    const each = heads.map(
      (h) => `head ${h + 1}: ${most(rowOf(flow[at], row, h), read, j === null ? 1 : 3)}`,
    );
    return `${sized} ${who} reads most, ${each.join("; ")}.`;
  }
  if (form === "address") {
    const all = columns.map((_, k) => numbersOf({ form, counts }, flow[at], moment, k)[0]);
    return `${sized} Most on ${most(all, columns)}.`;
  }
  if (form === "planes") {
    const maps = [...node.querySelectorAll("[data-map]")].map((image) => +image.dataset.map);
    const k = maps[j ?? 0];
    const [values] = mapOf(flow[at], moment, k);
    const [high, wide] = flow[at].shape.slice(-2);
    const ends = [Math.min(...values), Math.max(...values)].map(fixed);
    const which = maps.length > 1 ? ` Number ${k + 1}:` : "";
    return `${sized}${which} ${high} × ${wide} numbers from ${ends[0]} to ${ends[1]}.`;
  }
  const ofSlot = form === "operation" && flow[at].shape[0] === 1 && flow[at].shape.at(-2) > 1;
  const one = ofSlot ? slot : (j ?? (counts === "call" ? moment : 0));
  const row = Array.from(numbersOf({ form, counts: counts ?? "slot" }, flow[at], moment, one));
  if (!row.length) return sized;
  const coarse = flow[at].packing === "u8 sqrt"; // of a byte each no more is known
  const ends = [Math.min(...row), Math.max(...row)].map((x) => (coarse ? x.toFixed(1) : fixed(x)));
  const inRow = node.querySelectorAll("[data-j]").length > 1;
  const read = counts === "call" ? (shows === "before" || asks ? before : rows) : columns;
  const where = (ofSlot || inRow) && read[one] ? ` Of ${quote(read, one)}:` : "";
  return `${sized}${where} ${row.length} numbers from ${ends[0]} to ${ends[1]}${
    row.length > CELLS && form !== "operation" ? `; the strip shows the first ${CELLS}` : ""
  }.`;
}
