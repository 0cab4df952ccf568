"""Content-based addresses: how well does the key of each slot match the query?"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lecture_utils.addressing.primitive import Address, Wrapped, check_mask
from lecture_utils.recording import note


class Dot(Address):
    """The dot product of query and key: e_j = q . k_j."""

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and keys (..., S, D)."""
        if queries.shape[-1] != projected.shape[-1]:
            raise ValueError(
                f"queries have {queries.shape[-1]} features and keys {projected.shape[-1]}; "
                "a dot product needs the same number"
            )
        return queries @ projected.transpose(-2, -1)


class ScaledDot(Dot):
    """The dot product over sqrt(D), so that its variance does not grow with D.

    Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1.
    """

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and keys (..., S, D)."""
        return super().score(queries, projected) / math.sqrt(queries.shape[-1])


class General(Dot):
    """A dot product with a matrix in the middle: e_j = q . W k_j.

    Query and key may differ in size.

    Source: Luong, Pham and Manning 2015, arXiv:1508.04025, section 3.1.

    Args:
        query_size: features of a query.
        key_size: features of a key.
    """

    def __init__(self, query_size: int, key_size: int) -> None:
        super().__init__()
        self.W = nn.Linear(key_size, query_size, bias=False)

    def project(self, keys: Tensor) -> Tensor:
        """W k_j for every key: (..., S, key_size) -> (..., S, query_size)."""
        return self.W(keys)


class Additive(Address):
    """A small network: e_j = v . tanh(W q + U k_j).

    Query and key may differ in size. U k_j does not depend on the query: it is computed once.

    Source: Bahdanau, Cho and Bengio 2015, arXiv:1409.0473, appendix A.1.2.

    Args:
        query_size: features of a query.
        key_size: features of a key.
        hidden_size: features of the hidden layer (n' in the paper).
    """

    def __init__(self, query_size: int, key_size: int, hidden_size: int) -> None:
        super().__init__()
        self.W = nn.Linear(query_size, hidden_size, bias=False)
        self.U = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def project(self, keys: Tensor) -> Tensor:
        """U k_j for every key: (..., S, key_size) -> (..., S, hidden)."""
        return self.U(keys)

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and projected keys (..., S, hidden)."""
        # (..., T, 1, hidden) + (..., 1, S, hidden): every query beside every key
        hidden = torch.tanh(self.W(queries).unsqueeze(-2) + projected.unsqueeze(-3))
        return self.v(hidden).squeeze(-1)  # (..., T, S, hidden) -> (..., T, S)


class Unnormalised(Dot):
    """The dot product and no softmax: the weights are the scores, of any size and either sign.

    Source: Sukhbaatar et al. 2015, arXiv:1503.08895, section 4.2: a memory network learns to
    read with these first ("linear start").
    """

    def weights(self, queries: Tensor, projected: Tensor, mask: Tensor | None = None) -> Tensor:
        """The scores (..., T, S); 0 where a slot may not be read."""
        scores = self.score(queries, projected)
        check_mask(mask, scores.shape)
        return note(self, scores if mask is None else scores.masked_fill(~mask, 0.0))


class Cosine(Dot):
    """The angle between query and key: e_j = strength * cos(q, k_j); lengths don't count.

    Source: Graves, Wayne and Danihelka 2014, arXiv:1410.5401, equations 5 and 6.

    Args:
        strength: beta, the largest score; the higher, the sharper the address.
    """

    def __init__(self, strength: float = 1.0) -> None:
        super().__init__()
        if not strength > 0:
            raise ValueError(f"strength must be greater than 0; got {strength}")
        self.strength = strength

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and keys (..., S, D); zeros score 0."""
        return self.strength * super().score(self.unit(queries), self.unit(projected))

    def unit(self, vectors: Tensor) -> Tensor:
        """The same directions (..., D) with length 1; zeros stay zeros."""
        length = vectors.norm(dim=-1, keepdim=True)
        return vectors / length.masked_fill(length == 0, 1.0)


class Tempered(Wrapped):
    """Another address, softer or harder: its scores over a temperature.

    Towards 0 the largest score takes all the weight, as in `Hard`; the higher the temperature,
    the nearer to equal weights.

    Args:
        inner: the address that gives the scores.
        temperature: greater than 0; 1 changes nothing.
    """

    def __init__(self, inner: Address, temperature: float) -> None:
        super().__init__(inner)
        if not temperature > 0:
            raise ValueError(f"temperature must be greater than 0; got {temperature}")
        self.temperature = temperature

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S), those of `inner` over the temperature."""
        return super().score(queries, projected) / self.temperature
