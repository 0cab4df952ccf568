"""The exercises as the chapters set them: the stub, the check, and the solution that folds out."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, NamedTuple

import cells
import nbformat

from lecture_utils import exercises

CHECK = re.compile(r"^exercises\.(\w+)\((\w+)\)$", re.MULTILINE)
SOLUTION = re.compile(r"<details><summary>Solution</summary>.*?```python\n(.*?)```", re.DOTALL)
NAMES = "import math\n\nimport torch\nfrom torch import nn\n"


class Exercise(NamedTuple):
    """An exercise that has a check.

    Attributes:
        chapter: the stem of its notebook.
        check: the name of the check in `lecture_utils.exercises`.
        stub: the cell with the stub, and the call of the check.
        solution: the code that folds out below; empty where there is none.
    """

    chapter: str
    check: str
    stub: str
    solution: str

    def answer(self, code: str = "") -> Any:
        """What a reader passes to the check: the stub, or what `code` puts in its place."""
        _, name = CHECK.search(self.stub).groups()
        names: dict[str, Any] = {"exercises": exercises}
        exec(NAMES + CHECK.sub("", self.stub) + code, names)
        return names[name]


def found() -> list[Exercise]:
    """Every exercise of the book that has a check."""
    every = []
    for path in cells.notebooks():
        book = nbformat.read(path, as_version=4).cells
        for cell, behind in pairwise(book):
            if cell.cell_type == "code" and (check := CHECK.search(cell.source)):
                solution = SOLUTION.search(behind.source)
                every.append(
                    Exercise(path.stem, check[1], cell.source, solution[1] if solution else "")
                )
    return every


EXERCISES = found()
SOLUTIONS = {e.check: e.answer(e.solution) for e in EXERCISES}
"""What the chapters' solutions make, by check."""


def told(check: str, answer: Any) -> str:
    """What a check says against an answer that must not pass."""
    verdict = getattr(exercises, check)(answer)
    assert not verdict, f"{check} lets it through"
    return verdict.message
