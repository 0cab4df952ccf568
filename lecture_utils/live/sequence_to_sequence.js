// Models that read a sequence and write another, word by word: the page's half of
// lecture_utils.live.sequence_to_sequence.

import * as numerals from "./numerals.js";

/** What readers write: how it becomes words, and what is said of the words that come back. */
const FORMS = { numerals };

const isTokens = (side) => Array.isArray(side?.tokens);

/** @param {any} spec */
export const fits = ({ source, target, text, limits }) =>
  isTokens(source) && isTokens(target) && text?.form in FORMS && limits?.target > 0;

/** The tensors whose names begin with `from`, with `to` in its place. */
const renamed = (tensors, from, to) =>
  Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(from))
      .map(([name, tensor]) => [to + name.slice(from.length), tensor]),
  );

/** The tensors of several calls, one behind the other. */
const stacked = (calls) =>
  Object.fromEntries(
    Object.entries(calls).map(([place, list]) => {
      const weights = Float32Array.from(list.flatMap(({ data }) => Array.from(data)));
      return [place, { shape: [list.length, ...list[0].dims], weights, packing: "none" }];
    }),
  );

/**
 * The weights of several steps, (1, 1, S) or (layers, heads, 1, S), as a view has them.
 * @param {{dims: readonly number[], data: ArrayLike<number>}[]} steps @param {number} slots S
 */
export function joined(steps, slots) {
  const [layers, heads] = steps[0]?.dims.length === 4 ? steps[0].dims : [1, 1];
  const shape = [layers, heads, steps.length, slots];
  const weights = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => {
    const row = Math.floor(at / slots); // of all heads, one behind the other
    const head = Math.floor(row / steps.length);
    return steps[row % steps.length].data[head * slots + (at % slots)];
  });
  return { weights, shape, heads: Array.from({ length: heads }, (_, k) => `head ${k + 1}`) };
}

/** Write the target greedily; each word is shown as it comes.
 * @param {{text: string}} request @param {import("./runtime.js").Tools} tools */
export async function answer({ text }, { spec, load, part, alive }) {
  const { source, target, limits } = spec;
  const form = FORMS[spec.text.form];
  const asked = form.parse(text, { ...spec.text, most: limits.source });
  const { graphs, int64 } = await load();
  if (!alive()) return null;
  const columns = asked.words;
  const number = new Map(source.tokens.map((token, id) => [token, id]));
  const ids = columns.map((word) => number.get(word) ?? source.unknown);
  const memory = await graphs.encode({ source: int64(ids, [1, ids.length]) });
  let state = renamed(memory, "state_", "state_");
  let token = target.start;
  const [rows, looks, probabilities] = [[], [], []];
  /** What fills a picture, by the place in the model: the tensors of the calls.
   * @type {Record<string, {dims: number[], data: Float32Array}[]>} */
  const calls = {
    "encoder<0": [{ dims: [1, ids.length], data: Float32Array.from(ids) }],
    encoder: [memory.memory],
  };

  /** What is written so far, as the view's state. */
  function told(message = "") {
    const names = new Intl.DisplayNames(["en"], { type: "language" });
    const languages = [target.language, source.language];
    const [row_label, column_label] = languages.map((code) => names.of(code));
    return {
      ...{ text, message, rows: [...rows], columns, row_label, column_label, languages },
      ...{ ...joined(looks, columns.length), packing: "none" },
      probabilities: [...probabilities],
      gold: form.links(rows, columns, spec.text.values),
    };
  }

  /** The same with the numbers of every step, as a picture takes them. */
  const whole = (message) => ({ ...told(message), flow: stacked(calls) });

  while (rows.length < limits.target) {
    const made = await graphs.step({ ...memory, ...state, token: int64([token], [1]) });
    if (!alive()) return null;
    const last = { dims: made.context ? [1] : [1, 1], data: Float32Array.of(token) };
    const query = { dims: [1, ...state.state_0.dims], data: state.state_0.data }; // of one step
    const step = made.context && {
      "context.address.W<0": query,
      "context.address": made.weights,
      context: made.context,
      "decoder.cell<1": state.state_0,
      "decoder.cell": made.next_0,
    };
    for (const [place, tensor] of Object.entries({ "decoder<0": last, ...step }))
      if (tensor) calls[place] = [...(calls[place] ?? []), tensor];
    const logits = made.logits.data;
    state = renamed(made, "next_", "state_");
    token = logits.indexOf(Math.max(...logits));
    if (token === target.end) break;
    probabilities.push(1 / logits.reduce((sum, x) => sum + Math.exp(x - logits[token]), 0));
    rows.push(target.tokens[token]);
    looks.push(made.weights ?? { dims: [], data: columns.map(() => 0) }); // a fixed context: none
    part(told());
    await (globalThis.scheduler?.yield?.() ?? new Promise((next) => setTimeout(next)));
    if (!alive()) return null;
  }
  if (!rows.length) throw Error("The model answered with no word at all.");
  const ended = token === target.end;
  const cut = ended ? "" : ` (stopped after ${limits.target} words, without an end)`;
  return whole(form.readBack(rows, asked, spec.text.values) + cut);
}
