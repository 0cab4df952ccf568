"""Reading the digit that a square's colour means, among coloured fragments: where a mask lies.

Scenes are those of `data.scenes`, task "cue": (B, 3, 32, 32), two digits in two colours, a square,
and fragments. Masks are (B, C, h, w), of channels at places.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from lecture_utils.data import scenes
from lecture_utils.data.digits import Digits
from lecture_utils.gating import held
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.recording import record
from lecture_utils.tasks.digit_reading import answers

CLASSES = (0, 1, 4, 7)
"""Of the digits that are read."""
COLOURS, FRAGMENTS = 2, 3
"""How many digits there are, each in its colour, and how many fragments."""
CHANNELS, RATIO = (8, 24, 24), 4
"""Maps behind each of the three layers of the network, and the ratio of its modules."""
GATES = ("below.1.gate", "middle.gate")
"""Of a network with a module behind each bottleneck: 16 x 16 places, and 8 x 8."""


def fragment_net(
    block: Callable[[int], nn.Module] = lambda _: nn.Identity(), behind: Sequence[int] = (0, 2)
) -> PlaceNet:
    """The network of windows, and blocks behind some of its layers, before what judges the places.

    Args:
        block: from the number of channels to what stands there, of features of one shape.
        behind: which layers, numbered from 0; the first and the last make the maps smaller.
    """
    last = len(CHANNELS) - 1
    middle = block(CHANNELS[last]) if last in behind else nn.Identity()
    model = PlaceNet(middle, CHANNELS[last], classes=10, colours=3)
    for layer in sorted({*behind} - {last}, reverse=True):
        model.below.insert(layer + 1, block(CHANNELS[layer]))
    return model


def among(model: PlaceNet, classes: Sequence[int] = CLASSES) -> PlaceNet:
    """A copy of a network that scores these digits alone, in their order."""
    changed = copy.deepcopy(model)
    rows = torch.tensor([*classes])
    changed.fc.weight, changed.fc.bias = (
        nn.Parameter(part.detach()[rows]) for part in (model.fc.weight, model.fc.bias)
    )
    changed.fc.out_features = len(rows)
    return changed


def scenes_of(split: str, count: int, seed: int = 0, fragments: int = FRAGMENTS) -> scenes.Scenes:
    """Scenes with a cue among fragments."""
    return scenes.load("cue", split, count, seed, CLASSES, colours=COLOURS, fragments=fragments)


def asked(split: str, count: int, fragments: int = FRAGMENTS) -> Digits:
    """Such scenes, as pictures and the digit that is meant."""
    made = scenes_of(split, count, fragments=fragments)
    return Digits(made.images, made.labels)


@torch.no_grad()
def masks_of(model: nn.Module, images: Tensor) -> dict[str, Tensor]:
    """Each gate's mask of each picture (B, C, h, w), by the gate's name; on the CPU."""
    here = next(model.parameters()).device
    model.eval()
    with record(model) as reads:
        for part in images.split(100):
            model(part.to(here))
    return {name: mask.cpu() for name, mask in reads.items()}


def answered_with(model: nn.Module, images: Tensor, masks: Mapping[str, Tensor]) -> Tensor:
    """The answers (B,) with gates held at a mask for each picture (B, C, h, w)."""
    parts = zip(*(mask.split(100) for mask in masks.values()), strict=True)
    said = []
    for part, at in zip(images.split(100), parts, strict=True):
        with held(model, dict(zip(masks, at, strict=True))):
            said.append(answers(model, part).argmax(dim=1))
    return torch.cat(said)


def right_with(model: nn.Module, data: Digits, masks: Mapping[str, Tensor]) -> float:
    """The part that is read right with gates held at a mask for each picture (B, C, h, w)."""
    return (answered_with(model, data.images, masks) == data.digits).float().mean().item()


def chosen(maps: Tensor, made: scenes.Scenes) -> float:
    """The part of the scenes where a map (N, h, w) is higher on the digit that is meant.

    The mean over its `scenes.STAMP` is compared with that over the other digit's; 0.5 is chance.
    """
    size = made.masks.shape[-2:]
    large = nn.functional.interpolate(maps.unsqueeze(1), size, mode="bilinear").squeeze(1)
    found = 0
    for level, mask, corners in zip(large, made.masks, made.corners.tolist(), strict=True):
        boxes = [
            (slice(top, top + scenes.STAMP), slice(left, left + scenes.STAMP))
            for top, left in corners
        ]
        meant, other = sorted(boxes, key=lambda box: -mask[box].sum().item())
        found += (level[meant].mean() > level[other].mean()).item()
    return found / len(maps)
