"""Trainings that take longer than a chapter, each with the results file that it wrote.

    python -m lecture_utils.recipes.memn2n --data FOLDER
    python -m lecture_utils.recipes.memn2n_ablation

A recipe brings data, models and the training loop together, as a chapter does. What it found
stands in ``results``, with its provenance, for chapters to read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


def results(name: str) -> dict[str, Any]:
    """What a recipe found and where it came from, e.g. ``results("memn2n-joint")``.

    Raises:
        ValueError: there is no such file, or it is damaged.
    """
    path = RESULTS / f"{name}.json"
    if not path.is_file():
        there = sorted(file.stem for file in RESULTS.glob("*.json"))
        raise ValueError(f"no results {name!r}; there are {there}")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def seeds(rows: Sequence[Mapping[str, Any]], *keys: str, digits: int = 2) -> str:
    """One figure of every seed, side by side: of ``rows``, a variant's, what stands at `keys`."""
    return "  ".join(f"{value:.{digits}f}" for value in _values(rows, keys))


def percents(rows: Sequence[Mapping[str, Any]], *keys: str, digits: int = 1) -> str:
    """The same in per cent: what stands there is a part, from 0 to 1."""
    return "  ".join(f"{100 * value:.{digits}f}" for value in _values(rows, keys))


def between(rows: Sequence[Mapping[str, Any]], *keys: str | int, digits: int = 2) -> str:
    """The least and the greatest of one figure of all seeds: ``"0.89 to 0.91"``.

    Where both are written alike it stands once.
    """
    values = _values(rows, keys)
    ends = dict.fromkeys(f"{value:z.{digits}f}" for value in (min(values), max(values)))
    return " to ".join(ends)


def _values(rows: Sequence[Mapping[str, Any]], keys: Sequence[str | int]) -> list[float]:
    return [reduce(getitem, keys, row) for row in rows]


def seconds(rows: Sequence[Mapping[str, Any]], part: float = 0.95) -> str:
    """Of every seed's ``curve``, the CPU seconds until its score was `part`, or "never"."""
    times = (next((s for s, right in row["curve"] if right >= part), None) for row in rows)
    return "  ".join("never" if s is None else f"{s:.0f}" for s in times)


def steps_to(rows: Sequence[Mapping[str, Any]], part: float = 0.95) -> str:
    """Of every seed's ``curve``, judged at equal distances, the step at which its score was `part`.

    "never" where it was not.
    """
    told = []
    for row in rows:
        every = row["steps"] / len(row["curve"])
        first = next((i for i, (_, right) in enumerate(row["curve"], 1) if right >= part), None)
        told.append("never" if first is None else f"{first * every:.0f}")
    return "  ".join(told)


def weights(name: str) -> Path:
    """The file with the weights of a recipe's best model, for `lecture_utils.live.load_weights`."""
    return RESULTS / f"{name}.safetensors"
