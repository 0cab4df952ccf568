// Where a number comes from: a score from a row of Q and a column of K^T, a number of a read from a
// row of weights and a column of V; the products listed and summed.

import { button, div, group, h } from "../shared/dom.js";
import { fixed, quote } from "../shared/words.js";

const dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0);

/** Two lists, their products and the sum, into a region.
 * @param {HTMLElement} into @param {(string | number)[]} head what the products are called
 * @param {[string, string, ArrayLike<number>][]} pair of each its role, its name, its numbers */
function multiplied(into, head, pair) {
  const [a, b] = pair.map(([, , list]) => Array.from(list));
  const line = (role, name, list, end) =>
    h(
      "tr",
      { "data-role": role },
      ...[h("th", { scope: "row" }, name), ...list.map((x) => h("td", {}, fixed(x))), end],
    );
  const sum = h("td", {}, h("b", {}, fixed(dot(a, b))));
  into.replaceChildren(
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h("tr", {}, h("td"), ...[...head, "sum"].map((text) => h("th", { scope: "col" }, text))),
      ),
      h(
        "tbody",
        {},
        ...pair.map(([role, name, list]) => line(role, name, Array.from(list), h("td"))),
        line(
          "product",
          "product",
          a.map((x, k) => x * b[k]),
          sum,
        ),
      ),
    ),
  );
}

/** The parts, and a function that fills them for a cell; it gives a sentence about its score. */
export function origins() {
  const region = (label) =>
    h("div", { class: "lv-table", tabindex: 0, role: "region", "aria-label": label });
  const [score, read] = ["where the score comes from", "where this number comes from"].map(region);
  const [asks, reads] = [h("p"), h("p")];
  const list = group("numbers of the read");
  const el = div("origin", asks, score, reads, list, read);
  let feature = 0;

  /** @param {any} shown @param {ArrayLike<number>} weights of the row @param {number[]} cell */
  function show(shown, weights, [i, j]) {
    el.hidden = !shown.origin;
    if (!shown.origin) return "";
    const { queries, keys, values } = shown.origin;
    const [row, column] = [quote(shown.rows, i), quote(shown.columns, j)];
    const size = queries[i].length;
    const features = queries[i].map((_, k) => k + 1);
    asks.textContent = `The score of ${row} on ${column}, a number of QKᵀ: row ${i + 1} of Q, column ${j + 1} of Kᵀ.`;
    multiplied(score, features, [
      ["query", `query of ${row}`, queries[i]],
      ["key", `key of ${column}`, keys[j]],
    ]);
    reads.textContent = `What ${row} reads. Choose one of its numbers: row ${i + 1} of the weights, a column of V.`;
    const of = (k) => values.map((value) => value[k]);
    const choose = (k) => {
      feature = k;
      for (const [at, one] of [...list.children].entries())
        one.setAttribute("aria-pressed", `${at === k}`);
      multiplied(read, shown.columns, [
        ["query", `weights of ${row}`, weights],
        ["value", `feature ${k + 1} of the values`, of(k)],
      ]);
    };
    const made = values[0].map((_, k) => {
      const text = fixed(dot(Array.from(weights), of(k)));
      const one = button(text, `feature ${k + 1}: ${text}`, () => choose(k));
      one.onpointerenter = one.onfocus = () => choose(k);
      return one;
    });
    list.replaceChildren(...made);
    choose(Math.min(feature, made.length - 1));
    const sum = dot(queries[i], keys[j]);
    return ` Its score: ${fixed(sum)}, over the root of ${size} ${fixed(sum / Math.sqrt(size))}.`;
  }
  return { el, show };
}
