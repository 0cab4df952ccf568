"""The page's models against torch: the same words, the same numbers, and what an answer costs."""

from __future__ import annotations

from pathlib import Path

import browser as browsers
import torch
from playwright.sync_api import Page

from lecture_utils.data import numerals
from lecture_utils.data.pairs import Vocabulary
from lecture_utils.models.encoder_decoder import EncoderDecoder
from lecture_utils.views.assets import shared
from tests.live import committed
from tests.live.committed import MODELS
from tests.pages import ROOT, chromium, main_thread_ms, served

VIEWS = ROOT / "lecture_utils" / "views"
INPUTS = 200

_ANSWER = """async ([name, text]) => {
  const logits = [];
  const answer = await numerals.translate(name, text, {
    root: `${location.origin}/_static/`,
    progress() {},
    step: (_, scores) => logits.push([...scores]),
    alive: () => true,
  });
  return { rows: answer.rows, weights: answer.weights, logits };
}"""


@torch.no_grad()
def answer(model: EncoderDecoder, told: dict, text: str) -> tuple[list[str], torch.Tensor]:
    """The words that torch writes, greedily, and the logits of each of them (T, V)."""
    words = numerals.spell_list(numerals.parse(text), "en")
    tokens = told["target"]["tokens"]
    source = torch.tensor([Vocabulary(told["source"]["tokens"][4:]).encode(words)])
    memory, state = model.encode(source)
    start, end = told["target"]["start"], told["target"]["end"]
    token, rows, kept = torch.tensor([start]), [], []
    while len(rows) < told["limits"]["target"]:
        logits, state = model.step(token, state, memory)
        token = logits.argmax(dim=-1)
        if token.item() == end:
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
        there = page.evaluate(_ANSWER, [name, text])
        same += there["rows"] == rows
        if there["rows"] == rows:
            worst = max(worst, (torch.tensor(there["logits"]) - logits).abs().max().item())
    return {"same_words": same, "max_abs": worst}


def answer_ms(page: Page, name: str, text: str = "748 213, 95", repeats: int = 9) -> float:
    """Main-thread CPU, in ms, of one answer when the model is loaded: median."""
    return main_thread_ms(page, _ANSWER, [name, text], repeats)


def open_live(page: Page, address: str) -> Page:
    """A page of the site with the views' parts as globals."""
    page.goto(f"{address}/book/notation.html")
    for part in shared():
        script = (VIEWS / f"{part}.js").read_text(encoding="utf-8")
        page.add_script_tag(content=f"{script}\nwindow.{part} = {part};")
    return page


def measure_live(site: Path) -> dict[str, float]:
    """The rows ``live.numerals.*`` of the benchmark, on the built site in the folder `site`."""
    with chromium(browsers.find()) as browser, served(site) as address:
        page = open_live(browser.new_page(), address)
        rows = {f"live.numerals.{k}": v for k, v in compare(page, "numerals-en-de").items()}
        rows["live.numerals.answer_ms"] = answer_ms(page, "numerals-en-de")
    files = (MODELS / "numerals-en-de").glob("*.onnx")
    rows["live.numerals.model_kb"] = sum(file.stat().st_size for file in files) / 1000
    return rows
