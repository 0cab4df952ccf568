// The view of feature maps: a drawing, what the network is shown of it, what each layer makes of
// that, and the scores.

import { answered, chances, scoreMarks, scoreTable, stillAnswered } from "../shared/classes.js";
import { barOf, blend, coloured, colourOf, inks, paperOf, signs } from "../shared/colours.js";
import {
  announcer,
  choice,
  div,
  group,
  h,
  hint,
  lay,
  root as rootOf,
  tabled,
  write,
} from "../shared/dom.js";
import { roving, under } from "../shared/grid.js";
import { pad as padOf } from "../shared/pad.js";
import { across, colours32, draw, pictured, tiled } from "../shared/pixels.js";
import { canvasAt, picture, saves, textAt } from "../shared/save.js";
import { steadily, talk, whom } from "../shared/talk.js";
import { ranged, unpack } from "../shared/weights.js";
import { fixed } from "../shared/words.js";
import { seen, sized, told } from "./words.js";

const ZERO = 127; // where `signs` has it
const HIGH = 224; // of an image in a saved picture

/** @typedef {{layer: number, map: number, cell: number[] | null}} Place */

/** @param {{model: import("../shared/talk.js").Model, el: HTMLElement, signal?: AbortSignal}} home */
function render({ model, el, signal = new AbortController().signal }) {
  const { title, who, asks, fields, examples, image, normalise: scales } = model.get("state");
  const draws = asks.length > 0 && image.shape[0] === 1;
  /** @type {Record<string, any>} */
  let shown; // the answer on the screen, its numbers unpacked
  /** @type {any[]} */
  let layers = []; // {name, shape, values, most, field, columns, canvas, mark, size}
  /** @type {number[][]} */
  let all = []; // the colours of maps, as `signs` gives them
  let [shades, tints] = [colours32([]), colours32([])]; // of images, of maps
  /** @type {Place} */
  let chosen = { layer: 0, map: 0, cell: null };
  /** @type {Place | null} */
  let over = null; // what the pointer is at
  let normalise = scales;
  let [label] = asks;
  let inked = ""; // a square of the drawing, by keys, in words

  // --- the parts ------------------------------------------------------------------------------
  const canvas = () => h("canvas");
  const pad = padOf({
    draws,
    say(text) {
      inked = `${text}. `;
      say(text);
    },
    changed: (ended) => asking.changed(ended),
  });
  const shownImage = canvas();
  const field = div("field");
  const sheet = div("sheet", shownImage, field);
  const atlas = h("div", {
    ...{ class: "lv-maps", tabindex: 0, role: "application", "aria-roledescription": "maps" },
  });
  const large = canvas();
  const cursor = div("cursor");
  const lens = h(
    "div",
    { class: "lv-lens", tabindex: 0, role: "application", "aria-roledescription": "map" },
    large,
    cursor,
  );
  const scores = scoreTable();
  const panel = (name, about, part) =>
    div(name, h("p", { class: "lv-about" }, ...[about].flat()), part);
  const [drawnAs, shownAs, mapAs, least, largest] = Array.from({ length: 5 }, () => h("span"));
  const shownSize = h("span", { class: "lv-size" });
  const ends = h("i");
  const reading = h("p", { class: "lv-reading" });
  const answer = h("p", { class: "lv-answer" });
  const status = h("p", { class: "lv-status" }, model.get("state").message);
  const numbers = tabled("table", "table of the map", matrix);

  const run = () => asking.run();
  const onsubmit = (event) => {
    event.preventDefault();
    run();
  };
  /** @param {number} i */
  function scale(i) {
    normalise = !i;
    run();
  }
  /** @param {string} one */
  function chooseWhom(one) {
    label = one;
    run();
  }
  const shows = `the ${who} is shown the drawing`;
  const controls = [
    h("button", {}, "look"),
    ...pad.controls(examples, run),
    scales !== null && choice(shows, ["normalised", "as drawn"], scale, +!scales),
    whom(asks, chooseWhom, who),
    status,
  ];
  const stage = div(
    "frame",
    panel("drawn", drawnAs, pad.el),
    panel("shown", [shownAs, shownSize], sheet),
    atlas,
    panel("said", "scores", scores.el),
    panel("enlarged", mapAs, lens),
  );
  const root = rootOf(
    ...["feature maps", title],
    asks.length ? h("form", { class: "lv-ask", onsubmit }, ...controls) : status,
    ...[answer, stage, reading],
    div(
      "tools",
      group("colours", least, ends, largest),
      saves("feature-maps", svg, rows, numbers.toggle),
    ),
    numbers.table,
  );
  root.classList.add("lv-images");
  const say = announcer(root);

  // --- the talk -------------------------------------------------------------------------------
  const chat =
    asks.length > 0 &&
    talk({
      ...{ model, signal, status, busy: "Looking …", show },
      request: () => ({ label, ...pad.drawing(), ...(scales !== null && { normalise }) }),
      still: stillAnswered,
      mark(failure) {
        if (failure) say(status.textContent); // a line that is drawn asks again when it ends
      },
    });

  const asking = steadily(() => chat?.run());

  // --- what is pointed at ---------------------------------------------------------------------
  const at = () => over ?? chosen;
  /** The map that is pointed at, or its value, in words. */
  const words = () => {
    const { layer, map, cell } = at();
    return told(layers[layer], map, cell, shown.image.shape);
  };

  /** Put on the screen what is pointed at: its map enlarged, its value, what that sees. */
  function point() {
    const { layer, map, cell } = at();
    const one = layers[layer];
    const [C, h, w] = one.shape;
    const lines = Math.ceil(C / one.columns);
    draw(large, tiled(valuesOf(one, map), [1, h, w], 1, colourIn(one)));
    lens.style.setProperty("--shape", w / h);
    write(mapAs, C > 1 ? `${one.name}, map ${map + 1} of ${C}` : one.name);
    lens.setAttribute("aria-label", `${mapAs.textContent}, ${h} by ${w}; arrow keys move`);
    for (const { mark } of layers) mark.hidden = mark !== one.mark;
    const [i, j] = [Math.floor(map / one.columns), map % one.columns];
    lay(one.mark, [i / lines, j / one.columns, 1 / lines, 1 / one.columns]);
    cursor.hidden = !cell;
    if (cell) lay(cursor, [cell[0] / h, cell[1] / w, 1 / h, 1 / w]);
    const rect = cell && one.field ? seen(one.field, cell) : null;
    const [, H, W] = shown.image.shape;
    field.hidden = !rect;
    if (rect) lay(field, [rect[0] / H, rect[1] / W, rect[2] / H, rect[3] / W]);
    const [top, left, step] = shown.frame ?? [0, 0, 1];
    const scale = pad.shape()[1] / shown.drawing.shape[1]; // of a drawing with few pixels
    /** @param {number[]} rect */
    const onPad = ([y, x, tall, wide]) =>
      [top + step * y, left + step * x, step * tall, step * wide].map((v) => v * scale);
    pad.mark(shown.normalise ? onPad([0, 0, H, W]) : null, rect && shown.frame && onPad(rect));
    bar(one);
    write(
      reading,
      `${words()}${over || cell ? "" : ` ${hint("a value, or press the arrow keys.")}`}`,
    );
    numbers.tabulate();
  }

  /** The colours of a layer and the numbers at their ends: without a sign where it has none. */
  function bar({ name, values, most }) {
    const signed = values.some((value) => value < 0);
    write(least, signed ? fixed(-most) : "0");
    write(largest, `${fixed(most)}, in ${name}`);
    ends.style.background = barOf(all.slice(signed ? 0 : ZERO));
  }

  /** A cell of a layer; behind the last of single values the last. */
  function held({ flat, shape: [, , w] }, cell) {
    const behind = flat && cell && cell[0] * w + cell[1] >= flat;
    return behind ? [Math.floor((flat - 1) / w), (flat - 1) % w] : cell;
  }

  /** @param {Place} place */
  function choose({ layer, map, cell }) {
    over = null;
    chosen = { layer, map, cell: held(layers[layer], cell) };
    point();
    say(words());
  }

  /** The map and the value of a layer that the pointer is at. @returns {Place | null} */
  function spot(layer, event) {
    const { canvas, columns, shape } = layers[layer];
    const [C, h, w] = shape;
    const [y, x] = under(canvas, event, [canvas.height, canvas.width]);
    const map = Math.floor(y / (h + 1)) * columns + Math.floor(x / (w + 1));
    const cell = [Math.min(h - 1, y % (h + 1)), Math.min(w - 1, x % (w + 1))];
    return map < C ? { layer, map, cell: held(layers[layer], cell) } : null;
  }

  /** Let a pointer show, and a click choose. @param {HTMLElement} on
   * @param {(event: PointerEvent) => Place | null} spot */
  function points(on, spot) {
    function hover(place) {
      over = place;
      point();
    }
    on.onpointermove = (event) => hover(spot(event));
    on.onpointerleave = () => hover(null);
    on.onclick = (event) => {
      const place = spot(event);
      if (place) choose(place);
    };
  }
  points(lens, (event) => {
    const one = layers[chosen.layer];
    return { ...chosen, cell: held(one, under(large, event, one.shape.slice(1))) };
  });

  const bound = (n, most) => Math.max(0, Math.min(most - 1, n));
  const maps = () => layers[chosen.layer].shape[0];
  roving(atlas, {
    size() {
      const { columns } = layers[chosen.layer];
      return [Math.ceil(maps() / columns), columns];
    },
    at() {
      const { columns } = layers[chosen.layer];
      return [Math.floor(chosen.map / columns), chosen.map % columns];
    },
    go: ([i, j]) =>
      choose({
        ...chosen,
        map: bound(i * layers[chosen.layer].columns + j, maps()),
        cell: null,
      }),
    page: (by) => choose({ layer: bound(chosen.layer + by, layers.length), map: 0, cell: null }),
    clear: () => choose({ layer: 0, map: 0, cell: null }),
  });
  atlas.addEventListener("keydown", (event) => {
    if (event.key === "Enter") lens.focus();
  });
  roving(lens, {
    size: () => layers[chosen.layer].shape.slice(1),
    at: () => chosen.cell,
    go: (cell) => choose({ ...chosen, cell }),
    page: (by) => choose({ ...chosen, map: bound(chosen.map + by, maps()) }),
    clear() {
      choose({ ...chosen, cell: null });
      atlas.focus();
    },
  });

  /** The values of one map of a layer. @returns {Float32Array} */
  const valuesOf = ({ values, shape: [, h, w] }, map) =>
    values.subarray(map * h * w, (map + 1) * h * w);

  // --- drawing --------------------------------------------------------------------------------
  const colourIn =
    ({ most }) =>
    (value) =>
      tints[ZERO + Math.round((ZERO * value) / most)];

  /** The parts of the layers, made anew where other ones come. */
  function layout() {
    atlas.replaceChildren(
      ...layers.map(({ name, size, flat, shape, columns, canvas, mark }, k) => {
        const scale = flat ? 8 : Math.max(1, Math.min(8, Math.round(10.6 / Math.sqrt(shape[2]))));
        const style = `--wide:${(columns * (shape[2] + 1) - 1) * scale}`;
        const tiles = h("div", { class: "lv-layer", style }, canvas, mark);
        points(tiles, (event) => spot(k, event));
        const about = [h("b", {}, name), h("br"), size.join(" × ")];
        return h("div", { "aria-hidden": true }, h("p", { class: "lv-about" }, ...about), tiles);
      }),
    );
    const every = layers.map(({ name, size }) => `${name}, ${sized(size)}`).join("; ");
    const keys = "arrow keys move from map to map, page keys from layer to layer";
    atlas.setAttribute("aria-label", `${every}; ${keys}, enter goes into a map`);
  }

  function paint() {
    draw(shownImage, pictured(shown.image.values, shown.image.shape, shades));
    for (const one of layers)
      draw(one.canvas, tiled(one.values, one.shape, one.columns, colourIn(one)));
    point();
  }

  /** The colours of the page as it is now. */
  function look() {
    const paper = paperOf(root);
    shades = colours32(blend([paper, colourOf(root, "color")]));
    all = signs(paper);
    tints = colours32(all);
    pad.look(shades);
    paint();
  }

  /** A layer as it is drawn: single values, `flat` of them, lie on one map. */
  function layerOf(name, packed) {
    const numbers = ranged(packed);
    const most = numbers.reduce((m, x) => Math.max(m, Math.abs(x)), 0) || 1;
    const told = { name, size: packed.shape, most, field: fields[name] };
    const [C, h, w] = packed.shape;
    if (h) return { ...told, flat: 0, shape: [C, h, w], values: numbers, columns: across(C) };
    const wide = across(C);
    const values = new Float32Array(Math.ceil(C / wide) * wide).fill(Number.NaN);
    values.set(numbers);
    return { ...told, flat: C, shape: [1, values.length / wide, wide], values, columns: 1 };
  }
  const named = ({ name, size }) => [name, size];

  function show(state) {
    const { image } = state;
    shown = { ...state, image: { ...image, values: unpack(image) } };
    const before = layers;
    layers = Object.entries(state.maps).map(([name, packed]) => layerOf(name, packed));
    const alike = `${before.map(named)}` === `${layers.map(named)}`;
    layers.forEach((one, k) => {
      const parts = alike ? before[k] : { canvas: canvas(), mark: div("here") };
      Object.assign(one, { canvas: parts.canvas, mark: parts.mark });
    });
    if (!alike) {
      [chosen, over] = [{ layer: 0, map: 0, cell: null }, null];
      layout();
    }
    if (!state.n) pad.load(unpack(state.drawing), state.drawing.shape, image.shape.slice(1));
    const [C, H, W] = image.shape;
    sheet.style.setProperty("--shape", W / H);
    const channels = C > 1 ? `${C} × ` : "";
    write(drawnAs, draws ? "draw here" : "drawing");
    write(shownAs, state.normalise ? "normalised" : "shown");
    write(shownSize, `: ${channels}${H} × ${W}`);
    scores.show(shown);
    write(answer, answered(shown));
    if (all.length) paint();
    if (state.n) say(inked + answer.textContent);
    inked = "";
    asking.answered();
  }

  // --- to keep --------------------------------------------------------------------------------
  /** The map that is pointed at, a row of it in a line. */
  function matrix() {
    const { layer, map } = at();
    const one = layers[layer];
    const [, tall, wide] = one.shape;
    const own = valuesOf(one, map);
    const head = Array.from({ length: wide }, (_, j) => j + 1);
    const line = (i) => [i + 1, ...Array.from(own.subarray(i * wide, (i + 1) * wide), numeral)];
    return [
      [`${one.name}, row \\ column`, ...head],
      ...Array.from({ length: tall }, (_, i) => line(i)),
    ];
  }
  const numeral = (value) => (Number.isNaN(value) ? "" : fixed(value));

  /** Every number: of the scores, and of all layers. */
  function rows() {
    const sure = chances(shown.scores);
    const said = shown.labels.map((name, k) => ["score", name, "", "", shown.scores[k], sure[k]]);
    const values = layers.flatMap(({ name, shape: [, tall, wide], values }) =>
      Array.from(values, (value, k) => [
        ...[name, Math.floor(k / (tall * wide)) + 1],
        ...[(Math.floor(k / wide) % tall) + 1, (k % wide) + 1, value, ""],
      ]).filter(([, , , , value]) => !Number.isNaN(value)),
    );
    return [["layer", "map", "row", "column", "value", "probability"], ...said, ...values];
  }

  function svg() {
    const { ink, paper } = inks(root);
    let x = 16;
    const panel = (name, on, width, height) => {
      const at = x;
      x += Math.max(width, 8 * name.length) + 24;
      return [textAt(at, 48, name), canvasAt(on, [at, 58, width, height], ink)];
    };
    const panels = [
      panel("drawing", pad.canvas, HIGH, (HIGH * pad.canvas.height) / pad.canvas.width),
      panel(
        `${shownAs.textContent}${shownSize.textContent}`,
        shownImage,
        HIGH / 2,
        (HIGH / 2 / shownImage.width) * shownImage.height,
      ),
      ...layers.map(({ name, size, canvas }) => {
        const scale = HIGH / Math.max(canvas.height, canvas.width);
        return panel(
          `${name} ${size.join(" × ")}`,
          canvas,
          canvas.width * scale,
          canvas.height * scale,
        );
      }),
    ].flat();
    const [said, below] = scoreMarks(shown, x, 70, ink);
    const tall = Math.max(HIGH + 58, 70 + below);
    const sentence = textAt(16, tall + 28, answer.textContent, 'font-weight="bold"');
    return picture(title, x + 210, tall + 44, { ink, paper }, [...panels, ...said, sentence]);
  }

  el.append(root);
  show(model.get("state"));
  coloured(root, look, signal);
  if (!chat) model.on("change:state", () => show(model.get("state")));
}

export default { render };
