"""The story that the tests of the memory view look at."""

from __future__ import annotations

from typing import Any

import numpy as np

from lecture_utils.views import MemoryHops

STORY = [
    "Mary moved to the bathroom.",
    "John picked up the milk there.",
    "John travelled to the garden.",
    "Sandra journeyed to the hallway.",
    "Daniel went back to the office.",
]
QUESTION = "Where is the milk?"
ANSWERS = {"garden": 0.97, "hallway": 0.01, "kitchen": 0.01}
WEIGHTS = np.array(
    [
        [0.01, 0.88, 0.07, 0.02, 0.01],
        [0.00, 0.05, 0.91, 0.01, 0.01],
        [0.00, 0.02, 0.95, 0.01, 0.00],
    ]
)
TASKS = {1: "one fact", 2: "two facts"}
READ = (
    "Hop 1 reads sentence 2 (0.88), hop 2 sentence 3 (0.91), hop 3 sentence 3 (0.95). "
    "Both gold facts were read."
)


def hops(**changed: Any) -> MemoryHops:
    """Three hops that read both facts; the garden is the answer."""
    arguments: dict[str, Any] = {
        "weights": WEIGHTS,
        "story": STORY,
        "question": QUESTION,
        "answers": ANSWERS,
        "gold": [1, 2],
        "truth": "garden",
        "title": "Two facts",
    }
    return MemoryHops(**{**arguments, **changed})
