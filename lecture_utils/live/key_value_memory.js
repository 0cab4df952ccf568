// Models that hold a knowledge base as keys and values: names, key hashing, answers, new questions.
// The page's half of lecture_utils.live.key_value_memory. Every error is a sentence for the reader.

import { best, clip, draw, nearest, wrong } from "./text.js";

const WORD = "[\\p{L}\\p{N}]+(?:['’][\\p{L}\\p{N}]+)*";
const words = (text) => (text.match(RegExp(WORD, "gu")) ?? []).map((word) => word.toLowerCase());
const byLength = (a, b) => b.length - a.length;

/** From a text to its names and words, as lecture_utils.data.facts.Knowledge.tokenize. */
export function tokenizer(names, aliases) {
  const spelled = [...names, ...Object.keys(aliases)].sort(byLength);
  const name = spelled.map((each) => each.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|");
  const token = RegExp(`(?<![\\p{L}\\p{N}_])(${name})(?![\\p{L}\\p{N}_])|${WORD}`, "gu");
  return (text) =>
    Array.from(text.matchAll(token), ([all, name]) =>
      name ? (aliases[name] ?? name) : all.toLowerCase(),
    );
}

/** For each token the slots whose key holds it, for the tokens that are not frequent; as
 *  lecture_utils.models.kv_memnn.inverted_index. A slot: the tokens of its key, then its value. */
export function invertedIndex(slots, frequent) {
  const index = new Map();
  slots.forEach((slot, i) => {
    for (const token of new Set(slot.slice(0, -1)))
      index.set(token, [...(index.get(token) ?? []), i]);
  });
  return new Map([...index].filter(([, found]) => found.length <= frequent));
}

/** The slots that share a token with a question, `most` at most; as
 *  lecture_utils.models.kv_memnn.hashed. */
export function hashed(tokens, index, most) {
  const shared = new Map();
  for (const token of new Set(tokens))
    for (const slot of index.get(token) ?? []) shared.set(slot, (shared.get(slot) ?? 0) + 1);
  const best = [...shared.keys()].sort((a, b) => shared.get(b) - shared.get(a) || a - b);
  return best.slice(0, most).sort((a, b) => a - b);
}

/** A memory that can be asked, from what the files of an exported model tell. */
export function memory({ words: plain, names, aliases, limits }, { slots, wordings }) {
  const known = [...plain, ...names]; // numbers from 0; behind them every name again, as a value
  const [number, value] = [known, names].map((all) => new Map(all.map((token, id) => [token, id])));
  const key = (slot) => slot.slice(0, -1).join(" + ");
  const asks = new Map(); // the key that answers, of each question that was made of a wording
  for (const slot of slots)
    for (const wording of wordings[slot[1]] ?? [])
      asks.set(
        wording.replace("{}", () => slot[0]),
        key(slot),
      );
  return {
    slots,
    key,
    asks,
    names,
    limits,
    tokenize: tokenizer(names, aliases),
    index: invertedIndex(slots, limits.frequent),
    tokens: known.slice(1), // without padding
    number: (token) => number.get(token) ?? 0,
    value: (name) => known.length + value.get(name),
  };
}

/** The longest name that stands in the text in other letters, or what is spelt nearly so. */
function meant(text, strange, { names, tokens }) {
  const told = ` ${words(text).join(" ")} `;
  const spelled = new Map(names.map((name) => [words(name).join(" "), name]));
  for (const plain of [...spelled.keys()].sort(byLength))
    if (told.includes(` ${plain} `) && plain.split(" ").some((word) => strange.includes(word)))
      return spelled.get(plain);
  if (strange.length > 1 || !/^\p{L}+$/u.test(strange[0])) return null;
  const lower = new Map(tokens.map((token) => [token.toLowerCase(), token]));
  return lower.get(nearest(strange[0], [...lower.keys()]));
}

/** What to tell a reader of the words that have no number: a sentence, or nothing; as
 *  lecture_utils.data.facts.Encoder.unknown. */
export function unknown(text, asked) {
  const strange = [...new Set(asked.tokenize(text))].filter((token) => !asked.number(token));
  if (!strange.length) return "";
  const more = strange.length > 2 ? ` and ${strange.length - 2} more` : "";
  const near = meant(text, strange, asked);
  return `The model does not know ${strange
    .slice(0, 2)
    .map((word) => clip(word))
    .join(", ")}${more}${near ? `: did you mean “${near}”?` : "."}`;
}

/** A question as tokens, and the slots that it finds; or an error in words, with `faults` as in
 *  stories.parse. */
export function parse(question, asked) {
  if (!question.trim()) throw wrong("There is no question: write one.", [["question", "empty"]]);
  const tokens = asked.tokenize(question);
  const found = hashed(tokens, asked.index, asked.limits.slots);
  const strange = unknown(question, asked);
  if (!found.length)
    throw wrong(
      `No slot holds a word of this question; nothing was read. ${strange || "Name something that the memory knows."}`,
      [["question", "nothing found"]],
    );
  return { tokens, found, message: strange && `${strange} The question was read without.` };
}

const isKnowledge = ({ slots, wordings, questions }) =>
  [slots, ...Object.values(wordings), ...Object.values(questions)].every(Array.isArray) &&
  slots.every((slot) => slot.length > 1);

/** @param {any} spec */
export const fits = ({ words, names, aliases, limits, knowledge }) =>
  [words, names].every(Array.isArray) && aliases && limits?.slots > 0 && knowledge?.file;

/** Answer a question, or a new one of a task: the slots that it finds are the story. An error tells
 * the names that the memory knows, in `known`.
 * @param {{question?: string, task?: number}} request @param {import("./runtime.js").Tools} tools */
export async function answer(request, { spec, folder, once, json, load }) {
  const base = await json(spec.knowledge, isKnowledge);
  const asked = await once(`${folder} memory`, async () => memory(spec, base));
  const { names: known } = asked;
  const pool = base.questions[request.task] ?? [];
  const none = `There is no question ${request.task}.`;
  const question = request.question ?? draw(`${folder} ${request.task}`, pool, none);
  try {
    const { tokens, found, message } = parse(question, asked);
    const { graphs, int64 } = await load();
    const slots = found.map((i) => asked.slots[i]);
    const keys = slots.flatMap((slot) => slot.slice(0, -1).map(asked.number));
    const values = slots.map((slot) => asked.value(slot.at(-1)));
    const { scores, weights } = await graphs.answer({
      question: int64(tokens.map(asked.number), [1, tokens.length]),
      keys: int64(keys, [1, slots.length, keys.length / slots.length]),
      values: int64(values, [1, slots.length, 1]),
    });
    const right = slots.map((slot) => asked.asks.get(question.trim()) === asked.key(slot));
    const truth = slots.filter((_, i) => right[i]).map((slot) => slot.at(-1));
    return {
      ...{ question, message, known, dropped: 0 },
      story: slots.map((slot) => `${asked.key(slot)} → ${slot.at(-1)}`),
      gold: [...right.keys()].filter((i) => right[i]),
      truth: truth.length ? truth : null,
      answers: best(scores.data, known, 5),
      ...{ weights: weights.data, packing: "none", shape: weights.dims.slice(1) },
    };
  } catch (error) {
    throw Object.assign(error, { known });
  }
}
