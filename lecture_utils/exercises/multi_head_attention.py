"""The checks of the chapter on multi-head attention."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import close, exercise, numbers, tensor, untouched, without


def _heads(x: Tensor, heads: int) -> Tensor:
    """(B, T, H d) -> (B, H, T, d)."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def _joined(reads: Tensor) -> Tensor:
    """(B, H, T, d) -> (B, T, H d)."""
    return reads.transpose(1, 2).flatten(2)


def _reads(Q: Tensor, K: Tensor, V: Tensor, root: float) -> Tensor:
    return (Q @ K.mT / root).softmax(dim=-1) @ V


@exercise("all heads at once: split what was projected, read, join, mix")
def multi_head(answer: Callable[..., Tensor]) -> None:
    """``answer(x, memory, W_Q, W_K, W_V, W_O, heads)``: (B, T, D) of (B, T, D) and (B, S, D).

    The four matrices are (D, D) and stand on the right, as in the paper: ``x @ W_Q``.
    """
    for b, t, s, size, heads in (
        (2, 3, 5, 8, 2),
        (1, 4, 4, 12, 3),
        (3, 2, 6, 4, 4),
        (2, 3, 3, 6, 1),
    ):
        x, memory = numbers(b, t, size), numbers(b, s, size, seed=1)
        W_Q, W_K, W_V, W_O = (1.5 * numbers(size, size, seed=n) for n in (2, 3, 4, 5))
        with without(["multi_head_attention_forward"], "torch's own would do it: write the steps"):
            given = untouched(
                lambda *given, heads=heads: answer(*given, heads), x, memory, W_Q, W_K, W_V, W_O
            )
        given = tensor(given, (b, t, size), f"the output of {heads} heads")
        d = size // heads
        Q, K, V = (_heads(y, heads) for y in (x @ W_Q, memory @ W_K, memory @ W_V))
        right = _reads(Q, K, V, d**0.5)
        blocks = [y.reshape(b, heads, -1, d) for y in (x @ W_Q, memory @ W_K, memory @ W_V)]
        for wrong, hint in (
            (_joined(right), "the last matrix, W_O, is missing"),
            (_joined(right) @ W_O.T, "W_O stands on the right as it is, not transposed"),
            (
                _joined(_reads(Q, K, V, size**0.5)) @ W_O,
                "divide by the root of d, which is D / H",
            ),
            (_joined(_reads(Q, K, V, 1.0)) @ W_O, "the scores are not divided by the root of d"),
            (
                _reads(x @ W_Q, memory @ W_K, memory @ W_V, size**0.5) @ W_O,
                "this is one head as wide as all: split into heads before the scores",
            ),
            (
                right.reshape(b, t, size) @ W_O,
                "to join them, bring the heads of one word together first: transpose, then flatten",
            ),
            (
                _joined(_reads(*blocks, d**0.5)) @ W_O,
                "each head gets some words instead of some features: unflatten the last axis, "
                "then transpose",
            ),
        ):
            told = torch.allclose(given, wrong, atol=1e-4)
            same = torch.allclose(wrong, _joined(right) @ W_O, atol=1e-4)
            assert same or not told, hint
        wanted = _joined(right) @ W_O
        largest = wanted.abs().max()  # float32 is exact to a part of the largest number
        close(
            given / largest,
            wanted / largest,
            "in parts of the largest number; head i has columns i d to (i + 1) d of each "
            "projection; the softmax runs over the slots, and the heads stand side by side in "
            "their order before W_O",
        )


@exercise("the sum of the parts is the output: each head adds its own slice")
def parts_of_heads(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(reads, W_O)``: what each head adds to the output, (B, H, T, D).

    ``reads`` are (B, H, T, d), ``W_O`` is (H d, D), as in the paper: joined reads times W_O.
    """
    for b, heads, t, d, size in (
        (2, 3, 4, 2, 5),
        (1, 2, 3, 4, 8),
        (2, 1, 2, 3, 3),
        (1, 4, 2, 4, 6),
    ):
        reads, W_O = numbers(b, heads, t, d), numbers(heads * d, size, seed=1)
        given = tensor(untouched(answer, reads, W_O), (b, heads, t, size), "the parts")
        whole = _joined(reads) @ W_O
        right = torch.stack([reads[:, h] @ W_O[h * d : (h + 1) * d] for h in range(heads)], dim=1)
        strided = torch.stack([reads[:, h] @ W_O[h::heads] for h in range(heads)], dim=1)
        for wrong, hint in (
            (strided, "head i has d rows of W_O one after another, not every H-th"),
            (right / heads, "the heads are added, not averaged"),
            (right.flip(1), "the parts stand in the order of the heads"),
            (whole.unsqueeze(1).expand_as(right), "this is the sum of all heads, for each"),
            (whole.unsqueeze(1).expand_as(right) / heads, "this is the sum, shared out evenly"),
        ):
            told = torch.allclose(given, wrong, atol=1e-5)
            assert torch.allclose(wrong, right, atol=1e-5) or not told, hint
        apart = (given.sum(dim=1) - whole).abs().max().item()
        assert apart < 1e-4, f"your parts sum to another output, off by {apart:.2g}"
        close(given, right, "part i may depend on head i alone: its reads times its rows of W_O")


@exercise("without that head, and nothing else")
def without_head(answer: Callable[[Tensor, int, int], Tensor]) -> None:
    """``answer(W_O, head, heads)``: W_O (H d, D) so that head `head`, from 0, adds nothing."""
    for heads, d, size, head in (
        (4, 3, 6, 1),
        (2, 2, 4, 1),
        (3, 2, 6, 0),
        (4, 4, 16, 3),
        (1, 2, 3, 0),
    ):
        W_O = numbers(heads * d, size)
        given = untouched(lambda W, head=head, heads=heads: answer(W, head, heads), W_O)
        given = tensor(given, (heads * d, size), "W_O without a head")
        right = W_O.clone()
        right[head * d : (head + 1) * d] = 0
        strided, alone = W_O.clone(), W_O - right
        strided[head::heads] = 0
        assert not torch.equal(given, W_O), f"head {head} of {heads} still adds something"
        for wrong, hint in (
            (strided, "head i has d rows one after another, not every H-th"),
            (alone, "this takes all other heads away and leaves that one"),
            (right * heads / max(1, heads - 1), "leave the other heads as they are"),
        ):
            told = torch.allclose(given, wrong, atol=1e-6)
            assert torch.allclose(wrong, right, atol=1e-6) or not told, hint
        left = given[head * d : (head + 1) * d].abs().max().item()
        assert left == 0, (
            f"head {head} of {heads} still adds something: the d rows from {head} d on are its own "
            "(heads count from 0)"
        )
        close(given, right, "the rows of the other heads must stay as they are")
