// Lecture mode: the page, one slide at a time. A slide is a set of blocks that stay where they are
// while the others are hidden; so views keep their state.
import * as clock from "./lecture/clock.js";
import { action, TYPING } from "./lecture/keys.js";
import * as notes from "./lecture/notes.js";
import { printable } from "./lecture/paper.js";
import { sheet } from "./lecture/sheets.js";
import { collect, fit, layout, name, number, planned, screen } from "./lecture/slides.js";

const root = document.documentElement;
/** @type {HTMLTemplateElement | null} absent on a page that is no lecture */
const template = document.querySelector("template#lecture");
/** @type {HTMLElement} */
const article = document.querySelector("article.bd-article");
const startButton = document.getElementById("lecture-start");
/** @type {any[]} */
const [bar, live, help, overview, speaker] = [...(template?.content.children ?? [])];

/** @type {ReturnType<typeof collect>} */
let collected;
/** @type {import("./lecture/slides.js").Slide[]} */
let slides = [];
let current = 0;
let on = screen(1280, 720);
let scrolled = null; // where the reader was on the page; null: came by a link
let shown = 0;
let timer = 0;

const active = () => root.classList.contains("lecture");
const say = (text) => {
  live.textContent = text;
};

/** Deal the page for the screen that there is. */
function fitScreen() {
  on = screen(innerWidth, innerHeight);
  // above, and what rounding takes; a view that wakes on a slide that nobody tagged may grow
  const gap = (collected.chosen ? 50 : 130) * on.unit;
  slides = number(layout(article, collected, on, innerHeight - 36 - gap));
}

/** The slide of a section's part; of a section that has none, the last slide before it. */
function find(id, part = 1) {
  const own = slides.filter(({ group }) => group.id === id);
  if (own.length) return slides.indexOf(own[Math.min(part, own.length) - 1]);
  const section = document.getElementById(id);
  if (!section) return 0;
  const within = slides.findIndex(({ group }) => section.contains(group.heading));
  const follows = ({ group }) => group.heading.compareDocumentPosition(section) & 4;
  return Math.max(0, within < 0 ? slides.findLastIndex(follows) : within);
}

/** @returns {NodeListOf<HTMLElement>} */
const marked = (selector) => article.querySelectorAll(selector);

// Safari before 17.4 has no checkVisibility.
const seen = (node) => node.checkVisibility?.() ?? node.getClientRects().length > 0;

/**
 * @param {number} index
 * @param {{ quiet?: boolean, whole?: boolean }} how whole: with what waits for the clicker
 */
function show(index, { quiet = false, whole = false } = {}) {
  current = Math.max(0, Math.min(slides.length - 1, index));
  const { group, part, parts, elements, later, kind } = slides[current];
  for (const node of marked("[data-lm=on],[data-lm=later]")) node.dataset.lm = "off";
  for (const node of elements) node.dataset.lm = "on";
  if (!whole) for (const node of later) node.dataset.lm = "later";
  group.heading.dataset.part = parts > 1 ? `${part}/${parts}` : "";
  article.dataset.kind = kind;
  article.toggleAttribute("data-title", group.heading.matches("h1") || elements.length === 1);
  article.removeAttribute("data-desk");
  bar.querySelector("[data-do=desk]").hidden = !/view|stage/.test(kind);
  article.scrollTop = 0;
  root.classList.remove("lm-black");
  settle();
  shown = Date.now();
  watcher.disconnect();
  for (const node of [...elements, group.heading.parentElement]) watcher.observe(node);
  const { activeElement } = document;
  if (!activeElement || !seen(activeElement)) article.focus({ preventScroll: true });
  const address = `#lecture=${encodeURIComponent(group.id)}.${part}`;
  history.replaceState(history.state, "", address);
  bar.querySelector("progress").value = (current + 1) / slides.length;
  bar.querySelector(".lm-count").textContent = `${current + 1} / ${slides.length}`;
  if (!quiet) say(`Slide ${current + 1} of ${slides.length}: ${group.title}`);
  tick();
  notes.fill(slides[current], slides[current + 1]);
}

// A slide that turns out taller, as when a view wakes, is fitted again.
const settle = () => fit(article, slides[current], on);
const watcher = new ResizeObserver(() => {
  if (Date.now() - shown < 1500) settle();
});

/** Turn to the next slide or back; but first what stands on this one: its steps, what waits. */
function turn(by) {
  const { elements, later } = slides[current];
  for (const node of elements) {
    const figure = node.matches("[data-view]") ? node : node.querySelector("[data-view]");
    const root = figure?.querySelector(".lv") ?? figure;
    const step = new CustomEvent("lv-step", { detail: { by }, cancelable: true, bubbles: true });
    if (root && !root.dispatchEvent(step)) return;
  }
  const waiting = later.filter((node) => node.dataset.lm === "later");
  const back = by < 0 && later.length > waiting.length;
  if (!back && !(by > 0 && waiting.length)) {
    if (slides[current + by]) show(current + by, { whole: by < 0 });
    return;
  }
  if (back) later.at(-waiting.length - 1).dataset.lm = "later";
  else waiting[0].dataset.lm = "on";
  settle();
}

function tick() {
  const [from, to, total] = [current, current + 1, slides.length].map((n) =>
    planned(slides.slice(0, n)),
  );
  const time = clock.passed() + (total ? ` · planned ${to} of ${total} min` : "");
  bar.querySelector(".lm-time").textContent = time;
  const late = total ? ` · ${clock.against(from, to)}` : "";
  notes.tell(`slide ${current + 1} of ${slides.length} · ${time}${late}`);
}

function enter(index) {
  history.scrollRestoration = "manual";
  root.classList.add("lecture");
  document.body.append(bar, live);
  article.tabIndex = -1;
  article.classList.add("lm-slide");
  collected = collect(article);
  fitScreen();
  clock.start();
  show(index());
  article.focus({ preventScroll: true });
  timer = setInterval(tick, 1000);
}

function leave() {
  const { group } = slides[current];
  clearInterval(timer);
  watcher.disconnect();
  notes.close();
  for (const node of [help, overview]) node.close();
  for (const node of [bar, live]) node.remove();
  root.classList.remove("lecture", "lm-black");
  article.classList.remove("lm-slide");
  for (const name of ["tabindex", "data-title", "data-kind", "data-desk", "style"])
    article.removeAttribute(name);
  for (const node of marked("[data-lm]")) {
    delete node.dataset.lm;
    delete node.dataset.part;
  }
  history.scrollRestoration = "auto";
  if (scrolled === null) group.heading.scrollIntoView({ behavior: "instant" });
  else scrollTo({ top: scrolled, behavior: "instant" });
  scrolled = null;
  startButton.focus({ preventScroll: true });
}

/** Begin where the reader is; or leave. */
function begin() {
  if (active()) return exit();
  scrolled = scrollY;
  const headings = [...article.querySelectorAll("h1,h2,h3")];
  const read = headings.findLast((node) => node.getBoundingClientRect().top < 120);
  history.pushState({ lecture: true }, "");
  enter(() => (read ? find(read.parentElement.id) : 0));
}

function exit() {
  if (history.state?.lecture) return history.back();
  history.replaceState(null, "", `#${slides[current].group.id}`);
  leave();
}

// The address of a slide is #lecture=section.part
function follow() {
  const place = /^#lecture=(.*)\.(\d+)$/.exec(location.hash);
  if (!place) {
    if (active()) leave();
    return;
  }
  const index = () => find(decodeURIComponent(place[1]), Number(place[2]));
  if (active()) show(index());
  else enter(index);
}

/** Show the same place again, after what changed its size. */
function again() {
  if (!active() || root.classList.contains("lm-print")) return;
  const { elements, later } = slides[current];
  const whole = later.every((node) => node.dataset.lm !== "later");
  fitScreen();
  const index = slides.findIndex((slide) => slide.elements.includes(elements.at(-1)));
  show(index, { quiet: true, whole });
}

function openOverview() {
  const items = slides.map((slide, index) => {
    const item = document.createElement("li");
    const button = item.appendChild(document.createElement("button"));
    button.textContent = name(slide) + (slide.minutes ? ` · ${slide.minutes} min` : "");
    button.ariaCurrent = index === current ? "true" : null;
    button.onclick = () => {
      overview.close();
      show(index);
    };
    return item;
  });
  overview.querySelector("ol").replaceChildren(...items);
  overview.showModal();
  items.forEach((item, index) => {
    sheet(item, slides[index]);
  });
  overview.querySelector("[aria-current]").focus();
}

function openNotes() {
  const fill = () => notes.fill(slides[current], slides[current + 1]);
  if (!notes.open(speaker, { press, keys }, fill)) {
    say("The second window was blocked: allow it, press n.");
    return;
  }
  tick();
  fill();
}

const actions = {
  next: () => turn(1),
  back: () => turn(-1),
  first: () => show(0),
  last: () => show(slides.length - 1),
  desk: () => {
    article.toggleAttribute("data-desk");
    settle();
  },
  overview: openOverview,
  notes: openNotes,
  help: () => help.showModal(),
  black: () => root.classList.toggle("lm-black"),
  restart: () => {
    clock.restart();
    tick();
  },
  full: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.()),
  exit,
};

function press(event) {
  actions[event.target.closest("[data-do]")?.dataset.do]?.();
}

function keys(event) {
  const { key, target } = event;
  const field = target.closest?.(TYPING);
  if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
  if (event.altKey) {
    if (event.code === "KeyL" && !field) {
      event.preventDefault();
      begin();
    }
    return;
  }
  if (!active() || document.querySelector("dialog[open]")) return;
  const clicker = /^Page(Up|Down)$/.test(key); // what a presenter holds turns slides wherever it is
  if (field && !clicker) {
    if (key === "Escape") article.focus({ preventScroll: true });
    return;
  }
  const asked = action(event);
  if (!asked) return;
  event.preventDefault();
  if (clicker) event.stopPropagation(); // from a view, in which it means something else
  const { scrollTop } = article; // a slide that scrolls: first to its end
  if (/^Arrow[UD]/.test(key)) article.scrollTop += key === "ArrowDown" ? 80 : -80;
  if (Math.abs(article.scrollTop - scrollTop) >= 2) return;
  actions[root.classList.contains("lm-black") ? "black" : asked]();
}

// A link to a section leads to its slide.
function lead(event) {
  const link = active() && event.target.closest('a[href^="#"]');
  const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  const holds = (node) => node.contains(target) || target === node.parentElement;
  const index = slides.findIndex(({ elements }) => elements.some(holds));
  if (index < 0) return;
  event.preventDefault();
  show(index);
}

if (template) {
  document.body.append(help, overview);
  document.addEventListener("keydown", keys);
  const inView = (event) => event.target.closest?.(".lv") && keys(event);
  document.addEventListener("keydown", inView, true); // a view lets no plain key out
  bar.addEventListener("click", press);
  startButton.addEventListener("click", begin);
  article.addEventListener("click", lead);
  addEventListener("popstate", follow);
  addEventListener("pagehide", notes.close);
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(again, 150);
  });
  printable(() => (active() ? slides : null));
  // When all sizes are known.
  addEventListener("load", () => document.fonts.ready.then(() => (active() ? again() : follow())));
}
