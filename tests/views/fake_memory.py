"""A memory model of random weights, exported as the page expects it, with a pool of stories."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import torch
from torch import Tensor, nn

from lecture_utils import live
from lecture_utils.data import babi

NAME = "stories-random"
HOPS, SLOTS, WIDE = 2, 50, 11


class Memory(nn.Module):
    """Two hops on sums of word vectors; one more slot, always empty, takes part of the weight."""

    def __init__(self, words: int, features: int = 8) -> None:
        super().__init__()
        self.keys, self.values, self.query = (
            nn.Embedding(words, features, padding_idx=0) for _ in range(3)
        )
        self.out = nn.Linear(features, words)

    def forward(self, story: Tensor, question: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (1, V) and weights (1, K, S) for a story (1, S, W) and a question (1, W)."""
        keys, values = self.keys(story).sum(dim=2), self.values(story).sum(dim=2)  # (1, S, D)
        query, weights = self.query(question).sum(dim=1), []  # (1, D)
        for _ in range(HOPS):
            scores = (keys @ query.unsqueeze(-1)).squeeze(-1) / 4  # (1, S)
            with_empty = torch.cat([scores, torch.zeros(1, 1)], dim=1)
            weights.append(with_empty.softmax(dim=1)[:, :-1])
            query = query + (weights[-1].unsqueeze(1) @ values).squeeze(1)
        return self.out(query), torch.stack(weights, dim=1)


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
def answer(model: nn.Module, story: list[str], question: str) -> tuple[Tensor, Tensor]:
    """Torch's probabilities (V,) and weights (K, S)."""
    known = tokens()
    told = torch.tensor([[numbers(line, known) for line in story]])
    logits, weights = model(told, torch.tensor([numbers(question, known)]))
    return logits.softmax(dim=1)[0], weights[0]


def export(folder: Path, name: str = NAME, seed: int = 0) -> Memory:
    """Write the model into `folder`/`name`, and give it."""
    torch.manual_seed(seed)
    known = tokens()
    model = Memory(len(known)).eval()
    told = json.dumps(pool(), separators=(",", ":")).encode()
    graph = {
        "module": model,
        "inputs": {
            "story": torch.ones(1, 3, WIDE, dtype=torch.long),
            "question": torch.ones(1, WIDE, dtype=torch.long),
        },
        "outputs": ["logits", "weights"],
        "dynamic": {"story": {1: "S"}, "weights": {2: "S"}},
    }
    before = os.environ.get("LECTURE_MODELS")
    os.environ["LECTURE_MODELS"] = str(folder)
    try:
        place = live.export(
            name,
            model,
            {"answer": graph},
            {
                "kind": "memory",
                "tokens": known,
                "limits": {"slots": SLOTS, "words": WIDE},
                "tasks": {str(task): title for task, title in babi.TASKS.items()},
                "stories": {
                    "file": "stories.json",
                    "bytes": len(told),
                    "sha256": hashlib.sha256(told).hexdigest(),
                },
            },
        )
    finally:
        if before is None:
            del os.environ["LECTURE_MODELS"]
        else:
            os.environ["LECTURE_MODELS"] = before
    (place / "stories.json").write_bytes(told)
    return model
