"""The figures of the chapter on Bahdanau's attention, for three seeds, by its own code."""

from __future__ import annotations

from typing import Any

from lecture_utils.data import numerals
from tests.models.measured import chapter

SEEDS = (0, 1, 2)
SENTENCES = 1000


def trained(seed: int) -> dict[str, Any]:
    """Both models of the chapter, trained with `seed`, and what judges them, by name."""
    return chapter("bahdanau_attention", seed)


def _row(name: str, value: float) -> dict[str, Any]:
    spent = sum(trained(seed)["cpu_s"] for seed in SEEDS)
    return {"name": name, "value": round(value, 4), "seeds": list(SEEDS), "cpu_s": round(spent, 1)}


def measure_length30() -> list[dict[str, Any]]:
    """Whole sentences of length 30 without a fault: the worst of attention, the best of fixed."""
    pairs = numerals.pairs(SENTENCES, "en", "de", seed=30_000_001, lengths=[30])

    def exact(name: str) -> list[float]:
        return [trained(seed)["exact"](trained(seed)[name], pairs) for seed in SEEDS]

    return [
        _row("length30.attention.exact", min(exact("attention"))),
        _row("length30.fixed.exact", max(exact("fixed"))),
    ]


def measure_alignment() -> list[dict[str, Any]]:
    """Alignment error rate of the arg max links, English to German: the worst seed."""
    pairs = numerals.pairs(SENTENCES, "en", "de", seed=30_000_002, lengths=range(1, 31))
    errors = [trained(seed)["alignment_error"](trained(seed)["attention"], pairs) for seed in SEEDS]
    return [_row("alignment.en-de.aer", max(errors))]
