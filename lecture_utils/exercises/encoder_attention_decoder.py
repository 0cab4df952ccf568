"""The checks of the chapter on encoder-attention-decoder models."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import close, exercise, numbers, tensor, untouched, without

PRODUCTS = (
    *("matmul", "rmatmul", "bmm", "mm", "mv", "dot", "einsum", "tensordot", "baddbmm", "linear"),
    *("inner", "vdot", "vecdot", "chain_matmul", "multi_dot", "scaled_dot_product_attention"),
)


@exercise("a weighted average of the states, one for each query")
def weighted_average(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(weights, values)``: weights (B, T, S), values (B, S, V) -> reads (B, T, V)."""
    for b, t, s, v in ((2, 3, 4, 5), (3, 3, 3, 3), (1, 1, 7, 2)):
        weights, values = torch.softmax(3 * numbers(b, t, s), -1), numbers(b, s, v, seed=1)
        with without(PRODUCTS, "a product of matrices (@, bmm, einsum) does it all; do without"):
            given = untouched(answer, weights, values)
        given = tensor(given, (b, t, v), f"the read of {s} slots")
        close(
            given,
            torch.einsum("bts,bsv->btv", weights, values),
            "multiply each value by its weight and sum over the slots, axis S; "
            "each sentence has its own values",
        )
    nothing = tensor(answer(torch.zeros(1, 2, 3), numbers(1, 3, 2)), (1, 2, 2), "the read")
    hint = "a row of zeros reads nothing, so its read is zeros: take the weights as they are"
    assert torch.equal(nothing, torch.zeros(1, 2, 2)), hint


@exercise("rows sum to one, padding weighs nothing, an empty row reads nothing")
def softmax_with_mask(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(scores, mask)``: a softmax over the last axis among the slots that are True."""
    scores = numbers(3, 5)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]).bool()
    given = tensor(untouched(answer, scores, mask), (3, 5), "the weights")
    close(given[0], scores[0].softmax(-1), "row 0 has no padding: it is a plain softmax")
    assert not torch.isnan(given).any(), "an empty row gives nan: -inf - (-inf); make it zeros"
    assert given[1, 2:].abs().max() < 1e-6, "padding still has weight in row 1"
    assert abs(given[1].sum() - 1) < 1e-5, "row 1 does not sum to 1: mask before you normalise"
    assert given[2].abs().max() < 1e-6, "row 2 has no slot to read; its weights must be zeros"
    close(given[1, :2], scores[1, :2].softmax(-1), "mask the scores, then take the softmax")
    big = torch.tensor([[1000.0, 999.0, 0.0]])
    large = answer(big, torch.ones(1, 3).bool())
    assert torch.isfinite(large).all(), "scores of 1000 overflow; subtract the row's maximum"
    close(large, big.softmax(-1), "scores of 1000 and 999 differ by 1, as 1 and 0 do")
    low = torch.tensor([[-1000.0, -1001.0, -1002.0]])
    close(
        answer(low, torch.ones(1, 3).bool()),
        low.softmax(-1),
        "scores of -1000 and -1001 differ by 1, as 1 and 0 do: subtract the row's maximum",
    )
    hole = torch.tensor([[True, False, True], [False, True, True]])
    scores = torch.tensor([[1.0, 500.0, 0.0], [500.0, -1.0, 1.0]])
    wanted = scores.masked_fill(~hole, -torch.inf).softmax(-1)
    close(
        tensor(answer(scores, hole), (2, 3), "the weights"),
        wanted,
        "padding may stand anywhere, and its score may be large: it must not even be the maximum",
    )


@exercise("query and key meet in a matrix: Luong's 'general' score")
def general_score(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(queries, keys, W)``: q W k for queries (B, T, D), keys (B, S, E), W (D, E)."""
    for b, t, s, d, e in ((3, 3, 3, 4, 4), (2, 3, 5, 4, 6), (1, 1, 2, 3, 2)):
        queries, keys, W = numbers(b, t, d), numbers(b, s, e, seed=1), numbers(d, e, seed=2)
        given = tensor(untouched(answer, queries, keys, W), (b, t, s), "the scores")
        wanted = torch.einsum("btd,de,bse->bts", queries, W, keys)
        for other, what in (
            (wanted.softmax(-1), "these are the weights; the scores come before the softmax"),
            (wanted.transpose(1, 2), "rows are queries and columns are keys, not the reverse"),
            (wanted / d**0.5, "the general score is not divided by anything"),
        ):
            assert other.shape != given.shape or not torch.allclose(given, other, atol=1e-5), what
        close(given, wanted, "multiply the queries by W, then by the transposed keys")
