"""Every page of the built site: nothing from elsewhere, nothing broken, light, readable."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.pages import ROOT, RULES, Watched, axe, html_pages, visit, watched

HEAVIEST_KB = 600


class Read(HTMLParser):
    """What a page holds: ids, links, pictures, files, its description."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.files: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.description = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        if known.get("id"):
            self.ids.add(known["id"] or "")
        if tag == "a" and known.get("href"):
            self.links.append(known["href"] or "")
        if tag == "img":
            self.pictures.append(known)
        if tag in {"script", "img", "source", "iframe"} and known.get("src"):
            self.files.append(known["src"] or "")
        if tag == "link" and known.get("rel") in {"stylesheet", "icon", "preload"}:
            self.files.append(known["href"] or "")
        if tag == "meta" and known.get("name") == "description":
            self.description = known.get("content") or ""


@pytest.fixture(scope="module")
def read(site: Path) -> dict[str, Read]:
    return {
        address: Read((site / address).read_text(encoding="utf-8")) for address in html_pages(site)
    }


@pytest.fixture(scope="module")
def visits(browser: Browser, http: str, site: Path) -> dict[str, Watched]:
    return {address: visit(browser, http, address) for address in html_pages(site)}


def test_nothing_from_elsewhere_and_no_errors(visits: dict[str, Watched]) -> None:
    assert not [
        (name, page.external + page.errors)
        for name, page in visits.items()
        if page.external + page.errors
    ]


def test_nothing_from_elsewhere_and_no_errors_from_disk(browser: Browser, site: Path) -> None:
    base = f"{site.resolve().as_uri()}/"
    for address in html_pages(site):
        visited = visit(browser, base, address)
        assert not visited.external + visited.errors, address


def test_no_page_is_heavy(visits: dict[str, Watched], site: Path) -> None:
    weights = {address: visited.weight_kb(site) for address, visited in visits.items()}
    assert weights["book/index.html"] > 100, "the files were not counted"
    assert not {address: weight for address, weight in weights.items() if weight > HEAVIEST_KB}


@pytest.mark.slow
@pytest.mark.parametrize("look", ["light", "dark"])
def test_no_accessibility_violations(browser: Browser, http: str, site: Path, look: str) -> None:
    for address in html_pages(site):
        with watched(browser, http, color_scheme=look) as watch:
            assert not axe(watch.open(address).page, RULES[look]), address


def test_pages_fit_a_telephone(browser: Browser, http: str, site: Path) -> None:
    for address in html_pages(site):
        with watched(browser, http, viewport={"width": 360, "height": 640}) as watch:
            page = watch.open(address).page
            for width in (360, 320):
                page.set_viewport_size({"width": width, "height": 640})
                assert page.evaluate("document.documentElement.scrollWidth") == width, address
            assert not axe(page, RULES["narrow"]), address


def test_what_fits_is_no_region_that_scrolls(browser: Browser, http: str, site: Path) -> None:
    for address in html_pages(site):
        with watched(browser, http, viewport={"width": 1280, "height": 800}) as watch:
            formulas = watch.open(address).page.locator("span.math.wide")
            assert not formulas.count(), address


LOOKS = "node => [getComputedStyle(node).display !== 'none', node.getBoundingClientRect().width]"


def test_on_paper_a_view_is_its_picture(browser: Browser, http: str) -> None:
    address = "book/memory/end_to_end_memory_networks.html"
    with watched(browser, http, viewport={"width": 700, "height": 900}) as watch:
        page = watch.open(address).page
        figure = page.locator("figure[data-view]").first
        figure.scroll_into_view_if_needed()
        figure.locator(".lv").wait_for()
        page.emulate_media(media="print")
        seen, width = figure.locator("> img").evaluate(LOOKS)
        assert seen
        assert 300 < width <= 700
        assert figure.locator("> figcaption").evaluate(LOOKS)[0]
        assert not figure.locator(".lv").is_visible()
        assert not page.locator("#pst-back-to-top").evaluate(LOOKS)[0]


def test_the_top_bar_by_keyboard_moves_nothing(browser: Browser, http: str) -> None:
    with watched(browser, http, viewport={"width": 1280, "height": 800}) as watch:
        page = watch.open("book/notation.html").page
        page.evaluate("scrollTo({ top: 400, behavior: 'instant' })")
        page.locator(".bd-header-article button:visible").first.focus()
        passed = 0
        while page.evaluate("!!document.activeElement.closest('.bd-header-article')"):
            assert page.evaluate("scrollY") == 400
            passed += 1
            page.keyboard.press("Tab")
        assert passed >= 4


@pytest.mark.parametrize("width", [975, 500])
def test_the_contents_open_in_a_dialog_and_give_the_focus_back(
    browser: Browser, http: str, width: int
) -> None:
    with watched(browser, http, viewport={"width": width, "height": 800}) as watch:
        page = watch.open("book/notation.html").page
        contents = page.locator("nav.bd-links").first
        assert not contents.is_visible()
        button = page.locator(".primary-toggle").first
        button.click()
        assert contents.is_visible()
        page.keyboard.press("Escape")
        assert not contents.is_visible()
        page.wait_for_function("document.activeElement.matches('.primary-toggle')")


def test_lines_of_code_fit_a_laptop(browser: Browser, http: str, site: Path) -> None:
    cut = {}
    for address in html_pages(site):
        with watched(browser, http, viewport={"width": 1280, "height": 800}) as watch:
            watch.open(address)
            cut[address] = watch.page.locator(".cell_input pre").evaluate_all(
                "all => all.filter((pre) => pre.checkVisibility())"
                ".filter((pre) => pre.scrollWidth > pre.clientWidth)"
                ".map((pre) => pre.textContent.slice(0, 60))"
            )
    assert {address: lines for address, lines in cut.items() if lines} == {}


def test_pages_read_without_scripts(browser: Browser, http: str, site: Path) -> None:
    for address in html_pages(site):
        if address == "search.html":
            continue
        with watched(browser, http, java_script_enabled=False) as watch:
            page = watch.open(address).page
            assert page.locator("article h1").first.is_visible(), address
            assert page.locator("article").inner_text().strip(), address
            for formula in page.locator("article .math").all()[:3]:
                assert formula.locator("mjx-container").count() == 1, address
            assert not page.locator("#lecture-start").is_visible(), address
            assert not watch.external + watch.errors, address


def test_every_link_inside_the_site_resolves(site: Path, read: dict[str, Read]) -> None:
    broken = []
    for address, page in read.items():
        for link in (*page.links, *page.files):
            target = urlsplit(urljoin(address, link))
            if target.scheme == "data":
                continue
            if target.scheme or target.netloc:
                assert link not in page.files, f"{address} asks for {link}"
                continue
            file = site / unquote(target.path)
            if not file.exists():
                broken.append(f"{address}: {link}")
            known = read[target.path].ids if target.path in read else {unquote(target.fragment)}
            if target.fragment and unquote(target.fragment) not in known:
                broken.append(f"{address}: {link}")
    assert not broken


def test_every_picture_has_words(read: dict[str, Read]) -> None:
    silent = [
        f"{address}: {picture.get('src')}"
        for address, page in read.items()
        for picture in page.pictures
        if not (picture.get("alt") or "").strip()
        or (picture["alt"] or "").endswith((".png", ".svg"))
    ]
    assert not silent


def test_every_page_describes_itself(read: dict[str, Read]) -> None:
    described = {
        address: page.description for address, page in read.items() if address != "search.html"
    }
    assert not [address for address, text in described.items() if not 20 <= len(text) <= 400]
    assert not [address for address, text in described.items() if re.search(r"\\[a-z(\[]|\$", text)]
    assert len(set(described.values())) == len(described)


def test_search_works_offline(browser: Browser, site: Path) -> None:
    base = f"{site.resolve().as_uri()}/"
    with watched(browser, base) as watch:
        page = watch.open("search.html?q=attention", settle=1500).page
        assert page.locator("#search-results li").count() > 0
        assert not watch.external + watch.errors


def test_the_page_follows_the_system_into_the_dark_at_once(browser: Browser, http: str) -> None:
    with watched(browser, http, color_scheme="dark") as watch:
        page = watch.open("book/index.html", settle=0).page
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.locator(".theme-switch-button").last.click()
        page.reload()
        assert page.evaluate("document.documentElement.dataset.mode") != "auto"
        assert not watch.errors


def test_a_missing_page_says_so(browser: Browser, http: str, site: Path) -> None:
    with watched(browser, http) as watch:
        page = watch.open("404.html").page
        assert page.get_by_role("heading", level=1).inner_text() == "This page does not exist"
        assert not watch.external + watch.errors


def test_no_committed_file_names_a_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


# x + x of two numbers, in ONNX
MODEL = "CAg6NQoOCgF4CgF4EgF5IgNBZGQSAWdaDwoBeBIKCggIARIECgIIAmIPCgF5EgoKCAgBEgQKAggCQgQKABAR"


def test_the_site_brings_the_runtime_of_its_models(browser: Browser, http: str) -> None:
    with watched(browser, http) as watch:
        page = watch.open("book/index.html").page
        doubled = page.evaluate(
            """async (model) => {
              const place = "../_static/vendor/ort/ort.wasm.bundle.min.mjs";
              const ort = await import(new URL(place, location));
              ort.env.wasm.numThreads = 1;
              const bytes = Uint8Array.from(atob(model), (letter) => letter.charCodeAt(0));
              const session = await ort.InferenceSession.create(bytes);
              const { y } = await session.run({ x: new ort.Tensor("float32", [1, 2], [2]) });
              return [...y.data];
            }""",
            MODEL,
        )
        asked = [Path(urlsplit(url).path).name for url in watch.requests if "/vendor/ort/" in url]
        assert doubled == [2, 4]
        assert asked == ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"]
        assert not watch.external + watch.errors
