"""Every page opened from disk, in the dark: one visit each."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.pages import RULES, Watched, axe, html_pages, reading, watched


@pytest.fixture(scope="module")
def base(site: Path) -> str:
    return f"{site.resolve().as_uri()}/"


@pytest.fixture(scope="module")
def visits(browser: Browser, base: str, site: Path) -> dict[str, tuple[Watched, list[str]]]:
    """Each page, and its violations."""

    def visit(address: str) -> tuple[Watched, list[str]]:
        with reading(browser, base, address, color_scheme="dark") as watch:
            return watch, axe(watch.page, RULES["dark"])

    return {address: visit(address) for address in html_pages(site)}


def test_nothing_from_elsewhere_and_no_errors(visits: dict[str, tuple[Watched, list[str]]]) -> None:
    faults = {name: watch.external + watch.errors for name, (watch, _) in visits.items()}
    assert not {name: found for name, found in faults.items() if found}


def test_no_accessibility_violations(visits: dict[str, tuple[Watched, list[str]]]) -> None:
    assert not {name: violations for name, (_, violations) in visits.items() if violations}


def test_search(browser: Browser, base: str) -> None:
    with watched(browser, base) as watch:
        page = watch.open("search.html?q=attention", settle=0).page
        page.locator("#search-results li").first.wait_for()
        assert not watch.external + watch.errors
