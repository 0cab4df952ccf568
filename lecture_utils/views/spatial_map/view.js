// The view of maps over an image: masks and addresses, stage by stage, and a scene that a reader
// composes for the network to answer.

import { answered, scoreMarks, scoreTable, stillAnswered } from "../shared/classes.js";
import { barOf, blend, coloured, colourOf, inks, palette, paperOf } from "../shared/colours.js";
import {
  announcer,
  button,
  choice,
  div,
  group,
  h,
  hint,
  lay,
  root as rootOf,
  slider,
  svgNode,
  tabled,
  write,
} from "../shared/dom.js";
import { roving, under } from "../shared/grid.js";
import { colours32, draw, pictured, tiled } from "../shared/pixels.js";
import { canvasAt, picture, saves, textAt } from "../shared/save.js";
import { steadily, talk, whom } from "../shared/talk.js";
import { ranged, unpack } from "../shared/weights.js";
import { coverage, mean, outline, row } from "./places.js";
import { inked, stamps } from "./stamps.js";
import { small, told } from "./words.js";

const part = (x) => `${Math.round(100 * x)} %`;

/** @param {{model: import("../shared/talk.js").Model, el: HTMLElement, signal?: AbortSignal}} home */
function render({ model, el, signal = new AbortController().signal }) {
  const first = model.get("state");
  const { title, who, asks, labels, truth, message } = first;
  const size = first.image.shape;
  const [, H, W] = size;
  const composes = asks.length > 0;
  const names = Object.keys(first.maps);
  const mask = truth && unpack(truth);
  const pieces = first.pieces && { values: unpack(first.pieces), shape: first.pieces.shape };
  /** @type {Record<string, any>} */
  let shown; // the answer on the screen, its numbers unpacked
  /** @type {any[]} */
  let stages = []; // {name, queries, shape, values}
  let stage = 0;
  /** @type {number[] | null} */
  let chosen = first.query;
  /** @type {number[] | null} */
  let over = null; // the place that the pointer is at
  let own = true; // whether the colours span the range of the map, or 0 to 1
  let [shades, ramp] = [colours32([]), colours32([])]; // of images, of maps
  /** @type {number[][]} */
  let colours = [];
  let [label] = asks;
  let news = ""; // what the reader has done to the scene, in words
  const opacity = { map: first.opacity };
  /** @type {import("./stamps.js").Stamp[]} */
  let placed = (first.placed ?? []).map(([k, top, left]) => ({ k, top, left })); // what is answered
  let sent = placed; // what the network was asked about last
  let asked = false; // whether another scene than the first is answered

  // --- the parts ------------------------------------------------------------------------------
  const [shownImage, map, scratch] = Array.from({ length: 3 }, () => h("canvas"));
  const cover = div("laid", map);
  const edge = svgNode("path", { class: "lv-line" });
  const halo = svgNode("path", { class: "lv-halo" });
  const lines = svgNode(
    "svg",
    { viewBox: `0 0 ${W} ${H}`, preserveAspectRatio: "none", "aria-hidden": true },
    ...[halo, edge],
  );
  const wiped = div("wipe");
  const cursor = div("cursor");
  const sheet = h(
    "div",
    {
      ...{ class: "lv-sheet", role: "application", "aria-roledescription": "map", tabindex: 0 },
      style: `--shape:${W / H}`,
    },
    ...[shownImage, cover, lines, wiped, cursor],
  );
  const [mapAs, least, largest, key] = Array.from({ length: 4 }, () => h("span"));
  key.className = "lv-key";
  const ends = h("i");
  const reading = h("p", { class: "lv-reading" });
  const answer = h("p", { class: "lv-answer" });
  const status = h("p", { class: "lv-status" }, message);
  const numbers = tabled("table", "table of the map", matrix);
  const scores = scoreTable();

  const pad =
    composes &&
    stamps({
      ...{ pieces, names: first.names, size, placed },
      ground: first.placed ? new Float32Array(size[0] * H * W) : unpack(first.image),
      say(text) {
        news = text.endsWith(". ") ? text : `${text}. `;
        say(text);
      },
      chose: () => point(),
      changed: (ended) => asking.changed(ended),
    });

  const stageRadios = choice("map", names, (i) => turn(i), stage);
  const rowRadios = choice("weights of", ["one query", "mean of all"], (i) =>
    choose(i ? null : middle()),
  );
  const rowGroup = group("queries", rowRadios);
  const scale = (i) => {
    own = !i;
    point();
  };
  const dials = [
    slider("opacity", [0, 1, 0.05], fade, part, ["image", "map"]),
    slider("wipe", [0, 1, 0.01], wipe, part, ["map", "image"]),
  ];
  const panel = (name, about, ...parts) =>
    div(name, h("p", { class: "lv-about" }, about), ...parts);
  const onsubmit = (event) => {
    event.preventDefault();
    asking.run();
  };
  function chooseWhom(one) {
    label = one;
    asking.run();
  }
  const form =
    pad &&
    h(
      "form",
      { class: "lv-ask", onsubmit },
      h("button", {}, "look"),
      button("take away", "take away the framed piece", pad.remove),
      button("clear", "clear the scene", pad.clear),
      whom(asks, chooseWhom, who),
      status,
    );
  const how =
    "Drag a piece into the scene, or click it. In the scene it can be dragged, and taken away.";
  const root = rootOf(
    ...["spatial map", title],
    form || status,
    labels && answer,
    div(
      "frame",
      pad &&
        panel("composed", "compose here", pad.el, h("p", { class: "lv-about" }, how), pad.tray),
      panel("looked", mapAs, sheet, div("dials", ...dials.map((dial) => dial.el))),
      labels && panel("said", "scores", scores.el),
    ),
    reading,
    div(
      "tools",
      names.length > 1 && stageRadios,
      rowGroup,
      group(
        "colours",
        choice("colours span", ["own range", "0 to 1"], scale),
        least,
        ends,
        largest,
      ),
      key,
      saves("spatial-map", svg, rows, numbers.toggle),
    ),
    numbers.table,
  );
  root.classList.add("lv-images");
  root.style.setProperty("--root", Math.sqrt(W / H));
  const say = announcer(root);

  // --- the talk -------------------------------------------------------------------------------
  const chat =
    pad &&
    talk({
      ...{ model, signal, status, busy: "Looking …", show },
      request() {
        sent = pad.placed();
        return { label, ...pad.drawing(), normalise: false };
      },
      still: (state) => (labels ? stillAnswered({ ...state, labels }) : "the maps before."),
      mark(failure) {
        if (failure) say(status.textContent);
      },
    });
  const asking = steadily(() => chat?.run());

  // --- what is shown --------------------------------------------------------------------------
  /** @param {number} x */
  function fade(x) {
    opacity.map = x;
    cover.style.opacity = `${x}`;
  }
  /** @param {number} x */
  function wipe(x) {
    cover.style.clipPath = `inset(0 0 0 ${100 * x}%)`;
    wiped.style.left = `${100 * x}%`;
    wiped.hidden = !x;
  }

  /** The grid that is pointed at: of an address that of its queries. */
  const grid = () => stages[stage].queries ?? stages[stage].shape;
  const middle = () => grid().map((n) => n >> 1);
  const cellOf = () => over ?? chosen;

  /** A stage as it is shown: a map (h, w) of values. @param {any} one @param {number[] | null} cell */
  function mapOf({ values, queries, shape }, cell) {
    return queries ? row(values, [...queries, ...shape], cell) : values;
  }

  /** What is outlined: the chosen piece, what matters, or all pieces. @returns {[any, string]} */
  function outlined() {
    const one = pad && placed[pad.chosen()];
    if (one) return [inked(pieces, [one], size), "the framed piece"];
    if (mask && !asked) return [mask, "what matters"];
    if (placed.length) return [inked(pieces, placed, size), "the pieces"];
    return [null, ""];
  }

  /** What stands in a stage, in words, and how much of each place is outlined. */
  function read(one, cell) {
    const [found, called] = outlined();
    const inside = found && coverage(found, [H, W], one.shape);
    return { ...one, values: mapOf(one, cell), cell, inside, found, called };
  }

  function point() {
    const one = stages[stage];
    const cell = cellOf();
    const now = read(one, cell);
    const [tall, wide] = one.shape;
    const [low, high] = own ? [Math.min(...now.values), Math.max(...now.values)] : [0, 1];
    draw(map, tiled(now.values, [1, tall, wide], 1, colourFrom(low, high)));
    write(mapAs, `${one.name}, ${tall} × ${wide}${one.queries && cell ? ", of one query" : ""}`);
    write(least, small(low));
    write(largest, small(high));
    const path = now.found ? outline(now.found, [H, W]) : "";
    if (edge.getAttribute("d") !== path)
      for (const each of [halo, edge]) each.setAttribute("d", path);
    key.hidden = !now.found;
    write(key, now.called);
    cursor.hidden = !cell;
    if (cell) {
      const [rowsOf, columnsOf] = grid();
      lay(cursor, [cell[0] / rowsOf, cell[1] / columnsOf, 1 / rowsOf, 1 / columnsOf]);
    }
    rowGroup.hidden = !one.queries;
    rowRadios.querySelectorAll("input")[chosen ? 0 : 1].checked = true;
    stageRadios.querySelectorAll("input")[stage].checked = true;
    const keys = "arrow keys move, page keys change the map, escape shows the whole";
    sheet.setAttribute("aria-label", `${one.name}, ${grid().join(" by ")} places; ${keys}`);
    const more = cell ? "" : ` ${hint("a place, or press the arrow keys.")}`;
    write(reading, told(now) + more);
    numbers.tabulate();
  }

  /** The colour of a value between two others. */
  const colourFrom = (low, high) => {
    const by = 255 / (high - low || 1);
    return (value) => ramp[Math.max(0, Math.min(255, Math.round(by * (value - low))))];
  };

  /** @param {number[] | null} cell */
  function choose(cell) {
    over = null;
    chosen = cell;
    point();
    say(told(read(stages[stage], chosen)));
  }

  /** @param {number} i */
  function turn(i) {
    const before = grid();
    stage = i;
    const after = grid();
    const moved = (x, k) => Math.floor(((x + 0.5) * after[k]) / before[k]);
    choose(chosen?.map(moved) ?? null); // the same part of the image
  }

  sheet.onpointermove = (event) => {
    over = under(sheet, event, grid());
    point();
  };
  sheet.onpointerleave = () => {
    over = null;
    point();
  };
  sheet.onclick = (event) => choose(under(sheet, event, grid()));
  roving(sheet, {
    size: grid,
    at: () => chosen,
    go: choose,
    page: (by) => turn(Math.max(0, Math.min(stages.length - 1, stage + by))),
    clear: () => choose(null),
  });

  function paint() {
    draw(shownImage, pictured(shown.image, size, shades));
    point();
  }

  /** The colours of the page as it is now. */
  function look() {
    const paper = paperOf(root);
    shades = colours32(blend([paper, colourOf(root, "color")]));
    colours = palette(paper);
    ramp = colours32(colours);
    ends.style.background = barOf(colours);
    if (pad) pad.look(shades);
    paint();
  }

  /** A stage of an answer: a map (h, w), or an address (h, w, h', w'); of a mask of many channels
   * the mean. */
  function stageOf(name, packed) {
    const values = ranged(packed);
    const shape = packed.shape.map(Number);
    if (shape.length === 4)
      return { name, queries: shape.slice(0, 2), shape: shape.slice(2), values };
    if (shape.length === 2) return { name, queries: null, shape, values };
    return { name, queries: null, shape: shape.slice(1), values: mean(values, shape) };
  }

  function show(state) {
    shown = { ...state, image: unpack(state.image) };
    if (state.n) [placed, asked] = [sent, true];
    stages = names.map((name) => stageOf(name, state.maps[name]));
    if (labels) {
      scores.show({ labels, scores: state.scores });
      write(answer, answered({ who, labels, scores: state.scores }));
    }
    if (colours.length) paint();
    if (state.n && labels) say(news + answer.textContent);
    news = "";
    asking.answered();
  }

  // --- to keep --------------------------------------------------------------------------------
  /** The map that is shown, a row of it in a line. */
  function matrix() {
    const one = stages[stage];
    const [tall, wide] = one.shape;
    const values = mapOf(one, cellOf());
    const line = (i) => [i + 1, ...Array.from(values.subarray(i * wide, (i + 1) * wide), small)];
    return [
      [`${one.name}, row \\ column`, ...Array.from({ length: wide }, (_, j) => j + 1)],
      ...Array.from({ length: tall }, (_, i) => line(i)),
    ];
  }

  /** Every number of the maps as they are shown, and how much of its place is outlined. */
  function rows() {
    const head = ["map", "query row", "query column", "row", "column", "value", "outlined"];
    const several = stages.flatMap((one, s) => {
      const cell = one.queries && s === stage ? cellOf() : null;
      const { values, inside } = read(one, cell);
      const query = one.queries ? (cell?.map((x) => x + 1) ?? ["mean", "mean"]) : ["", ""];
      return Array.from(values, (value, k) => [
        ...[one.name, ...query, Math.floor(k / one.shape[1]) + 1, (k % one.shape[1]) + 1],
        ...[value, inside ? inside[k] : ""],
      ]);
    });
    return [head, ...several];
  }

  function svg() {
    const { ink, paper } = inks(root);
    const high = 200;
    const wide = (high * W) / H;
    const by = high / H;
    const path = edge.getAttribute("d");
    const around = `<path d="${path}" fill="none" stroke="${ink}" stroke-width="${2 / by}"`;
    const panels = [null, ...stages].map((one, k) => {
      const x = 16 + k * (wide + 16);
      const sides = [x, 58, wide, high];
      const image = textAt(x, 48, one ? one.name : "image") + canvasAt(shownImage, sides, ink);
      if (!one) return image;
      const values = mapOf(one, one === stages[stage] ? cellOf() : null);
      const [low, most] = own ? [Math.min(...values), Math.max(...values)] : [0, 1];
      draw(scratch, tiled(values, [1, ...one.shape], 1, colourFrom(low, most)));
      const laid = `<g opacity="${opacity.map}">${canvasAt(scratch, sides, ink)}</g>`;
      return `${image}${laid}<g transform="translate(${x} 58) scale(${by})">${around}/></g>`;
    });
    const end = 16 + panels.length * (wide + 16);
    const [said, tall] = labels
      ? scoreMarks({ labels, scores: shown.scores }, end, 70, ink)
      : [[], 0];
    const below = Math.max(high + 58, 70 + tall);
    const sentences = [labels ? answer.textContent : "", told(read(stages[stage], cellOf()))];
    const lines = sentences.map((text, k) => textAt(16, below + 26 + 22 * k, text ?? ""));
    const width = Math.max(end + (labels ? 210 : 0), 16 + 7 * sentences[1].length);
    return picture(title, width, below + 66, { ink, paper }, [...panels, ...said, ...lines]);
  }

  el.append(root);
  dials[0].put(opacity.map);
  dials[1].put(0);
  fade(opacity.map);
  wipe(0);
  show(first);
  coloured(root, look, signal);
  if (!chat) model.on("change:state", () => show(model.get("state")));
}

export default { render };
