"""A small example of every view, with functions behind it where it asks somebody.

A new view adds its own here: the contract of all views, the tests in a real JupyterLab and the
fuzzer then drive it too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lecture_utils import diagrams
from lecture_utils.views import (
    AddressLab,
    Alignment,
    Diagram,
    FeatureMaps,
    Heads,
    MemoryHops,
    View,
)


@dataclass(frozen=True)
class Example:
    """A view and good arguments of it; called, it makes one, with others in their place.

    `request` is what its script asks, where that is neither a text nor a story with a question.
    """

    kind: Callable[..., View]
    arguments: dict[str, Any]
    request: dict[str, Any] = field(default_factory=dict)

    def __call__(self, **changed: Any) -> Any:
        """The view."""
        return self.kind(**{**self.arguments, **changed})


ASKED = {"live": [("one", "absent"), ("other", "absent")], "examples": ["one two"]}
"""What every view has here that is asked by a line of text."""


def typed(text: str) -> list[str]:
    """The words of what is typed, or a sentence that says what to type."""
    if not text.split():
        raise ValueError("The field is empty: write a word.")
    return text.split()


def translate(text: str, prefix: Sequence[str] = ()) -> dict[str, Any]:
    """Whatever is typed is written backwards, behind any words."""
    words = typed(text)
    if "zebra" in prefix:
        raise ValueError("“zebra” is no word that the model can write.")
    rows = [*prefix, *words[::-1][len(prefix) :]]
    likely = [[("one", 0.75), ("zebra", 0.25)]] * len(rows)
    weights = np.eye(len(rows), len(words))[:, ::-1]
    return {"weights": weights, "rows": rows, "columns": words, "likely": likely}


alignment = Example(
    Alignment,
    {
        "weights": np.full((2, 3, 2, 2), 0.25) + 0.5 * np.eye(2),
        "rows": ["a", "word"],
        "columns": ["ein", "wort"],
        "gold": [(0, 0), (1, 1)],
        "title": "Weights",
        "translate": {"backwards": translate, "again": translate},
        "probabilities": [0.9, 0.8],
        "text": "ein wort",
        **ASKED,
    },
)


def itself(text: str) -> dict[str, Any]:
    """Whatever is typed reads itself."""
    words = typed(text)
    weights = np.stack([np.stack([np.eye(len(words))] * 3)] * 2)
    return {"weights": weights, "rows": words, "columns": words}


even, own, last = np.full((3, 3), 1 / 3), np.eye(3), np.eye(3)[[2, 2, 2]]
heads = Example(
    Heads,
    {
        "weights": np.array(
            [[even, own, last], [0.5 * (even + own), 0.5 * (own + last), np.zeros((3, 3))]]
        ),
        "rows": ["a", "short", "text"],
        "gold": [(0, 2), (1, 1)],
        "title": "All heads",
        "explain": {"itself": itself, "again": itself},
        **ASKED,
    },
)


def ask(story: Sequence[str], question: str) -> dict[str, Any]:
    """Every question is answered from the last sentence."""
    if "zebra" in question:
        raise ValueError("The model does not know “zebra” (the question).")
    return {"weights": np.eye(len(story))[-1:], "answers": {"garden": 0.9, "hall": 0.1}}


memory_hops = Example(
    MemoryHops,
    {
        "weights": [[0.1, 0.7, 0.1], [0.0, 0.1, 0.9]],
        "story": ["Mary moved to the hall.", "John took the milk.", "John went to the garden."],
        "question": "Where is the milk?",
        "answers": {"garden": 0.8, "hall": 0.2},
        "gold": [1, 2],
        "truth": "garden",
        "title": "A memory",
        "ask": {"last": ask, "again": ask},
        "live": [("three hops", "absent"), ("one hop", "absent")],
        "new_story": lambda task: (["Ann fled."], "Who fled?", "garden", [0]),
        "tasks": {1: "one fact", 2: "two facts"},
    },
)
"""A story that can be edited."""


knowledge = Example(
    MemoryHops,
    {
        "weights": [[0.6, 0.4]],
        "story": ["a → b", "a → c"],
        "question": "a?",
        "answers": {"b": 0.6, "c": 0.4},
        "title": "Facts",
        "noun": "slot",
        "editable": False,
        "ask": lambda question: {"weights": [[1.0]], "answers": {"b": 1.0}, "story": ["a → b"]},
        "live": "absent",
        "new_question": lambda kind: "a?",
        "tasks": {1: "a kind"},
    },
)
"""Slots that a question has found, which cannot be edited."""


address_lab = Example(
    AddressLab,
    {
        "memory": [[2, 0.2], [0.2, 1.8], [-1.5, 1.2], [-1.8, -0.4]],
        "query": [1, 0.6],
        "title": "A lab",
        "gate": 0.9,
    },
)
"""Four slots of two features, with the plane and every dial."""


def copied(text: str) -> dict[str, Any]:
    """Whatever is typed is copied, word by word."""
    words = typed(text)
    count = len(words)
    state = [np.linspace(-1, 1, 8).reshape(1, 8) * (i + 1) for i in range(count)]
    flow = {
        "encoder": [np.linspace(-1, 1, 16 * count).reshape(1, count, 16)],
        "context.address": [np.eye(count)[i].reshape(1, 1, count) for i in range(count)],
        "context.address.W<0": [one[None] for one in state],
        "decoder.cell<1": state,
        "decoder.cell": state,
    }
    return {"trace": flow, "rows": words, "columns": words, "probabilities": [0.5] * count}


diagram = Example(
    Diagram,
    {
        "picture": diagrams.bahdanau,
        "title": "A step",
        "explain": {"copy": copied, "again": copied},
        "text": "a b c d e f g",
        **ASKED,
        **copied("a b c d e f g"),
    },
)
"""Attention at one step, filled."""


def halved(drawing: np.ndarray, normalise: bool = True) -> dict[str, Any]:
    """Whatever is drawn is halved twice, and is a one if more than a third of it is ink."""
    image = drawing.reshape(8, drawing.shape[0] // 8, 8, -1).mean(axis=(1, 3))
    maps = np.stack([image, -image]) - 0.1 * normalise
    half = maps.reshape(2, 4, 2, 4, 2).mean(axis=(2, 4))
    means = half.mean(axis=(1, 2))
    ink = float(image.mean())
    layers = {"C1": maps, "S2": half, "F3": means}
    return {"image": image, "maps": layers, "scores": [ink, 0.3], "frame": [0, 0, len(drawing) / 8]}


stroke = np.zeros((8, 8))
stroke[1:7, 3:5] = [[0.5, 1.0]]
feature_maps = Example(
    FeatureMaps,
    {
        **halved(stroke),
        "labels": ["one", "zero"],
        "drawing": stroke,
        "normalise": True,
        "fields": {"C1": (1, 1, 0), "S2": (2, 2, 0)},
        "examples": [stroke, stroke.T],
        "title": "A drawing",
        "see": {"halved": halved, "again": halved},
        "live": ASKED["live"],
    },
    {"drawing": [255] * 64, "shape": [1, 8, 8], "normalise": True},
)
"""A drawing of 8 x 8, two layers of maps and one of single values."""


EXAMPLES = {
    "address_lab": address_lab,
    "alignment": alignment,
    "diagram": diagram,
    "feature_maps": feature_maps,
    "heads": heads,
    "memory_hops": memory_hops,
    "memory_hops, not editable": knowledge,
}
"""The examples by name; every view has at least one."""
