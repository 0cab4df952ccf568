"""Every page on a laptop, over http, in the light, then as slides: one visit each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.pages import RULES, Watched, axe, html_pages, reading, slide_faults

HEAVIEST_KB = 520
CUT = """all => all.filter((pre) => pre.checkVisibility() && pre.scrollWidth > pre.clientWidth)
  .map((pre) => pre.textContent.slice(0, 60))"""

# The words of pictures that leave their canvas, at any word that is written.
OUTSIDE = """async () => {
  for (const figure of document.querySelectorAll("figure[data-view=diagram]")) {
    figure.scrollIntoView(); // it is mounted when it comes near
    while (!figure.querySelector(".lv-diagram")) await new Promise(requestAnimationFrame);
  }
  scrollTo({ top: 0, behavior: "instant" });
  return [...document.querySelectorAll(".lv-diagram")].flatMap((view) => {
    const drawing = view.querySelector(".lv-drawing > svg");
    const [, , width, height] = drawing.getAttribute("viewBox").split(" ").map(Number);
    const leaves = (text) => {
      const { x, y, width: w, height: h } = text.getBBox();
      return w && (x < 0 || y < 0 || x + w > width || y + h > height);
    };
    const found = new Set();
    const after = view.querySelector("[aria-label='word after']");
    const moments = after.checkVisibility() ? 60 : 1;
    for (let moment = 0; moment < moments; moment += 1) {
      const shown = (text) => getComputedStyle(text).visibility !== "hidden";
      for (const text of [...drawing.querySelectorAll("text")].filter(shown))
        if (leaves(text)) found.add(text.textContent);
      after.click();
    }
    return [...found];
  });
}"""


@dataclass
class Visit:
    """What a page did, and what was found on it."""

    watch: Watched
    weight_kb: float
    violations: list[str]
    wide_formulas: int
    cut_code: list[str]
    words_outside: list[str]
    slide_faults: list[str]


@pytest.fixture(scope="module")
def visits(browser: Browser, http: str, site: Path) -> dict[str, Visit]:
    def visit(address: str) -> Visit:
        with reading(browser, http, address, viewport={"width": 1280, "height": 720}) as watch:
            page = watch.page
            return Visit(
                watch,
                watch.weight_kb(site),
                axe(page, RULES["light"]),
                page.locator("span.math.wide").count(),
                page.locator(".cell_input pre").evaluate_all(CUT),
                page.evaluate(OUTSIDE),
                slide_faults(page, steps=address.startswith("book/sequences/"))
                if page.locator("#lecture-start").count()
                else [],
            )

    return {address: visit(address) for address in html_pages(site)}


def test_nothing_from_elsewhere_and_no_errors(visits: dict[str, Visit]) -> None:
    faults = {name: visit.watch.external + visit.watch.errors for name, visit in visits.items()}
    assert not {name: found for name, found in faults.items() if found}


def test_no_page_is_heavy(visits: dict[str, Visit]) -> None:
    weights = {name: visit.weight_kb for name, visit in visits.items()}
    assert weights["book/index.html"] > 100, "the files were not counted"
    assert not {name: weight for name, weight in weights.items() if weight > HEAVIEST_KB}


def test_no_accessibility_violations(visits: dict[str, Visit]) -> None:
    assert not {name: visit.violations for name, visit in visits.items() if visit.violations}


def test_what_fits_is_no_region_that_scrolls(visits: dict[str, Visit]) -> None:
    assert not [name for name, visit in visits.items() if visit.wide_formulas]


def test_lines_of_code_fit(visits: dict[str, Visit]) -> None:
    assert not {name: visit.cut_code for name, visit in visits.items() if visit.cut_code}


def test_no_word_of_a_picture_leaves_its_canvas(visits: dict[str, Visit]) -> None:
    assert not {name: visit.words_outside for name, visit in visits.items() if visit.words_outside}


def test_every_page_becomes_slides(visits: dict[str, Visit]) -> None:
    assert not {name: visit.slide_faults for name, visit in visits.items() if visit.slide_faults}
