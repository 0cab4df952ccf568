// The view of channel gates: their means by class beside their spread within one, how far two classes
// differ, and one image's own gates, which a reader can hold.

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
  svgNode,
  tabled,
  write,
} from "../shared/dom.js";
import { roving, under } from "../shared/grid.js";
import { pad as padOf } from "../shared/pad.js";
import { colours32, draw, tiled } from "../shared/pixels.js";
import { canvasAt, picture, saves, textAt } from "../shared/save.js";
import { steadily, talk, whom } from "../shared/talk.js";
import { peak, unpack } from "../shared/weights.js";
import { fixed } from "../shared/words.js";
import {
  answeredHeld,
  apart,
  cell,
  heldWords,
  ordered,
  overall,
  pooled,
  SORTS,
  told,
  values,
} from "./words.js";

const HOLDS = ["", "off", "mean"];
const HOLD_NAMES = ["as computed", "off", "at the mean"];
const MANY = 12; // classes that are named at the rows of a map

/** A box from x to x + 1 as a part of a path; y grows downwards. */
const box = (x, top, tall, wide = 1) =>
  `M${x + (1 - wide) / 2} ${top.toFixed(4)}h${wide}v${tall.toFixed(4)}h${-wide}z`;

/** @param {{model: import("../shared/talk.js").Model, el: HTMLElement, signal?: AbortSignal}} home */
function render({ model, el, signal = new AbortController().signal }) {
  const { title, who, asks, labels, counts, examples, ...first } = model.get("state");
  const K = labels.length;
  const layers = Object.entries(first.layers).map(([name, { mean, spread }]) => ({
    ...{ name, C: mean.shape[1], mean: unpack(mean), spread: unpack(spread) },
  }));
  const draws = asks.length > 0 && first.image?.shape[0] === 1;
  /** @type {Record<string, any>} */
  let shown = first;
  let layer = layers[0];
  let sort = 0;
  let pair = first.pair;
  let order = ordered(layer, counts, pair, sort);
  /** @type {number[] | null} class, and place among the sorted channels */
  let chosen = null;
  /** @type {number[] | null} */
  let over = null; // what the pointer is at
  /** @type {Map<string, string[]>} */
  const held = new Map();
  let asked = ""; // what was held in the last request, in words
  let [label] = asks;
  let tints = colours32([]);
  let inked = ""; // a square of the drawing, by keys, in words

  // --- the parts ------------------------------------------------------------------------------
  const pad = padOf({
    draws,
    say(text) {
      inked = `${text}. `;
      say(text);
    },
    changed: (ended) => asking.changed(ended),
  });
  const scores = scoreTable();
  const answer = h("p", { class: "lv-answer" });
  const status = h("p", { class: "lv-status" }, first.message);
  const reading = h("p", { class: "lv-reading" });
  const parts = ["mean", "spread", "apart", "own"].map((kind, i) => {
    const plot = i < 2 ? h("canvas") : svgNode("svg", { preserveAspectRatio: "none" });
    const mark = div("here");
    const sides = div(
      "names",
      ...(i < 2 && K <= MANY ? labels.map((name) => h("span", {}, name)) : []),
    );
    const about = h("p", { class: "lv-about" });
    const field = h("div", { class: `lv-gate lv-${i < 2 ? "gatemap" : "gatebars"}` }, plot, mark);
    return { kind, plot, mark, sides, about, field };
  });
  const [meanPart, spreadPart, apartPart, ownPart] = parts;
  const panels = parts.map(({ kind, about, sides, field }) =>
    h("div", { class: `lv-by-${kind}`, "aria-hidden": true }, about, div("gaterow", sides, field)),
  );
  if (!first.image) panels.pop();
  const plane = h(
    "div",
    { class: "lv-gates", tabindex: 0, role: "application", "aria-roledescription": "gates" },
    ...panels,
  );
  plane.style.setProperty("--rows", K);
  const longest = K > MANY ? 0 : Math.max(...labels.map((name) => name.length));
  plane.style.setProperty("--side", `${Math.min(4.5, 0.6 * longest)}rem`);
  const select = (name, options, change, at = 0) =>
    h(
      "label",
      { class: "lv-group" },
      h("span", {}, name),
      h(
        "select",
        { "aria-label": name, onchange: (event) => change(event.target.selectedIndex) },
        ...options.map((text, i) => h("option", { selected: i === at }, text)),
      ),
    );
  const layerField = select(
    "layer",
    layers.map(({ name }) => name),
    chooseLayer,
  );
  const versus = (i) => (k) => {
    pair = pair.map((other, j) => (i === j ? k : other));
    arrange();
  };
  const compared = [0, 1].map((i) => select(i ? "with" : "compare", labels, versus(i), pair[i]));
  const sorted = choice("sort channels by", SORTS, (i) => {
    sort = i;
    arrange();
  });
  const holds = (name, change) => choice(name, HOLD_NAMES, (i) => change(HOLDS[i]));
  const one = holds("hold this channel", (how) => hold([channel() ?? 0], how));
  const oneAs = h("span");
  const all = holds("hold all channels of the layer", (how) => hold(order, how));
  const holder = div(
    "hold",
    group("hold one channel", oneAs, one),
    group("hold a layer", h("span", {}, "all its channels"), all),
    button("let go", "let go of all that is held", letGo),
  );
  const rowsOf = tabled("table", "table of the gates", table);
  const onsubmit = (event) => {
    event.preventDefault();
    run();
  };
  const chooseWhom = (name) => {
    label = name;
    run();
  };
  const controls = [
    h("button", {}, "look"),
    ...pad.controls(examples, run),
    whom(asks, chooseWhom, who),
    status,
  ];
  const panel = (name, about, part) => div(name, h("p", { class: "lv-about" }, about), part);
  const looks = first.image && [
    panel("drawn", draws ? "draw here" : "image", pad.el),
    panel("said", "scores", scores.el),
  ];
  const [least, most] = [h("span", {}, "0"), h("span", {}, "1")];
  const ends = h("i");
  const root = rootOf(
    ...["channel gates", title],
    asks.length ? h("form", { class: "lv-ask", onsubmit }, ...controls) : status,
    first.image && answer,
    div("frame", looks && div("looks", ...looks), plane),
    div(
      "choose",
      layers.length > 1 && layerField,
      group("sort", h("span", {}, "sort by"), sorted),
      group("compare two classes", ...compared),
    ),
    asks.length > 0 && holder,
    reading,
    div(
      "tools",
      group("colours", least, ends, most),
      saves("channel-gates", svg, rows, rowsOf.toggle),
    ),
    rowsOf.table,
  );
  root.classList.add("lv-images");
  const say = announcer(root);

  // --- the talk -------------------------------------------------------------------------------
  function request() {
    asked = heldWords(held);
    const numbers = [...held].map(([name, list]) => {
      const own = layers.find((each) => each.name === name) ?? layer;
      return [name, values(list, overall(own, counts))];
    });
    return { label, ...pad.drawing(), held: Object.fromEntries(numbers) };
  }
  const chat =
    asks.length > 0 &&
    talk({
      ...{ model, signal, status, busy: "Looking …", show, request },
      still: stillAnswered,
      mark(failure) {
        if (failure) say(status.textContent);
      },
    });
  const asking = steadily(() => chat?.run());
  function run() {
    asking.run();
  }

  // --- what is held ---------------------------------------------------------------------------
  /** @param {number[]} channels @param {string} how */
  function hold(channels, how) {
    const list = held.get(layer.name) ?? Array(layer.C).fill("");
    for (const c of channels) list[c] = how;
    held.delete(layer.name);
    if (list.some(Boolean)) held.set(layer.name, list);
    point();
    run();
  }
  function letGo() {
    held.clear();
    point();
    run();
  }
  const check = (choices, how) => {
    const inputs = choices.querySelectorAll("input");
    for (const [i, input] of inputs.entries()) input.checked = HOLDS[i] === how;
  };

  // --- what is pointed at ---------------------------------------------------------------------
  const at = () => over ?? chosen;
  /** The channel that a reader has chosen. */
  const channel = () => (chosen ? order[chosen[1]] : null);
  function words() {
    const place = at();
    if (!place) return told(layer, labels, pair);
    const [k, i] = place;
    const c = order[i];
    const own = shown.gates ? ` This image: ${fixed(unpack(shown.gates[layer.name])[c])}` : "";
    const after = shown.after ? `, held ${fixed(unpack(shown.after.gates[layer.name])[c])}` : "";
    return `${cell(layer, labels, k, c)}${own}${own && `${after}.`}`;
  }

  function point() {
    const place = at();
    for (const { kind, mark } of parts) {
      mark.hidden = !place;
      if (!place) continue;
      const [k, i] = place;
      const row = kind === "mean" || kind === "spread" ? [k / K, 1 / K] : [0, 1];
      lay(mark, [row[0], i / layer.C, row[1], 1 / layer.C]);
    }
    for (const { sides } of [meanPart, spreadPart])
      for (const [k, side] of [...sides.children].entries())
        side.classList.toggle("lv-on", place?.[0] === k);
    const c = channel();
    const list = held.get(layer.name);
    write(oneAs, `channel ${(c ?? 0) + 1}`);
    check(one, list?.[c ?? 0] ?? "");
    check(all, list && new Set(list).size === 1 ? list[0] : list ? null : "");
    const more = ` ${hint("a gate, or press the arrow keys.")}`;
    write(reading, words() + (place ? "" : more));
  }

  /** @param {number[] | null} place */
  function choose(place) {
    [over, chosen] = [null, place];
    point();
    say(words());
  }

  for (const [i, { field }] of parts.entries()) {
    /** @param {PointerEvent} event */
    const spot = (event) => {
      const [k, j] = under(field, event, [K, layer.C]);
      return [i < 2 ? k : (at()?.[0] ?? pair[0]), j];
    };
    const hover = (place) => {
      over = place;
      point();
    };
    field.onpointermove = (event) => hover(spot(event));
    field.onpointerleave = () => hover(null);
    field.onclick = (event) => choose(spot(event));
  }
  roving(plane, {
    size: () => [K, layer.C],
    at: () => chosen,
    go: choose,
    page: (by) =>
      chooseLayer(Math.max(0, Math.min(layers.length - 1, layers.indexOf(layer) + by)), true),
    clear: () => choose(null),
  });
  plane.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    if (!asks.length) return;
    chosen ??= [0, 0];
    const c = order[chosen[1]];
    const how = held.get(layer.name)?.[c] ?? "";
    hold([c], HOLDS[(HOLDS.indexOf(how) + 1) % HOLDS.length]);
  });

  // --- drawing --------------------------------------------------------------------------------
  /** @param {number} i */
  function chooseLayer(i, aloud = false) {
    layer = layers[i];
    layerField.querySelector("select").selectedIndex = i;
    [chosen, over] = [null, null];
    arrange();
    if (aloud) say(words());
  }

  /** The channels of the layer in their order. */
  function arrange() {
    order = ordered(layer, counts, pair, sort);
    const { name, C } = layer;
    const keys = "arrow keys move from gate to gate, page keys from layer to layer";
    const holding = asks.length ? ", space holds one off, at the mean, or lets it go" : "";
    plane.setAttribute(
      "aria-label",
      `${name}: gates of ${K} classes and ${C} channels; ${keys}${holding}`,
    );
    paint();
  }

  /** @param {Float32Array} list by class and channel @param {number} most */
  function map(on, list, most) {
    const { C } = layer;
    const sorted = labels.flatMap((_, k) => order.map((c) => list[k * C + c]));
    draw(
      on,
      tiled(sorted, [1, K, C], 1, (x) => tints[Math.round((255 * x) / most)]),
    );
  }

  /** @param {any} plot @param {[string, string][]} marks paths and what fills them */
  function bars(plot, marks) {
    plot.setAttribute("viewBox", `0 0 ${layer.C} 1`);
    plot.replaceChildren(...marks.map(([d, fill]) => svgNode("path", { d, fill })));
  }

  function paint() {
    if (!tints.length) return;
    const { mean, spread, C } = layer;
    map(meanPart.plot, mean, 1);
    const widest = peak(spread) || 1;
    map(spreadPart.plot, spread, widest);
    write(meanPart.about, "mean of each class, 0 to 1");
    write(spreadPart.about, `spread within each class, 0 to ${fixed(widest)}`);
    const differ = apart(layer, pair);
    const within = pooled(layer, pair);
    const top = Math.max(peak(differ.map(Math.abs)), peak(within)) || 1;
    const [a, b] = pair.map((k) => `“${labels[k]}”`);
    write(
      apartPart.about,
      `${a} minus ${b}: bars, -${fixed(top)} to ${fixed(top)}; pale: the spread within`,
    );
    const at = (x) => 0.5 - x / (2 * top);
    const bar = (sign) =>
      order.map((c, i) => {
        const d = differ[c];
        return d * sign > 0 ? box(i, Math.min(at(d), 0.5), Math.abs(d) / (2 * top), 0.6) : "";
      });
    bars(apartPart.plot, [
      [order.map((c, i) => box(i, at(within[c]), within[c] / top)).join(""), "var(--line)"],
      [bar(1).join(""), "var(--query)"],
      [bar(-1).join(""), "var(--key)"],
    ]);
    if (shown.gates) own(mean, spread, C);
    point();
    rowsOf.tabulate();
  }

  /** The image's own gates, over those of the class that it is answered to be. */
  function own(mean, spread, C) {
    const k = shown.scores.indexOf(Math.max(...shown.scores));
    const mine = unpack(shown.gates[layer.name]);
    const then = shown.after && unpack(shown.after.gates[layer.name]);
    const changed = then ? "; bars: what holding changes" : "";
    write(ownPart.about, `this image: lines, “${labels[k]}”: pale, 0 to 1${changed}`);
    const moved = (c, i) =>
      then && Math.abs(then[c] - mine[c]) > 1e-3
        ? box(i, 1 - then[c], Math.max(0.03, then[c]), 0.4)
        : "";
    const line = (x, i, wide) => box(i, Math.min(0.97, Math.max(0, 0.985 - x)), 0.03, wide);
    const band = (c, i) => {
      const [m, s] = [mean[k * C + c], spread[k * C + c]];
      const [low, high] = [Math.max(0, m - s), Math.min(1, m + s)];
      return box(i, 1 - high, Math.max(0.03, high - low));
    };
    bars(ownPart.plot, [
      [order.map(band).join(""), "var(--line)"],
      [order.map((c, i) => line(mine[c], i, 0.8)).join(""), "var(--ink)"],
      [order.map(moved).join(""), "var(--query)"],
    ]);
  }

  /** The colours of the page as it is now. */
  function look() {
    const paper = paperOf(root);
    const all = palette(paper);
    tints = colours32(all);
    pad.look(colours32(blend([paper, colourOf(root, "color")])));
    ends.style.background = barOf(all);
    paint();
  }

  function show(state) {
    shown = state;
    if (state.image) {
      if (!state.n)
        pad.load(unpack(state.drawing), state.drawing.shape, state.image.shape.slice(1));
      scores.show(state, state.after?.scores, ["as computed", "held"]);
      const then = state.after
        ? ` ${answeredHeld(labels, state.after.scores, asked || "gates held")}`
        : "";
      write(answer, answered({ who, labels, scores: state.scores }) + then);
      if (state.n) say(inked + answer.textContent);
    }
    inked = "";
    paint();
    asking.answered();
  }

  // --- to keep --------------------------------------------------------------------------------
  /** The layer that is shown, by channel. */
  function table() {
    const head = labels.flatMap((name) => [`mean of “${name}”`, "spread"]);
    const line = (c) =>
      labels.flatMap((_, k) =>
        [layer.mean, layer.spread].map((list) => fixed(list[k * layer.C + c])),
      );
    return [[`${layer.name}, channel`, ...head], ...order.map((c) => [c + 1, ...line(c)])];
  }

  /** Every number: of the scores, of all layers by class, and of the image. */
  function rows() {
    const head = ["layer", "channel", "class", "mean", "spread", "this image", "held"];
    const said = shown.scores?.map((score, k) => [
      ...["score", "", labels[k], "", "", score, shown.after?.scores[k] ?? ""],
    ]);
    const all = layers.flatMap(({ name, C, mean, spread }) => {
      const mine = shown.gates && unpack(shown.gates[name]);
      const then = shown.after && unpack(shown.after.gates[name]);
      return Array.from(mean, (m, k) => [
        ...[name, (k % C) + 1, labels[Math.floor(k / C)], m, spread[k]],
        ...[mine?.[k % C] ?? "", then?.[k % C] ?? ""],
      ]);
    });
    return [head, ...(said ?? []), ...all];
  }

  function svg() {
    const { ink, paper } = inks(root);
    const [left, wide] = [120, 480];
    const style = getComputedStyle(root);
    let y = 48;
    const marks = parts.slice(0, shown.gates ? 4 : 3).flatMap(({ plot, about }, i) => {
      const [tall, top] = [i < 2 ? Math.max(60, 14 * K) : 80, y + 8];
      const name = textAt(left, y, about.textContent);
      y += tall + 36;
      if (i < 2) {
        const step = tall / K;
        const sides =
          K <= MANY ? labels.map((text, k) => textAt(8, top + step * (k + 0.7), text)) : [];
        return [name, ...sides, canvasAt(plot, [left, top, wide, tall], ink)];
      }
      const paths = [...plot.children].map((path) => {
        const colour = style.getPropertyValue(path.getAttribute("fill").slice(4, -1)) || ink;
        return `<path d="${path.getAttribute("d")}" fill="${colour}"/>`;
      });
      const fit = `translate(${left} ${top}) scale(${wide / layer.C} ${tall})`;
      return [name, `<g transform="${fit}">${paths.join("")}</g>`];
    });
    const [said] = shown.scores ? scoreMarks(shown, left + wide + 24, 70, ink) : [[]];
    const sentence = textAt(8, y + 8, `${layer.name}. ${answer.textContent}`);
    return picture(title, left + wide + 240, y + 24, { ink, paper }, [...marks, ...said, sentence]);
  }

  el.append(root);
  show(model.get("state"));
  arrange();
  coloured(root, look, signal);
  if (!chat) model.on("change:state", () => show(model.get("state")));
}

export default { render };
