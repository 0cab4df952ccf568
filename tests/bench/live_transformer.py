"""The page's Transformers against torch: the same words, the same numbers, what an answer costs."""

from __future__ import annotations

import browser as browsers
from playwright.sync_api import Page

from tests.bench.live_numerals import answer_ms, compare, open_live
from tests.bench.rows import row
from tests.live.committed import MODELS, NAMES
from tests.pages import SITE, chromium, served

TRANSFORMERS = [f"numerals-en-de-{name}" for name in ("heads", "scattered", "paper")]


def measure(page: Page, name: str) -> dict[str, float]:
    """The rows of one exported model, without the first parts of their names."""
    size = sum(file.stat().st_size for file in (MODELS / name).glob("*.onnx")) / 1000
    return {**compare(page, name), "answer_ms": answer_ms(page, name), "model_kb": size}


@row("live.transformer.same_words", "inputs", ">= 200")
@row("live.transformer.max_abs", "logit", "<= 1e-4")
@row("live.transformer.answer_ms", "ms", "<= 100")
@row("live.transformer.model_kb", "kB", "<= 1000")
def parity() -> dict[str, float]:
    """On the built site: of all the book's Transformers the worst."""
    with chromium(browsers.find()) as browser, served(SITE) as address:
        page = open_live(browser.new_page(), address)
        found = [measure(page, name) for name in TRANSFORMERS if name in NAMES]
    worst = {"same_words": min}
    return {
        f"live.transformer.{key}": worst.get(key, max)(one[key] for one in found)
        for key in found[0]
    }
