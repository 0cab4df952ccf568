"""What the checks of ``the_transformer_at_work`` say of wrong answers and of shortcuts."""

import pytest
import torch
from torch import nn

from lecture_utils import exercises
from tests.exercises.chapters import told


def top(p, k):
    """The k largest: where, and how large."""
    largest = p.topk(k)
    return largest.indices, largest.values


def normed(x):
    return nn.functional.layer_norm(x, x.shape[-1:])


def through(step):
    """An answer that makes the next state from the state before and a sublayer."""

    def answer(x, sublayers):
        states = []
        for sublayer in sublayers:
            x = step(x, sublayer)
            states.append(x)
        return states

    return answer


def added_in_place(x, sublayers):
    """Right, but it changes what it was given."""
    states = []
    for sublayer in sublayers:
        x += sublayer(x)
        x = normed(x)
        states.append(x)
    return states


def written_over(states, another, which):
    states[:, which] = another[:, which]
    return states


WRONG = {
    "lens": [
        (lambda x, W, k: top((W @ x).softmax(-1), k)[::-1], "the words come first"),
        (lambda x, W, k: top(W @ x, k), "these are scores"),
        (lambda x, W, k: top((-(W @ x)).softmax(-1), k), "the least likely"),
        (
            lambda x, W, k: (top(W @ x, k)[0], top(W @ x, k)[1].softmax(-1)),
            "not over the k likeliest",
        ),
        (lambda x, W, k: tuple(part.flip(0) for part in top((W @ x).softmax(-1), k)), "first"),
        (lambda x, W, k: top((W @ x).sigmoid(), k), "softmax of W x"),
        (lambda x, W, k: top((W @ x).softmax(-1), k)[0], "two tensors"),
        (lambda x, W, k: top((W @ x).softmax(-1), len(W)), "must have shape"),
        (lambda x, W, k: top(W.softmax(0) @ x, k), "softmax of W x"),
        (lambda x, W, k: top((W @ normed(x)).softmax(-1), k), "softmax of W x"),
        (lambda x, W, k: top((W @ x).log_softmax(-1), k), "softmax of W x"),
        (lambda x, W, k: (torch.arange(k), (W @ x).softmax(-1)[:k]), "likeliest"),
        (lambda x, W, k: [part.tolist() for part in top((W @ x).softmax(-1), k)], "a tensor"),
    ],
    "stream_of": [
        (through(lambda x, f: x + f(normed(x))), "before the sublayer"),
        (through(lambda x, f: x + f(x)), "nothing is normalised"),
        (through(lambda x, f: normed(f(x))), "is not added"),
        (through(lambda x, f: f(x)), "state 0"),
        (through(lambda x, f: normed(x) + f(x)), "state 0"),
        (through(lambda x, f: nn.functional.layer_norm(x + f(x), x.shape)), "state 0"),
        (through(lambda x, f: normed((x + f(x)).T).T), "state 0"),
        (lambda x, fs: [normed(x + f(x)) for f in fs], "each reads the first state"),
        (lambda x, fs: through(lambda x, f: normed(x + f(x)))(x, fs)[-1:], "one state for each"),
        (lambda x, fs: [x, *through(lambda x, f: normed(x + f(x)))(x, fs)], "one state for each"),
        (lambda x, fs: torch.stack(through(lambda x, f: normed(x + f(x)))(x, fs)), "a list"),
        (lambda x, fs: through(lambda x, f: normed(x + f(x)))(x, fs[::-1]), "state 0"),
        (lambda x, fs: through(lambda x, f: normed(x + f(x)))(x, fs)[::-1], "state 0"),
        (added_in_place, "changes"),
    ],
    "exchange": [
        (lambda s, a, w: torch.where(w.unsqueeze(-1), s, a), "other way round"),
        (lambda s, a, w: s, "nothing is exchanged"),
        (lambda s, a, w: a, "all others stay"),
        (lambda s, a, w: torch.where(w.any(), a, s), "all others stay"),
        (lambda s, a, w: s + a * w.unsqueeze(-1), "come from the other"),
        (lambda s, a, w: (s + a * w.unsqueeze(-1)) / (1 + w.float().unsqueeze(-1)), "come from"),
        (lambda s, a, w: torch.where(w.flip(0).unsqueeze(-1), a, s), "come from"),
        (lambda s, a, w: torch.cat([a[:, w], s[:, ~w]], dim=1), "come from"),
        (lambda s, a, w: a[:, w], "must have shape"),
        (lambda s, a, w: s * ~w.unsqueeze(-1), "come from"),
        (lambda s, a, w: torch.where(w.unsqueeze(-1), a[:1], s), "come from"),
        (written_over, "changes"),
    ],
}


MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)


def test_an_exchange_that_rounds_otherwise_is_right():
    assert "Solved" in repr(exercises.exchange(lambda s, a, w: s + (a - s) * w.unsqueeze(-1)))
