"""The one primitive: a query and keys give an address, an address and values give a read."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lecture_utils.recording import note


def check_mask(mask: Tensor | None, shape: Sequence[int]) -> None:
    """Refuse a mask that does not say for which axis of the scores it speaks.

    A mask has as many axes as the scores, each of the same size or of size 1. So a mask (B, S) of
    the words of a batch is passed as (B, 1, S), one for all queries: torch would have taken (B, S)
    for (T, S) where B is T or 1, and read padding.

    Args:
        mask: bool, True where a slot may be read; None allows all.
        shape: of the scores, (..., T, S).

    Raises:
        ValueError: says which shape to pass.
    """
    if mask is None:
        return
    if mask.dtype != torch.bool:
        raise ValueError(f"mask must be bool, True where a slot may be read; got {mask.dtype}")
    pairs = zip(mask.shape, shape, strict=False)
    if mask.ndim != len(shape) or not all(here == size or here == 1 for here, size in pairs):
        raise ValueError(
            f"mask must have as many axes as the scores, {tuple(shape)}, each of that size or 1; "
            f"got {tuple(mask.shape)}. Pass a mask (B, S) as (B, 1, S), by mask.unsqueeze(1), "
            "and a mask (T, S) as (1, T, S), by mask.unsqueeze(0)"
        )


def scores_shape(queries: Tensor, keys: Tensor) -> tuple[int, ...]:
    """The shape (..., T, S) of the scores of queries (..., T, D) and keys (..., S, P)."""
    batch = torch.broadcast_shapes(queries.shape[:-2], keys.shape[:-2])
    return (*batch, queries.shape[-2], keys.shape[-2])


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax over the last axis, among the slots that `mask` allows.

    Args:
        scores: (..., T, S), any real numbers.
        mask: bool, True where a slot may be read; as many axes as scores, each equal or 1.

    Returns:
        Weights (..., T, S). Each row sums to 1; a row with no slot to read is all zeros.
    """
    if mask is None:
        return torch.softmax(scores, dim=-1)
    check_mask(mask, scores.shape)
    empty = ~mask.any(dim=-1, keepdim=True)  # a softmax of -inf alone would be 0 / 0
    weights = torch.softmax(scores.masked_fill(~(mask | empty), -math.inf), dim=-1)
    return weights.masked_fill(~mask, 0.0)


def read(weights: Tensor, values: Tensor) -> Tensor:
    """Read a memory: r = sum_i w_i v_i.

    Args:
        weights: (..., T, S), one address per query.
        values: (..., S, V), one value per slot.

    Returns:
        (..., T, V), one read vector per query.
    """
    if weights.shape[-1] != values.shape[-2]:
        raise ValueError(
            f"weights address {weights.shape[-1]} slots but values has {values.shape[-2]}; "
            "pass weights (..., T, S) and values (..., S, V)"
        )
    return weights @ values


class Address(nn.Module):
    """From queries and keys to weights: scores, then a softmax over the slots.

    A subclass gives `score`, and may give `project`, the part of its work that does not depend
    on the query. A decoder calls `project` once and `weights` at every step; `forward` does both.
    """

    def project(self, keys: Tensor) -> Tensor:
        """What is computed once for all queries: keys (..., S, D) -> (..., S, P)."""
        return keys

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and projected keys (..., S, P)."""
        raise NotImplementedError

    def weights(self, queries: Tensor, projected: Tensor, mask: Tensor | None = None) -> Tensor:
        """Weights (..., T, S) of queries on keys that are already projected."""
        return note(self, masked_softmax(self.score(queries, projected), mask))

    def forward(self, queries: Tensor, keys: Tensor, mask: Tensor | None = None) -> Tensor:
        """Weights (..., T, S) of queries (..., T, D) on keys (..., S, D)."""
        return self.weights(queries, self.project(keys), mask)


class Wrapped(Address):
    """An address by the scores of another one; a subclass makes other weights of them.

    Args:
        inner: the address that gives the scores.
    """

    def __init__(self, inner: Address) -> None:
        super().__init__()
        self.inner = inner

    def project(self, keys: Tensor) -> Tensor:
        """What `inner` computes once for all queries."""
        return self.inner.project(keys)

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S), those of `inner`."""
        return self.inner.score(queries, projected)
