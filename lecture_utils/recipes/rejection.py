"""Does a network know what is no digit? The loss of 1998 that rejects, and a soft-max beside it.

    python -m lecture_utils.recipes.rejection

Three networks train on the same 10,000 digits: LeNet of today, LeNet-5 of 1998 with its loss, and
LeNet-5 with the plain cross entropy of the same penalties. Each may refuse: below a threshold, set
so that it refuses 2 % of the development digits, by how sure its soft-max is or by how near the
nearest drawing is. Told is how many test digits and how many pictures of no digit it accepts.
Writes ``rejection.json``; takes about 3 minutes on one CPU core.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.data import digits
from lecture_utils.models.lenet import LeNet, LeNet5, rejecting_loss
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.digit_reading import (
    Prepared,
    digit_batches,
    digit_loss,
    in_1998,
    misread,
)
from lecture_utils.tasks.nonsense import accepted, letters, near, overlaid, scattered, sure

STEPS, RATE = 936, 5e-3
"""Six times all digits, in batches of 64; the rate of the chapter."""


def rejecting(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """The loss of 1998."""
    images, right = batch
    return rejecting_loss(model(images), right)


def of_1998() -> nn.Module:
    """LeNet-5, given 28 x 28 pixels as they are."""
    return Prepared(LeNet5(), in_1998)


VARIANTS = {
    "today": (LeNet, digit_loss),
    "1998, its loss": (of_1998, rejecting),
    "1998, plain loss": (of_1998, digit_loss),
}
"""What makes a network, and the loss that trains it."""


def row_of(name: str, seed: int, steps: int = STEPS) -> Row:
    """The error, and what is accepted by either measure."""
    train, dev, test = (digits.load(split) for split in digits.SPLITS)
    make, loss = VARIANTS[name]
    torch.manual_seed(seed)
    model = make()
    training.fit(
        model, digit_batches(train, seed), loss, steps=steps, learning_rate=RATE, seed=seed
    )
    pictures = {
        **{"digits": test.images, "letters": letters()},
        **{"two digits": overlaid(test), "scattered ink": scattered(test)},
    }
    return {
        "test": round(misread(model, test), 4),
        "by soft-max": rounded(accepted(model, sure, dev.images, pictures)),
        "by nearness": rounded(accepted(model, near, dev.images, pictures)),
    }


def run(output: Path, seeds: Sequence[int] = (0, 1, 2), steps: int = STEPS) -> dict[str, Any]:
    """Train every network from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the weights and of the order of the digits.
        steps: of a training.
    """
    told = {
        "recipe": "lecture_utils.recipes.rejection",
        **provenance(),
        "tested_on": "5,000 test digits, 96 letters, pairs of test digits, scattered test digits",
    }
    return run_all(
        output / "rejection.json",
        told,
        tuple(VARIANTS),
        seeds,
        lambda name, seed: row_of(name, seed, steps),
    )


if __name__ == "__main__":
    command_line(run, __doc__)
