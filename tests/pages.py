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

from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
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
    """The pages of the site, as addresses relative to it; the redirect at its root aside."""
    paths = (path.relative_to(site) for path in site.rglob("*.html"))
    return sorted(
        path.as_posix()
        for path in paths
        if path.parts[0] not in {"_static", "_sources"} and path.as_posix() != "index.html"
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


def visit(browser: Browser, base: str, address: str, **options: object) -> Watched:
    """Open a page, read it to its end, and close it; what it did stays in what is returned."""
    with watched(browser, base, **options) as watch:
        watch.open(address)
        watch.page.mouse.wheel(0, 100_000)  # what loads only when it comes into view
        watch.page.wait_for_timeout(250)
        return watch


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
