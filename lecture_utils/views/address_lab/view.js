// The address lab: a small memory, a query, and every dial between a soft and a hard address.

import { inks } from "../shared/colours.js";
import {
  announcer,
  tries as attempts,
  button,
  choice,
  div,
  group,
  h,
  root as rootOf,
  slider,
  write,
} from "../shared/dom.js";
import { isCommand } from "../shared/grid.js";
import { picture, saves, textAt } from "../shared/save.js";
import { peak } from "../shared/weights.js";
import { brief, clip, fixed, listed } from "../shared/words.js";
import { address, parse, told } from "./address.js";
import { plane } from "./plane.js";

/** @param {{model: import("../shared/talk.js").Model, el: HTMLElement, signal?: AbortSignal}} home */
function render({ model, el, signal = new AbortController().signal }) {
  const LARGEST = 100;
  const ENDS = [1, -2]; // powers of ten of the softest and the hardest temperature; behind it is arg max
  let state, start, now, made; // what was given; where "start again" leads; what is shown; its weights
  let steps, at, flat, fresh; // presses of step; the field that has the tab stop; two features; to fill

  // --- the parts ------------------------------------------------------------------------------
  const presets = h("div");
  const head = h("thead");
  const body = h("tbody");
  const table = h("table", { "aria-label": "query, slots and read" }, head, body);
  const status = h("p", { class: "lv-status lv-wrong", role: "status" });
  const pad = plane(ask);
  const frame = div("frame", table);
  const reading = h("p", { class: "lv-reading" });
  const count = h("span", { class: "lv-word" });
  const dials = div("dials");
  const again = button("start again", "start again, as the preset began", () => load(start, true));
  const stepper = group(
    "step",
    button("step", "step: this address becomes the one before", step),
    again,
    count,
  );

  // --- the dials ------------------------------------------------------------------------------
  const [soft, hard] = ENDS;
  const sliders = {};

  /** A slider that draws the lab anew. get() gives its position, set(position) takes it. */
  function dial(name, label, ends, range, get, set, text) {
    const turn = (position) => {
      set(position);
      draw(true);
    };
    const { el, put } = slider(label, range, turn, text, ends);
    sliders[name] = () => put(get());
    return el;
  }
  const put = (name) => (value) => {
    now[name] = value;
  };
  const direct = (name) => [() => now[name], put(name)];
  const kinds = ["dot product", "cosine"];
  const moves = ["−1", "0", "+1"];
  function build() {
    const score = choice("score", kinds, (i) => {
      now.cosine = i > 0;
      draw(true);
    });
    const move = choice("shift", moves, (i) => {
      now.shift = i - 1;
      draw(true);
    });
    sliders.choices = () => {
      score.querySelectorAll("input")[+now.cosine].checked = true;
      move.querySelectorAll("input")[now.shift + 1].checked = true;
    };
    const row = (label, choice) => div("dial", h("span", {}, label), choice);
    const place = () => Math.round((100 * (Math.log10(now.temperature) - soft)) / (hard - soft));
    const temperature = dial(
      "temperature",
      "temperature",
      ["soft", "hard"],
      [0, 101, 1],
      () => (now.temperature ? Math.max(0, Math.min(100, place())) : 101),
      (k) => (now.temperature = k > 100 ? 0 : 10 ** (soft + (k / 100) * (hard - soft))),
      () => (now.temperature ? `T = ${now.temperature.toPrecision(2)}` : "hard, arg max"),
    );
    dials.replaceChildren(
      row("score", score),
      temperature,
      ...(!state.location
        ? []
        : [
            dial("gate", "gate g", ["before", "content"], [0, 1, 0.01], ...direct("gate"), () =>
              fixed(now.gate),
            ),
            row("shift", move),
            dial(
              "blur",
              "blur of the shift",
              ["none", "even"],
              [0, 1 / 3, 1 / 300],
              ...direct("blur"),
              () => `s = ${listed(made.kernel)}`,
            ),
            dial("sharpen", "sharpening γ", ["1", "20"], [1, 20, 0.1], ...direct("sharpen"), () =>
              now.sharpen.toFixed(1),
            ),
          ]),
    );
  }

  // --- the numbers: one tab stop, arrows inside -------------------------------------------------
  const row = (i) => (i ? now.memory[i - 1] : now.query);
  const field = (i, k) => body.rows[i].cells[k + 1].firstChild;

  function layout() {
    const D = now.query.length;
    const columns = state.location
      ? ["score", "by content", "before", "weight"]
      : ["score", "weight"];
    const kind = (text) => ({ weight: "lv-weight", "by content": "lv-extra" })[text];
    const th = (text, scope, attributes) => h("th", { scope, ...attributes }, text);
    head.replaceChildren(
      h(
        "tr",
        {},
        th("slot", "col"),
        th("content", "colgroup", { colspan: D }),
        ...columns.map((text) => th(text, "col", { class: kind(text) })),
      ),
    );
    const cell = (i, k) => {
      const name = i ? now.slots[i - 1] : "query";
      const input = h("input", {
        type: "text",
        inputmode: "decimal",
        autocomplete: "off",
        size: 4,
        "aria-label": `${name}, feature ${k + 1}`,
        tabindex: i || k ? -1 : 0,
      });
      input.oninput = () => edit(i, k, input.value);
      input.onfocus = () => {
        focus(i, k);
        input.select();
      };
      input.onblur = () => restore(i, k);
      return h("td", {}, input);
    };
    const line = (i, name) => h("tr", {}, th(name, "row"), ...now.query.map((_, k) => cell(i, k)));
    const asked = line(0, "query");
    asked.append(h("td", { colspan: columns.length }));
    const last = h(
      "tr",
      {},
      th("read r", "row"),
      ...now.query.map(() => h("td")),
      h("td", { colspan: columns.length }),
    );
    body.replaceChildren(
      asked,
      ...now.slots.map((name, i) => {
        const tr = line(i + 1, name);
        tr.append(
          ...columns.map((text) =>
            h("td", { class: kind(text) }, text === "weight" && h("i"), h("span")),
          ),
        );
        return tr;
      }),
      last,
    );
    at = [0, 0];
  }

  function focus(i, k) {
    field(...at).tabIndex = -1;
    at = [i, k];
    field(i, k).tabIndex = 0;
  }

  function edit(i, k, text) {
    const { value, wrong } = parse(text, LARGEST);
    field(i, k).setAttribute("aria-invalid", !!wrong);
    status.textContent = wrong && `${clip(text, 20)} ${wrong}. Still in use: ${fixed(row(i)[k])}.`;
    if (wrong) return;
    row(i)[k] = value;
    stretch();
    draw(true, field(i, k));
  }

  function restore(i, k) {
    const input = field(i, k);
    const text = brief(row(i)[k]);
    if (input.value !== text) input.value = text;
    if (input.getAttribute("aria-invalid") !== "true") return;
    input.setAttribute("aria-invalid", false);
    status.textContent = "";
  }

  const nudge = (x, by) => Math.max(-LARGEST, Math.min(LARGEST, Math.round(100 * (x + by)) / 100));
  table.addEventListener("keydown", (event) => {
    if (isCommand(event) || event.target.tagName !== "INPUT") return;
    const [i, k] = at;
    const { selectionStart, selectionEnd, value } = event.target;
    const go = (di, dk) => body.rows[i + di]?.cells[k + dk + 1]?.firstChild?.focus?.();
    const turn = (by) => {
      row(i)[k] = nudge(row(i)[k], by);
      restore(i, k);
      stretch();
      draw(true);
    };
    const act = {
      ArrowUp: () => go(-1, 0),
      ArrowDown: () => go(1, 0),
      ArrowLeft: selectionStart === 0 && (() => go(0, -1)),
      ArrowRight: selectionEnd === value.length && (() => go(0, 1)),
      Home: () => field(i, 0).focus(),
      End: () => field(i, now.query.length - 1).focus(),
      PageUp: () => turn(0.1),
      PageDown: () => turn(-0.1),
      Escape: () => restore(i, k),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  /** The query at another point, or where it began. */
  function ask(point, limit = LARGEST) {
    const most = Math.min(LARGEST, limit);
    const inside = (v) => Math.max(-most, Math.min(most, nudge(v, 0)));
    fresh = true;
    now.query = point ? point.map(inside) : start.query.map(inside);
    draw(true);
  }

  /** A number was typed: it is written anew, and the plane makes room for it. */
  function stretch() {
    fresh = true;
    if (flat) pad.plot(now);
  }

  // --- drawing --------------------------------------------------------------------------------
  /** Weights, words and everything that shows them. changed: by the reader; typed: the field he types in. */
  function draw(changed, typed) {
    made = address(now);
    const { scores, content, weights, read } = made;
    const most = peak(weights);
    const values = state.location ? [scores, content, now.previous, weights] : [scores, weights];
    const D = now.query.length;
    now.slots.forEach((_, i) => {
      const { cells } = body.rows[i + 1];
      for (const [c, list] of values.entries()) write(cells[D + 1 + c].lastChild, brief(list[i]));
      cells[cells.length - 1].firstChild.style.setProperty("--p", weights[i].toFixed(4));
      cells[0].classList.toggle("lv-on", weights[i] === most);
    });
    if (fresh) fill(typed);
    const last = body.lastChild.cells;
    for (const [k, x] of read.entries()) write(last[k + 1], brief(x));
    write(last[D + 1], `sum ${fixed(weights.reduce((a, b) => a + b))}`);
    if (flat) pad.place(now, made);
    for (const show of Object.values(sliders)) show();
    write(count, steps ? `after ${steps} ${steps > 1 ? "steps" : "step"}` : "");
    const text = told(now.slots, weights, read);
    write(reading, text);
    if (!changed) return;
    say(text);
    tell();
  }
  /** The numbers that a reader can edit, and their tints. */
  function fill(typed) {
    fresh = false;
    const high = Math.max(1e-9, ...now.memory.flat().map(Math.abs));
    for (let i = 0; i <= now.slots.length; i++)
      row(i).forEach((value, k) => {
        const input = field(i, k);
        if (input !== typed) restore(i, k);
        if (!i) return;
        input.dataset.sign = value < 0 ? "-" : "+";
        input.style.setProperty("--v", Math.abs(value / high).toFixed(3));
      });
  }

  // --- what the reader does, and what the kernel hears ------------------------------------------
  function step() {
    now.previous = made.weights;
    steps += 1;
    draw(true);
  }

  let timer;
  let turn = 0;
  /** After a pause, tell the kernel, where there is one, what is set. */
  function tell() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      model.set("request", { n: ++turn, ...structuredClone(now) });
      model.save_changes();
    }, 200);
  }

  const KEYS = [
    "memory",
    "query",
    "previous",
    "slots",
    "cosine",
    "temperature",
    "gate",
    "shift",
    "blur",
    "sharpen",
  ];
  function load(setting, changed) {
    const same =
      now && now.query.length === setting.query.length && `${now.slots}` === `${setting.slots}`;
    start = setting;
    now = structuredClone(Object.fromEntries(KEYS.map((key) => [key, setting[key]])));
    steps = 0;
    status.textContent = "";
    flat = now.query.length === 2;
    pad.el.toggleAttribute("hidden", !flat);
    stretch();
    if (!same) layout();
    draw(changed);
  }

  function svg() {
    const { ink, paper, query } = inks(root);
    const lines = [
      ["query", now.query],
      ...now.slots.map((name, i) => [name, now.memory[i], made.weights[i]]),
      ["read r", made.read],
    ];
    const x = 20 + 8 * Math.max(...lines.map(([name]) => name.length));
    const from = x + 52 * now.query.length + 16;
    const end = 'text-anchor="end"';
    const bar = (weight, y) =>
      `<rect x="${from}" y="${y - 12}" width="${200 * weight}" height="14" fill="${query}"/>` +
      textAt(from + 200 * weight + 6, y, fixed(weight));
    return picture(state.title, from + 260, 52 + 24 * lines.length, { ink, paper }, [
      ...lines.flatMap(([name, list, weight], i) => {
        const y = 52 + 24 * i;
        const numbers = list.map((v, k) => textAt(x + 52 * k + 44, y, fixed(v), end));
        return [textAt(x - 8, y, name, end), ...numbers, weight !== undefined && bar(weight, y)];
      }),
    ]);
  }

  function rows() {
    const features = now.query.map((_, k) => `feature ${k + 1}`);
    const exact = (list) => list.map((x) => +x.toFixed(6));
    const { scores, content, weights, read } = made;
    return [
      ["slot", ...features, "score", "by content", "before", "weight"],
      ["query", ...exact(now.query), "", "", "", ""],
      ...now.slots.map((name, i) => [
        name,
        ...exact([...now.memory[i], scores[i], content[i], now.previous[i], weights[i]]),
      ]),
      ["read r", ...exact(read), "", "", "", ""],
    ];
  }

  function begin() {
    state = model.get("state");
    stepper.hidden = !state.location;
    const chosen = [{ ...state, label: "as given" }, ...state.presets];
    /** @type {[string, () => void][]} */
    const labelled = chosen.map((preset) => [preset.label, () => load(preset, true)]);
    presets.replaceChildren(...(state.presets.length ? [attempts(labelled)] : []));
    now = null;
    build();
    load(state);
  }

  state = model.get("state");
  const root = rootOf(
    ...[
      "address of a query",
      state.title,
      presets,
      div("lab", pad.el, frame),
      status,
      dials,
      reading,
    ],
    div("tools", stepper, saves("address", svg, rows)),
  );
  const say = announcer(root);
  begin();
  el.append(root);
  model.on("change:state", begin);
  signal.addEventListener("abort", () => clearTimeout(timer));
}

export default { render };
