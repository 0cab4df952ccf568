r"""Translate numbers with and without attention, from several seeds, and look at how it is done.

    python -m lecture_utils.recipes.numerals --work FOLDER

What two chapters train once is trained here from three seeds, with the controls that their claims
need: another score, a wider fixed context, no short sentences at the beginning, a fixed context
with the training that suits it. FOLDER keeps the trained models; a second run goes on where the
first was stopped. Writes ``numerals.json``; takes about twenty minutes on one CPU core.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from lecture_utils import training
from lecture_utils.addressing import Additive, General
from lecture_utils.data import numerals
from lecture_utils.data.pairs import batches
from lecture_utils.models.bahdanau import Attention
from lecture_utils.models.encoder_decoder import EncoderDecoder, FixedContext, build
from lecture_utils.recipes.memn2n import provenance
from lecture_utils.tasks.looking import beside, by_part, shifted
from lecture_utils.tasks.translation import (
    alignment_error,
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
    """

    score: str = ""
    short: int = 0
    steps: int = 500
    rate: float = 5e-3
    warmup: float = 0.1
    hidden_size: int = 96


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
}


def made(variant: Variant, seed: int) -> EncoderDecoder:
    """The model of a variant, not trained, English to German."""
    size = variant.hidden_size
    scores: dict[str, Callable] = {
        "general": lambda: Attention(General(size, 2 * size)),
        "additive": lambda: Attention(Additive(size, 2 * size, size)),
        "": FixedContext,
    }
    words = [len(numerals.vocabulary(language)) for language in ("en", "de")]
    torch.manual_seed(seed)
    return build(scores[variant.score](), *words, hidden_size=size)


def train(variant: Variant, seed: int, checkpoint: Path | None = None) -> EncoderDecoder:
    """Train one variant from one seed; where the checkpoint is complete, only read it."""
    model = made(variant, seed)
    english, german = (numerals.vocabulary(language) for language in ("en", "de"))
    dev = numerals.pairs(200, "en", "de", seed=1_000_001, lengths=range(1, 31), split="dev")
    training.fit(
        model,
        batches(short_first(variant.short, seed), english, german, size=64),
        loss,
        steps=variant.steps,
        learning_rate=variant.rate,
        warmup=variant.warmup,
        evaluate=lambda model: {"exact": exact(model, dev)},
        eval_every=130 if variant.steps == 1040 else 100,
        checkpoint=checkpoint,
        seed=seed,
        label=f"seed {seed}",
    )
    return model


def rounded(values: Any) -> Any:
    """The same with three digits behind the point."""
    if isinstance(values, dict):
        return {name: rounded(value) for name, value in values.items()}
    return [rounded(v) for v in values] if isinstance(values, list) else round(values, 3)


def judge(model: EncoderDecoder, sentences: int = 200) -> dict[str, Any]:
    """What every model is asked: whole sentences right, and where it looks if it does."""
    tests = {n: _pairs([n], 3, sentences) for n in TESTED}
    fresh = _pairs(range(1, 31), 4, sentences)
    found = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "dev": exact(model, _pairs(range(1, 31), 1_000_001, 2 * sentences, "dev")),
        "exact": {str(n): exact(model, pairs) for n, pairs in tests.items()},
    }
    if not isinstance(model.context, FixedContext):
        found |= {
            "aer": alignment_error(model, fresh),
            "beside": beside(model, fresh),
        }
    return found


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
        "lists": {
            kind: {str(n): exact(model, lists(kind, n, sentences)) for n in COUNTS}
            for kind in ("equal", "two", "random")
        },
    }


def _pairs(lengths: Sequence[int], seed: int, count: int, split: str = "test") -> list:
    return numerals.pairs(count, "en", "de", seed=seed, lengths=lengths, split=split)


def run(
    output: Path,
    work: Path | None = None,
    seeds: Sequence[int] = SEEDS,
    variants: dict[str, Variant] = VARIANTS,
    sentences: int = 200,
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        work: folder for the trained models; without one they are forgotten.
        seeds: of the weights and of the sentences.
        variants: by name.
        sentences: that judge, of each length.
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in variants}
    told = {
        "recipe": "lecture_utils.recipes.numerals",
        **provenance(),
        "tested_on": f"{sentences} sentences of each length, split test",
        "variants": rows,
    }
    output.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        for name, variant in variants.items():
            begun = time.process_time()
            kept = work and work / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}.safetensors"
            model = train(variant, seed, kept)
            row = {"seed": seed, **judge(model, sentences)}
            if name == "attention, short first":
                row |= lost(model, sentences)
            rows[name].append(rounded(row))
            print(f"{name}, seed {seed}: {time.process_time() - begun:.0f} CPU s", flush=True)
        text = json.dumps(told, indent=1)
        (output / "numerals.json").write_text(text + "\n", encoding="utf-8")
    return told


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=Path("_build/recipes"))
    parser.add_argument("--work", type=Path, help="folder that keeps the trained models")
    asked = parser.parse_args(arguments)
    run(asked.output, asked.work)


if __name__ == "__main__":
    main()
