// The second window: notes, the next slide, the time.
import { name } from "./slides.js";

/** @type {Window | null} */
let notes = null;

const part = (id) => notes?.document?.getElementById(id);

/**
 * Show the window, in front if it is open.
 *
 * @param {HTMLElement} speaker what it shows
 * @param {{ press: (event: Event) => void, keys: (event: KeyboardEvent) => void }} hear
 * @returns {boolean} whether there is a window: a browser may block it
 */
export function open(speaker, { press, keys }) {
  if (notes && !notes.closed) {
    notes.focus();
    return true;
  }
  notes = window.open("", "lecture-notes", "width=900,height=640");
  if (!notes) return false;
  const page = notes.document;
  const links = document.querySelectorAll("link[rel=stylesheet]");
  const styles = [...links].map((link) => link.outerHTML).join("");
  const theme = document.documentElement.dataset.theme;
  page.open();
  page.write(`<!doctype html><html lang="en" class="lm-notes" data-theme="${theme}">
    <head><title>Notes</title><base href="${document.baseURI}">${styles}</head>
    <body>${speaker.outerHTML}</body></html>`);
  page.close();
  page.body.onclick = press;
  page.onkeydown = keys;
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

/** Show the notes of a slide, and what comes after it. */
export function fill(slide, next) {
  if (!part("now")) return;
  part("now").textContent = name(slide);
  part("notes").innerHTML =
    slide.notes.map((note) => note.innerHTML).join("<hr>") || "<p>No notes.</p>";
  part("then").textContent = next ? `Next: ${name(next)}` : "Last slide";
}
