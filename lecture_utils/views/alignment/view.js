// The alignment view: which source words (columns) each output word (row) read.

import {
  announcer,
  atFirstSight,
  button,
  come,
  div,
  group,
  h,
  root as rootOf,
} from "../shared/dom.js";
import { divs, inked, map } from "../shared/map.js";
import { draw } from "../shared/pixels.js";
import { saves } from "../shared/save.js";
import { field } from "../shared/talk.js";
import { peak, unpack } from "../shared/weights.js";
import { origins } from "./origin.js";

/** @param {{model: import("../shared/talk.js").Model, el: HTMLElement, signal?: AbortSignal}} home */
function render({ model, el, signal = new AbortController().signal }) {
  let shown; // what is on the screen: the state, or a part of the answer that will take its place
  const at = { layer: 0, head: 0, step: 0 };
  const {
    title,
    packing,
    prefix,
    asks,
    plain, // no map: the words alone
    nothing = "No word reads any: every weight is zero.",
  } = model.get("state");

  // --- the parts ------------------------------------------------------------------------------
  const [over, sure, veil] = divs("over sure veil");
  over.textContent = "sure";
  const dash = () => (weighed.frame.clientWidth < 400 ? 0 : 34);
  const origin = origins();
  const weighed = map({
    pointed: (cell) => origin.show(shown, weights(cell[0]), cell),
    ...{ nothing, packing, plain, rewrites: asks.length ? prefix : null, more: [over, sure, veil] },
    say: (text) => say(text),
    page(by) {
      const n = shown.shape[1];
      if (n === 1) return false;
      go("head", (at.head + by + n) % n);
    },
    clear: () => step(0),
    scaled: () => paint(),
    reach: () => at.step || shown.rows.length,
    beside: () => (shown.probabilities ? 48 + dash() : 8),
  });
  const { frame, plane, reading, weights } = weighed;
  const heads = div("which");
  const word = h("span", { class: "lv-word" });
  const arrow = (text, label, by) => button(text, label, () => step(at.step + by));
  const stepper = group(
    "step through the words",
    arrow("‹", "previous word", -1),
    arrow("›", "next word", 1),
    word,
  );
  const form = field({
    ...{ model, signal, words: weighed.words, verb: "translate", busy: "Translating …" },
    part,
    show,
    beside: stepper,
  });
  const root = rootOf(
    ...["alignment of words", title, form, heads, frame, weighed.below, origin.el],
    div(
      "tools",
      !form && stepper,
      !plain && weighed.scale,
      !plain && saves("alignment", () => weighed.svg(), weighed.matrix, weighed.toggle),
    ),
    !plain && weighed.table,
  );
  root.classList.toggle("lv-plain", !!plain);
  const say = announcer(root);

  // --- drawing --------------------------------------------------------------------------------
  /** @type {ImageData} */
  let image;
  let atlas;
  let mark;

  /** Every head of the layer into one image, side by side; then the chosen one. */
  function paint() {
    const H = shown.shape[1];
    const places = Array.from({ length: H }, (_, k) => at.layer * H + k);
    image = inked(shown, places, H, weighed.colours(), weighed.ends());
    if (atlas) draw(atlas, image);
    turn();
  }

  function turn() {
    const [, H, , S] = shown.shape;
    if (mark) mark.style.left = `${(100 * at.head) / H}%`;
    unveil();
    weighed.turn(at.layer * H + at.head, image, at.head * S, 0);
  }

  /** Sizes from the room there is; then how sure each word is. */
  function layout() {
    plane.style.setProperty("--dash", `${dash()}px`);
    weighed.layout();
    over.hidden = sure.hidden = !shown.probabilities;
    sure.replaceChildren(
      ...(shown.probabilities ?? []).map((p) =>
        h("span", { style: `--p:${p}` }, h("i"), p.toFixed(2)),
      ),
    );
  }

  /** The words that are written so far; what is to come is pale. */
  function unveil() {
    if (!weighed.ready()) return;
    const T = shown.rows.length;
    veil.classList.toggle("lv-step", at.step > 0);
    const rows = at.step || T;
    veil.style.clipPath = `inset(calc(var(--ch) * ${rows} + ${at.step ? 0 : 1}px) 0 0)`;
    const all = T > 1 ? `all ${T} words` : "the one word";
    word.textContent = at.step ? `word ${at.step} of ${T}` : all;
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
    const T = shown.rows.length;
    veil.classList.remove("lv-come");
    at.step = (n + T + 1) % (T + 1);
    unveil();
    const last = at.step - 1;
    weighed.select(at.step ? [last, weights(last).indexOf(peak(weights(last)))] : null);
    say(`${word.textContent}. ${reading.textContent}`);
  }

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
    weighed.show(shown);
    veil.style.setProperty("--rows", shown.rows.length);
    Object.assign(at, { layer: 0, head: 0, step: 0 });
    choose();
    frame.style.minHeight = "";
    if (weighed.ready()) {
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

  el.append(root);
  show(weighed.words?.marked(model.get("state")) ?? model.get("state"));
  weighed.fits(root, signal, layout, paint);
  atFirstSight(frame, () => come(veil), signal);
}

export default { render };
