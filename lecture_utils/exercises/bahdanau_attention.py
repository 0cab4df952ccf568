"""The checks of the chapter on attention, the model of Bahdanau, Cho and Bengio."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched


@exercise("one score per source word, from one hidden layer")
def additive_score(answer: Callable[..., Tensor]) -> None:
    """``answer(s, h, W, U, v)``: e (B, S) for a state s (B, D) and states h (B, S, E)."""
    for b, n, d, e, a in ((3, 3, 4, 4, 4), (2, 5, 4, 6, 7), (1, 2, 2, 3, 1)):
        s, h = numbers(b, d), numbers(b, n, e, seed=1)
        W, U, v = numbers(a, d, seed=2), numbers(a, e, seed=3), numbers(a, seed=4)
        given = tensor(untouched(answer, s, h, W, U, v), (b, n), "the scores")
        wanted = torch.tanh((s @ W.T)[:, None] + h @ U.T) @ v
        if torch.allclose(given, wanted.softmax(-1), atol=1e-5):
            raise AssertionError("these are the weights; the scores e come before the softmax")
        close(
            given,
            wanted,
            "e_j = v . tanh(W s + U h_j): add first, then tanh, then v; "
            "a sentence's own s goes to all its h_j",
        )


@exercise("the same figure as the chapter's")
def alignment_error(answer: Callable[..., float]) -> None:
    """``answer(predicted, gold)``: 1 - 2 |A & S| / (|A| + |S|) of two sets of links."""
    two, three = {(0, 0), (1, 1)}, {(0, 0), (1, 1), (2, 2)}
    cases = [
        (two, two, 0.0, "equal sets have no error"),
        ({(0, 1), (1, 0)}, two, 1.0, "sets without a common link are all error"),
        ({(0, 0), (1, 0)}, three, 0.6, "one of 2 links is among 3 gold ones"),
        (three, {(0, 0), (1, 0)}, 0.6, "one of 3 links is among 2 gold ones"),
        ({(0, 0)}, three, 0.5, "1 link, which is among 3 gold ones"),
        (three, {(0, 0)}, 0.5, "3 links, of which one is the only gold one"),
        ({(0, 0)}, two, 1 / 3, "1 link, which is among 2 gold ones; do not round"),
        ({(1, 1), (2, 2)}, three, 0.2, "2 links of 3 gold ones, the first is missing"),
        (set(), two, 1.0, "no link at all is all error"),
        ({(4, 2)}, {(2, 4)}, 1.0, "a link is a pair, in this order"),
    ]
    for predicted, gold, wanted, hint in cases:
        before = set(predicted), set(gold)
        given = answer(predicted, gold)
        if given is None:
            raise Stub
        assert (predicted, gold) == before, "your code changes the sets that it is given"
        assert abs(float(given) - wanted) < 1e-6, f"{hint}: {wanted:.3f}, not {float(given):.3f}"


@exercise("a sharp address reads one state, a flat one reads their mean")
def entropy_in_bits(answer: Callable[[Tensor], Tensor]) -> None:
    """``answer(weights)``: -sum_j w_j log2 w_j of weights (T, S), one number per row (T,)."""
    weights = torch.tensor(
        [
            [0.25, 0.25, 0.25, 0.25],
            [0.5, 0.5, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0],
            [0.5, 0.25, 0.125, 0.125],
        ]
    )
    given = tensor(untouched(answer, weights), (4,), "the entropy")
    assert not torch.isnan(given).any(), "0 log 0 counts as 0; torch.special.entr knows that"
    if abs(given[0] - 1.3863) < 1e-3:
        raise AssertionError("these are nats; divide by log 2, or use log2")
    wanted = torch.tensor([2.0, 1.0, 0.0, 1.75])
    close(given, wanted, "1/2, 1/4, 1/8, 1/8 have 1/2 + 2/4 + 3/8 + 3/8 = 1.75 bits")
    rows = torch.softmax(2 * numbers(2, 9), -1)
    close(
        tensor(answer(rows), (2,), "the entropy of 2 rows of 9 weights"),
        -(rows * rows.log2()).sum(-1),
        "a weight counts by itself times its own logarithm; each row for itself",
    )
