// The view of feature maps: a drawing, what the network is shown of it, what each layer makes of
// that, and the scores.

import { blend, colourOf, inks, onTheme, paperOf, rgb, signs } from "../shared/colours.js";
import {
  announcer,
  button,
  choice,
  div,
  group,
  h,
  root as rootOf,
  tabled,
  write,
} from "../shared/dom.js";
import { roving } from "../shared/grid.js";
import { across, colours32, draw, pictured, tiled } from "../shared/pixels.js";
import { picture, saves, textAt } from "../shared/save.js";
import { talk, whom } from "../shared/talk.js";
import { ranged, unpack } from "../shared/weights.js";
import { brief, fixed } from "../shared/words.js";
import { pad as padOf } from "./pad.js";
import { answered, chances, percent, seen, sized, told } from "./words.js";

const PENS = { thin: 1.25, medium: 2.5, thick: 3.5 }; // pixels of the image
const ZERO = 127; // where `signs` has it

/** @typedef {{layer: number, map: number, cell: number[] | null}} Place */

/** @param {{model: import("../shared/talk.js").Model, el: HTMLElement, signal?: AbortSignal}} home */
function render({ model, el, signal = new AbortController().signal }) {
  const { title, asks, fields, examples, normalise: scales } = model.get("state");
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
  let pen = PENS.medium;
  let normalise = scales;
  let [label] = asks;
  let example = -1;
  let waits = false; // for an answer
  let drawn = false; // something that no answer was asked for

  // --- the parts ------------------------------------------------------------------------------
  const canvas = () => h("canvas");
  const pad = padOf({
    draws: asks.length > 0 && model.get("state").image.shape[0] === 1,
    pen: () => pen,
    say: (text) => say(text),
    changed(ended) {
      drawn = true;
      if (ended || !waits) run();
    },
  });
  const shownImage = canvas();
  const field = div("field");
  const sheet = div("sheet", shownImage, field);
  const maps = h("div", {
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
  const bars = h("tbody");
  const scores = h("table", { class: "lv-scores", "aria-label": "scores of the classes" }, bars);
  const named = (name, about, part) => div(name, h("p", { class: "lv-about" }, about), part);
  const about = ["", "", ""].map(() => h("span"));
  const [drawnAs, shownAs, mapAs] = about;
  const ends = h("i");
  const least = h("span");
  const largest = h("span");
  const reading = h("p", { class: "lv-reading" });
  const answer = h("p", { class: "lv-answer" });
  const status = h("p", { class: "lv-status" }, model.get("state").message);
  const numbers = tabled("table", "table of the map", matrix);

  const redo = (act) => (value) => {
    act(value);
    run();
  };
  const onsubmit = (event) => {
    event.preventDefault();
    run();
  };
  const form = asks.length > 0 && [
    h("button", {}, "look"),
    button("clear", "clear the drawing", () => {
      pad.clear();
      run();
    }),
    examples && button("another example", "another example", next),
    pad.el.tabIndex === 0 &&
      group(
        "pen",
        "pen",
        choice("pen", Object.keys(PENS), (i) => (pen = Object.values(PENS)[i]), 1),
      ),
    scales !== null &&
      choice(
        "the network is shown the drawing",
        ["normalised", "as drawn"],
        redo((i) => (normalise = !i)),
        +!scales,
      ),
    whom(
      asks,
      redo((one) => (label = one)),
    ),
  ];
  const stage = div(
    "frame",
    named("drawn", drawnAs, pad.el),
    named("shown", shownAs, sheet),
    maps,
    named("said", "scores", scores),
    named("enlarged", mapAs, lens),
  );
  const root = rootOf(
    ...["feature maps", title],
    form ? h("form", { class: "lv-ask", onsubmit }, ...form, status) : status,
    ...[answer, stage, reading],
    div(
      "tools",
      group("colours", least, ends, largest),
      saves("feature-maps", svg, rows, numbers.toggle),
    ),
    numbers.table,
  );
  const say = announcer(root);

  // --- the talk -------------------------------------------------------------------------------
  const chat =
    asks.length > 0 &&
    talk({
      ...{ model, signal, status, busy: "Looking …", show },
      request: () => ({ label, ...pad.drawing(), ...(scales !== null && { normalise }) }),
      still: answered,
      mark(failure) {
        if (!failure) return;
        waits = false;
        say(status.textContent);
      },
    });

  function run() {
    waits = true;
    drawn = false;
    chat?.run();
  }

  function next() {
    example = (example + 1) % examples.shape[0];
    const [, ...shape] = examples.shape;
    const size = shape.reduce((a, b) => a * b);
    const values = unpack(examples).subarray(example * size, (example + 1) * size);
    pad.load(values, shape, shown.image.shape.slice(1));
    run();
  }

  // --- what is pointed at ---------------------------------------------------------------------
  const at = () => over ?? chosen;
  /** The values of a map, where a layer of single values is one map. @param {any} layer */
  const laid = ({ shape, columns }) =>
    shape.length > 1 ? shape.slice(1) : [Math.ceil(shape[0] / columns), columns];
  const single = ({ shape }) => shape.length === 1;
  /** The map and its value in words; a value of a layer of single ones is at a cell, too. */
  function words() {
    const { layer, map, cell } = at();
    const one = layers[layer];
    if (!single(one)) return told(one, map, cell, shown.image.shape);
    return told(one, cell ? cell[0] * one.columns + cell[1] : 0, null, shown.image.shape);
  }

  /** Put on the screen what is pointed at: its map enlarged, its value, what that sees. */
  function point() {
    const { layer, map, cell } = at();
    const one = layers[layer];
    const [rows, columns] = laid(one);
    const size = single(one) ? one.shape[0] : rows * columns;
    const part = one.values.subarray(map * size, (map + 1) * size);
    draw(large, tiled(part, [1, rows, columns], 1, colourIn(one)));
    lens.style.setProperty("--shape", columns / rows);
    const counted = single(one) ? "" : `, map ${map + 1} of ${one.shape[0]}`;
    write(mapAs, `${one.name}${counted}`);
    const grid = single(one) ? "values" : "map";
    lens.setAttribute("aria-label", `${one.name}: ${rows} by ${columns} ${grid}; arrow keys move`);
    for (const [k, { mark, columns: wide, shape }] of layers.entries()) {
      mark.hidden = k !== layer;
      const lines = single(layers[k]) ? 1 : Math.ceil(shape[0] / wide);
      const many = single(layers[k]) ? 1 : wide;
      const sides = [Math.floor(map / many) / lines, (map % many) / many, 1 / lines, 1 / many];
      place(mark, sides);
    }
    cursor.hidden = !cell;
    if (cell) place(cursor, [cell[0] / rows, cell[1] / columns, 1 / rows, 1 / columns]);
    const rect = cell && one.field && !single(one) ? seen(one.field, cell) : null;
    const [, H, W] = shown.image.shape;
    field.hidden = !rect;
    if (rect) place(field, [rect[0] / H, rect[1] / W, rect[2] / H, rect[3] / W]);
    const [top, left, step] = shown.frame ?? [0, 0, 1];
    const scale = pad.shape()[1] / shown.drawing.shape[1]; // of a drawing with few pixels
    /** @param {number[]} rect */
    const onPad = ([y, x, tall, wide]) =>
      [top + step * y, left + step * x, step * tall, step * wide].map((v) => v * scale);
    pad.mark(shown.normalise ? onPad([0, 0, H, W]) : null, rect && shown.frame && onPad(rect));
    bar(one);
    write(
      reading,
      `${words()}${over || cell ? "" : " Point at a value, or press the arrow keys."}`,
    );
    numbers.tabulate();
  }

  /** The colours of a layer and the numbers at their ends: without a sign where it has none. */
  function bar({ name, values, most }) {
    const signed = values.some((value) => value < 0);
    write(least, signed ? fixed(-most) : "0");
    write(largest, `${fixed(most)}, in ${name}`);
    const colours = all.slice(signed ? 0 : ZERO).filter((_, k) => k % 16 === 0);
    ends.style.background = `linear-gradient(90deg,${colours.map(rgb)})`;
  }

  /** @param {HTMLElement} box @param {number[]} sides top, left, height, width, as parts */
  function place(box, sides) {
    const [top, left, height, width] = sides.map((x) => `${100 * x}%`);
    Object.assign(box.style, { top, left, height, width });
  }

  function choose(place) {
    over = null;
    chosen = place;
    point();
    say(words());
  }

  /** Where of a grid the pointer is.
   * @param {HTMLElement} on @param {PointerEvent} event @param {number[]} grid */
  function under(on, { clientX, clientY }, grid) {
    const { left, top, width, height } = on.getBoundingClientRect();
    return [(clientY - top) / height, (clientX - left) / width].map((part, k) =>
      Math.max(0, Math.min(grid[k] - 1e-9, part * grid[k])),
    );
  }

  /** The map and the value of a layer that the pointer is at; null between maps. */
  function spot(k, event) {
    const one = layers[k];
    if (single(one)) return { layer: k, map: 0, cell: inside(one, event, one.canvas) };
    const [C, h, w] = one.shape;
    const lines = Math.ceil(C / one.columns);
    const [y, x] = under(one.canvas, event, [lines * (h + 1) - 1, one.columns * (w + 1) - 1]);
    const map = Math.floor(y / (h + 1)) * one.columns + Math.floor(x / (w + 1));
    const cell = [
      Math.min(h - 1, Math.floor(y % (h + 1))),
      Math.min(w - 1, Math.floor(x % (w + 1))),
    ];
    return map < C ? { layer: k, map, cell } : null;
  }
  /** The cell of an enlarged map; null behind the last value. */
  function inside(one, event, on) {
    const cell = under(on, event, laid(one)).map(Math.floor);
    return single(one) && cell[0] * one.columns + cell[1] >= one.shape[0] ? null : cell;
  }
  function hover(place) {
    over = place;
    point();
  }
  /** Let a pointer show, and a click choose. */
  function points(on, spot) {
    on.onpointermove = (event) => hover(spot(event));
    on.onpointerleave = () => hover(null);
    on.onclick = (event) => {
      const place = spot(event);
      if (place) choose(place);
    };
  }
  points(lens, (event) => ({ ...chosen, cell: inside(layers[chosen.layer], event, large) }));

  const bound = (n, most) => Math.max(0, Math.min(most, n));
  roving(maps, {
    size() {
      const one = layers[chosen.layer];
      return single(one) ? [1, 1] : [Math.ceil(one.shape[0] / one.columns), one.columns];
    },
    at() {
      const { columns } = layers[chosen.layer];
      return [Math.floor(chosen.map / columns), chosen.map % columns];
    },
    go([i, j]) {
      const { shape, columns } = layers[chosen.layer];
      const last = shape.length > 1 ? shape[0] - 1 : 0;
      choose({ ...chosen, map: bound(i * columns + j, last), cell: null });
    },
    page: (by) =>
      choose({ layer: bound(chosen.layer + by, layers.length - 1), map: 0, cell: null }),
    clear: () => choose({ layer: 0, map: 0, cell: null }),
  });
  maps.addEventListener("keydown", (event) => {
    if (event.key === "Enter") lens.focus();
  });
  roving(lens, {
    size: () => laid(layers[chosen.layer]),
    at: () => chosen.cell,
    go: (cell) => choose({ ...chosen, cell }),
    page(by) {
      const { shape } = layers[chosen.layer];
      const last = shape.length > 1 ? shape[0] - 1 : 0;
      choose({ ...chosen, map: bound(chosen.map + by, last) });
    },
    clear() {
      choose({ ...chosen, cell: null });
      maps.focus();
    },
  });

  // --- drawing --------------------------------------------------------------------------------
  const colourIn =
    ({ most }) =>
    (value) =>
      tints[ZERO + Math.round((ZERO * value) / most)];

  /** The parts of the layers, made anew where other ones come. */
  function layout() {
    maps.replaceChildren(
      ...layers.map((one, k) => {
        const { name, shape, columns } = one;
        const w = shape[2] ?? 1;
        const scale = Math.max(1, Math.min(8, Math.round(10.6 / Math.sqrt(w))));
        const wide = columns * (w + (w > 1 ? 1 : 0)) - (w > 1 ? 1 : 0);
        const style = `--pixels:${wide};--scale:${scale}`;
        const tiles = h("div", { class: "lv-layer", style }, one.canvas, one.mark);
        points(tiles, (event) => spot(k, event));
        const about = [h("b", {}, name), h("br"), shape.join(" × ")];
        return h("div", { "aria-hidden": true }, h("p", { class: "lv-about" }, ...about), tiles);
      }),
    );
    const layersNamed = layers.map(({ name, shape }) => `${name}, ${sized(shape)}`).join("; ");
    maps.setAttribute(
      "aria-label",
      `${layersNamed}; arrow keys move from map to map, page keys from layer to layer, enter goes into a map`,
    );
  }

  function paint() {
    draw(shownImage, pictured(shown.image.values, shown.image.shape, shades));
    for (const one of layers) {
      const shape = single(one) ? [one.shape[0], 1, 1] : one.shape;
      draw(one.canvas, tiled(one.values, shape, one.columns, colourIn(one)));
    }
    point();
  }

  /** The bars and numbers of the classes, and the answer in words. */
  function tally() {
    const { labels, scores } = shown;
    const sure = chances(scores);
    const best = Math.max(...sure);
    if (bars.rows.length !== labels.length) bars.replaceChildren(...labels.map(barOf));
    labels.forEach((name, k) => {
      const { cells, classList, style } = bars.rows[k];
      classList.toggle("lv-on", sure[k] === best);
      style.setProperty("--p", sure[k].toFixed(3));
      for (const [cell, text] of [name, percent(sure[k]), brief(scores[k])].entries())
        write(cells[cell].lastChild, text);
    });
    write(answer, answered(shown));
  }
  const barOf = () =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("span")),
      h("td", {}, h("i"), h("span")),
      h("td", {}, h("span")),
    );

  /** The colours of the page as it is now. */
  function look() {
    const paper = paperOf(root);
    shades = colours32(blend([paper, colourOf(root, "color")]));
    all = signs(paper);
    tints = colours32(all);
    pad.look(shades);
    paint();
  }

  function show(state) {
    waits = false;
    const { image } = state;
    shown = { ...state, image: { ...image, values: unpack(image) } };
    const same = layers.map(({ name, shape }) => [name, shape]);
    const made = Object.entries(state.maps).map(([name, packed]) => {
      const values = ranged(packed);
      const most = values.reduce((m, x) => Math.max(m, Math.abs(x)), 0) || 1;
      const { shape } = packed;
      return { name, shape, values, most, field: fields[name], columns: across(shape[0]) };
    });
    const alike = `${same}` === `${made.map(({ name, shape }) => [name, shape])}`;
    layers = made.map((one, k) => ({
      ...(alike ? { canvas: layers[k].canvas, mark: layers[k].mark } : {}),
      ...(alike ? {} : { canvas: canvas(), mark: div("here") }),
      ...one,
    }));
    if (!alike) {
      chosen = { layer: 0, map: 0, cell: null };
      layout();
    }
    if (!state.n) pad.load(unpack(state.drawing), state.drawing.shape, image.shape.slice(1));
    const [C, H, W] = image.shape;
    sheet.style.setProperty("--shape", W / H);
    const channels = C > 1 ? `${C} × ` : "";
    write(drawnAs, pad.el.tabIndex ? "drawing" : "draw here");
    write(shownAs, `${state.normalise ? "normalised: " : "shown: "}${channels}${H} × ${W}`);
    tally();
    if (all.length) paint();
    if (state.n) say(answer.textContent);
    if (drawn) run();
  }

  // --- to keep --------------------------------------------------------------------------------
  /** The open map, a row of it in a line. */
  function matrix() {
    const { layer, map } = at();
    const one = layers[layer];
    const [rows, columns] = laid(one);
    const from = single(one) ? 0 : map * rows * columns;
    const lines = Array.from({ length: rows }, (_, i) => [
      i + 1,
      ...Array.from({ length: columns }, (__, j) => {
        const value = one.values[from + i * columns + j];
        return value === undefined ? "" : fixed(value);
      }),
    ]);
    const head = Array.from({ length: columns }, (_, j) => j + 1);
    return [[`${one.name}, row \\ column`, ...head], ...lines];
  }

  /** Every number: of the scores, and of all maps. */
  function rows() {
    const sure = chances(shown.scores);
    const said = shown.labels.map((name, k) => ["score", name, "", "", shown.scores[k], sure[k]]);
    const values = layers.flatMap(({ name, shape, values }) => {
      const [, tall = 1, wide = 1] = shape;
      return Array.from(values, (value, k) => [
        name,
        Math.floor(k / (tall * wide)) + 1,
        (Math.floor(k / wide) % tall) + 1,
        (k % wide) + 1,
        value,
        "",
      ]);
    });
    return [["layer", "map", "row", "column", "value", "probability"], ...said, ...values];
  }

  function svg() {
    const { ink, paper } = inks(root);
    const high = 224;
    let x = 16;
    const panel = (name, on, width, height) => {
      const at = x;
      x += Math.max(width, 8 * name.length) + 24;
      return [
        textAt(at, 48, name),
        `<image x="${at}" y="58" width="${width}" height="${height}" href="${on.toDataURL()}" preserveAspectRatio="none" style="image-rendering:pixelated"/>`,
        `<rect x="${at}" y="58" width="${width}" height="${height}" fill="none" stroke="${ink}" stroke-opacity=".3"/>`,
      ];
    };
    const panels = [
      panel("drawing", pad.canvas, high, (high * pad.canvas.height) / pad.canvas.width),
      panel(
        shownAs.textContent,
        shownImage,
        high / 2,
        (high / 2 / shownImage.width) * shownImage.height,
      ),
      ...layers.map(({ name, shape, canvas }) => {
        const scale = high / Math.max(canvas.height, canvas.width);
        return panel(
          `${name} ${sized(shape)}`,
          canvas,
          canvas.width * scale,
          canvas.height * scale,
        );
      }),
    ].flat();
    const sure = chances(shown.scores);
    const bar = (p, y) =>
      `<rect x="${x + 40}" y="${y - 11}" width="${80 * p}" height="12" fill="${ink}"/>`;
    const said = shown.labels.flatMap((name, k) => {
      const y = 70 + 22 * k;
      return [textAt(x, y, name), bar(sure[k], y), textAt(x + 130, y, percent(sure[k]))];
    });
    const tall = Math.max(high + 58, 70 + 22 * shown.labels.length);
    const sentence = textAt(16, tall + 28, answer.textContent, 'font-weight="bold"');
    return picture(title, x + 210, tall + 44, { ink, paper }, [...panels, ...said, sentence]);
  }

  el.append(root);
  show(model.get("state"));
  onTheme(look, signal);
  const size = new ResizeObserver(() => {
    size.disconnect();
    if (!all.length) look();
  });
  size.observe(root);
  if (root.isConnected) look();
  signal.addEventListener("abort", () => size.disconnect());
  if (!chat) model.on("change:state", () => show(model.get("state")));
}

export default { render };
