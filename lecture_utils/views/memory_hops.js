// The memory view: which sentences of a story, or slots that the question found (rows), each hop
// (columns) read before the answer.
function render({ model, el, signal = new AbortController().signal }) {
  const { h } = core;
  const MOST = 1000; // lines that a page can hold without halting
  const page = model.get("home") === "page";
  let state = model.get("state");
  const { title, noun, tasks, editable = true } = state; // figures stored earlier do not say
  const [memory, drawn, kind] = editable ? ["story", "story", "task"] : [`${noun}s`, "question", "kind"];
  const [draw, reply] = editable ? [stories.draw, stories.answer] : [knowledge.draw, knowledge.answer];
  const choices = live.answerers(model, state.ask);
  const asks = choices.length > 0; // whether somebody would answer the reader
  const writes = asks && editable;
  const tells = tasks.length > 0 && (page ? asks : state.tells);
  let rows = []; // of the story, in the order told: {tr, field, told, gold, fault, out, read, cells}
  let asked = []; // the rows that the last question was about
  let shown = {}; // the answer on the screen: the state, or the model's answer in its place
  let kept = {}; // what it answered: {lines: [number, words, mark, weights], question, answer}
  let origin; // the story as it was given: {lines, question, truth}
  let current; // the row that the tools are about
  let task = null; // of which a new story is asked for
  let which = 0; // of the models

  // --- the parts ------------------------------------------------------------------------------
  const cell = (tag, role, attributes, ...children) => h(tag, { role, ...attributes }, ...children);
  const part = (tag, role = "rowgroup") => cell(tag, role, {});
  const [head, body, foot] = [part("tr", "row"), part("tbody"), part("tfoot")];
  const table = cell("table", "table", { "aria-label": memory }, cell("thead", "rowgroup", {}, head), body, foot);
  const frame = h("div", { class: "lv-story", tabindex: writes ? null : 0, role: writes ? "group" : "region", "aria-label": `${memory} and hops${title && `: ${title}`}` }, table);
  const id = core.unique();
  const status = h("p", { class: "lv-status", id }, state.message);
  const input = (value, attributes) =>
    h("input", { type: "text", value, "aria-describedby": id, autocomplete: "off", spellcheck: "false", ...attributes });
  const field = asks ? input("", { enterkeyhint: "go" }) : h("b");
  const tag = h("span", { class: "lv-tag lv-wrong" });
  const [answer, reading] = ["lv-answer", "lv-reading"].map((name) => h("p", { class: name }));
  const known = h("details", { class: "lv-known", hidden: true });
  const button = (text, onclick) => h("button", { type: "button", onclick }, text);
  const place = h("span");
  const tools = h("span", { class: "lv-group", role: "group" }, place,
    button("add below", () => add(current)), button("move up", () => move(current, -1)),
    button("move down", () => move(current, 1)), button("remove", () => remove(current)));
  const select = tells && h("select", { "aria-label": kind },
    ...tasks.map(([n, name]) => h("option", { value: n, selected: n === state.task }, editable ? `${n} ${name}` : name)));
  const key = h("span", { class: "lv-key" }, "gold: a fact that the answer follows from");
  const root = h("div", { class: "lv lv-hops", role: "group", "aria-label": title || "memory" },
    title && h("p", { class: "lv-title" }, title),
    frame,
    asks && h("div", { class: "lv-edit" }, writes && tools,
      tells && h("span", { class: "lv-group" }, h("button", { type: "button", onclick: () => ((task = +select.value), chat.run()) }, `new ${drawn}`), `of ${kind}`, select),
      choices.length > 1 && core.choice("model", choices, (k) => ((which = k), chat.run()))),
    h(asks ? "form" : "p", { class: "lv-ask", onsubmit: (event) => (event.preventDefault(), chat.run()) },
      h(asks ? "label" : "span", {}, h("span", {}, "question "), field), tag, asks && h("button", {}, "ask")),
    answer, reading, status, known,
    h("div", { class: "lv-tools" }, key, core.group("numbers", "save", ...core.saves("memory", svg, matrix))));
  const say = core.announcer(root);

  // --- the story ------------------------------------------------------------------------------
  const text = (row) => row.field[writes ? "value" : "textContent"].trim();
  const content = asks ? "value" : "textContent";
  const question = () => field[content].trim();
  const written = () => rows.filter(text);
  const name = (row) => (rows.includes(row) ? `${noun} ${rows.indexOf(row) + 1}` : `a ${noun} that is gone`);
  const same = (list, others) => list.join("\n") === others.join("\n");
  const asTold = () => !writes || (question() === origin.question && same(written().map(text), origin.lines));
  const isGold = (row) => row.gold && (!writes || (text(row) === row.told && question() === origin.question));

  function line(words, gold = false) {
    const row = { told: words.trim(), gold, cells: [] };
    row.field = writes ? input(words, { enterkeyhint: "enter", onfocus: () => choose(row), oninput: edited, onkeydown: (event) => keys(event, row), onpaste: (event) => paste(event, row) }) : h("span", {}, words);
    row.number = cell("th", "rowheader", { scope: "row" });
    row.tag = cell("td", "cell", { class: "lv-tag" });
    row.tr = cell("tr", "row", {}, row.number, cell("td", "cell", { class: "lv-line" }, row.field), row.tag);
    return row;
  }

  /** Put another story on the screen. */
  function tell({ lines, question, gold, truth }) {
    origin = { lines: lines.map((words) => words.trim()), question: question.trim(), truth };
    rows = lines.map((words, i) => line(words, gold?.includes(i)));
    asked = [...rows];
    body.replaceChildren(...rows.map((row) => row.tr));
    if (field[content].trim() !== origin.question) field[content] = question; // white space stays as it is written
    choose(rows[0]);
  }

  function choose(row) {
    current?.tr.classList.remove("lv-on");
    current = row;
    row.tr.classList.toggle("lv-on", writes);
    place.textContent = name(row);
    tools.setAttribute("aria-label", name(row));
  }

  /** Numbers, names and marks of the rows as they stand now, and all of it in words. */
  function mark() {
    const whole = asTold();
    rows.forEach((row, i) => {
      const gold = isGold(row);
      row.number.textContent = i + 1;
      row.tag.textContent = row.fault ?? (row.out ? "left out" : !gold ? "" : whole ? "gold" : "was gold");
      row.tag.className = `lv-tag${row.fault ? " lv-wrong" : gold && whole && !row.out ? " lv-gold-tag" : ""}`;
      row.tr.classList.toggle("lv-out", !!row.out);
      if (!writes) return;
      row.field.setAttribute("aria-label", `${noun} ${i + 1}`);
      row.field.setAttribute("aria-invalid", !!row.fault);
    });
    key.hidden = !rows.some(isGold);
    choose(rows.includes(current) ? current : rows[0]);
    describe(whole);
  }

  // --- what was read --------------------------------------------------------------------------
  /** What each hop reads most: {row, weight}; the row is null for the empty slots. */
  function reads() {
    return shown.rest.map((rest, k) => {
      const most = asked.reduce((best, row) => (row.read?.[k] > best.weight ? { row, weight: row.read[k] } : best), { weight: -1 });
      return rest > most.weight ? { row: null, weight: rest } : most;
    });
  }

  function describe(whole) {
    const most = reads();
    const facts = rows.filter(isGold);
    const flat = most.some(({ weight }) => weight < 0.5);
    const hops = most.map(({ row, weight }, k) => {
      const verb = weight < 0.5 ? "spreads, most on " : k && !flat ? "" : "reads ";
      return `${k ? "hop" : "Hop"} ${k + 1} ${verb}${row ? name(row) : "the empty slots"} (${weight.toFixed(2)})`;
    });
    let words = `${hops.join(flat ? "; " : ", ")}.`;
    const hits = facts.filter((fact) => most.some(({ row }) => row === fact)).length;
    const n = facts.length;
    if (n && !whole) words += " The gold marks are of the story as it was told.";
    else if (n === 1) words += ` The gold fact was ${hits ? "" : "not "}read.`;
    else if (hits && !editable) words += ` A gold fact was read; each of the ${n} is an answer.`;
    else if (n && hits === n) words += ` ${n === 2 ? "Both" : `All ${n}`} gold facts were read.`;
    else if (n) words += ` ${hits || "None"} of the ${n} gold facts ${hits < 2 ? "was" : "were"} read.`;
    reading.textContent = words;
    const [[best, sure], ...others] = shown.answers;
    const truths = [origin.truth ?? []].flat();
    const right = whole && truths.length > 0 && (truths.includes(best) ? "✓ right" : `✗ the true answer is ${truths.join(" or ")}`);
    answer.replaceChildren("answer ", h("b", {}, best), ` ${sure.toFixed(2)}`,
      others.length ? ` (${others.map(([word, p]) => `${word} ${p.toFixed(2)}`).join(", ")})` : "", right ? ` ${right}` : "");
  }

  /** Put an answer of the model on the screen, or the state (null). */
  function show(made) {
    const given = made ?? { ...state, lines: state.story, values: core.unpack(state) };
    const mine = made ? !made.lines : rows.length && question() === state.question && (!editable || same(asked.map(text), state.story));
    if (!made && !mine && state.n && root.querySelector("[type=text]:focus")) return; // the reader writes on
    if (!mine || !editable) tell(given);
    else if (!made && state.gold) {
      origin = { lines: state.story, question: state.question, truth: state.truth };
      asked.forEach((row, i) => Object.assign(row, { gold: state.gold.includes(i), told: text(row) }));
    }
    shown = given;
    const [K, S] = given.shape;
    const weight = (k, j) => given.values[k * S + j];
    for (const row of rows) row.read = null;
    asked.forEach((row, i) => {
      row.out = i < given.dropped;
      row.read = row.out ? null : Array.from({ length: K }, (_, k) => weight(k, i - given.dropped));
    });
    shown.rest = Array.from({ length: K }, (_, k) => Math.max(0, 1 - asked.reduce((sum, row) => sum + (row.read?.[k] ?? 0), 0)));
    head.replaceChildren(part("td", "cell"), cell("th", "columnheader", { scope: "col" }, noun), cell("td", "cell", { class: "lv-tag" }),
      ...shown.rest.map((_, k) => cell("th", "columnheader", { scope: "col" }, `hop ${k + 1}`)));
    table.style.setProperty("--hops", K);
    table.classList.toggle("lv-many", K > 3);
    mark();
    paint();
    kept = {
      lines: asked.map((row) => [rows.indexOf(row) + 1, text(row), row.tag.textContent, row.read]),
      question: question(),
      answer: answer.textContent,
    };
    if (!mine || !editable) reveal(reads()[0].row ?? rows[0]);
    vocabulary(given.known);
    if (made || state.n) say(`${answer.textContent}. ${reading.textContent} ${given.message}`);
  }

  function paint() {
    const most = reads();
    const fill = (row, read) => {
      while (row.cells.length > most.length) row.cells.pop().remove();
      while (row.cells.length < most.length) {
        row.cells.push(cell("td", "cell", { class: "lv-hop" }, h("i"), h("span")));
        row.tr.append(row.cells.at(-1));
      }
      row.cells.forEach((each, k) => {
        each.style.setProperty("--p", read?.[k] ?? 0);
        each.lastChild.textContent = read ? read[k].toFixed(2) : "";
        each.classList.toggle("lv-most", !!read && most[k].row === row.slot);
      });
    };
    for (const row of rows) fill(Object.assign(row, { slot: row }), row.read);
    foot.replaceChildren();
    if (!shown.rest.some((weight) => weight >= 0.005)) return;
    const rest = { slot: null, cells: [], tr: cell("tr", "row", {}, part("td", "cell"), cell("th", "rowheader", { scope: "row", class: "lv-line" }, "empty slots"), cell("td", "cell", { class: "lv-tag" })) };
    foot.append(rest.tr);
    fill(rest, shown.rest);
  }

  /** Scroll the story, not the page, until a row is in its middle. */
  function reveal({ tr }) {
    const [box, at] = [frame, tr].map((each) => each.getBoundingClientRect());
    frame.scrollTop += at.top + at.height / 2 - box.top - box.height / 2;
  }

  function vocabulary(list) {
    if (!list || known.childElementCount) return;
    known.hidden = false;
    known.append(h("summary", {}, `the ${list.length} ${editable ? "words that the model" : "names that the memory"} knows`), h("p", {}, [...list].sort().join("  ")));
  }

  // --- what the reader does -------------------------------------------------------------------
  let base = []; // the rows when the last question was asked
  const chat = asks && live.talk({
    model, signal, status, busy: "Reading …", show,
    request() {
      const story = editable ? { story: (asked = written()).map(text) } : {};
      const fresh = task === null ? { ...story, question: question() } : { task };
      task = null;
      return { ...fresh, label: choices[which] };
    },
    async answer(hooks) {
      const name = state.live[which][1];
      const wanted = task;
      task = null;
      base = wanted === null ? [...rows] : [];
      const mine = written();
      const told = wanted === null
        ? { question: question(), mine, places: mine.map((row) => rows.indexOf(row)) }
        : await draw(name, wanted, hooks);
      if (!hooks.alive()) return null;
      const lines = told.lines ?? mine.map(text);
      const made = await reply(name, { places: [...lines.keys()], ...told, lines, noun }, hooks);
      if (made && !told.lines) asked = mine;
      return made && { ...told, ...made };
    },
    still: ({ answers }) => `the answer “${answers[0][0]}”${editable ? "" : ` to ${stories.clip(origin.question, 80)}`}.`,
    mark(error) {
      for (const row of rows) row.fault = null;
      tag.textContent = "";
      for (const [at, words] of error?.faults ?? []) {
        if (at === "question") tag.textContent = words;
        else if (base[at]) base[at].fault = words;
      }
      field.setAttribute("aria-invalid", !!tag.textContent);
      vocabulary(error?.known);
      mark();
      if (error) say(status.textContent);
    },
  });

  function edited() {
    mark();
    chat.later();
  }
  if (asks) field.oninput = edited;

  function insert(row, at) {
    rows.splice(at, 0, row);
    body.insertBefore(row.tr, body.children[at] ?? null);
  }

  function add(row, lines = [""]) {
    const made = lines.map((words) => line(words));
    made.forEach((each, i) => insert(each, rows.indexOf(row) + 1 + i));
    mark();
    paint();
    made.at(-1).field.focus();
    if (text(made[0])) chat.later();
  }

  function remove(row) {
    const at = rows.indexOf(row);
    const held = text(row);
    say(`${name(row)} removed.`);
    if (rows.length === 1) row.field.value = "";
    else {
      rows.splice(at, 1);
      row.tr.remove();
      choose(rows[Math.max(0, at - 1)]);
    }
    mark();
    if (held) chat.later();
  }

  function move(row, by) {
    const at = rows.indexOf(row);
    if (!rows[at + by]) return say(`${name(row)} is the ${by < 0 ? "first" : "last"}.`);
    const focus = document.activeElement;
    rows.splice(at, 1);
    row.tr.remove();
    insert(row, at + by);
    focus.focus();
    edited();
    say(`Moved: now ${name(row)}.`);
  }

  function keys(event, row) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (by && event.altKey) move(row, by);
    else if (by) rows[rows.indexOf(row) + by]?.field.focus();
    else if (event.key === "Enter") add(row);
    else if (event.key === "Backspace" && !row.field.value && rows.length > 1) {
      remove(row);
      current.field.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation(); // a notebook has its own use for these keys
  }

  /** Several lines come as several rows; the first takes the place of an empty one. */
  function paste(event, row) {
    const lines = event.clipboardData.getData("text").split(/[\r\n]+/).map((each) => each.trim()).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    if (rows.length + lines.length > MOST + 1) {
      status.textContent = `Nothing was pasted: these are ${lines.length} lines, and the view takes ${MOST} at most.`;
      return say(status.textContent);
    }
    add(row, lines);
    if (!text(row)) remove(row);
  }

  // --- to keep --------------------------------------------------------------------------------
  /** The last answer and what it answered; not what the reader has begun to write since. */
  function matrix() {
    const numbers = (read) => shown.rest.map((_, k) => (read ? read[k].toFixed(5) : ""));
    return [["", noun, "mark", ...shown.rest.map((_, k) => `hop ${k + 1}`)],
      ...kept.lines.map(([n, words, mark, read]) => [n, words, mark, ...numbers(read)]),
      ["", "empty slots", "", ...numbers(shown.rest)],
      ["", kept.question, "", ...shown.rest.map(() => "")],
      ["", kept.answer, "", ...shown.rest.map(() => "")]];
  }

  function svg() {
    const style = getComputedStyle(root);
    const [ink, paper, accent] = ["color", "background-color", "--accent"].map((name) => style.getPropertyValue(name));
    const put = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${core.escape(`${words}`)}</text>`;
    const [hops, ...all] = matrix();
    const lines = all.slice(0, -2);
    const x = 110 + 7.2 * Math.max(...lines.map(([, words]) => words.length));
    const [width, top] = [Math.max(x + 96 * shown.rest.length, 480), title ? 66 : 40];
    const bottom = top + 26 * lines.length;
    const bar = (at, y, part, opacity) => `<rect x="${at}" y="${y - 9}" width="${(44 * part).toFixed(1)}" height="9" fill="${accent}" fill-opacity="${opacity}"/>`;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 62}" font-family="sans-serif" font-size="13" fill="${ink}">`,
      `<rect width="100%" height="100%" fill="${paper}"/>`,
      put(8, 22, title, 'font-weight="bold"'),
      ...hops.slice(3).map((words, k) => put(x + 96 * k, top - 18, words)),
      ...lines.flatMap(([n, words, mark, ...read], i) => {
        const y = top + 26 * i + 4;
        return [put(24, y, n, 'text-anchor="end"'), put(34, y, words), put(x - 70, y, mark, `fill="${accent}"`),
          ...read.flatMap((w, k) => (w === "" ? [] : [bar(x + 96 * k, y, 1, 0.15), bar(x + 96 * k, y, +w, 1), put(x + 96 * k + 50, y, (+w).toFixed(2))]))];
      }),
      put(34, bottom + 22, kept.question), put(34, bottom + 46, kept.answer, 'font-weight="bold"'),
      "</svg>",
    ].join("");
  }

  el.append(root);
  show(null);
  model.on("change:state", () => {
    state = model.get("state");
    show(null);
  });
}

export default { render };
