// Lecture mode: the page, one slide at a time. A slide is a set of blocks that stay where they are
// while the others are hidden; so views keep their state.
(() => {
  "use strict";
  const root = document.documentElement;
  const article = document.querySelector("article.bd-article");
  const start = document.getElementById("lecture-start");
  const parts = document.getElementById("lecture");
  if (!parts) return;
  const [bar, live, help, overview, speaker] = parts.content.children;

  const SCALES = [1.8, 1.5, 1.2, 1, 0.8]; // times the page's text
  const LEGIBLE = 1.2; // a section is split rather than set smaller
  const PAPER = [0.6, 0.45, 0.3]; // paper cannot scroll
  const TYPING = "input,textarea,select,[contenteditable],[role=grid],[role=slider],[role=listbox],[role=tablist],[role=menu]";

  let groups = []; // {id, title, heading, blocks, breaks, notes}
  let slides = []; // {group, part, parts, scale, most, elements, notes, minutes}
  let current = 0;
  let unit = 1; // how much larger the screen is than 1280 x 720
  let scrolled = null; // where the reader was on the page; null: came by a link
  let shown = 0;
  let notes = null; // the second window

  function collect() {
    groups = [];
    let reading = false;
    const walk = (section) => [...section.children].forEach((node) => {
      const group = groups.at(-1);
      if (node.matches("section")) walk(node);
      else if (node.dataset.mark === "slide") group?.breaks.push(group.blocks.length);
      else if (node.dataset.mark) reading = node.dataset.mark === "page-only";
      else if (node.matches(".lecturer")) group?.notes.push({ node, block: Math.max(0, group.blocks.length - 1) });
      else if (node.matches("script,style,link,span:empty")) return;
      else if (reading) node.dataset.lm = "skip";
      else if (node.matches("h1,h2,h3")) {
        const title = node.cloneNode(true);
        title.querySelectorAll(".headerlink, mjx-assistive-mml").forEach((part) => part.remove());
        groups.push({ id: section.id, title: title.textContent.trim(), heading: node, blocks: [], breaks: [], notes: [] });
      } else group?.blocks.push(node);
    });
    walk(article);
    // a section for the page alone has no slide
    groups = groups.filter(({ heading, blocks, notes }) =>
      blocks.length || notes.length || !heading.parentElement.querySelector(":scope > [data-lm=skip]"));
    for (const { heading, blocks } of groups) for (const node of [heading, ...blocks]) node.dataset.lm = "off";
  }

  // The page is measured at each scale that is needed; each group is dealt onto slides.
  function layout(width, height, room, smallest = []) {
    unit = Math.max(1, Math.min(width / 1280, height / 720));
    const largest = Math.min(1.8, Math.max(1, width / unit / 711));
    const scales = [...new Set([largest, ...SCALES.filter((scale) => scale < largest), ...smallest])];
    const floor = Math.min(LEGIBLE, largest);
    const sizes = {};
    const measure = (scale) => {
      setScale(scale * unit);
      return new Map(groups.flatMap(({ heading, blocks }) => [heading, ...blocks].map((node) => {
        const { top, bottom } = node.getBoundingClientRect();
        const wide = [node, ...node.querySelectorAll("pre,.equation,.pst-scrollable-table-container")]
          .some(({ clientWidth, scrollWidth }) => clientWidth && scrollWidth > clientWidth + 1);
        return [node, { top, bottom, wide }];
      })));
    };
    const at = (node, scale) => (sizes[scale] ??= measure(scale)).get(node);
    root.style.setProperty("--lm-unit", unit);
    root.style.setProperty("--lm-side", width < 700 ? 16 : 64 * unit);
    root.classList.add("lm-measure");
    slides = groups.flatMap((group) => {
      const { heading, blocks, breaks } = group;
      const tall = (from, to, scale) => {
        const head = at(blocks[0] ?? heading, scale)[blocks.length ? "top" : "bottom"] - at(heading, scale).top;
        return to > from ? head + at(blocks[to - 1], scale).bottom - at(blocks[from], scale).top : head;
      };
      const fits = (from, to, scale, most = LEGIBLE) => tall(from, to, scale) <= room
        && (scale <= most || !blocks.slice(from, to).some((node) => at(node, scale).wide));
      const tied = (i) => blocks[i].matches("details") || introduces(blocks[i - 1]);
      const scant = (i) => blocks[i].matches("p") && blocks[i].textContent.length < 160;
      const pack = (from, end, scale, limit) => {
        const parts = [];
        while (from < end) {
          let to = from + 1;
          const joins = () => fits(from, to + 1, blocks[to].matches("details") ? 0.8 : 1) && (tied(to) || scant(to) || (to - from < 2 && scant(from)));
          while (to < end && ((fits(from, to + 1, scale) && tall(from, to + 1, scale) <= limit) || joins())) to++;
          let kept = to;
          while (kept > from && kept < end && tied(kept)) kept--;
          if (kept > from) to = kept;
          parts.push([from, to]);
          from = to;
        }
        return parts;
      };
      const deal = (from, to) => {
        const whole = scales.find((scale) => scale >= floor && fits(from, to, scale));
        const comfortable = scales.filter((scale) => scale >= floor && scale <= Math.max(1.5, floor));
        const set = (from, to, most) => ( // what is wide, down to the page's own size
          { from, to, scale: scales.find((s) => s <= most && fits(from, to, s, 1)) ?? scales.at(-1) });
        if (whole || from === to) return [set(from, to, whole ?? floor)];
        const tries = comfortable.map((scale) => ({ scale, parts: pack(from, to, scale, room) }));
        let { scale, parts } = tries.reduce((best, other) => (other.parts.length < best.parts.length ? other : best));
        for (let limit = room; limit > room / 3; limit -= room / 20) { // as even as it goes
          const even = pack(from, to, scale, limit);
          if (even.length > parts.length) break;
          parts = even;
        }
        return parts.map(([from, to]) => set(from, to, comfortable[0]));
      };
      const edges = [...new Set([0, ...breaks, blocks.length])];
      const dealt = blocks.length ? edges.slice(1).flatMap((edge, i) => deal(edges[i], edge)) : deal(0, 0);
      return dealt.map(({ from, to, scale }, i) => {
        const elements = [heading, ...blocks.slice(from, to)];
        const own = group.notes.filter(({ block }) => !blocks.length || (block >= from && block < to)).map(({ node }) => node);
        const alive = elements.some((node) => node.matches("[data-view]") || node.querySelector("[data-view]"));
        return {
          group, part: i + 1, parts: dealt.length, scale, elements, notes: own,
          most: alive ? Math.max(scale, Math.min(1.5, largest)) : scale, // awake, a view may be smaller
          minutes: own.reduce((sum, note) => sum + Number(note.dataset.minutes ?? 0), 0),
        };
      });
    });
    root.classList.remove("lm-measure");
  }
  const introduces = (block) => block.matches("h4,h5,h6") || (block.matches("p") && /:\s*$/.test(block.textContent));
  const setScale = (scale) => root.style.setProperty("--lm-scale", scale);
  const fitScreen = () => {
    const gap = 28 * Math.max(1, Math.min(innerWidth / 1280, innerHeight / 720));
    layout(innerWidth, innerHeight, innerHeight - 36 - gap);
  };

  const name = ({ group, part, parts }) => group.title + (parts > 1 ? ` ${part}/${parts}` : "");
  const active = () => root.classList.contains("lecture");
  const find = (id, part = 1) => {
    const own = slides.filter(({ group }) => group.id === id);
    return Math.max(0, slides.indexOf(own[Math.min(part, own.length) - 1]));
  };

  function show(index, quiet) {
    current = Math.max(0, Math.min(slides.length - 1, index));
    const { group, part, parts, elements } = slides[current];
    article.querySelectorAll("[data-lm=on]").forEach((node) => { node.dataset.lm = "off"; });
    elements.forEach((node) => { node.dataset.lm = "on"; });
    group.heading.dataset.part = parts > 1 ? `${part}/${parts}` : "";
    article.toggleAttribute("data-title", group.heading.matches("h1") || elements.length === 1);
    article.scrollTop = 0;
    root.classList.remove("lm-black");
    settle();
    shown = Date.now();
    watcher.disconnect();
    elements.forEach((node) => watcher.observe(node));
    if (!document.activeElement?.checkVisibility()) article.focus({ preventScroll: true });
    history.replaceState(history.state, "", `#lecture=${encodeURIComponent(group.id)}.${part}`);
    bar.querySelector("progress").value = (current + 1) / slides.length;
    bar.querySelector(".lm-count").textContent = `${current + 1} / ${slides.length}`;
    if (!quiet) say(`Slide ${current + 1} of ${slides.length}: ${group.title}`);
    tick();
    fillNotes();
  }

  // A slide that turns out taller, as when a view wakes, is set smaller, or it scrolls.
  function settle() {
    const over = () => article.scrollHeight > article.clientHeight + 1;
    let scale = slides[current].most;
    setScale(scale * unit);
    while (over() && scale > 0.6) setScale((scale -= 0.05) * unit);
    if (over()) setScale(0.8 * unit);
  }
  const watcher = new ResizeObserver(() => { if (Date.now() - shown < 1500) settle(); });

  function enter(index) {
    history.scrollRestoration = "manual";
    root.classList.add("lecture");
    document.body.append(bar, live);
    article.tabIndex = -1;
    collect();
    fitScreen();
    show(index());
    article.focus({ preventScroll: true });
    timer = setInterval(tick, 1000);
    run(started || Date.now());
  }

  function leave() {
    const { group } = slides[current];
    clearInterval(timer);
    watcher.disconnect();
    notes?.close();
    notes = null;
    for (const node of [help, overview]) node.close();
    for (const node of [bar, live]) node.remove();
    root.classList.remove("lecture", "lm-black");
    for (const name of ["tabindex", "data-title"]) article.removeAttribute(name);
    for (const node of article.querySelectorAll("[data-lm]")) {
      delete node.dataset.lm;
      delete node.dataset.part;
    }
    for (const name of ["scale", "side", "unit"]) root.style.removeProperty(`--lm-${name}`);
    history.scrollRestoration = "auto";
    if (scrolled === null) group.heading.scrollIntoView({ behavior: "instant" });
    else scrollTo({ top: scrolled, behavior: "instant" });
    scrolled = null;
    start.focus({ preventScroll: true });
  }

  function begin() {
    if (active()) return exit();
    scrolled = scrollY;
    const read = [...article.querySelectorAll("h1,h2,h3")].findLast((node) => node.getBoundingClientRect().top < 120);
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
    const index = () => find(decodeURIComponent(place[1]), Number(place[2]));
    if (!place) return active() && leave();
    if (active()) show(index());
    else enter(index);
  }

  const say = (text) => { live.textContent = text; };

  function openOverview() {
    overview.querySelector("ol").replaceChildren(...slides.map((slide, index) => {
      const item = document.createElement("li");
      const button = item.appendChild(document.createElement("button"));
      item.className = `lm-${slide.group.heading.localName}`;
      button.textContent = name(slide) + (slide.minutes ? ` · ${slide.minutes} min` : "");
      button.ariaCurrent = index === current ? "true" : null;
      button.onclick = () => { overview.close(); show(index); };
      return item;
    }));
    overview.showModal();
    overview.querySelector("[aria-current]").focus();
  }

  let timer = 0;
  let started = 0;
  const clock = `lecture-started-${location.pathname}`;
  try { started = Number(sessionStorage.getItem(clock)); } catch {} // not kept
  function run(from) {
    started = from;
    try { sessionStorage.setItem(clock, from); } catch {}
    tick();
  }

  function tick() {
    const planned = (list) => list.reduce((sum, { minutes }) => sum + minutes, 0);
    const seconds = Math.round((Date.now() - started) / 1000);
    const total = planned(slides);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
      + (total ? ` · planned ${planned(slides.slice(0, current + 1))} of ${total} min` : "");
    bar.querySelector(".lm-time").textContent = time;
    const place = notes?.document?.getElementById("time");
    if (place) place.textContent = `${new Date().toLocaleTimeString([], { timeStyle: "short" })} · slide ${current + 1} of ${slides.length} · ${time}`;
  }

  function openNotes() {
    notes = window.open("", "lecture-notes", "width=900,height=640");
    if (!notes) return say("The second window was blocked: allow it, press n.");
    const page = notes.document;
    const styles = [...document.querySelectorAll("link[rel=stylesheet]")].map((link) => link.outerHTML).join("");
    page.open();
    page.write(`<!doctype html><html lang="en" class="lm-notes" data-theme="${root.dataset.theme}"><head><title>Notes</title>
      <base href="${document.baseURI}">${styles}</head><body>${speaker.outerHTML}</body></html>`);
    page.close();
    page.body.onclick = press;
    page.onkeydown = keys;
    tick();
    fillNotes();
  }

  function fillNotes() {
    const [now, list, then] = ["now", "notes", "then"].map((id) => notes?.document?.getElementById(id));
    if (!now) return;
    const [slide, next] = slides.slice(current);
    now.textContent = name(slide);
    list.innerHTML = slide.notes.map((note) => note.innerHTML).join("<hr>") || "<p>No notes.</p>";
    then.textContent = next ? `Next: ${name(next)}` : "Last slide";
  }

  const actions = {
    next: () => show(current + 1), back: () => show(current - 1), first: () => show(0), last: () => show(slides.length - 1),
    overview: openOverview, help: () => help.showModal(), exit,
    notes: () => (notes && !notes.closed ? notes.focus() : openNotes()),
    black: () => root.classList.toggle("lm-black"),
    restart: () => run(Date.now()),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.()),
  };
  const BY_KEY = {
    ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next", ArrowLeft: "back", ArrowUp: "back", PageUp: "back",
    Home: "first", End: "last", o: "overview", n: "notes", b: "black", ".": "black", t: "restart", f: "full", "?": "help", Escape: "exit",
  };
  const press = (event) => actions[event.target.closest("[data-do]")?.dataset.do]?.();

  function keys(event) {
    const { key, target } = event;
    const field = target.closest?.(TYPING);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    if (event.altKey) {
      if (event.code === "KeyL" && !field) { event.preventDefault(); begin(); }
      return;
    }
    if (!active() || document.querySelector("dialog[open]")) return;
    if (field) return key === "Escape" && article.focus({ preventScroll: true });
    let action = BY_KEY[key.length === 1 ? key.toLowerCase() : key];
    if (!action || (key === " " && target.closest?.("button,a,summary"))) return;
    event.preventDefault();
    if (root.classList.contains("lm-black")) action = "black";
    if (key === " " && event.shiftKey) action = "back";
    const { scrollTop } = article; // first to its end
    if (/^Arrow[UD]/.test(key)) article.scrollTop += key === "ArrowDown" ? 80 : -80;
    if (Math.abs(article.scrollTop - scrollTop) < 2) actions[action]();
  }

  function again() {
    if (!active() || root.classList.contains("lm-print")) return;
    const { elements } = slides[current];
    fitScreen();
    show(slides.findIndex((slide) => slide.elements.includes(elements.at(-1))), true);
  }

  document.body.append(help, overview);
  document.addEventListener("keydown", keys);
  bar.addEventListener("click", press);
  start.addEventListener("click", begin);
  article.addEventListener("click", (event) => { // a link to a section leads to its slide
    const link = active() && event.target.closest('a[href^="#"]');
    const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    const index = slides.findIndex(({ elements }) => target && elements.some((node) => node.contains(target) || target === node.parentElement));
    if (target && index >= 0) { event.preventDefault(); show(index); }
  });
  addEventListener("popstate", follow);
  addEventListener("pagehide", () => notes?.close());
  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(again, 150); });

  let theme = "";
  const styles = new Map();
  const paper = document.createElement("style");
  paper.textContent = "@page { size: 1280px 720px; margin: 32px 64px; }";
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    if (!active()) return;
    document.head.append(paper);
    root.classList.add("lm-print");
    layout(1280, 720, 656, PAPER);
    slides.forEach(({ elements, scale, part }, index) => elements.slice(part > 1 ? 1 : 0).forEach((node, i) => {
      styles.set(node, node.style.cssText);
      node.style.cssText += `; zoom: ${scale}; --lm-scale: ${scale}; break-before: ${index && !i ? "page" : "auto"}`;
    }));
  });
  addEventListener("afterprint", () => {
    root.dataset.theme = theme;
    if (!active()) return;
    for (const [node, style] of styles) {
      if (style) node.style.cssText = style;
      else node.removeAttribute("style");
    }
    styles.clear();
    paper.remove();
    root.classList.remove("lm-print");
    again();
  });

  // when all sizes are known
  addEventListener("load", () => document.fonts.ready.then(() => (active() ? again() : follow())));
})();
