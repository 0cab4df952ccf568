"""Two digits far apart, the same or not: batches, accuracy, and where a network looks.

Scenes are those of `data.scenes`, task "same": (B, 1, 24, 48). Maps are (B, h, w), of places.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lecture_utils.data import scenes
from lecture_utils.data.digits import Digits
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.recording import record
from lecture_utils.scores import area_under_curve
from lecture_utils.tasks.digit_reading import misread

CLASSES = (0, 1, 4, 7)
"""Of the digits that are compared."""
OTHERS = (2, 3, 5, 6, 8, 9)
"""Digits that no training has shown."""
ANSWERS = ("different", "same")


def asked(split: str, count: int, seed: int = 0, classes: Sequence[int] = CLASSES) -> Digits:
    """Pictures, and 1 where both digits are of one class."""
    made = scenes.load("same", split, count, seed, classes)
    return Digits(made.images, made.labels)


def right(model: nn.Module, data: Digits) -> float:
    """The part that is answered right."""
    return 1 - misread(model, data)


@torch.no_grad()
def addresses_of(model: nn.Module, images: Tensor, name: str = "middle.address") -> Tensor:
    """The address of every place (B, T, S), as recorded under `name`, on the CPU."""
    here = next(model.parameters()).device
    model.eval()
    parts = []
    for part in images.split(100):
        with record(model) as reads:
            model(part.to(here))
        parts.append(reads[name].cpu())
    return torch.cat(parts)


def received(weights: Tensor, size: tuple[int, int]) -> Tensor:
    """What each place receives, the mean over all that ask: (B, T, S) -> (B, h, w), h w = S."""
    return weights.mean(dim=1).unflatten(-1, size)


def apart(weights: Tensor, size: tuple[int, int]) -> Tensor:
    """How far the address of each place is from the mean address: (B, N, S) -> (B, h, w), h w = N.

    Places that all look at the same have little, whatever they look at.
    """
    return (weights - weights.mean(dim=1, keepdim=True)).norm(dim=-1).unflatten(-1, size)


@torch.no_grad()
def class_activation(model: PlaceNet, images: Tensor) -> Tensor:
    """What each place adds to the score of the answer that is given: (B, h, w).

    Source: Zhou et al. 2016, "Learning deep features for discriminative localization",
    arXiv:1512.04150, equation 2.
    """
    here = next(model.parameters()).device
    judged = model.eval().judged(images.to(here))
    answer = model.fc(judged.mean(dim=(-2, -1))).argmax(dim=1)
    return torch.einsum("bchw,bc->bhw", judged, model.fc.weight[answer]).cpu()


def localised(maps: Tensor, masks: Tensor) -> float:
    """How well maps (B, h, w) tell the pixels of masks (B, H, W): the mean area under the curve.

    A map is enlarged to the mask's size, with what lies between two places in proportion.
    """
    large = nn.functional.interpolate(
        maps.unsqueeze(1), size=masks.shape[-2:], mode="bilinear", align_corners=False
    )
    return area_under_curve(large.flatten(1), masks.flatten(1)).mean().item()


def inked(masks: Tensor, size: tuple[int, int]) -> Tensor:
    """The part of each place's pixels that is ink: masks (B, H, W) -> (B, h, w)."""
    return nn.functional.adaptive_avg_pool2d(masks.float().unsqueeze(1), size).squeeze(1)


def looks(weights: Tensor, masks: Tensor, size: tuple[int, int]) -> dict[str, float]:
    """Of the places on a digit, how much of their weight lies on which side: shares, together 1.

    Args:
        weights: (B, N, N), each row sums to 1.
        masks: (B, H, W), the ink of both digits, one in each half of the picture.
        size: h and w, with h w = N.

    Returns:
        The mean weight on the ink of the "other" digit, on that of its "own", and on "paper",
        over the places of all pictures with ink.
    """
    ink = inked(masks, size) > 0  # (B, h, w)
    left = torch.arange(size[1]) < size[1] / 2
    sides = torch.stack([ink & left, ink & ~left]).flatten(2)  # (2, B, N)
    on = torch.stack([(weights * side.unsqueeze(1)).sum(dim=-1) for side in sides])  # (2, B, N)
    asks = sides.float()
    count = asks.sum()
    own, other = ((asks * to).sum().item() / count.item() for to in (on, on.flip(0)))
    return {"other": other, "own": own, "paper": 1 - own - other}
