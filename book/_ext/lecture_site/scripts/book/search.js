// A page that a search finds shows the sections that say most of what was asked, without what
// belongs to no text: notes for lecturers, the code that folds, and what it is called then.

const ASIDE =
  ".headerlink, .lecturer, .fold-imports, .fold-install, summary, script, style, template, svg";
const MOST = 3;
const AROUND = 70; // letters on each side of what was found

/**
 * @param {string} page its HTML
 * @param {Iterable<string>} keywords
 * @returns {{ id: string, title: string, text: string }[]} the best sections, the best first
 */
export function sections(page, keywords) {
  const wanted = [...keywords].map((word) => word.toLowerCase());
  const article = new DOMParser().parseFromString(page, "text/html").querySelector("article");
  if (!article) return [];
  for (const node of article.querySelectorAll(ASIDE)) node.remove();
  const found = [...article.querySelectorAll("section[id]")].reverse().map((section) => {
    section.remove(); // the inner ones come first, so each keeps its own text
    const title = section.querySelector("h1, h2, h3")?.textContent.trim() ?? "";
    const text = section.textContent.replace(/\s+/g, " ").replace(title, "").trim();
    const lower = text.toLowerCase();
    const counts = wanted.map((word) => lower.split(word).length - 1);
    const at = Math.min(...wanted.map((word) => lower.indexOf(word)).filter((i) => i >= 0));
    const score = counts.filter(Boolean).length * 100 + Math.min(99, Math.max(0, ...counts));
    return { id: section.id, title, text, at, score };
  });
  return found
    .filter(({ at, title }) => at < Number.POSITIVE_INFINITY && title)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ id, title, text, at }) => {
      const from = Math.max(0, text.lastIndexOf(" ", Math.max(0, at - AROUND)) + 1);
      const to = text.indexOf(" ", at + AROUND);
      const end = to < 0 ? text.length : to;
      const cut = text.slice(from, end);
      return { id, title, text: `${from ? "… " : ""}${cut}${end < text.length ? " …" : ""}` };
    });
}

/** Show them in the place of the theme's excerpt. */
export function searchSections() {
  // @ts-expect-error: of searchtools.js, on the page of results alone
  const tools = typeof Search === "undefined" ? null : Search;
  if (!tools) return;
  tools.makeSearchSummary = (page, keywords) => {
    const list = document.createElement("ul");
    list.className = "found-sections";
    for (const { id, title, text } of sections(page, keywords)) {
      const item = list.appendChild(document.createElement("li"));
      const link = item.appendChild(document.createElement("a"));
      link.dataset.id = id;
      link.textContent = title;
      item.append(document.createElement("br"), text);
    }
    queueMicrotask(() => {
      const page = list.parentElement?.querySelector("a")?.href.split("#")[0];
      for (const link of list.querySelectorAll("a")) link.href = `${page}#${link.dataset.id}`;
    });
    return list;
  };
}
