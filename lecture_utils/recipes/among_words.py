r"""Tell order without places, and look partners up without looking, each from several seeds.

    python -m lecture_utils.recipes.among_words

Layers of self-attention that are told no places learn to say the word before, with a causal mask
and without, one layer and two. And a GRU that reads both ways learns to say its partner's digit,
for five times as long as in the chapter, as large as there and four times as wide, at the best of
three rates. So do heads of one read whose scores are dot products, scaled ones or additive, with
few features and with many. What chose the rate is not what judges. Writes ``among-words.json``;
takes about half an hour on one CPU core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lecture_utils import training
from lecture_utils.addressing import Additive, Dot, ScaledDot
from lecture_utils.models.recurrent import ReadsBothWays
from lecture_utils.models.self_attention import Layers, SelfAttention
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.among_words import (
    WORDS,
    Lookup,
    before_batches,
    looked_up,
    lookup_loss,
    partner_batches,
)

PAIRS, LENGTH, LETTERS = 6, 12, 26
"""As in the chapter: pairs of a row of partners; words of a row of order, and words there are."""


@dataclass(frozen=True)
class Variant:
    """One model and its training.

    Attributes:
        make: gives the model, not trained.
        batches: (seed, size) to batches of its task.
        steps: of the training.
        rates: the best of these on the development rows is taken.
    """

    make: Callable[[], nn.Module]
    batches: Callable[[int, int], Iterator[Lookup]]
    steps: int
    rates: Sequence[float]


def order(layers: int, masked: bool) -> Variant:
    """Layers that are told no places; each word is to say the word before it."""

    def batches(seed: int, size: int) -> Iterator[Lookup]:
        return before_batches(LENGTH, seed, size, LETTERS)

    return Variant(lambda: Layers(LETTERS, LETTERS, layers, masked), batches, 1500, (3e-3,))


def partner(features: int) -> Variant:
    """A GRU that reads both ways; each word is to say the digit of its partner."""

    def batches(seed: int, size: int) -> Iterator[Lookup]:
        return partner_batches(PAIRS, seed, size)

    return Variant(lambda: ReadsBothWays(WORDS, 10, features), batches, 2000, (1e-3, 2e-3, 5e-3))


def one_head(score: str, size: int) -> SelfAttention:
    """A head of `size` features whose scores are of this kind; the additive one has no W^Q, W^K.

    An additive score is v . tanh(W x_i + U x_j): its W and U take the words themselves, and are as
    large as the two matrices that they stand for.
    """
    model = SelfAttention(WORDS, 10, size=size)
    if score == "additive":
        model.head.W_Q, model.head.W_K = nn.Identity(), nn.Identity()
        features = model.embed.embedding_dim
        model.head.address = Additive(features, features, size)
    else:
        model.head.address = {"dot": Dot, "scaled dot": ScaledDot}[score]()
    return model


def scored(score: str, size: int) -> Variant:
    """Each word is to say the digit of its partner; what differs is the score."""

    def batches(seed: int, size: int) -> Iterator[Lookup]:
        return partner_batches(PAIRS, seed, size)

    return Variant(lambda: one_head(score, size), batches, 300, (1e-3, 3e-3, 1e-2))


SCORES, SIZES = ("additive", "dot", "scaled dot"), (8, 64, 256)

VARIANTS = {
    "1 layer, no mask": order(1, masked=False),
    "1 layer, causal mask": order(1, masked=True),
    "2 layers, no mask": order(2, masked=False),
    "2 layers, causal mask": order(2, masked=True),
    "GRU": partner(64),
    "GRU, 256 features": partner(256),
    **{f"{score}, d = {size}": scored(score, size) for size in SIZES for score in SCORES},
}


def trained(variant: Variant, rate: float, seed: int, label: str) -> nn.Module:
    """The model of a variant, trained at a rate."""
    torch.manual_seed(seed)
    model = variant.make()
    training.fit(
        model,
        variant.batches(seed, 64),
        lookup_loss,
        steps=variant.steps,
        learning_rate=rate,
        seed=seed,
        label=label,
    )
    return model


def run(
    output: Path,
    seeds: Sequence[int] = (0, 1, 2),
    variants: dict[str, Variant] = VARIANTS,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the weights and of the rows.
        variants: by name.
        only: names of those that are run, see `run_all`; by default all are.
    """

    def row(name: str, seed: int) -> Row:
        variant = variants[name]
        dev, test = (next(variant.batches(of, 1000)) for of in (1_000_001, 2_000_002))
        models = {rate: trained(variant, rate, seed, name) for rate in variant.rates}
        chosen_on = {rate: looked_up(model, dev) for rate, model in models.items()}
        best = max(models, key=lambda rate: chosen_on[rate])
        return {"rate": best, **rounded({"right": looked_up(models[best], test)})}

    told = {
        "recipe": "lecture_utils.recipes.among_words",
        **provenance(),
        "tested_on": "1,000 rows of twelve words, none of them met in training",
    }
    return run_all(output / "among-words.json", told, tuple(variants), seeds, row, only)


if __name__ == "__main__":
    command_line(run, __doc__)
