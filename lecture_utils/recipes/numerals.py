r"""Translate numbers with and without attention, from several seeds, and look at how it is done.

    python -m lecture_utils.recipes.numerals --work FOLDER
    python -m lecture_utils.recipes.numerals --output FOLDER --only "to Korean" attention

What two chapters train once is trained here from three seeds, with the controls that their claims
need: another score, a wider fixed context, no short sentences at the beginning, the same sentences
in no order, only sentences half as long, a fixed context with the training that suits it, another
language. FOLDER keeps the trained models; a second run goes on where the first was stopped. Writes
``numerals.json``; takes about half an hour on one CPU core. With ``--only`` the other variants'
rows are those of the file that is in the output's folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from lecture_utils import training
from lecture_utils.addressing import Additive, General
from lecture_utils.data import numerals
from lecture_utils.data.pairs import Pair, batches
from lecture_utils.models.bahdanau import Attention
from lecture_utils.models.encoder_decoder import EncoderDecoder, FixedContext, build
from lecture_utils.recipes.runs import command_line, kept_at, provenance, rounded, run_all
from lecture_utils.tasks.looking import (
    beside,
    by_part,
    joined,
    least_error,
    shifted,
    units,
    with_memory,
    written_from,
)
from lecture_utils.tasks.translation import (
    LENGTHS,
    alignment_error,
    encoded,
    exact,
    lists,
    loss,
    short_first,
    translate,
)

SEEDS = (0, 1, 2)

TESTED = (5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60)
"""Lengths of the sentences that judge, in morphemes; those of training end at 30."""

COUNTS = (3, 7, 10, 15)
"""Numbers in the lists of equal and of other numbers."""


@dataclass(frozen=True)
class Variant:
    """One model and its training.

    Attributes:
        score: ``general`` or ``additive``; empty for the fixed context.
        short: batches of short sentences that come first.
        steps: of the training.
        rate: the highest learning rate.
        warmup: the part of the steps in which it rises.
        hidden_size: features of a state, H.
        mixed: the short sentences do not come first; they stand anywhere among the others.
        longest: morphemes of the longest sentences of the training.
        target: the language that English is translated into.
    """

    score: str = ""
    short: int = 0
    steps: int = 500
    rate: float = 5e-3
    warmup: float = 0.1
    hidden_size: int = 96
    mixed: bool = False
    longest: int = 30
    target: str = "de"


LONG = {"steps": 1040, "rate": 3e-3, "warmup": 0.35}
"""The training of the chapter on Bahdanau's model."""

VARIANTS = {
    "general": Variant("general"),
    "additive": Variant("additive"),
    "fixed": Variant(),
    "fixed, wider": Variant(hidden_size=128),
    "attention, short first": Variant("additive", short=360, **LONG),
    "attention": Variant("additive", **LONG),
    "fixed, short first": Variant(short=360, **LONG),
    "fixed, its own": Variant(steps=1040),
    "attention, short mixed in": Variant("additive", short=360, mixed=True, **LONG),
    "attention, up to 15": Variant("additive", longest=15, **LONG),
    "to Korean, short first": Variant("additive", short=360, target="ko", **LONG),
}

PLACED = ("attention, short first", "attention, short mixed in")
"""The variants that are asked how they keep their place."""

FURTHER = (2, 4, 6, 8, 10)
"""By how many words a half of the states is moved on, the comma counted."""


def made(variant: Variant, seed: int) -> EncoderDecoder:
    """The model of a variant, not trained."""
    size = variant.hidden_size
    scores: dict[str, Callable] = {
        "general": lambda: Attention(General(size, 2 * size)),
        "additive": lambda: Attention(Additive(size, 2 * size, size)),
        "": FixedContext,
    }
    words = [len(numerals.vocabulary(language)) for language in ("en", variant.target)]
    torch.manual_seed(seed)
    return build(scores[variant.score](), *words, hidden_size=size)


def sentences_of(variant: Variant, seed: int) -> Iterator[Pair]:
    """The sentences of a variant's training, without end."""
    if variant.longest != 30:
        lengths = [length for length in LENGTHS if length <= variant.longest]
        return numerals.stream(
            "en", variant.target, seed=10 * seed + 2, lengths=lengths, split="train"
        )
    pairs = short_first(variant.short, seed, variant.target)
    if not variant.mixed:
        return pairs
    taken = list(islice(pairs, 64 * variant.steps))
    shuffled = torch.randperm(len(taken), generator=torch.Generator().manual_seed(seed))
    return (taken[i] for i in shuffled.tolist())


def train(variant: Variant, seed: int, checkpoint: Path | None = None) -> EncoderDecoder:
    """Train one variant from one seed; where the checkpoint is complete, only read it."""
    model = made(variant, seed)
    words = [numerals.vocabulary(language) for language in ("en", variant.target)]
    dev = _pairs(range(1, variant.longest + 1), 1_000_001, 200, "dev", variant.target)
    training.fit(
        model,
        batches(sentences_of(variant, seed), *words, size=64),
        loss,
        steps=variant.steps,
        learning_rate=variant.rate,
        warmup=variant.warmup,
        evaluate=lambda model: {"exact": exact(model, dev, variant.target)},
        eval_every=130 if variant.steps == 1040 else 100,
        checkpoint=checkpoint,
        seed=seed,
        label=f"seed {seed}",
    )
    return model


def judge(model: EncoderDecoder, sentences: int = 200, target: str = "de") -> dict[str, Any]:
    """What every model is asked: whole sentences right, and where it looks if it does."""
    tests = {n: _pairs([n], 3, sentences, target=target) for n in TESTED}
    fresh = _pairs(range(1, 31), 4, sentences, target=target)
    chosen = _pairs(range(1, 31), 1_000_001, 2 * sentences, "dev", target)
    found = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "dev": exact(model, chosen, target),
        "exact": {str(n): exact(model, pairs, target) for n, pairs in tests.items()},
    }
    if not isinstance(model.context, FixedContext):
        found |= {
            "aer": alignment_error(model, fresh, target),
            "beside": beside(model, fresh, target),
            "exchanged": written_from(model, fresh, target),
        }
    return found


def by_kind(model: EncoderDecoder, sentences: int = 200, target: str = "de") -> dict[str, Any]:
    """Looks and exchanged reads of the words that mark a power of ten, and of all others."""
    fresh = _pairs(range(1, 31), 4, sentences, target=target)
    marks = units(fresh, target)
    return {
        "least_error": least_error(fresh, target),
        "kinds": {
            name: {
                "beside": beside(model, fresh, target, among=kind),
                "exchanged": written_from(model, fresh, target, among=kind),
            }
            for name, kind in (("units", marks), ("others", ~marks))
        },
    }


def lost(model: EncoderDecoder, sentences: int = 200) -> dict[str, Any]:
    """How place is kept and lost: beyond the trained lengths, in lists, and with half moved on."""
    written = {}
    for size in (30, 40, 50, 60):
        pairs = _pairs([size], 3, sentences)
        words = [len(words) for words in translate(model, pairs)]
        true = [len(pair.target) for pair in pairs]
        written[str(size)] = [sum(words) / len(pairs), sum(true) / len(pairs)]
    moved = {
        f"{size}, {half}": shifted(
            model, _pairs([size], 3, sentences // 2), _pairs([9], 5, sentences // 2), half
        )
        for size in (20, 50)
        for half in ("none", "forward", "backward")
    }
    return {
        "written": written,
        "parts": by_part(model, _pairs([50], 3, sentences)),
        "moved": moved,
        "further": further(model, sentences // 2),
        "carried": carried(model, sentences // 2),
        "hidden": {
            "nothing" if first is None else str(first): hidden(model, first, sentences)
            for first in (None, 28)
        },
        "lists": {
            kind: {str(n): exact(model, lists(kind, n, sentences)) for n in COUNTS}
            for kind in ("equal", "two", "random")
        },
    }


def further(model: EncoderDecoder, sentences: int = 100) -> dict[str, Any]:
    """By how many words looks move when a half of the states has come further by so many words.

    In the mean over the words of the second half of sentences of 20 morphemes, whose first nine
    are a list and whose tenth is a comma. ``other words`` is the control: as many words before,
    other ones.
    """
    starts, ends = (_pairs([size], seed, sentences) for size, seed in ((9, 6), (10, 7)))
    pairs = [joined(a, b) for a, b in zip(starts, ends, strict=True)]
    asked = [("none", 2), ("other words", 10)]
    asked += [(half, by) for half in ("forward", "backward") for by in FURTHER]
    found: dict[str, Any] = {}
    for half, by in asked:
        parts = shifted(model, pairs, _pairs([by - 1], 5, sentences), half, parts=2)
        name = half if half in ("none", "other words") else f"{half}, {by}"
        found[name] = {"told": parts["told"][1], "ahead": parts["ahead"][1]}
    return found


def carried(model: EncoderDecoder, sentences: int = 100) -> dict[str, Any]:
    """What keys and what values do, when the backward half of one of them has come further.

    In the mean over the words of the third quarter of sentences of 20 morphemes, whose seventeenth
    is a comma. ``other words`` is the control: as many words behind, other ones.
    """
    starts, ends, others = (_pairs([n], seed, sentences) for n, seed in ((16, 6), (3, 7), (3, 9)))
    pairs = [joined(a, b) for a, b in zip(starts, ends, strict=True)]
    found: dict[str, Any] = {}
    for of in ("states", "keys", "values"):
        asked = {"other words": ("other words behind", others)}
        asked |= {str(by): ("backward", _pairs([by - 1], 5, sentences)) for by in FURTHER}
        for name, (half, extra) in asked.items():
            parts = shifted(model, pairs, extra, half, parts=4, of=of)
            found[f"{of}, {name}"] = {"told": parts["told"][2], "ahead": parts["ahead"][2]}
    return found


@torch.no_grad()
def hidden(model: EncoderDecoder, first: int | None, sentences: int = 200) -> dict[str, list]:
    """Sentences of 50 morphemes by tenths, when no slot from `first` on can be read."""
    pairs = _pairs([50], 3, sentences)
    batch = encoded(model, pairs)
    memory, _ = model.encode(batch.source, batch.mask)
    mask = batch.mask.clone()
    mask[:, first if first is not None else mask.shape[1] :] = False
    return with_memory(model, pairs, memory._replace(mask=mask))


def _pairs(
    lengths: Sequence[int], seed: int, count: int, split: str = "test", target: str = "de"
) -> list[Pair]:
    return numerals.pairs(count, "en", target, seed=seed, lengths=lengths, split=split)


def run(
    output: Path,
    work: Path | None = None,
    seeds: Sequence[int] = SEEDS,
    variants: dict[str, Variant] = VARIANTS,
    sentences: int = 200,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        work: folder for the trained models; without one they are forgotten.
        seeds: of the weights and of the sentences.
        variants: by name.
        sentences: that judge, of each length.
        only: names of those that are trained; the rows of the others are taken from the file that
            is in `output`. By default all are trained.

    Raises:
        ValueError: a name that no variant has.
    """

    def row(name: str, seed: int) -> dict[str, Any]:
        target = variants[name].target
        model = train(variants[name], seed, kept_at(work, name, seed))
        found = judge(model, sentences, target)
        if name in ("attention, short first", "to Korean, short first"):
            found |= by_kind(model, sentences, target)
        return rounded(found | lost(model, sentences) if name in PLACED else found)

    told = {
        "recipe": "lecture_utils.recipes.numerals",
        **provenance(),
        "tested_on": f"{sentences} sentences of each length, split test",
    }
    return run_all(output / "numerals.json", told, list(variants), seeds, row, only)


if __name__ == "__main__":
    command_line(run, __doc__)
