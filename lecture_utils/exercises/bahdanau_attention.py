"""The checks of the chapter on attention, the model of Bahdanau, Cho and Bengio."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import close, exercise, numbers, tensor


@exercise("one score per source word, from one hidden layer")
def additive_score(answer: Callable[..., Tensor]) -> None:
    """``answer(s, h, W, U, v)``: e (B, S) for a state s (B, D) and states h (B, S, E)."""
    s, h = numbers(2, 4), numbers(2, 5, 6, seed=1)
    W, U, v = numbers(7, 4, seed=2), numbers(7, 6, seed=3), numbers(7, seed=4)
    given = tensor(answer(s, h, W, U, v), (2, 5), "the scores")
    wanted = torch.tanh((s @ W.T)[:, None] + h @ U.T) @ v
    if torch.allclose(given, wanted.softmax(-1), atol=1e-5):
        raise AssertionError("these are the weights; the scores e come before the softmax")
    close(given, wanted, "e_j = v . tanh(W s + U h_j): add first, then tanh, then v")


@exercise("the same figure as the chapter's")
def alignment_error(answer: Callable[..., float]) -> None:
    """``answer(predicted, gold)``: 1 - 2 |A & S| / (|A| + |S|) of two sets of links."""
    cases = [
        ({(0, 0), (1, 1)}, {(0, 0), (1, 1)}, 0.0, "equal sets have no error"),
        ({(0, 1), (1, 0)}, {(0, 0), (1, 1)}, 1.0, "sets without a common link are all error"),
        ({(0, 0), (1, 0)}, {(0, 0), (1, 1), (2, 2)}, 0.6, "one of 2 links is among 3 gold ones"),
    ]
    for predicted, gold, wanted, hint in cases:
        given = answer(predicted, gold)
        if given is None:
            raise NotImplementedError
        assert abs(float(given) - wanted) < 1e-6, f"{hint}: {wanted}, not {float(given):.3f}"


@exercise("a sharp address reads one state, a flat one reads their mean")
def entropy_in_bits(answer: Callable[[Tensor], Tensor]) -> None:
    """``answer(weights)``: -sum_j w_j log2 w_j of weights (T, S), one number per row (T,)."""
    weights = torch.tensor([[0.25] * 4, [0.5, 0.5, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    given = tensor(answer(weights), (3,), "the entropy")
    assert not torch.isnan(given).any(), "0 log 0 counts as 0; torch.special.entr knows that"
    if abs(given[0] - 1.3863) < 1e-3:
        raise AssertionError("these are nats; divide by log 2, or use log2")
    close(given, torch.tensor([2.0, 1.0, 0.0]), "four equal weights have 2 bits")
