"""The primitive: what it costs against torch's own attention, and which masks it misreads."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from lecture_utils.addressing import (
    Additive,
    Address,
    Cosine,
    Dot,
    General,
    Hard,
    LocationSensitive,
    Place,
    ReadHead,
    ScaledDot,
    StraightThrough,
    Tempered,
    Unnormalised,
    attend,
    masked_softmax,
    one_hot,
    read,
)
from tests.bench.rows import row

MASKS = 1000


class Block(nn.Module):
    """Self-attention of H heads: the part of a Transformer that `attend` is for."""

    def __init__(self, features: int, heads: int, read: Callable[..., Tensor]) -> None:
        super().__init__()
        self.heads, self.read = heads, read
        self.inner, self.outer = nn.Linear(features, 3 * features), nn.Linear(features, features)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, T, D) of x (B, T, D)."""
        q, k, v = self.inner(x).unflatten(-1, (3, self.heads, -1)).transpose(1, 3).unbind(2)
        return self.outer(self.read(q, k, v, mask).transpose(1, 2).flatten(-2))


def torchs(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """What `attend` is measured against."""
    return nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)


@row("address.attend.ratio", "times", "<= 1.05")
def measure_attend(pairs: int = 60) -> dict[str, float]:
    """CPU time of a block that reads by `attend` over one by torch's fused attention, the median.

    Forward and backward, nobody recording. The two take turns, and each pair changes who is first;
    seconds of the processor, so that nothing else that runs on it counts.
    """
    address = ScaledDot()
    ours = Block(128, 8, lambda q, k, v, mask: attend(address, q, k, v, mask))
    blocks = {"ours": ours, "torch": Block(128, 8, torchs)}
    blocks["torch"].load_state_dict(ours.state_dict())
    made = torch.Generator().manual_seed(0)
    x = torch.randn(16, 64, 128, generator=made)
    lengths = torch.randint(32, 65, (16, 1), generator=made)
    mask = (torch.arange(64) < lengths)[:, None, None]  # (B, 1, 1, S)
    took: dict[str, list[float]] = {name: [] for name in blocks}
    for turn in range(pairs + 5):
        for name in sorted(blocks, reverse=bool(turn % 2)):
            begin = time.process_time()
            blocks[name](x, mask).square().mean().backward()
            took[name].append(time.process_time() - begin)
    ratios = [a / b for a, b in zip(took["ours"][5:], took["torch"][5:], strict=True)]
    return {"address.attend.ratio": round(statistics.median(ratios), 3)}


@row("masks.silent", "masks", "<= 0")
def measure_masks(count: int = MASKS) -> dict[str, int]:
    """Of random shapes of masks: those that are neither refused nor equal to the loop."""
    return {"masks.silent": sum(silent(*case) for case in cases(count))}


def cases(count: int) -> Iterator[tuple[str, Tensor, Tensor, Tensor]]:
    """Names of readers in turn, with queries, keys and a mask of some shape or other."""
    random = np.random.default_rng(0)
    for name in itertools.islice(itertools.cycle(READERS), count):
        batch, (t, s) = random.integers(1, 4, random.integers(0, 3)), random.integers(1, 4, 2)
        whole = [*map(int, (*batch, t, s))]
        axes = random.integers(1, len(whole) + 2)
        sizes = [int(random.choice([1, *whole, 4])) for _ in range(axes)]
        if random.random() < 0.7:  # what somebody may well pass: an axis left out, or one of 1
            sizes = [1 if random.random() < 0.3 else size for size in whole]
            if len(sizes) > 1 and random.random() < 0.3:
                sizes.pop(random.integers(len(sizes)))
        made = torch.manual_seed(int(random.integers(2**31)))
        queries = torch.randn(*whole[:-1], 6, generator=made)
        keys = torch.randn(*whole[:-2], whole[-1], 6, generator=made)
        yield name, queries, keys, torch.rand(sizes, generator=made) < 0.6


def addresses() -> list[Address]:
    """One of each, with the same weights every time."""
    torch.manual_seed(0)
    scores = [Dot(), ScaledDot(), General(6, 6), Additive(6, 6, 5), Cosine(3.0), Unnormalised()]
    wrapped = [Tempered(Dot(), 0.5), Hard(Dot()), StraightThrough(General(6, 6))]
    place = [ReadHead(6, 6), LocationSensitive(Additive(6, 6, 5), Place(5), window=1).eval()]
    return [*scores, *wrapped, *place]


def _readers() -> dict[str, Callable[[Tensor, Tensor, Tensor | None], Tensor]]:
    """Ways to read keys with a mask, by name: (queries, keys, mask) -> (..., T, D)."""
    found: dict[str, Callable[[Tensor, Tensor, Tensor | None], Tensor]] = {
        "masked_softmax": lambda q, k, mask: read(masked_softmax(q @ k.mT, mask), k),
        "one_hot": lambda q, k, mask: read(one_hot(q @ k.mT, mask), k),
    }
    for address in addresses():
        kind = type(address).__name__
        found[kind] = lambda q, k, mask, address=address: read(address(q, k, mask), k)
        found[f"attend {kind}"] = lambda q, k, mask, address=address: attend(
            address, q, address.project(k), k, mask
        )
    return found


READERS = _readers()


def meaning(mask: Tensor, whole: tuple[int, ...]) -> Tensor | None:
    """For each score (..., T, S) whether its slot may be read, by loops; None: nobody can say.

    A mask with the axes of the scores speaks for each of them; one of two axes beside scores of
    three or more is taken for what a batch has, (B, S).
    """
    allowed = torch.zeros(whole, dtype=torch.bool)
    for place in itertools.product(*map(range, whole)):
        if mask.ndim == len(whole):
            mine = place
        elif mask.ndim == 2 and len(whole) > 2:
            mine = (place[0], place[-1])
        else:
            return None
        if any(size not in (1, whole[-1] if mask.ndim == 2 < len(whole) and axis else size)
               for axis, size in enumerate(mask.shape)):  # fmt: skip
            return None
        index = tuple(0 if n == 1 else i for i, n in zip(mine, mask.shape, strict=True))
        if any(i >= n for i, n in zip(index, mask.shape, strict=True)):
            return None
        allowed[place] = mask[index]
    return allowed


@torch.no_grad()
def silent(name: str, queries: Tensor, keys: Tensor, mask: Tensor) -> bool:
    """Whether a reader takes a mask and reads anything else than the loop does."""
    try:
        given = READERS[name](queries, keys, mask)
    except ValueError:
        return False
    whole = (*queries.shape[:-1], keys.shape[-2])
    allowed = meaning(mask, whole)
    if allowed is None or given.shape != (*whole[:-1], keys.shape[-1]):
        return True
    wanted = torch.zeros_like(given)
    for place in itertools.product(*map(range, whole[:-1])):
        slots = allowed[place].nonzero().flatten()
        batch, t = place[:-1], place[-1]
        if len(slots):  # the query alone, before the slots that it may read alone
            wanted[place] = alone(name, queries[batch][t : t + 1], keys[batch], slots)
    return not math.isclose((given - wanted).abs().max(), 0.0, abs_tol=1e-5)


def alone(name: str, query: Tensor, keys: Tensor, slots: Tensor) -> Tensor:
    """What one query (1, D) reads of `slots` of keys (S, D): (D,), with no mask at all."""
    if "ReadHead" in name or "LocationSensitive" in name:  # there the place of a slot counts
        only = torch.zeros(1, len(keys), dtype=torch.bool)
        only[0, slots] = True
        return READERS[name](query, keys, only)[0]
    return READERS[name](query, keys[slots], None)[0]
