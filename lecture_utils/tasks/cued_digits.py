"""Reading the digit that a square's colour means: a small network with gates, and what they tell.

Scenes are those of `data.scenes`, task "cue": (B, 3, 32, 32), three digits in three colours and a
square. Gates are one matrix (N, G), those of all blocks side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from lecture_utils.data import scenes
from lecture_utils.data.digits import Digits
from lecture_utils.gating import held
from lecture_utils.models.resnet import Basic, ResNet, shortcut, started
from lecture_utils.tasks.chosen_places import masks_of
from lecture_utils.tasks.digit_reading import misread
from lecture_utils.tasks.same_different import inked

WIDTHS, STRIDES = (12, 24, 32), (2, 2, 1)
"""Channels of the three blocks, and by what each divides height and width."""
RATIO = 2
"""Of the gates."""


def asked(split: str, count: int, seed: int = 0) -> Digits:
    """Scenes with a cue, as pictures and the digit that is meant."""
    made = scenes.load("cue", split, count, seed)
    return Digits(made.images, made.labels)


def colours(made: scenes.Scenes) -> Tensor:
    """Which colour is meant, (N,): 0 red, 1 green, 2 blue."""
    return (made.images * made.masks[:, None]).sum(dim=(-2, -1)).argmax(dim=1)


def in_colours(made: scenes.Scenes) -> Tensor:
    """The digit that is shown in red, in green and in blue, (N, 3)."""
    found = torch.empty_like(made.digits)
    for row, (image, corners) in enumerate(zip(made.images, made.corners.tolist(), strict=True)):
        for k, (top, left) in enumerate(corners):
            stamp = image[:, top : top + scenes.STAMP, left : left + scenes.STAMP]
            found[row, stamp.sum(dim=(-2, -1)).argmax()] = made.digits[row, k]
    return found


def without_digits(made: scenes.Scenes) -> Tensor:
    """The scenes (N, 3, H, W) with nothing but their squares."""
    alone = made.images.clone()
    for image, corners in zip(alone, made.corners.tolist(), strict=True):
        for top, left in corners:
            image[:, top : top + scenes.STAMP, left : left + scenes.STAMP] = 0
    return alone


def parts_of(made: scenes.Scenes, size: tuple[int, int]) -> dict[str, Tensor]:
    """What stands at which of h x w places, bool (N, h, w) each.

    The "square" fills more than half of a place; of the digit that is "meant", and of the "others",
    a place has some ink; "background" has none of anything.
    """
    squares = inked(without_digits(made).amax(dim=1) > 0, size)
    meant = inked(made.masks, size) > 0
    ink = inked(made.images.amax(dim=1) >= scenes.INK, size) > 0
    others = ink & ~meant & (squares == 0)
    background = ~ink & ~meant & (squares == 0)
    return {"square": squares > 0.5, "meant": meant, "others": others, "background": background}


def who_looks_where(
    weights: Tensor, made: scenes.Scenes, size: tuple[int, int]
) -> dict[str, dict[str, float]]:
    """The share of its weight that each part of a scene gives to each part: by who asks.

    Args:
        weights: (N, S, S), the address of each of S = h w places, whose rows sum to 1.
        made: the N scenes.
        size: h and w.
    """
    parts = {name: part.flatten(1).float() for name, part in parts_of(made, size).items()}
    on = {name: torch.einsum("nij,nj->ni", weights, part) for name, part in parts.items()}
    return {
        asks: {
            name: (asking * share).sum().item() / asking.sum().item() for name, share in on.items()
        }
        for asks, asking in parts.items()
    }


def cue_net(
    attention: Callable[[int], nn.Module] | None = None,
    widths: Sequence[int] = WIDTHS,
) -> ResNet:
    """Three residual blocks, the mean over all places, ten scores.

    Args:
        attention: from the number of channels to what each block's F(x) passes, before the sum.
        widths: channels of the blocks.
    """
    stages, inputs = [], widths[0]
    for width, stride in zip(widths, STRIDES, strict=True):
        block = Basic(inputs, width, stride, shortcut("A", inputs, width, stride))
        if attention is not None:
            block.attention = attention(width)
        stages.append(nn.Sequential(block))
        inputs = width
    return started(ResNet(stages, widths[0], inputs, 10, small=True))


def gates_of(model: nn.Module, images: Tensor) -> dict[str, Tensor]:
    """Each gate's mask (N, C) on images (N, 3, H, W), by the gate's name; on the CPU."""
    return {name: mask.flatten(1) for name, mask in masks_of(model, images).items()}


def means_of(gates: Tensor, groups: Tensor) -> Tensor:
    """The mean gates (K, C) of each group: gates (N, C), groups (N,) from 0 to K - 1."""
    every = [gates[groups == k].mean(dim=0) for k in range(int(groups.max()) + 1)]
    return torch.stack(every)


def frozen(model: nn.Module, data: Digits, means: dict[str, Tensor], groups: Tensor) -> float:
    """The part that is read right with every gate held at the mean of the picture's group.

    Args:
        model: with gates.
        data: pictures, and the digits that are meant.
        means: by name of the gate, (K, C), see `means_of`.
        groups: (N,), the group of each picture.
    """
    right = 0.0
    for k, at in enumerate(zip(*means.values(), strict=True)):
        rows = (groups == k).nonzero().flatten()
        if len(rows) == 0:
            continue
        with held(model, dict(zip(means, at, strict=True))):
            right += len(rows) * (1 - misread(model, Digits(data.images[rows], data.digits[rows])))
    return right / len(groups)


def share_between(gates: Tensor, groups: Tensor) -> float:
    """The part of the gates' variance that lies between the groups, 0 to 1, all channels together.

    What is left lies within them.
    """
    means = means_of(gates, groups)[groups]
    every = gates.mean(dim=0)
    return (((means - every) ** 2).sum() / ((gates - every) ** 2).sum()).item()


def probe(train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], steps: int = 200) -> float:
    """How much a linear reader gets right: trained on (x, classes), judged on others.

    The numbers x (N, G) are given to it with mean 0 and deviation 1.
    """
    (x, y), (x_test, y_test) = train, test
    middle, spread = x.mean(dim=0), x.std(dim=0).clamp(min=1e-6)
    reader = nn.Linear(x.shape[1], int(y.max()) + 1)
    nn.init.zeros_(reader.weight)
    nn.init.zeros_(reader.bias)
    optimizer = torch.optim.Adam(reader.parameters(), lr=0.05)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(reader((x - middle) / spread), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return (reader((x_test - middle) / spread).argmax(dim=1) == y_test).float().mean().item()
