"""What holds for every Transformer, on random models and inputs; the bench counts it."""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.models.transformer import POSITIONS, Transformer, transformer

CLOSE = 1e-6  # between two ways to compute the same in single precision


def made(seed: int) -> tuple[Transformer, Tensor, Tensor, Tensor]:
    """A random model of random sizes, a source with padding and its mask, a target."""
    draw = random.Random(seed)
    torch.manual_seed(seed)
    heads = draw.choice([1, 2, 4])
    model = transformer(
        *(12, 9, 8 * heads, heads, draw.choice([1, 2]), 32),
        positions=draw.choice(POSITIONS),
        norm_first=draw.choice([False, True]),
        bias=draw.choice([False, True]),
    ).eval()
    batch, most, words = draw.choice([1, 2, 3]), draw.choice([1, 3, 8]), draw.choice([2, 4, 7])
    lengths = torch.tensor([[draw.randint(1, most)] for _ in range(batch)])
    lengths[0] = most
    source, target = torch.randint(3, 12, (batch, most)), torch.randint(3, 9, (batch, words))
    return model, source, torch.arange(most) < lengths, target


def _same(a: Tensor, b: Tensor, apart: float = CLOSE) -> bool:
    return a.shape == b.shape and not (a - b).abs().max() > apart


def future(seed: int) -> bool:
    """Another word in the target changes no score before it, by no bit."""
    model, source, mask, target = made(seed)
    at = random.Random(seed).randrange(target.shape[1])
    other = target.clone()
    other[:, at] = (other[:, at] - 2) % 6 + 3
    here, there = model(source, mask, target), model(source, mask, other)
    return torch.equal(here[:, :at], there[:, :at])


def padding(seed: int) -> bool:
    """What stands behind the end of a source changes nothing, and neither does how much of it."""
    model, source, mask, target = made(seed)
    here = model(source, mask, target)
    filled = source.masked_fill(~mask, 5)
    longer = torch.cat([filled, filled[:, :1]], dim=1)
    more = torch.cat([mask, torch.zeros_like(mask[:, :1])], dim=1)
    return _same(model(filled, mask, target), here) and _same(model(longer, more, target), here)


def order(seed: int) -> bool:
    """Without positions, sources in another order have their states in that order."""
    model, source, mask, _ = made(seed)
    if model.encoder.embed.positions is not None or _knows_places(model):
        return True
    moved = torch.randperm(source.shape[1], generator=torch.Generator().manual_seed(seed))
    here = model.encoder(source, mask)
    return _same(model.encoder(source[:, moved], mask[:, moved]), here[:, moved])


def _knows_places(model: Transformer) -> bool:
    attention = model.encoder.layers[0].attention
    return attention.rotary is not None or hasattr(attention.address, "table")


def steps(seed: int) -> bool:
    """With the cache, word by word or some at a time, the scores are those of the whole target."""
    model, source, mask, target = made(seed)
    whole = model(source, mask, target)
    memory, nothing = model.encode(source, mask)
    state = nothing
    for i, token in enumerate(target[:, :-1].unbind(dim=1)):
        logits, state = model.step(token, state, memory)
        if not _same(logits, whole[:, i]):
            return False
    some = random.Random(seed).randint(1, 3)
    state, parts = nothing, []
    for words in (target[:, :1], *target[:, 1:-1].split(some, dim=1)):
        logits, state = model.decoder(words, memory, state)
        parts.append(logits)
    return _same(torch.cat(parts, dim=1), whole)


def prefix(seed: int) -> bool:
    """And those without a cache, from the words so far."""
    model, source, mask, target = made(seed)
    memory, nothing = model.encode(source, mask)
    state = nothing
    for i, token in enumerate(target[:, :-1].unbind(dim=1)):
        logits, state = model.step(token, state, memory)
        if not _same(model.decoder(target[:, : i + 1], memory, nothing)[0][:, -1], logits):
            return False
    return True


PROPERTIES: dict[str, Callable[[int], bool]] = {
    "future": future,
    "padding": padding,
    "order": order,
    "steps": steps,
    "prefix": prefix,
}
