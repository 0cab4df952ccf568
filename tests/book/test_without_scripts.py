"""A page of each kind where no script runs; what its file holds, test_files reads on all."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.pages import watched


def faults(page: Page) -> list[str]:
    """What is missing on a page, or should not be seen."""
    typeset = "all => all.every((math) => math.querySelectorAll('mjx-container').length === 1)"
    found = {
        "no title": not page.locator("article h1").first.is_visible(),
        "no text": not page.locator("article").inner_text().strip(),
        "a formula as source": not page.locator("article .math").evaluate_all(typeset),
        "a button for slides": page.locator("#lecture-start").is_visible(),
        "a lecturer's note": page.locator("aside.lecturer:visible").count(),
    }
    return [fault for fault, present in found.items() if present]


@pytest.mark.parametrize(
    "address", ["book/index.html", "book/memory/end_to_end_memory_networks.html", "404.html"]
)
def test_a_page_reads(browser: Browser, http: str, address: str) -> None:
    with watched(browser, http, java_script_enabled=False) as watch:
        assert not faults(watch.open(address).page)
        assert not watch.external + watch.errors


def test_the_first_page_says_what_needs_scripts(browser: Browser, http: str) -> None:
    told = "Without JavaScript"
    with watched(browser, http, java_script_enabled=False) as watch:
        text = watch.open("book/index.html").page.locator("article").inner_text()
        assert text.count(told) == 1
        assert text.index(told) < text.index("German says")
    with watched(browser, http) as watch:
        assert told not in watch.open("book/index.html").page.locator("article").inner_text()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<article><h1 hidden>T</h1>t</article>", "no title"),
        ("<article><h1>T</h1><i class=math>x</i></article>", "a formula as source"),
        ("<article><h1>T</h1></article><button id=lecture-start>b</button>", "a button for slides"),
        ("<article><h1>T</h1></article><aside class=lecturer>n</aside>", "a lecturer's note"),
    ],
)
def test_what_is_missing_is_told(browser: Browser, body: str, fault: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(body)
    assert faults(page) == [fault]
    context.close()
