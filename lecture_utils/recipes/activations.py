"""ReLU against tanh: how many times LeNet must see all digits until it has learnt them.

    python -m lecture_utils.recipes.activations

As in figure 1 of Krizhevsky et al. 2012: no regularisation, a rate of its own for each kind of
unit, and the count of epochs to a fixed error on the digits that train. Every kind is tried at
every rate, from one seed; the rate whose error on the development digits is the lowest, on average
over the training, trains from three others. Writes ``activations.json``; takes about five minutes
on one CPU core.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.data import digits
from lecture_utils.data.digits import Digits
from lecture_utils.models.lenet import LeNet
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.digit_reading import digit_batches, digit_loss, misread

Start = Callable[[Tensor], Tensor]
UNITS: dict[str, tuple[type[nn.Module], Start | None]] = {
    "ReLU": (nn.ReLU, None),
    "tanh": (nn.Tanh, None),
    "ReLU, He's start": (nn.ReLU, nn.init.kaiming_normal_),
    "tanh, Glorot's start": (nn.Tanh, nn.init.xavier_normal_),
}
"""A kind of unit, and what makes its first weights, with biases of 0; None: as torch does."""
RATES = (0.02, 0.05, 0.1, 0.2, 0.4)
"""Of gradient descent with momentum 0.9, constant."""
EPOCH = 156
"""Steps: batches of 64 of 10,000 digits."""
EPOCHS, LOOKS = 4, 4
"""How long a training is at most, and how often in an epoch the error is looked at."""
LEVELS = (0.25, 0.1, 0.05)
"""Errors on the digits that train, to which epochs are counted."""
TUNING = 10
"""Seed of the trainings that choose the rate."""


def begun(unit: str) -> LeNet:
    """LeNet with one of `UNITS`, and its first weights."""
    activation, start = UNITS[unit]
    model = LeNet(activation)
    for layer in model.modules():
        if start is not None and isinstance(layer, nn.Conv2d | nn.Linear):
            start(layer.weight)
            nn.init.zeros_(layer.bias)
    return model


def curve(unit: str, rate: float, seed: int, judged: Digits, steps: int) -> list[float]:
    """The error on the digits `judged`, `LOOKS` times an epoch, of one training."""
    train = digits.load("train")
    torch.manual_seed(seed)
    model = begun(unit)
    history = training.fit(
        model,
        digit_batches(train, seed),
        digit_loss,
        steps=steps,
        learning_rate=rate,
        lr_schedule=lambda step: 1.0,
        optimizer=lambda weights, lr: torch.optim.SGD(weights, lr, momentum=0.9),
        clip=1e9,
        evaluate=lambda m: {"right": 1 - misread(m, judged)},
        eval_every=EPOCH // LOOKS,
        seed=seed,
        label=f"{unit}, {rate}",
    )
    return [1 - right for right in history.curve("right")[1]]


def epochs_to(errors: Sequence[float], level: float) -> float | None:
    """Epochs until the error was at most `level`; None where it never was."""
    return next((k / LOOKS for k, error in enumerate(errors, 1) if error <= level), None)


def chosen(unit: str, steps: int) -> tuple[float, dict[str, list[float]]]:
    """The rate that brings the development error down fastest, and the curve of every rate."""
    tried: dict[float, list[float]] = {}
    for rate in RATES:
        try:
            tried[rate] = curve(unit, rate, TUNING, digits.load("dev"), steps)
        except ValueError:  # the loss is not finite
            tried[rate] = [1.0]
    best = min(RATES, key=lambda rate: sum(tried[rate]) / len(tried[rate]))
    return best, {str(rate): rounded(errors) for rate, errors in tried.items()}


def run(
    output: Path, seeds: Sequence[int] = (0, 1, 2), steps: int = EPOCHS * EPOCH
) -> dict[str, Any]:
    """Choose a rate for every unit, train from every seed, write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the weights and of the order of the digits.
        steps: of a training.
    """
    rates = {unit: chosen(unit, steps) for unit in UNITS}
    told = {
        "recipe": "lecture_utils.recipes.activations",
        **provenance(),
        "tested_on": "the 10,000 digits that train; the rate was chosen on 1,000 others",
        "rates": {unit: rate for unit, (rate, _) in rates.items()},
        "tried": {unit: tried for unit, (_, tried) in rates.items()},
    }

    def row(unit: str, seed: int) -> Row:
        errors = curve(unit, rates[unit][0], seed, digits.load("train"), steps)
        counted = {f"{level:.0%}": epochs_to(errors, level) for level in LEVELS}
        return {"epochs to": counted, "curve": rounded(errors)}

    return run_all(output / "activations.json", told, tuple(UNITS), seeds, row)


if __name__ == "__main__":
    command_line(run, __doc__)
