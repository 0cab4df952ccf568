// A word that is written already, changed by the reader: what stands before it is kept, and what
// follows is written anew.

import { button, div, h, tries, unique } from "./dom.js";
import { quote } from "./words.js";

/** @typedef {ReturnType<typeof rewriting>} Rewriting */

/**
 * A button for the chosen word, and the small field at the word that it opens. Of the state it
 * reads `rows`, `prefix` (the words that stood already, the last of them the reader's) and,
 * optional, `likely` (for each row pairs of a word and its probability).
 * @param {object} given
 * @param {() => any} given.shown the state on the screen
 * @param {(i: number) => number[]} given.spot pixels from the top and the left of the root where the
 *     field of row i opens
 * @param {HTMLElement} given.reading what is said of the row; the button and the field go beside it
 * @param {(i: number) => void} given.go chooses row i
 * @param {() => void} given.back gives the focus back
 * @param {number} given.most how many words stood already in the state that the view was made with
 */
export function rewriting({ shown, spot, go, reading, back, most }) {
  let at = 0; // the row whose word is changed
  let chosen = 0; // the row that the button is about
  let kept = most ? [most] : []; // how many words each beginning of the reader's has, longest last
  let asked = null; // the same of a request that is not answered
  let start = () => {};
  const id = unique();
  const input = h("input", {
    ...{ type: "text", "aria-describedby": id, autocomplete: "off", autocapitalize: "off" },
    ...{ spellcheck: "false", enterkeyhint: "go" },
  });
  const [label, wrong] = [h("span"), h("p", { id, role: "alert", class: "lv-wrong" })];
  const likely = h("div");
  const undo = button("take it back", "take it back", () => write(""));
  const form = h(
    "form",
    {
      ...{ class: "lv-rewrite", hidden: true },
      onsubmit(event) {
        event.preventDefault();
        write(input.value.trim());
      },
      onkeydown(event) {
        if (event.key === "Escape") close();
      },
    },
    ...[h("label", {}, label, input), h("button", {}, "write"), undo, wrong, likely],
  );
  const opener = button("", "", () => open(chosen));
  const yours = h("p", { class: "lv-yours" });
  const line = div("inside", reading, opener, yours, form);
  const mine = (i) => kept.includes(i + 1);
  /** A state with the rows that are the reader's, `mine`; they are said, too. */
  function marked(state) {
    const words = kept.map((n) => `${quote(state.rows, n - 1)}, word ${n}`);
    yours.textContent = words.length
      ? `You wrote ${words.join("; ")}. The rest is the network's.`
      : "";
    return { ...state, mine: kept.map((n) => n - 1) };
  }

  function open(i) {
    const { rows, likely: ranked } = shown();
    at = i;
    label.textContent = `word ${i + 1}, instead of ${quote(rows, i)}`;
    input.value = rows[i];
    undo.hidden = !mine(i);
    refuse("");
    const pairs = ranked?.[i] ?? [];
    /** @type {(pair: [string, number]) => [string, () => void]} */
    const attempt = ([word, p]) => [`${word} ${p.toFixed(2)}`, () => write(word)];
    likely.replaceChildren(...(pairs.length ? [tries(pairs.map(attempt), "likeliest")] : []));
    const [top, left] = spot(i);
    Object.assign(form.style, {
      top: `${top - line.offsetTop}px`,
      left: `${left - line.offsetLeft}px`,
    });
    form.hidden = false;
    input.focus();
    input.select();
  }

  function close() {
    const inside = form.contains(document.activeElement);
    form.hidden = true;
    if (inside) back();
  }

  /** Put a word in its place; an empty one takes the reader's back. */
  function write(word) {
    const { rows } = shown();
    const before = kept.filter((n) => n <= at);
    const same = word ? word === rows[at] : !mine(at);
    if (same) return close();
    asked = word
      ? { prefix: [...rows.slice(0, at), word], kept: [...before, at + 1] }
      : { prefix: rows.slice(0, before[before.length - 1] ?? 0), kept: before };
    refuse("");
    start();
  }

  function refuse(text) {
    wrong.textContent = text;
    input.setAttribute("aria-invalid", !!text);
  }

  /** The word that the button is about; none where i is no row. @param {number} [i] */
  function choose(i) {
    opener.hidden = i === undefined;
    if (i === undefined) return;
    chosen = i;
    opener.textContent = `change ${quote(shown().rows, i)} …`;
  }

  return {
    ...{ line, open, choose, marked },
    /** @param {() => void} run asks anew */
    by(run) {
      start = run;
    },
    /** The words that a request begins with. */
    prefix: () => asked?.prefix ?? [],
    /** The reader asks for something else. */
    forget() {
      asked = null;
      form.hidden = true;
    },
    /** What failed, said beside the field; whether it was a changed word. @param {string} text */
    refused(text) {
      if (!asked) return false;
      asked = null;
      refuse(text);
      return true;
    },
    /** Draw an answer with the rows that are the reader's.
     * @param {any} state @param {(state: any) => void} show */
    answered(state, show) {
      const most = state.prefix?.length ?? 0;
      const known = (asked?.kept ?? kept).filter((n) => n < most);
      kept = most ? [...known, most] : [];
      show(marked(state));
      if (asked && at < state.rows.length) go(at);
      asked = null;
      close();
    },
  };
}
