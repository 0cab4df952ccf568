// The scores of classes: how sure an answer is, as a sentence and as bars. As images.py says it.

import { h, write } from "./dom.js";
import { textAt } from "./save.js";
import { brief } from "./words.js";

/** The probabilities of scores. @param {number[]} scores */
export function chances(scores) {
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** @param {number} p a probability */
export const percent = (p) =>
  p >= 0.995 ? "over 99 %" : p < 0.005 ? "under 1 %" : `${Math.floor(100 * p + 0.5)} %`;

/** The answer, how sure it is, and the next likely. @param {Record<string, any>} state */
export function answered({ who, labels, scores }) {
  const sure = chances(scores);
  const [first, next] = [...sure.keys()].sort((a, b) => sure[b] - sure[a]);
  const second = next === undefined ? "" : `; next comes “${labels[next]}”, ${percent(sure[next])}`;
  return `The ${who} answers “${labels[first]}”, ${percent(sure[first])} sure${second}.`;
}

/** The same, short: what is still shown after a failure. @param {Record<string, any>} state */
export const stillAnswered = ({ labels, scores }) =>
  `the answer “${labels[scores.indexOf(Math.max(...scores))]}”.`;

/** The classes that are listed: all in order, or the likeliest where there are many.
 * @param {number[]} sure */
export function listed(sure) {
  const all = [...sure.keys()];
  return all.length > 12 ? all.sort((a, b) => sure[b] - sure[a]).slice(0, 10) : all;
}

/** The classes as marks of a saved picture, and how high they are together.
 * @param {Record<string, any>} state its labels and scores @param {number} x @param {number} top
 * @param {string} ink @returns {[string[], number]} */
export function scoreMarks({ labels, scores }, x, top, ink) {
  const sure = chances(scores);
  const several = listed(sure);
  const marks = several.flatMap((k, i) => {
    const y = top + 22 * i;
    const bar = `<rect x="${x + 40}" y="${y - 11}" width="${80 * sure[k]}" height="12" fill="${ink}"/>`;
    return [textAt(x, y, labels[k]), bar, textAt(x + 130, y, percent(sure[k]))];
  });
  return [marks, 22 * several.length];
}

/** A table of classes, their bars and numbers: `el`, and `show`, which fills it. Beside the scores
 * may stand those `after` something was changed. */
export function scoreTable() {
  const head = h("thead");
  const body = h("tbody");
  const el = h("table", { class: "lv-scores", "aria-label": "scores of the classes" }, head, body);
  const bar = () => h("td", {}, h("i"), h("span"));
  const plain = () => h("td", {}, h("span"));
  const line = (two) =>
    h("tr", {}, h("th", { scope: "row" }, h("span")), bar(), two ? bar() : plain());

  /** @param {Record<string, any>} state its labels and scores
   * @param {number[] | null} [after] @param {string[]} [names] of the two columns */
  function show({ labels, scores }, after = null, names = []) {
    const [sure, then] = [chances(scores), after && chances(after)];
    const best = Math.max(...sure);
    const several = listed(sure);
    if (body.rows.length !== several.length || !!then !== !!head.rows.length) {
      body.replaceChildren(...several.map(() => line(then)));
      const tops = ["class", ...names].map((name) => h("th", { scope: "col" }, name));
      head.replaceChildren(...(then ? [h("tr", {}, ...tops)] : []));
    }
    several.forEach((k, i) => {
      const { cells, classList } = body.rows[i];
      classList.toggle("lv-on", sure[k] === best);
      const second = then ? percent(then[k]) : brief(scores[k]);
      [labels[k], percent(sure[k]), second].forEach((text, j) => {
        write(cells[j].lastChild, text);
      });
      [sure, then].forEach((p, j) => {
        if (p) cells[j + 1].style.setProperty("--p", p[k].toFixed(3));
      });
    });
  }
  return { el, show };
}
