"""The figures of the chapter on Bahdanau's attention, for three seeds, by the chapter's own code.

Its cells that are tagged ``measured`` are executed as they stand, but for the seed; so what is
measured is what a reader runs.
"""

from __future__ import annotations

import re
import time
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from lecture_utils.data import numerals

CHAPTER = Path(__file__).parents[2] / "book" / "sequences" / "04_bahdanau_attention.ipynb"
SEEDS = (0, 1, 2)
SENTENCES = 1000


@cache
def trained(seed: int) -> dict[str, Any]:
    """Both models of the chapter, trained with `seed`, and what judges them, by name."""
    cells = nbformat.read(CHAPTER, as_version=4).cells
    code = "\n".join(c.source for c in cells if "measured" in c.metadata.get("tags", []))
    code, replaced = re.subn(r"^SEED = 0\b", f"SEED = {seed}", code, flags=re.MULTILINE)
    if replaced != 1:
        raise ValueError(
            f"{CHAPTER.name} sets SEED {replaced} times in its measured cells, not once"
        )
    names: dict[str, Any] = {"__name__": "chapter"}
    started = time.process_time()
    exec(compile(code, CHAPTER.name, "exec"), names)
    names["cpu_s"] = time.process_time() - started
    return names


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
