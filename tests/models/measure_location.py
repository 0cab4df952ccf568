"""The figures of the chapter on location-based addressing, for three seeds, by its own code."""

from __future__ import annotations

from typing import Any

from lecture_utils.data import numerals
from tests.models.measured import chapter

SEEDS = (0, 1, 2)
SENTENCES = 1000
LENGTH = 60  # the chapter trains on 1 to 30


def trained(seed: int) -> dict[str, Any]:
    """Both models of the chapter, trained with `seed`, and what judges them, by name."""
    return chapter("content_and_location_based_addressing", seed)


def measure_length2x() -> list[dict[str, Any]]:
    """Whole sentences of twice the length: the worst with place, the best by content alone."""
    pairs = numerals.pairs(SENTENCES, "en", "de", seed=30_000_003, lengths=[LENGTH], split="test")

    def exact(name: str) -> list[float]:
        return [trained(seed)["exact"](trained(seed)[name], pairs) for seed in SEEDS]

    found = {
        "location.length2x.exact": min(exact("located")),
        "content.length2x.exact": max(exact("content")),
    }
    spent = round(sum(trained(seed)["cpu_s"] for seed in SEEDS), 1)
    return [
        {"name": name, "value": round(value, 4), "seeds": list(SEEDS), "cpu_s": spent}
        for name, value in found.items()
    ]
