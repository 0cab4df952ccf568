"""Soft masks of places: what they lie on, and what is answered with another mask in their place.

Scenes are those of `data.scenes`; a mask is (N, C, h, w), of N pictures.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.data.digits import Digits
from lecture_utils.data.scenes import Scenes
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.models.residual_attention import Attended, SoftMask, units
from lecture_utils.tasks import chosen_places
from lecture_utils.tasks.same_different import class_activation, inked, localised

CHANNELS, DOWNS, UNITS = 24, 2, 2
"""Of the network: channels of a place, halvings of the hourglass, units of the trunk."""
MASK = "middle.mask"
"""The name of its mask."""


def masked_net(classes: int = 2, naive: bool = False) -> PlaceNet:
    """Windows of 14 x 14 pixels, a trunk of two units with its mask, and the mean over places."""
    trunk, mask = units(CHANNELS, UNITS), SoftMask(CHANNELS, DOWNS)
    return PlaceNet(Attended(trunk, mask, naive), CHANNELS, classes)


def masks_of(model: nn.Module, images: Tensor, name: str = MASK) -> Tensor:
    """The mask of every picture, (N, C, h, w), as recorded under `name`, on the CPU."""
    return chosen_places.masks_of(model, images)[name]


def answered_with(model: nn.Module, images: Tensor, masks: Tensor, name: str = MASK) -> Tensor:
    """The answers (N,) to pictures, each of which has the mask (N, C, h, w) that is given for it.

    Args:
        model: with a gate `name`.
        images: (N, C, H, W).
        masks: one for each picture, or (1, C, h, w) for all of them.
        name: of the gate.

    Raises:
        ValueError: another number of masks.
    """
    if len(masks) not in (1, len(images)):
        raise ValueError(f"masks are {len(masks)} for {len(images)} images; pass one for each")
    return chosen_places.answered_with(model, images, {name: masks.expand(len(images), -1, -1, -1)})


def summed_up(masks: Tensor) -> dict[str, Tensor]:
    """What is left of masks (N, C, h, w) when one thing is taken out of them, (N, C, h, w) each.

    Their mean over all pictures; of each picture the mean over its places, which says nothing of
    where; or the mean over its channels, which says nothing else.
    """
    parts = {
        "mean over pictures": masks.mean(dim=0, keepdim=True),
        "mean over places": masks.mean(dim=(2, 3), keepdim=True),
        "mean over channels": masks.mean(dim=1, keepdim=True),
    }
    return {name: part.expand_as(masks) for name, part in parts.items()}


def exchanged(model: nn.Module, made: Scenes, masks: Tensor) -> tuple[float, float]:
    """Each picture with the mask of the one before it, in pairs of which the answers differ.

    Returns:
        The part of the answers that are right for the picture, and for the mask's.
    """
    labels, before = made.labels, made.labels.roll(1)
    said, differ = answered_with(model, made.images, masks.roll(1, dims=0)), labels != before
    return tuple((said == of)[differ].float().mean().item() for of in (labels, before))


@torch.no_grad()
def maps_scored(model: PlaceNet, made: Scenes, name: str = MASK) -> dict[str, float]:
    """Areas under the curve of maps (N, h, w) on the ink that matters.

    The mean of the mask over its channels; how far it is from its mean over pictures; what comes
    from the trunk, by size; the class activation, and its size; and the ink of the picture itself,
    whatever it belongs to.
    """
    mask = masks_of(model, made.images, name)
    activation = class_activation(model, made.images)
    here = next(model.parameters()).device
    trunk = model.middle.trunk(model.below(made.images.to(here))).cpu()
    found = {
        "mask": mask.mean(dim=1),
        "apart": (mask - mask.mean(dim=0)).abs().mean(dim=1),
        "trunk": trunk.abs().mean(dim=1),
        "activation": activation,
        "activation, size": activation.abs(),
        "ink": inked(made.images.amax(dim=1), mask.shape[-2:]),
    }
    return {name: localised(part, made.masks) for name, part in found.items()}


def with_wrong_labels(data: Digits, part: float, classes: int = 10, seed: int = 0) -> Digits:
    """The same pictures, of which this part, chosen at random, has another label, at random.

    Raises:
        ValueError: a part that is none.
    """
    if not 0 <= part <= 1:
        raise ValueError(f"part must be from 0 to 1; got {part}")
    made = torch.Generator().manual_seed(seed)
    wrong = torch.rand(len(data.digits), generator=made) < part
    others = torch.randint(1, classes, data.digits.shape, generator=made)
    return Digits(data.images, torch.where(wrong, (data.digits + others) % classes, data.digits))


@torch.no_grad()
def kept(model: PlaceNet, images: Tensor) -> dict[str, list[float]]:
    """What comes through modules that stand one behind the other, module by module.

    Args:
        model: with modules in a row in its middle; as in a training, norms take the batch's means.
        images: (B, C, H, W).

    Returns:
        Of what comes in, and of what each module gives: the mean "size", and the "correlation"
        with what comes in, over all its numbers.
    """
    model.train()
    x = came_in = model.below(images)
    found: dict[str, list[float]] = {"size": [x.abs().mean().item()], "correlation": [1.0]}
    for module in model.middle:
        x = module(x)
        both = torch.stack([came_in.flatten(), x.flatten()])
        found["size"].append(x.abs().mean().item())
        found["correlation"].append(torch.corrcoef(both)[0, 1].item())
    return found
