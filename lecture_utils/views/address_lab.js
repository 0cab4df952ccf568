// The address lab: a small memory, a query, and every dial between a soft and a hard address.

/** From a setting to its weights and its read: the arithmetic of lecture_utils.addressing. */
function address({ memory, query, previous, cosine, temperature, gate, shift, blur, sharpen }) {
  const n = memory.length;
  const add = (list) => list.reduce((sum, x) => sum + x, 0);
  const dot = (a, b) => add(a.map((x, k) => x * b[k]));
  const size = (a) => (cosine ? Math.max(Math.sqrt(dot(a, a)), 1e-12) : 1);
  const scores = memory.map((row) => dot(row, query) / (size(row) * size(query)));
  const most = Math.max(...scores);
  const first = scores.indexOf(most);
  const parts = scores.map((e, i) => (temperature ? Math.exp((e - most) / temperature) : +(i === first)));
  const content = parts.map((p) => p / add(parts));
  const gated = content.map((w, i) => gate * w + (1 - gate) * previous[i]);
  const kernel = [-1, 0, 1].map((step) => (step === shift ? 1 - 2 * blur : blur));
  const shifted = gated.map((_, i) => add(kernel.map((s, k) => s * gated[(i + 1 - k + n) % n])));
  const powers = shifted.map((w) => (w / Math.max(...shifted)) ** sharpen);
  const weights = powers.map((p) => p / add(powers));
  const read = query.map((_, k) => add(weights.map((w, i) => w * memory[i][k])));
  return { scores, content, kernel, weights, read };
}

const fixed = (x) => x.toFixed(2).replace(/^-(0\.00)$/, "$1");
/** The same in the width of a cell. */
const brief = (x) => (Math.abs(x) < 10 ? fixed(x) : x.toFixed(+(Math.abs(x) < 100)));
const listed = (list) => `(${list.map(fixed).join(", ")})`;

/** The address and the read in words, as lecture_utils.views.address_lab says them. */
function told({ slots }, { weights, read }) {
  const order = [...slots.keys()].sort((a, b) => weights[b].toFixed(9) - weights[a].toFixed(9));
  const shown = order.filter((i) => weights[i] >= 0.005);
  const most = shown.slice(0, 2).map((i) => `“${slots[i]}” ${fixed(weights[i])}`);
  const terms = shown.slice(0, 3).map((i) => `${fixed(weights[i])} × ${slots[i]}`);
  if (shown.length > 3) terms.push("…");
  const sum = weights.reduce((a, b) => a + b);
  return `Most weight: ${most.join(", then ")}. Sum ${fixed(sum)}, entropy ${core.entropy(weights).toFixed(1)} of ` +
    `${Math.log2(weights.length).toFixed(1)} bits. r = ${terms.join(" + ")} = ${listed(read)}.`;
}

function render({ model, el, signal = new AbortController().signal }) {
  const { h, unique } = core;
  const LARGEST = 100;
  const ENDS = [1, -2]; // powers of ten of the softest and the hardest temperature; behind it is arg max
  let state, start, now, made; // what was given; where "start again" leads; what is shown; its weights
  let steps, at, extent, flat, fresh;

  // --- the parts ------------------------------------------------------------------------------
  const div = (name, ...children) => h("div", { class: `lv-${name}` }, ...children);
  const button = (text, label, onclick) => h("button", { type: "button", "aria-label": label, onclick }, text);
  const svgNode = (tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const tries = h("p", { class: "lv-tries" });
  const head = h("thead");
  const body = h("tbody");
  const table = h("table", { "aria-label": "query, slots and read" }, head, body);
  const status = h("p", { class: "lv-status lv-wrong", role: "status" });
  const pad = svgNode("svg", { class: "lv-pad", viewBox: "-1 -1 2 2", tabindex: 0, role: "application", "aria-roledescription": "point" });
  const frame = div("frame", table);
  const reading = h("p", { class: "lv-reading" });
  const count = h("span", { class: "lv-word" });
  const dials = div("dials");
  const again = button("start again", "start again, as the preset began", () => load(start, true));
  const stepper = core.group("step", button("step", "step: this address becomes the one before", step), again, count);
  const root = h("div", { class: "lv", role: "group" });
  let say;

  // --- the dials ------------------------------------------------------------------------------
  const [soft, hard] = ENDS;
  const sliders = {};

  /** A labelled slider. ends: words at its two ends; get() its position, set(position), text(). */
  function slider(name, label, ends, [min, max, by], get, set, text) {
    const id = unique();
    const input = h("input", { id, type: "range", min, max, step: by, oninput: () => (set(+input.value), draw(true)) });
    const value = h("output", { for: id, "aria-hidden": true });
    sliders[name] = () => {
      input.value = get();
      input.setAttribute("aria-valuetext", (value.textContent = text()));
    };
    const end = (word) => h("span", { "aria-hidden": true }, word);
    return div("dial", h("label", { for: id }, label), end(ends[0]), input, end(ends[1]), value);
  }
  const direct = (name) => [() => now[name], (x) => (now[name] = x)];
  const kinds = ["dot product", "cosine"];
  const moves = ["−1", "0", "+1"];
  function build() {
    const score = core.choice("score", kinds, (i) => ((now.cosine = i > 0), draw(true)));
    const move = core.choice("shift", moves, (i) => ((now.shift = i - 1), draw(true)));
    sliders.choices = () => {
      score.querySelectorAll("input")[+now.cosine].checked = true;
      move.querySelectorAll("input")[now.shift + 1].checked = true;
    };
    const row = (label, choice) => div("dial", h("span", {}, label), choice);
    const place = () => Math.round((100 * (Math.log10(now.temperature) - soft)) / (hard - soft));
    const temperature = slider("temperature", "temperature", ["soft", "hard"], [0, 101, 1],
      () => (now.temperature ? Math.max(0, Math.min(100, place())) : 101),
      (k) => (now.temperature = k > 100 ? 0 : 10 ** (soft + (k / 100) * (hard - soft))),
      () => (now.temperature ? `T = ${now.temperature.toPrecision(2)}` : "hard, arg max"));
    dials.replaceChildren(row("score", score), temperature, ...(!state.location ? [] : [
      slider("gate", "gate g", ["before", "content"], [0, 1, 0.01], ...direct("gate"), () => fixed(now.gate)),
      row("shift", move),
      slider("blur", "blur of the shift", ["none", "even"], [0, 1 / 3, 1 / 300], ...direct("blur"), () => `s = ${listed(made.kernel)}`),
      slider("sharpen", "sharpening γ", ["1", "20"], [1, 20, 0.1], ...direct("sharpen"), () => now.sharpen.toFixed(1)),
    ]));
  }

  // --- the numbers: one tab stop, arrows inside -------------------------------------------------
  const row = (i) => (i ? now.memory[i - 1] : now.query);
  const field = (i, k) => body.rows[i].cells[k + 1].firstChild;

  function layout() {
    const D = now.query.length;
    const columns = state.location ? ["score", "by content", "before", "weight"] : ["score", "weight"];
    const kind = (text) => ({ weight: "lv-weight", "by content": "lv-extra" })[text];
    const th = (text, scope, attributes) => h("th", { scope, ...attributes }, text);
    head.replaceChildren(h("tr", {}, th("slot", "col"), th("content", "colgroup", { colspan: D }), ...columns.map((text) => th(text, "col", { class: kind(text) }))));
    const cell = (i, k) => {
      const name = i ? now.slots[i - 1] : "query";
      const input = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", size: 4, "aria-label": `${name}, feature ${k + 1}`, tabindex: i || k ? -1 : 0 });
      input.oninput = () => edit(i, k, input.value);
      input.onfocus = () => (focus(i, k), input.select());
      input.onblur = () => restore(i, k);
      return h("td", {}, input);
    };
    const line = (i, name) => h("tr", {}, th(name, "row"), ...now.query.map((_, k) => cell(i, k)));
    const asked = line(0, "query");
    asked.append(h("td", { colspan: columns.length }));
    const last = h("tr", {}, th("read r", "row"), ...now.query.map(() => h("td")), h("td", { colspan: columns.length }));
    body.replaceChildren(asked, ...now.slots.map((name, i) => {
      const tr = line(i + 1, name);
      tr.append(...columns.map((text) => h("td", { class: kind(text) }, text === "weight" && h("i"), h("span"))));
      return tr;
    }), last);
    at = [0, 0];
  }

  function focus(i, k) {
    field(...at).tabIndex = -1;
    at = [i, k];
    field(i, k).tabIndex = 0;
  }

  function edit(i, k, text) {
    const value = text.trim() ? +text.trim().replace("−", "-").replace(",", ".") : NaN;
    const wrong = !Number.isFinite(value) ? "is not a number" : Math.abs(value) > LARGEST ? `is out of range, −${LARGEST} to ${LARGEST}` : "";
    field(i, k).setAttribute("aria-invalid", !!wrong);
    const clip = text.length > 20 ? `${text.slice(0, 20)}…` : text;
    status.textContent = wrong && `“${clip}” ${wrong}. Still in use: ${fixed(row(i)[k])}.`;
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
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.tagName !== "INPUT") return;
    event.stopPropagation(); // a notebook has its own use for these keys
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

  // --- the plane, where there are two features --------------------------------------------------
  let points, arrow, handle, mean, names;
  const px = (value) => value / extent;
  /** Room for the largest number, and the slots that share a place, found anew when a number is
   *  typed, not while the query is dragged. */
  function stretch() {
    fresh = true;
    extent = 1.25 * Math.max(0.1, ...[now.query, ...now.memory].flat().map(Math.abs));
    if (flat) plot();
  }
  function plot() {
    const places = new Map();
    now.memory.forEach((at, i) => places.set(`${at}`, [...(places.get(`${at}`) ?? []), i]));
    points = [...places.values()].map((slots) => {
      const dot = svgNode("circle", { class: "lv-dot" });
      const text = svgNode("text", {});
      text.textContent = slots.map((i) => now.slots[i]).join(", ");
      return { slots, dot, text };
    });
    arrow = svgNode("path", { class: "lv-arrow" });
    handle = svgNode("circle", { class: "lv-handle", r: 0.045 });
    mean = svgNode("path", { class: "lv-mean", d: "M-.055 0L0-.055L.055 0L0 .055z" });
    names = ["q", "r"].map((name) => {
      const text = svgNode("text", { class: "lv-name" });
      text.textContent = name;
      return text;
    });
    pad.replaceChildren(svgNode("path", { class: "lv-axes", d: "M-1 0H1M0-1V1" }), ...points.map(({ dot }) => dot), arrow, handle, mean, ...points.map(({ text }) => text), ...names);
  }
  function place() {
    const set = (node, attributes) => Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    for (const { slots, dot, text } of points) {
      const [x, y] = now.memory[slots[0]].map(px);
      const weight = slots.reduce((sum, i) => sum + made.weights[i], 0);
      const r = 0.02 + 0.12 * Math.sqrt(weight);
      set(dot, { cx: x, cy: -y, r });
      const right = x + r + 0.075 * text.textContent.length < 0.97 || x < 0; // beside the dot, in the frame
      set(text, { x: right ? x + r + 0.03 : x - r - 0.03, y: 0.035 - y, "text-anchor": right ? "start" : "end" });
    }
    const [x, y] = now.query.map(px);
    const [rx, ry] = made.read.map(px);
    set(arrow, { d: `M0 0L${x} ${-y}` });
    set(handle, { cx: x, cy: -y });
    set(mean, { transform: `translate(${rx} ${-ry})` });
    // one name above, one below: the two may be in one place
    [[x, y, y >= ry], [rx, ry, y < ry]].forEach(([x, y, over], i) =>
      set(names[i], { x: Math.min(x + 0.04, 0.9), y: Math.max(-0.9, Math.min(0.97, (over ? -0.08 : 0.15) - y)) }));
    set(pad, { "aria-label": `query ${listed(now.query)}, reads ${listed(made.read)}; arrow keys move the query` });
  }
  function ask(x, y) {
    const limit = Math.min(LARGEST, extent);
    fresh = true;
    now.query = [x, y].map((v) => Math.max(-limit, Math.min(limit, nudge(v, 0))));
    draw(true);
  }
  function drag({ clientX, clientY }) {
    const { left, top, width, height } = pad.getBoundingClientRect();
    ask(((2 * (clientX - left)) / width - 1) * extent, (1 - (2 * (clientY - top)) / height) * extent);
  }
  pad.onpointerdown = (event) => {
    pad.setPointerCapture(event.pointerId);
    drag(event);
  };
  pad.onpointermove = (event) => pad.hasPointerCapture(event.pointerId) && drag(event);
  pad.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || (!move && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    const by = event.shiftKey ? 0.5 : 0.1;
    ask(...(move ? now.query.map((v, k) => v + by * move[k]) : start.query));
  });

  // --- drawing --------------------------------------------------------------------------------
  /** Weights, words and everything that shows them. changed: by the reader; typed: the field he types in. */
  function draw(changed, typed) {
    made = address(now);
    const { scores, content, weights, read } = made;
    const most = core.peak(weights);
    const values = state.location ? [scores, content, now.previous, weights] : [scores, weights];
    const D = now.query.length;
    now.slots.forEach((_, i) => {
      const { cells } = body.rows[i + 1];
      values.forEach((list, c) => write(cells[D + 1 + c].lastChild, brief(list[i])));
      cells[cells.length - 1].firstChild.style.setProperty("--p", weights[i].toFixed(4));
      cells[0].classList.toggle("lv-on", weights[i] === most);
    });
    if (fresh) fill(typed);
    const last = body.lastChild.cells;
    read.forEach((x, k) => write(last[k + 1], brief(x)));
    write(last[D + 1], `sum ${fixed(weights.reduce((a, b) => a + b))}`);
    if (flat) place();
    for (const show of Object.values(sliders)) show();
    write(count, steps ? `after ${steps} ${steps > 1 ? "steps" : "step"}` : "");
    const text = told(now, made);
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
  function write(node, text) {
    if (node.textContent !== text) node.textContent = text;
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

  const KEYS = ["memory", "query", "previous", "slots", "cosine", "temperature", "gate", "shift", "blur", "sharpen"];
  function load(setting, changed) {
    const same = now && now.query.length === setting.query.length && `${now.slots}` === `${setting.slots}`;
    start = setting;
    now = structuredClone(Object.fromEntries(KEYS.map((key) => [key, setting[key]])));
    steps = 0;
    status.textContent = "";
    flat = now.query.length === 2;
    pad.toggleAttribute("hidden", !flat);
    stretch();
    if (!same) layout();
    draw(changed);
  }

  function svg() {
    const style = getComputedStyle(root);
    const [ink, paper, accent] = ["color", "background-color", "--accent"].map((name) => style.getPropertyValue(name));
    const lines = [["query", now.query], ...now.slots.map((name, i) => [name, now.memory[i], made.weights[i]]), ["read r", made.read]];
    const x = 20 + 8 * Math.max(...lines.map(([name]) => name.length));
    const from = x + 52 * now.query.length + 16;
    const text = (words, x, y, end) => `<text x="${x}" y="${y}"${end ? ' text-anchor="end"' : ""}>${core.escape(words)}</text>`;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${from + 260}" height="${52 + 24 * lines.length}" font-family="sans-serif" font-size="13" fill="${ink}">`,
      `<rect width="100%" height="100%" fill="${paper}"/>`,
      text(state.title, 8, 20),
      ...lines.flatMap(([name, list, weight], i) => {
        const y = 52 + 24 * i;
        const bar = weight !== undefined && `<rect x="${from}" y="${y - 12}" width="${200 * weight}" height="14" fill="${accent}"/>`;
        return [text(name, x - 8, y, true), ...list.map((v, k) => text(fixed(v), x + 52 * k + 44, y, true)), bar, bar && text(fixed(weight), from + 200 * weight + 6, y)];
      }).filter(Boolean),
      "</svg>",
    ].join("");
  }

  function rows() {
    const features = now.query.map((_, k) => `feature ${k + 1}`);
    const exact = (list) => list.map((x) => +x.toFixed(6));
    const { scores, content, weights, read } = made;
    return [
      ["slot", ...features, "score", "by content", "before", "weight"],
      ["query", ...exact(now.query), "", "", "", ""],
      ...now.slots.map((name, i) => [name, ...exact([...now.memory[i], scores[i], content[i], now.previous[i], weights[i]])]),
      ["read r", ...exact(read), "", "", "", ""],
    ];
  }

  function begin() {
    state = model.get("state");
    stepper.hidden = !state.location;
    root.setAttribute("aria-label", state.title || "address lab");
    tries.hidden = !state.presets.length;
    tries.replaceChildren("try", ...[{ ...state, label: "as given" }, ...state.presets].map((preset) => h("button", { type: "button", onclick: () => load(preset, true) }, preset.label)));
    now = null;
    build();
    load(state);
  }

  state = model.get("state");
  root.append(...[state.title && h("p", { class: "lv-title" }, state.title), tries, div("lab", pad, frame), status, dials, reading,
    div("tools", stepper, core.group("save", "save", ...core.saves("address", svg, rows)))].filter(Boolean));
  say = core.announcer(root);
  begin();
  el.append(root);
  model.on("change:state", begin);
  signal.addEventListener("abort", () => clearTimeout(timer));
}

export default { render };
