"""ResNet-20 on CIFAR-10, plain and with four kinds of attention, at equal CPU seconds.

    python -m lecture_utils.recipes.cifar_matched --data FOLDER --work FOLDER

The data folder is one that `lecture_utils.data.cifar.load` takes. Every network is the same
ResNet-20 with something put in, sees the same pictures in the same order, moved and mirrored, and
trains for as many CPU seconds; its learning rate has risen and fallen when they are spent. What
is cheaper does more steps in them. The development pictures choose among the weights of a
training, the test pictures judge once. Batch and rate were chosen for the plain network, on the
development pictures. FOLDER of ``--work`` keeps the trainings; a second run goes on where the
first was stopped. Writes ``cifar-matched.json``; takes about 80 minutes on one CPU core.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lecture_utils import training
from lecture_utils.data import cifar
from lecture_utils.data.cifar import Pictures
from lecture_utils.models import bam, non_local, senet
from lecture_utils.models.residual_attention import Attended, SoftMask
from lecture_utils.models.resnet import ResNet, small_resnet, started
from lecture_utils.recipes.runs import Row, command_line, kept_at, provenance, run_all
from lecture_utils.recording import record
from lecture_utils.tasks.photographs import named_right, photograph_batches, photograph_loss

SECONDS = 300
"""CPU seconds of a training, without what judges it."""
SIZE, RATE, RISE = 64, 0.3, 0.2
"""Pictures in a batch, the highest learning rate, and the part of the time in which it rises."""
MOMENTUM, DECAY = 0.9, 5e-4
EVERY = 200
"""Steps from one judgement on the development pictures to the next."""
WATCHED = 2_000
"""Development pictures that judge during a training, as many of each class."""
TURNS = 5
"""Steps of every network by which their costs are compared."""


def with_masks(model: ResNet) -> ResNet:
    """A soft mask beside the last blocks of every stage: (1 + M) T; the model itself is changed.

    T are all blocks of a stage but its first. The hourglasses halve the size as often as the
    paper's do, three times, twice and once: from 32, 16 and 8 to 4 places a side.

    Source: Wang et al. 2017, "Residual attention network for image classification",
    arXiv:1704.06904, figure 2.
    """
    for name, downs in zip(model.names, (3, 2, 1), strict=True):
        first, *rest = getattr(model, name)
        mask = SoftMask(first.conv2.out_channels, downs)
        setattr(model, name, nn.Sequential(first, Attended(nn.Sequential(*rest), mask)))
    return started(model)


def with_non_local(model: ResNet) -> ResNet:
    """A block in front of the last residual block of the last stage but one, as in the paper."""
    non_local.insert(model, "layer2")
    return model


VARIANTS: dict[str, Callable[[], ResNet]] = {
    "plain": lambda: small_resnet(20),
    "SE": lambda: senet.insert(small_resnet(20), ratio=4),
    "BAM": lambda: bam.insert(small_resnet(20), ratio=4),
    "RAN": lambda: with_masks(small_resnet(20)),
    "non-local": lambda: with_non_local(small_resnet(20)),
}
"""Networks by name; ratios are 4, since 16 would leave the first stage one hidden channel."""


def multiplications(model: nn.Module) -> int:
    """What one picture costs, forwards: of convolutions, linear layers and products of matrices.

    Addresses are recorded meanwhile, since those of a fused read are not counted.
    """
    model.eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad(), record(model):
        model(torch.zeros(1, 3, cifar.SIDE, cifar.SIDE))
    return counter.get_total_flops() // 2


def costs(train: Pictures, turns: int = TURNS) -> dict[str, float]:
    """CPU milliseconds of one step of each network, in turns, so that all meet the same machine.

    The median of so many.
    """
    batch = next(photograph_batches(train, 0, min(SIZE, len(train.labels))))
    models = {name: prepared(make()).train() for name, make in VARIANTS.items()}
    took: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(turns):
        for name, model in models.items():
            begun = time.process_time()
            photograph_loss(model, batch).backward()
            took[name].append(1000 * (time.process_time() - begun))
    return {name: round(sorted(every)[len(every) // 2]) for name, every in took.items()}


def prepared(model: nn.Module) -> nn.Module:
    """The same with its weights in the order that a CPU multiplies fastest."""
    return model.to(memory_format=torch.channels_last)


def watched(dev: Pictures) -> Pictures:
    """As many development pictures of each class, `WATCHED` in all where there are so many."""
    each = max(1, WATCHED // len(dev.classes))
    rows = [(dev.labels == label).nonzero()[:each] for label in range(len(dev.classes))]
    return dev.only(torch.cat(rows).flatten())


def row_of(
    name: str,
    seed: int,
    data: dict[str, Pictures],
    checkpoint: Path | None = None,
    seconds: float = SECONDS,
) -> Row:
    """Weights, multiplications, steps, CPU seconds, learning curve, and the test error.

    Args:
        name: of the variant.
        seed: of the weights, of the order of the pictures, and of how they are moved.
        data: by split.
        checkpoint: file that keeps the training.
        seconds: CPU seconds of the training.
    """
    torch.manual_seed(seed)
    model, some = prepared(VARIANTS[name]()), watched(data["dev"])
    size = min(SIZE, len(data["train"].labels))
    history = training.fit(
        model,
        photograph_batches(data["train"], seed, size),
        photograph_loss,
        seconds=seconds,
        learning_rate=RATE,
        warmup=RISE,
        optimizer=lambda weights, lr: torch.optim.SGD(
            weights, lr, momentum=MOMENTUM, weight_decay=DECAY, nesterov=True
        ),
        evaluate=lambda model: {"right": named_right(model, some)},
        eval_every=EVERY,
        checkpoint=checkpoint,
        seed=seed,
        label=f"{name}, seed {seed}",
    )
    return {
        "weights": sum(weight.numel() for weight in model.parameters()),
        "multiplications": multiplications(model),
        "steps": len(history.losses),
        "CPU seconds": round(history.seconds, 1),
        "best": history.best,
        "curve": [[one["seconds"], round(one["right"], 4)] for one in history.scores],
        "dev": round(1 - named_right(model, data["dev"]), 4),
        "error": round(1 - named_right(model, data["test"]), 4),
    }


def run(
    output: Path,
    data: str | Path,
    work: Path | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    only: Sequence[str] = (),
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        data: folder with the pictures, see `cifar.load`.
        work: folder that keeps the trainings; None: nothing is kept.
        seeds: see `row_of`.
        only: names of those that are run, see `run_all`; by default all are.
        seconds: CPU seconds of a training.
    """
    pictures = {split: cifar.load(split, data) for split in cifar.SPLITS}
    test = pictures["test"]
    told = {
        "recipe": "lecture_utils.recipes.cifar_matched",
        **provenance(),
        "tested_on": f"the {len(test.labels):,} test pictures of CIFAR-10, {test.source}",
        "CPU seconds": seconds,
        "batch": SIZE,
        "CPU ms a step": costs(pictures["train"]),
    }

    def row(name: str, seed: int) -> Row:
        return row_of(name, seed, pictures, kept_at(work, name, seed), seconds)

    return run_all(output / "cifar-matched.json", told, tuple(VARIANTS), seeds, row, only)


if __name__ == "__main__":
    command_line(run, __doc__)
