"""The checks of the chapter on encoder-decoder models."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from typing import Any

from lecture_utils.exercises.check import Stub, exercise


def _greedy(scores: dict[tuple[int, ...], list[float]], start: int, end: int) -> list[int]:
    """The words of greedy decoding in a model whose scores depend on all words so far."""
    words: list[int] = []
    while (best := scores[tuple(words)].index(max(scores[tuple(words)]))) != end:
        words.append(best)
    return words


def _words(given: Any) -> list:
    """What an answer wrote, as a list."""
    if given is None:
        raise Stub
    assert isinstance(given, Iterable), f"return a list of words; this is a {type(given).__name__}"
    return list(given)


@exercise("greedy decoding: read off, feed back, stop at the end")
def greedy_words(answer: Callable[..., list[int]]) -> None:
    """``answer(step, state, start, end, limit)``: words chosen greedily, without start and end.

    ``step(word, state)`` gives a list of scores, one per word, and the next state.
    """
    # Word by word; scores may be negative, several are above 0, the best stands anywhere.
    cases = [
        (1, 2, {(): [-9, -8, -7, -1, -2], (3,): [0.1, 0.2, 0.3, 0.4, 0.9]}),
        (
            4,
            0,
            {(): [0.2, 0.3, 0.9, 0.8, 0.1], (2,): [-3, -0.5, -2, -1, -4], (2, 1): [5, 4, 3, 2, 1]},
        ),
        (1, 2, {(): [0.5, 0, 0.4, 0.6, 0.1], (3,): [0, 0, 0.1, 0.9, 0.2]}),
    ]
    cases += [  # the end may come first, and there may be more words, or fewer
        (1, 2, {(): [0.1, 0.2, 0.9, 0.8, 0.7]}),
        (0, 6, {(): [-1, -2, -3, -4, -5, -0.5, -6], (5,): [7, 1, 2, 3, 4, 5, 9]}),
        (2, 1, {(): [3.0, 1.0, 2.0], (0,): [3.0, 5.0, 4.0]}),
    ]
    cases[0][2][3, 4] = [2.0, 0.5, 3.0, 2.5, 0.0]
    cases[2][2][3, 3] = [0.9, 0.0, 0.8, 0.7, 0.1]
    cases[2][2][3, 3, 0] = [0.0, 0.1, 0.2, 0.1, 0.0]
    for start, end, scores in cases:

        def step(
            word: int, state: tuple, scores: dict = scores, start: int = start, end: int = end
        ) -> tuple[list[float], tuple]:
            if not state:
                assert word == start, (
                    f"with the first state {start} is fed, the start; it was {word}: feed the "
                    "start once, and hand the state on"
                )
            assert word != end, (
                "you feed the end back: stop at it, and look at the first word, too, before you "
                "go on; it may be the end"
            )
            words = (*state, word)[1:]
            assert words in scores, (
                f"after the words {list(words[:-1])} you feed {word}; feed the word with the "
                "highest score, and stop at the end"
            )
            return [float(score) for score in scores[words]], (*state, word)

        given, wanted = _words(answer(step, (), start, end, 10)), _greedy(scores, start, end)
        assert wanted or not given, (
            "the end may be the best word at once; then there are no words, and the answer is []"
        )
        assert not given or given[-1] != end, (
            "stop at the end token, and leave it out of the answer"
        )
        assert start not in given[:1], "leave the start token out of the answer"
        assert given == wanted, f"the words are {wanted}; yours are {given}"
    for limit in (10, 3, 1, 0):
        asked = []

        def endless(word: int, state: int, asked: list = asked) -> tuple[list[float], int]:
            asked.append(word)
            assert len(asked) < 50, "a model that never says the end must be stopped"
            return [0.0, 0.0, 0.0, 1.0, 0.0], state

        given = _words(answer(endless, 0, 1, 2, limit))
        assert given == [3] * limit, (
            f"a model that never says the end must be stopped after `limit` words, here {limit}; "
            f"you wrote {len(given)}"
        )


@exercise("yes: the greedy path is locally best only")
def beam_beats_greedy(answer: Sequence[Sequence[float]]) -> None:
    """A 2 x 2 table: P(first word), then rows of P(second | first) on which greedy loses.

    Pass ``(first, second)`` with ``first`` two probabilities and ``second`` two rows of two.
    """
    told = "pass ([P(a), P(b)], [[P(a|a), P(b|a)], [P(a|b), P(b|b)]])"

    def two(value: Any, what: str = told) -> None:
        pair = isinstance(value, tuple | list) and len(value) == 2
        assert pair, what

    two(answer)
    two(answer[1])
    first, second = answer
    for row in (first, *second):
        assert isinstance(row, tuple | list), told
        shown = f"each distribution has two probabilities with sum 1; {list(row)} has not"
        two(row, shown)
        assert all(isinstance(p, Real) and math.isfinite(p) for p in row), (
            f"probabilities are numbers; {list(row)} holds something else"
        )
        proper = abs(sum(row) - 1) < 1e-6 and min(row) >= 0
        assert proper, shown
    assert abs(first[0] - first[1]) > 1e-3, (
        "greedy decoding needs a better first word; these two are equal, or as good as"
    )
    greedy = max(first) * max(second[list(first).index(max(first))])
    best = max(p * max(row) for p, row in zip(first, second, strict=True))
    assert best > greedy + 1e-3, (
        f"greedy finds {greedy:.3f}, the best sequence has {best:.3f}, no more than that by a "
        "thousandth; make the better first word lead to an undecided second"
    )
