"""LeNet on the whole of MNIST, of 1998 and of today, from several seeds.

    python -m lecture_utils.recipes.images --data FOLDER --work FOLDER

The data folder has MNIST's four files, as `lecture_utils.data.digits.load` takes them. All 60,000
digits train, nothing chooses (the rate is that of the chapter), and the 10,000 of the test file
judge. FOLDER of ``--work`` keeps the trainings; a second run goes on where the first was stopped.
Writes ``images.json``; takes about 25 minutes on one CPU core.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.data import digits
from lecture_utils.data.digits import Digits
from lecture_utils.models.lenet import LeNet
from lecture_utils.recipes.rejection import of_1998, rejecting
from lecture_utils.recipes.runs import Row, command_line, kept_at, provenance, run_all
from lecture_utils.tasks.digit_reading import digit_batches, digit_loss, misread

SIZE, EPOCHS, RATE = 128, 12, 5e-3
"""Digits in a batch, how often all are seen, and the highest learning rate."""


@dataclass(frozen=True)
class Variant:
    """One network and its training.

    Attributes:
        make: the network.
        loss: that trains it.
        most: pixels by which the digits it is trained on are moved, at most.
    """

    make: Callable[[], nn.Module]
    loss: Callable[[nn.Module, tuple[Tensor, Tensor]], Tensor]
    most: int = 0


VARIANTS = {
    "today": Variant(LeNet, digit_loss),
    "1998": Variant(of_1998, rejecting),
    "today, moved digits": Variant(LeNet, digit_loss, most=1),
    "1998, moved digits": Variant(of_1998, rejecting, most=1),
}


def all_of(folder: str | Path) -> tuple[Digits, Digits]:
    """The training file, whole, and the test file of MNIST."""
    first, rest, test = (digits.load(split, folder) for split in digits.SPLITS)
    train = Digits(*(torch.cat(parts) for parts in zip(first, rest, strict=True)))
    return train, test


def row_of(
    variant: Variant,
    seed: int,
    data: tuple[Digits, Digits],
    checkpoint: Path | None = None,
    steps: int | None = None,
) -> Row:
    """Weights, CPU minutes, the loss, and the error on the test file."""
    train, test = data
    steps = steps or EPOCHS * (len(train.digits) // SIZE)
    begun = time.process_time()
    torch.manual_seed(seed)
    model = variant.make()
    history = training.fit(
        model,
        digit_batches(train, seed, SIZE, variant.most),
        variant.loss,
        steps=steps,
        learning_rate=RATE,
        seed=seed,
        eval_every=max(1, steps // EPOCHS),
        checkpoint=checkpoint,
    )
    minutes = (time.process_time() - begun) / 60
    return {
        "weights": sum(weight.numel() for weight in model.parameters()),
        "steps": len(history.losses),
        "CPU minutes": round(minutes, 2),
        "error": round(misread(model, test), 4),
    }


def run(
    output: Path,
    data: str | Path,
    work: Path | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    variants: dict[str, Variant] = VARIANTS,
    only: Sequence[str] = (),
    steps: int | None = None,
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        data: folder with MNIST's four files.
        work: folder that keeps the trainings; None: nothing is kept.
        seeds: of the weights, of the order of the digits and of their shifts.
        variants: by name.
        only: names of those that are run, see `run_all`; by default all are.
        steps: of a training; None: `EPOCHS` times all digits.
    """
    both = all_of(data)
    told = {
        "recipe": "lecture_utils.recipes.images",
        **provenance(),
        "tested_on": f"the test file of MNIST, {len(both[1].digits):,} digits",
    }

    def row(name: str, seed: int) -> Row:
        return row_of(variants[name], seed, both, kept_at(work, name, seed), steps)

    return run_all(output / "images.json", told, tuple(variants), seeds, row, only)


if __name__ == "__main__":
    command_line(run, __doc__)
