// Lists of numbers in words, for the exported models that translate them: reading, spelling, gold
// links, greedy decoding. Every error is a sentence for the reader.
const numerals = (() => {
  const fold = (text) => text.normalize("NFC").toLowerCase();

  /** The number that `words` spell, and the powers of ten each spells and marks; walks from right
   *  to left, as lecture_utils.data.numerals.read. `values`: {word: number | null}. */
  function read(words, values) {
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
        if (value >= 1000 && size > scale) scale = power = size;
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
  function spell(number, values) {
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

  const spaced = (number) => `${number}`.replace(/\B(?=(\d{3})+$)/g, "\u202f");

  function parseItem(item, values, largest) {
    const clip = (text) => `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
    const large = (number) => {
      if (number > largest) throw Error(`${clip(item)} is too large: the largest is ${spaced(largest)}.`);
      return number;
    };
    const digits = item.replace(/[\s'’]/g, "");
    if (/^0\d/.test(digits))
      throw Error(`${clip(item)} begins with a zero. A comma parts two numbers: write 1 000, not 1,000.`);
    if (/^\d+$/.test(digits)) return large(+digits);
    const words = item.split(/[\s\-‐‑]+/).filter(Boolean);
    const strange = words.find((word) => !Object.hasOwn(values, word) && !/^\d+$/.test(word));
    if (/[^\u0000-\u024f\u2000-\u206f]/.test(strange))
      throw Error(`${clip(strange)} is in a script the model has not learnt: write digits or English number words.`);
    if (strange) throw Error(`${clip(strange)} is not a number word: write digits, or words such as forty-eight.`);
    const said = words.filter((word) => values[word] !== null);
    const number = read(said, values).number;
    if (spell(large(number), values).join() !== said.join())
      throw Error(`${clip(item)} does not form a number: write digits alone, or words as in forty-eight.`);
    return number;
  }

  /** The reader's text as a list of numbers and as source words, or an error in words. */
  function parse(text, { values, limits }) {
    const items = fold(text).split(",").map((item) => item.trim());
    if (!items.join(""))
      throw Error(items[1] === "" ? "There is only a comma: write a number on each side of it." : "The field is empty: write a number, such as 748 213.");
    const most = limits.max_source;
    const fits = (list, room) => {
      if (list.length > room) throw Error(`That is ${list.length} words; the model reads ${most} at most.`);
    };
    fits(items.join(" ").split(/[\s-]+/).filter((word) => values.source[word] !== null), most + 1);
    if (items.includes(""))
      throw Error(`Number ${items.indexOf("") + 1} of the list is empty: write one, or take the comma out.`);
    const numbers = items.map((item) => parseItem(item, values.source, limits.largest));
    const words = numbers.flatMap((n, i) => [...(i ? [","] : []), ...spell(n, values.source)]);
    fits(words, most);
    return { numbers, words };
  }

  /** What each word of a list of numbers says, as sets of strings, and the numbers themselves.
   *  A list item that spells one digit twice is no number: null. */
  function senses(words, values) {
    const numbers = [];
    const said = [];
    let item = [];
    for (const word of [...words, null]) {
      if (word !== null && word !== ",") {
        item.push(word);
        continue;
      }
      const result = read(item, values);
      const digits = result.senses.flat().filter((s) => s[0] === "d");
      const whole = item.length && new Set(digits).size === digits.length;
      said.push(...result.senses.map((each) => each.map((s) => `${numbers.length} ${s}`)));
      numbers.push(whole ? result.number : null);
      if (word) said.push([`${numbers.length} comma`]);
      item = [];
    }
    return { numbers, said };
  }

  /** Pairs [row, column] of words that say the same of the same number. */
  function links(rows, columns, values) {
    const target = senses(rows, values.target).said;
    const source = senses(columns, values.source).said;
    return target.flatMap((t, i) =>
      source.flatMap((s, j) => (t.some((sense) => s.includes(sense)) ? [[i, j]] : [])));
  }

  /** "reads back as ...", with a tick, or with what was meant. */
  function readBack(rows, numbers, values) {
    const got = senses(rows, values.target).numbers;
    const list = (all) => all.map((n) => (n === null ? "no number" : spaced(n))).join(", ");
    const right = got.join() === numbers.join();
    return right ? `✓ reads back as ${list(got)}` : `✗ reads back as ${list(got)}; you wrote ${list(numbers)}`;
  }

  /** Translate `text` with the exported model `name`, word by word; the hooks are those of
   *  live.talk, but step(answer, logits) is also told the logits. */
  async function translate(name, text, { root, progress, step, alive }) {
    const place = live.place(name, { root, progress });
    const spec = await live.about(place, "seq2seq");
    const { numbers, words: columns } = parse(text, spec);
    const { graphs, int64 } = await live.load(place, spec);
    if (!alive()) return null;
    const ids = columns.map((word) => Math.max(spec.source.tokens.indexOf(word), 3));
    const [memory, keys, first] = await live.run(graphs.encode, { source: int64(ids, [1, ids.length]) });
    const answer = { text, columns, rows: [], weights: [], probabilities: [], gold: [], message: "" };
    answer.languages = [spec.target.language, spec.source.language];
    let [token, state, weights] = [1, first];
    for (let t = 0; t < spec.limits.max_target; t++) {
      let logits;
      [logits, state, weights] = await live.run(graphs.step, { token: int64([token], [1]), state, memory, keys });
      if (!alive()) return null;
      token = logits.data.indexOf(Math.max(...logits.data));
      if (token === 2) break;
      const top = logits.data[token];
      answer.probabilities.push(1 / logits.data.reduce((sum, x) => sum + Math.exp(x - top), 0));
      answer.rows.push(spec.target.tokens[token]);
      answer.weights.push(...weights.data);
      answer.gold = links(answer.rows, columns, spec.values);
      step(dressed(answer), logits.data);
      await (globalThis.scheduler?.yield?.() ?? new Promise((next) => setTimeout(next)));
      if (!alive()) return null;
    }
    if (!answer.rows.length) throw Error("The model answered with no word at all.");
    const cut = token === 2 ? "" : ` (stopped after ${spec.limits.max_target} words, without an end)`;
    answer.message = readBack(answer.rows, numbers, spec.values) + cut;
    return dressed(answer);
  }

  /** What the view reads of an answer: as a state, with the weights as numbers. */
  function dressed(answer) {
    const names = new Intl.DisplayNames(["en"], { type: "language" });
    const [row_label, column_label] = answer.languages.map((code) => names.of(code));
    const shape = [1, 1, answer.rows.length, answer.columns.length];
    return { ...answer, row_label, column_label, shape, values: Float32Array.from(answer.weights) };
  }

  return { read, spell, parse, links, readBack, translate };
})();
