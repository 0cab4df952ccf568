// The memory view: which sentences of a story, or slots that the question found (rows), each hop
// (columns) read before the answer.

import { inks } from "../shared/colours.js";
import {
  announcer,
  atFirstSight,
  button,
  come,
  div,
  group,
  h,
  root as rootOf,
  unique,
} from "../shared/dom.js";
import { isCommand } from "../shared/grid.js";
import { picture, saves, textAt } from "../shared/save.js";
import { talk, whom } from "../shared/talk.js";
import { unpack } from "../shared/weights.js";
import { clip } from "../shared/words.js";
import { answered, reads, told } from "./words.js";

/** @typedef {import("./words.js").Row} Line a row of the story, and its elements */

/** @param {{model: import("../shared/talk.js").Model, el: HTMLElement, signal?: AbortSignal}} home */
function render({ model, el, signal = new AbortController().signal }) {
  const MOST = 1000; // lines that a page can hold without halting
  const { title, noun, tasks, tells, asks, editable = true, task: first, who } = model.get("state");
  const memory = editable ? "story" : `${noun}s`;
  const [drawn, usual] = editable ? ["story", "task"] : ["question", "kind"];
  const { kind = usual } = model.get("state");
  const writes = asks.length > 0 && editable;
  let rows = []; // of the story, in the order told: {tr, field, told, gold, fault, out, read, cells}
  let asked = []; // the rows that the answer on the screen is about
  let sent = []; // the rows when the last question was asked
  let shown = {}; // the answer on the screen
  let kept = {}; // what it answered: {lines: [number, words, mark, weights], question, answer}
  let origin; // the story as it was given: {lines, question, truth}
  let current; // the row that the tools are about
  /** @type {number | null} */
  let task = null; // of which a new story is asked for
  let [label] = asks;

  // --- the parts ------------------------------------------------------------------------------
  const cell = (tag, role, attributes = {}, /** @type {any[]} */ ...children) =>
    h(tag, { role, ...attributes }, ...children);
  const head = cell("tr", "row");
  const [body, foot] = [cell("tbody", "rowgroup"), cell("tfoot", "rowgroup")];
  const table = cell(
    "table",
    "table",
    { "aria-label": memory },
    cell("thead", "rowgroup", {}, head),
    body,
    foot,
  );
  const frame = h(
    "div",
    {
      class: "lv-story",
      tabindex: writes ? null : 0,
      role: writes ? "group" : "region",
      "aria-label": `${memory} and hops${title && `: ${title}`}`,
    },
    table,
  );
  const id = unique();
  const status = h("p", { class: "lv-status", id }, model.get("state").message);
  const input = (value, attributes) =>
    h("input", {
      ...{ type: "text", value, "aria-describedby": id, autocomplete: "off", spellcheck: "false" },
      ...attributes,
    });
  const field = asks.length ? input("", { enterkeyhint: "go" }) : h("b");
  const tag = h("span", { class: "lv-tag lv-wrong" });
  const [answer, reading] = ["lv-answer", "lv-reading"].map((name) => h("p", { class: name }));
  const known = h("details", { class: "lv-known", hidden: true });
  const place = h("span");
  const tool = (text, act) => button(text, text, act);
  const tools = group(
    "",
    place,
    tool("add below", () => add(current)),
    tool("move up", () => move(current, -1)),
    tool("move down", () => move(current, 1)),
    tool("remove", () => remove(current)),
  );
  const select = h(
    "select",
    { "aria-label": kind },
    ...tasks.map(([value, name]) =>
      h("option", { value, selected: value === first }, editable ? `${value} ${name}` : name),
    ),
  );
  const draw = () => {
    task = +select.value;
    chat?.run();
  };
  const chosen = (one) => {
    label = one;
    chat?.run();
  };
  const onsubmit = (event) => {
    event.preventDefault();
    chat?.run();
  };
  const [form, named] = asks.length ? ["form", "label"] : ["p", "span"];
  const key = h("span", { class: "lv-key" }, "gold: a fact that the answer follows from");
  const root = rootOf(
    ...["hops through a memory", title, frame],
    asks.length > 0 &&
      div(
        "edit",
        writes && tools,
        tells && group(`new ${drawn}`, tool(`new ${drawn}`, draw), `of ${kind}`, select),
        whom(asks, chosen, who),
      ),
    h(
      form,
      { class: "lv-ask", onsubmit },
      h(named, {}, h("span", {}, "question "), field),
      tag,
      asks.length > 0 && h("button", {}, "ask"),
    ),
    ...[answer, reading, status, known],
    div("tools", key, saves("memory", svg, matrix)),
  );
  const say = announcer(root);

  // --- the story ------------------------------------------------------------------------------
  const content = asks.length ? "value" : "textContent";
  const text = (row) => row.field[writes ? "value" : "textContent"].trim();
  const question = () => field[content].trim();
  const name = (row) =>
    rows.includes(row) ? `${noun} ${rows.indexOf(row) + 1}` : `a ${noun} that is gone`;
  const same = (list, others) => list.join("\n") === others.join("\n");
  const asTold = () =>
    !writes || (question() === origin.question && same(rows.filter(text).map(text), origin.lines));
  const isGold = (row) =>
    row.gold && (!writes || (text(row) === row.told && question() === origin.question));

  function line(words, gold = false) {
    const row = { told: words.trim(), gold, cells: [] };
    const act = {
      enterkeyhint: "enter",
      onfocus: () => choose(row),
      oninput: edited,
      onkeydown: (event) => keys(event, row),
      onpaste: (event) => paste(event, row),
    };
    row.field = writes ? input(words, act) : h("span", {}, words);
    row.number = cell("th", "rowheader", { scope: "row" });
    row.tag = cell("td", "cell", { class: "lv-tag" });
    row.tr = cell(
      "tr",
      "row",
      {},
      row.number,
      cell("td", "cell", { class: "lv-line" }, row.field),
      row.tag,
    );
    return row;
  }

  /** Put another story on the screen. */
  function tell({ story, question, gold, truth }) {
    const lines = story.map((words) => words.trim());
    origin = { lines, question: question.trim(), truth };
    rows = story.map((words, i) => line(words, gold?.includes(i)));
    asked = [...rows];
    body.replaceChildren(...rows.map((row) => row.tr));
    if (field[content].trim() !== origin.question) field[content] = question; // white space stays as written
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
      const seen = gold && whole && !row.out;
      row.number.textContent = i + 1;
      row.tag.textContent =
        row.fault ?? (row.out ? "left out" : !gold ? "" : whole ? "gold" : "was gold");
      row.tag.className = `lv-tag${row.fault ? " lv-wrong" : seen ? " lv-gold-tag" : ""}`;
      row.tr.classList.toggle("lv-out", !!row.out);
      if (!writes) return;
      row.field.setAttribute("aria-label", `${noun} ${i + 1}`);
      row.field.setAttribute("aria-invalid", !!row.fault);
    });
    key.hidden = !rows.some(isGold);
    choose(rows.includes(current) ? current : rows[0]);
    const most = reads(asked, shown.rest);
    reading.textContent = told(most, rows.filter(isGold), whole, { name, alternatives: !editable });
    const truths = whole ? [origin.truth ?? []].flat() : [];
    const [best, sure, rest] = answered(shown.answers, truths);
    answer.replaceChildren("answer ", h("b", {}, best), ` ${sure}${rest}`);
  }

  /** Put an answer on the screen. */
  function show(state) {
    const mine =
      rows.length &&
      question() === state.question &&
      (!editable || same(asked.map(text), state.story));
    if (!mine || !editable) tell(state);
    else if (state.gold) {
      origin = { lines: state.story, question: state.question, truth: state.truth };
      for (const [i, row] of asked.entries())
        Object.assign(row, { gold: state.gold.includes(i), told: text(row) });
    }
    shown = state;
    const [K, S] = state.shape;
    const values = unpack(state);
    const hops = Array.from({ length: K }, (_, k) => k);
    for (const row of rows) row.read = null;
    asked.forEach((row, i) => {
      row.out = i < state.dropped;
      row.read = row.out ? null : hops.map((k) => values[k * S + i - state.dropped]);
    });
    const held = (k) => asked.reduce((sum, row) => sum + (row.read?.[k] ?? 0), 0);
    shown = { ...state, rest: hops.map((k) => Math.max(0, 1 - held(k))) };
    head.replaceChildren(
      cell("td", "cell"),
      cell("th", "columnheader", { scope: "col" }, noun),
      cell("td", "cell", { class: "lv-tag" }),
      ...hops.map((k) => cell("th", "columnheader", { scope: "col" }, `hop ${k + 1}`)),
    );
    table.style.setProperty("--hops", K);
    table.classList.toggle("lv-many", K > 3);
    mark();
    paint();
    kept = {
      lines: asked.map((row) => [rows.indexOf(row) + 1, text(row), row.tag.textContent, row.read]),
      question: question(),
      answer: answer.textContent,
    };
    if (!mine || !editable) reveal(reads(asked, shown.rest)[0].row ?? rows[0]);
    vocabulary(state.known);
    if (state.n) come(table);
    if (state.n) say(`${answer.textContent}. ${reading.textContent} ${state.message}`);
  }

  /** The bars and numbers of every row, and of the empty slots where they are read. */
  function paint() {
    const most = reads(asked, shown.rest);
    const fill = (row, slot, read) => {
      while (row.cells.length > most.length) row.cells.pop().remove();
      while (row.cells.length < most.length) {
        row.cells.push(cell("td", "cell", { class: "lv-hop" }, h("i"), h("span")));
        row.tr.append(row.cells.at(-1));
      }
      row.cells.forEach((each, k) => {
        each.style.setProperty("--p", read?.[k] ?? 0);
        each.style.setProperty("--hop", k);
        each.lastChild.textContent = read ? read[k].toFixed(2) : "";
        each.classList.toggle("lv-most", !!read && most[k].row === slot);
      });
    };
    for (const row of rows) fill(row, row, row.read);
    foot.replaceChildren();
    if (!shown.rest.some((weight) => weight >= 0.005)) return;
    const empty = cell("th", "rowheader", { scope: "row", class: "lv-line" }, "empty slots");
    const tr = cell(
      "tr",
      "row",
      {},
      cell("td", "cell"),
      empty,
      cell("td", "cell", { class: "lv-tag" }),
    );
    foot.append(tr);
    fill({ cells: [], tr }, null, shown.rest);
  }

  /** Scroll the story, not the page, until a row is in its middle. */
  function reveal({ tr }) {
    const [box, at] = [frame, tr].map((each) => each.getBoundingClientRect());
    frame.scrollTop += at.top + at.height / 2 - box.top - box.height / 2;
  }

  function vocabulary(list) {
    if (!list || known.childElementCount) return;
    known.hidden = false;
    const who = editable ? "words that the model" : "names that the memory";
    const words = h("p", {}, [...list].sort().join("  "));
    known.append(h("summary", {}, `the ${list.length} ${who} knows`), words);
  }

  // --- what the reader does -------------------------------------------------------------------
  const chat =
    asks.length > 0 &&
    talk({
      ...{ model, signal, status, busy: "Reading …", show },
      request() {
        const wanted = task;
        task = null;
        sent = wanted === null ? [...rows] : [];
        if (wanted !== null) return { label, task: wanted };
        if (!editable) return { label, question: question() };
        asked = rows.filter(text);
        return { label, question: question(), story: rows.map(text) };
      },
      still: () => {
        const to = editable ? "" : ` to ${clip(origin.question, 80)}`;
        return `the answer “${shown.answers[0][0]}”${to}.`;
      },
      mark(failure) {
        for (const row of rows) row.fault = null;
        tag.textContent = "";
        for (const [at, words] of failure?.faults ?? []) {
          if (at === "question") tag.textContent = words;
          else if (sent[at]) sent[at].fault = words;
        }
        field.setAttribute("aria-invalid", !!tag.textContent);
        vocabulary(failure?.known);
        mark();
        if (failure) say(status.textContent);
      },
    });

  function edited() {
    mark();
    if (chat) chat.later();
  }
  if (asks.length) field.oninput = edited;

  function insert(row, at) {
    rows.splice(at, 0, row);
    body.insertBefore(row.tr, body.children[at] ?? null);
  }

  function add(row, lines = [""]) {
    const made = lines.map((words) => line(words));
    for (const [i, each] of made.entries()) insert(each, rows.indexOf(row) + 1 + i);
    paint();
    made[made.length - 1].field.focus();
    if (text(made[0])) edited();
    else mark();
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
    if (held) edited();
    else mark();
  }

  function move(row, by) {
    const at = rows.indexOf(row);
    if (!rows[at + by]) return say(`${name(row)} is the ${by < 0 ? "first" : "last"}.`);
    const focus = /** @type {HTMLElement} */ (document.activeElement);
    rows.splice(at, 1);
    row.tr.remove();
    insert(row, at + by);
    focus.focus();
    edited();
    say(`Moved: now ${name(row)}.`);
  }

  function keys(event, row) {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (by && event.altKey) move(row, by);
    else if (by) rows[rows.indexOf(row) + by]?.field.focus();
    else if (event.key === "Enter" && !isCommand(event)) add(row);
    else if (event.key === "Backspace" && !row.field.value && rows.length > 1) {
      remove(row);
      current.field.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation(); // with Alt too: it is no command of a notebook here
  }

  /** Several lines come as several rows; the first takes the place of an empty one. */
  function paste(event, row) {
    const pasted = event.clipboardData?.getData("text") ?? "";
    const lines = pasted
      .split(/[\r\n]+/)
      .map((each) => each.trim())
      .filter(Boolean);
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
    const { rest } = shown;
    const numbers = (read) => rest.map((_, k) => (read ? read[k].toFixed(5) : ""));
    const none = numbers(null);
    return [
      ["", noun, "mark", ...rest.map((_, k) => `hop ${k + 1}`)],
      ...kept.lines.map(([n, words, mark, read]) => [n, words, mark, ...numbers(read)]),
      ["", "empty slots", "", ...numbers(rest)],
      ["", kept.question, "", ...none],
      ["", kept.answer, "", ...none],
    ];
  }

  function svg() {
    const { ink, paper, query } = inks(root);
    const [hops, ...all] = matrix();
    const lines = all.slice(0, -2);
    const x = 110 + 7.2 * Math.max(...lines.map(([, words]) => words.length));
    const [width, top] = [Math.max(x + 96 * shown.rest.length, 480), title ? 66 : 40];
    const bottom = top + 26 * lines.length;
    const bar = (at, y, part, opacity) =>
      `<rect x="${at}" y="${y - 9}" width="${(44 * part).toFixed(1)}" height="9" fill="${query}" fill-opacity="${opacity}"/>`;
    const weight = (w, at, y) =>
      w === "" ? [] : [bar(at, y, 1, 0.15), bar(at, y, +w, 1), textAt(at + 50, y, (+w).toFixed(2))];
    return picture(title, width, bottom + 62, { ink, paper }, [
      ...hops.slice(3).map((words, k) => textAt(x + 96 * k, top - 18, words)),
      ...lines.flatMap(([n, words, mark, ...read], i) => {
        const y = top + 26 * i + 4;
        return [
          textAt(24, y, n, 'text-anchor="end"'),
          textAt(34, y, words),
          textAt(x - 70, y, mark, 'font-weight="bold"'),
          ...read.flatMap((w, k) => weight(w, x + 96 * k, y)),
        ];
      }),
      textAt(34, bottom + 22, kept.question),
      textAt(34, bottom + 46, kept.answer, 'font-weight="bold"'),
    ]);
  }

  el.append(root);
  show(model.get("state"));
  atFirstSight(frame, () => come(table), signal);
  if (!chat) model.on("change:state", () => show(model.get("state")));
}

export default { render };
