// The alignment view: which source words (columns) each output word (row) read.

import { inkOn, inks, onTheme, palette, paperOf, rgb } from "../shared/colours.js";
import {
  announcer,
  atFirstSight,
  button,
  choice,
  come,
  div,
  group,
  h,
  root as rootOf,
  touches,
} from "../shared/dom.js";
import { roving } from "../shared/grid.js";
import { picture, saves, textAt } from "../shared/save.js";
import { field } from "../shared/talk.js";
import { entropy, peak, unpack } from "../shared/weights.js";
import { nth, quote, widest } from "../shared/words.js";

/** @param {{model: import("../shared/talk.js").Model, el: HTMLElement, signal?: AbortSignal}} home */
function render({ model, el, signal = new AbortController().signal }) {
  let shown; // what is on the screen: the state, or a part of the answer that will take its place
  /** @type {{layer: number, head: number, step: number, one: boolean,
   *   cell: number[] | null, over: number[] | null}} */
  const at = { layer: 0, head: 0, step: 0, one: false, cell: null, over: null };
  const {
    title,
    packing,
    nothing = "No word reads any: every weight is zero.",
  } = model.get("state");

  // --- the parts ------------------------------------------------------------------------------
  const divs = (names) => names.split(" ").map((name) => div(name));
  const canvas = h("canvas");
  const gold = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  gold.innerHTML = "<path class=lv-halo /><path class=lv-gold />";
  const [row, column, numbers, box] = divs("row column numbers box");
  const none = div("nothing", h("span", {}, nothing));
  const cells = h(
    "div",
    { class: "lv-cells", "aria-hidden": true },
    canvas,
    gold,
    row,
    column,
    numbers,
    box,
    none,
  );
  const [corner, tops, sides, over, sure, veil] = divs("corner tops sides over sure veil");
  const plane = h(
    "div",
    { class: "lv-plane", tabindex: 0, role: "application", "aria-roledescription": "weights" },
    ...[corner, tops, sides, over, cells, sure, veil],
  );
  const frame = div("frame", plane);
  const heads = div("heads");
  const reading = h("p", { class: "lv-reading" });
  const word = h("span", { class: "lv-word" });
  const bar = h("i");
  const key = h("span", { class: "lv-key" }, "gold link");
  const label = "table of the weights";
  const table = h("div", {
    class: "lv-table",
    tabindex: 0,
    role: "region",
    "aria-label": label,
    hidden: true,
  });
  const toggle = button("table", "table", () => tabulate(table.hidden));
  const arrow = (text, label, by) => button(text, label, () => step(at.step + by));
  const scaled = (i) => {
    at.one = i > 0;
    paint();
  };
  const root = rootOf("alignment", title || "alignment");
  const stepper = group(
    "step through the words",
    arrow("‹", "previous word", -1),
    arrow("›", "next word", 1),
    word,
  );
  const form = field({
    ...{ model, signal, verb: "translate", busy: "Translating …" },
    part,
    show,
    still: () => shown.text,
    beside: stepper,
  });
  root.append(
    ...[
      title && h("p", { class: "lv-title" }, title),
      ...[form, heads, frame, reading],
      div(
        "tools",
        ...(form ? [] : [stepper]),
        group(
          "colours",
          packing === "u8 sqrt" ? "weight (to 0.004) 0" : "weight 0",
          bar,
          choice("the colours end at", ["row max", "1"], scaled),
          key,
        ),
        saves("alignment", svg, matrix, toggle),
      ),
      table,
    ].filter(Boolean),
  );
  const say = announcer(root);

  // --- the numbers ----------------------------------------------------------------------------
  /** Output words and source words. @returns {[number, number]} */
  const size = () => shown.shape.slice(2);
  /** What row i of a head reads: one weight for each column. @returns {Float32Array} */
  function weights(i, head = at.head) {
    const [, H, T, S] = shown.shape;
    const from = ((at.layer * H + head) * T + i) * S;
    return shown.values.subarray(from, from + S);
  }
  const scale = (list) => 255 / ((!at.one && peak(list)) || 1);
  const colour = (i, j) => colours[Math.round(weights(i)[j] * scale(weights(i)))];
  const isGold = (i, j) => shown.gold.some(([r, c]) => r === i && c === j);

  /** @returns {string[][]} */
  function matrix() {
    const body = shown.rows.map((name, i) => [
      name,
      ...Array.from(weights(i), (w) => w.toFixed(5)),
    ]);
    return [[`${shown.row_label} \\ ${shown.column_label}`, ...shown.columns], ...body];
  }

  /** Row i in words: its weight on column j, the rank, the next best, the entropy. */
  function told(i, j) {
    const list = weights(i);
    const name = quote(shown.rows, i);
    if (!peak(list)) return `${name} reads nothing: every weight is zero.`;
    const order = [...list.keys()].sort((a, b) => list[b] - list[a]);
    const one = (k) => `${quote(shown.columns, k)} ${list[k].toFixed(2)}`;
    const rank = order.indexOf(j);
    let text = `${name} reads ${one(j)}`;
    if (rank) text += `, ${nth(rank + 1)} of ${order.length}; most is on ${one(order[0])}`;
    else if (order.length > 1) text += `, then ${one(order[1])}`;
    const bits = `${entropy(list).toFixed(1)} of ${Math.log2(order.length).toFixed(1)} bits`;
    return `${text}. ${isGold(i, j) ? "A gold link. " : ""}Entropy ${bits}.`;
  }

  // --- drawing --------------------------------------------------------------------------------
  /** @type {number[][]} */
  let colours;
  /** @type {ImageData} */
  let image;
  let atlas;
  let mark;
  let [font, cw, ch] = ["", 0, 0];
  /** @type {Element[]} */
  let marked = [];

  /** The font, and the colours from the paper that the page has now. */
  function look() {
    const style = getComputedStyle(plane);
    font = `${style.fontSize} ${style.fontFamily}`;
    colours = palette(paperOf(plane));
    bar.style.background = `linear-gradient(90deg,${colours.filter((_, k) => k % 15 === 0).map(rgb)})`;
  }

  /** Every head of the layer into one image, side by side; then the chosen one. */
  function paint() {
    const [, H, T, S] = shown.shape;
    const ink = Uint32Array.from(colours, ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);
    image = new ImageData(H * S, T);
    const out = new Uint32Array(image.data.buffer);
    for (let head = 0; head < H; head++)
      for (let i = 0; i < T; i++) {
        const list = weights(i, head);
        const by = scale(list);
        const o = (i * H + head) * S;
        for (let j = 0; j < S; j++) out[o + j] = ink[(list[j] * by + 0.5) | 0];
      }
    if (atlas) draw(atlas, image.width, 0);
    turn();
  }

  /** Columns x to x + width of the image, on a canvas. */
  function draw(on, width, x) {
    const { height } = image;
    if (on.width !== width || on.height !== height) Object.assign(on, { width, height });
    const pen = on.getContext("2d", { willReadFrequently: true });
    pen.putImageData(image, -x, 0, x, 0, width, height);
  }

  function turn() {
    const [, S] = size();
    draw(canvas, S, at.head * S);
    if (mark) mark.style.left = `${(100 * at.head) / shown.shape[1]}%`;
    if (!table.hidden) tabulate(true);
    point();
  }

  /** Sizes from the room there is; then the words around the cells. */
  function layout() {
    const [T, S] = size();
    const axis = `${shown.column_label} →`;
    const side = widest([...shown.rows, axis], font) + 12;
    const long = widest(shown.columns, font);
    const dash = frame.clientWidth < 400 ? 0 : 34;
    const room = frame.clientWidth - side - (shown.probabilities ? 48 + dash : 8);
    const fit = (width) => Math.floor(Math.max(14, Math.min(64, width / S)));
    cw = fit(room);
    let tilt = 0;
    if (cw < long + 6) {
      cw = fit(room - long / 2);
      tilt = cw < 21 ? 90 : 50;
    }
    const rad = (tilt * Math.PI) / 180;
    const high = Math.ceil(long * Math.sin(rad) + 18 * Math.cos(rad)) + 14;
    ch = T > 40 ? 14 : T > 20 ? 21 : 28;
    if (tall) ch = Math.floor(Math.max(17, Math.min(64, (tall - high) / T)));
    const after = tilt && long * Math.cos(rad);
    const lengths = { side, high, cw, ch, after, dash, w: cw * S, h: ch * T };
    for (const [name, value] of Object.entries(lengths))
      plane.style.setProperty(`--${name}`, `${value}px`);
    plane.dataset.tilt = tilt;
    const kinds = [shown.row_label, shown.column_label].map((label) =>
      ["reads", "is read"].includes(label) ? "words" : `${label} words`,
    );
    const sizes = `${T} ${kinds[0]} by ${S} ${kinds[1]}`;
    plane.setAttribute("aria-label", `${sizes}; arrow keys move`);
    const labels = (list, lang) => list.map((text) => h("span", { lang }, text));
    tops.replaceChildren(...labels(shown.columns, shown.languages?.[1]));
    sides.replaceChildren(...labels(shown.rows, shown.languages?.[0]));
    corner.replaceChildren(h("span", {}, axis), h("span", {}, `${shown.row_label} ↓`));
    key.hidden = !shown.gold.length;
    over.textContent = "sure";
    over.hidden = sure.hidden = !shown.probabilities;
    sure.replaceChildren(
      ...(shown.probabilities ?? []).map((p) =>
        h("span", { style: `--p:${p}` }, h("i"), p.toFixed(2)),
      ),
    );
    numbers.replaceChildren(...(cw < 30 ? [] : shown.columns.map(() => h("span"))));
    const frames = shown.gold.map(
      ([r, c]) => `M${c * cw + 1.5} ${r * ch + 1.5}h${cw - 2}v${ch - 2}h${2 - cw}z`,
    );
    for (const path of gold.children) path.setAttribute("d", frames.join(""));
  }

  /** Mark the cell under the pointer, or the chosen one, and put it in words. */
  function point() {
    if (!font) return "";
    const cell = at.over ?? at.cell;
    const [T] = size();
    for (const one of marked) one.classList.remove("lv-on");
    marked = [];
    cells.classList.toggle("lv-none", !cell);
    veil.classList.toggle("lv-step", at.step > 0);
    veil.style.clipPath = `inset(${at.step ? at.step * ch : T * ch + 1}px 0 0)`;
    word.textContent = at.step ? `word ${at.step} of ${T}` : `all ${T} words`;
    const point = touches()
      ? "Tap a cell"
      : "Point at a cell, or press the arrow keys in the picture";
    let text = none.hidden ? `${point}: its weight is said here.` : nothing;
    if (cell) {
      const [i, j] = cell;
      row.style.transform = numbers.style.transform = `translateY(${i * ch}px)`;
      column.style.transform = `translateX(${j * cw}px)`;
      box.style.transform = `translate(${j * cw}px,${i * ch}px)`;
      marked = [sides.children[i], tops.children[j]];
      for (const one of marked) one.classList.add("lv-on");
      [...numbers.children].forEach((number, k) => {
        const w = weights(i)[k];
        number.textContent = w >= 0.005 ? w.toFixed(2) : "";
        number.style.color = inkOn(colour(i, k));
      });
      text = told(i, j);
    }
    reading.textContent = text;
    return text;
  }

  function tabulate(open) {
    table.hidden = !open;
    toggle.setAttribute("aria-expanded", open);
    if (!open) return table.replaceChildren();
    const [head, ...body] = matrix();
    const cell = (text, i, j) => {
      const linked = isGold(i, j) && h("span", { class: "lv-hidden" }, " gold");
      return h("td", { class: linked && "lv-link" }, (+text).toFixed(2), linked);
    };
    const line = ([name, ...list], i) =>
      h("tr", {}, h("th", { scope: "row" }, name), ...list.map((text, j) => cell(text, i, j)));
    const top = head.map((text) => h("th", { scope: "col" }, text));
    table.replaceChildren(
      h("table", {}, h("thead", {}, h("tr", {}, ...top)), h("tbody", {}, ...body.map(line))),
    );
  }
  toggle.setAttribute("aria-expanded", false);

  function svg() {
    const [T, S] = size();
    const { ink, paper } = inks(root);
    const wide = (list) => 8 * Math.max(...list.map((text) => text.length));
    const [x, y] = [wide(shown.rows) + 12, 40 + wide(shown.columns) * 0.8];
    const rect = (i, j, more) =>
      `<rect x="${x + j * cw}" y="${y + i * ch}" width="${cw}" height="${ch}" ${more}/>`;
    const filled = (i, j) =>
      rect(i, j, `fill="${rgb(colour(i, j))}" stroke="${ink}" stroke-opacity=".12"`);
    const outlined = key.hidden ? "" : "; outlined: gold link";
    return picture(x + S * cw + 60, y + T * ch + 34, { ink, paper }, [
      textAt(8, 20, shown.title, 'font-weight="bold"'),
      ...shown.columns.map((name, j) =>
        textAt(0, 0, name, `transform="translate(${x + (j + 0.6) * cw} ${y - 6})rotate(-50)"`),
      ),
      ...shown.rows.map((name, i) =>
        textAt(x - 6, y + (i + 0.5) * ch + 4, name, 'text-anchor="end"'),
      ),
      ...shown.rows.flatMap((_, i) => shown.columns.map((__, j) => filled(i, j))),
      ...shown.gold.map(([i, j]) => rect(i, j, `fill="none" stroke="${ink}" stroke-width="2"`)),
      textAt(x, y + T * ch + 22, `colour: weight, 0 to ${at.one ? 1 : "row max"}${outlined}`),
    ]);
  }

  // --- what the reader does -------------------------------------------------------------------
  function go(axis, k) {
    at[axis] = k;
    heads.querySelector(`[name=${axis}]`).value = k;
    if (axis === "layer") paint();
    else turn();
    say(`${axis === "layer" ? `layer ${k + 1}` : shown.heads[k]}. ${reading.textContent}`);
  }

  /** Show the first n words, or all of them (0). */
  function step(n) {
    const [T] = size();
    veil.classList.remove("lv-come");
    at.step = (n + T + 1) % (T + 1);
    const last = at.step - 1;
    select(at.step ? [last, weights(last).indexOf(peak(weights(last)))] : null);
    say(`${word.textContent}. ${reading.textContent}`);
  }

  function select(cell) {
    at.over = null;
    at.cell = cell;
    say(point());
  }

  function under({ clientX, clientY }) {
    const { left, top } = cells.getBoundingClientRect();
    const [i, j] = [Math.floor((clientY - top) / ch), Math.floor((clientX - left) / cw)];
    const [T, S] = size();
    return i >= 0 && j >= 0 && i < (at.step || T) && j < S ? [i, j] : null;
  }
  function hover(cell) {
    if (`${cell}` === `${at.over}`) return;
    at.over = cell;
    point();
  }
  cells.onpointermove = (event) => hover(under(event));
  cells.onpointerleave = () => hover(null);
  cells.onclick = (event) => under(event) && select(under(event));
  plane.onfocus = () => at.cell || !plane.matches(":focus-visible") || select([0, 0]);
  roving(plane, {
    size: () => [at.step || size()[0], size()[1]],
    at: () => at.cell,
    go: select,
    page(by) {
      const n = shown.shape[1];
      if (n > 1) go("head", (at.head + by + n) % n);
    },
    clear: () => step(0),
  });

  /** Selects for layer and head, and the heads as small pictures. */
  function choose() {
    const [L, H] = shown.shape;
    const select = (name, texts) => {
      const onchange = (event) => go(name, +event.target.value);
      const options = texts.map((text, value) => h("option", { value }, text));
      return (
        texts.length > 1 && h("label", {}, `${name} `, h("select", { name, onchange }, ...options))
      );
    };
    atlas = H > 1 && h("canvas");
    mark = h("i");
    const onclick = ({ offsetX }) =>
      go("head", Math.min(H - 1, Math.floor((offsetX / atlas.clientWidth) * H)));
    const strip =
      atlas && h("div", { class: "lv-strip", style: `--heads:${H}`, onclick }, atlas, mark);
    const layers = Array.from({ length: L }, (_, k) => k + 1);
    const parts = [select("layer", layers), select("head", shown.heads), strip];
    heads.replaceChildren(...parts.filter(Boolean));
  }

  /** Put the state on the screen, or a part of an answer. */
  function show(given) {
    shown = { ...given, values: unpack(given) };
    none.hidden = peak(shown.values) > 0;
    veil.style.setProperty("--rows", shown.rows.length);
    Object.assign(at, { layer: 0, head: 0, step: 0, cell: null, over: null });
    choose();
    frame.style.minHeight = "";
    if (font) {
      layout();
      paint();
    }
    if (!given.n) return;
    come(veil);
    say(shown.rows.join(" "));
  }

  /** Words of an answer that is still being written; the page below must not jump. */
  function part(given) {
    const height = frame.style.minHeight || `${frame.offsetHeight}px`;
    show({ ...model.get("state"), ...given, n: 0 });
    frame.style.minHeight = height;
    step(shown.rows.length);
  }

  /** Draw, as soon as there is room, and again when it changes. */
  function fit() {
    const height = +getComputedStyle(root).getPropertyValue("--lv-tall");
    if (width === frame.clientWidth && tall === height) return;
    width = frame.clientWidth;
    tall = height;
    if (!font) look();
    layout();
    paint();
  }

  let width = 0;
  let tall = 0; // on a slide, what there is for the picture
  el.append(root);
  show(model.get("state"));
  fit();
  const room = new ResizeObserver(fit);
  room.observe(frame);
  root.addEventListener("lv-fit", fit);
  atFirstSight(frame, () => come(veil), signal);
  onTheme(() => {
    if (!font) return;
    look();
    paint();
  }, signal);
  signal.addEventListener("abort", () => room.disconnect());
}

export default { render };
