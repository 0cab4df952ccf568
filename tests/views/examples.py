"""A small example of every view, with functions behind it where it asks somebody.

A new view adds one function here; the contract of all views and the tests in a real JupyterLab
then drive it too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lecture_utils import diagrams
from lecture_utils.views import AddressLab, Alignment, Diagram, Heads, MemoryHops, View

STORY = ["Mary moved to the hall.", "John took the milk.", "John went to the garden."]


def alignment(**changed: Any) -> Alignment:
    """Two layers of three heads; whatever is typed is written backwards, behind any words."""

    def translate(text: str, prefix: Sequence[str] = ()) -> dict[str, Any]:
        words = text.split()
        if not words:
            raise ValueError("The field is empty: write a word.")
        if "zebra" in prefix:
            raise ValueError("“zebra” is no word that the model can write.")
        rows = [*prefix, *words[::-1][len(prefix) :]]
        likely = [[("one", 0.75), ("zebra", 0.25)]] * len(rows)
        weights = np.eye(len(rows), len(words))[:, ::-1]
        return {"weights": weights, "rows": rows, "columns": words, "likely": likely}

    weights = np.full((2, 3, 2, 2), 0.25) + 0.5 * np.eye(2)
    told: dict[str, Any] = {
        "gold": [(0, 0), (1, 1)],
        "title": "Weights",
        "translate": {"backwards": translate, "again": translate},
        "live": [("attention", "absent"), ("fixed context", "absent")],
        "examples": ["one two"],
        "probabilities": [0.9, 0.8],
        "text": "ein wort",
    }
    return Alignment(weights, ["a", "word"], ["ein", "wort"], **{**told, **changed})


def heads(**changed: Any) -> Heads:
    """Two layers of three heads that differ; whatever is typed reads itself."""

    def explain(text: str) -> dict[str, Any]:
        words = text.split()
        if not words:
            raise ValueError("The field is empty: write a word.")
        weights = np.stack([np.stack([np.eye(len(words))] * 3)] * 2)
        return {"weights": weights, "rows": words, "columns": words}

    even, own, last = np.full((3, 3), 1 / 3), np.eye(3), np.eye(3)[[2, 2, 2]]
    told: dict[str, Any] = {
        "gold": [(0, 2), (1, 1)],
        "title": "All heads",
        "explain": {"itself": explain, "again": explain},
        "live": [("attention", "absent"), ("other", "absent")],
        "examples": ["one two"],
    }
    weights = [[even, own, last], [0.5 * (even + own), 0.5 * (own + last), np.zeros((3, 3))]]
    return Heads(np.array(weights), ["a", "short", "text"], **{**told, **changed})


def memory_hops(**changed: Any) -> MemoryHops:
    """A story that can be edited; every question is answered from its last sentence."""

    def ask(story: Sequence[str], question: str) -> dict[str, Any]:
        if "zebra" in question:
            raise ValueError("The model does not know “zebra” (the question).")
        return {"weights": np.eye(len(story))[-1:], "answers": {"garden": 0.9, "hall": 0.1}}

    told: dict[str, Any] = {
        "gold": [1, 2],
        "truth": "garden",
        "title": "A memory",
        "ask": {"last": ask, "again": ask},
        "live": [("three hops", "absent"), ("one hop", "absent")],
        "new_story": lambda task: (["Ann fled."], "Who fled?", "garden", [0]),
        "tasks": {1: "one fact", 2: "two facts"},
    }
    weights = [[0.1, 0.7, 0.1], [0.0, 0.1, 0.9]]
    answers = {"garden": 0.8, "hall": 0.2}
    return MemoryHops(weights, STORY, "Where is the milk?", answers, **{**told, **changed})


def knowledge(**changed: Any) -> MemoryHops:
    """Slots that a question has found, which cannot be edited."""

    def ask(question: str) -> dict[str, Any]:
        return {"weights": [[1.0]], "answers": {"b": 1.0}, "story": ["a → b"]}

    told: dict[str, Any] = {
        "title": "Facts",
        "noun": "slot",
        "editable": False,
        "ask": ask,
        "live": "absent",
        "new_question": lambda kind: "a?",
        "tasks": {1: "a kind"},
    }
    slots = ["a → b", "a → c"]
    return MemoryHops([[0.6, 0.4]], slots, "a?", {"b": 0.6, "c": 0.4}, **{**told, **changed})


def address_lab(**changed: Any) -> AddressLab:
    """Four slots of two features, with the plane and every dial."""
    memory = [[2, 0.2], [0.2, 1.8], [-1.5, 1.2], [-1.8, -0.4]]
    return AddressLab(memory, [1, 0.6], **{"title": "A lab", "gate": 0.9, **changed})


def diagram(**changed: Any) -> Diagram:
    """Attention at one step, filled; whatever is typed is copied, word by word."""

    def explain(text: str) -> dict[str, Any]:
        words = text.split()
        if not words:
            raise ValueError("The field is empty: write a word.")
        count = len(words)
        weights = [np.eye(count)[i].reshape(1, 1, count) for i in range(count)]
        state = [np.linspace(-1, 1, 8).reshape(1, 8) * (i + 1) for i in range(count)]
        flow = {
            "encoder": [np.linspace(-1, 1, 16 * count).reshape(1, count, 16)],
            "context.address": weights,
            "context.address.W<0": [one[None] for one in state],
            "decoder.cell<1": state,
            "decoder.cell": state,
        }
        sure = [0.5] * count
        return {"trace": flow, "rows": words, "columns": words, "probabilities": sure}

    told: dict[str, Any] = {
        "title": "A step",
        "explain": {"copy": explain, "again": explain},
        "live": [("attention", "absent"), ("other", "absent")],
        "examples": ["one two"],
        "text": "a b c d e f g",
        **explain("a b c d e f g"),
    }
    return Diagram(diagrams.bahdanau, **{**told, **changed})


EXAMPLES: dict[str, Callable[..., View]] = {
    "address_lab": address_lab,
    "alignment": alignment,
    "diagram": diagram,
    "heads": heads,
    "memory_hops": memory_hops,
    "memory_hops, not editable": knowledge,
}
"""The examples by name; every view has at least one."""
