// A view's talk with its kernel, which stands in a notebook or in the page: the view cannot tell.
//
// The view sets `request` {n, ...}. The kernel sets `reply`: {n, progress} in words, "" at once as
// a sign that it listens; {n, part} with a part of the answer; or {n, error, faults, known}. Or it
// sets `state`, the answer, with the same n. With progress may come how much is `done`, 0 to 1. A
// kernel that may die counts its signs, `beat`: the next one comes soon, or it is gone.

import { choice, h, tries, unique } from "./dom.js";

export const NOBODY =
  "No answer yet. If the kernel is busy, it will come; if it died or was restarted, run the cells above and this one again.";
const PATIENCE = 6000; // ms until a kernel that gives no sign is told of

/** @typedef {{get: (name: string) => any, set: (name: string, value: any) => void,
 *   save_changes: () => void, on: (name: string, call: () => void) => void}} Model */
/** @typedef {{error: string, faults?: [number | "question", string][], known?: string[]}} Failure */

/**
 * The last question counts. What fails is said beside the field, and the last good answer stays.
 * @param {object} given
 * @param {Model} given.model
 * @param {AbortSignal} given.signal
 * @param {HTMLElement} given.status where it is said
 * @param {string} given.busy what is said while the kernel works
 * @param {() => object} given.request what the reader asks
 * @param {(part: any) => void} [given.part] draws a part of the answer
 * @param {(state: any) => void} given.show draws an answer
 * @param {(state: any) => string} given.still what of the last answer is shown after a failure
 * @param {(failure: Failure | null) => void} given.mark marks what is wrong, or nothing
 * @param {(text: string) => boolean} [given.elsewhere] says a failure where it belongs, if it does
 */
export function talk({ model, signal, status, busy, request, part, show, still, mark, elsewhere }) {
  let n = 0; // of the request that is waited for; 0: none; -1: the reader writes on
  let good = model.get("state"); // the last whole answer
  let [by] = good.asks; // who gave it
  let half = false; // whether a part of an answer is on the screen
  let timer;
  const bar = h("progress", { class: "lv-loading", "aria-hidden": true });

  /** @param {string} words @param {Failure | null} failure @param {number} [done] */
  function tell(words, failure = null, done) {
    if (status.textContent !== words) status.textContent = words;
    status.classList.toggle("lv-wrong", !!failure);
    if (done === undefined) bar.remove();
    else {
      bar.value = done;
      status.after(bar);
    }
    mark(failure);
  }

  /** What is on the screen is pale while it answers an earlier question. */
  const pale = (on) => status.closest(".lv")?.classList.toggle("lv-waiting", on);

  const shows = () => `Still shown${good.asks[1] ? ` (${by})` : ""}: ${still(good)}`;

  function fail(failure) {
    n = 0;
    pale(false);
    const said = elsewhere?.(failure.error);
    if (half) show(good);
    half = false;
    if (said) return tell(good.message);
    tell(`${failure.error} ${shows()}`, failure);
  }

  function wait() {
    timer = setTimeout(() => {
      pale(false);
      tell(`${NOBODY} ${shows()}`);
    }, PATIENCE);
  }

  function run() {
    clearTimeout(timer);
    n = Math.random();
    tell(busy);
    pale(true);
    wait(); // before a kernel that gives its sign at once
    model.set("request", { n, ...request() });
    model.save_changes();
  }

  model.on("change:state", () => {
    const state = model.get("state");
    if (n && state.n !== undefined && state.n !== n) return; // of an earlier question
    clearTimeout(timer);
    if (n) by = model.get("request").label;
    [n, half, good] = [0, false, state];
    pale(false);
    show(good);
    tell(good.message);
  });
  model.on("change:reply", () => {
    const reply = model.get("reply");
    if (!n || reply.n !== n) return;
    clearTimeout(timer);
    if (reply.error) return fail(reply);
    if (reply.beat) wait();
    if (reply.part && part) {
      half = true;
      pale(false);
      part(reply.part);
    }
    tell(reply.progress || busy, null, reply.done);
  });
  signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    run,
    /** Run after a pause in the reader's writing. */
    later() {
      n = -1;
      clearTimeout(timer);
      timer = setTimeout(run, 400);
    },
  };
}

/**
 * Ask of what a reader changes without a pause, such as a line that is drawn: the next question waits
 * for the last answer, and at the end of a change it is asked at once.
 * @param {() => void} ask
 */
export function steadily(ask) {
  let waits = false; // for an answer
  let more = false; // has changed since the last question
  function run() {
    waits = true;
    more = false;
    ask();
  }
  return {
    run,
    /** @param {boolean} ended */
    changed(ended) {
      more = true;
      if (ended || !waits) run();
    },
    answered() {
      waits = false;
      if (more) run();
    },
  };
}

/**
 * A choice of who answers, where there are several. @param {string[]} asks their labels
 * @param {(label: string) => void} choose @param {string} [who] what they are called together
 */
export const whom = (asks, choose, who = "model") =>
  asks.length > 1 &&
  h(
    "span",
    { class: "lv-group" },
    h("span", {}, who),
    choice(who, asks, (i) => choose(asks[i])),
  );

/**
 * A form for one line of text, and its talk; where nobody would answer there is no form, and a new
 * state is only drawn. Of the state it reads `text`, `column_label` (what the text is), `message`,
 * `examples` and, optional, `who` (who answers).
 * @param {object} given
 * @param {Model} given.model
 * @param {AbortSignal} given.signal
 * @param {string} given.verb what the button says
 * @param {string} given.busy
 * @param {(part: any) => void} [given.part]
 * @param {(state: any) => void} given.show
 * @param {Node} [given.beside] stands beside the button, for what it starts
 * @param {string} [given.label] what the text is called, if not `column_label`
 * @param {import("./rewrite.js").Rewriting | null} [given.words] changes a word that is written
 */
export function field({ model, signal, verb, busy, part, show, beside, words, ...given }) {
  const { asks, text, column_label, who, message, examples } = model.get("state");
  if (!asks.length) {
    model.on("change:state", () => show(model.get("state")));
    return null;
  }
  const id = unique();
  const status = h("p", { role: "status", id, class: "lv-status" }, message);
  const input = h("input", {
    type: "text",
    value: text,
    "aria-describedby": id,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    enterkeyhint: "go",
  });
  let [label] = asks;
  const asking = talk({
    model,
    signal,
    status,
    busy,
    part,
    show(state) {
      if (input !== document.activeElement) input.value = state.text;
      if (words) words.answered(state, show);
      else show(state);
    },
    request: () => ({ text: input.value, label, ...(words && { prefix: words.prefix() }) }),
    still: ({ text }) => text,
    mark: (failure) => input.setAttribute("aria-invalid", !!failure),
    elsewhere: words?.refused,
  });
  words?.by(asking.run);
  function run() {
    words?.forget();
    asking.run();
  }
  input.oninput = () => {
    words?.forget();
    asking.later();
  };
  const onsubmit = (event) => {
    event.preventDefault();
    run();
  };
  const chosen = (one) => {
    label = one;
    run();
  };
  const attempt = (example) => () => {
    input.value = example;
    run();
  };
  return h(
    "form",
    { class: "lv-ask", onsubmit },
    h("label", {}, h("span", {}, given.label ?? column_label), input),
    h("button", {}, verb),
    beside,
    whom(asks, chosen, who),
    status,
    examples.length > 0 && tries(examples.map((one) => [one, attempt(one)])),
  );
}
