"""A mask over channels and places where both could choose, and what it is about it that helps.

    python -m lecture_utils.recipes.two_branches

Every network reads the digit that the square's colour means, among fragments in the same colours.
All see the same scenes in the same order, for as many steps, and differ in what joins their places;
two without a mask are trained three times as long, too. The development scenes choose among the
weights of a training, the test scenes judge. Of a trained network with a mask, branches are
switched off or held at their mean, the mask is frozen or exchanged, the rule by which the branches
are combined is changed. Writes ``two-branches.json``; takes about half an hour on one CPU core.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lecture_utils import training
from lecture_utils.models.bam import BAM
from lecture_utils.models.bam_controls import (
    BRANCHES,
    DilatedBlock,
    with_branch_at_mean,
    with_branch_off,
    with_rule,
    without,
)
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.models.senet import SqueezeExcitation
from lecture_utils.models.senet_controls import Added
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.chosen_places import (
    GATES,
    RATIO,
    asked,
    chosen,
    fragment_net,
    masks_of,
    right_with,
    scenes_of,
)
from lecture_utils.tasks.digit_reading import digit_batches, digit_loss
from lecture_utils.tasks.same_different import class_activation, localised, right

STEPS, BATCH, RATE = 700, 32, 0.01
"""Steps, scenes in a batch, and the highest learning rate."""
SCENES = {"train": 10_000, "dev": 1_000, "test": 2_000}
LOOKED = 300
"""Scenes of which the maps are scored."""


def bam(channels: int, norms: str = "hidden", **options: Any) -> BAM:
    """A module of the recipe: the paper's sum, norms where the released code has them."""
    return BAM(channels, RATIO, norms=norms, **options)


VARIANTS: dict[str, Callable[[], PlaceNet]] = {
    "sum": lambda: fragment_net(bam),
    "plain": fragment_net,
    "channel": lambda: fragment_net(lambda C: without(bam(C), "spatial")),
    "spatial": lambda: fragment_net(lambda C: without(bam(C), "channel")),
    "product": lambda: fragment_net(lambda C: bam(C, combine="product")),
    "added": lambda: fragment_net(lambda C: Added(bam(C).gate)),
    "times": lambda: fragment_net(lambda C: SqueezeExcitation(bam(C).gate)),
    "dilated layers": lambda: fragment_net(lambda C: DilatedBlock(C, RATIO)),
    "norms at the end": lambda: fragment_net(lambda C: bam(C, norms="end")),
    "plain, longer": fragment_net,
    "dilated layers, longer": lambda: fragment_net(lambda C: DilatedBlock(C, RATIO)),
    "dilation 2": lambda: fragment_net(lambda C: bam(C, dilation=2)),
    "dilation 1": lambda: fragment_net(lambda C: bam(C, dilation=1)),
    "spatial, dilation 1": lambda: fragment_net(lambda C: without(bam(C, dilation=1), "channel")),
    "one module": lambda: fragment_net(bam, behind=(2,)),
    "first module alone": lambda: fragment_net(bam, behind=(0,)),
    "one module, times": lambda: fragment_net(
        lambda C: SqueezeExcitation(bam(C).gate), behind=(2,)
    ),
    "every layer": lambda: fragment_net(bam, behind=(0, 1, 2)),
}
"""What makes each network; a module stands behind both bottlenecks where nothing else is said."""

LONGER = 3
"""How many times the steps of a variant are that is called "longer"."""

CHANGED = ("sum", "product")
"""Those whose masks are looked into and changed."""


def maps_scored(model: PlaceNet, split: str) -> Row:
    """How well class activation, and the mean over a mask's channels, tell what is meant.

    On the ink of the digit that is meant, and against the other digit.
    """
    made = scenes_of(split, LOOKED, seed=1)
    maps = {"activation": class_activation(model, made.images)} | {
        name: mask.mean(dim=1) for name, mask in masks_of(model, made.images).items()
    }
    return {name: localised(found, made.masks) for name, found in maps.items()} | {
        f"{name} chooses": chosen(found, made) for name, found in maps.items()
    }


def looked_into(model: PlaceNet) -> Row:
    """Where the masks of a trained network lie, and what it answers when they are others."""
    dev, test = asked("dev", SCENES["dev"]), asked("test", SCENES["test"])
    masks, seen = masks_of(model, test.images), masks_of(model, dev.images)
    mean = {name: mask.mean(dim=0, keepdim=True) for name, mask in seen.items()}
    frozen = {name: mean[name].expand_as(mask) for name, mask in masks.items()}
    others = {name: mask.roll(1, dims=0) for name, mask in masks.items()}
    branches = BRANCHES if model.middle.gate.combine == "sum" else ()  # a product would be 0
    off = {f"{name} off": right(with_branch_off(model, name), test) for name in branches}
    which = {"": GATES} | {f", {gate}": (gate,) for gate in GATES}
    held = {
        f"{name} at its mean{told}": right(
            with_branch_at_mean(model, name, dev.images, gates), test
        )
        for name in branches
        for told, gates in which.items()
    }
    rules = {f"by the {rule}": right(with_rule(model, rule), test) for rule in ("sum", "product")}
    return {
        "frozen": right_with(model, test, frozen),
        "another picture's": right_with(model, test, others),
        "maps": maps_scored(model, "test"),
        **rules,
        **off,
        **held,
    }


def row_of(name: str, seed: int, steps: int = STEPS) -> Row:
    """Weights, the learning curve, the part of the test that is right, and where it looks."""
    torch.manual_seed(seed)
    model, dev = VARIANTS[name](), asked("dev", SCENES["dev"])

    def evaluate(model: nn.Module) -> Row:
        return {"right": right(model, dev), **(maps_scored(model, "dev") if name == "sum" else {})}

    history = training.fit(
        model,
        digit_batches(asked("train", SCENES["train"]), seed, BATCH),
        digit_loss,
        steps=steps * (LONGER if name.endswith("longer") else 1),
        learning_rate=RATE,
        evaluate=evaluate,
        eval_every=50,
        seed=seed,
    )
    row = {
        "weights": sum(weight.numel() for weight in model.parameters()),
        "right": right(model, asked("test", SCENES["test"])),
        "curve": history.scores,
    }
    return rounded(row | (looked_into(model) if name in CHANGED else {}))


def run(output: Path, seeds: Sequence[int] = (0, 1, 2), only: Sequence[str] = ()) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the weights and of the order of the scenes.
        only: names of those that are run, see `run_all`; by default all are.
    """
    told = {
        "recipe": "lecture_utils.recipes.two_branches",
        **provenance(),
        "tested_on": "2,000 test scenes, of test digits",
    }
    return run_all(output / "two-branches.json", told, tuple(VARIANTS), seeds, row_of, only)


if __name__ == "__main__":
    command_line(run, __doc__)
