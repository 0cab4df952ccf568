"""A mask over channels and places where both could choose, and what it is about it that helps.

    python -m lecture_utils.recipes.two_branches

Every network reads the digit that the square's colour means, among fragments in the same colours.
All see the same scenes in the same order, for as many steps, and differ in what joins their places.
The development scenes choose among the weights of a training, the test scenes judge. Of a trained
network with a mask, branches are switched off, the mask is frozen or exchanged, the rule by which
the branches are combined is changed. Writes ``two-branches.json``; takes about ten minutes on one
CPU core.
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
    placed,
    with_branch_off,
    with_rule,
    without,
)
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.models.senet import SqueezeExcitation
from lecture_utils.models.senet_controls import Added
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.chosen_places import asked, chosen, masks_of, right_with, scenes_of
from lecture_utils.tasks.digit_reading import digit_batches, digit_loss
from lecture_utils.tasks.same_different import class_activation, localised, right

CHANNELS, RATIO = 24, 4
STEPS, BATCH, RATE = 700, 32, 0.01
"""Steps, scenes in a batch, and the highest learning rate."""
SCENES = {"train": 10_000, "dev": 1_000, "test": 2_000}
LOOKED = 300
"""Scenes of which the maps are scored."""


def bam(channels: int = CHANNELS, norms: str = "hidden", **options: Any) -> BAM:
    """A module of the recipe: the paper's sum, norms where the released code has them."""
    return BAM(channels, RATIO, norms=norms, **options)


def _net(middle: nn.Module) -> PlaceNet:
    return PlaceNet(middle, CHANNELS, classes=10, colours=3)


VARIANTS: dict[str, Callable[[], PlaceNet]] = {
    "sum": lambda: _net(bam()),
    "plain": lambda: _net(nn.Identity()),
    "channel": lambda: _net(without(bam(), "spatial")),
    "spatial": lambda: _net(without(bam(), "channel")),
    "product": lambda: _net(bam(combine="product")),
    "added": lambda: _net(Added(bam().gate)),
    "times": lambda: _net(SqueezeExcitation(bam().gate)),
    "dilated layers": lambda: _net(DilatedBlock(CHANNELS, RATIO)),
    "norms at the end": lambda: _net(bam(norms="end")),
    "dilation 1": lambda: _net(bam(dilation=1)),
    "spatial, dilation 1": lambda: _net(without(bam(dilation=1), "channel")),
    "both bottlenecks": lambda: placed(_net(bam()), {0: bam(8)}),
    "every layer": lambda: placed(_net(bam()), {0: bam(8), 1: bam()}),
}
"""What makes each network."""

MASKED = ("sum", "channel", "spatial", "product", "times", "norms at the end")
"""Those with one mask, which is looked into."""


def maps_scored(model: PlaceNet, split: str) -> Row:
    """How well mask and class activation tell the ink of the digit that is meant."""
    made = scenes_of(split, LOOKED, seed=1)
    maps = {"activation": class_activation(model, made.images)}
    mask = masks_of(model, made.images)
    if mask.shape[-1] > 1:
        maps["mask"] = mask.mean(dim=1)
    return {name: localised(found, made.masks) for name, found in maps.items()} | {
        f"{name} chooses": chosen(found, made) for name, found in maps.items()
    }


def looked_into(model: PlaceNet) -> Row:
    """What a trained network answers when its mask is another, and where the mask lies."""
    dev, test = asked("dev", SCENES["dev"]), asked("test", SCENES["test"])
    masks = masks_of(model, test.images)
    mean = masks_of(model, dev.images).mean(dim=0, keepdim=True).expand_as(masks)
    return {
        "frozen": right_with(model, test, mean),
        "another picture's": right_with(model, test, masks.roll(1, dims=0)),
        "maps": maps_scored(model, "test"),
        "mask": {"mean": masks.mean().item(), "spread": masks.std().item()},
    }


def changed(model: PlaceNet) -> Row:
    """What a trained sum answers with a branch off, and by the other rule."""
    test = asked("test", SCENES["test"])
    off = {f"{name} off": right(with_branch_off(model, name), test) for name in BRANCHES}
    return {**off, "by the product": right(with_rule(model, "product"), test)}


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
        steps=steps,
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
    row |= looked_into(model) if name in MASKED else {}
    return rounded(row | (changed(model) if name == "sum" else {}))


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
