"""Two places at once: more steps for one head, and more heads than features, from several seeds.

    python -m lecture_utils.recipes.two_places

The task of the chapter on multi-head attention, trained as there: one head for over four times as
many steps, and heads of two features and of one, the last also for over five times as many. Writes
``two-places.json``; takes about three minutes on one CPU core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from lecture_utils import training
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.two_places import TwoPlaces, both_loss, question_batches, told

WORDS, FEATURES, STEPS = 6, 32, 450
"""As in the chapter: words of a row, features of a word, steps of a training."""


@dataclass(frozen=True)
class Variant:
    """One model and its training.

    Attributes:
        heads: how many.
        size: features of a head.
        steps: of the training.
    """

    heads: int
    size: int
    steps: int = STEPS


VARIANTS = {
    "1 head, d = 32, 2,000 steps": Variant(1, 32, 2000),
    "2 heads, d = 16": Variant(2, 16),
    "16 heads, d = 2": Variant(16, 2),
    "32 heads, d = 1": Variant(32, 1),
    "32 heads, d = 2": Variant(32, 2),
    "32 heads, d = 1, 2,400 steps": Variant(32, 1, 2400),
}


def row_of(variant: Variant, seed: int) -> Row:
    """Weights, and the digits that a trained model tells: the better one, the other one, both."""
    dev, test = (next(question_batches(WORDS, of, 2000)) for of in (1_000_001, 2_000_002))
    torch.manual_seed(seed)
    model = TwoPlaces(variant.heads, variant.size, FEATURES)
    history = training.fit(
        model,
        question_batches(WORDS, seed),
        both_loss,
        steps=variant.steps,
        learning_rate=7e-3,
        evaluate=lambda m: {"less loss": -both_loss(m, dev).item(), "both": told(m, dev)[2]},
        eval_every=50,
        seed=seed,
    )
    first, second, both = told(model, test)
    return {
        "weights": sum(weight.numel() for weight in model.parameters()),
        **rounded({"better": max(first, second), "other": min(first, second), "both": both}),
        **rounded({"most": max(history.curve("both")[1])}),
    }


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
    told_first = {
        "recipe": "lecture_utils.recipes.two_places",
        **provenance(),
        "tested_on": "2,000 rows of six words; most: at any step that was looked at, other rows",
    }

    def row(name: str, seed: int) -> Row:
        return row_of(variants[name], seed)

    return run_all(output / "two-places.json", told_first, tuple(variants), seeds, row, only)


if __name__ == "__main__":
    command_line(run, __doc__)
