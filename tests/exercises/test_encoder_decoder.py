"""What the checks of ``encoder_decoder`` say of wrong answers and shortcuts."""

import random

import pytest
import torch

from lecture_utils import exercises
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


def first_word_unasked(step, state, start, end, limit):
    """Takes the first word whatever it is, and looks for the end from the second on."""
    scores, state = step(start, state)
    words = [best(scores)]
    while len(words) < limit:
        scores, state = step(words[-1], state)
        word = best(scores)
        if word == end:
            break
        words.append(word)
    return words


def at_least_one(step, state, start, end, limit):
    return greedy_words(step, state, start, end, max(limit, 1))


def start_counts(step, state, start, end, limit):
    """Counts the start among the `limit` words."""
    words = [start]
    while len(words) < limit:
        scores, state = step(words[-1], state)
        if best(scores) == end:
            break
        words.append(best(scores))
    return words[1:]


def end_is_two(step, state, start, end, limit):
    return greedy_words(step, state, start, 2, limit)


def start_is_one(step, state, start, end, limit):
    return greedy_words(step, state, 1, end, limit)


def five_words(step, state, start, end, limit):
    return greedy_words(lambda *a: ((s := step(*a))[0][:5], s[1]), state, start, end, limit)


def never_twice(step, state, start, end, limit):
    """Leaves out a word that has been written."""
    words = greedy_words(step, state, start, end, limit)
    return list(dict.fromkeys(words))


def recursive(step, state, start, end, limit):
    if limit == 0:
        return []
    scores, state = step(start, state)
    word = best(scores)
    return [] if word == end else [word, *recursive(step, state, word, end, limit - 1)]


def generated(step, state, start, end, limit):
    word = start
    for _ in range(limit):
        scores, state = step(word, state)
        word = sorted(range(len(scores)), key=lambda i: -scores[i])[0]
        if word == end:
            return
        yield word


def with_tensors(step, state, start, end, limit):
    words = torch.tensor([start])
    while len(words) <= limit:
        scores, state = step(int(words[-1]), state)
        word = torch.tensor(scores).argmax()
        if word == end:
            break
        words = torch.cat([words, word.unsqueeze(0)])
    return words[1:].tolist()


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
        (first_word_unasked, "the first word, too"),
        (lambda *a: first_word_unasked(*a) if a[4] == 10 else [3] * a[4], "the first word, too"),
        (at_least_one, "here 0"),
        (start_counts, "here 10"),
        (end_is_two, "yours are"),
        (start_is_one, "the start"),
        (five_words, "highest"),
        (never_twice, "yours are"),
        (lambda *a: len(greedy_words(*a)), "list of words"),
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
        (([0.5 + 1e-12, 0.5 - 1e-12], [[0.5, 0.5], [0.9, 0.1]]), "as good as"),
        (([0.6, 0.4], [[0.6, 0.4], [0.9 + 1e-12, 0.1 - 1e-12]]), "a thousandth"),
        (([0.6, 0.4], [[0.5, 0.5], [0.75 + 1e-8, 0.25 - 1e-8]]), "a thousandth"),
        (({0: 0.6, 1: 0.4}, [[0.5, 0.5], [0.9, 0.1]]), "pass ("),
        (([0.6, 0.4], {0: [0.5, 0.5], 1: [0.9, 0.1]}), "pass ("),
        ({0: [0.6, 0.4], -1: [[0.5, 0.5], [0.9, 0.1]]}, "pass ("),
        ({0.6: [0.5, 0.5], 0.4: [0.9, 0.1]}, "pass ("),
        (5, "pass ("),
        ("ab", "pass ("),
        ([0.6, 0.4, 0.5, 0.5, 0.9, 0.1], "pass ("),
        (([0.6, 0.4], [0.5, 0.9]), "pass ("),
        ((["0.6", "0.4"], [[0.5, 0.5], [0.9, 0.1]]), "numbers"),
        (([0.6, 0.4], [[0.5, 0.5], [float("nan"), 0.1]]), "numbers"),
        (([60, 40], [[50, 50], [90, 10]]), "sum 1"),
        (([0.6, 0.4], [[0.5, 0.9], [0.5, 0.1]]), "sum 1"),
        (([0.6, 0.4], [[0.5, 0.5], [1.9, -0.9]]), "sum 1"),
    ],
}

RIGHT = {
    "greedy_words": [recursive, generated, with_tensors, decode(best)],
    "beam_beats_greedy": [
        ([0.4, 0.6], [[0.9, 0.1], [0.5, 0.5]]),
        [[0.51, 0.49], [[0.5, 0.5], [1, 0]]],
        ((0.6, 0.4), ((0.45, 0.55), (0.01, 0.99))),
    ],
}
"""True solutions in other styles, by check."""

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)


@pytest.mark.parametrize(
    ("check", "right"), [(check, one) for check, every in RIGHT.items() for one in every]
)
def test_a_true_solution_in_another_style_passes(check, right):
    verdict = getattr(exercises, check)(right)
    assert verdict.passed, verdict.message
