// Models that read a sequence and write another, word by word: the page's half of
// lecture_utils.live.sequence_to_sequence.

import * as numerals from "./numerals.js";
import { best, clip } from "./text.js";

/** What readers write: how it becomes words, and what is said of the words that come back. */
const FORMS = { numerals };

const GUESSES = 5; // words that a state is said to say, or that could stand at a place

const isTokens = (side) => Array.isArray(side?.tokens);

const isPlaces = (list) => Array.isArray(list) && list.every((one) => typeof one === "string");

/** @param {any} spec */
export const fits = ({ source, target, text, limits, places = [], told = [] }) =>
  isTokens(source) &&
  isTokens(target) &&
  text?.form in FORMS &&
  limits?.target > 0 &&
  isPlaces(places) &&
  isPlaces(told);

/** The tensors whose names begin with `from`, with `to` in its place. */
const renamed = (tensors, from, to) =>
  Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(from))
      .map(([name, tensor]) => [to + name.slice(from.length), tensor]),
  );

/** The named tensors of those that there are. */
const named = (tensors, names) =>
  Object.fromEntries(names.filter((name) => tensors[name]).map((name) => [name, tensors[name]]));

/** The weights of the heads, (1, heads, 1, slots) at a word, as one (1, heads, words, slots). The
 * slots grow where a word reads those before it: what is not there yet is 0.
 * @param {{dims: number[], data: Float32Array}[]} calls */
function inRows(calls) {
  const heads = calls[0].dims[1];
  const most = Math.max(...calls.map(({ dims }) => dims[3]));
  const data = new Float32Array(heads * calls.length * most);
  calls.forEach(({ dims: [, , , slots], data: row }, t) => {
    for (let head = 0; head < heads; head++)
      data.set(row.subarray(head * slots, (head + 1) * slots), (head * calls.length + t) * most);
  });
  return { dims: [1, heads, calls.length, most], data };
}

/** The tensors of several calls, one behind the other; the weights of heads are one tensor.
 * @param {Record<string, {dims: number[], data: Float32Array}[]>} calls */
const stacked = (calls) =>
  Object.fromEntries(
    Object.entries(calls).map(([place, each]) => {
      const list = each.length > 1 && each[0].dims.length === 4 ? [inRows(each)] : each;
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

/** What fills a picture of any model, of one step: the word before, and of a model with one context
 * what is read and its states. @param {any} made @param {number} token @param {any} state */
function passed(made, token, state) {
  const word = { dims: made.context ? [1] : [1, 1], data: Float32Array.of(token) };
  return {
    "decoder<0": word,
    ...(made.context && {
      "context.address.W<0": { dims: [1, ...state.dims], data: state.data }, // of one step
      "context.address": made.weights,
      context: made.context,
      "decoder.cell<1": state,
      "decoder.cell": made.next_0,
    }),
  };
}

/** The numbers of words that stand already, in capitals or not.
 * @param {string[]} words @param {string[]} known what may be written; "" of a marker
 * @param {number} most */
function begun(words, known, most) {
  if (words.length > most)
    throw Error(`That begins with ${words.length} words; the model writes ${most} at most.`);
  return words.map((word) => {
    const small = word.toLowerCase();
    const exact = known.indexOf(word);
    const found = exact < 0 ? known.findIndex((one) => one.toLowerCase() === small) : exact;
    if (!word || found < 0) throw Error(`${clip(word, 40)} is no word that the model can write.`);
    return found;
  });
}

/** Write the target greedily, behind the words of a prefix; each word is shown as it comes.
 * @param {{text: string, prefix?: string[]}} request @param {import("./runtime.js").Tools} tools */
export async function answer({ text, prefix = [] }, { spec, load, part, alive }) {
  const { source, target, limits, places = [], told: readOut = [] } = spec;
  const form = FORMS[spec.text.form];
  const asked = form.parse(text, { ...spec.text, most: limits.source });
  const choices = target.tokens.map((token) => (/^<.+>$/.test(token) ? "" : token));
  const beginning = begun(prefix, choices, limits.target);
  const { graphs, int64 } = await load();
  const columns = asked.words;
  const number = new Map(source.tokens.map((token, id) => [token, id]));
  const ids = columns.map((word) => number.get(word) ?? source.unknown);
  const memory = await graphs.encode({ source: int64(ids, [1, ids.length]) });
  let state = renamed(memory, "state_", "state_");
  let token = target.start;
  const [rows, looks, probabilities, likely] = [[], [], [], []];
  /** What fills a picture, by the place in the model: the tensors of the calls.
   * @type {Record<string, {dims: number[], data: Float32Array}[]>} */
  const calls = {
    "encoder<0": [{ dims: [1, ids.length], data: Float32Array.from(ids) }],
    encoder: [memory.memory],
    ...Object.fromEntries(Object.entries(named(memory, places)).map(([at, one]) => [at, [one]])),
  };
  /** What the states at a place say of each word. @type {Record<string, [string, number][][]>} */
  const guesses = Object.fromEntries(readOut.map((place) => [place, []]));

  /** What is written so far, as the view's state. */
  function told(message = "") {
    const names = new Intl.DisplayNames(["en"], { type: "language" });
    const languages = [target.language, source.language];
    const [row_label, column_label] = languages.map((code) => names.of(code));
    return {
      ...{ text, message, rows: [...rows], columns, row_label, column_label, languages },
      ...{ ...joined(looks, columns.length), packing: "none" },
      probabilities: [...probabilities],
      ...{ prefix, likely: [...likely] },
      gold: form.links(rows, columns, spec.text.values),
      origin: null, // what made the numbers of the stored example
    };
  }

  /** The same with the numbers of every step, as a picture takes them. */
  const whole = (message) => ({
    ...{ ...told(message), flow: stacked(calls) },
    ...(readOut.length && { guesses }),
  });

  let cut = ` (stopped after ${limits.target} words, without an end)`;
  while (rows.length < limits.target) {
    const made = await graphs.step({ ...memory, ...state, token: int64([token], [1]) });
    if (!alive()) return null;
    const logits = made.logits.data;
    const word = beginning[rows.length] ?? logits.indexOf(Math.max(...logits));
    if (word === target.end) {
      cut = "";
      break;
    }
    const here = { ...passed(made, token, state.state_0), ...named(made, places) };
    for (const [place, tensor] of Object.entries(here))
      if (tensor) calls[place] = [...(calls[place] ?? []), tensor];
    for (const place of readOut)
      guesses[place].push(best(made[`said.${place}`].data, target.tokens, GUESSES));
    state = renamed(made, "next_", "state_");
    token = word;
    probabilities.push(1 / logits.reduce((sum, x) => sum + Math.exp(x - logits[token]), 0));
    likely.push(best(logits, choices, GUESSES));
    rows.push(target.tokens[token]);
    looks.push(made.weights ?? { dims: [], data: columns.map(() => 0) }); // a fixed context: none
    part(told());
    await (globalThis.scheduler?.yield?.() ?? new Promise((next) => setTimeout(next)));
    if (!alive()) return null;
  }
  if (!rows.length) throw Error("The model answered with no word at all.");
  return whole(form.readBack(rows, asked, spec.text.values) + cut);
}
