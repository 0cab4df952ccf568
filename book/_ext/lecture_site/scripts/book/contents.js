// The contents beside a page mark the section that is read. The theme's own marks follow what comes
// into sight; after a jump they may stay where they were.

const TOP = 160; // px below the window's upper edge where a section is begun

/** @param {HTMLAnchorElement[]} links one for each section, in their order */
function mark(links) {
  const begun = links.filter(({ hash }) => {
    const section = document.getElementById(decodeURIComponent(hash.slice(1)));
    return section && section.getBoundingClientRect().top < TOP;
  });
  const end = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
  const [here] = (end ? links : begun).slice(-1);
  for (const link of links) {
    // with a section, those that it is in
    const on = !!here && !!link.closest("li")?.contains(here);
    link.classList.toggle("active", on);
    if (link === here) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

export function markContents() {
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const found = document.querySelectorAll("#pst-page-toc-nav a[href^='#']");
  const links = [...found].filter(({ hash }) => hash);
  if (!links.length) return;
  let timer;
  const settled = () => {
    clearTimeout(timer);
    timer = setTimeout(() => mark(links), 150); // after the theme's
  };
  addEventListener("scroll", settled, { passive: true });
  addEventListener("pageshow", settled);
}
