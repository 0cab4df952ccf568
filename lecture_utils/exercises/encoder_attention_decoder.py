"""The checks of the chapter on encoder-attention-decoder models."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import close, exercise, numbers, tensor


@exercise("a weighted average of the states, one for each query")
def weighted_average(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(weights, values)``: weights (B, T, S), values (B, S, V) -> reads (B, T, V)."""
    weights, values = torch.softmax(numbers(2, 3, 4), -1), numbers(2, 4, 5, seed=1)
    given = tensor(answer(weights, values), (2, 3, 5), "the read")
    close(given, torch.einsum("bts,bsv->btv", weights, values), "sum over the slots, axis S")


@exercise("rows sum to one, padding weighs nothing, an empty row reads nothing")
def softmax_with_mask(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(scores, mask)``: a softmax over the last axis among the slots that are True."""
    scores = numbers(3, 5)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]).bool()
    given = tensor(answer(scores, mask), (3, 5), "the weights")
    close(given[0], scores[0].softmax(-1), "row 0 has no padding: it is a plain softmax")
    assert not torch.isnan(given).any(), "an empty row gives nan: -inf - (-inf); make it zeros"
    assert given[1, 2:].abs().max() < 1e-6, "padding still has weight in row 1"
    assert abs(given[1].sum() - 1) < 1e-5, "row 1 does not sum to 1: mask before you normalise"
    assert given[2].abs().max() < 1e-6, "row 2 has no slot to read; its weights must be zeros"
    close(given[1, :2], scores[1, :2].softmax(-1), "mask the scores, then take the softmax")
    big = torch.tensor([[1000.0, 999.0, 0.0]])
    large = answer(big, torch.ones(1, 3).bool())
    assert torch.isfinite(large).all(), "scores of 1000 overflow; subtract the row's maximum"


@exercise("query and key meet in a matrix: Luong's 'general' score")
def general_score(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(queries, keys, W)``: q W k for queries (B, T, D), keys (B, S, E), W (D, E)."""
    queries, keys, W = numbers(2, 3, 4), numbers(2, 5, 6, seed=1), numbers(4, 6, seed=2)
    given = tensor(answer(queries, keys, W), (2, 3, 5), "the scores")
    wanted = torch.einsum("btd,de,bse->bts", queries, W, keys)
    close(given, wanted, "multiply the queries by W, then by the transposed keys")
