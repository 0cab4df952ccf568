"""Pages with views in them, served from a folder, in a browser that reaches nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bundles
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from lecture_utils import live
from lecture_utils.live.kind import Kind
from lecture_utils.views import Alignment, View
from tests import pages
from tests.node import node  # noqa: F401 - a fixture

from . import in_page

PATIENCE = 30_000  # ms, for a machine that does much else at once
expect.set_options(timeout=PATIENCE)
ORT = ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm")
COLUMNS = ["seven", "hundred", "forty", "eight", "thousand", ",", "ninety", "five"]
ROWS = ["sieben", "hundert", "acht", "und", "vierzig", "tausend", ",", "fünf", "und", "neunzig"]
GOLD = [(0, 0), (1, 1), (2, 3), (4, 2), (5, 4), (6, 5), (7, 7), (9, 6)]


ANYWIDGET = """async ([esm, state]) => {
  const source = new Blob([esm], { type: "text/javascript" });
  const { default: view } = await import(URL.createObjectURL(source));
  const sent = { ...state };
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  if ("weights" in state) sent.weights = new DataView(bytes(state.weights).buffer);
  const values = { state: sent, request: {}, reply: {} };
  const calls = {};
  window.saved = [];
  window.model = {
    get: (name) => values[name],
    set: (name, value) => {
      values[name] = value;
      for (const call of calls[`change:${name}`] ?? []) call();
    },
    on: (name, call) => (calls[name] ??= []).push(call),
    save_changes: () => saved.push(values.request),
  };
  window.stop = new AbortController();
  const el = document.createElement("div");
  await view.render({ model, el, signal: stop.signal });
  document.body.append(el);
}"""
"""A view in the hands of a kernel: its module, its state, and what it saves."""


def weights(*outer: int) -> np.ndarray:
    """Weights (..., 10, 8): 0.9 on the gold word, the rest even; even rows where there is none."""
    one = np.full((len(ROWS), len(COLUMNS)), 0.0125)
    for i, j in GOLD:
        one[i, j] += 0.9
    one[[3, 8]] = 1 / len(COLUMNS)
    return np.broadcast_to(one, (*outer, *one.shape)).copy()


def example(*outer: int, **changed: Any) -> Alignment:
    """The example that most tests look at."""
    told = {"gold": GOLD, "title": "Numbers", "text": "748 000, 95", "message": "as stored"}
    told |= {"row_label": "German", "column_label": "English"}
    return Alignment(weights(*outer), ROWS, COLUMNS, **{**told, **changed})


@dataclass
class Site:
    """A folder of pages as a book builds them, and the address it is served at."""

    folder: Path
    url: str

    def write(self, *views: View, theme: str = "", name: str = "index.html") -> str:
        """A page with the views in it; gives its address."""
        static = self.folder / "_static"
        static.mkdir(exist_ok=True)
        script = bundles.page_script(sorted({view._view for view in views}))
        (static / "views.js").write_text(script, encoding="utf-8")
        (static / "views.css").write_text(bundles.page_style(), encoding="utf-8")
        figures = "\n".join(view.static()._repr_mimebundle_()["text/html"] for view in views)
        mode = f' data-theme="{theme}"' if theme else ""
        (self.folder / name).write_text(
            f'<!doctype html><html lang="en"{mode}><head><meta charset="utf-8"><title>Views</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<link rel="icon" href="data:,"><link rel="stylesheet" href="_static/views.css">'
            "<style>body { font-family: sans-serif; max-width: 48rem; margin: 1rem auto;"
            "padding: 0 1rem } html[data-theme='dark'] body { background: #14181e; color: #eee }"
            f"</style></head><body><main><h1>Views</h1>{figures}</main>"
            '<script defer src="_static/views.js?v=1"></script></body></html>',
            encoding="utf-8",
        )
        return self.url + name


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An empty folder, served."""
    folder = tmp_path / "site"
    folder.mkdir()
    with pages.served(folder) as url:
        yield Site(folder, url)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for the tests of a file."""
    with pages.chromium(chromium) as started:
        yield started


@dataclass
class Watched:
    """What pages did that they should not: words on the console, requests to elsewhere."""

    errors: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)

    def expected(self, page: Page) -> str:
        """The error that a test expects, taken out; waited for, since a page may be slow."""
        if not self.errors:
            page.wait_for_event("console", lambda _: bool(self.errors))
        return self.errors.pop()


@pytest.fixture
def watched() -> Watched:
    """A record that `open_page` fills; a test that expects an error takes it out."""
    return Watched()


@pytest.fixture
def open_page(browser: Browser, site: Site, watched: Watched) -> Iterator[Callable[..., Page]]:
    """Open pages that reach the test's own server and nothing else; none may complain."""
    contexts = []

    def guard(route: Route) -> None:
        address = route.request.url
        if address.startswith((site.url, "file:", "data:", "blob:")):
            route.continue_()
        else:
            watched.strays.append(address)
            route.abort()

    def open_(address: str = "about:blank", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1000, "height": 900}, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.route("**/*", guard)
        page = context.new_page()
        page.on("pageerror", lambda error: watched.errors.append(str(error)))
        page.on(
            "console",
            lambda said: watched.errors.append(said.text) if said.type == "error" else None,
        )
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert watched.errors == []
    assert watched.strays == []


def vendored(root: Path, variable: str, folder: str, files: tuple[str, ...]) -> Path:
    """A folder with installed files, or a skip that says what is missing."""
    place = Path(os.environ.get(variable) or root / "node_modules" / folder)
    missing = [name for name in files if not (place / name).is_file()]
    if missing:
        pytest.skip(f"{', '.join(missing)} not found: run `npm ci`, or set {variable}")
    return place


@pytest.fixture
def runtime(root: Path, site: Site) -> Path:
    """The static folder of the site, with onnxruntime-web in it."""
    source = vendored(root, "LECTURE_ORT", "onnxruntime-web/dist", ORT)
    static = site.folder / "_static"
    target = static / "vendor" / "ort"
    target.mkdir(parents=True)
    for name in ORT:
        shutil.copy(source / name, target / name)
    (static / "kinds").mkdir()
    for kind in bundles.kinds():
        script = bundles.bundle(bundles.PACKAGE / "live" / f"{kind}.js")
        (static / "kinds" / f"{kind}.js").write_text(script, encoding="utf-8")
    return static


@pytest.fixture
def ask(
    site: Site, runtime: Path, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """Ask one kind in a page, past its view: ``ask(kind, text="...")`` gives the new state."""
    monkeypatch.setenv("LECTURE_MODELS", str(runtime / "models"))
    page = in_page.prepare(open_page(site.write()))

    def asked(kind: Kind, **request: Any) -> dict[str, Any]:
        if not (runtime / "models" / "asked").exists():
            live.export("asked", kind, metrics={}, seed=0)
        return in_page.ask(page, "asked", **request)

    return asked


@pytest.fixture(scope="session")
def axe(root: Path) -> str:
    """The source of axe-core."""
    place = vendored(root, "LECTURE_AXE", "axe-core", ("axe.min.js",))
    return (place / "axe.min.js").read_text(encoding="utf-8")
