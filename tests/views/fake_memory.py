"""A memory model of random weights, exported as the page expects it, with a pool of stories."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from lecture_utils import live
from lecture_utils.data import babi
from lecture_utils.models.memn2n import MemN2N, memn2n
from lecture_utils.recording import record

NAME = "stories-random"
HOPS, SLOTS, WIDE = 2, 50, 11


def pool(stories: int = 6) -> dict[str, list]:
    """A few simulated stories of each task, as they stand in ``stories.json``."""
    return {
        str(task): [
            [list(told.story), told.question, told.answer, list(told.support)]
            for told in babi.simulate(task, 5 * stories, seed=3)[::5]
        ]
        for task in babi.TASKS
    }


def tokens() -> list[str]:
    """Padding, then every word of simulated stories."""
    found = {
        word
        for told in babi.simulate(range(1, 21), 200, seed=1)
        for text in (*told.story, told.question)
        for word in babi.words(text)
    }
    answers = {told.answer for told in babi.simulate(range(1, 21), 200, seed=1)}
    return ["", *sorted(found | answers)]


def numbers(text: str, known: list[str]) -> list[int]:
    """A sentence as the page should number its words: padded to `WIDE`."""
    ids = [known.index(word) for word in babi.words(text)]
    return ids + [0] * (WIDE - len(ids))


@torch.no_grad()
def answer(model: MemN2N, story: list[str], question: str) -> tuple[Tensor, Tensor]:
    """Torch's probabilities (V,) and weights (K, S)."""
    known = tokens()
    told = torch.tensor([[0] * WIDE, *(numbers(line, known) for line in story)])
    order = torch.arange(1, len(told)).unsqueeze(0)
    with record(model) as reads:
        logits = model(told, order, torch.tensor([numbers(question, known)]))
    hops = torch.cat([reads[f"hops.{k}.address"][0] for k in range(HOPS)])  # (K, N)
    return logits.softmax(dim=1)[0], hops[:, -len(story) :]


def export(folder: Path, name: str = NAME, seed: int = 0) -> MemN2N:
    """Write the model into `folder`/`name`, and give it."""
    torch.manual_seed(seed)
    known = tokens()
    model = memn2n(len(known), features=8, hops=HOPS, slots=SLOTS).eval()
    kind = live.StoryMemory(model, tokens=known, words=WIDE, tasks=babi.TASKS, stories=pool())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTURE_MODELS", str(folder))
        live.export(name, kind, metrics={}, seed=seed)
    return model
