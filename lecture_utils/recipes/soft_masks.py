"""An hourglass beside a trunk: what it is about its mask that helps, and what the mask lies on.

    python -m lecture_utils.recipes.soft_masks

Most networks say of two digits far apart whether they are of one class ("same"), some read a digit
among fragments of others ("clutter"), from labels that are all right or of which two in five are
wrong. Those of a task see the same scenes in the same order, for as many steps, unless the name
says otherwise, and differ in their middle. The development scenes choose among the weights of a
training, the test scenes judge. Masks are scored on the ink of what matters, and exchanged. Writes
``soft-masks.json``; takes about a quarter of an hour on one CPU core.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from lecture_utils import training
from lecture_utils.data import scenes
from lecture_utils.data.digits import Digits
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.models.residual_attention import Attended, SoftMask, units
from lecture_utils.models.residual_attention_controls import (
    AcrossChannels,
    AcrossPlaces,
    AddedScore,
    OneMap,
    local,
)
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.digit_reading import digit_batches, digit_loss
from lecture_utils.tasks.same_different import CLASSES, right
from lecture_utils.tasks.soft_masks import (
    CHANNELS,
    DOWNS,
    UNITS,
    answered_with,
    exchanged,
    maps_scored,
    masks_of,
    summed_up,
    with_wrong_labels,
)

STEPS = {"same": 300, "clutter": 400}
"""Batches of 64."""
RATE = 0.01
"""The highest learning rate."""
SCENES = {"train": 20_000, "dev": 1_000, "test": 2_000}
LOOKED = 300
"""Scenes of which the maps are scored."""
WRONG = 0.4
"""The part of the labels that is wrong, where some are."""


def _mask(kind: type[SoftMask] = SoftMask) -> SoftMask:
    return kind(CHANNELS, DOWNS)


def _attended(mask: SoftMask, kind: type[Attended] = Attended, **how: bool) -> nn.Module:
    return kind(units(CHANNELS, UNITS), mask, **how)


MIDDLES: dict[str, Callable[[], nn.Module]] = {
    "residual": lambda: _attended(_mask()),
    "naive": lambda: _attended(_mask(), naive=True),
    "added": lambda: _attended(_mask(), AddedScore),
    "local": lambda: _attended(local(_mask(), CHANNELS)),
    "one map": lambda: _attended(_mask(OneMap)),
    "across places": lambda: _attended(_mask(AcrossPlaces)),
    "across channels": lambda: _attended(_mask(AcrossChannels)),
    "plain": lambda: units(CHANNELS, UNITS + 6),
    "trunk": lambda: units(CHANNELS, UNITS),
}
"""What stands in the middle of a network; all but the trunk alone have about as many weights."""


class Variant(NamedTuple):
    """A training: its task, its middle, how many times as long, which part of labels is wrong."""

    task: str
    middle: str
    times: int = 1
    wrong: float = 0.0


VARIANTS = {
    **{name: Variant("same", name) for name in MIDDLES},
    "plain, three times as long": Variant("same", "plain", times=3),
    **{
        f"clutter, {name}{told}": Variant("clutter", name, wrong=wrong)
        for name in ("residual", "plain", "trunk")
        for told, wrong in (("", 0.0), (", wrong labels", WRONG))
    },
    **{
        f"clutter, {name}, twice as long": Variant("clutter", name, times=2)
        for name in ("residual", "trunk", "added")
    },
}


def made_for(task: str, split: str, count: int, seed: int = 0) -> scenes.Scenes:
    """Scenes of a task, with the classes that it has here."""
    return scenes.load(task, split, count, seed, CLASSES if task == "same" else ())


def data_of(variant: Variant, split: str) -> Digits:
    """What a network sees."""
    made = made_for(variant.task, split, SCENES[split])
    data = Digits(made.images, made.labels)
    return with_wrong_labels(data, variant.wrong) if split == "train" else data


def looked_into(model: PlaceNet, task: str) -> Row:
    """Where the mask lies on test scenes, and what is right with another one in its place."""
    made = made_for(task, "test", SCENES["test"])
    masks = masks_of(model, made.images)

    def right_with(other: torch.Tensor) -> float:
        said = answered_with(model, made.images, other)
        return (said == made.labels).float().mean().item()

    own, others = exchanged(model, made, masks)
    return {
        "maps": maps_scored(model, made_for(task, "test", LOOKED, seed=1)),
        "held": {name: right_with(part) for name, part in summed_up(masks).items()},
        "exchanged": {"right for the picture": own, "right for the mask": others},
        "mean": masks.mean().item(),
        "deviation over pictures": masks.std(dim=0).mean().item(),
    }


def row_of(name: str, seed: int, steps: int = 0) -> Row:
    """Weights, the learning curve, the part of the test that is right, and where it looks.

    Args:
        name: of the variant.
        seed: of the weights and of the order of the scenes.
        steps: of the training; 0 for those of the recipe.
    """
    variant = VARIANTS[name]
    torch.manual_seed(seed)
    model = PlaceNet(MIDDLES[variant.middle](), CHANNELS, 2 if variant.task == "same" else 10)
    dev, test = data_of(variant, "dev"), data_of(variant, "test")
    seen = made_for(variant.task, "dev", LOOKED, seed=1)
    told = name if variant.task == "same" else variant.middle
    looked = told in ("residual", "naive", "one map", "across places")

    def evaluate(model: nn.Module) -> Row:
        scored = maps_scored(model, seen) if told == "residual" else {}
        return {"right": right(model, dev), **scored}

    before = {"maps before training": maps_scored(model, seen)} if told == "residual" else {}
    history = training.fit(
        model,
        digit_batches(data_of(variant, "train"), seed),
        digit_loss,
        steps=steps or variant.times * STEPS[variant.task],
        learning_rate=RATE,
        optimizer=torch.optim.AdamW,
        evaluate=evaluate,
        eval_every=50,
        seed=seed,
    )
    row = {
        "weights": sum(weight.numel() for weight in model.parameters()),
        "right": right(model, test),
        "loss": sum(history.losses[-20:]) / len(history.losses[-20:]),
        "curve": history.scores,
        **before,
    }
    return rounded(row | (looked_into(model, variant.task) if looked else {}))


def run(output: Path, seeds: Sequence[int] = (0, 1, 2), only: Sequence[str] = ()) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the weights and of the order of the scenes.
        only: names of those that are run, see `run_all`; by default all are.
    """
    told = {
        "recipe": "lecture_utils.recipes.soft_masks",
        **provenance(),
        "tested_on": "2,000 test scenes of test digits",
    }
    return run_all(output / "soft-masks.json", told, tuple(VARIANTS), seeds, row_of, only)


if __name__ == "__main__":
    command_line(run, __doc__)
