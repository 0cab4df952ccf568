"""Six modules with a soft mask, one behind the other: what is left of what comes in, and learning.

    python -m lecture_utils.recipes.stacked_masks

Every network reads single digits, in as many steps, and has six modules on its places: attention
residual learning, naive attention learning, the naive one times two, or no masks; and the first two
without batch norms in the modules. Before a training it is measured what is left of the places in
what the modules give: the mean size, and the correlation with what came in. The development digits
choose among the weights of a training, the test digits judge. Writes ``stacked-masks.json``; takes
about five minutes on one CPU core.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lecture_utils import training
from lecture_utils.data import digits
from lecture_utils.data.digits import Digits
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.models.residual_attention import attention_module
from lecture_utils.models.residual_attention_controls import Doubled
from lecture_utils.models.resnet_controls import without_norms
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.digit_reading import digit_batches, digit_loss
from lecture_utils.tasks.same_different import right
from lecture_utils.tasks.soft_masks import kept

CHANNELS, MODULES = 16, 6
STEPS, RATE = 150, 0.01
"""Batches of 64, and the highest learning rate."""
CHOOSING = 1_000
"""Development digits."""


def module(naive: bool = False) -> nn.Sequential:
    """A small one: a unit before, one in the trunk, an hourglass halved once, a unit behind."""
    return attention_module(CHANNELS, 1, naive=naive, t=1)


def doubled() -> nn.Sequential:
    """The same with 2 M T in the place of (1 + M) T."""
    made = module()
    made[1] = Doubled(made[1].trunk, made[1].mask)
    return made


def bare() -> nn.Sequential:
    """The same without the mask."""
    made = module()
    made[1] = made[1].trunk
    return made


VARIANTS: dict[str, tuple[Callable[[], nn.Sequential], bool]] = {
    "residual": (module, True),
    "naive": (lambda: module(naive=True), True),
    "naive, doubled": (doubled, True),
    "no masks": (bare, True),
    "residual, no norms": (module, False),
    "naive, no norms": (lambda: module(naive=True), False),
}
"""What makes each module, and whether it keeps its batch norms."""


def stacked(name: str, seed: int) -> PlaceNet:
    """The network of a variant, not trained."""
    make, norms = VARIANTS[name]
    torch.manual_seed(seed)
    modules = nn.Sequential(*(make() for _ in range(MODULES)))
    return PlaceNet(modules if norms else without_norms(modules), CHANNELS, classes=10)


def row_of(name: str, seed: int, steps: int = STEPS) -> Row:
    """What passes before the training, the learning curve, and how many digits are read right.

    Args:
        name: of the variant.
        seed: of the weights and of the order of the digits.
        steps: of the training.
    """
    seen, dev = digits.load("train"), digits.load("dev")
    dev = Digits(dev.images[:CHOOSING], dev.digits[:CHOOSING])
    passed = kept(stacked(name, seed), seen.images[:64])
    model = stacked(name, seed)
    history = training.fit(
        model,
        digit_batches(seen, seed),
        digit_loss,
        steps=steps,
        learning_rate=RATE,
        optimizer=torch.optim.AdamW,
        evaluate=lambda net: {"right": right(net, dev)},
        eval_every=25,
        seed=seed,
    )
    return {
        "weights": sum(weight.numel() for weight in model.parameters()),
        "before training": {key: [round(v, 4) for v in values] for key, values in passed.items()},
        "right": round(right(model, digits.load("test")), 4),
        "loss": rounded(sum(history.losses[-20:]) / len(history.losses[-20:])),
        "curve": [[one["step"], rounded(one["right"])] for one in history.scores],
    }


def run(output: Path, seeds: Sequence[int] = (0, 1, 2), only: Sequence[str] = ()) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the weights and of the order of the digits.
        only: names of those that are run, see `run_all`; by default all are.
    """
    told = {
        "recipe": "lecture_utils.recipes.stacked_masks",
        **provenance(),
        "tested_on": "the 5,000 test digits",
    }
    return run_all(output / "stacked-masks.json", told, tuple(VARIANTS), seeds, row_of, only)


if __name__ == "__main__":
    command_line(run, __doc__)
