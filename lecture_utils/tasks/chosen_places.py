"""Reading the digit that a square's colour means, among coloured fragments: where a mask lies.

Scenes are those of `data.scenes`, task "cue": (B, 3, 32, 32), two digits in two colours, a square,
and fragments. Masks are (B, C, h, w), of channels at places.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.data import scenes
from lecture_utils.data.digits import Digits
from lecture_utils.gating import held
from lecture_utils.recording import record
from lecture_utils.tasks.digit_reading import answers

CLASSES = (0, 1, 4, 7)
"""Of the digits that are read."""
COLOURS, FRAGMENTS = 2, 3
"""How many digits there are, each in its colour, and how many fragments."""
GATE = "middle.gate"


def scenes_of(split: str, count: int, seed: int = 0, fragments: int = FRAGMENTS) -> scenes.Scenes:
    """Scenes with a cue among fragments."""
    return scenes.load("cue", split, count, seed, CLASSES, colours=COLOURS, fragments=fragments)


def asked(split: str, count: int, fragments: int = FRAGMENTS) -> Digits:
    """Such scenes, as pictures and the digit that is meant."""
    made = scenes_of(split, count, fragments=fragments)
    return Digits(made.images, made.labels)


@torch.no_grad()
def masks_of(model: nn.Module, images: Tensor, name: str = GATE) -> Tensor:
    """The mask of each picture (B, C, h, w), as recorded under the gate's `name`; on the CPU."""
    here = next(model.parameters()).device
    model.eval()
    parts = []
    for part in images.split(100):
        with record(model) as reads:
            model(part.to(here))
        parts.append(reads[name].cpu())
    return torch.cat(parts)


def right_with(model: nn.Module, data: Digits, masks: Tensor, name: str = GATE) -> float:
    """The part that is read right with the gate held at a mask for each picture (B, C, h, w)."""
    said = []
    for images, mask in zip(data.images.split(100), masks.split(100), strict=True):
        with held(model, {name: mask}):
            said.append(answers(model, images).argmax(dim=1))
    return (torch.cat(said) == data.digits).float().mean().item()


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
