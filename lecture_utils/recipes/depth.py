"""What depth costs a plain net, and not a residual one: depths, controls, and what each block does.

    python -m lecture_utils.recipes.depth

Every network has 8, 16 and 32 maps in its three stages and trains on the same 10,000 digits of
MNIST, halved to 14 x 14 pixels, by gradient descent with momentum; judged is the error on the very
digits that train. The controls change one thing of the deepest. After the training of some, blocks
are left out, put into another order, or lose their shortcut; the development digits judge that.
Writes ``depth.json``; takes about twenty minutes on one CPU core.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lecture_utils import training
from lecture_utils.data import digits
from lecture_utils.models import resnet_controls as controls
from lecture_utils.models.resnet import ResNet, blocks, small_resnet
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.digit_reading import (
    Prepared,
    digit_batches,
    digit_loss,
    halved_in_three,
    misread,
)

WIDTH = 8
"""Maps of the first stage."""
STEPS, RATE = 200, 0.1
"""Batches of 64, and the highest learning rate."""
DEPTHS = (8, 20, 32, 44)
DRAWS = 5
"""Choices of the blocks that are left out together, of which the mean is told."""
SEEN = 256
"""Digits of which the gradient is looked at."""


@dataclass(frozen=True)
class Variant:
    """One network and its training.

    Attributes:
        depth: layers, 6 n + 2.
        around: the shortcut, see `lecture_utils.models.resnet.shortcut`.
        changed: what else differs in the network.
        rate: the highest learning rate.
        steps: of the training.
        taken_apart: whether blocks are left out after it.
    """

    depth: int
    around: str = "A"
    changed: Callable[[ResNet], ResNet] = lambda model: model
    rate: float = RATE
    steps: int = STEPS
    taken_apart: bool = False


DEEP = DEPTHS[-1]
VARIANTS = {
    **{f"plain, {n}": Variant(n, "none", taken_apart=n == 20) for n in DEPTHS},
    **{f"residual, {n}": Variant(n, taken_apart=n in (20, DEEP)) for n in DEPTHS},
    **{f"plain, {DEEP}, rate {rate:g}": Variant(DEEP, "none", rate=rate) for rate in (0.03, 0.3)},
    "plain, 8, three times as long": Variant(8, "none", steps=3 * STEPS),
    f"plain, {DEEP}, three times as long": Variant(DEEP, "none", steps=3 * STEPS),
    f"residual, {DEEP}, three times as long": Variant(DEEP, steps=3 * STEPS),
    f"plain, {DEEP}, begun as the identity": Variant(DEEP, "none", controls.begun_as_identity),
    f"residual, {DEEP}, begun at zero": Variant(DEEP, changed=controls.begun_at_zero),
    f"residual, {DEEP}, projections": Variant(DEEP, "B"),
    f"residual, {DEEP}, shortcut halved": Variant(DEEP, changed=controls.scaled),
    f"plain, {DEEP}, no norms": Variant(DEEP, "none", controls.without_norms, rate=0.01),
    f"residual, {DEEP}, no norms": Variant(DEEP, changed=controls.without_norms, rate=0.01),
    f"residual, {DEEP}, no norms, begun at zero": Variant(
        DEEP, changed=lambda model: controls.begun_at_zero(controls.without_norms(model)), rate=0.01
    ),
}


def gradients(model: nn.Module, seen: digits.Digits) -> list[float]:
    """The norm of the loss's gradient in the first weights of each block, from below, in training.

    The weights, and the running means and variances of the norms, are left as they were.
    """
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()
    model.zero_grad()
    digit_loss(model, (seen.images, seen.digits)).backward()
    norms = [block.conv1.weight.grad.norm().item() for block in blocks(model)]
    model.zero_grad()
    model.load_state_dict(kept)
    return [float(f"{norm:.3g}") for norm in norms]


def taken_apart(model: nn.Module, dev: digits.Digits, seed: int) -> dict[str, Any]:
    """The error on the development digits, with blocks left out, exchanged, or cut."""
    net, made = model.model, random.Random(seed)
    sizes = [len(getattr(net, name)) for name in net.names]
    whole = [[*range(size)] for size in sizes]

    def error(changed: ResNet) -> float:
        return misread(Prepared(changed, halved_in_three), dev)

    def without(gone: Sequence[tuple[int, int]]) -> float:
        kept = [[k for k in order if (i, k) not in gone] for i, order in enumerate(whole)]
        return error(controls.rearranged(net, kept))

    free = [(i, k) for i, order in enumerate(whole) for k in order[1:]]
    mixed = [[0, *made.sample(order[1:], len(order) - 1)] for order in whole]
    return rounded(
        {
            "whole": error(net),
            "without": [without([one]) for one in free],
            "without several": {
                str(n): sum(without(made.sample(free, n)) for _ in range(DRAWS)) / DRAWS
                for n in (2, 4, 8, 16)
                if n < len(free)
            },
            "another order": error(controls.rearranged(net, mixed)),
            "shortcuts cut": error(controls.cut(net)),
        }
    )


def row_of(variant: Variant, seed: int) -> Row:
    """Weights, errors, the loss, and the gradients before and after the training."""
    train, dev = digits.load("train"), digits.load("dev")
    torch.manual_seed(seed)
    net = small_resnet(variant.depth, around=variant.around, width=WIDTH)
    model = Prepared(variant.changed(net), halved_in_three)
    before = gradients(model, train.first(SEEN))
    try:
        history = training.fit(
            model,
            digit_batches(train, seed),
            digit_loss,
            steps=variant.steps,
            learning_rate=variant.rate,
            optimizer=lambda weights, lr: torch.optim.SGD(weights, lr, momentum=0.9),
            seed=seed,
        )
    except ValueError as broken:  # the loss is not finite
        return {"train": None, "told": str(broken), "gradients": {"before": before}}
    last = history.losses[-variant.steps // 10 :]
    row = {
        "weights": sum(weight.numel() for weight in model.parameters()),
        "train": round(misread(model, train), 4),
        "dev": round(misread(model, dev), 4),
        "loss": round(sum(last) / len(last), 4),
        "gradients": {"before": before, "after": gradients(model, train.first(SEEN))},
    }
    return row | ({"taken apart": taken_apart(model, dev, seed)} if variant.taken_apart else {})


def run(
    output: Path,
    seeds: Sequence[int] = (0, 1, 2),
    variants: dict[str, Variant] = VARIANTS,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the weights and of the order of the digits.
        variants: by name.
        only: names of those that are run, see `run_all`; by default all are.
    """
    told = {
        "recipe": "lecture_utils.recipes.depth",
        **provenance(),
        "tested_on": "train: the 10,000 digits that train; dev: 1,000 others",
    }
    return run_all(
        output / "depth.json",
        told,
        tuple(variants),
        seeds,
        lambda name, seed: row_of(variants[name], seed),
        only,
    )


if __name__ == "__main__":
    command_line(run, __doc__)
