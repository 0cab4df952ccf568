"""What the checks of ``encoder_decoder`` say of wrong answers and shortcuts."""

import random

import pytest

from tests.exercises.chapters import SOLUTIONS, told

greedy_words = SOLUTIONS["greedy_words"]


def decode(choose, feed=None, at_end=True):
    """Greedy decoding with another choice of the word, or another word fed back."""

    def answer(step, state, start, end, limit):
        word, words = start, []
        while len(words) < limit:
            scores, state = step(word, state)
            word = choose(scores)
            if word == end and at_end:
                break
            words.append(word)
            word = word if feed is None else feed(words, start)
        return words

    return answer


def best(scores):
    return scores.index(max(scores))


def drawn(scores):
    return random.Random(0).choices(range(len(scores)), [abs(score) for score in scores])[0]


def without_limit(step, state, start, end, limit):
    return greedy_words(step, state, start, end, 10**6)


def state_forgotten(step, state, start, end, limit):
    return greedy_words(lambda word, _: (step(word, state)[0], state), state, start, end, limit)


WRONG = {
    "greedy_words": [
        (lambda *a: [*greedy_words(*a), a[3]], "leave it out"),
        (lambda *a: [a[2], *greedy_words(*a)], "start token"),
        (decode(lambda scores: next((i for i, s in enumerate(scores) if s > 0), 0)), "highest"),
        (decode(drawn), "yours are"),
        (decode(lambda scores: scores.index(min(scores))), "highest"),
        (decode(best, feed=lambda words, start: start), "feed"),
        (without_limit, "must be stopped"),
        (state_forgotten, "hand the state on"),
        (lambda step, state, start, end, limit: [3, 4], "yours are"),
        (lambda *a: greedy_words(*a)[:-1], "yours are"),
        (lambda *a: greedy_words(*a[:4], a[4] - 1), "`limit` words"),
    ],
    "beam_beats_greedy": [
        (([0.6, 0.4], [[0.9, 0.1], [0.5, 0.5]]), "undecided"),
        (([0.6, 0.6], [[0.9, 0.1], [0.5, 0.5]]), "sum 1"),
        (([0.5, 0.5], [[0.5, 0.5], [0.9, 0.1]]), "equal"),
        (([0.6, 0.4], [[0.5, 0.5], [0.75, 0.25]]), "undecided"),
        (([1.2, -0.2], [[0.5, 0.5], [0.9, 0.1]]), "sum 1"),
        (([0.6, 0.4], [[0.5, 0.5]]), "pass ("),
        (([0.6, 0.4], [[0.5, 0.5, 0.0], [0.9, 0.1, 0.0]]), "two probabilities"),
        ([0.6, 0.4], "pass ("),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)
