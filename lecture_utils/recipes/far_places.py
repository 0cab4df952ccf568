"""Non-local blocks where distant places have to be compared, and what it is about them that helps.

    python -m lecture_utils.recipes.far_places

Every network says of two digits far apart whether they are of one class. All see the same scenes
in the same order, for as many steps, and differ in what stands in their middle. The development
scenes choose among the weights of a training, the test scenes judge. Maps are scored on the ink of
the two digits. Two networks read single digits, where nothing far away matters. Writes
``far-places.json``; takes about half an hour on one CPU core.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lecture_utils import training
from lecture_utils.addressing import Dot
from lecture_utils.data import digits, scenes
from lecture_utils.data.digits import Digits
from lecture_utils.models.non_local import PAIRWISE, NonLocal, addresses
from lecture_utils.models.non_local_controls import (
    Even,
    Itself,
    MeanQuery,
    OneQuery,
    addressed,
    wide,
    with_address,
    with_hidden_layer,
    with_mean_query,
)
from lecture_utils.models.place_net import STEP, PlaceNet
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.scores import share_of_queries
from lecture_utils.tasks.digit_reading import digit_batches, digit_loss
from lecture_utils.tasks.same_different import (
    CLASSES,
    OTHERS,
    addresses_of,
    apart,
    asked,
    class_activation,
    localised,
    looks,
    received,
    right,
)

CHANNELS = 24
STEPS, READING_STEPS, RATE = 800, 300, 0.01
"""Batches of 64 that compare, and that read single digits; the highest learning rate."""
SCENES = {"train": 20_000, "dev": 1_000, "test": 2_000}
LOOKED = 300
"""Scenes of which the maps are scored."""


def _pairs(middle: Callable[[], nn.Module]) -> Callable[[], PlaceNet]:
    return lambda: PlaceNet(middle(), CHANNELS)


COMPARING: dict[str, Callable[[], PlaceNet]] = {
    **{name: _pairs(lambda name=name: NonLocal(CHANNELS, name)) for name in PAIRWISE},
    "itself": _pairs(lambda: addressed(NonLocal(CHANNELS), Itself())),
    "even": _pairs(lambda: addressed(NonLocal(CHANNELS), Even())),
    "gate": _pairs(lambda: SqueezeExcitation(ChannelGate(CHANNELS, ratio=1))),
    "wide": _pairs(lambda: wide(CHANNELS)),
    "hidden layer": lambda: with_hidden_layer(PlaceNet(nn.Identity(), CHANNELS)),
    "asks by the mean": _pairs(lambda: addressed(NonLocal(CHANNELS), MeanQuery(Dot()))),
    "asks by the mean, begun otherwise": _pairs(  # the more that is made draws other first weights
        lambda: addressed(NonLocal(CHANNELS), MeanQuery(addresses(CHANNELS // 2)["embedded"]))
    ),
    "one query for all": _pairs(lambda: addressed(NonLocal(CHANNELS), OneQuery(CHANNELS // 2))),
}
"""Networks that compare two digits."""

LONGER = {f"{name}, three times as long": name for name in ("embedded", "gate")}
"""The same, in three times as many steps."""

COMPARING |= {longer: COMPARING[name] for longer, name in LONGER.items()}

READING: dict[str, Callable[[], PlaceNet]] = {
    "digits, embedded": lambda: PlaceNet(NonLocal(CHANNELS), CHANNELS, classes=10),
    "digits, itself": lambda: PlaceNet(
        addressed(NonLocal(CHANNELS), Itself()), CHANNELS, classes=10
    ),
}
"""Networks that read single digits."""

ADDRESSED = (*PAIRWISE, "even")
"""Networks whose addresses are looked at."""


def data_of(name: str, split: str) -> Digits:
    """What a network sees: scenes, or the digits themselves."""
    return digits.load(split) if name in READING else asked(split, SCENES[split])


def maps_scored(model: PlaceNet, split: str) -> Row:
    """How well the weight that a place receives, and the class activation, tell the ink."""
    made = scenes.load("same", split, LOOKED, seed=1, classes=CLASSES)
    size = tuple(side // STEP for side in made.images.shape[-2:])
    weights = addresses_of(model, made.images)
    activation = class_activation(model, made.images)
    maps = {
        "received": received(weights, size),
        "apart": apart(weights, size),
        "activation": activation,
        "activation, size": activation.abs(),
    }
    return {name: localised(found, made.masks) for name, found in maps.items()}


def looked_into(model: PlaceNet, test: Digits) -> Row:
    """Where a trained network looks, and what it loses if all its places ask alike."""
    made = scenes.load("same", "test", LOOKED, seed=1, classes=CLASSES)
    size = tuple(side // STEP for side in made.images.shape[-2:])
    weights = addresses_of(model, made.images)
    return {
        "maps": maps_scored(model, "test"),
        "looks": looks(weights, made.masks, size),
        "share of queries": share_of_queries(weights).mean().item(),
        "below zero": (weights < 0).float().mean().item(),
        "greatest": weights.amax(dim=-1).mean().item(),
        "sum": weights.sum(dim=-1).mean().item(),
        "mean query": right(with_mean_query(model), test),
        "even": right(with_address(model, Even()), test),
    }


def row_of(name: str, seed: int, steps: int = 0) -> Row:
    """Weights, the learning curve, the part of the test that is right, and where it looks.

    Args:
        name: of the variant.
        seed: of the weights and of the order of the scenes.
        steps: of the training; 0 for those of the recipe.
    """
    steps = steps or (READING_STEPS if name in READING else STEPS * (3 if name in LONGER else 1))
    torch.manual_seed(seed)
    model = {**COMPARING, **READING}[name]()
    dev, test = data_of(name, "dev"), data_of(name, "test")
    others = asked("test", SCENES["test"], classes=OTHERS)

    def evaluate(model: nn.Module) -> Row:
        scored = maps_scored(model, "dev") if name in PAIRWISE else {}
        return {"right": right(model, dev), **scored}

    history = training.fit(
        model,
        digit_batches(data_of(name, "train"), seed),
        digit_loss,
        steps=steps,
        learning_rate=RATE,
        evaluate=evaluate,
        eval_every=100,
        seed=seed,
    )
    row = {
        "weights": sum(weight.numel() for weight in model.parameters()),
        "right": right(model, test),
        **({} if name in READING else {"others": right(model, others)}),
        "loss": sum(history.losses[-20:]) / len(history.losses[-20:]),
        "best": history.best,
        "curve": history.scores,
    }
    return rounded(row | (looked_into(model, test) if name in ADDRESSED else {}))


def run(output: Path, seeds: Sequence[int] = (0, 1, 2), only: Sequence[str] = ()) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the weights and of the order of the scenes.
        only: names of those that are run, see `run_all`; by default all are.
    """
    told = {
        "recipe": "lecture_utils.recipes.far_places",
        **provenance(),
        "tested_on": "2,000 test scenes of test digits; of single digits the 5,000 test digits",
    }
    names = (*COMPARING, *READING)
    return run_all(output / "far-places.json", told, names, seeds, row_of, only)


if __name__ == "__main__":
    command_line(run, __doc__)
