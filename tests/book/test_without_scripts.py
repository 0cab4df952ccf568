"""A page of each kind where no script runs; what its file holds, test_files reads on all."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.pages import watched

CONTROLS = ":is(button, input, select, textarea, [role=button]):visible"


def faults(page: Page) -> list[str]:
    """What is missing on a page, or should not be seen."""
    typeset = "all => all.every((math) => math.querySelectorAll('mjx-container').length === 1)"
    found = {
        "no title": not page.locator("article h1").first.is_visible(),
        "no text": not page.locator("article").inner_text().strip(),
        "a formula as source": not page.locator("article .math").evaluate_all(typeset),
        "a button for slides": page.locator("#lecture-start").is_visible(),
        "a lecturer's note": page.locator("aside.lecturer:visible").count(),
        "a dead control": page.locator(CONTROLS).count(),
    }
    return [fault for fault, present in found.items() if present]


@pytest.mark.parametrize(
    "address", ["book/index.html", "book/memory/end_to_end_memory_networks.html", "404.html"]
)
@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_reads(browser: Browser, http: str, address: str, width: int) -> None:
    screen = {"viewport": {"width": width, "height": 800}}
    with watched(browser, http, java_script_enabled=False, **screen) as watch:
        assert not faults(watch.open(address).page)
        assert not watch.external + watch.errors


@pytest.mark.parametrize(
    ("address", "notes"),
    [("book/index.html", 1), ("book/memory/memory_networks.html", 1), ("book/notation.html", 0)],
)
def test_a_page_with_views_says_what_needs_scripts(
    browser: Browser, http: str, address: str, notes: int
) -> None:
    told = "Without JavaScript"
    with watched(browser, http, java_script_enabled=False) as watch:
        text = watch.open(address).page.locator("main").inner_text()
        assert text.count(told) == notes
    with watched(browser, http) as watch:
        assert told not in watch.open(address).page.locator("main").inner_text()


def test_the_search_says_what_it_needs_and_has_no_field(browser: Browser, http: str) -> None:
    with watched(browser, http, java_script_enabled=False) as watch:
        page = watch.open("search.html").page
        assert "activate JavaScript" in page.locator("noscript:visible, main").first.inner_text()
        assert page.locator(CONTROLS).count() == 0


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<article><h1 hidden>T</h1>t</article>", "no title"),
        ("<article><h1>T</h1><i class=math>x</i></article>", "a formula as source"),
        ("<article><h1>T</h1></article><button id=lecture-start>b</button>", "a button for slides"),
        ("<article><h1>T</h1></article><aside class=lecturer>n</aside>", "a lecturer's note"),
        ("<article><h1>T</h1></article><input>", "a dead control"),
    ],
)
def test_what_is_missing_is_told(browser: Browser, body: str, fault: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(body)
    assert fault in faults(page)
    context.close()
