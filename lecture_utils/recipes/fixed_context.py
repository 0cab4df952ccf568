r"""Train the encoder-decoder with one context vector again, with one thing changed at a time.

    python -m lecture_utils.recipes.fixed_context

The model, the sentences and the training are those of the chapter: 800 steps on English numbers of
up to 30 morphemes, into German. Every variant is trained from the same seeds, and judged after its
last step, by 200 sentences of the test split of each length: nothing is chosen. One of them is
followed word by word, through 400 sentences of 26 to 30 morphemes. Writes
``fixed-context.json`` after each seed; takes about a quarter of an hour on one CPU core for three.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from lecture_utils import training
from lecture_utils.data import numerals
from lecture_utils.data.pairs import Pair, batches
from lecture_utils.models.encoder_decoder import EncoderDecoder, FixedContext, build
from lecture_utils.recipes.runs import command_line, provenance, run_all
from lecture_utils.tasks.translation import LENGTHS, exact, loss, word_by_word, words_right

TESTED = (5, 10, 15, 20, 25, 30)
"""Lengths of the sentences that judge, in morphemes."""

VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "48 units": {"hidden_size": 48},
    "192 units": {"hidden_size": 192},
    "encoder as it began": {"reader_learns": False},
    "last word not fed back": {"fed_back": False},
    "2,400 steps": {"times": 3},
}


FOLLOWED = ("as it is",)
"""Variants whose long translations are counted word by word."""

PARTS = {
    "words 1 to 3": slice(0, 3),
    "6 to 10": slice(5, 10),
    "11 to 15": slice(10, 15),
    "16 to 20": slice(15, 20),
}
"""The places in a long translation at which its words are counted."""


def followed(model: EncoderDecoder, pairs: Sequence[Pair]) -> dict[str, dict[str, float]]:
    """Part right of the words in each of `PARTS`, counted the ways of `word_by_word`."""
    return {
        name: {
            part: round(sum(right[places]) / len(right[places]), 3)
            for part, places in PARTS.items()
        }
        for name, right in word_by_word(model, pairs).items()
    }


def train(
    seed: int,
    steps: int = 800,
    *,
    hidden_size: int = 96,
    reader_learns: bool = True,
    fed_back: bool = True,
    times: int = 1,
) -> EncoderDecoder:
    """Train one variant.

    Args:
        seed: of the weights and of the sentences.
        steps: of the training as it is.
        hidden_size: features of a state, H; the context has twice as many.
        reader_learns: whether the weights of the encoder are trained.
        fed_back: whether the decoder is told the word before; if not, its embedding is zeros.
        times: how many times the steps.
    """
    training.set_seed(seed)
    words = [numerals.vocabulary(language) for language in ("en", "de")]
    model = build(FixedContext(), *map(len, words), hidden_size=hidden_size)
    model.encoder.requires_grad_(reader_learns)
    if not fed_back:
        nn.init.zeros_(model.decoder.embed.weight)
        model.decoder.embed.requires_grad_(False)
    pairs = numerals.stream("en", "de", seed=1 + seed, lengths=LENGTHS, split="train")
    training.fit(
        model,
        batches(pairs, *words, size=64),
        loss,
        steps=times * steps,
        learning_rate=5e-3,
        seed=seed,
        label="fixed context",
    )
    return model


def run(
    output: Path, seeds: Sequence[int] = (0, 1, 2), steps: int = 800, sentences: int = 200
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the trainings.
        steps: of the training as it is.
        sentences: that judge, of each length.
    """
    tests = {
        n: numerals.pairs(sentences, "en", "de", seed=3, lengths=[n], split="test") for n in TESTED
    }
    long = numerals.pairs(2 * sentences, "en", "de", seed=13, lengths=range(26, 31), split="test")

    def row(name: str, seed: int) -> dict[str, Any]:
        begun = time.process_time()
        model = train(seed, steps, **VARIANTS[name])
        spent = round(time.process_time() - begun, 1)
        found: dict[str, Any] = {
            "exact": {n: round(exact(model, pairs), 3) for n, pairs in tests.items()},
            "words": {n: round(words_right(model, pairs), 3) for n, pairs in tests.items()},
        }
        if name in FOLLOWED:
            found["word_by_word"] = followed(model, long)
        return {**found, "cpu_s": spent}

    told = {
        "recipe": "lecture_utils.recipes.fixed_context",
        **provenance(),
        "steps": steps,
        "tested_on": f"{sentences} sentences of each length, split test",
    }
    return run_all(output / "fixed-context.json", told, list(VARIANTS), seeds, row)


if __name__ == "__main__":
    command_line(run, __doc__)
