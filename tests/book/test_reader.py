"""What a page keeps of its reader, and what it finds for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.pages import ROOT, in_order, watched

CHAPTER = "book/sequences/recurrent_networks.html"
END = "scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })"


def test_a_chapter_read_to_its_end_has_a_tick_everywhere(browser: Browser, http: str) -> None:
    with watched(browser, http, viewport={"width": 1280, "height": 800}) as watch:
        page = watch.open(CHAPTER).page
        left = page.locator(".read-minutes")
        assert left.inner_text().startswith("about ")
        assert page.locator("a.read").count() == 0
        page.evaluate(END)
        expect(left).to_have_text("read")
        assert page.locator("progress.read-line").evaluate("node => node.value") == 1
        watch.open("book/index.html")
        assert page.locator(".road a.read").count() == 1
        assert page.locator(".bd-links a.read").count() == 1
        page.evaluate("localStorage.clear()")
        page.reload()
        assert page.locator("a.read").count() == 0
        assert not watch.external + watch.errors


@pytest.mark.parametrize("stored", ["throw", "nonsense"])
def test_where_nothing_can_be_kept_the_page_works(browser: Browser, http: str, stored: str) -> None:
    with watched(browser, http) as watch:
        script = {
            "throw": """for (const name of ["getItem", "setItem"]) {
              const known = Storage.prototype[name];
              Storage.prototype[name] = function (key, value) {
                if (key === "lecture-read") throw new Error("forbidden");
                return known.call(this, key, value);
              };
            }""",
            "nonsense": "localStorage.setItem('lecture-read', '[')",
        }
        watch.page.add_init_script(script[stored])
        page = watch.open(CHAPTER).page
        page.evaluate(END)
        expect(page.locator(".read-minutes")).to_have_text("read")
        assert not watch.errors


def test_the_focus_is_seen_on_every_button_at_the_top(browser: Browser, http: str) -> None:
    with watched(browser, http, viewport={"width": 1280, "height": 800}) as watch:
        page = watch.open(CHAPTER).page
        rings = {}
        for _ in range(40):
            page.keyboard.press("Tab")
            name, ring = page.evaluate(
                """() => {
                  const at = document.activeElement;
                  const name = at.textContent.trim() || at.ariaLabel;
                  const { outlineStyle, outlineWidth } = getComputedStyle(at);
                  const ring = `${outlineStyle} ${outlineWidth}`;
                  return [at.closest(".bd-header-article") && name, ring];
                }"""
            )
            if name:
                rings[name] = ring
        assert "Lecture" in rings
        assert len(rings) > 4
        assert set(rings.values()) <= {"solid 2px", "solid 3px"}, rings


def test_next_says_which_question_it_answers(site: Path) -> None:
    text = (site / "book" / "sequences" / "recurrent_networks.html").read_text("utf-8")
    assert '<p class="prev-next-question">Why must it be one vector?</p>' in text
    assert "prev-next-question" not in (site / f"{in_order()[-1]}.html").read_text("utf-8")


def test_every_stop_of_the_road_has_its_motif_and_its_minutes(site: Path) -> None:
    road = (site / "book" / "index.html").read_text("utf-8").split("<article", 1)[1]
    chapters = len(list((ROOT / "book").glob("*/*.ipynb")))
    assert road.count('class="lvm"') == road.count('class="minutes"') == chapters > 0


def test_a_search_finds_sections_without_notes_and_imports(browser: Browser, http: str) -> None:
    with watched(browser, http) as watch:
        page = watch.open("search.html?q=softmax+weights", settle=0).page
        found = page.locator(".found-sections a")
        found.first.wait_for()
        page.wait_for_timeout(500)
        links = found.evaluate_all("all => all.map((link) => link.getAttribute('href'))")
        assert all("#" in link and link.split("#")[0].endswith(".html") for link in links)
        text = page.locator("#search-results").inner_text()
        assert "find_spec" not in text
        assert "from lecture_utils" not in text
        found.first.click()
        expect(page.locator(f"[id='{links[0].split('#')[1]}']")).to_be_visible()
        assert not watch.external + watch.errors


def test_a_wrong_address_keeps_the_book_around_it(browser: Browser, http: str) -> None:
    with watched(browser, http, viewport={"width": 320, "height": 640}) as watch:
        page = watch.open("404.html").page
        chapters = page.get_by_role("navigation", name="Book").locator("li a")
        assert chapters.count() == len(list((ROOT / "book").glob("*/*.ipynb")))
        assert chapters.first.get_attribute("href").endswith("recurrent_networks.html")
        assert page.get_by_role("searchbox").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 320


HIT = """all => all.filter((node) => node.checkVisibility()).map((node) => {
  const { width, height } = node.getBoundingClientRect();
  return [node.ariaLabel || node.title || node.innerText, Math.round(width), Math.round(height)];
})"""


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_telephone_the_bar_has_four_things_and_all_are_large_enough(
    browser: Browser, http: str, width: int
) -> None:
    with watched(browser, http, viewport={"width": width, "height": 800}) as watch:
        page = watch.open(CHAPTER).page
        bar = page.locator(".bd-header-article :is(button, a)").evaluate_all(HIT)
        assert len(bar) == 4, "menu, theme, search, contents"
        assert not [thing for thing in bar if min(thing[1:]) < 44]
        folds = page.locator(".bd-article details > summary").evaluate_all(HIT)
        assert len(folds) > 10
        assert not [fold for fold in folds if fold[2] < 44]
        assert not page.locator("#pst-back-to-top").is_visible()
