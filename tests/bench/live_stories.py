"""The page's memory network against torch: the same answers, the same numbers, and their cost."""

from __future__ import annotations

from collections.abc import Iterable

import browser as browsers
import torch
from playwright.sync_api import Page

from lecture_utils.data import babi
from lecture_utils.models.memn2n import MemN2N
from lecture_utils.recording import record
from tests.bench.live_numerals import open_live
from tests.bench.rows import row
from tests.live import committed
from tests.pages import SITE, chromium, main_thread_ms, served
from tests.views.in_page import ASK, ask

NAME = "babi"
STORIES = 10
"""Of each task: 200 in all of the twenty."""


@torch.no_grad()
def answer(
    model: MemN2N, told: dict, example: babi.Example
) -> tuple[list[tuple[str, float]], torch.Tensor]:
    """The most probable answers, and the weights (K, S) of the hops, of torch."""
    slots, width = told["limits"]["slots"], told["limits"]["words"]
    batch = babi.Questions([example], told["tokens"], slots, width).batch([0])
    with record(model) as reads:
        chances = model(*batch[:3])[0].softmax(dim=-1)
    best = chances.topk(3)
    hops = [reads[f"hops.{k}.address"][0] for k in range(len(model.hops))]
    names = [told["tokens"][i] for i in best.indices.tolist()]
    weights = torch.cat(hops)[:, -batch.story.shape[1] :]
    return list(zip(names, best.values.tolist(), strict=True)), weights


def examples(count: int = STORIES, tasks: Iterable[int] = babi.TASKS) -> list[babi.Example]:
    """Stories of these tasks that a reader might tell; of long ones the end."""
    made = babi.simulate(list(tasks), 3 * count, seed=29)[::3]
    return [example._replace(story=example.story[-50:], support=()) for example in made]


def compare(page: Page, count: int = STORIES, name: str = NAME) -> dict[str, float]:
    """How many answers are the same, and how far weights and probabilities are apart at most."""
    model, told = committed.torch_model(name), committed.told(name)
    same, worst = 0, 0.0
    for example in examples(count, map(int, told["tasks"])):
        wanted, weights = answer(model, told, example)
        there = ask(page, name, story=list(example.story), question=example.question)
        same += there["answers"][0][0] == wanted[0][0]
        found = torch.tensor(there["weights"]).view(there["shape"][-2:])
        worst = max(worst, (found - weights).abs().max().item())
        chances = dict(there["answers"])
        worst = max(worst, abs(chances[wanted[0][0]] - wanted[0][1]))
    return {"same_answer": same, "max_abs": worst}


def answer_ms(page: Page, repeats: int = 15) -> float:
    """Main-thread CPU, in ms, of one answer when the model is loaded: median."""
    example = examples(1)[2]  # a long one
    asked = {"story": list(example.story), "question": example.question}
    return main_thread_ms(page, ASK, [NAME, asked], repeats)


@row("live.memory.same_answer", "stories", ">= 200")
@row("live.memory.max_abs", "weight", "<= 1e-4")
@row("live.memory.answer_ms", "ms", "<= 50")
def parity() -> dict[str, float]:
    """On the built site."""
    with chromium(browsers.find()) as browser, served(SITE) as address:
        page = open_live(browser.new_page(), address)
        rows = {f"live.memory.{k}": v for k, v in compare(page).items()}
        rows["live.memory.answer_ms"] = answer_ms(page)
    return rows
