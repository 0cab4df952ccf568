"""What the exercises refuse, which claims have a control, and that nothing that judges chooses."""

from __future__ import annotations

import importlib
import pkgutil

import cells
import nbformat

import tests.exercises
from lecture_utils import exercises
from tests.bench.rows import Row, row
from tests.test_chapters import chosen_by, code


def mutants() -> dict[str, list]:
    """Wrong answers by check, of every test module that lists them."""
    found: dict[str, list] = {}
    for module in pkgutil.iter_modules(tests.exercises.__path__):
        if module.name.startswith("test_"):
            loaded = importlib.import_module(f"tests.exercises.{module.name}")
            found |= getattr(loaded, "MUTANTS", {})
    return found


@row("exercises.mutants", "wrong", ">= 6")
@row("exercises.mutants_passed", "wrong", "<= 0")
def wrong_answers() -> list[Row]:
    """Wrong answers of the exercise that has fewest, and how many of all pass their check."""
    listed = mutants()
    passed = [
        f"{check} {i}"
        for check, answers in listed.items()
        for i, answer in enumerate(answers)
        if getattr(exercises, check)(answer)
    ]
    return [
        Row("exercises.mutants", min(map(len, listed.values()))),
        Row("exercises.mutants_passed", len(passed), fault=", ".join(passed)),
    ]


@row("claims.controls", "cells", ">= 10")
def controls() -> int:
    """Cells that carry a control for a claim of cause, by their tag, in all chapters."""
    return sum(
        "control" in cell.metadata.get("tags", [])
        for path in cells.notebooks()
        for cell in nbformat.read(path, as_version=4).cells
    )


@row("splits.test_selection", "uses", "<= 0")
def selections() -> int:
    """How often the test split reaches what chooses weights, in all chapters."""
    return sum(len(chosen_by("\n".join(code(path)))) for path in cells.notebooks())
