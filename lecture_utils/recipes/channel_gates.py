"""Squeeze and excitation where channels have to be chosen, and what it is about it that helps.

    python -m lecture_utils.recipes.channel_gates

Every network reads the digit that the square's colour means, from the same 10,000 scenes in the
same order, for as many steps. The variants change one thing of the gate, or put other weights in
its place, about as many. The development scenes choose among the weights of a training, the test
scenes judge. Of a network with gates, the gates are frozen at means and read by a linear probe.
Writes ``channel-gates.json``; takes about twenty minutes on one CPU core.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lecture_utils import training
from lecture_utils.data import scenes
from lecture_utils.data.digits import Digits
from lecture_utils.models.resnet import ResNet
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation
from lecture_utils.models.senet_controls import (
    Added,
    NoSqueeze,
)
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.cued_digits import (
    RATIO,
    asked,
    colours,
    cue_net,
    frozen,
    gates_of,
    means_of,
    probe,
    share_between,
)
from lecture_utils.tasks.digit_reading import digit_batches, digit_loss, misread

STEPS, RATE = 800, 0.01
"""Batches of 64, and the highest learning rate."""
SCENES = {"train": 10_000, "dev": 1_000, "test": 2_000}

VARIANTS = {
    "gates": lambda: cue_net(lambda C: SqueezeExcitation(ChannelGate(C, RATIO))),
    "plain": lambda: cue_net(widths=(12, 25, 33)),
    "added": lambda: cue_net(lambda C: Added(ChannelGate(C, RATIO))),
    "no squeeze": lambda: cue_net(lambda C: SqueezeExcitation(NoSqueeze(C, RATIO))),
}
"""What makes each network."""


def right(model: nn.Module, data: Digits) -> float:
    """The part that is read right."""
    return 1 - misread(model, data)


def trained(net: ResNet, seed: int, steps: int = STEPS) -> training.History:
    """Train a network on the scenes; the development scenes choose its weights."""
    dev = asked("dev", SCENES["dev"])
    return training.fit(
        net,
        digit_batches(asked("train", SCENES["train"]), seed),
        digit_loss,
        steps=steps,
        learning_rate=RATE,
        optimizer=torch.optim.AdamW,
        evaluate=lambda model: {"right": right(model, dev)},
        eval_every=80,
        seed=seed,
    )


def looked_into(net: nn.Module) -> Row:
    """What the gates tell, and what is read when they are frozen.

    Means and probes are made from the development scenes, and judged on the test scenes.
    """
    made = {split: scenes.load("cue", split, SCENES["test"]) for split in ("dev", "test")}
    gates = {split: gates_of(net, some.images) for split, some in made.items()}
    groups = {
        split: {
            "all": torch.zeros_like(some.labels),
            "digit": some.labels,
            "colour": colours(some),
            "colour and digit": 10 * colours(some) + some.labels,
        }
        for split, some in made.items()
    }
    test = Digits(made["test"].images, made["test"].labels)

    def means(by: str) -> dict[str, torch.Tensor]:
        return {name: means_of(one, groups["dev"][by]) for name, one in gates["dev"].items()}

    every = {split: torch.cat([*parts.values()], dim=1) for split, parts in gates.items()}
    return {
        "frozen": {by: frozen(net, test, means(by), groups["test"][by]) for by in groups["test"]},
        "probe": {
            by: probe((every["dev"], groups["dev"][by]), (every["test"], groups["test"][by]))
            for by in ("digit", "colour")
        },
        "between": {
            name: {by: share_between(one, groups["test"][by]) for by in ("digit", "colour")}
            for name, one in gates["test"].items()
        },
    }


def row_of(name: str, seed: int) -> Row:
    """Weights, the learning curve, the part of the test scenes that is read right."""
    torch.manual_seed(seed)
    net = VARIANTS[name]()
    seen = name == "gates"
    before = {"before training": rounded(looked_into(net)["probe"])} if seen else {}
    history = trained(net, seed)
    row = {
        "weights": sum(weight.numel() for weight in net.parameters()),
        "right": round(right(net, asked("test", SCENES["test"])), 4),
        "curve": [[one["step"], round(one["right"], 3)] for one in history.scores],
    }
    return row | before | (rounded(looked_into(net)) if seen else {})


def run(
    output: Path,
    seeds: Sequence[int] = (0, 1, 2),
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the weights and of the order of the scenes.
        only: names of those that are run, see `run_all`; by default all are.
    """
    told = {
        "recipe": "lecture_utils.recipes.channel_gates",
        **provenance(),
        "tested_on": "2,000 test scenes, of test digits",
    }
    return run_all(output / "channel-gates.json", told, tuple(VARIANTS), seeds, row_of, only)


if __name__ == "__main__":
    command_line(run, __doc__)
