"""A small network whose places see one window each, with room for a layer that joins them.

Shapes: images (B, colours, H, W), places (B, C, H / 4, W / 4), scores (B, classes).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.models.images import check_images

WINDOW, STEP = 14, 4
"""Pixels of a side that a place sees, and from one place to the next."""


def bent(inputs: int, outputs: int, size: int, pooled: int = 1) -> nn.Sequential:
    """A convolution, the maximum of `pooled` x `pooled` places, a norm, a ReLU."""
    layer = nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False)
    pool = nn.MaxPool2d(pooled) if pooled > 1 else nn.Identity()
    return nn.Sequential(layer, pool, nn.BatchNorm2d(outputs), nn.ReLU())


class PlaceNet(nn.Module):
    """Features of windows, a middle, a judgement of each place, and their mean.

    Without a middle that joins places the scores are a sum over windows of 14 x 14 pixels.

    Args:
        middle: from features (B, C, h, w) to features of that shape.
        channels: C.
        classes: how many the scores are of.
        colours: channels of an image.
    """

    def __init__(self, middle: nn.Module, channels: int = 24, classes: int = 2,
                 colours: int = 1) -> None:  # fmt: skip
        super().__init__()
        self.colours = colours
        first, second = bent(colours, 8, 3, pooled=2), bent(8, channels, 3)
        self.below = nn.Sequential(first, second, bent(channels, channels, 3, pooled=2))
        self.middle, self.above = middle, bent(channels, 2 * channels, 1)
        self.fc = nn.Linear(2 * channels, classes)
        self.to(memory_format=torch.channels_last)  # a CPU takes half the time

    def judged(self, images: Tensor) -> Tensor:
        """What each place gives to the mean: (B, 2 C, H / 4, W / 4)."""
        check_images(images, self.colours, least=STEP)
        return self.above(self.middle(self.below(images)))

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, classes) of images (B, colours, H, W)."""
        return self.fc(self.judged(images).mean(dim=(-2, -1)))
