// The alignment view: which source words (columns) each output word (row) read.
function render({ model, el, signal = new AbortController().signal }) {
  const { h, quote, nth, peak } = core;
  let state = model.get("state");
  let shown; // what is on the screen: the state, or the model's answer in its place
  const at = { layer: 0, head: 0, step: 0, one: false, cell: null, over: null };

  // --- the parts ------------------------------------------------------------------------------
  const div = (name, ...children) => h("div", { class: `lv-${name}` }, ...children);
  const divs = (names) => names.split(" ").map((name) => div(name));
  const canvas = h("canvas");
  const gold = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  gold.innerHTML = "<path class=lv-halo /><path class=lv-gold />";
  const [row, column, numbers, box] = divs("row column numbers box");
  const cells = h("div", { class: "lv-cells", "aria-hidden": true }, canvas, gold, row, column, numbers, box);
  const [corner, tops, sides, over, sure, veil] = divs("corner tops sides over sure veil");
  const plane = h("div", { class: "lv-plane", tabindex: 0, role: "application", "aria-roledescription": "weights" },
    corner, tops, sides, over, cells, sure, veil);
  const frame = div("frame", plane);
  const heads = div("heads");
  const reading = h("p", { class: "lv-reading" });
  const word = h("span", { class: "lv-word" });
  const bar = h("i");
  const key = h("span", { class: "lv-key" }, "gold link");
  const table = h("div", { class: "lv-table", tabindex: 0, role: "region", "aria-label": "table of the weights", hidden: true });
  const toggle = h("button", { type: "button", "aria-expanded": false, onclick: () => tabulate(table.hidden) }, "table");
  const arrow = (text, label, by) => h("button", { type: "button", "aria-label": label, onclick: () => step(at.step + by) }, text);
  const root = h("div", { class: "lv", role: "group", "aria-label": state.title || "alignment" },
    state.title && h("p", { class: "lv-title" }, state.title),
    live.field({ model, signal, show, functions: state.translate, verb: "translate", busy: "Translating …", answer: numerals.translate }), heads, frame, reading,
    div("tools",
      core.group("step through the words", arrow("‹", "previous word", -1), arrow("›", "next word", 1), word),
      core.group("colours", state.packing === "u16" ? "weight 0" : "weight (to 0.004) 0", bar,
        core.choice("the colours end at", ["row max", "1"], (i) => ((at.one = i > 0), paint())), key),
      core.group("numbers", toggle, "save", ...core.saves("alignment", svg, matrix))),
    table);
  const say = core.announcer(root);

  // --- the numbers ----------------------------------------------------------------------------
  const size = () => shown.shape.slice(2);
  function weights(i, head = at.head) {
    const [, H, T, S] = shown.shape;
    const from = ((at.layer * H + head) * T + i) * S;
    return shown.values.subarray(from, from + S);
  }
  const scale = (list) => 255 / ((!at.one && peak(list)) || 1);
  const colour = (i, j) => colours[Math.round(weights(i)[j] * scale(weights(i)))];
  const isGold = (i, j) => shown.gold.some(([r, c]) => r === i && c === j);

  function matrix() {
    const body = shown.rows.map((name, i) => [name, ...Array.from(weights(i), (w) => w.toFixed(5))]);
    return [[`${shown.row_label} \\ ${shown.column_label}`, ...shown.columns], ...body];
  }

  /** Row i in words: its weight on column j, the rank, the next best, the entropy. */
  function told(i, j) {
    const list = weights(i);
    const name = quote(shown.rows, i);
    if (!peak(list)) return `${name} reads nothing: every weight is zero, the context is fixed.`;
    const order = [...list.keys()].sort((a, b) => list[b] - list[a]);
    const one = (k) => `${quote(shown.columns, k)} ${list[k].toFixed(2)}`;
    const rank = order.indexOf(j);
    let text = `${name} reads ${one(j)}`;
    if (rank) text += `, ${nth(rank + 1)} of ${order.length}; most is on ${one(order[0])}`;
    else if (order.length > 1) text += `, then ${one(order[1])}`;
    return `${text}. ${isGold(i, j) ? "A gold link. " : ""}Entropy ${core.entropy(list).toFixed(1)} of ${Math.log2(order.length).toFixed(1)} bits.`;
  }

  // --- drawing --------------------------------------------------------------------------------
  let colours, image, cw, ch, atlas, mark, font;
  let marked = [];

  /** The font, and the colours from the paper that the page has now. */
  function look() {
    const style = getComputedStyle(plane);
    font = `${style.fontSize} ${style.fontFamily}`;
    colours = core.palette(style.backgroundColor.match(/[\d.]+/g).slice(0, 3).map(Number));
    bar.style.background = `linear-gradient(90deg,${colours.filter((_, k) => k % 15 === 0).map(core.rgb)})`;
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

  function draw(on, width, x) {
    const { height } = image;
    if (on.width !== width || on.height !== height) Object.assign(on, { width, height });
    on.getContext("2d", { willReadFrequently: true }).putImageData(image, -x, 0, x, 0, width, height);
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
    const side = core.widest([...shown.rows, axis], font) + 12;
    const long = core.widest(shown.columns, font);
    const dash = frame.clientWidth < 400 ? 0 : 34;
    const room = frame.clientWidth - side - (shown.probabilities ? 48 + dash : 8);
    const fit = (width) => Math.floor(Math.max(14, Math.min(64, width / S)));
    cw = fit(room);
    let tilt = 0;
    if (cw < long + 6) {
      cw = fit(room - long / 2);
      tilt = cw < 21 ? 90 : 50;
    }
    ch = T > 40 ? 14 : T > 20 ? 21 : 28;
    const rad = (tilt * Math.PI) / 180;
    const high = Math.ceil(long * Math.sin(rad) + 18 * Math.cos(rad)) + 14;
    const after = tilt && long * Math.cos(rad);
    for (const [name, value] of Object.entries({ side, high, cw, ch, after, dash, w: cw * S, h: ch * T }))
      plane.style.setProperty(`--${name}`, `${value}px`);
    plane.dataset.tilt = tilt;
    plane.setAttribute("aria-label", `${T} ${shown.row_label} words by ${S} ${shown.column_label} words; arrow keys move`);
    const labels = (list, lang) => list.map((text) => h("span", { lang }, text));
    tops.replaceChildren(...labels(shown.columns, shown.languages?.[1]));
    sides.replaceChildren(...labels(shown.rows, shown.languages?.[0]));
    corner.replaceChildren(h("span", {}, axis), h("span", {}, `${shown.row_label} ↓`));
    key.hidden = !shown.gold.length;
    over.textContent = "sure";
    over.hidden = sure.hidden = !shown.probabilities;
    sure.replaceChildren(...(shown.probabilities ?? []).map((p) => h("span", { style: `--p:${p}` }, h("i"), p.toFixed(2))));
    numbers.replaceChildren(...(cw < 30 ? [] : shown.columns.map(() => h("span"))));
    const d = shown.gold.map(([r, c]) => `M${c * cw + 1.5} ${r * ch + 1.5}h${cw - 2}v${ch - 2}h${2 - cw}z`).join("");
    for (const path of gold.children) path.setAttribute("d", d);
  }

  /** Mark the cell under the pointer, or the chosen one, and put it in words. */
  function point() {
    if (!font) return "";
    const cell = at.over ?? at.cell;
    const [T] = size();
    for (const label of marked) label.classList.remove("lv-on");
    marked = [];
    cells.classList.toggle("lv-none", !cell);
    veil.style.clipPath = `inset(${at.step ? at.step * ch : T * ch + 1}px 0 0)`;
    word.textContent = at.step ? `word ${at.step} of ${T}` : `all ${T} words`;
    let text = peak(shown.values)
      ? "Point at a cell, or press the arrow keys in the picture: its weight is said here."
      : "No word reads any: every weight is zero, the context is fixed.";
    if (cell) {
      const [i, j] = cell;
      row.style.transform = numbers.style.transform = `translateY(${i * ch}px)`;
      column.style.transform = `translateX(${j * cw}px)`;
      box.style.transform = `translate(${j * cw}px,${i * ch}px)`;
      marked = [sides.children[i], tops.children[j]];
      for (const label of marked) label.classList.add("lv-on");
      [...numbers.children].forEach((number, k) => {
        const w = weights(i)[k];
        number.textContent = w >= 0.005 ? w.toFixed(2) : "";
        number.style.color = core.inkOn(colour(i, k));
      });
      text = told(i, j);
    }
    return (reading.textContent = text);
  }

  function tabulate(open) {
    table.hidden = !open;
    toggle.setAttribute("aria-expanded", open);
    const cell = (text, i, j) =>
      h("td", { class: isGold(i, j) && "lv-link" }, (+text).toFixed(2), isGold(i, j) && h("span", { class: "lv-hidden" }, " gold"));
    const [head, ...body] = open ? matrix() : [[]];
    table.replaceChildren(h("table", {},
      h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, ...body.map(([name, ...list], i) =>
        h("tr", {}, h("th", { scope: "row" }, name), ...list.map((text, j) => cell(text, i, j)))))));
  }

  function svg() {
    const [T, S] = size();
    const style = getComputedStyle(root);
    const [ink, paper, accent] = ["color", "background-color", "--accent"].map((name) => style.getPropertyValue(name));
    const wide = (list) => 8 * Math.max(...list.map((text) => text.length));
    const [x, y] = [wide(shown.rows) + 12, 40 + wide(shown.columns) * 0.8];
    const text = (words, attributes) => `<text ${attributes}>${core.escape(words)}</text>`;
    const rect = (i, j, attributes) => `<rect x="${x + j * cw}" y="${y + i * ch}" width="${cw}" height="${ch}" ${attributes}/>`;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${x + S * cw + 60}" height="${y + T * ch + 34}" font-family="sans-serif" font-size="13" fill="${ink}">`,
      `<rect width="100%" height="100%" fill="${paper}"/>`,
      text(shown.title, 'x="8" y="20" font-weight="bold"'),
      ...shown.columns.map((name, j) => text(name, `transform="translate(${x + (j + 0.6) * cw} ${y - 6})rotate(-50)"`)),
      ...shown.rows.map((name, i) => text(name, `x="${x - 6}" y="${y + (i + 0.5) * ch + 4}" text-anchor="end"`)),
      ...shown.rows.flatMap((_, i) => shown.columns.map((_, j) => rect(i, j, `fill="${core.rgb(colour(i, j))}" stroke="${ink}" stroke-opacity=".12"`))),
      ...shown.gold.map(([i, j]) => rect(i, j, `fill="none" stroke="${accent}" stroke-width="2"`)),
      text(`colour: weight, 0 to ${at.one ? 1 : "row max"}${key.hidden ? "" : "; outlined: gold link"}`, `x="${x}" y="${y + T * ch + 22}"`),
      "</svg>",
    ].join("");
  }

  // --- what the reader does -------------------------------------------------------------------
  function go(axis, k) {
    at[axis] = k;
    heads.querySelector(`[name=${axis}]`).value = k;
    (axis === "layer" ? paint : turn)();
    say(`${axis === "layer" ? `layer ${k + 1}` : shown.heads[k]}. ${reading.textContent}`);
  }

  /** Show the first n words, or all of them (0). */
  function step(n) {
    const [T] = size();
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
  const hover = (cell) => `${cell}` !== `${at.over}` && ((at.over = cell), point());
  cells.onpointermove = (event) => hover(under(event));
  cells.onpointerleave = () => hover(null);
  cells.onclick = (event) => under(event) && select(under(event));
  plane.onfocus = () => at.cell || !plane.matches(":focus-visible") || select([0, 0]);
  core.roving(plane, {
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
    const select = (name, texts) => texts.length > 1 && h("label", {}, `${name} `,
      h("select", { name, onchange: (event) => go(name, +event.target.value) }, ...texts.map((text, k) => h("option", { value: k }, text))));
    atlas = H > 1 && h("canvas");
    mark = h("i");
    const pick = ({ offsetX }) => go("head", Math.min(H - 1, Math.floor((offsetX / atlas.clientWidth) * H)));
    const layers = Array.from({ length: L }, (_, k) => k + 1);
    heads.replaceChildren(...[select("layer", layers), select("head", shown.heads),
      atlas && h("div", { class: "lv-strip", style: `--heads:${H}`, onclick: pick }, atlas, mark)].filter(Boolean));
  }

  /** Put an answer of the model on the screen, or the state (null). busy: more words will follow. */
  function show(answer, busy) {
    shown = { ...state, ...(answer ?? { values: core.unpack(state) }) };
    Object.assign(at, { layer: 0, head: 0, step: 0, cell: null, over: null });
    choose();
    frame.style.minHeight = busy ? frame.style.minHeight || `${frame.offsetHeight}px` : "";
    if (font) layout(), paint();
    if (busy) step(shown.rows.length);
    else if (answer) say(shown.rows.join(" "));
  }

  /** Draw, as soon as there is room, and again when it changes. */
  function fit() {
    if (width === frame.clientWidth) return;
    width = frame.clientWidth;
    if (!font) look();
    layout();
    paint();
  }

  let width = 0;
  el.append(root);
  show(null);
  fit();
  model.on("change:state", () => {
    state = model.get("state");
    show(null);
  });
  const room = new ResizeObserver(fit);
  room.observe(frame);
  core.onTheme(() => font && (look(), paint()), signal);
  signal.addEventListener("abort", () => room.disconnect());
}

export default { render };
