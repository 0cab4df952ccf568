r"""Look into Transformers that translate numbers, three trainings of four kinds.

    python -m lecture_utils.recipes.at_work

``paper``: places and norms as in the paper, trained on up to 15 morphemes. ``anywhere``: the same,
but every batch begins at a place drawn from 0 to 10. ``apart``: the same, but each side of a batch
begins at a place of its own. ``silent``: the same as the first, but the encoder's attentions add
nothing, in training as in use. Writes ``at-work.json``; takes about fifteen minutes on one CPU
core.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.data import numerals
from lecture_utils.data.pairs import Pair, batches
from lecture_utils.models.transformer import Transformer, transformer
from lecture_utils.recipes.runs import command_line, provenance, rounded, run_all
from lecture_utils.tasks import at_work, heads
from lecture_utils.tasks.translation import exact, loss, translate, words_right

SEEDS = (0, 1, 2)
VARIANTS: dict[str, dict[str, Any]] = {
    "paper": {},
    "anywhere": {"further": 10},
    "apart": {"further": 10, "apart": True},
    "silent": {"silent": True},
}
TESTED = (5, 10, 15, 16, 17, 18, 20)
MOVED = (0, 1, 2, 3, 5, 7, 10)
WITHOUT = (1, 5, 10, 15)
"""Morphemes of the sentences that are judged without the encoder's attentions."""


def untrained(seed: int) -> Transformer:
    """The model of a seed before its training."""
    torch.manual_seed(seed)
    return transformer(len(numerals.vocabulary("en")), len(numerals.vocabulary("de"))).eval()


def trained(
    seed: int,
    *,
    steps: int = 1000,
    further: int = 0,
    apart: bool = False,
    silent: bool = False,
    **given: Any,
) -> Transformer:
    """The paper's Transformer, small, trained on up to `at_work.LONGEST` morphemes.

    Args:
        seed: of the weights and of the sentences.
        steps: of the training, 64 sentences each.
        further: in training every batch begins at a place drawn from 0 to so many, on both sides.
        apart: each side begins at a place of its own.
        silent: the encoder's attentions add nothing, in training as in use.
        **given: to `training.fit`.
    """
    english, german = numerals.vocabulary("en"), numerals.vocabulary("de")
    model = untrained(seed).train().to(training.device())
    if silent:
        for layer in model.encoder.layers:
            at_work.taken_away(layer.attention)
    drawn = torch.Generator().manual_seed(seed)

    def place() -> int:
        return int(torch.randint(further + 1, (), generator=drawn))

    def at_some_place(model: nn.Module, batch: Any) -> Tensor:
        by = place()
        with at_work.moved(model, by, place() if apart else by):
            return loss(model, batch)

    stream = numerals.stream("en", "de", seed=10 * seed + 2, lengths=at_work.LENGTHS, split="train")
    training.fit(
        model,
        batches(stream, english, german, size=64),
        at_some_place if further else loss,
        steps=steps,
        learning_rate=1e-3,
        lr_schedule=lambda s: min(1.0, (s + 1) / (0.1 * steps), 2 * (steps - s) / steps),
        optimizer=partial(torch.optim.AdamW, betas=(0.9, 0.98)),
        seed=seed,
        **given,
    )
    return model.eval()


def of_length(words: Sequence[int], count: int, split: str = "test") -> list[Pair]:
    """Sentences whose sources have so many morphemes."""
    return numerals.pairs(count, "en", "de", seed=3, lengths=words, split=split)


def looked_into(model: Transformer, count: int) -> dict[str, Any]:
    """What a trained model gives away, on `count` sentences of 5 to 12 morphemes."""
    middle = of_length(range(5, 13), count)
    dev = of_length(range(5, 13), 2 * count, "dev")
    paths, attentions = [*at_work.sublayers(model)], at_work.looks(model)

    def right(removed: Sequence[str], mean_of: Sequence[Pair]) -> list[float]:
        with at_work.without(model, removed, mean_of):
            return [words_right(model, middle), exact(model, middle)]

    return {
        "said": at_work.said(model, dev, middle),
        "aer": heads.errors(model, middle),
        "without": {path: right([path], []) for path in paths},
        "mean": {path: right([path], dev) for path in paths},
        "without_encoder_attention": right(attentions, []),
        "mean_encoder_attention": right(attentions, dev),
        "by_length": {n: without_looks(model, n, count, dev) for n in WITHOUT},
        "exchanged": {
            stage: at_work.exchanged(model, middle, stage)
            for stage in ("encoder.layers.0", "encoder.layers.1")
        },
    }


def without_looks(
    model: Transformer, words: int, count: int, dev: Sequence[Pair]
) -> dict[str, float]:
    """Sentences of one length that are right while the encoder's attentions add something else.

    Returns:
        ``whole``, with the attentions; ``nothing``; ``mean``, what they add on the average over
        `dev`; ``first``, over the first words of `dev`; ``own``, over other sentences of the same
        length: development sentences, or, as there are few numbers of one word, all of these but
        the one that is judged.
    """
    looks = at_work.looks(model)
    pairs = of_length([words], count) if words > 1 else at_work.of_one_word()
    told = {"whole": exact(model, pairs)}
    for name, mean_of in (("nothing", []), ("mean", dev), ("first", dev)):
        with at_work.without(model, looks, mean_of, name == "first"):
            told[name] = exact(model, pairs)
    if words > 1:
        with at_work.without(model, looks, of_length([words], count, "dev")):
            return told | {"own": exact(model, pairs)}
    right = 0.0
    for k, pair in enumerate(pairs):
        with at_work.without(model, looks, pairs[:k] + pairs[k + 1 :]):
            right += exact(model, [pair])
    return told | {"own": right / len(pairs)}


def row_of(name: str, seed: int, count: int, steps: int | None) -> dict[str, Any]:
    """Train one model and look into it."""
    given = {} if steps is None else {"steps": steps}
    model = trained(seed, **VARIANTS[name], **given)
    tests = {n: of_length([n], count) for n in TESTED}
    found: dict[str, Any] = {
        "exact": {n: exact(model, pairs) for n, pairs in tests.items()},
        "begun": {n: at_work.begun(translate(model, pairs), pairs) for n, pairs in tests.items()},
        "moved": {},
    }
    for by in MOVED:
        rows = []
        for source, target in ((by, 0), (0, by), (by, by)):
            with at_work.moved(model, source, target):
                rows.append(exact(model, tests[5]))
        found["moved"][by] = rows  # the source, the target, both
    if name == "paper":
        middle, dev = of_length(range(5, 13), count), of_length(range(5, 13), 2 * count, "dev")
        found["said_untrained"] = at_work.said(untrained(seed), dev, middle)
        found |= looked_into(model, count)
    return rounded(found)


def run(
    output: Path,
    seeds: Sequence[int] = SEEDS,
    count: int = 200,
    steps: int | None = None,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Train and look; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the trainings.
        count: sentences of each length that judge.
        steps: of a training; None: as many as the task's own.
        only: variants that are run; the others are kept from the file that is there.
    """
    told = {
        "recipe": "lecture_utils.recipes.at_work",
        **provenance(),
        "tested_on": f"{count} sentences of each length, and of 5 to 12 morphemes, split test",
    }

    def row(name: str, seed: int) -> dict[str, Any]:
        return row_of(name, seed, count, steps)

    return run_all(output / "at-work.json", told, [*VARIANTS], seeds, row, only)


if __name__ == "__main__":
    command_line(run, __doc__)
