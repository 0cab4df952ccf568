"""The page's key-value network against torch: the same slots and answers, and what they cost.

The knowledge base is the exported one, so that the packages it came from need not be installed.
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import browser as browsers
import torch
from playwright.sync_api import Page

from lecture_utils.data import facts
from lecture_utils.models.kv_memnn import hashed, inverted_index
from lecture_utils.recording import record
from tests.bench.live_numerals import open_live
from tests.bench.rows import row
from tests.live import committed
from tests.live.committed import MODELS
from tests.pages import SITE, chromium, main_thread_ms, served
from tests.views.in_page import ASK, ask

NAME = "facts"
QUESTIONS = 200


@cache
def exported() -> SimpleNamespace:
    """The torch model whose weights were exported, its memory, and the questions asked of it."""
    told, base = committed.told(NAME), committed.told(NAME, "knowledge")
    slots = [facts.Slot(tuple(key), value) for *key, value in base["slots"]]
    triples = [facts.Fact(*slot.key, slot.value) for slot in slots[::2]]
    world = facts.Knowledge(triples, [], told["aliases"])
    parts = facts.split(world.facts)
    encoder = facts.Encoder(world, slots, parts.train)
    keys = encoder.keys(slots)
    return SimpleNamespace(
        told=told, base=base, world=world, slots=slots, parts=parts, encoder=encoder,
        keys=keys, values=encoder.values(slots), model=committed.torch_model(NAME),
        index=inverted_index(keys, told["limits"]["frequent"]),
    )  # fmt: skip


@torch.no_grad()
def answer(question: str) -> tuple[list[str], list[tuple[str, float]], torch.Tensor]:
    """The slots found, the most probable answers, and the weights (H, N), of torch."""
    it = exported()
    tokens = it.encoder.questions([question])
    slots, mask = hashed(tokens, it.index, it.told["limits"]["slots"])
    with record(it.model) as reads:
        scores = it.model(tokens, it.keys[slots], it.values[slots], mask, it.encoder.candidates)
    best = scores[0].softmax(dim=-1).topk(5)
    names = [it.world.names[i] for i in best.indices.tolist()]
    found = [it.slots[i] for i in slots[0].tolist()]
    lines = [f"{' + '.join(slot.key)} → {slot.value}" for slot in found]
    return lines, list(zip(names, best.values.tolist(), strict=True)), reads["address"][0]


def questions(count: int = QUESTIONS) -> list[str]:
    """Some of the test questions, of all relations."""
    test = exported().parts.test
    return [question.text for question in test[:: len(test) // count][:count]]


def compare(page: Page, count: int = QUESTIONS) -> dict[str, float]:
    """How many answers are the same, and how far weights and probabilities are apart at most."""
    same, worst = 0, 0.0
    for question in questions(count):
        lines, answers, weights = answer(question)
        there = ask(page, NAME, question=question)
        same += there["story"] == lines and there["answers"][0][0] == answers[0][0]
        found = torch.tensor(there["weights"]).view(there["shape"])
        worst = max(worst, (found - weights).abs().max().item())
        chances = dict(there["answers"])
        worst = max(worst, abs(chances[answers[0][0]] - answers[0][1]))
    return {"same_answer": same, "max_abs": worst}


def answer_ms(page: Page, repeats: int = 15) -> float:
    """Main-thread CPU, in ms, of one answer when the model is loaded: median."""
    longest = max(questions(), key=lambda question: len(answer(question)[0]))
    return main_thread_ms(page, ASK, [NAME, {"question": longest}], repeats)


@row("live.facts.same_answer", "questions", ">= 200")
@row("live.facts.max_abs", "weight", "<= 1e-4")
@row("live.facts.answer_ms", "ms", "<= 50")
@row("live.facts.model_kb", "kB", "<= 1000")
def parity() -> dict[str, float]:
    """On the built site."""
    with chromium(browsers.find()) as browser, served(SITE) as address:
        page = open_live(browser.new_page(), address)
        rows = {f"live.facts.{k}": v for k, v in compare(page).items()}
        rows["live.facts.answer_ms"] = answer_ms(page)
    files = (MODELS / NAME).glob("*.onnx")
    rows["live.facts.model_kb"] = sum(file.stat().st_size for file in files) / 1000
    return rows
