"""The built site in a browser whose network is cut: what it asks for, says, weighs and breaks."""

from __future__ import annotations

import functools
import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from urllib.parse import unquote, urlsplit

import yaml
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_TAGS = [
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"),
    *("best-practice", "experimental"),
]
# What else the dark, and a narrow screen, can break.
RULES = {
    "light": None,
    "dark": ["color-contrast", "link-in-text-block"],
    "narrow": ["scrollable-region-focusable", "target-size", "focus-order-semantics"],
}
# The live model's files come at the reader's first edit: they are not part of a page's weight.
LIVE = ("vendor/ort/", "models/")
PACKED = {".woff", ".woff2", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".wasm"}


def in_order() -> list[str]:
    """The files of the chapters, without their endings, as ``_toc.yml`` has them."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    return [one["file"] for part in parts if part.get("numbered") for one in part["chapters"]]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a page asks for forty files at once; five may wait by default

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that left."""


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve `folder` on this machine; give its address, with a slash at the end."""
    server = _Server(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """Start the Chromium at `path`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def html_pages(site: Path) -> list[str]:
    """The pages of the site, as addresses relative to it; those that only lead on aside."""
    paths = (path.relative_to(site) for path in site.rglob("*.html"))
    return sorted(
        path.as_posix()
        for path in paths
        if path.parts[0] not in {"_static", "_sources"}
        and path.as_posix() != "index.html"
        and " data-moved>" not in (site / path).read_text(encoding="utf-8")[:100]
    )


@dataclass
class Watched:
    """A page, all that it asked for, and all that went wrong on it."""

    page: Page
    base: str
    requests: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, address: str, settle: int = 250) -> Watched:
        """Open a page of the site, and wait `settle` ms for what its scripts do at once."""
        self.page.goto(self.base + address)
        self.page.wait_for_timeout(settle)
        return self

    def weight_kb(self, site: Path) -> float:
        """All files that the page asked for, gzipped where that helps, in units of 1000 bytes."""
        total = 0
        for address in {urlsplit(request).path for request in self.requests}:
            path = address.removeprefix(urlsplit(self.base).path).lstrip("/")
            file = site / unquote(path)
            if file.is_file() and not path.startswith(tuple(f"_static/{part}" for part in LIVE)):
                content = file.read_bytes()
                packed = file.suffix in PACKED
                total += len(content) if packed else len(gzip.compress(content, 9))
        return total / 1000


@contextmanager
def watched(browser: Browser, base: str, cut: bool = True, **options: object) -> Iterator[Watched]:
    """A fresh page that reaches nothing but `base`; `options` go to the browser context.

    Without `cut` the page is only watched: a routed page holds back the files of its second window.
    """
    context: BrowserContext = browser.new_context(**options)
    watch = Watched(context.new_page(), base)

    def inside(request: Request) -> bool:
        return request.url.startswith((base, "data:", "blob:", "about:"))

    def note(request: Request) -> None:
        (watch.requests if inside(request) else watch.external).append(request.url)

    def route(route: Route, request: Request) -> None:
        route.continue_() if inside(request) else route.abort()

    context.on("request", note)
    if cut:
        context.route("**/*", route)
    page = watch.page
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    page.on(
        "console",
        lambda said: watch.errors.append(said.text) if said.type in {"error", "warning"} else None,
    )
    page.on(
        "response",
        lambda got: watch.errors.append(f"{got.status} {got.url}") if got.status >= 400 else None,
    )
    try:
        yield watch
    finally:
        context.close()


@contextmanager
def reading(browser: Browser, base: str, address: str, **options: object) -> Iterator[Watched]:
    """A page that was read to its end, back at its top; `options` go to the browser context."""
    with watched(browser, base, **options) as watch:
        page = watch.open(address).page
        # What loads only when it is seen. By script: a wheel may still turn when it is back.
        page.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
        page.wait_for_timeout(250)
        page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        yield watch


def axe(page: Page, only: list[str] | None = None) -> list[str]:
    """Every violation of WCAG 2.2 AA and of good practice, or of the rules `only`."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """(runOnly) => axe.run(document, { runOnly, resultTypes: ["violations"] })
          .then(({ violations }) => violations.flatMap((rule) => rule.nodes.map((node) => (
            { rule: rule.id, html: node.html.slice(0, 160), why: node.failureSummary }))))""",
        {"type": "rule" if only else "tag", "values": only or AXE_TAGS},
    )
    return [json.dumps(violation, ensure_ascii=False) for violation in found]


def main_thread_ms(page: Page, script: str, argument: object, repeats: int) -> float:
    """Main-thread CPU, in ms, of evaluating `script`: median, after one that is not counted."""
    page.evaluate(script, argument)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    costs = []
    for _ in range(repeats):
        before = spent()
        page.evaluate(script, argument)
        costs.append(1000 * (spent() - before))
    return median(costs)


def enter_lecture(page: Page) -> int:
    """Turn the page into slides; give their number."""
    page.keyboard.press("Alt+l")
    page.wait_for_selector(".lm-bar")
    page.wait_for_timeout(200)
    return int(page.locator(".lm-count").inner_text().split("/")[1])


# The blocks that belong on slides, found without the help of the script under test: children of
# sections that the build chose; where it chose none, those that are neither headings nor marks nor
# for the page alone, nor left out by the build.
_BLOCKS = """() => {
  const article = document.querySelector("article.bd-article");
  const blocks = [];
  const chosen = article.querySelector(".on-slide");
  const is = (node, kind) => node.matches(kind) || node.querySelector(`:scope > ${kind}`);
  let reading = false;
  const walk = (section) => [...section.children].forEach((node) => {
    if (node.matches("section")) return walk(node);
    if (node.matches("template")) {
      if (node.dataset.mark.endsWith("page-only")) reading = node.dataset.mark === "page-only";
    } else if (!reading && !node.matches("h1,h2,h3,aside.lecturer,script,style,span:empty")) {
      if (chosen ? is(node, ".on-slide") : !is(node, ".off-slide")) blocks.push(node);
    }
  });
  walk(article);
  window.sampleBlocks = blocks;
  window.sampleChosen = chosen !== null;
  return blocks.length;
}"""
_WALK = """async ([slides, steps]) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const seen = [];
  const amiss = [];
  for (let number = 1; number <= slides; number++) {
    const count = document.querySelector(".lm-count").textContent;
    const heading = document.querySelector("article :is(h1, h2, h3)[data-lm=on]").textContent;
    const said = [...document.querySelectorAll("article :is([data-lm=on], [data-lm=later])")];
    if (sampleChosen && said.every((node) => node.matches("h2, h3, .lm-headline")))
      amiss.push(`slide ${number} (${heading}) has nothing but its headline`);
    if (count !== `${number} / ${slides}`) amiss.push(`slide ${number}: the bar says ${count}`);
    const on = (node) => node.closest("[data-lm=on],[data-lm=later]");
    seen.push(...sampleBlocks.flatMap((node, i) => on(node) ? [i] : []));
    const view = document.querySelector("[data-lm=on] figure[data-view]");
    for (let i = 0; i < (view ? 12 : 2); i++) await frame(); // a view wakes, and the slide settles
    const slide = document.querySelector("article.bd-article");
    const shown = sampleBlocks.filter((node) => node.closest("[data-lm=on]"));
    const alone = !sampleChosen && (shown.length < 2 || view); // no slide holds it: it scrolls
    const measure = (when) => {
      const beside = slide.scrollWidth - slide.clientWidth;
      const below = slide.scrollHeight - slide.clientHeight;
      const over = innerWidth < 700 || alone ? beside : Math.max(beside, below);
      if (over > 1) amiss.push(`slide ${number} (${heading})${when} overflows by ${over} px`);
    };
    measure("");
    const tables = "[data-lm=on] :is(.output, .pst-scrollable-table-container)";
    for (const box of sampleChosen && innerWidth >= 700 ? document.querySelectorAll(tables) : [])
      if (box.scrollWidth > box.clientWidth + 1) amiss.push(`slide ${number}: a table is cut`);
    for (const code of document.querySelectorAll("[data-lm=on] pre, pre[data-lm=on]")) {
      const wide = code.scrollWidth > code.clientWidth;
      if (wide && code.tabIndex) amiss.push(`slide ${number}: code out of reach`);
    }
    for (let press = 0; press < 40; press++) { // what waits on a slide comes first
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "PageDown", bubbles: true }));
      if (document.querySelector(".lm-count").textContent !== count) break;
      if (steps) {
        for (let i = 0; i < 2; i++) await frame();
        measure(` after ${press + 1}`);
      }
      if (number === slides) break;
    }
  }
  return [seen, amiss];
}"""


def slide_faults(page: Page, steps: bool = False) -> list[str]:
    """Turn the page into slides and go through them; every block is on one, and each slide fits.

    With `steps` it must fit after each press, too: what a view says differs from step to step.
    Slides are never set smaller: where the build chose none, a block that is taller scrolls.
    """
    blocks = page.evaluate(_BLOCKS)
    seen, amiss = page.evaluate(_WALK, [enter_lecture(page), steps])
    missed = [] if seen == list(range(blocks)) else [f"blocks {seen}, not 0 to {blocks - 1}"]
    return amiss + missed
