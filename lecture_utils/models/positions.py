"""Where a word stands: attention alone does not know, its slots have no order.

`Sinusoidal` and `Learned` are added to the embeddings; `Rotary` turns queries and keys; `Relative`
is an address that adds what the distance says to every score.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from lecture_utils.addressing import ScaledDot


def angles(like: Tensor, at: int, base: float, places: Tensor | None = None) -> Tensor:
    """By how much each place turns each pair of features: (S, D/2), for `like` (..., S, D).

    The first pair turns by one radian a place, the last by base^(2 / D) / base.

    Args:
        like: gives the number of places, of features, the device and the precision.
        at: the first place.
        base: the larger, the slower the last pairs turn.
        places: the places of word 0, word 1, and so on; None: 0, 1, 2, ...
    """
    words, features = like.shape[-2:]
    kind = {"device": like.device, "dtype": torch.promote_types(like.dtype, torch.float32)}
    rates = base ** (-torch.arange(0, features, 2, **kind) / features)  # (D/2,)
    here = torch.arange(at, at + words, **kind) if places is None else places[at : at + words]
    return here.to(**kind).unsqueeze(-1) * rates


class Sinusoidal(nn.Module):
    """PE(p, 2i) = sin(p / 10000^(2i/D)), PE(p, 2i+1) = cos(p / 10000^(2i/D)), for any place p.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.

    Args:
        features: of an embedding, D; even.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        even("features", features)

    def forward(self, embedded: Tensor, at: int = 0) -> Tensor:
        """What to add, (S, D), to embedded words (B, S, D), the first of them at place `at`."""
        turned = angles(embedded, at, 10_000.0)  # (S, D/2)
        pairs = torch.stack([turned.sin(), turned.cos()], dim=-1)  # (S, D/2, 2)
        return pairs.flatten(-2).to(embedded.dtype)


class Learned(nn.Module):
    """A vector for each place, learned as those of the words are; there is none beyond `most`.

    Source: Gehring et al. 2017, arXiv:1705.03122, section 3.1.

    Args:
        features: of an embedding, D.
        most: places that it has, at least one.
    """

    def __init__(self, features: int, most: int) -> None:
        super().__init__()
        at_least(1, most=most)
        self.table = nn.Embedding(most, features)

    def forward(self, embedded: Tensor, at: int = 0) -> Tensor:
        """What to add, (S, D), to embedded words (B, S, D), the first of them at place `at`.

        Raises:
            ValueError: a word stands after the last place.
        """
        last, most = at + embedded.shape[-2], self.table.num_embeddings
        if last > most:
            raise ValueError(
                f"a sequence of {last} words, but there are {most} learned places; pass at most "
                f"{most} words, build it with most={last}, or use sinusoidal positions"
            )
        return self.table.weight[at:last]


class Rotary(nn.Module):
    """Turn each pair of features by an angle that grows with the place.

    Turned so, the dot product of a query at place p and a key at place s depends on p - s alone.

    Source: Su et al. 2021, arXiv:2104.09864, section 3.2.

    Args:
        size: features of a head, d; even.
        base: at least 1; the larger, the slower the slowest pair turns.

    Attributes:
        places: where words are said to stand, see `standing`; None: 0, 1, 2, ...
    """

    def __init__(self, size: int, base: float = 10_000.0) -> None:
        super().__init__()
        even("size", size)
        at_least(1, base=base)
        self.base = base
        self.places: Tensor | None = None
        self._last: tuple[object, tuple[Tensor, Tensor]] | None = None

    def forward(self, x: Tensor, at: int = 0) -> Tensor:
        """Queries or keys (..., T, d), the first of which stands at place `at`, turned."""
        cos, sin = self.turn(x, at)
        partner = x.roll(x.shape[-1] // 2, dims=-1)  # feature i and feature i + d/2 are a pair
        return x * cos + partner * sin

    def turn(self, like: Tensor, at: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines (T, d) of the angles, those of the last call if they are the same.

        All heads of all layers ask for them; so they are computed once. The sine of the first
        feature of a pair is negative.
        """
        asked = (at, like.shape[-2:], like.dtype, like.device, torch.is_inference_mode_enabled())
        keep = self.places is None and not torch.compiler.is_compiling()
        if keep and self._last is not None and self._last[0] == asked:
            return self._last[1]
        turned = angles(like, at, self.base, self.places)  # (T, d/2)
        cos, sin = turned.cos().to(like.dtype), turned.sin().to(like.dtype)
        made = torch.cat([cos, cos], dim=-1), torch.cat([-sin, sin], dim=-1)
        if keep:
            self._last = asked, made
        return made


@contextmanager
def standing(model: nn.Module, places: Tensor | None) -> Iterator[None]:
    """A block in which the words stand at `places` (S,), for every `Rotary` of a model.

    Args:
        model: what is called in the block.
        places: of word 0, of word 1, and so on, at least as many as there are words; whole numbers
            or not. None: 0, 1, 2, ...
    """
    before = [(part, part.places) for part in model.modules() if isinstance(part, Rotary)]
    for rotary, _ in before:
        rotary.places = places
    try:
        yield
    finally:
        for rotary, those in before:
            rotary.places = those


def scattered(words: int, most: int, generator: torch.Generator | None = None) -> Tensor:
    """So many different places below `most`, in order and else at random: (words,).

    A model that is trained on such places has met the distances of sequences that are longer than
    those of its training.

    Source: Ruoss et al. 2023, arXiv:2305.16843, section 3.

    Raises:
        ValueError: there are fewer places than words.
    """
    if most < words:
        raise ValueError(f"{words} words need as many places; most is {most}")
    return torch.randperm(most, generator=generator)[:words].sort().values


class Relative(ScaledDot):
    """e_ij = q_i . (k_j + a_{j-i}) / sqrt(d): a learned vector for each distance, up to `reach`.

    The queries are those of the last T of S slots, so it serves self-attention, with and without
    a cache. Farther slots share the vector of the farthest distance.

    Source: Shaw, Uszkoreit and Vaswani 2018, arXiv:1803.02155, equation 4.

    Args:
        size: features of a head, d.
        reach: the farthest distance with a vector of its own, 0 or more.
    """

    def __init__(self, size: int, reach: int = 16) -> None:
        super().__init__()
        at_least(0, reach=reach)
        self.reach = reach
        self.table = nn.Embedding(2 * reach + 1, size)

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, d) and keys (..., S, d), T <= S."""
        slots = torch.arange(projected.shape[-2], device=projected.device)
        of_queries = slots[len(slots) - queries.shape[-2] :]  # (T,)
        distance = (slots - of_queries.unsqueeze(-1)).clamp(-self.reach, self.reach)  # (T, S)
        by_distance = queries @ self.table.weight.T  # (..., T, 2 reach + 1)
        index = (distance + self.reach).expand(*queries.shape[:-1], -1)
        told = by_distance.gather(-1, index)  # q_i . a_{j-i}
        return super().score(queries, projected) + told / queries.shape[-1] ** 0.5


def even(name: str, size: int) -> None:
    """Refuse a size that is not even.

    Raises:
        ValueError: names it.
    """
    if size < 2 or size % 2:
        raise ValueError(f"{name} come in pairs, so they must be even; got {size}")


def at_least(least: int, **given: float) -> None:
    """Refuse what is smaller, and what is no number.

    Raises:
        ValueError: names it.
    """
    for name, value in given.items():
        if not value >= least:
            raise ValueError(f"{name} must be at least {least}; got {value}")
