r"""Write each word from another state than the one that was read, in six models with attention.

    python -m lecture_utils.recipes.exchanged_reads --work FOLDER

The models are two of the recipe `numerals`, with the general and with the additive score, each
from three seeds; FOLDER may be that recipe's, then nothing is trained twice. Writes
``exchanged-reads.json``; takes about five minutes on one CPU core.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lecture_utils.data import numerals
from lecture_utils.recipes.numerals import SEEDS, VARIANTS, train
from lecture_utils.recipes.runs import command_line, kept_at, provenance, rounded, run_all
from lecture_utils.tasks.looking import beside, exchanged

READ = ("general", "additive")
"""Variants of the recipe `numerals`."""


def run(
    output: Path, work: Path | None = None, seeds: Sequence[int] = SEEDS, sentences: int = 200
) -> dict[str, Any]:
    """Train the models, exchange their reads; write what came out, and give it.

    Args:
        output: folder for the results.
        work: folder for the trained models; without one they are forgotten.
        seeds: of the weights and of the sentences.
        sentences: of the test split that judge, of 1 to 30 morphemes.
    """
    fresh = numerals.pairs(sentences, "en", "de", seed=4, lengths=range(1, 31), split="test")

    def row(name: str, seed: int) -> dict[str, Any]:
        model = train(VARIANTS[name], seed, kept_at(work, name, seed))
        return rounded({"beside": beside(model, fresh), "exchanged": exchanged(model, fresh)})

    told = {
        "recipe": "lecture_utils.recipes.exchanged_reads",
        **provenance(),
        "tested_on": f"{sentences} sentences of 1 to 30 morphemes, split test",
    }
    return run_all(output / "exchanged-reads.json", told, READ, seeds, row)


if __name__ == "__main__":
    command_line(run, __doc__)
