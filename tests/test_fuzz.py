"""A quick round of the fuzzer, and whether it sees what it is for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.bench import fuzz
from tests.bench.fuzz import Target

QUICK = 1200


@pytest.mark.parametrize("room", ["babi", "facts", "live", "numerals", "pairs", "pronunciations"])
def test_every_bad_input_of_a_loader_is_answered(room: str) -> None:
    report = fuzz.fuzz(QUICK, seed=1, only=f"{room}.*")
    assert report.inputs
    assert not report.faults


def test_every_bad_input_of_a_view_is_answered() -> None:
    assert not fuzz.fuzz(QUICK, seed=1, only="views.*").faults


def refuse(text: str) -> Callable[[object], None]:
    def run(_: object) -> None:
        raise ValueError(text)

    return run


def dig(_: object) -> object:
    return [][0]


def turn(_: object) -> None:
    while True:
        pass


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (lambda _: None, ""),
        (refuse("width is -1; pass at least 1"), ""),
        (refuse("expected a number of at least 1"), "names nothing"),
        (refuse("width"), "names nothing"),
        (dig, "IndexError"),
        (lambda _: "\ud800".encode(), "UnicodeEncodeError"),
        (turn, "silence"),
    ],
)
def test_an_answer_is_a_result_or_a_sentence_that_names_the_argument(
    monkeypatch: pytest.MonkeyPatch, run: Callable[[object], object], told: str
) -> None:
    monkeypatch.setattr(fuzz, "CPU_S", 0.3)
    target = Target(run, 0, lambda value, draw: value, names=("width",))
    found = fuzz.unanswered(target, 0)
    assert found.startswith(told)
    assert bool(found) == bool(told)


def test_a_file_that_loads_nothing_is_unanswered() -> None:
    assert "loads nothing" in fuzz.unanswered(fuzz.file(lambda path: [], "", "a.txt"), b"")


def test_a_broken_example_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"a.b": Target(dig, 0, lambda value, draw: value, names=())}
    monkeypatch.setattr(fuzz, "targets", lambda: broken)
    with pytest.raises(AssertionError, match=r"a\.b: the good input is unanswered: IndexError"):
        fuzz.fuzz(10)
