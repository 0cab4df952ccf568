// What readers write, and what is said of it: for the models that read words.

const SPACE = /(?:[^\S\ufeff]|[\x1c-\x1f\x85])+/; // what Python calls white space

/** The words of a sentence, in lower case, without its last mark; as lecture_utils.data.babi.words.
 * @param {string} text */
export function words(text) {
  const list = text.split(SPACE).filter(Boolean);
  let last = list.pop() ?? ""; // its marks go, wherever white space stands before them
  while (".?!".includes(last.at(-1) ?? "-")) last = last.slice(0, -1);
  return [...list, last].filter(Boolean).map((word) => word.toLowerCase());
}

/** How many letters must change, come or go between two words. @param {string} a @param {string} b */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1] ? 1 : 0)),
      );
    row = next;
  }
  return row[b.length];
}

/** The word that another is a slip of: a letter in three, two from seven on.
 * @param {string} word @param {string[]} known @returns {string | null} */
export function nearest(word, known) {
  if (word.length > 20) return null;
  let [best, least] = [null, Math.min(2, (word.length + 1) >> 2) + 1];
  for (const token of known) {
    const far = distance(word, token);
    if (far < least) [best, least] = [token, far];
  }
  return best;
}

/** In quotes, cut where it is long. @param {string} text */
export const clip = (text, most = 30) =>
  `“${text.length > most ? `${text.slice(0, most)}…` : text}”`;

/** Whether a text has letters of a script that no model of the book has learnt. @param {string} text */
export const isForeign = (text) => /[^\u0000-\u024f\u2000-\u206f]/.test(text);

/** An error in words, with the places it is about: [line or "question", a word or two].
 * @param {string} text @param {[number | "question", string][]} faults */
export const wrong = (text, faults) => Object.assign(Error(text), { faults });

/**
 * The `count` most probable of some names, [name, probability], by the scores of all of them; a name
 * that is empty is none.
 * @param {ArrayLike<number>} scores @param {string[]} names @param {number} count
 * @returns {[string, number][]}
 */
export function best(scores, names, count) {
  const list = Array.from(scores);
  const top = Math.max(...list);
  const powers = list.map((x) => Math.exp(x - top));
  const sum = powers.reduce((a, b) => a + b);
  const order = [...powers.keys()].filter((k) => names[k]).sort((a, b) => powers[b] - powers[a]);
  return order.slice(0, count).map((k) => [names[k], powers[k] / sum]);
}

const last = {}; // which was drawn last, of each pool

/** One of a pool at random, never the same twice in a row; `none` is said of an empty one.
 * @param {string} key @param {any[]} pool @param {string} none */
export function draw(key, pool, none) {
  if (!pool.length) throw Error(none);
  let k = Math.floor(Math.random() * (pool.length - (key in last ? 1 : 0)));
  if (key in last && pool.length > 1 && k >= last[key]) k++;
  last[key] = k;
  return pool[k];
}
