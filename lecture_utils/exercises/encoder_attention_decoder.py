"""The checks of the chapter on encoder-attention-decoder models."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import close, exercise, numbers, tensor, untouched, without

PRODUCTS = (
    *("matmul", "rmatmul", "imatmul", "bmm", "mm", "mv", "dot", "vdot", "vecdot", "inner"),
    *("addmm", "addbmm", "baddbmm", "addmv", "spmm", "hspmm", "smm", "einsum", "tensordot"),
    *("linear", "bilinear", "chain_matmul", "multi_dot", "conv1d", "conv2d", "conv3d"),
    *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "convolution", "conv_tbc"),
    *("embedding_bag", "scaled_dot_product_attention", "multi_head_attention_forward"),
)
"""Functions of torch that multiply matrices, or can be made to."""


@exercise("a weighted average of the states, one for each query")
def weighted_average(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(weights, values)``: weights (B, T, S), values (B, S, V) -> reads (B, T, V)."""

    def asked(weights: Tensor, values: Tensor) -> Tensor:
        ready_made = "a product of matrices (@, bmm, einsum, a convolution) does it all; do without"
        with (
            without(PRODUCTS, ready_made),
            without(("numpy", "array", "dlpack"), "stay in torch: NumPy has products of its own"),
        ):
            given = untouched(answer, weights, values)
        (b, t, s), v = weights.shape, values.shape[-1]
        return tensor(given, (b, t, v), f"the read of {s} slots")

    for b, t, s, v in ((2, 3, 4, 5), (3, 3, 3, 3), (1, 1, 7, 2), (2, 4, 1, 3)):
        weights, values = torch.softmax(3 * numbers(b, t, s), -1), numbers(b, s, v, seed=1)
        close(
            asked(weights, values),
            torch.einsum("bts,bsv->btv", weights, values),
            "multiply each value by its weight and sum over the slots, axis S; "
            "each sentence has its own values",
        )
    nothing = asked(torch.zeros(1, 2, 3), numbers(1, 3, 2))
    hint = "a row of zeros reads nothing, so its read is zeros: take the weights as they are"
    assert torch.equal(nothing, torch.zeros(1, 2, 2)), hint
    weights, values = 0.1 * numbers(2, 3, 4), numbers(2, 4, 5, seed=1)
    close(
        asked(weights, values),
        torch.einsum("bts,bsv->btv", weights, values),
        "these weights do not sum to 1, and some are negative: take them as they are, and divide "
        "by nothing",
    )


@exercise("rows sum to one, padding weighs nothing, an empty row reads nothing")
def softmax_with_mask(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(scores, mask)``: a softmax over the last axis among the slots that are True."""

    def asked(scores: Tensor, mask: Tensor) -> Tensor:
        return tensor(untouched(answer, scores, mask), tuple(scores.shape), "the weights")

    scores = numbers(3, 5)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]).bool()
    given = asked(scores, mask)
    close(given[0], scores[0].softmax(-1), "row 0 has no padding: it is a plain softmax")
    assert not torch.isnan(given).any(), "an empty row gives nan: -inf - (-inf); make it zeros"
    assert given[1, 2:].abs().max() < 1e-6, "padding still has weight in row 1"
    assert abs(given[1].sum() - 1) < 1e-5, "row 1 does not sum to 1: mask before you normalise"
    assert given[2].abs().max() < 1e-6, "row 2 has no slot to read; its weights must be zeros"
    close(given[1, :2], scores[1, :2].softmax(-1), "mask the scores, then take the softmax")
    big = torch.tensor([[1000.0, 999.0, 0.0]])
    large = asked(big, torch.ones(1, 3).bool())
    assert torch.isfinite(large).all(), "scores of 1000 overflow; subtract the row's maximum"
    close(large, big.softmax(-1), "scores of 1000 and 999 differ by 1, as 1 and 0 do")
    low = torch.tensor([[-1000.0, -1001.0, -1002.0]])
    close(
        asked(low, torch.ones(1, 3).bool()),
        low.softmax(-1),
        "scores of -1000 and -1001 differ by 1, as 1 and 0 do: subtract the row's maximum",
    )
    apart = torch.tensor([[1000.0, 999.0, 998.0], [0.0, 1.0, 2.0], [-1000.0, -1001.0, -1002.0]])
    close(
        asked(apart, torch.ones(3, 3).bool()),
        apart.softmax(-1),
        "the rows here are near 1000, 0 and -1000: subtract from each row its own maximum, not "
        "that of the whole matrix",
    )
    hole = torch.tensor([[True, False, True], [False, True, True]])
    scores = torch.tensor([[1.0, 500.0, 0.0], [500.0, -1.0, 1.0]])
    close(
        asked(scores, hole),
        scores.masked_fill(~hole, -torch.inf).softmax(-1),
        "padding may stand anywhere, and its score may be large: it must not even be the maximum",
    )
    for level in (-1e3, -1e6):
        scores = torch.tensor([[level, level - 1, 0.0], [0.0, level, level - 2]])
        mask = torch.tensor([[True, True, False], [False, True, True]])
        close(
            asked(scores, mask),
            scores.masked_fill(~mask, -torch.inf).softmax(-1),
            f"the words here score about {level:,.0f}, and what you fill in for padding is not "
            "far below that: fill in -inf",
        )
    empty = asked(torch.tensor([[1000.0, -1000.0], [2.0, 1.0]]), torch.tensor([[0, 0], [1, 0]]) > 0)
    close(
        empty,
        torch.tensor([[0.0, 0.0], [1.0, 0.0]]),
        "an empty row may stand anywhere and score what it likes; its weights are zeros",
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
