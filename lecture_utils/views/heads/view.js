// The view of all heads: every layer and head on one canvas, and one of them open as a map.

import { inks } from "../shared/colours.js";
import { announcer, div, group, h, root as rootOf, tabled, write } from "../shared/dom.js";
import { roving } from "../shared/grid.js";
import { inked, map } from "../shared/map.js";
import { draw } from "../shared/pixels.js";
import { picture, saves, textAt } from "../shared/save.js";
import { field } from "../shared/talk.js";
import { unpack } from "../shared/weights.js";
import { nth } from "../shared/words.js";
import { measuring, sorted } from "./measures.js";

const TILE = 64; // pixels, of a head in a saved picture

/** @param {{model: import("../shared/talk.js").Model, el: HTMLElement, signal?: AbortSignal}} home */
function render({ model, el, signal = new AbortController().signal }) {
  let shown;
  let told; // gives the measures of a head
  let order; // the heads as they lie on the canvas, by their places among all
  const at = { by: "place", open: 0 }; // `open` is a place among all heads
  const { title, packing, nothing, prefix, asks } = model.get("state");

  // --- the parts ------------------------------------------------------------------------------
  const canvas = h("canvas");
  const mark = h("i");
  const tiles = div("tiles", canvas, mark);
  const [layers, tops] = [div("layers"), div("tops")];
  const role = { role: "application", "aria-roledescription": "heads" };
  const atlas = h(
    "div",
    { class: "lv-atlas", tabindex: 0, ...role },
    ...[tops, layers, tiles].map((part) => {
      part.setAttribute("aria-hidden", "true");
      return part;
    }),
  );
  const name = h("p", { class: "lv-named" });
  const by = h("select", { onchange: () => sort(by.value) });
  const weighed = map({
    ...{ nothing, packing, rewrites: asks.length ? prefix : null },
    say: (text) => say(text),
    page: (step) => open(order[(here() + step + order.length) % order.length], true),
    clear() {
      weighed.select(null);
      atlas.focus();
    },
    scaled: () => paint(),
  });
  weighed.toggle.textContent = "weights";
  const numbers = tabled("heads", "table of the heads", rows);
  const form = field({
    ...{ model, signal, words: weighed.words, verb: "show", busy: "Reading …", label: "text" },
    show,
  });
  const root = rootOf(
    ...["heads of attention", title, form],
    group("order", h("label", {}, "sort by ", by)),
    div("both", atlas, div("open", name, weighed.frame, weighed.below)),
    div("tools", weighed.scale, saves("heads", svg, rows, numbers.toggle, weighed.toggle)),
    numbers.table,
    weighed.table,
  );
  const say = announcer(root);

  // --- the numbers ----------------------------------------------------------------------------
  const here = () => order.indexOf(at.open);
  /** Layer and head of a place. */
  const where = (place) => [Math.floor(place / shown.shape[1]), place % shown.shape[1]];
  const called = (place) => {
    const [layer, head] = where(place);
    return `${shown.shape[0] > 1 ? `Layer ${layer + 1}, ` : ""}${shown.heads[head]}`;
  };
  const digits = (x) => (x == null ? "–" : x.toFixed(2));

  /** A head in words. */
  function describe(place) {
    const { entropy, distance, agreement } = told(place);
    const of = Math.log2(shown.columns.length).toFixed(1);
    const rank =
      at.by === "place" ? "" : ` (${nth(order.indexOf(place) + 1)} of ${order.length} by ${at.by})`;
    const from = shown.gold.length ? "from the gold links" : "from its own place";
    const parts = [
      entropy == null ? "it reads nothing" : `entropy ${entropy.toFixed(1)} of ${of} bits`,
      distance != null && `${distance.toFixed(1)} words ${from}`,
      agreement != null && `agrees with ${Math.round(100 * agreement)} % of the gold links`,
    ];
    return `${called(place)}${rank}: ${parts.filter(Boolean).join(", ")}.`;
  }

  /** One row a head, in the order of the canvas. */
  function rows() {
    const kinds = shown.gold.length
      ? ["entropy", "distance", "agreement"]
      : ["entropy", "distance"];
    const line = (place) => {
      const [layer, head] = where(place);
      return [layer + 1, shown.heads[head], ...kinds.map((kind) => digits(told(place)[kind]))];
    };
    return [["layer", "head", ...kinds], ...order.map(line)];
  }

  // --- drawing --------------------------------------------------------------------------------
  /** @type {ImageData} */
  let image;

  /** All heads into one image; then the open one. */
  function paint() {
    image = inked(shown, order, shown.shape[1], weighed.colours(), weighed.ends());
    draw(canvas, image);
    turn();
  }

  /** Where the k-th head of the canvas lies: line and place in it. */
  const spot = (k) => [Math.floor(k / shown.shape[1]), k % shown.shape[1]];

  function turn() {
    const [L, H, T, S] = shown.shape;
    const [line, across] = spot(here());
    Object.assign(mark.style, { top: `${(100 * line) / L}%`, left: `${(100 * across) / H}%` });
    write(name, describe(at.open));
    weighed.turn(at.open, image, across * S, line * T);
  }

  /** What stands at the lines and above the columns: layers and heads, unless they are sorted. */
  function label() {
    const [L, H, T, S] = shown.shape;
    const place = at.by === "place";
    const named = (n) => Array.from({ length: n }, (_, k) => h("span", {}, place ? k + 1 : ""));
    layers.replaceChildren(...named(L));
    tops.replaceChildren(...named(H));
    layers.dataset.axis = place ? "layer ↓" : "";
    tops.dataset.axis = place
      ? "head →"
      : `${at.by} ${at.by === "agreement" ? "falls" : "rises"} →`;
    const shape = Math.max(0.5, Math.min(2, S / T));
    for (const [name, value] of Object.entries({ lines: L, across: H, shape }))
      atlas.style.setProperty(`--${name}`, value);
    atlas.setAttribute("aria-label", `${L} by ${H} heads (layers by heads); arrow keys move`);
    numbers.tabulate();
  }

  /** The canvas as it is, the open head framed, and the open head below. */
  function svg() {
    const [L, H] = shown.shape;
    const { ink, paper } = inks(root);
    const [line, across] = spot(here());
    const [x, y, w, high] = [60, 56, H * TILE, L * TILE];
    const grid = [
      ...Array.from({ length: H + 1 }, (_, k) => `M${x + k * TILE} ${y}v${high}`),
      ...Array.from({ length: L + 1 }, (_, k) => `M${x} ${y + k * TILE}h${w}`),
    ];
    const end = 'text-anchor="end"';
    const label = [...layers.children].map((one, k) =>
      textAt(x - 8, y + (k + 0.5) * TILE + 4, one.textContent, end),
    );
    const above = [...tops.children].map((one, k) =>
      textAt(x + (k + 0.5) * TILE, y - 6, one.textContent, 'text-anchor="middle"'),
    );
    const below = weighed.svg(describe(at.open));
    const [width, height] = ["width", "height"].map((kind) =>
      Number(below.match(`${kind}="([^"]+)"`)?.[1]),
    );
    const size = 'preserveAspectRatio="none" style="image-rendering:pixelated"';
    return picture(
      shown.title,
      Math.max(x + w + 20, width),
      y + high + 20 + height,
      { ink, paper },
      [
        textAt(x, y - 22, tops.dataset.axis),
        textAt(x - 8, y - 22, layers.dataset.axis, end),
        ...above,
        ...label,
        `<image x="${x}" y="${y}" width="${w}" height="${high}" href="${canvas.toDataURL()}" ${size}/>`,
        `<path d="${grid.join("")}" stroke="${paper}" stroke-width="2" fill="none"/>`,
        `<rect x="${x + across * TILE}" y="${y + line * TILE}" width="${TILE}" height="${TILE}" fill="none" stroke="${ink}" stroke-width="2"/>`,
        below.replace("<svg ", `<svg y="${y + high + 20}" `),
      ],
    );
  }

  // --- what the reader does -------------------------------------------------------------------
  function open(place, aloud) {
    at.open = place;
    turn();
    if (aloud) say(describe(place));
  }

  function sort(kind) {
    at.by = kind;
    order = sorted(told, order.length, kind);
    at.open = order[0];
    label();
    paint();
    say(describe(at.open));
  }

  function under({ clientX, clientY }) {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const [L, H] = shown.shape;
    const k = (x, size, n) => Math.max(0, Math.min(n - 1, Math.floor((x / size) * n)));
    return order[k(clientY - top, height, L) * H + k(clientX - left, width, H)];
  }
  tiles.onpointermove = (event) => {
    const place = under(event);
    write(name, `${describe(place)}${place === at.open ? "" : " A click opens it."}`);
  };
  tiles.onpointerleave = () => write(name, describe(at.open));
  tiles.onclick = (event) => open(under(event), true);
  const go = ([line, across]) => open(order[line * shown.shape[1] + across], true);
  roving(atlas, {
    size: () => shown.shape.slice(0, 2),
    at: () => spot(here()),
    go,
    page: (step) => go([step < 0 ? 0 : shown.shape[0] - 1, spot(here())[1]]),
    clear: () => open(order[0], true),
  });
  atlas.addEventListener("keydown", (event) => {
    if (event.key === "Enter") weighed.plane.focus();
  });

  /** Put the state on the screen. */
  function show(given) {
    shown = { ...given, values: unpack(given) };
    told = measuring(shown);
    const kinds = ["place", "entropy", "distance", ...(shown.gold.length ? ["agreement"] : [])];
    by.replaceChildren(...kinds.map((value) => h("option", { value }, value)));
    if (!kinds.includes(at.by)) at.by = "place";
    by.value = at.by;
    order = sorted(told, shown.shape[0] * shown.shape[1], at.by);
    if (!(at.open < order.length)) at.open = 0;
    weighed.show(shown);
    label();
    if (!weighed.ready()) return;
    weighed.layout();
    paint();
    if (given.n) say(describe(at.open));
  }

  el.append(root);
  show(weighed.words?.marked(model.get("state")) ?? model.get("state"));
  weighed.fits(root, signal, weighed.layout, paint);
}

export default { render };
