"""A memory network of random weights, exported as a chapter does it, with a pool of stories."""

from __future__ import annotations

from functools import cache
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


@cache
def pool(stories: int = 6) -> dict[int, list]:
    """A few simulated stories of each task."""
    return {
        task: [
            [list(told.story), told.question, told.answer, list(told.support)]
            for told in babi.simulate(task, 5 * stories, seed=3)[::5]
        ]
        for task in babi.TASKS
    }


@cache
def tokens() -> list[str]:
    """The empty word, then every word of simulated stories."""
    told = babi.simulate(range(1, 21), 200, seed=1)
    texts = (text for each in told for text in (*each.story, each.question))
    found = {word for text in texts for word in babi.words(text)}
    return ["", *sorted(found | {each.answer for each in told})]


def numbers(text: str) -> list[int]:
    """A sentence as the page should number its words: padded to `WIDE`."""
    ids = [tokens().index(word) for word in babi.words(text)]
    return ids + [0] * (WIDE - len(ids))


@torch.no_grad()
def answer(model: MemN2N, story: list[str], question: str) -> tuple[Tensor, Tensor]:
    """Torch's probabilities (V,) and weights (K, S)."""
    sentences = torch.tensor([numbers(""), *map(numbers, story)])
    order = torch.arange(1, len(story) + 1).unsqueeze(0)
    with record(model) as reads:
        logits = model(sentences, order, torch.tensor([numbers(question)]))
    weights = torch.cat([reads[f"hops.{k}.address"][0] for k in range(HOPS)])
    return logits.softmax(dim=1)[0], weights[:, -len(story) :]


def export(folder: Path) -> MemN2N:
    """Write the model into `folder`/`NAME`, and give it."""
    torch.manual_seed(0)
    model = memn2n(len(tokens()), features=8, hops=HOPS, slots=SLOTS, noise=0).eval()
    for table in (model.memory.embed.words, model.memory.times):
        table.weight.data *= 5  # weights that differ from slot to slot
    told = live.StoryMemory(model, tokens=tokens(), words=WIDE, tasks=babi.TASKS, stories=pool())
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LECTURE_MODELS", str(folder))
        live.export(NAME, told, metrics={}, seed=0)
    return model
