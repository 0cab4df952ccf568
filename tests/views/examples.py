"""A small example of every view, with a Python function behind it where the view asks one.

A function a view, named as the view's module. It tells what it heard (`HEARD`), fails at the word
``zork``, and takes its time for ``slow``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from lecture_utils.views import AddressLab, Alignment, MemoryHops

HEARD = "The kernel heard"
FAULT = "“zork” is none of the words."


def _hear(text: str) -> str:
    """What the view says of a text that was heard."""
    if "zork" in text:
        raise ValueError(FAULT)
    if "slow" in text:
        time.sleep(3)
    return f"{HEARD} {len(text.split())} words."


def _spread(*shape: int) -> np.ndarray:
    """Weights of which no two rows are the same."""
    return np.random.default_rng(0).dirichlet(np.full(shape[-1], 0.3), size=shape[:-1])


def address_lab() -> AddressLab:
    """Four slots of two features, so that there is a plane; every dial is there."""
    return AddressLab([[1, 0], [0, 1], [-1, 0], [0, -1]], [1, 0.5], title="A memory of four slots")


def alignment() -> Alignment:
    """Two layers of two heads, and two models to ask."""
    words = ["seven", "hundred", "forty", "eight"]

    def translate(text: str) -> dict[str, Any]:
        heard, columns = _hear(text), text.split() or ["nothing"]
        weights = _spread(2, 2, len(words), len(columns))
        return {"rows": words, "columns": columns, "weights": weights, "message": heard}

    return Alignment(
        _spread(2, 2, 4, 4),
        words,
        words,
        gold=[(0, 0), (1, 1)],
        title="Two layers of two heads",
        translate={"one": translate, "other": translate},
        probabilities=[0.9, 0.8, 0.7, 0.6],
        examples=["seven hundred", "eight"],
    )


def memory_hops() -> MemoryHops:
    """A story of three sentences that the reader may change, and two tasks."""
    story = ["Mary went to the garden.", "John took the milk.", "Mary took the ball."]

    def ask(lines: Sequence[str], question: str) -> dict[str, Any]:
        heard = _hear(" ".join([*lines, question]))
        weights = 0.9 * _spread(3, len(lines))
        return {"weights": weights, "answers": {"garden": 0.8, "hall": 0.2}, "message": heard}

    return MemoryHops(
        0.9 * _spread(3, 3),
        story,
        "Where is Mary?",
        {"garden": 0.8, "hall": 0.2},
        gold=[0],
        truth="garden",
        title="Three hops",
        ask={"one": ask, "other": ask},
        new_story=lambda task: (story[task:], "Where is John?", "garden", [0]),
        tasks={1: "one fact", 2: "two facts"},
    )
