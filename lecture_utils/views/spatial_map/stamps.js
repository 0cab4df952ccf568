// A scene that a reader composes: pieces on a canvas, moved by mouse, finger or keys, and a tray of
// more of them. Where two lie on each other, the darker stays.

import { button, div, h, lay } from "../shared/dom.js";
import { roving } from "../shared/grid.js";
import { draw, pictured } from "../shared/pixels.js";

const LEVELS = 255; // from paper, 0, to ink
const INK = 0.2; // what is at least as dark belongs to a piece
const FAR = 5; // screen pixels from which on a press is no click

/** @typedef {{k: number, top: number, left: number}} Stamp which piece, and where */
/** @typedef {{values: Float32Array, shape: number[]}} Pieces (K, C, h, w) */

/** Call with each pixel of a piece: its place in the image (H, W), its value. */
function each({ values, shape }, { k, top, left }, size, visit) {
  const [, H, W] = size;
  const [, C, h, w] = shape;
  for (let i = 0; i < C * h * w; i++) {
    const y = top + (Math.floor(i / w) % h);
    visit(Math.floor(i / (h * w)) * H * W + y * W + left + (i % w), values[k * C * h * w + i]);
  }
}

/** The scene in whole numbers. @param {Pieces} pieces @param {Stamp[]} placed
 * @param {ArrayLike<number>} ground under them, from 0 to 1 @param {number[]} size (C, H, W) */
export function composed(pieces, placed, ground, size) {
  const levels = Uint8ClampedArray.from(ground, (x) => LEVELS * x);
  for (const one of placed)
    each(pieces, one, size, (at, x) => {
      levels[at] = Math.max(levels[at], Math.round(LEVELS * x));
    });
  return levels;
}

/** Where the pieces have ink, (H, W). @param {Pieces} pieces @param {Stamp[]} placed
 * @param {number[]} size (C, H, W) */
export function inked(pieces, placed, size) {
  const mask = new Uint8Array(size[1] * size[2]);
  for (const one of placed)
    each(pieces, one, size, (at, x) => {
      if (x >= INK) mask[at % mask.length] = 1;
    });
  return mask;
}

/** The corner from which a piece lies farthest from all others, the middle if there are none.
 * @param {Stamp[]} placed @param {number[]} room rows and columns that a corner can have */
export function free(placed, [rows, columns]) {
  if (!placed.length) return [rows >> 1, columns >> 1];
  let [best, found] = [-1, [0, 0]];
  for (let top = 0; top < rows; top++)
    for (let left = 0; left < columns; left++) {
      const away = placed.map((one) => Math.hypot(one.top - top, one.left - left));
      if (Math.min(...away) > best) [best, found] = [Math.min(...away), [top, left]];
    }
  return found;
}

/** The piece whose box a point is in, and whose middle is the nearest; -1 if there is none.
 * @param {Stamp[]} placed @param {number[]} box (h, w) of a piece @param {number[]} point */
export function hit(placed, [h, w], [y, x]) {
  const away = placed.map(({ top, left }) => {
    const within = y >= top && x >= left && y < top + h && x < left + w;
    return within ? Math.hypot(y - top - h / 2, x - left - w / 2) : Number.POSITIVE_INFINITY;
  });
  const least = Math.min(...away);
  return Number.isFinite(least) ? away.indexOf(least) : -1;
}

/**
 * @param {object} given
 * @param {Pieces} given.pieces
 * @param {string[]} given.names of the pieces
 * @param {number[]} given.size (C, H, W)
 * @param {ArrayLike<number>} given.ground
 * @param {Stamp[]} given.placed
 * @param {(text: string) => void} given.say
 * @param {() => void} given.chose another piece is chosen, or none
 * @param {(ended: boolean) => void} given.changed the scene is another one; a move has ended
 */
export function stamps({ pieces, names, size, ground, placed, say, chose, changed }) {
  const [K, C, tall, wide] = pieces.shape;
  const [, H, W] = size;
  const room = [H - tall + 1, W - wide + 1];
  let items = placed.map((one) => ({ ...one }));
  let chosen = -1;
  let shades;
  let below = ground;
  const canvas = h("canvas");
  const box = div("cursor");
  const keys =
    "page keys choose a piece, arrow keys move it, with shift faster, space puts the next one in its place, delete takes it away, escape lets it go";
  const el = h(
    "div",
    {
      ...{ class: "lv-sketch", role: "application", "aria-roledescription": "scene", tabindex: 0 },
      ...{ "aria-label": `scene of ${H} × ${W} pixels; ${keys}`, style: `--shape:${W / H}` },
    },
    canvas,
    box,
  );
  const clamped = (corner) => corner.map((x, k) => Math.max(0, Math.min(room[k] - 1, x)));

  function paint() {
    const one = items[chosen];
    box.hidden = !one;
    if (one) lay(box, [one.top / H, one.left / W, tall / H, wide / W]);
    if (shades) draw(canvas, pictured(composed(pieces, items, below, size), size, shades, LEVELS));
  }
  const told = ({ k, top, left }) => `${names[k]}, row ${top + 1}, column ${left + 1}`;

  /** @param {number} i */
  function choose(i) {
    chosen = i;
    paint();
    chose();
  }
  function update(ended) {
    paint();
    changed(ended);
  }
  function move(corner, ended) {
    const [top, left] = clamped(corner);
    const one = items[chosen];
    if (one.top === top && one.left === left) return;
    Object.assign(one, { top, left });
    update(ended);
  }
  function add(k, corner) {
    const [top, left] = clamped(corner);
    items.push({ k, top, left });
    chosen = items.length - 1;
  }
  /** A piece where there is room, or in the place of the chosen one.
   * @param {number} k @param {boolean} [instead] */
  function put(k, instead = false) {
    if (instead && items[chosen]) items[chosen].k = k;
    else add(k, free(items, room));
    update(true);
    say(`${told(items[chosen])}. `);
  }
  function remove() {
    if (chosen < 0) return;
    const [{ k }] = items.splice(chosen, 1);
    chosen = -1;
    update(true);
    say(`${names[k]} taken away. `);
  }

  // --- by mouse or finger -----------------------------------------------------------------------
  /** @param {PointerEvent} event */
  function point({ clientX, clientY }) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [((clientY - top) / height) * H, ((clientX - left) / width) * W];
  }
  const shifted = (event, by) => point(event).map((x, k) => Math.round(x - by[k]));
  /** @type {number[] | null} */
  let grip = null; // where in the piece it is held
  let moved = false;
  function release() {
    if (moved) changed(true);
    [grip, moved] = [null, false];
  }
  canvas.onpointerdown = (event) => {
    if (!event.isPrimary || event.button) return;
    event.preventDefault(); // no selection begins
    el.focus({ preventScroll: true });
    const at = point(event);
    choose(hit(items, [tall, wide], at));
    if (chosen < 0) return;
    const { top, left } = items[chosen];
    grip = [at[0] - top, at[1] - left];
    canvas.setPointerCapture(event.pointerId);
    say(told(items[chosen]));
  };
  canvas.onpointermove = (event) => {
    if (!grip || !event.isPrimary || !items[chosen]) return;
    moved = true;
    move(shifted(event, grip), false);
  };
  canvas.onlostpointercapture = release;

  /** A piece of the tray: a click puts it into the scene, a drag carries it there. */
  function offer(k) {
    let from = null;
    let carried = false;
    const one = button("", names[k], () => carried || put(k));
    one.append(h("i", { style: `background-position:0 ${(100 * k) / Math.max(1, K - 1)}%` }));
    one.onpointerdown = (event) => {
      carried = false;
      if (!event.isPrimary || event.button) return;
      from = [event.clientX, event.clientY];
      one.setPointerCapture(event.pointerId);
    };
    one.onpointermove = (event) => {
      if (!from || Math.hypot(event.clientX - from[0], event.clientY - from[1]) < FAR) return;
      const corner = shifted(event, [tall / 2, wide / 2]);
      if (carried) move(corner, false);
      else {
        const [y, x] = point(event);
        if (y < 0 || x < 0 || y >= H || x >= W) return;
        carried = true;
        add(k, corner);
        update(false);
      }
    };
    one.onlostpointercapture = () => {
      if (from && carried) changed(true);
      from = null;
    };
    return one;
  }
  const offers = Array.from({ length: K }, (_, k) => offer(k));
  const tray = h(
    "div",
    {
      class: "lv-tray",
      role: "toolbar",
      "aria-label": "pieces",
      style: `--many:${K};--piece:${wide / tall}`,
    },
    ...offers,
  );
  const stop = (k) =>
    offers.forEach((one, i) => {
      one.tabIndex = i === k ? 0 : -1;
    });
  stop(0);
  const current = () => offers.findIndex((one) => one.tabIndex === 0);
  function reach(k) {
    const next = Math.max(0, Math.min(K - 1, k));
    stop(next);
    offers[next].focus();
  }
  roving(tray, {
    size: () => [1, K],
    at: () => [0, current()],
    go: ([, k]) => reach(k),
    page: (by) => reach(current() + 5 * by),
    clear: () => choose(-1),
  });

  // --- by keys ----------------------------------------------------------------------------------
  let step = 1;
  el.addEventListener("keydown", (event) => {
    step = event.shiftKey ? 4 : 1;
    const leaves = event.key === "Delete" || event.key === "Backspace";
    if (!leaves && event.key !== " ") return;
    event.preventDefault();
    if (leaves) remove();
    else put(items[chosen] ? (items[chosen].k + 1) % K : 0, true); // the next piece in its place
  });
  const turn = (by) => {
    if (!items.length) return;
    choose(chosen < 0 && by < 0 ? items.length - 1 : (chosen + by + items.length) % items.length);
    say(told(items[chosen]));
  };
  roving(el, {
    size: () => room,
    at: () => (items[chosen] ? [items[chosen].top, items[chosen].left] : null),
    go(cell) {
      if (!items[chosen]) return turn(1);
      const { top, left } = items[chosen];
      move([top + step * (cell[0] - top), left + step * (cell[1] - left)], true);
      say(told(items[chosen]));
    },
    page: turn,
    clear: () => choose(-1),
  });

  return {
    ...{ el, tray, canvas, remove },
    drawing: () => ({ drawing: Array.from(composed(pieces, items, below, size)), shape: size }),
    /** @returns {Stamp[]} */
    placed: () => items.map((one) => ({ ...one })),
    chosen: () => chosen,
    clear() {
      [items, chosen] = [[], -1];
      below = new Float32Array(C * H * W);
      update(true);
    },
    /** @param {Uint32Array} given from paper to ink */
    look(given) {
      shades = given;
      const strip = h("canvas", { width: wide, height: K * tall }); // one picture for all
      const pen = strip.getContext("2d", { willReadFrequently: true });
      offers.forEach((_, k) => {
        const own = pieces.values.subarray(k * C * tall * wide, (k + 1) * C * tall * wide);
        pen?.putImageData(pictured(own, [C, tall, wide], shades), 0, k * tall);
      });
      tray.style.setProperty("--strip", `url(${strip.toDataURL()})`);
      paint();
    },
  };
}
