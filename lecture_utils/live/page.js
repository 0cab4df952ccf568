// The page is a kernel: it finds the figures, mounts their views, and answers what these ask.
//
// A figure holds its state, and in data-live the exported models that may answer: [[label, name]].
// Its view talks as with a notebook's kernel: it sets `request`; `reply` and `state` come back. A
// figure whose view fails keeps its picture, caption and table.

import { describe, files } from "./runtime.js";

/** @typedef {{render: (home: {model: object, el: HTMLElement, signal: AbortSignal}) => void}} View */
/** @typedef {{n: number, label: string}} Request and what else the kind of the model reads */

/** Where the site's files lie: beside this script. */
const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
const root = (script?.src ?? "").split(/[?#]/)[0].replace(/[^/]*$/, "");

/**
 * A model in the manner of anywidget. @param {object} state
 * @param {[string, string][]} live label and name of the exported models
 * @param {string[]} kinds of models that this site can run
 */
function modelOf(state, live, kinds) {
  /** @type {Record<string, any>} */
  const values = { state, request: {}, reply: {} };
  const events = new EventTarget();
  const model = {
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
      events.dispatchEvent(new Event(`change:${name}`));
    },
    on: (name, call) => events.addEventListener(name, call),
    off: (name, call) => events.removeEventListener(name, call),
    save_changes: () => hear(values.request),
  };
  const hear = kernel(model, live, kinds);
  return model;
}

/** The kernel behind one view: it hears requests, of which the last one counts. */
function kernel(model, live, kinds) {
  let last = 0;
  /** @param {Request} request */
  return async (request) => {
    const { n } = request;
    last = n;
    const alive = () => last === n;
    const tell = (reply) => alive() && model.set("reply", { n, ...reply });
    const [, name] = live.find(([label]) => label === request.label) ?? [];
    if (!name) return;
    tell({ progress: "" }); // a sign that somebody listens
    try {
      const place = files(`${root}models/${name}/`, root, (progress, done) =>
        tell({ progress, done }),
      );
      const { spec, kind } = await describe(place, kinds);
      const part = (made) => tell({ part: made });
      /** The graphs; never, if the reader has asked for something else before they came. */
      const load = async () => {
        const loaded = await place.load();
        return alive() ? loaded : new Promise(() => {});
      };
      const made = await kind.answer(request, { ...place, load, spec, part, alive });
      if (made && alive()) model.set("state", { ...model.get("state"), message: "", ...made, n });
    } catch (error) {
      const { message, faults, known } = error;
      tell({ error: message, faults, known });
    }
  };
}

/** The drawing of a view whose picture is an SVG: the state leaves out what the figure holds.
 * @param {HTMLElement} figure */
function drawingOf(figure) {
  const address = figure.querySelector("img").getAttribute("src");
  return decodeURIComponent(address.slice(address.indexOf(",") + 1));
}

/** The first in it that the tab key stops at. @param {HTMLElement} el @returns {HTMLElement} */
const first = (el) => el.querySelector("input, button, select, [tabindex='0']");

/** @param {HTMLElement} figure @param {Record<string, View>} views @param {string[]} kinds */
function mount(figure, views, kinds) {
  const { view, live = "[]" } = figure.dataset;
  if (!(view in views) || figure.classList.contains("lv-live")) return;
  const el = document.createElement("div");
  const stop = new AbortController();
  try {
    const state = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    if (state.svg === null) state.svg = drawingOf(figure);
    const held = figure.contains(document.activeElement);
    figure.prepend(el);
    figure.classList.add("lv-live");
    const model = modelOf(state, JSON.parse(live), kinds);
    views[view].render({ model, el, signal: stop.signal });
    if (held) first(el)?.focus(); // what had the focus is hidden now
  } catch (error) {
    stop.abort();
    el.remove();
    figure.classList.remove("lv-live");
    console.error(`view ${view}:`, error);
  }
}

/** Mount the figures of this page as they come near.
 * @param {Record<string, View>} views by name @param {string[]} kinds of models, by their scripts */
export function start(views, kinds) {
  function begin() {
    const come = (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        mount(target, views, kinds);
      }
    };
    const near = new IntersectionObserver(come, { rootMargin: "300px" });
    for (const figure of document.querySelectorAll("figure[data-view]")) near.observe(figure);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
}
