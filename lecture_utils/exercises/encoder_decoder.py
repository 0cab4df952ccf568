"""The checks of the chapter on encoder-decoder models."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lecture_utils.exercises.check import exercise


def _greedy(scores: dict[tuple[int, ...], list[float]], start: int, end: int) -> list[int]:
    """The words of greedy decoding in a model whose scores depend on all words so far."""
    words: list[int] = []
    while (best := scores[tuple(words)].index(max(scores[tuple(words)]))) != end:
        words.append(best)
    return words


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
    cases[0][2][3, 4] = [2.0, 0.5, 3.0, 2.5, 0.0]
    cases[2][2][3, 3] = [0.9, 0.0, 0.8, 0.7, 0.1]
    cases[2][2][3, 3, 0] = [0.0, 0.1, 0.2, 0.1, 0.0]
    for start, end, scores in cases:

        def step(
            word: int, state: tuple, scores: dict = scores, start: int = start
        ) -> tuple[list[float], tuple]:
            if not state:
                assert word == start, (
                    f"with the first state {start} is fed, the start; it was {word}: feed the "
                    "start once, and hand the state on"
                )
            words = (*state, word)[1:]
            assert words in scores, (
                f"after the words {list(words[:-1])} you feed {word}; feed the word with the "
                "highest score, and stop at the end"
            )
            return list(scores[words]), (*state, word)

        given = answer(step, (), start, end, 10)
        if given is None:
            raise NotImplementedError
        given, wanted = list(given), _greedy(scores, start, end)
        assert not given or given[-1] != end, (
            "stop at the end token, and leave it out of the answer"
        )
        assert start not in given[:1], "leave the start token out of the answer"
        assert given == wanted, f"the words are {wanted}; yours are {given}"
    for limit in (10, 1):
        asked = []

        def endless(word: int, state: int, asked: list = asked) -> tuple[list[float], int]:
            asked.append(word)
            assert len(asked) < 50, "a model that never says the end must be stopped"
            return [0.0, 0.0, 0.0, 1.0, 0.0], state

        given = list(answer(endless, 0, 1, 2, limit))
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
    for pair in (answer, answer[-1]):
        two = isinstance(pair, tuple | list) and len(pair) == 2
        assert two, told
    first, second = answer
    assert isinstance(first, tuple | list), told
    for row in (first, *second):
        proper = len(row) == 2 and abs(sum(row) - 1) < 1e-6 and min(row) >= 0
        assert proper, f"each distribution has two probabilities with sum 1; {list(row)} has not"
    assert first[0] != first[1], "greedy decoding needs a better first word; these are equal"
    greedy = max(first) * max(second[list(first).index(max(first))])
    best = max(p * max(row) for p, row in zip(first, second, strict=True))
    assert best > greedy + 1e-9, (
        f"greedy finds {greedy:.2f}, the best sequence has {best:.2f}; "
        "make the better first word lead to an undecided second"
    )
