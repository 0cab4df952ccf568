"""What the checks of ``residual_attention_network`` say of wrong answers and shortcuts."""

import pytest

from tests.exercises.chapters import SOLUTIONS, told

attended, left_behind = SOLUTIONS["attended"], SOLUTIONS["left_behind"]
places_seen, halves_of_masks = SOLUTIONS["places_seen"], SOLUTIONS["halves_of_masks"]


def with_mask(mask):
    """A module whose mask is made otherwise of the scores."""
    return lambda t, s, naive: (0 if naive else t) + mask(s) * t


def in_place(t, s, naive):
    return t.mul_(attended(t, s, naive) / t)


def halves(first, second):
    """The gates and the map, made by functions of masks and the axes that go."""
    return lambda m: (first(m, (2, 3)), second(m, 1))


def mean(m, axes):
    return m.mean(axes, keepdim=True)


WRONG = {
    "attended": [
        (lambda t, s, naive: t, "multiplies"),
        (lambda t, s, naive: s.sigmoid(), "multiplies"),
        (lambda t, s, naive: attended(t, s, not naive), "naive is"),
        (with_mask(lambda s: s), "sigmoid is missing"),
        (with_mask(lambda s: s.flatten(2).softmax(-1).reshape(s.shape)), "an address"),
        (with_mask(lambda s: s.softmax(1)), "sums to 1"),
        (lambda t, s, naive: (0 if naive else t) + s.sigmoid(), "not added"),
        (lambda t, s, naive: (0 if naive else t) + s, "not added"),
        (with_mask(lambda s: 1 - s.sigmoid()), "1 is open"),
        (with_mask(lambda s: s.sigmoid().mean(1, keepdim=True)), "each channel"),
        (with_mask(lambda s: s.sigmoid().mean((2, 3), keepdim=True)), "each place"),
        (with_mask(lambda s: s.tanh()), "off by"),
        (lambda t, s, naive: attended(t, s, naive)[0], "shape"),
        (in_place, "changes"),
    ],
    "left_behind": [
        (lambda n, m, naive: n * (m if naive else 1 + m), "multiplies"),
        (lambda n, m, naive: m**n if naive else 1 + n * m, "multiplies"),
        (lambda n, m, naive: (1 + m) ** n, "no sum"),
        (lambda n, m, naive: m**n, "(1 + M) T"),
        (lambda n, m, naive: m**n if naive else 1 + m**n, "in each module"),
        (lambda n, m, naive: m if naive else 1 + m, "more than one"),
        (lambda n, m, naive: left_behind(n - 1, m, naive), "count"),
        (lambda n, m, naive: left_behind(n + 1, m, naive), "count"),
        (lambda n, m, naive: (1 - m) ** n if naive else (1 + m) ** n, "1 is open"),
        (lambda n, m, naive: left_behind(n, m, naive) + 0.01, "wrong"),
    ],
    "places_seen": [
        (lambda k, n: 1 + 2 * (k + n), "doubles the steps"),
        (lambda k, n: 2**k * (1 + 2 * n), "overlap"),
        (lambda k, n: 3**k + 2 * 2**k * n, "overlap"),
        (lambda k, n: 2 * 2**k - 1 + 2 * n, "steps of 2^k"),
        (lambda k, n: 2 * 2**k - 1 + 2**k * n, "both sides"),
        (lambda k, n: 1 + 2 * 2**k * n, "see something"),
        (lambda k, n: 2 * 2**k - 1, "missing"),
        (lambda k, n: places_seen(k, n) ** 2, "on a side"),
        (lambda k, n: float(places_seen(k, n)), "whole number"),
        (lambda k, n: places_seen(k, n) + 2, "wrong"),
        (lambda k, n: min(56, places_seen(k, n)), "wrong"),
    ],
    "halves_of_masks": [
        (lambda m: halves_of_masks(m)[::-1], "first"),
        (lambda m: (m.mean((2, 3)), mean(m, 1)), "keepdim"),
        (lambda m: halves_of_masks(m)[0], "two tensors"),
        (halves(lambda m, d: m.amax(d, keepdim=True), mean), "not the largest"),
        (halves(mean, lambda m, d: m.sum(d, keepdim=True)), "not a sum"),
        (
            halves(lambda m, d: mean(m, (0, *d)).expand(len(m), -1, -1, -1), mean),
            "each picture",
        ),
        (halves(lambda m, d: mean(m.logit(), d).sigmoid(), mean), "not of its scores"),
        (halves(mean, lambda m, d: mean(m, (1, 2, 3)).expand_as(mean(m, 1))), "too many"),
        (halves(lambda m, d: 1.01 * mean(m, d), mean), "off by"),
        (lambda m: (mean(m, 3), mean(m, 1)), "shape"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)
