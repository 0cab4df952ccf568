r"""How a translator's words are chosen, and what becomes of a wrong one, from several seeds.

    python -m lecture_utils.recipes.decoding

Greedy decoding beside a beam of four; words told the truth before them beside words that have only
their own; and sentences that begin with a word that is damaged. The models are those of
`lecture_utils.recipes.transformer`. Writes ``decoding.json``; takes about half an hour on one CPU
core, a third of that where the folder of ``--work`` holds the models.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import nn

from lecture_utils.data import numerals
from lecture_utils.data.pairs import Pair
from lecture_utils.models.positions import Rotary
from lecture_utils.recipes import transformer
from lecture_utils.recipes.runs import Row, command_line, kept_at, provenance, rounded, run_all
from lecture_utils.tasks import writing

SEEDS = (0, 1, 2)
MODELS = (
    *("rotary", "rotary, longer", "rotary, smoothed", "rotary, scattered"),
    "bahdanau, AdamW",
)
TESTED = (40, 50)
DAMAGED = ((20, 10), (30, 5), (30, 15))
"""Morphemes of the source, and the place of the damaged word in the translation."""


def translator(
    name: str, seed: int, work: Path | None = None, steps: int | None = None
) -> nn.Module:
    """A model of the recipe on Transformers: from the folder `work` if it is there, or trained."""
    kept = kept_at(work, name, seed)
    if work and kept and kept.is_file():
        return transformer.load(work, name, seed)
    return transformer.train(transformer.VARIANTS[name], seed, steps)[0].eval()


def looked_into(model: nn.Module, sentences: int = 200) -> Row:
    """Of each length, what a search and the truth change; of each damage, what is lost."""

    def of(length: int) -> list[Pair]:
        return numerals.pairs(sentences, "en", "de", seed=3, lengths=[length], split="test")

    found = {
        "search": {str(n): writing.search(model, of(n)[: sentences // 2]) for n in TESTED},
        "faults": {str(n): writing.faults(model, of(n)) for n in TESTED},
        "damaged": {f"{n}, {at}": writing.recovered(model, of(n), at) for n, at in DAMAGED},
    }
    if any(isinstance(part, Rotary) for part in model.modules()):
        found["displaced"] = {
            f"{n}, {at}": writing.displaced(model, of(n), at) for n, at in DAMAGED
        }
    return found


def run(
    output: Path,
    work: Path | None = None,
    seeds: Sequence[int] = SEEDS,
    names: Sequence[str] = MODELS,
    steps: int | None = None,
    sentences: int = 200,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Look into every model from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        work: folder where `transformer.run` has kept its models; those that are not there, or all
            without one, are trained.
        seeds: of the trainings.
        names: of the models, keys of `transformer.VARIANTS`.
        steps: of every training; None: each model's own.
        sentences: of each length that judge.
        only: names of those that are run, see `run_all`; by default all are.
    """
    told = {
        "recipe": "lecture_utils.recipes.decoding",
        **provenance(),
        "tested_on": f"{sentences} sentences of each length, of a search half of them, split test",
    }

    def row(name: str, seed: int) -> Row:
        return rounded(looked_into(translator(name, seed, work, steps), sentences))

    return run_all(output / "decoding.json", told, tuple(names), seeds, row, only)


if __name__ == "__main__":
    command_line(run, __doc__)
