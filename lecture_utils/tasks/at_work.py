"""What happens inside a Transformer that translates numbers: read out, taken away, exchanged.

Everything is for a post-norm model, as the paper has it, with places that are
added to the embeddings; English to German. Paths are those of ``model.named_modules()``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils.data import numerals
from lecture_utils.data.pairs import PAD, Pair
from lecture_utils.models.encoder_decoder import greedy
from lecture_utils.models.multi_head import MultiHead
from lecture_utils.models.transformer import FeedForward, Transformer
from lecture_utils.recording import trace
from lecture_utils.tasks.translation import encoded, exact, pair_of

LONGEST = 15
"""Morphemes of a source in training, at most."""
LENGTHS = tuple(n for n in range(1, LONGEST + 1) for _ in range(n))
DIGITS = tuple(numerals.spell(n, "en")[0] for n in range(2, 10))
"""One is left out: German counts it in two ways."""


# --- read out ------------------------------------------------------------------------------------
def stages(model: Transformer) -> list[str]:
    """Where the decoder's states can be read out, in the order of the way: (B, T, D) each."""
    parts = ("add_attention", "add_cross", "add_feed_forward")
    layers = range(len(model.decoder.layers))
    return ["decoder.embed", *(f"decoder.layers.{i}.{part}" for i in layers for part in parts)]


@torch.no_grad()
def said(
    model: Transformer, fit_on: Sequence[Pair], pairs: Sequence[Pair]
) -> dict[str, dict[str, float]]:
    """What the states of each stage already say of the next word, told the true words before.

    Returns:
        By stage: ``right``, the part of words that the model's own readout has right there, and
        ``fitted``, the part of those that a linear readout has right that was fitted to this stage,
        on other sentences.
    """
    found = {}
    for stage in stages(model):
        there, words = _states(model, fit_on, stage)
        own, fitted = model.decoder.readout.weight, _readout(there, words, model)
        here, true = _states(model, pairs, stage)
        found[stage] = {
            name: (here @ matrix.T).argmax(dim=-1).eq(true).float().mean().item()
            for name, matrix in (("right", own), ("fitted", fitted))
        }
    return found


def _states(model: Transformer, pairs: Sequence[Pair], stage: str) -> tuple[Tensor, Tensor]:
    """States (N, D) of a stage and the words (N,) that come next, without padding."""
    batch = encoded(model, pairs)
    with trace(model, [stage]) as flow:
        model(*batch)
    words = batch.target[:, 1:]
    return flow[stage][0].to(words.device)[words != PAD], words[words != PAD]


def _readout(states: Tensor, words: Tensor, model: Transformer, steps: int = 300) -> Tensor:
    """A matrix (V, D) that scores the next words of states (N, D), fitted to them."""
    with torch.enable_grad():
        matrix = torch.zeros_like(model.decoder.readout.weight, requires_grad=True)
        adam = torch.optim.Adam([matrix], lr=0.03)
        for _ in range(steps):
            adam.zero_grad()
            nn.functional.cross_entropy(states @ matrix.T, words).backward()
            adam.step()
    return matrix.detach()


# --- taken away ----------------------------------------------------------------------------------
def sublayers(model: Transformer) -> dict[str, nn.Module]:
    """The attentions and the feed-forward networks, by path, from the words to the scores."""
    kinds = (MultiHead, FeedForward)
    return {path: part for path, part in model.named_modules() if isinstance(part, kinds)}


def _last(sublayer: nn.Module) -> nn.Module:
    """The module that gives what a sublayer adds."""
    return sublayer.W_O if isinstance(sublayer, MultiHead) else sublayer


def taken_away(sublayer: nn.Module, instead: Tensor | None = None) -> Any:
    """Let a sublayer add nothing, or `instead` (D,), at every word; the handle ends it."""

    def hook(_: nn.Module, __: Any, out: Tensor) -> Tensor:
        return torch.zeros_like(out) if instead is None else instead.to(out).expand_as(out)

    return _last(sublayer).register_forward_hook(hook)


@contextmanager
def without(
    model: Transformer, paths: Sequence[str], mean_of: Sequence[Pair] = (), first: bool = False
) -> Iterator:
    """A block in which sublayers add nothing, or what they add on the average.

    Args:
        model: whose sublayers.
        paths: of `sublayers`.
        mean_of: sentences over whose words is averaged; none: they add nothing.
        first: over the first word of each alone.
    """
    parts, means = sublayers(model), dict[str, Tensor]()
    if mean_of:
        with torch.no_grad():
            means = {path: _mean(model, path, mean_of, first) for path in paths}
    with ExitStack() as stack:
        for path in paths:
            stack.callback(taken_away(parts[path], means.get(path)).remove)
        yield


def _mean(model: Transformer, path: str, pairs: Sequence[Pair], first: bool) -> Tensor:
    """What a sublayer adds on the average (D,), over the first words or all but padding."""
    batch, kept = encoded(model, pairs), []
    hook = _last(sublayers(model)[path]).register_forward_hook(lambda *a: kept.append(a[2]))
    model(*batch)
    hook.remove()
    if first:
        return kept[0][:, 0].mean(dim=0)
    words = batch.mask if path.startswith("encoder") else batch.target[:, :-1] != PAD
    return kept[0][words].mean(dim=0)


def of_one_word() -> list[Pair]:
    """All numbers that are one word: zero to twenty, and the tens."""
    return [pair_of([number]) for number in (*range(21), *range(30, 100, 10))]


def looks(model: Transformer) -> list[str]:
    """The self-attentions of the encoder, by path."""
    return [p for p in sublayers(model) if p.startswith("encoder") and p.endswith("attention")]


# --- exchanged -----------------------------------------------------------------------------------
def another_digit(pair: Pair, made: torch.Generator) -> tuple[int, Pair] | None:
    """The sentence with another digit in one place, drawn; None where it has no digit."""
    places = [j for j, word in enumerate(pair.source) if word in DIGITS]
    if not places:
        return None
    j = places[int(torch.randint(len(places), (), generator=made))]
    others = [digit for digit in DIGITS if digit != pair.source[j]]
    words = list(pair.source)
    words[j] = others[int(torch.randint(len(others), (), generator=made))]
    return j, pair_of(numerals.read_list(words, "en"))


@torch.no_grad()
def exchanged(model: Transformer, pairs: Sequence[Pair], stage: str, seed: int = 0) -> Any:
    """Exchange states of the encoder with those of a sentence that has another digit in one place.

    Only sentences that are translated without a fault, with either digit, are counted.

    Returns:
        ``n``, how many; ``follows``, the part of those in which the other digit is written where
        the slot of the digit *alone* is exchanged, and nothing else changes; ``stays``, the part of
        those that are written as before where all *other* slots are exchanged.
    """
    made = torch.Generator().manual_seed(seed)
    told = {"n": 0, "follows": 0.0, "stays": 0.0}
    for pair in pairs:
        changed = another_digit(pair, made)
        if changed is None or exact(model, [pair, changed[1]]) < 1:
            continue
        j, other = changed
        with trace(model, [stage]) as flow:
            model(*encoded(model, [other]))
        there = flow[stage][0]
        slot = torch.arange(there.shape[1]) == j
        told["n"] += 1
        told["follows"] += _written(model, pair, stage, there, slot) == list(other.target)
        told["stays"] += _written(model, pair, stage, there, ~slot) == list(pair.target)
    return told | {name: told[name] / max(1, told["n"]) for name in ("follows", "stays")}


def _written(model: Transformer, pair: Pair, stage: str, there: Tensor, slots: Tensor) -> list[str]:
    """What is written for a sentence while the states of some slots are those that are given."""

    def hook(_: nn.Module, __: Any, out: Tensor) -> Tensor:
        return torch.where(slots.to(out.device).unsqueeze(-1), there.to(out), out)

    handle = model.get_submodule(stage).register_forward_hook(hook)
    batch = encoded(model, [pair])
    (written,) = greedy(model, batch.source, batch.mask, 3 * len(pair.source) + 1).tolist()
    handle.remove()
    return numerals.vocabulary("de").decode(written)


@torch.no_grad()
def put_together(
    model: Transformer, pairs: Sequence[Pair], others: Sequence[Pair], by: int = 0
) -> dict[str, float]:
    """Give a sentence states of the encoder that were made in other sentences, word for word.

    Each slot is taken from one of `others` that has the same word `by` places further on. Only
    sentences that are translated without a fault, and have such another for every word, count.

    Returns:
        ``n``, how many, and ``same``, the part of those that are translated as before.
    """
    memory = {}  # of a word at a place: its state there, in the first of the others that has one
    for pair in others:
        states = model.encoder(encoded(model, [pair]).source)[0]
        for place, (word, state) in enumerate(zip(pair.source, states, strict=True)):
            memory.setdefault((word, place), (pair.source, state))
    told = {"n": 0, "same": 0.0}
    for pair in pairs:
        found = [memory.get((word, place + by)) for place, word in enumerate(pair.source)]
        if exact(model, [pair]) < 1 or any(one is None or one[0] == pair.source for one in found):
            continue
        there = torch.stack([state for _, state in found]).unsqueeze(0)
        every = torch.ones(len(pair.source), dtype=torch.bool)
        told["n"] += 1
        told["same"] += _written(model, pair, "encoder", there, every) == list(pair.target)
    return told | {"same": told["same"] / max(1, told["n"])}


# --- moved ---------------------------------------------------------------------------------------
@contextmanager
def moved(model: Transformer, source: int = 0, target: int = 0) -> Iterator[None]:
    """A block in which the first word of a side does not stand at place 0, but so many further."""
    with ExitStack() as stack:
        for side, by in ((model.encoder, source), (model.decoder, target)):
            hook = side.embed.positions.register_forward_pre_hook(
                lambda _, given, by=by: (given[0], given[1] + by)
            )
            stack.callback(hook.remove)
        yield


def begun(written: Sequence[Sequence[str]], pairs: Sequence[Pair]) -> dict[str, float]:
    """How far translations go.

    Returns:
        ``right``, the part of those that are right as far as they go, whole or cut off too early,
        and not empty; ``words``, how many words they have, over those of the truth.
    """
    both = [*zip(written, pairs, strict=True)]
    right = [len(w) > 0 and list(pair.target[: len(w)]) == list(w) for w, pair in both]
    words = sum(map(len, written)) / sum(len(pair.target) for pair in pairs)
    return {"right": sum(right) / len(right), "words": words}
