"""The committed models, running in a built page, answer as torch does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.live import measure, measure_facts, measure_memory


@pytest.fixture(scope="module")
def page(browser: Browser, http: str) -> Iterator[Page]:
    """A page of the site that can run the models."""
    context = browser.new_context()
    yield measure.open_live(context.new_page(), http)
    context.close()


@pytest.mark.parametrize("name", ["numerals-en-de", "numerals-en-de-fixed", "numerals-en-de-place"])
def test_same_words_and_numbers_as_torch(page: Page, name: str) -> None:
    found = measure.compare(page, name, count=30)
    assert found["same_words"] == 30
    assert found["max_abs"] <= 1e-4


def test_the_memory_network_answers_as_torch_does(browser: Browser, http: str) -> None:
    context = browser.new_context()
    found = measure_memory.compare(measure.open_live(context.new_page(), http), count=2)
    context.close()
    assert found["same_answer"] == 40
    assert found["max_abs"] <= 1e-4


def test_the_key_value_network_answers_as_torch_does(browser: Browser, http: str) -> None:
    context = browser.new_context()
    found = measure_facts.compare(measure.open_live(context.new_page(), http), count=50)
    context.close()
    assert found["same_answer"] == 50
    assert found["max_abs"] <= 1e-4


def test_the_model_is_small_enough_for_a_page() -> None:
    for folder in measure.MODELS.iterdir():
        graphs = sum(file.stat().st_size for file in folder.glob("*.onnx"))
        assert 100_000 < graphs <= 1_000_000, folder.name
