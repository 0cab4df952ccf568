"""The committed models, running in a built page, answer as torch does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.bench import live_facts, live_numerals, live_stories
from tests.live.committed import NAMES
from tests.pages import watched


@pytest.fixture(scope="module")
def page(browser: Browser, http: str) -> Iterator[Page]:
    """A page of the site that can run the models."""
    context = browser.new_context()
    yield live_numerals.open_live(context.new_page(), http)
    context.close()


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("numerals-en-de")])
def test_same_words_and_numbers_as_torch(page: Page, name: str) -> None:
    found = live_numerals.compare(page, name, count=30)
    assert found["same_words"] == 30
    assert found["max_abs"] <= 1e-4


@pytest.mark.parametrize(("name", "count", "stories"), [("babi", 2, 40), ("three-facts", 40, 40)])
def test_the_memory_networks_answer_as_torch_does(
    page: Page, name: str, count: int, stories: int
) -> None:
    found = live_stories.compare(page, count, name)
    assert found["same_answer"] == stories
    assert found["max_abs"] <= 1e-4


def test_the_key_value_network_answers_as_torch_does(page: Page) -> None:
    found = live_facts.compare(page, count=50)
    assert found["same_answer"] == 50
    assert found["max_abs"] <= 1e-4


def test_a_reader_walks_an_address(browser: Browser, http: str) -> None:
    with watched(browser, http) as watch:
        watch.open("book/memory/content_and_location_based_addressing.html")
        lab = watch.page.locator("figure[data-view=address_lab]")
        lab.scroll_into_view_if_needed()
        said = lab.get_by_text("Most weight:").first
        expect(said).to_contain_text("“2 B” 0.50, then “4 B” 0.50")
        lab.get_by_role("button", name="copy task, by shift", exact=True).click()
        for slot in ("2 B", "3 C", "4 B", "5 D", "1 A"):
            expect(said).to_contain_text(f"Most weight: “{slot}” 1.00.")
            lab.get_by_role("button", name="step: this address").click()
        assert watch.errors == []


def test_a_reader_tells_three_facts(browser: Browser, http: str) -> None:
    with watched(browser, http) as watch:
        watch.open("book/memory/end_to_end_memory_networks.html")
        view = watch.page.locator("figure[data-view=memory_hops]").last
        view.scroll_into_view_if_needed()
        expect(view.locator(".lv-answer")).to_contain_text("hallway")
        lines = view.locator(".lv-line input")
        told = lines.evaluate_all("all => all.map((line) => line.value)")
        lines.nth(told.index("Mary went to the hallway.")).fill("Mary went to the garden.")
        expect(view.locator(".lv-answer")).to_contain_text("garden", timeout=60_000)
        expect(view).to_contain_text("hop 6 reads sentence 9 (")
        assert watch.errors == []
