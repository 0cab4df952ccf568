"""Every exercise of every chapter: the stub fails its check, the folded solution passes it."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import cells
import nbformat
import pytest

from lecture_utils import exercises

CHECK = re.compile(r"^exercises\.(\w+)\((\w+)\)$", re.MULTILINE)
SOLUTION = re.compile(r"<details><summary>Solution</summary>.*?```python\n(.*?)```", re.DOTALL)
NAMES = "import math\n\nimport torch\nfrom torch import nn\n"


def found() -> list[tuple[str, str, str, str]]:
    """(chapter, check, cell with the stub, solution) of every exercise that has a check."""
    every = []
    for path in cells.notebooks():
        book = nbformat.read(path, as_version=4).cells
        for cell, behind in pairwise(book):
            if cell.cell_type == "code" and (check := CHECK.search(cell.source)):
                solution = SOLUTION.search(behind.source)
                every.append((path.stem, check[1], cell.source, solution[1] if solution else ""))
    return every


EXERCISES = found()


def run(code: str, solution: str = "") -> exercises.Verdict:
    """What the check says of the cell's stub, or of `solution` in its place."""
    check, answer = CHECK.search(code).groups()
    names: dict[str, object] = {"exercises": exercises}
    exec(NAMES + CHECK.sub("", code) + solution, names)
    return getattr(exercises, check)(names[answer])


@pytest.mark.parametrize(
    ("code", "solution"), [e[2:] for e in EXERCISES], ids=[f"{e[0]}-{e[1]}" for e in EXERCISES]
)
class TestExercise:
    def test_the_stub_fails_and_says_so(self, code: str, solution: str) -> None:
        verdict = run(code)
        assert not verdict.passed
        assert "stub" in verdict.message

    def test_the_solution_passes(self, code: str, solution: str) -> None:
        assert solution, "no solution folds out below the exercise"
        verdict = run(code, solution)
        assert verdict.passed, verdict.message


@pytest.mark.parametrize("path", cells.notebooks(), ids=lambda path: path.stem)
def test_a_chapter_has_exercises(path: Path) -> None:
    assert 2 <= sum(chapter == path.stem for chapter, *_ in EXERCISES) <= 5


def test_every_check_is_used_by_a_chapter() -> None:
    checks = {name for name, value in vars(exercises).items() if hasattr(value, "__wrapped__")}
    assert {check for _, check, _, _ in EXERCISES} == checks
