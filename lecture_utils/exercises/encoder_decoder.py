"""The checks of the chapter on encoder-decoder models."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lecture_utils.exercises.check import exercise


@exercise("greedy decoding: read off, feed back, stop at the end")
def greedy_words(answer: Callable[..., list[int]]) -> None:
    """``answer(step, state, start, end, limit)``: words chosen greedily, without start and end.

    ``step(word, state)`` gives a list of scores, one per word, and the next state.
    """

    def step(word: int, state: int) -> tuple[list[float], int]:
        plan = [3, 4, 3, 2]  # then, whatever is fed, the end
        after = {1: 3, 3: 4 if state == 1 else 2, 4: 3}[word]
        wanted = plan[min(state, 3)] if after == plan[min(state, 3)] else 0
        return [float(i == wanted) for i in range(5)], state + 1

    given = answer(step, 0, 1, 2, 10)
    if given is None:
        raise NotImplementedError
    given = list(given)
    assert 2 not in given, "stop at the end token, and leave it out of the answer"
    assert 1 not in given, "leave the start token out of the answer"
    assert 0 not in given, "feed the word you have just chosen into the next step"
    assert given == [3, 4, 3], f"the words are [3, 4, 3]; yours are {given}"
    assert len(answer(lambda w, s: ([0, 0, 0, 1, 0], s), 0, 1, 2, 10)) == 10, (
        "a model that never says the end must be stopped after `limit` words"
    )


@exercise("yes: the greedy path is locally best only")
def beam_beats_greedy(answer: Sequence[Sequence[float]]) -> None:
    """A 2 x 2 table: P(first word), then rows of P(second | first) on which greedy loses.

    Pass ``(first, second)`` with ``first`` two probabilities and ``second`` two rows of two.
    """
    first, second = answer
    rows = [first, *second]
    for row in rows:
        proper = len(row) == 2 and abs(sum(row) - 1) < 1e-6 and min(row) >= 0
        assert proper, f"each distribution has two probabilities with sum 1; {list(row)} has not"
    greedy = max(first) * max(second[list(first).index(max(first))])
    best = max(p * max(row) for p, row in zip(first, second, strict=True))
    assert best > greedy + 1e-9, (
        f"greedy finds {greedy:.2f}, the best sequence has {best:.2f}; "
        "make the better first word lead to an undecided second"
    )
