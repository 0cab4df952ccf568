"""Every page on a telephone, then as slides: one visit each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.pages import RULES, Watched, axe, html_pages, slide_faults, watched

CUT_WORDS = """all => all.filter((text) => {
  const [words, figure] = [text, text.ownerSVGElement].map((node) => node.getBoundingClientRect());
  const { left, right, top, bottom } = figure; // 5 px: the room around the letters of a word
  return words.width && (words.left < left - 5 || words.right > right + 5
    || words.top < top - 5 || words.bottom > bottom + 5);
}).map((text) => text.textContent)"""

# Numbers that break into lines, sentences in a column of a few words, print that runs out of sight,
# a way to the next chapter that takes half the page or less.
CRAMPED = """() => {
  const all = (where) => [...document.querySelectorAll(where)].filter((n) => n.checkVisibility());
  const lines = (node) => { // of its text: a picture may stand above it
    const range = document.createRange();
    const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    const tops = [];
    while (texts.nextNode()) {
      range.selectNodeContents(texts.currentNode);
      tops.push(...[...range.getClientRects()].map(({ top }) => Math.round(top)));
    }
    return new Set(tops).size;
  };
  const said = (node) => `${node.tagName} ${node.textContent.trim().slice(0, 40)}`;
  return [
    ...all(".lecture-table td").filter((cell) => lines(cell) > 1),
    ...all("table:not(.lv *) td").filter((c) => c.innerText.length > 60 && c.clientWidth < 180),
    ...all(".cell_output pre").filter((pre) => pre.scrollWidth > pre.clientWidth),
    ...all(".prev-next-area a").filter((a) => a.clientWidth * 2 <= innerWidth),
  ].map(said);
}"""


@dataclass
class Visit:
    """What a page did, and what was found on it."""

    watch: Watched
    widths: list[int]
    cut_words: list[str]
    cramped: list[str]
    violations: list[str]
    slide_faults: list[str]


@pytest.fixture(scope="module")
def visits(browser: Browser, http: str, site: Path) -> dict[str, Visit]:
    def visit(address: str) -> Visit:
        widths = []
        with watched(browser, http, viewport={"width": 320, "height": 640}) as watch:
            page = watch.open(address).page
            for width in (320, 360):
                page.set_viewport_size({"width": width, "height": 640})
                widths.append(page.evaluate("document.documentElement.scrollWidth"))
            return Visit(
                watch,
                widths,
                page.locator(".lecture-figure text").evaluate_all(CUT_WORDS),
                page.evaluate(CRAMPED),
                axe(page, RULES["narrow"]),
                slide_faults(page) if page.locator("#lecture-start").count() else [],
            )

    return {address: visit(address) for address in html_pages(site)}


def test_pages_fit(visits: dict[str, Visit]) -> None:
    widths = {name: visit.widths for name, visit in visits.items()}
    assert not {name: found for name, found in widths.items() if found != [320, 360]}


def test_figures_keep_their_words(visits: dict[str, Visit]) -> None:
    assert not {name: visit.cut_words for name, visit in visits.items() if visit.cut_words}


def test_nothing_is_cramped(visits: dict[str, Visit]) -> None:
    assert not {name: visit.cramped for name, visit in visits.items() if visit.cramped}


def test_nothing_from_elsewhere_and_no_errors(visits: dict[str, Visit]) -> None:
    faults = {name: visit.watch.external + visit.watch.errors for name, visit in visits.items()}
    assert not {name: found for name, found in faults.items() if found}


def test_no_accessibility_violations(visits: dict[str, Visit]) -> None:
    assert not {name: visit.violations for name, visit in visits.items() if visit.violations}


def test_every_page_becomes_slides(visits: dict[str, Visit]) -> None:
    assert not {name: visit.slide_faults for name, visit in visits.items() if visit.slide_faults}
