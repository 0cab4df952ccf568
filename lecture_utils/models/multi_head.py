"""Multi-head attention: several addresses on the same slots, each in a subspace of its own.

Shapes: queries (B, T, D), memory (B, S, D); with heads (B, H, T, d), where D = H d.

Source: Vaswani et al. 2017, "Attention is all you need", arXiv:1706.03762, section 3.2.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.addressing import Address, ScaledDot, attend, check_mask, read


class Head(nn.Module):
    """One head, as the formula has it: Attention(Q W^Q, K W^K, V W^V).

    Args:
        features: of queries and slots, D.
        size: of the head's queries, keys and values, d.
    """

    def __init__(self, features: int, size: int) -> None:
        super().__init__()
        self.W_Q = nn.Linear(features, size, bias=False)
        self.W_K = nn.Linear(features, size, bias=False)
        self.W_V = nn.Linear(features, size, bias=False)
        self.address = ScaledDot()

    def forward(self, queries: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """Reads (B, T, d) of queries (B, T, D) on a memory (B, S, D); a mask is (B, T, S)."""
        weights = self.address(self.W_Q(queries), self.W_K(memory), mask)  # (B, T, S)
        return read(weights, self.W_V(memory))


class HeadByHead(nn.Module):
    """MultiHead(Q, K, V) = Concat(head_1, ..., head_H) W^O, one head after another.

    Args:
        features: of queries and slots, D.
        heads: how many, H.
        size: features of a head, d; None for D / H.
    """

    def __init__(self, features: int, heads: int, size: int | None = None) -> None:
        super().__init__()
        size = size_of_head(features, heads, size)
        self.heads = nn.ModuleList(Head(features, size) for _ in range(heads))
        self.W_O = nn.Linear(heads * size, features, bias=False)

    def forward(self, queries: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, T, D), from queries (B, T, D) and a memory (B, S, D); a mask is (B, T, S)."""
        reads = [head(queries, memory, mask) for head in self.heads]  # H times (B, T, d)
        return self.W_O(torch.cat(reads, dim=-1))


class MultiHead(nn.Module):
    """The same, all heads at once: one matrix for the queries of all heads, one for the keys.

    Args:
        features: of queries and slots, D.
        heads: how many, H.
        size: features of a head's queries and keys, d; None for D / H.
        value_size: features of a head's values; None for `size`.
        bias: whether the four matrices have biases; the formula has none.
        address: from queries (B, H, T, d) and keys (B, H, S, d) to weights; None: `ScaledDot`.
        rotary: turns queries and keys by their places, see `positions.Rotary`; None: nothing.
    """

    def __init__(
        self,
        features: int,
        heads: int,
        size: int | None = None,
        value_size: int | None = None,
        bias: bool = False,
        address: Address | None = None,
        rotary: nn.Module | None = None,
    ) -> None:
        super().__init__()
        size = size_of_head(features, heads, size)
        value_size = size if value_size is None else value_size
        self.heads = heads
        self.W_Q = nn.Linear(features, heads * size, bias=bias)
        self.W_K = nn.Linear(features, heads * size, bias=bias)
        self.W_V = nn.Linear(features, heads * value_size, bias=bias)
        self.W_O = nn.Linear(heads * value_size, features, bias=bias)
        self.address = ScaledDot() if address is None else address
        self.rotary = rotary

    def split(self, x: Tensor) -> Tensor:
        """What each head works on: (B, T, H d) -> (B, H, T, d)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(-3, -2)

    def project(self, memory: Tensor, at: int = 0) -> tuple[Tensor, Tensor]:
        """Keys and values (B, H, S, d) of slots (B, S, D), the first of which is slot `at`."""
        keys, values = self.split(self.W_K(memory)), self.split(self.W_V(memory))
        if self.rotary is not None:
            keys = self.rotary(keys, at)
        return self.address.project(keys), values

    def attend(
        self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None, at: int = 0
    ) -> Tensor:
        """(B, T, D), from queries (B, T, D), the first at place `at`, and what `project` gave."""
        if mask is not None:
            check_mask(mask, (*queries.shape[:-1], keys.shape[-2]))
            mask = mask.unsqueeze(-3)  # (B, 1, T, S): one for all heads
        asked = self.split(self.W_Q(queries))  # (B, H, T, d)
        if self.rotary is not None:
            asked = self.rotary(asked, at)
        reads = attend(self.address, asked, keys, values, mask)
        return self.W_O(reads.transpose(-3, -2).flatten(-2))  # the heads side by side

    def forward(self, queries: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, T, D), from queries (B, T, D) and a memory (B, S, D); a mask is (B, T or 1, S)."""
        return self.attend(queries, *self.project(memory), mask)


def size_of_head(features: int, heads: int, size: int | None = None) -> int:
    """Features of a head, d: D / H unless `size` says otherwise.

    Raises:
        ValueError: there is no head, or the heads cannot share the features.
    """
    if heads < 1 or (size is not None and size < 1):
        raise ValueError(f"heads and size must be at least 1; got {heads} and {size}")
    if size is None and features % heads:
        fit = [n for n in range(1, features + 1) if features % n == 0]
        raise ValueError(
            f"{heads} heads cannot share {features} features; pass a number of heads that "
            f"divides them ({', '.join(map(str, fit))}), or the size of a head"
        )
    return features // heads if size is None else size
