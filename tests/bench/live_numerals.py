"""The page's models against torch: the same words, the same numbers, and what an answer costs."""

from __future__ import annotations

import browser as browsers
import torch
from playwright.sync_api import Page

from lecture_utils.data import numerals
from lecture_utils.data.pairs import Vocabulary
from lecture_utils.models.encoder_decoder import EncoderDecoder
from tests.bench.rows import row
from tests.live import committed
from tests.live.committed import MODELS
from tests.pages import SITE, chromium, main_thread_ms, served
from tests.views.in_page import ASK, ask, prepare

INPUTS = 200


@torch.no_grad()
def answer(model: EncoderDecoder, told: dict, text: str) -> tuple[list[str], torch.Tensor]:
    """The words that torch writes, greedily, and the logits of each of them (T, V)."""
    words = numerals.spell_list(numerals.parse(text), "en")
    tokens = told["target"]["tokens"]
    source = torch.tensor([Vocabulary(told["source"]["tokens"][4:]).encode(words)])
    memory, state = model.encode(source)
    token, rows, kept = torch.tensor([told["target"]["start"]]), [], []
    while len(rows) < told["limits"]["target"]:
        logits, state = model.step(token, state, memory)
        token = logits.argmax(dim=-1)
        if token.item() == told["target"]["end"]:
            break
        rows.append(tokens[token.item()])
        kept.append(logits[0])
    return rows, torch.stack(kept)


def texts(count: int = INPUTS) -> list[str]:
    """What readers might type: lists of all lengths, half of them in digits."""
    lists = [
        numerals.read_list(pair.source, "en")
        for pair in numerals.pairs(count, "en", "de", seed=17, lengths=range(1, 41))
    ]
    return [
        ", ".join(str(n) if i % 2 else " ".join(numerals.spell(n, "en")) for n in numbers)
        for i, numbers in enumerate(lists)
    ]


def compare(page: Page, name: str, count: int = INPUTS) -> dict[str, float]:
    """How many of `count` inputs get the same words, and the largest difference of logits."""
    model, told = committed.torch_model(name), committed.told(name)
    same, worst = 0, 0.0
    for text in texts(count):
        rows, logits = answer(model, told, text)
        there = ask(page, name, text=text)
        same += there["rows"] == rows
        if there["rows"] == rows:
            worst = max(
                worst, (torch.tensor(there["logits"][: len(rows)]) - logits).abs().max().item()
            )
    return {"same_words": same, "max_abs": worst}


def answer_ms(page: Page, name: str, text: str = "748 213, 95", repeats: int = 9) -> float:
    """Main-thread CPU, in ms, of one answer when the model is loaded: median."""
    return main_thread_ms(page, ASK, [name, {"text": text}], repeats)


def open_live(page: Page, address: str) -> Page:
    """A page of the site that can be asked past its views."""
    page.goto(f"{address}/book/notation.html")
    return prepare(page)


@row("live.numerals.same_words", "inputs", ">= 200")
@row("live.numerals.max_abs", "logit", "<= 1e-4")
@row("live.numerals.answer_ms", "ms", "<= 100")
@row("live.numerals.model_kb", "kB", "<= 1000")
def parity() -> dict[str, float]:
    """On the built site."""
    with chromium(browsers.find()) as browser, served(SITE) as address:
        page = open_live(browser.new_page(), address)
        rows = {f"live.numerals.{k}": v for k, v in compare(page, "numerals-en-de").items()}
        rows["live.numerals.answer_ms"] = answer_ms(page, "numerals-en-de")
    files = (MODELS / "numerals-en-de").glob("*.onnx")
    rows["live.numerals.model_kb"] = sum(file.stat().st_size for file in files) / 1000
    return rows
