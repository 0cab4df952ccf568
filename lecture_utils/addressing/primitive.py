"""The one primitive: a query and keys give an address, an address and values give a read."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lecture_utils.recording import note


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax over the last axis, among the slots that `mask` allows.

    Args:
        scores: (..., T, S), any real numbers.
        mask: bool, broadcastable to (..., T, S); True where a slot may be read.

    Returns:
        Weights (..., T, S). Each row sums to 1; a row with no slot to read is all zeros.
    """
    if mask is None:
        return torch.softmax(scores, dim=-1)
    if mask.dtype != torch.bool:
        raise ValueError(f"mask must be bool, True where a slot may be read; got {mask.dtype}")
    weights = torch.softmax(scores.masked_fill(~mask, -math.inf), dim=-1)
    return weights.masked_fill(~mask, 0.0)  # also turns the nan of an empty row into zeros


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
    on the query. A decoder calls `project` once and `address` at every step; `forward` does both.
    """

    def project(self, keys: Tensor) -> Tensor:
        """What is computed once for all queries: keys (..., S, D) -> (..., S, P)."""
        return keys

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and projected keys (..., S, P)."""
        raise NotImplementedError

    def address(self, queries: Tensor, projected: Tensor, mask: Tensor | None = None) -> Tensor:
        """Weights (..., T, S) of queries on keys that are already projected."""
        return note(self, masked_softmax(self.score(queries, projected), mask))

    def forward(self, queries: Tensor, keys: Tensor, mask: Tensor | None = None) -> Tensor:
        """Weights (..., T, S) of queries (..., T, D) on keys (..., S, D)."""
        return self.address(queries, self.project(keys), mask)
