// Stories with a question, for the exported models that hold them in a memory: words, checking,
// answering, drawing new ones. Every error is a sentence for the reader.
const stories = (() => {
  const SPACE = /(?:[^\S\ufeff]|[\x1c-\x1f\x85])+/; // what Python calls white space
  const ASKS = "are can could did do does had has have how is may should was were what when where which who whom whose why will would".split(" ");

  /** The words of a sentence, in lower case, without its last mark; as lecture_utils.data.babi.words. */
  function words(text) {
    const list = text.split(SPACE).filter(Boolean);
    let last = list.pop() ?? ""; // its marks go, wherever white space stands before them
    while (".?!".includes(last.at(-1) ?? "-")) last = last.slice(0, -1);
    return [...list, last].filter(Boolean).map((word) => word.toLowerCase());
  }

  /** How many letters must change, come or go between two words. */
  function distance(a, b) {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++)
        next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1])));
      row = next;
    }
    return row.at(-1);
  }

  /** The token that a word is a slip of: a letter in three, two from seven on. */
  function nearest(word, tokens) {
    if (word.length > 20) return null;
    const found = tokens.slice(1).map((token) => [distance(word, token), token]).sort((a, b) => a[0] - b[0])[0];
    return found && found[0] <= Math.min(2, (word.length + 1) >> 2) ? found[1] : null;
  }

  const clip = (words, most = 30) => `“${words.length > most ? `${words.slice(0, most)}…` : words}”`;

  /** Lines and question as numbers of words, and what to say beside them; or an error in words. Its
   *  `faults` are pairs [line, a word or two], where the line "question" is the question.
   *  places: where each line stands, from 0, among all that the reader sees. */
  function parse({ lines, places, question, noun }, { tokens, limits }) {
    const faults = [];
    const said = [];
    const wrong = (text) => Object.assign(Error(text), { faults });
    if (!lines.length) throw wrong(`The story is empty: write a ${noun}.`);
    const dropped = Math.max(0, lines.length - limits.slots);
    const number = new Map(tokens.map((token, id) => [token, id]));
    const called = (line) => (line === "question" ? "the question" : `${noun} ${line + 1}`);
    const strange = [];
    const known = (text, line) => {
      const list = words(text);
      if (list.length > limits.words) {
        faults.push([line, "too long"]);
        said.push(`${called(line)[0].toUpperCase()}${called(line).slice(1)} has ${list.length} words; the model reads ${limits.words} at most.`);
        return [];
      }
      const ids = list.map((word) => number.get(word) ?? 0);
      ids.forEach((id, i) => id || strange.push([list[i], line]));
      if (ids.includes(0)) faults.push([line, "unknown word"]);
      return ids;
    };
    const story = lines.slice(dropped).map((text, j) => known(text, places[dropped + j]));
    const asked = known(question, "question");
    if (!words(question).length) {
      faults.push(["question", "empty"]);
      said.push("There is no question: write one, such as “Where is Mary?”");
    }
    if (strange.length) {
      const [word, line] = strange[0];
      const near = strange.length === 1 && nearest(word, tokens);
      const other = /[^\u0000-\u024f\u2000-\u206f]/.test(word);
      const more = strange.length > 2 ? ` and ${strange.length - 2} more` : "";
      const also = strange.length > 1 ? `, ${clip(strange[1][0])} (${called(strange[1][1])})${more}` : "";
      said.push(other
        ? `${clip(word)} (${called(line)}) is in a script the model has not learnt.`
        : `The model does not know ${clip(word)} (${called(line)})${also}${near ? `: did you mean “${near}”?` : "."}`);
    }
    if (said.length) throw wrong(said.slice(0, 2).join(" ") + (said.length > 2 ? ` And ${said.length - 2} more.` : ""));
    const notes = [];
    if (dropped) {
      const [first, last] = [places[0] + 1, places[dropped - 1] + 1];
      const which = dropped > 1 ? `${dropped}, ${noun}s ${first} to ${last}, are` : `one, ${noun} ${first}, is`;
      notes.push(`The memory holds ${limits.slots} ${noun}s: the oldest ${which} left out.`);
    }
    if (!ASKS.includes(words(question)[0])) notes.push("That does not begin like a question; the model answers it all the same.");
    return { story, asked, dropped, message: notes.join(" ") };
  }

  /** The answer of the exported model `name` to lines and a question, see `parse`; the hooks are
   *  those of live.talk. An error tells the words that the model knows, in `known`. */
  async function answer(name, told, hooks) {
    const place = live.place(name, hooks);
    const spec = await live.about(place, "memory");
    const known = spec.tokens.slice(1);
    try {
      const { story, asked, dropped, message } = parse(told, spec);
      const { graphs, int64 } = await live.load(place, spec);
      if (!hooks.alive()) return null;
      const wide = spec.limits.words;
      const padded = (ids) => [...ids, ...Array(wide - ids.length).fill(0)];
      const [logits, weights] = await live.run(graphs.answer, {
        story: int64(story.flatMap(padded), [1, story.length, wide]),
        question: int64(padded(asked), [1, wide]),
      });
      if (!hooks.alive()) return null;
      const answers = live.best(logits.data, spec.tokens, 4);
      return { answers, dropped, message, known, values: weights.data, shape: weights.dims.slice(1) };
    } catch (error) {
      throw Object.assign(error, { known });
    }
  }

  const isStory = (told) => Array.isArray(told) && Array.isArray(told[0]) && told[0].length && [...told[0], told[1], told[2]].every((text) => typeof text === "string") && Array.isArray(told[3]);

  /** A story of a task from the pool of the exported model `name`; never the same twice in a row. */
  async function draw(name, task, hooks) {
    const place = live.place(name, hooks);
    const spec = await live.about(place, "memory");
    const { file, ...expected } = spec.stories;
    const all = await live.json(place, file, expected, (pools) => Object.values(pools).every((pool) => pool.every(isStory)));
    const [lines, question, truth, gold] = live.draw(`${name} ${task}`, all[task] ?? [], `There is no story of task ${task}.`);
    return { lines, question, truth, gold };
  }

  return { words, nearest, clip, parse, answer, draw };
})();
