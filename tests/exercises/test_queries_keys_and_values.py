"""What the checks of ``queries_keys_and_values`` say of wrong answers and of shortcuts."""

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from tests.exercises.chapters import SOLUTIONS, told

attention = SOLUTIONS["attention"]
queries_in_rows = SOLUTIONS["queries_in_rows"]
may_read = SOLUTIONS["may_read"]
leaks = SOLUTIONS["leaks"]


def steps(divide=lambda q, k, v: q.shape[-1] ** 0.5, axis=-1, fill=-torch.inf):
    """The formula, with a part of it exchanged."""

    def answer(q, k, v, m):
        e = (q @ k.transpose(-1, -2) / divide(q, k, v)).masked_fill(~m, fill)
        return torch.nan_to_num(e.softmax(axis)) @ v

    return answer


def on_the_words(model, words, change):
    """Whether another word at place `change` moves the answer before it."""
    other = words.clone()
    other[:, change] = (other[:, change] + 1) % 10
    return bool((model(words) - model(other))[:, :change].abs().max() > 0)


def one_place(model, words):
    """Changes only the last word; looks only at the answer before."""
    other = words.clone()
    other[:, -1] = (other[:, -1] + 1) % 10
    return bool((model(words) - model(other))[:, -2].abs().max() > 0)


def in_place(model, words):
    """Right, but it writes into the caller's words."""
    before = model(words)
    words[:, -1] = (words[:, -1] + 1) % 10
    return bool((before - model(words))[:, :-1].abs().max() > 0)


def coarse(model, words):
    other = words.clone()
    other[:, -1] = (other[:, -1] + 1) % 10
    return bool((model(words) - model(other))[:, :-1].abs().max() > 0.1)


def set_to_zero(model, words):
    """Does not change a word that is 0 already."""
    other = words.clone()
    other[:, 1:] = 0
    return bool((model(words) - model(other))[:1, :1].abs().max() > 0)


def changed(model, words, differs):
    """Whether another word at some place moves the answers before it, as `differs` sees it."""
    told = model(words)
    for place in range(1, words.shape[1]):
        other = words.clone()
        other[:, place] = (other[:, place] + 1) % 10
        if differs(model(other)[:, :place], told[:, :place]):
            return True
    return False


def by_rows(*places):
    """Looks at the sums of these rows alone."""
    return lambda w: w if all(abs(w[place].sum() - 1) < 1e-4 for place in places) else w.T


def by_columns(*places):
    """Looks at the sums of these columns alone."""
    return lambda w: w.T if all(abs(w[:, place].sum() - 1) < 1e-4 for place in places) else w


def window(size):
    """A word reads the last `size` words alone."""
    return lambda t, s: torch.ones(t, s).tril(s - t).triu(s - t - size + 1).bool()


def all_or_nothing(q, k, v, m):
    """Reads zeros only where no query has a slot; else a query without one reads nan."""
    if not m.any():
        return torch.zeros(*q.shape[:-1], v.shape[-1])
    return (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~m, -torch.inf).softmax(-1) @ v


def without_the_maximum(q, k, v, m):
    e = (q @ k.mT / q.shape[-1] ** 0.5).exp() * m
    return e / e.sum(-1, keepdim=True).clamp(min=1e-30) @ v


def closed_softly(q, k, v, m):
    e = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~m, -30.0)
    return (e.softmax(-1) * m.any(-1, keepdim=True)) @ v


WRONG = {
    "attention": [
        (all_or_nothing, "beside others"),
        (without_the_maximum, "large scores"),
        (closed_softly, "a closed slot with a large score"),
        (steps(lambda q, k, v: 1.0), "not scaled"),
        (steps(lambda q, k, v: q.shape[-1]), "not by d"),
        (steps(lambda q, k, v: v.shape[-1] ** 0.5), "not of a value"),
        (steps(lambda q, k, v: k.shape[-2] ** 0.5), "not the slots"),
        (steps(axis=-2), "over the slots"),
        (steps(fill=-1e9), "must read zeros"),
        (steps(fill=0.0), "off by"),
        (lambda q, k, v, m: attention(q, k, v, ~m), "True where"),
        (lambda q, k, v, m: attention(q, k, v, m | True), "may not be read"),
        (
            lambda q, k, v, m: (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1).masked_fill(~m, 0) @ v,
            "before the softmax",
        ),
        (
            lambda q, k, v, m: (
                (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~m, -torch.inf).softmax(-1) @ v
            ),
            "nan",
        ),
        (lambda q, k, v, m: attention(q, k[:1], v[:1], m), "own slots"),
        (lambda q, k, v, m: attention(q[:, :1], k, v, m), "off by"),
        (lambda q, k, v, m: attention(q, k, v, m).sum(1), "shape"),
        (
            lambda q, k, v, m: torch.nan_to_num(scaled_dot_product_attention(q, k, v, m)),
            "write the steps",
        ),
        (lambda q, k, v, m: attention(q.mul_(1.0), k.mul_(2), v, m), "changes the tensors"),
        (
            lambda q, k, v, m: (
                (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~m, -100).softmax(-1)
                * m.any(-1, keepdim=True)
                @ v
            ),
            "large score",
        ),
    ],
    "queries_in_rows": [
        (lambda w: w, "transposed"),
        (lambda w: w.T, "right way round"),
        (lambda w: w / w.sum(-1, keepdim=True), "transposed"),
        (lambda w: w.softmax(-1), "right way round"),
        (lambda w: (w + w.T) / 2, "right way round"),
        (lambda w: w if abs(w[0].sum() - 1) < 1e-5 else w.T, "look at all"),
        (lambda w: w.T if abs(w[:, 0].sum() - 1) < 1e-5 else w, "look at all"),
        *((by_rows(*some), "look at all") for some in ((-1,), (0, 1), (-1, -2), (0, -1))),
        *((by_columns(*some), "look at all") for some in ((-1,), (0, 1), (-1, -2), (0, -1))),
        (lambda w: w if not w.triu(1).any() else w.T, "right way round"),
        (lambda w: w if abs(w.sum(-1).mean() - 1) < 1e-5 else w.T, "transposed"),
        (lambda w: w if w.amax(-1).sum() > w.amax(0).sum() else w.T, "tells nothing"),
        (lambda w: w.T.mul_(1.0) if w.sum(0).allclose(torch.ones(1)) else w.mul_(2), "changes"),
    ],
    "may_read": [
        (lambda t, s: ~may_read(t, s), "other way round"),
        (lambda t, s: torch.ones(t, s).tril().bool(), "itself"),
        (lambda t, s: torch.ones(t, s).tril(s - t - 1).bool(), "itself"),
        (lambda t, s: torch.ones(t, s).triu(s - t).bool(), "later"),
        (lambda t, s: torch.ones(t, s).tril(s - t + 1).bool(), "later"),
        (lambda t, s: torch.ones(t, s).bool(), "later"),
        (lambda t, s: torch.ones(t, s).tril(s - t), "bool"),
        (lambda t, s: torch.eye(s)[s - t :].bool(), "all words before"),
        (window(5), "all words before"),
        (window(9), "all words before"),
        (lambda t, s: may_read(s, s), "shape"),
        (lambda t, s: may_read(t, s).unsqueeze(0), "shape"),
        (lambda t, s: may_read(s, s)[:t], "itself"),
        (lambda t, s: may_read(t, s) & may_read(4, s)[:1] if t > 4 else may_read(t, s), "itself"),
    ],
    "leaks": [
        (lambda model, words: True, "accused"),
        (lambda model, words: False, "passes"),
        (lambda model, words: on_the_words(model, words, 1), "passes"),
        (one_place, "passes"),
        (lambda model, words: leaks(model, torch.arange(12).view(2, 6) % 10), "passes"),
        (lambda model, words: leaks(model, words[:1]), "passes"),
        (lambda model, words: leaks(model, words[:, :6]), "passes"),
        (
            lambda model, words: changed(
                model, words, lambda a, b: not torch.allclose(a, b, atol=1e-3)
            ),
            "passes",
        ),
        (
            lambda model, words: changed(model, words, lambda a, b: (a - b).sum().abs() > 1e-5),
            "passes",
        ),
        (
            lambda model, words: changed(
                model, words, lambda a, b: not torch.equal(a.argmax(-1), b.argmax(-1))
            ),
            "passes",
        ),
        (coarse, "passes"),
        (in_place, "changes the tensors"),
        (set_to_zero, "passes"),
        (lambda model, words: on_the_words(model, words[:, :2], 1), "passes"),
        (
            lambda model, words: bool((model(words) - model(words.flip(1))).abs().max() > 0),
            "accused",
        ),
        (
            lambda model, words: bool((model(words)[:, :-1] - model(words[:, 1:])).abs().max() > 0),
            "accused",
        ),
        (
            lambda model, words: bool(
                (model(words) - model((words + 1) % 10))[:, :-1].abs().max() > 0
            ),
            "accused",
        ),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)
