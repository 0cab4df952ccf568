"""What reads a digit that has moved: LeNet, and LeNet with one thing at a time taken away.

    python -m lecture_utils.recipes.shifted_digits

Every network trains on the same 10,000 digits of MNIST for as many steps, at each of `RATES`; the
one that misreads the fewest of the development digits is kept, and judged on the test digits, moved
by 0 to 6 pixels. Writes ``shifted-digits.json``; takes about ten minutes on one CPU core.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.data import digits
from lecture_utils.models.lenet import LeNet
from lecture_utils.models.lenet_controls import (
    AnywhereLeNet,
    Corner,
    FullyConnected,
    padded_lenet,
    unshared_lenet,
)
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.digit_reading import (
    Prepared,
    by_shift,
    digit_batches,
    digit_loss,
    misread,
)

STEPS = 624
"""Of a training: four times all digits, in batches of 64."""
MOST = 6
"""Pixels that a test digit is moved by, at most."""
RATES = (3e-3,)
"""Of Adam, the highest of the training."""


def permuted(images: Tensor) -> Tensor:
    """The same pixels in one other order: what were neighbours are none."""
    order = torch.randperm(784, generator=torch.Generator().manual_seed(0)).to(images.device)
    return images.flatten(1)[:, order].view_as(images)


@dataclass(frozen=True)
class Variant:
    """One network and its training.

    Attributes:
        make: the network, with weights at random.
        most: pixels by which the digits it is trained on are moved, at most.
    """

    make: Callable[[], nn.Module]
    most: int = 0


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "fully connected, 300 and 100": FullyConnected,
    "fully connected, 76 and 24": lambda: FullyConnected(76, 24),
    "LeNet, weights not shared": unshared_lenet,
    "LeNet": LeNet,
    "LeNet, pixels in disorder": lambda: Prepared(LeNet(), permuted),
    "LeNet, one of four kept": lambda: LeNet(pooling=Corner),
    "LeNet, largest of four": lambda: LeNet(pooling=nn.MaxPool2d),
    "LeNet, padded": padded_lenet,
    "LeNet, mean of all places": AnywhereLeNet,
    "LeNet, largest of all places": lambda: AnywhereLeNet(most=True),
}
MOVED = ("fully connected, 300 and 100", "LeNet", "LeNet, mean of all places")
"""Those that are trained on moved digits, too."""
VARIANTS = {
    **{name: Variant(make) for name, make in NETWORKS.items()},
    **{f"{name}; trained on shifts": Variant(NETWORKS[name], 4) for name in MOVED},
}


def row_of(variant: Variant, seed: int, steps: int = STEPS) -> Row:
    """Weights, the rate that was chosen, errors, and what is read right by shift."""
    train, dev, test = (digits.load(split) for split in digits.SPLITS)
    best: tuple[float, float, nn.Module] | None = None
    for rate in RATES:
        torch.manual_seed(seed)
        model = variant.make()
        training.fit(
            model,
            digit_batches(train, seed, most=variant.most),
            digit_loss,
            steps=steps,
            learning_rate=rate,
            seed=seed,
        )
        error = misread(model, dev)
        if best is None or error < best[0]:
            best = error, rate, model
    error, rate, model = best
    return {
        "weights": sum(weight.numel() for weight in model.parameters()),
        "rate": rate,
        "dev": round(error, 4),
        "test": round(misread(model, test), 4),
        "right by shift": rounded(by_shift(model, test, MOST)),
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
        seeds: of the weights, of the order of the digits and of their shifts.
        variants: by name.
        only: names of those that are run, see `run_all`; by default all are.
    """
    told = {
        "recipe": "lecture_utils.recipes.shifted_digits",
        **provenance(),
        "tested_on": "5,000 test digits, moved right, left, down and up; the mean of the four",
    }
    return run_all(
        output / "shifted-digits.json",
        told,
        tuple(variants),
        seeds,
        lambda name, seed: row_of(variants[name], seed),
        only,
    )


if __name__ == "__main__":
    command_line(run, __doc__)
