// A pad to draw on: with a mouse or a finger, or with a cursor that keys move. Its pixels are whole
// numbers from 0, paper, to 255, ink; each of the image's is a square of them.

import { button, choice, div, group, h, lay } from "./dom.js";
import { roving } from "./grid.js";
import { draw, pictured } from "./pixels.js";
import { unpack } from "./weights.js";

export const FINER = 4; // times as many pixels along a side as the image has
const LEVELS = 255;
const PENS = { thin: 1.25, medium: 2.5, thick: 3.5 }; // pixels of the image

/**
 * Ink along a line between two points (row, column), which never makes paler what is there.
 * @param {Uint8ClampedArray} levels @param {number[]} shape (h, w)
 * @param {number[]} from @param {number[]} to @param {number} width of the pen
 */
export function line(levels, [h, w], from, to, width) {
  const way = to.map((x, k) => x - from[k]);
  const long = way[0] ** 2 + way[1] ** 2;
  const reach = width / 2 + 0.5; // half a pixel further it is pale
  const [rows, columns] = [h, w].map((most, k) => [
    Math.max(0, Math.floor(Math.min(from[k], to[k]) - reach)),
    Math.min(most, Math.ceil(Math.max(from[k], to[k]) + reach)),
  ]);
  for (let y = rows[0]; y < rows[1]; y++)
    for (let x = columns[0]; x < columns[1]; x++) {
      const off = [y + 0.5 - from[0], x + 0.5 - from[1]];
      const along = long && Math.max(0, Math.min(1, (off[0] * way[0] + off[1] * way[1]) / long));
      const away = Math.hypot(off[0] - along * way[0], off[1] - along * way[1]);
      const level = LEVELS * Math.max(0, Math.min(1, reach - away));
      levels[y * w + x] = Math.max(levels[y * w + x], level);
    }
}

/** A drawing with each pixel as `times` x `times` of them. @param {ArrayLike<number>} values
 * @param {number[]} shape (C, h, w) @param {number} times */
export function finer(values, [C, h, w], times) {
  const wide = w * times;
  const found = new Uint8ClampedArray(C * h * times * wide);
  for (let row = 0; row < C * h; row++) {
    const start = row * times * wide;
    for (let x = 0; x < wide; x++)
      found[start + x] = LEVELS * values[row * w + Math.floor(x / times)];
    for (let k = 1; k < times; k++) found.copyWithin(start + k * wide, start, start + wide);
  }
  return found;
}

/**
 * @param {object} given
 * @param {boolean} given.draws whether a reader can draw on it
 * @param {(text: string) => void} given.say
 * @param {(ended: boolean) => void} given.changed something was drawn; a line has ended
 */
export function pad({ draws, say, changed }) {
  let pen = PENS.medium;
  let example = 0; // that was shown last
  let levels = new Uint8ClampedArray(0);
  let shape = [1, 1, 1]; // of the pad
  let grid = [1, 1]; // of the image
  /** @type {number[] | null} */
  let at = null; // where the keys' cursor is, on the grid
  /** @type {number[] | null} */
  let last = null; // where the pointer's line has come to
  let shades;
  const canvas = h("canvas");
  const [cursor, part, field] = ["cursor", "part", "field"].map((name) => div(name));
  const role = { role: "application", "aria-roledescription": "drawing", tabindex: 0 };
  const el = h("div", { class: "lv-sketch", ...(draws && role) }, canvas, part, field, cursor);

  const paint = () => draw(canvas, pictured(levels, shape, shades, LEVELS));

  function inkFrom(from, to, ended) {
    line(levels, shape.slice(1), from, to, pen * FINER);
    paint();
    changed(ended);
  }

  // --- by mouse or finger -----------------------------------------------------------------------
  function point({ clientX, clientY }) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [((clientY - top) / height) * shape[1], ((clientX - left) / width) * shape[2]];
  }
  if (draws) {
    canvas.onpointerdown = (event) => {
      if (!event.isPrimary || event.button) return;
      event.preventDefault(); // no selection begins
      el.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      last = point(event);
      inkFrom(last, last, false);
    };
    canvas.onpointermove = (event) => {
      if (!last || !event.isPrimary) return;
      const steps = event.getCoalescedEvents?.() ?? [];
      for (const each of steps.length ? steps : [event]) {
        const to = point(each);
        line(levels, shape.slice(1), last, to, pen * FINER);
        last = to;
      }
      paint();
      changed(false);
    };
    canvas.onlostpointercapture = () => {
      if (last) changed(true);
      last = null;
    };
  }

  // --- by keys ----------------------------------------------------------------------------------
  /** The middle of a square, in pixels of the pad. @param {number[]} cell */
  const middle = ([i, j]) => [(i + 0.5) * FINER, (j + 0.5) * FINER];
  /** Whether there is ink in the middle of a square. @param {number[]} cell */
  const inked = ([i, j]) =>
    levels[Math.floor((i + 0.5) * FINER) * shape[2] + (j + 0.5) * FINER] > 0;

  /** @param {number[]} cell */
  function erase([i, j]) {
    for (let y = i * FINER; y < (i + 1) * FINER; y++)
      levels.fill(0, y * shape[2] + j * FINER, y * shape[2] + (j + 1) * FINER);
    paint();
    changed(true);
  }

  function tell(cell) {
    at = cell;
    const [top, left] = cell.map((k, axis) => `${(100 * k) / grid[axis]}%`);
    Object.assign(cursor.style, { top, left });
    say(`row ${cell[0] + 1}, column ${cell[1] + 1}: ${inked(cell) ? "ink" : "paper"}`);
  }
  if (draws) {
    let shifted = false;
    const start = () => grid.map((n) => n >> 1);
    el.addEventListener("keydown", (event) => {
      shifted = event.shiftKey;
      if (event.key !== " ") return;
      event.preventDefault();
      at ??= start();
      if (inked(at)) erase(at);
      else inkFrom(middle(at), middle(at), true);
      tell(at);
    });
    const go = (cell) => {
      if (shifted && at) inkFrom(middle(at), middle(cell), true);
      tell(cell);
    };
    const leap = (by) => {
      const [i, j] = at ?? start();
      go([Math.max(0, Math.min(grid[0] - 1, i + (grid[0] >> 2) * by)), j]);
    };
    roving(el, { size: () => grid, at: () => (at ??= start()), go, page: leap, clear() {} });
    el.onfocus = () => el.matches(":focus-visible") && tell(at ?? start());
  }

  /** A box on the pad, or none. @param {HTMLElement} box
   * @param {number[] | null} rect top, left, height, width, in pixels of the pad */
  function mark(box, rect) {
    box.hidden = !rect;
    if (!rect) return;
    const sides = rect.map((x, k) => x / shape[1 + (k % 2)]);
    lay(box, sides);
  }

  /** @param {ArrayLike<number>} values from 0 to 1 @param {number[]} given their shape
   * @param {number[]} size of the image, (H, W) */
  function load(values, given, size) {
    grid = size;
    const [C, tall] = given;
    levels = finer(values, given, (FINER * size[0]) / tall);
    shape = [C, ...size.map((n) => FINER * n)];
    el.style.setProperty("--shape", shape[2] / shape[1]);
    Object.assign(cursor.style, { height: `${100 / size[0]}%`, width: `${100 / size[1]}%` });
    if (draws) {
      const keys = "arrow keys move, space inks or erases, shift with an arrow key draws on";
      el.setAttribute("aria-label", `drawing of ${size[0]} × ${size[1]} squares; ${keys}`);
    }
    if (shades) paint();
  }

  /** What stands beside it: clear it, put the next example on it, choose the pen.
   * @param {any} examples packed, or null @param {() => void} run is called with a new drawing */
  function controls(examples, run) {
    function clear() {
      levels.fill(0);
      paint();
      run();
    }
    function next() {
      example = (example + 1) % examples.shape[0];
      const [, ...one] = examples.shape;
      const size = one.reduce((a, b) => a * b);
      load(unpack(examples).subarray(example * size, (example + 1) * size), one, grid);
      run();
    }
    /** @param {number} i */
    const take = (i) => {
      pen = Object.values(PENS)[i];
    };
    return [
      draws && button("clear", "clear the drawing", clear),
      examples && button("another example", "another example", next),
      draws && group("pen", "pen", choice("pen", Object.keys(PENS), take, 1)),
    ];
  }

  return {
    el,
    canvas,
    load,
    controls,
    shape: () => shape,
    drawing: () => ({ drawing: Array.from(levels), shape }),
    /** What became the image, and what of it a value sees; in pixels of the pad. */
    mark(whole, seen) {
      mark(part, whole);
      mark(field, seen);
    },
    /** @param {Uint32Array} given from paper to ink */
    look(given) {
      shades = given;
      paint();
    },
  };
}
