// How far a reader has come: a line, the minutes that are left, a tick behind each chapter that was
// read to its end. It is kept in this browser and nowhere else; where that is forbidden, not at all.

const KEY = "lecture-read";
const END = 0.97;

function stored() {
  try {
    const known = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return known && typeof known === "object" ? known : {};
  } catch {
    return {};
  }
}

function store(known) {
  try {
    localStorage.setItem(KEY, JSON.stringify(known));
  } catch {
    // forbidden, or full: then without
  }
}

/** A chapter's name: the end of its address, whatever the site stands on. */
const nameOf = (/** @type {string} */ path) => path.split("/").slice(-2).join("/");

function tick() {
  const known = stored();
  for (const link of document.querySelectorAll(".bd-links a, .road a")) {
    const { pathname } = /** @type {HTMLAnchorElement} */ (link);
    link.classList.toggle("read", known[nameOf(pathname)] >= END);
  }
}

/** @param {HTMLElement} article a chapter, which says how many minutes it takes */
function follow(article) {
  const minutes = Number(article.dataset.reading);
  const line = document.createElement("progress");
  const left = document.createElement("span");
  line.className = "read-line";
  line.setAttribute("aria-label", "Part of the chapter read");
  left.className = "read-minutes";
  document.querySelector(".bd-header-article")?.append(line);
  document.querySelector(".header-article-items__start")?.append(left);
  const name = nameOf(location.pathname);
  let waiting = false;
  const measure = () => {
    waiting = false;
    if (document.documentElement.classList.contains("lecture")) return;
    const { top, height } = article.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (innerHeight - top) / height));
    line.value = part;
    const rest = Math.ceil(minutes * (1 - part));
    left.textContent = part < END ? `about ${rest} min left` : "read";
    const known = stored();
    if (part > (known[name] ?? 0)) {
      store({ ...known, [name]: Math.round(part * 100) / 100 });
      if (part >= END) tick();
    }
  };
  addEventListener(
    "scroll",
    () => {
      if (!waiting) setTimeout(measure, 200);
      waiting = true;
    },
    { passive: true },
  );
  measure();
}

export function showProgress() {
  tick();
  /** @type {HTMLElement | null} */
  const article = document.querySelector(".bd-article[data-reading]");
  if (article) follow(article);
}
