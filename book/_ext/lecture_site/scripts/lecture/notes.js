// The second window: the time, this slide and the next, and what to say.
import { sheet } from "./sheets.js";
import { name } from "./slides.js";

/** @type {Window | null} */
let notes = null;

const part = (id) => notes?.document?.getElementById(id);

/**
 * Show the window, in front if it is open.
 *
 * @param {HTMLElement} speaker what it shows
 * @param {{ press: (event: Event) => void, keys: (event: KeyboardEvent) => void }} hear
 * @param {() => void} ready when it has its styles
 * @returns {boolean} whether there is a window: a browser may block it
 */
export function open(speaker, { press, keys }, ready) {
  if (notes && !notes.closed) {
    notes.focus();
    return true;
  }
  notes = window.open("", "lecture-notes", "width=1100,height=760");
  if (!notes) return false;
  const page = notes.document;
  const links = document.querySelectorAll("link[rel=stylesheet],style");
  const styles = [...links].map((link) => link.outerHTML).join("");
  const theme = document.documentElement.dataset.theme;
  page.open();
  page.write(`<!doctype html><html lang="en" class="lm-notes" data-theme="${theme}">
    <head><title>Notes</title><base href="${document.baseURI}">${styles}</head>
    <body>${speaker.outerHTML}</body></html>`);
  page.close();
  page.body.onclick = press;
  page.onkeydown = keys;
  for (const link of page.querySelectorAll("link")) link.onload = ready;
  return true;
}

export function close() {
  notes?.close();
  notes = null;
}

/** Say how much time has passed. */
export function tell(time) {
  const place = part("time");
  if (!place) return;
  const now = new Date().toLocaleTimeString([], { timeStyle: "short" });
  place.textContent = `${now} · ${time}`;
}

/** Show a slide, its notes, and what comes after it. */
export function fill(slide, next) {
  if (!part("now")) return;
  part("now").textContent = name(slide) + (slide.minutes ? ` · ${slide.minutes} min` : "");
  part("notes").innerHTML =
    slide.notes.map((note) => note.innerHTML).join("<hr>") || "<p>No notes.</p>";
  part("then").textContent = next ? `Next: ${name(next)}` : "Last slide";
  part("sheets").replaceChildren();
  for (const one of [slide, next]) if (one) sheet(part("sheets"), one);
}
