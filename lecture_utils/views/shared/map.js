// One map of weights, what each row reads of each column, and the words around it.

import { barOf, inkOn, inks, onTheme, palette, paperOf, rgb } from "./colours.js";
import { choice, div, group, h, svgNode, tabled, touches } from "./dom.js";
import { roving } from "./grid.js";
import { colours32, draw } from "./pixels.js";
import { rewriting } from "./rewrite.js";
import { picture, textAt } from "./save.js";
import { entropy, peak } from "./weights.js";
import { nth, quote, widest } from "./words.js";

/** A state with its weights as numbers. @typedef {Record<string, any> & {values: Float32Array,
 *   shape: number[], rows: string[], columns: string[], gold: [number, number][],
 *   row_label: string, column_label: string, mine?: number[]}} Shown */

/** @param {string} names */
export const divs = (names) => names.split(" ").map((name) => div(name));

/**
 * Heads beside each other, `across` of them in a line, a pixel a weight.
 * @param {Shown} shown @param {number[]} heads their places among all heads of all layers
 * @param {number} across @param {number[][]} colours 256 of them
 * @param {boolean} one whether the colours end at 1, not at the largest weight of a row
 */
export function inked({ values, shape }, heads, across, colours, one) {
  const [T, S] = shape.slice(2);
  const ink = colours32(colours);
  const image = new ImageData(across * S, Math.ceil(heads.length / across) * T);
  const out = new Uint32Array(image.data.buffer);
  heads.forEach((head, k) => {
    for (let i = 0; i < T; i++) {
      const list = values.subarray((head * T + i) * S, (head * T + i + 1) * S);
      const by = 255 / ((!one && peak(list)) || 1);
      const o = ((Math.floor(k / across) * T + i) * across + (k % across)) * S;
      for (let j = 0; j < S; j++) out[o + j] = ink[(list[j] * by + 0.5) | 0];
    }
  });
  return image;
}

/** What an axis is called: who reads stands at the rows, what is read above the columns; in short
 * what they are, or, where nobody has said it, what they do. */
export function axes({ row_label, column_label }, short = false) {
  const named = (label, does) => (label === does || short ? label : `${label} ${does}`);
  return [`${named(row_label, "reads")} ↓`, `${named(column_label, "is read")} →`];
}

/**
 * A map: give it a state (`show`), room (`layout`) and the image of a head (`turn`). It marks the
 * cell under the pointer, or the chosen one, and says it in words.
 * @param {object} given
 * @param {string} given.nothing what is said where every weight is zero
 * @param {string} given.packing how the weights came
 * @param {(text: string) => void} given.say
 * @param {(by: -1 | 1) => boolean | void} given.page another head is asked for; false: there is none
 * @param {() => void} given.clear
 * @param {() => void} given.scaled the colours end elsewhere
 * @param {() => number} [given.reach] rows that can be chosen, where not all can
 * @param {HTMLElement[]} [given.more] what else stands in the plane
 * @param {() => number} [given.beside] pixels that it takes right of the cells
 * @param {(cell: number[]) => string} [given.pointed] shows more of a cell, and says it
 * @param {boolean} [given.plain] whether the rows' words stand alone, without cells
 * @param {string[] | null} [given.rewrites] where a reader can change the words of the rows: those
 *     that stood already
 */
export function map({ nothing, packing, say, page, clear, scaled, rewrites, pointed, ...options }) {
  const { reach = () => size()[0], more = [], beside = () => 8, plain } = options;
  /** @type {Shown} */
  let shown;
  let head = 0;
  let one = false;
  let [font, cw, ch] = ["", 0, 0];
  let [wide, tall] = [0, 0]; // the room there is; `tall` on a slide
  /** @type {number[][]} */
  let colours;
  /** @type {Element[]} */
  let marked = [];
  /** @type {{cell: number[] | null, over: number[] | null}} */
  const at = { cell: null, over: null };

  const canvas = h("canvas");
  const lines = ["halo", "gold"].map((name) => svgNode("path", { class: `lv-${name}` }));
  const gold = svgNode("svg", {}, ...lines);
  const [row, column, numbers, box] = divs("row column numbers box");
  const none = div("nothing", h("span", {}, nothing));
  const inside = [canvas, gold, row, column, numbers, box, none];
  const cells = h("div", { class: "lv-cells", "aria-hidden": true }, ...inside);
  const [corner, tops, sides] = divs("corner tops sides");
  const role = { role: "application", "aria-roledescription": "weights" };
  const around = [corner, tops, sides, cells, ...more];
  const plane = h("div", { class: "lv-plane", tabindex: 0, ...role }, ...around);
  const frame = div("frame", plane);
  const reading = h("p", { class: "lv-reading" });
  const words = !rewrites
    ? null
    : rewriting({
        ...{ reading, go: (i) => go(i), shown: () => shown, back: () => plane.focus() },
        most: rewrites.length,
        spot: (i) => [plane.offsetTop + sides.offsetTop + (i + 1) * ch, plane.offsetLeft],
      });
  const bar = h("i");
  const key = h("span", { class: "lv-key" }, "gold link");
  const scale = group(
    "colours",
    packing === "u8 sqrt" ? "weight (to 0.004) 0" : "weight 0",
    bar,
    choice("the colours end at", ["row max", "1"], (i) => {
      one = i > 0;
      scaled();
    }),
    key,
  );
  const weighed = tabled("table", "table of the weights", matrix, (text, i, j) => {
    const linked = isGold(i, j) && h("span", { class: "lv-hidden" }, " gold");
    return h("td", { class: linked && "lv-link" }, (+text).toFixed(2), linked);
  });

  /** Rows and columns. @returns {[number, number]} */
  const size = () => [shown.rows.length, shown.columns.length];
  /** What row i reads: one weight for each column. */
  function weights(i) {
    const [T, S] = size();
    return shown.values.subarray((head * T + i) * S, (head * T + i + 1) * S);
  }
  const colour = (i, j) => {
    const list = weights(i);
    return colours[Math.round((255 * list[j]) / ((!one && peak(list)) || 1))];
  };
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
    const name = `${quote(shown.rows, i)}${shown.mine?.includes(i) ? ", your word," : ""}`;
    if (plain) return `${name}. ${nothing}`;
    if (!peak(list)) return `${name} reads nothing: every weight is zero.`;
    const order = [...list.keys()].sort((a, b) => list[b] - list[a]);
    const weight = (k) => `${quote(shown.columns, k)} ${list[k].toFixed(2)}`;
    const alike = (k, l) => list[k].toFixed(2) === list[l].toFixed(2);
    const rank = order.findIndex((k) => alike(k, j)); // by printed weights; equal ones share it
    const [first, next = first] = order.filter((k) => k !== j);
    let text = `${name} reads ${weight(j)}`;
    if (rank) {
      text += `, ${nth(rank + 1)} of ${order.length}; most is on ${weight(first)}`;
      if (first !== next && alike(first, next)) text += ` and ${weight(next)}`;
    } else if (order.length > 1)
      text += alike(j, first)
        ? `, as much as ${quote(shown.columns, first)}`
        : `, then ${weight(first)}`;
    const bits = `${entropy(list).toFixed(1)} of ${Math.log2(order.length).toFixed(1)} bits`;
    return `${text}. ${isGold(i, j) ? "A gold link. " : ""}Entropy ${bits}.`;
  }

  /** The font, and the colours from the paper that the page has now. */
  function look() {
    const style = getComputedStyle(plane);
    font = `${style.fontSize} ${style.fontFamily}`;
    colours = palette(paperOf(plane));
    bar.style.background = barOf(colours);
  }

  /** Sizes from the room there is; then the words around the cells. */
  function layout() {
    const [T, S] = size();
    const [down, along] = axes(shown, frame.clientWidth < 400);
    const side = widest([...shown.rows, down, along], font) + 12;
    const long = widest(shown.columns, font);
    const room = frame.clientWidth - side - beside();
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
    const lengths = { side, high, cw, ch, after, w: cw * S, h: ch * T };
    for (const [name, value] of Object.entries(lengths))
      plane.style.setProperty(`--${name}`, `${value}px`);
    plane.dataset.tilt = tilt;
    const kinds = [shown.row_label, shown.column_label].map((label) =>
      ["reads", "is read"].includes(label) ? "words" : `${label} words`,
    );
    const sizes = `${T} ${kinds[0]}${plain ? "" : ` by ${S} ${kinds[1]}`}`;
    const more = words ? ", enter changes a word" : "";
    plane.setAttribute("aria-label", `${sizes}; arrow keys move${more}`);
    const labels = (list, lang) => list.map((text) => h("span", { lang }, text));
    tops.replaceChildren(...labels(shown.columns, shown.languages?.[1]));
    sides.replaceChildren(...labels(shown.rows, shown.languages?.[0]));
    sides.classList.toggle("lv-writes", !!words);
    for (const i of shown.mine ?? []) sides.children[i].classList.add("lv-mine");
    corner.replaceChildren(h("span", {}, along), h("span", {}, down));
    key.hidden = !shown.gold.length;
    none.style.display = cw * S < 120 ? "none" : ""; // no room for a sentence
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
    for (const label of marked) label.classList.remove("lv-on");
    marked = [];
    cells.classList.toggle("lv-none", !cell);
    const point = touches()
      ? "Tap a cell"
      : "Point at a cell, or press the arrow keys in the picture";
    let text = none.hidden ? `${point}: its weight is said here.` : nothing;
    if (words) text += " Choose a written word to change it: the rest is written anew.";
    const more = pointed?.(cell ?? [0, 0]) ?? "";
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
        number.style.color = inkOn(colour(i, k));
      });
      text = told(i, j) + more;
    }
    reading.textContent = text;
    words?.choose(at.cell?.[0]);
    return text;
  }

  function select(cell) {
    at.over = null;
    at.cell = cell;
    say(point());
  }

  function under({ clientX, clientY }) {
    const { left, top } = cells.getBoundingClientRect();
    const [i, j] = [Math.floor((clientY - top) / ch), Math.floor((clientX - left) / cw)];
    return i >= 0 && j >= 0 && i < reach() && j < size()[1] ? [i, j] : null;
  }
  function hover(cell) {
    if (`${cell}` === `${at.over}`) return;
    at.over = cell;
    point();
  }
  cells.onpointermove = (event) => hover(under(event));
  cells.onpointerleave = () => hover(null);
  cells.onclick = (event) => under(event) && select(under(event));
  /** Choose what row i reads most. @param {number} i */
  const go = (i) => select([i, Array.from(weights(i)).indexOf(peak(weights(i)))]);
  /** Open the field at the word of row i. @param {number} i */
  function change(i) {
    if (at.cell?.[0] !== i) go(i);
    words?.open(i);
  }
  sides.onclick = ({ target }) => {
    const i = [...sides.children].indexOf(target);
    if (words && i >= 0 && i < reach()) change(i);
  };
  plane.addEventListener("keydown", (event) => {
    if (!words || event.key !== "Enter" || !at.cell) return;
    event.preventDefault();
    change(at.cell[0]);
  });
  plane.onfocus = () => at.cell || !plane.matches(":focus-visible") || select([0, 0]);
  roving(plane, {
    size: () => [reach(), plain ? 1 : size()[1]],
    at: () => at.cell,
    go(cell) {
      select(cell);
      box.scrollIntoView({ block: "nearest", inline: "nearest" });
    },
    page,
    clear,
  });

  /** The map with its words, as a picture to save. */
  function svg(title = shown.title) {
    const [T, S] = size();
    const { ink, paper } = inks(frame.closest(".lv"));
    const wide = (list) => 8 * Math.max(...list.map((text) => text.length));
    const [down, along] = axes(shown);
    const [x, y] = [wide([...shown.rows, down, along]) + 12, 50 + wide(shown.columns) * 0.8];
    const rect = (i, j, more) =>
      `<rect x="${x + j * cw}" y="${y + i * ch}" width="${cw}" height="${ch}" ${more}/>`;
    const filled = (i, j) =>
      rect(i, j, `fill="${rgb(colour(i, j))}" stroke="${ink}" stroke-opacity=".12"`);
    const outlined = key.hidden ? "" : "; outlined: gold link";
    const left = 'text-anchor="end"';
    return picture(title, x + S * cw + 60, y + T * ch + 34, { ink, paper }, [
      textAt(x - 6, y - 22, along, left),
      textAt(x - 6, y - 6, down, left),
      ...shown.columns.map((name, j) =>
        textAt(0, 0, name, `transform="translate(${x + (j + 0.6) * cw} ${y - 6})rotate(-50)"`),
      ),
      ...shown.rows.map((name, i) => textAt(x - 6, y + (i + 0.5) * ch + 4, name, left)),
      ...shown.rows.flatMap((_, i) => shown.columns.map((__, j) => filled(i, j))),
      ...shown.gold.map(([i, j]) => rect(i, j, `fill="none" stroke="${ink}" stroke-width="2"`)),
      textAt(x, y + T * ch + 22, `colour: weight, 0 to ${one ? 1 : "row max"}${outlined}`),
    ]);
  }

  return {
    ...{ at, frame, plane, reading, scale, weights, matrix, layout, point, select, svg },
    ...{ table: weighed.table, toggle: weighed.toggle },
    ...{ words, below: words?.line ?? reading, ready: () => !!font },
    colours: () => colours,
    ends: () => one,
    /**
     * Draw, as soon as there is room, and again when it or the paper changes.
     * @param {HTMLElement} root of the view @param {AbortSignal} signal
     * @param {() => void} arrange lays out @param {() => void} paint
     */
    fits(root, signal, arrange, paint) {
      function fit() {
        const given = +getComputedStyle(root).getPropertyValue("--lv-tall");
        if (wide === frame.clientWidth && tall === given) return;
        [wide, tall] = [frame.clientWidth, given];
        if (!font) look();
        arrange();
        paint();
      }
      fit();
      const room = new ResizeObserver(fit);
      room.observe(frame);
      root.addEventListener("lv-fit", fit);
      onTheme(() => {
        if (!font) return;
        look();
        paint();
      }, signal);
      signal.addEventListener("abort", () => room.disconnect());
    },
    /** @param {Shown} state */
    show(state) {
      shown = state;
      head = 0;
      Object.assign(at, { cell: null, over: null });
      none.hidden = peak(shown.values) > 0;
    },
    /** Another head, whose image begins at (x, y). */
    turn(place, image, x, y) {
      const [T, S] = size();
      head = place;
      draw(canvas, image, x, y, S, T);
      weighed.tabulate();
      point();
    },
  };
}
