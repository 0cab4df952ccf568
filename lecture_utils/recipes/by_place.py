r"""Train the translator that reads by content and place again, with one thing changed at a time.

    python -m lecture_utils.recipes.by_place

The models, the sentences and the training are those of the chapter on content-based and
location-based addressing: 800 steps on English numbers of up to 30 morphemes, into German, short
sentences first; development sentences choose which weights are kept. Every variant is trained from
the same seeds, and judged by sentences of the test split, with its window and with others, which
only reading has. Writes ``by-place.json`` after each seed; takes about a quarter of an hour on one
CPU core for three.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lecture_utils import training
from lecture_utils.data import numerals
from lecture_utils.data.pairs import Pair, batches
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.encoder_decoder import EncoderDecoder
from lecture_utils.models.location import location_sensitive
from lecture_utils.recipes.runs import command_line, provenance, rounded, run_all
from lecture_utils.tasks.translation import alignment_error, encoded, exact, loss, short_first

SHORT = 360
"""Batches of short sentences that come first."""

TESTED = {30: 200, 60: 200, 120: 60}
"""Sentences of each length that judge, in morphemes."""

WINDOWS = {"window of 8": 8, "window of 2": 2, "no window": None}
"""How far from the last address is read, to either side."""

VARIANTS: dict[str, dict[str, Any]] = {
    "content only": {"located": False},
    "with place": {},
    "filters of zeros": {"filters": False},
}


def made(located: bool = True, filters: bool = True) -> EncoderDecoder:
    """The model of a variant, before its training.

    Args:
        located: whether the address sees the last one; if not, it is Bahdanau's.
        filters: whether they learn; if not, they are and stay zeros, so that only content speaks.
    """
    sizes = [len(numerals.vocabulary(language)) for language in ("en", "de")]
    if not located:
        return bahdanau(*sizes)
    model = location_sensitive(*sizes)
    if not filters:
        nn.init.zeros_(model.context.address.place.F.weight).requires_grad_(False)
    return model


def train(seed: int, steps: int = 800, **parts: Any) -> EncoderDecoder:
    """Train one variant.

    Args:
        seed: of the weights and of the sentences.
        steps: of the training.
        parts: of the model, as `made` takes them.
    """
    torch.manual_seed(seed)
    model = made(**parts)
    words = [numerals.vocabulary(language) for language in ("en", "de")]
    dev = numerals.pairs(100, "en", "de", seed=1_000_001, lengths=range(1, 31), split="dev")

    def evaluate(model: EncoderDecoder) -> dict[str, float]:
        return {"log P": -loss(model, encoded(model, dev)).item(), "exact": exact(model, dev)}

    training.fit(
        model,
        batches(short_first(SHORT, seed), *words, size=64),
        loss,
        steps=steps,
        learning_rate=3e-3,
        warmup=0.35,
        evaluate=evaluate,
        eval_every=min(100, steps),
        seed=seed,
        label="by place",
    )
    return model


def judge(model: EncoderDecoder, tests: dict[int, list[Pair]]) -> dict[str, Any]:
    """Part of the sentences without a fault, by window and length; the alignment error at 30."""
    address, right = model.context.address, {}
    usual = getattr(address, "window", None)
    for name, window in WINDOWS.items() if usual else [("no window", None)]:
        address.window = window  # of an address by content nobody reads it
        right[name] = {n: exact(model, pairs) for n, pairs in tests.items()}
    address.window = usual
    return rounded({"exact": right, "alignment_error": alignment_error(model, tests[min(tests)])})


def run(
    output: Path,
    seeds: Sequence[int] = (0, 1, 2),
    steps: int = 800,
    tested: dict[int, int] | None = None,
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the trainings.
        steps: of each training.
        tested: sentences of each length that judge; `TESTED` if None.
    """
    tests = {
        n: numerals.pairs(count, "en", "de", seed=30_000_000 + n, lengths=[n], split="test")
        for n, count in (tested or TESTED).items()
    }

    def row(name: str, seed: int) -> dict[str, Any]:
        begun = time.process_time()
        model = train(seed, steps, **VARIANTS[name])
        spent = round(time.process_time() - begun, 1)
        return {**judge(model, tests), "cpu_s": spent}

    told = {
        "recipe": "lecture_utils.recipes.by_place",
        **provenance(),
        "steps": steps,
        "tested_on": {n: f"{len(pairs)} sentences, split test" for n, pairs in tests.items()},
    }
    return run_all(output / "by-place.json", told, list(VARIANTS), seeds, row)


if __name__ == "__main__":
    command_line(run, __doc__)
