"""One network, three tasks, four kinds of attention: what each reads right, and where it looks.

    python -m lecture_utils.recipes.three_tasks

The network is the same everywhere, features of windows and the mean of their judgements; only what
stands in its middle differs. On each task all see the same scenes in the same order, for as many
steps at one rate. The development scenes choose among the weights of a training, the test scenes
judge. Maps are scored on the ink of what matters. Three more say what is lacking on the cue: time,
or gates nearer to the picture. Writes ``three-tasks.json``; takes about twelve minutes on one CPU
core.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.data import scenes
from lecture_utils.data.digits import Digits
from lecture_utils.models.bam import BAM
from lecture_utils.models.non_local import NonLocal
from lecture_utils.models.place_net import STEP, PlaceNet
from lecture_utils.models.residual_attention import Attended, SoftMask
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.recording import record
from lecture_utils.tasks.cued_digits import who_looks_where
from lecture_utils.tasks.digit_reading import digit_batches, digit_loss
from lecture_utils.tasks.same_different import (
    CLASSES,
    addresses_of,
    class_activation,
    localised,
    received,
    right,
)

CHANNELS = 24
STEPS, RATE = 400, 0.01
"""Batches of 64, and the highest learning rate."""
SCENES = {"train": 10_000, "dev": 1_000, "test": 2_000}
LOOKED = 300
"""Scenes of which the maps are scored."""

MIDDLES: dict[str, Callable[[], nn.Module]] = {
    "plain": nn.Identity,
    "SE": lambda: SqueezeExcitation(ChannelGate(CHANNELS, ratio=1)),
    "BAM": lambda: BAM(CHANNELS, ratio=4),
    "RAN": lambda: Attended(nn.Identity(), SoftMask(CHANNELS, downs=2)),
    "non-local": lambda: NonLocal(CHANNELS),
}
"""What joins places, or weighs them; of (1 + M) T the trunk T is nothing."""


@dataclass(frozen=True)
class Variant:
    """One network and its training.

    Attributes:
        task: one of `scenes.TASKS`.
        name: of its middle.
        below: whether a gate of squeeze and excitation stands behind each layer below, too.
        longer: times as many steps.
    """

    task: str
    name: str
    below: bool = False
    longer: int = 1


VARIANTS = {
    **{f"{task}, {name}": Variant(task, name) for task in scenes.TASKS for name in MIDDLES},
    "cue, SE, twice as long": Variant("cue", "SE", longer=2),
    "cue, non-local, twice as long": Variant("cue", "non-local", longer=2),
    "cue, SE behind every layer": Variant("cue", "SE", below=True),
}


def scenes_of(task: str, split: str, count: int, seed: int = 0) -> scenes.Scenes:
    """Scenes; those that are compared are of four classes."""
    return scenes.load(task, split, count, seed, CLASSES if task == "same" else ())


def asked(task: str, split: str) -> Digits:
    """Pictures, and what is to be answered."""
    made = scenes_of(task, split, SCENES[split])
    return Digits(made.images, made.labels)


def network(task: str, name: str, below: bool = False) -> PlaceNet:
    """The network of a task, with something in its middle; `below` as of a `Variant`."""
    classes = 2 if task == "same" else 10
    net = PlaceNet(MIDDLES[name](), CHANNELS, classes, colours=scenes.SIZES[task][0])
    for layer in net.below if below else ():
        layer.append(SqueezeExcitation(ChannelGate(layer[0].out_channels, ratio=1)))
    return net


@torch.no_grad()
def looks(model: PlaceNet, images: Tensor) -> Tensor | None:
    """The one number that the middle gives each place (B, h, w), where it gives any.

    Of a mask the mean over its channels, of an address what a place receives in the mean.
    """
    model.eval()
    with record(model) as reads:
        model(images)
    size = tuple(side // STEP for side in images.shape[-2:])
    for weights in reads.values():
        if weights.ndim == 3:
            return received(weights, size)
        if weights.shape[-2:] == size:
            return weights.mean(dim=1)
    return None


def scored(model: PlaceNet, task: str) -> dict[str, float]:
    """How well class activation, and the map of the attention, tell the ink of what matters."""
    made = scenes_of(task, "test", LOOKED, seed=1)
    maps = {"activation": class_activation(model, made.images), "map": looks(model, made.images)}
    return {name: localised(found, made.masks) for name, found in maps.items() if found is not None}


def asks(model: PlaceNet) -> dict[str, dict[str, float]]:
    """Of scenes with a cue: who looks where, by an address."""
    made = scenes_of("cue", "test", LOOKED, seed=1)
    size = tuple(side // STEP for side in made.images.shape[-2:])
    return who_looks_where(addresses_of(model, made.images), made, size)


def trained(
    variant: Variant, seed: int = 0, steps: int = STEPS
) -> tuple[PlaceNet, training.History]:
    """The network of a variant; the development scenes choose its weights."""
    torch.manual_seed(seed)
    task = variant.task
    model, dev = network(task, variant.name, variant.below), asked(task, "dev")
    history = training.fit(
        model,
        digit_batches(asked(task, "train"), seed),
        digit_loss,
        steps=variant.longer * steps,
        learning_rate=RATE,
        evaluate=lambda model: {"right": right(model, dev)},
        eval_every=50,
        seed=seed,
        label=variant.name,
    )
    return model, history


def row_of(name: str, seed: int, steps: int = STEPS) -> Row:
    """Weights, CPU seconds, the learning curve, what is right, and the maps' scores."""
    task = VARIANTS[name].task
    model, history = trained(VARIANTS[name], seed, steps)
    row = {
        "weights": sum(weight.numel() for weight in model.parameters()),
        "CPU seconds": history.seconds,
        "curve": [[one["step"], one["right"]] for one in history.scores],
        "right": right(model, asked(task, "test")),
        "maps": scored(model, task),
    }
    if isinstance(model.middle, NonLocal) and task == "cue":
        row["asks"] = asks(model)
    return rounded(row)


def run(output: Path, seeds: Sequence[int] = (0, 1, 2), only: Sequence[str] = ()) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the weights and of the order of the scenes.
        only: names of those that are run, see `run_all`; by default all are.
    """
    told = {
        "recipe": "lecture_utils.recipes.three_tasks",
        **provenance(),
        "tested_on": "2,000 test scenes of each task, of test digits",
    }
    return run_all(output / "three-tasks.json", told, tuple(VARIANTS), seeds, row_of, only)


if __name__ == "__main__":
    command_line(run, __doc__)
