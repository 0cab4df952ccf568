// Models that hold a story in a memory, and answer a question about it: words, checks, new stories.
// The page's half of lecture_utils.live.story_memory. Every error is a sentence for the reader.

import { best, clip, draw, isForeign, nearest, words, wrong } from "./text.js";

const ASKS =
  "are can could did do does had has have how is may should was were what when where which who whom whose why will would".split(
    " ",
  );
const SHOWN = 4; // answers

const capital = (text) => text[0].toUpperCase() + text.slice(1);
const called = (line) => (line === "question" ? "the question" : `sentence ${line + 1}`);

/** What to say of words that the model does not know: [word, line]. */
function unknown(strange, known) {
  const [[word, line], another] = strange;
  if (isForeign(word))
    return `${clip(word)} (${called(line)}) is in a script the model has not learnt.`;
  const near = strange.length === 1 && nearest(word, known);
  const more = strange.length > 2 ? ` and ${strange.length - 2} more` : "";
  const also = another ? `, ${clip(another[0])} (${called(another[1])})${more}` : "";
  const ends = near ? `: did you mean “${near}”?` : ".";
  return `The model does not know ${clip(word)} (${called(line)})${also}${ends}`;
}

/**
 * A story and a question as numbers of words, and what to say beside them; or an error in words,
 * whose faults name lines of `story`, counted from 0, or the question.
 * @param {{story: string[], question: string}} written the lines of the story; empty ones are none
 * @param {{tokens: string[], limits: {slots: number, words: number}}} spec
 */
export function parse({ story, question }, { tokens, limits }) {
  const told = story.map((text, at) => ({ text: text.trim(), at })).filter(({ text }) => text);
  if (!told.length) throw wrong("The story is empty: write a sentence.", []);
  const dropped = Math.max(0, told.length - limits.slots);
  const number = new Map(tokens.map((token, id) => [token, id]));
  const [faults, said, strange] = [[], [], []];
  const numbered = (text, line) => {
    const list = words(text);
    if (list.length > limits.words) {
      faults.push([line, "too long"]);
      const most = `the model reads ${limits.words} at most`;
      said.push(`${capital(called(line))} has ${list.length} words; ${most}.`);
      return [];
    }
    const ids = list.map((word) => number.get(word) ?? 0);
    ids.forEach((id, i) => {
      if (!id) strange.push([list[i], line]);
    });
    if (ids.includes(0)) faults.push([line, "unknown word"]);
    return ids;
  };
  const lines = told.slice(dropped).map(({ text, at }) => numbered(text, at));
  const asked = numbered(question, "question");
  if (!words(question).length) {
    faults.push(["question", "empty"]);
    said.push("There is no question: write one, such as “Where is Mary?”");
  }
  if (strange.length) said.push(unknown(strange, tokens.slice(1)));
  const more = said.length > 2 ? ` And ${said.length - 2} more.` : "";
  if (said.length) throw wrong(said.slice(0, 2).join(" ") + more, faults);
  const notes = [];
  if (dropped) {
    const [first, last] = [told[0].at + 1, told[dropped - 1].at + 1];
    const many = `${dropped}, sentences ${first} to ${last}, are`;
    const which = dropped > 1 ? many : `one, sentence ${first}, is`;
    notes.push(`The memory holds ${limits.slots} sentences: the oldest ${which} left out.`);
  }
  if (!ASKS.includes(words(question)[0]))
    notes.push("That does not begin like a question; the model answers it all the same.");
  const message = notes.join(" ");
  return { story: told.map(({ text }) => text), lines, asked, dropped, message };
}

const isStory = (told) =>
  Array.isArray(told) &&
  Array.isArray(told[0]) &&
  told[0].length &&
  [...told[0], told[1], told[2]].every((text) => typeof text === "string") &&
  Array.isArray(told[3]);
const isPools = (pools) => Object.values(pools).every((pool) => pool.every(isStory));

/** @param {any} spec */
export const fits = ({ tokens, limits, stories }) =>
  Array.isArray(tokens) && limits?.slots > 0 && limits.words > 0 && stories?.file;

/** Answer a question about a story, or about a new story of a task. An error tells the words that
 * the model knows, in `known`.
 * @param {{story?: string[], question?: string, task?: number}} request
 * @param {import("./runtime.js").Tools} tools */
export async function answer(request, { spec, folder, json, load }) {
  const known = spec.tokens.slice(1);
  try {
    let { story, question, truth = null, gold = null } = /** @type {any} */ (request);
    const { task } = request;
    if (task !== undefined) {
      const pool = (await json(spec.stories, isPools))[task] ?? [];
      const none = `There is no story of task ${task}.`;
      [story, question, truth, gold] = draw(`${folder} ${task}`, pool, none);
    }
    const { lines, asked, ...told } = parse({ story, question }, spec);
    const { graphs, int64 } = await load();
    const wide = spec.limits.words;
    const padded = (ids) => [...ids, ...Array(wide - ids.length).fill(0)];
    const { logits, weights } = await graphs.answer({
      story: int64(lines.flatMap(padded), [1, lines.length, wide]),
      question: int64(padded(asked), [1, wide]),
    });
    const [, hops, slots] = weights.dims; // of all slots, the story's are the last
    const own = Array.from({ length: hops }, (_, k) =>
      weights.data.subarray((k + 1) * slots - lines.length, (k + 1) * slots),
    );
    return {
      ...{ ...told, question, truth, gold, known },
      answers: best(logits.data, spec.tokens, SHOWN),
      weights: Float32Array.from(own.flatMap((row) => [...row])),
      packing: "none",
      shape: [hops, lines.length],
    };
  } catch (error) {
    throw Object.assign(error, { known });
  }
}
