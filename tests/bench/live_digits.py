"""The page's LeNet against torch: what it sees in drawn digits, its answers, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import browser as browsers
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from lecture_utils.tasks.drawing import see_of
from tests.bench.live_numerals import open_live
from tests.bench.rows import row
from tests.data.strokes import drawn, rastered
from tests.live.committed import MODELS, kind
from tests.pages import SITE, chromium, main_thread_ms, served
from tests.views.in_page import ASK, ask

NAME = "digits"


def requests() -> Iterator[tuple[NDArray[np.float64], dict[str, Any]]]:
    """The hundred drawings, each normalised and as it was drawn, with what a view asks."""
    for one in drawn():
        drawing = rastered(one)
        levels = np.rint(255 * drawing).astype(int).ravel().tolist()
        for normalise in (True, False):
            asked = {"drawing": levels, "shape": [1, *drawing.shape], "normalise": normalise}
            yield drawing, asked


def compare(page: Page) -> dict[str, float]:
    """How many drawings get the same answer, and how far scores or maps are apart at most."""
    described = kind(NAME)
    see = see_of(described.model, described.places, described.size, described.box, described.values)
    same, worst = 0, 0.0
    for drawing, asked in requests():
        here, there = see(drawing, asked["normalise"]), ask(page, NAME, **asked)
        scores = np.array(there["scores"])
        same += int(scores.argmax() == here["scores"].argmax())
        found = [scores, *(np.array(one["weights"]) for one in there["maps"].values())]
        wanted = [here["scores"], *here["maps"].values()]
        for got, one in zip(found, wanted, strict=True):
            worst = max(worst, float(np.abs(got - one.numpy().ravel()).max()))
    return {"same_answer": same, "max_abs": worst}


@row("live.digits.same_answer", "drawings", ">= 200")
@row("live.digits.max_abs", "value", "<= 1e-4")
@row("live.digits.answer_ms", "ms", "<= 50")
@row("live.digits.model_kb", "kB", "<= 1000")
def parity() -> dict[str, float]:
    """On the built site."""
    with chromium(browsers.find()) as browser, served(SITE) as address:
        page = open_live(browser.new_page(), address)
        rows = {f"live.digits.{k}": v for k, v in compare(page).items()}
        asked = [NAME, next(requests())[1]]
        rows["live.digits.answer_ms"] = main_thread_ms(page, ASK, asked, 15)
    files = (MODELS / NAME).glob("*.onnx")
    rows["live.digits.model_kb"] = sum(file.stat().st_size for file in files) / 1000
    return rows
