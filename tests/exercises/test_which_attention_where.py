"""What the checks of ``which_attention_where`` say of wrong answers and shortcuts."""

import pytest

from tests.exercises.chapters import SOLUTIONS, told

fetched_or_weighed, reached = SOLUTIONS["fetched_or_weighed"], SOLUTIONS["reached"]
ahead = SOLUTIONS["ahead"]


def address_by(read):
    """The right answer for masks, another one for addresses."""
    return lambda x, w: read(x, w) if w.ndim == 3 else x * w


def mask_by(weigh):
    """The right answer for addresses, another one for masks."""
    return lambda x, w: fetched_or_weighed(x, w) if w.ndim == 3 else weigh(x, w)


def mean(numbers):
    return sum(numbers) / len(numbers)


def until(curve, seconds):
    return [score for time, score in curve if time <= seconds] or [0.0]


WRONG = {
    "fetched_or_weighed": [
        (address_by(lambda x, w: x), "nothing is fetched"),
        (address_by(lambda x, w: (x.flatten(2) @ w).view_as(x)), "row i"),
        (
            address_by(lambda x, w: x * w.diagonal(dim1=1, dim2=2).view(len(x), 1, *x.shape[2:])),
            "itself alone",
        ),
        (address_by(lambda x, w: x * w.mean(1).view(len(x), 1, *x.shape[2:])), "a gate"),
        (address_by(lambda x, w: x + fetched_or_weighed(x, w)), "read alone"),
        (
            address_by(lambda x, w: (w @ x.flatten(2).transpose(1, 2)).reshape(x.shape)),
            "channels in front",
        ),
        (address_by(lambda x, w: w @ x.flatten(2).transpose(1, 2)), "shape"),
        (mask_by(lambda x, w: x), "multiplies"),
        (mask_by(lambda x, w: x + w), "not added"),
        (mask_by(lambda x, w: x + x * w), "BAM"),
        (mask_by(lambda x, w: x * w / w.sum(1, keepdim=True)), "sum to 1"),
        (mask_by(lambda x, w: x - x * w), "1 is open"),
        (mask_by(lambda x, w: x.mul_(w)), "changes"),
        (mask_by(lambda x, w: 1.01 * x * w), "off by"),
    ],
    "reached": [
        (lambda curve, seconds: max(score for _, score in curve), "later does not count"),
        (lambda curve, seconds: until(curve, seconds)[-1], "not the last"),
        (
            lambda curve, seconds: next((s for t, s in curve if t > seconds), 0.0),
            "too late",
        ),
        (lambda curve, seconds: min(curve, key=lambda o: abs(o[0] - seconds))[1], "too late"),
        (
            lambda curve, seconds: max((s for t, s in curve if t < seconds), default=0.0),
            "very second",
        ),
        (lambda curve, seconds: mean(until(curve, seconds)), "not the mean"),
        (lambda curve, seconds: max(until(curve, seconds)) or curve[0][1], "there is nothing"),
        (lambda curve, seconds: reached(curve, seconds) + 0.01, "wrong"),
    ],
    "ahead": [
        (lambda ours, theirs: mean(ours) > mean(theirs), "greater mean"),
        (lambda ours, theirs: max(ours) > max(theirs), "look at the worst"),
        (lambda ours, theirs: min(ours) > mean(theirs), "look at the worst"),
        (lambda ours, theirs: all(a > b for a, b in zip(ours, theirs, strict=False)), "no pairs"),
        (lambda ours, theirs: min(ours) >= max(theirs), "equal"),
        (lambda ours, theirs: min(ours) > max(theirs) + 0.05, "small difference"),
        (lambda ours, theirs: min(ours) > max(theirs) and len(ours) > 1, "number of seeds"),
        (lambda ours, theirs: min(theirs) > max(ours), "worst of ours is above"),
        (lambda ours, theirs: True, "look at the worst"),
        (lambda ours, theirs: min(ours) - max(theirs), "True or False"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)
