// Lists of numbers in words: reading, spelling, gold links. Every error is a sentence for the reader.
// The other half of lecture_utils.data.numerals; `values` are its {word: number | null}.

/** Small letters; what is written in full width is plain, and what is not to be seen is not there. */
const fold = (text) =>
  text
    .normalize("NFC")
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, "")
    .toLowerCase();

/** The number that `words` spell, and the powers of ten each spells and marks; walks from right
 *  to left, as lecture_utils.data.numerals.read. `values`: {word: number | null}. */
export function read(words, values) {
  let [number, scale, power, factor] = [0, 0, 0, 1];
  const senses = [];
  for (let i = words.length - 1; i >= 0; i--) {
    const value = values[words[i]] ?? null;
    const before = values[words[i - 1]] ?? null;
    const multiplies = value !== null && before !== null && before < value;
    let digits = [power];
    let marks = [];
    if (value === null) {
      [digits, power, factor] = [[], scale, 10 ** scale];
    } else if (value < 10) {
      number += value * factor;
    } else {
      const size = `${value}`.length - 1;
      if (value >= 1000 && size >= scale) scale = power = size;
      else power = scale + size;
      if (value > 10 && value < 20) digits = [scale, power];
      else digits = multiplies && value === 10 ** size ? [] : [power];
      marks = [power];
      factor = power === scale ? 10 ** scale : value * 10 ** scale;
      if (!multiplies) number += factor;
    }
    senses.unshift([...digits.map((p) => `digit ${p}`), ...marks.map((p) => `mark ${p}`)]);
  }
  return { number, senses };
}

/** The English morphemes of an integer from 0 to 10^9. */
export function spell(number, values) {
  const word = {};
  for (const [text, value] of Object.entries(values)) word[value] ??= text;
  const words = [];
  for (const power of [9, 6, 3, 0]) {
    const group = Math.floor(number / 10 ** power) % 1000;
    const rest = group % 100;
    if (group >= 100) words.push(word[Math.floor(group / 100)], word[100]);
    if (rest > 20 && rest % 10) words.push(word[rest - (rest % 10)], word[rest % 10]);
    else if (rest) words.push(word[rest]);
    if (group && power) words.push(word[10 ** power]);
  }
  return words.length ? words : [word[0]];
}

const wordsOf = (item) => item.split(/[\s\-‐‑–]+/).filter(Boolean);

/** The digits of an item that is written in nothing else. */
function digitsOf(item) {
  const digits = item.replace(/[\s'’]/g, "");
  return /^\d+$/.test(digits) && digits;
}

const spaced = (number) => `${number}`.replace(/\B(?=(\d{3})+$)/g, "\u202f");

function parseItem(item, values, largest) {
  const clip = (text) => `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
  const large = (number) => {
    if (number > largest)
      throw Error(`${clip(item)} is too large: the largest is ${spaced(largest)}.`);
    return number;
  };
  if (/^[-‐‑–−]\s*\d/.test(item))
    throw Error(`${clip(item)} is below zero: the smallest number is 0.`);
  const digits = digitsOf(item);
  if (/^0\d/.test(digits))
    throw Error(
      `${clip(item)} begins with a zero. A comma parts two numbers: write 1 000, not 1,000.`,
    );
  if (digits && !/^(\d+|\d{1,3}([\s'’]+\d{3})+)$/.test(item))
    throw Error(
      `${clip(item)} is not one number. A comma parts two numbers, a blank only groups of three digits.`,
    );
  if (digits) return large(+digits);
  const words = wordsOf(item);
  const strange = words.find((word) => !Object.hasOwn(values, word) && !/^\d+$/.test(word));
  if (/^[+.]?[\d\p{No}]/u.test(strange))
    throw Error(`${clip(strange)} is not a whole number: write one, such as 748 213.`);
  if (/[^\u0000-\u024f\u2000-\u206f]/.test(strange))
    throw Error(
      `${clip(strange)} is in a script the model has not learnt: write digits or English number words.`,
    );
  if (strange)
    throw Error(
      `${clip(strange)} is not a number word: write digits, or words such as forty-eight.`,
    );
  const said = words.filter((word) => values[word] !== null);
  const number = read(said, values).number;
  if (spell(large(number), values).join() !== said.join())
    throw Error(
      `${clip(item)} does not form a number: write digits alone, or words as in forty-eight.`,
    );
  return number;
}

/** How many words an item is: of digits, those that spell it. */
function count(item, values) {
  const digits = digitsOf(item);
  if (digits) return spell(+digits, values).length;
  return wordsOf(item).filter((word) => values[word] !== null).length;
}

/** The reader's text as a list of numbers and as source words, or an error in words. */
export function parse(text, { values, largest, most }) {
  const items = fold(text)
    .split(",")
    .map((item) => item.trim());
  if (!items.join(""))
    throw Error(
      items[1] === ""
        ? "There is only a comma: write a number on each side of it."
        : "The field is empty: write a number, such as 748 213.",
    );
  const all = items.reduce((sum, item) => sum + 1 + count(item, values.source), -1);
  if (all > most)
    throw Error(`That is ${all} words, commas counted; the model reads ${most} at most.`);
  if (items.includes(""))
    throw Error(
      `Number ${items.indexOf("") + 1} of the list is empty: write one, or take the comma out.`,
    );
  const numbers = items.map((item) => parseItem(item, values.source, largest));
  const words = numbers.flatMap((n, i) => [...(i ? [","] : []), ...spell(n, values.source)]);
  return { numbers, words };
}

/** What each word of a list of numbers says, as lists of strings, the numbers of its items, null of
 *  one without a word, and which items spell a digit twice. */
function senses(words, values) {
  const [numbers, twice] = [[], new Set()];
  const said = [];
  let item = [];
  for (const word of [...words, null]) {
    if (word !== null && word !== ",") {
      item.push(word);
      continue;
    }
    const result = read(item, values);
    const digits = result.senses.flat().filter((s) => s[0] === "d");
    if (new Set(digits).size < digits.length) twice.add(numbers.length);
    said.push(...result.senses.map((each) => each.map((s) => `${numbers.length} ${s}`)));
    numbers.push(item.length ? result.number : null);
    if (word) said.push([`${numbers.length} comma`]);
    item = [];
  }
  return { numbers, said, twice };
}

/** The numbers of items; null of those that spell a digit twice and are not what is wanted at their
 *  place: French says 71 as sixty and eleven. */
const understood = ({ numbers, twice }, wanted) =>
  numbers.map((n, k) => (twice.has(k) && n !== wanted[k] ? null : n));

/** Pairs [row, column] of words that say the same of the same number; of an item that is no number
 *  only the comma says something. */
export function links(rows, columns, values) {
  const [target, source] = [senses(rows, values.target), senses(columns, values.source)];
  const numbers = understood(target, source.numbers);
  const heard = (sense) => sense.endsWith("comma") || numbers[Number.parseInt(sense, 10)] !== null;
  return target.said.flatMap((t, i) =>
    source.said.flatMap((s, j) => (t.some((one) => heard(one) && s.includes(one)) ? [[i, j]] : [])),
  );
}

/** "reads back as ...", with a tick, or with what was meant. */
export function readBack(rows, { numbers }, values) {
  const got = understood(senses(rows, values.target), numbers);
  const list = (all) => all.map((n) => (n === null ? "no number" : spaced(n))).join(", ");
  const right = got.join() === numbers.join();
  return right
    ? `✓ reads back as ${list(got)}`
    : `✗ reads back as ${list(got)}; you wrote ${list(numbers)}`;
}
