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


@dataclass
class Visit:
    """What a page did, and what was found on it."""

    watch: Watched
    weight_kb: float
    violations: list[str]
    wide_formulas: int
    cut_code: list[str]
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


def test_every_page_becomes_slides(visits: dict[str, Visit]) -> None:
    assert not {name: visit.slide_faults for name, visit in visits.items() if visit.slide_faults}
