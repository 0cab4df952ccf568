"""Every exercise of every chapter: the stub fails its check, the folded solution passes it."""

from __future__ import annotations

from pathlib import Path

import cells
import pytest

from lecture_utils import exercises
from tests.exercises.chapters import EXERCISES, SOLUTIONS, Exercise, told

each = pytest.mark.parametrize(
    "exercise", EXERCISES, ids=[f"{e.chapter}-{e.check}" for e in EXERCISES]
)


def checks() -> dict[str, object]:
    return {name: c for name, c in vars(exercises).items() if hasattr(c, "__wrapped__")}


@each
def test_the_stub_fails_and_says_so(exercise: Exercise) -> None:
    for stub in (exercise.answer(), None, ...):
        assert "stub" in told(exercise.check, stub)
    assert told(exercise.check, lambda *arguments: None)
    assert repr(getattr(exercises, exercise.check)(None)).startswith("Not yet: ")


@each
def test_the_solution_passes(exercise: Exercise) -> None:
    assert exercise.solution, "no solution folds out below the exercise"
    verdict = getattr(exercises, exercise.check)(SOLUTIONS[exercise.check])
    assert verdict.passed, verdict.message
    assert repr(verdict).startswith("Solved: ")


@each
def test_the_check_stands_in_the_file_of_its_chapter(exercise: Exercise) -> None:
    check = getattr(exercises, exercise.check)
    assert check.__module__ == f"lecture_utils.exercises.{exercise.chapter}"


@pytest.mark.parametrize("path", cells.notebooks(), ids=lambda path: path.stem)
def test_a_chapter_has_exercises(path: Path) -> None:
    assert 2 <= sum(exercise.chapter == path.stem for exercise in EXERCISES) <= 5


def test_every_check_is_used_by_one_chapter() -> None:
    assert sorted(exercise.check for exercise in EXERCISES) == sorted(checks())


def test_an_answer_that_raises_is_news_not_a_crash() -> None:
    def broken(*arguments: object) -> float:
        return 1 / 0

    assert "ZeroDivisionError" in told("weighted_average", broken)
