"""Residual Attention Network: a trunk, and beside it an hourglass that says where it counts.

Shapes: features (B, C, H, W); the mask has the same shape.

Source: Wang, Jiang, Qian, Yang, Li, Zhang, Wang and Tang 2017, "Residual attention network for
image classification", arXiv:1704.06904.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lecture_utils.gating import Gate, gated
from lecture_utils.models.images import check_images
from lecture_utils.models.resnet import conv, started


def activated(inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Sequential:
    """Norm, ReLU, convolution, in this order."""
    return nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU(), conv(inputs, outputs, size, stride))


class Unit(nn.Module):
    """A bottleneck with its norms in front: F(x) + x.

    Source: He, Zhang, Ren and Sun 2016, "Identity mappings in deep residual networks",
    arXiv:1603.05027.

    Args:
        inputs: channels of x.
        outputs: channels behind it, four times those inside; None for as many as come in.
        stride: by which height and width are divided.
    """

    def __init__(self, inputs: int, outputs: int | None = None, stride: int = 1) -> None:
        super().__init__()
        outputs = inputs if outputs is None else outputs
        self.norm, few = nn.BatchNorm2d(inputs), outputs // 4
        self.conv1 = conv(inputs, few, 1)
        self.conv2, self.conv3 = activated(few, few, 3, stride), activated(few, outputs, 1)
        same = inputs == outputs and stride == 1
        self.around = None if same else conv(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        ready = torch.relu(self.norm(x))
        around = x if self.around is None else self.around(ready)
        return self.conv3(self.conv2(self.conv1(ready))) + around


def units(channels: int, count: int) -> nn.Sequential:
    """So many units, one after the other."""
    return nn.Sequential(*(Unit(channels) for _ in range(count)))


class Hourglass(nn.Module):
    """Down to a coarse look at everything, up again to every place; inside it a smaller one.

    Source: Wang et al. 2017, figure 2: the soft mask branch.

    Args:
        channels: C.
        downs: how often the size is halved, and doubled again.
        count: residual units behind each halving, and before each doubling (r in the paper).
    """

    def __init__(self, channels: int, downs: int, count: int = 1) -> None:
        super().__init__()
        if downs < 1:
            raise ValueError(f"downs must be at least 1; got {downs}")
        self.down = nn.Sequential(nn.MaxPool2d(3, stride=2, padding=1), units(channels, count))
        deeper = downs > 1
        self.inner = Hourglass(channels, downs - 1, count) if deeper else None
        self.skip = Unit(channels) if deeper else None
        self.up = units(channels, count)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        low = self.down(x)  # (B, C, H / 2, W / 2)
        if self.inner is not None:
            low = self.inner(low) + self.skip(low)
        size = x.shape[-2:]
        return nn.functional.interpolate(self.up(low), size, mode="bilinear", align_corners=True)


class SoftMask(Gate):
    """M(x) = sigmoid of an hourglass and two convolutions of 1 x 1: "mixed attention".

    Source: Wang et al. 2017, section 3.2 and equation 4.

    Args:
        channels: C.
        downs: of the hourglass.
        count: of its units.
    """

    def __init__(self, channels: int, downs: int, count: int = 1) -> None:
        super().__init__()
        self.hourglass = Hourglass(channels, downs, count)
        self.mix = nn.Sequential(activated(channels, channels, 1), activated(channels, channels, 1))

    def score(self, features: Tensor) -> Tensor:
        """Any real numbers (B, C, H, W), of features (B, C, H, W)."""
        return self.mix(self.hourglass(features))


class Attended(nn.Module):
    """Attention residual learning, (1 + M(x)) T(x): a mask can only strengthen.

    Naive attention learning is M(x) T(x): there a mask of 0 leaves nothing.

    Source: Wang et al. 2017, equations 1 and 3.

    Args:
        trunk: T, from features (B, C, H, W) to features of the same shape.
        mask: M.
        naive: M T in place of (1 + M) T.
    """

    def __init__(self, trunk: nn.Module, mask: Gate, naive: bool = False) -> None:
        super().__init__()
        self.trunk, self.mask, self.naive = trunk, mask, naive

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        trunk = self.trunk(x)
        masked = gated(trunk, self.mask(x))
        return masked if self.naive else trunk + masked


def attention_module(
    channels: int, downs: int, *, naive: bool = False, p: int = 1, t: int = 2, r: int = 1
) -> nn.Sequential:
    """Units before, trunk with mask, units behind: the three parts are called 0, 1 and 2.

    Source: Wang et al. 2017, figure 2 and section 3.

    Args:
        channels: C.
        downs: of the hourglass, at least 1.
        naive: see `Attended`.
        p: units before, and behind.
        t: units of the trunk.
        r: units between two poolings of the mask.
    """
    if min(downs, p, t, r) < 1:
        raise ValueError(f"downs, p, t and r must be at least 1; got {downs}, {p}, {t} and {r}")
    attended = Attended(units(channels, t), SoftMask(channels, downs, r), naive)
    return nn.Sequential(units(channels, p), attended, units(channels, p))


def stem(channels: int, small: bool) -> nn.Sequential:
    """What stands first; it divides H and W by 4, and leaves those of small images."""
    return nn.Sequential(
        conv(3, channels, 3) if small else conv(3, channels, 7, stride=2),
        *(nn.BatchNorm2d(channels), nn.ReLU()),
        nn.Identity() if small else nn.MaxPool2d(3, stride=2, padding=1),
    )


class ResidualAttention(nn.Module):
    """A first convolution, stages of a unit and attention modules, three units, linear scores.

    Source: Wang et al. 2017, table 2.

    Args:
        modules: attention modules of each stage.
        widths: channels of each stage, and of the last three units: one more than `modules`.
        classes: how many the scores are of.
        downs: of the hourglasses, stage by stage.
        small: for images of 32 x 32: the first convolution is 3 x 3 and leaves the size.
        naive: see `Attended`.
    """

    def __init__(
        self,
        modules: Sequence[int],
        widths: Sequence[int] = (256, 512, 1024, 2048),
        classes: int = 1000,
        downs: Sequence[int] = (3, 2, 1),
        small: bool = False,
        naive: bool = False,
    ) -> None:
        super().__init__()
        check_sizes(modules, widths, downs)
        self.stem, before = stem(widths[0] // 4, small), [widths[0] // 4, *widths]
        self.stages = nn.ModuleList()
        for i, (count, down) in enumerate(zip(modules, downs, strict=True)):
            unit = Unit(before[i], widths[i], stride=1 if i == 0 else 2)
            rest = [attention_module(widths[i], down, naive=naive) for _ in range(count)]
            self.stages.append(nn.Sequential(unit, *rest))
        self.last = nn.Sequential(Unit(before[-2], widths[-1], stride=2), *units(widths[-1], 2))
        self.norm, self.fc = nn.BatchNorm2d(widths[-1]), nn.Linear(widths[-1], classes)

    def features(self, images: Tensor) -> Tensor:
        """What the last unit gives, normed: (B, C, H / 32, W / 32), or H / 8 of small images."""
        check_images(images, 3)
        x = self.stem(images)
        for stage in self.stages:
            x = stage(x)
        return torch.relu(self.norm(self.last(x)))

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, classes) of images (B, 3, H, W)."""
        return self.fc(self.features(images).mean(dim=(-2, -1)))


def check_sizes(modules: Sequence[int], widths: Sequence[int], downs: Sequence[int]) -> None:
    """Refuse stages that do not fit together, with a `ValueError`."""
    if len(widths) != len(modules) + 1 or len(downs) != len(modules):
        raise ValueError(
            f"widths must have one more than modules ({len(modules)}) and downs as many; got "
            f"{len(widths)} and {len(downs)}"
        )
    if any(width < 4 or width % 4 for width in widths):
        raise ValueError(f"widths must be multiples of 4, for the bottlenecks; got {[*widths]}")


MODULES = {56: (1, 1, 1), 92: (1, 2, 3)}
"""Attention modules of each stage, by the depth of the trunk: table 2 of the paper."""


def residual_attention(depth: int, classes: int = 1000, naive: bool = False) -> ResidualAttention:
    """Attention-56 or Attention-92 for ImageNet: 31,810,728 or 52,466,344 weights.

    The paper states 31.9 and 51.3 million, and gives no channel of the mask's last layers.

    Args:
        depth: 56 or 92, the layers of the trunk, 36 m + 20 with m modules a stage on average.
        classes: how many the scores are of.
        naive: see `Attended`.
    """
    if depth not in MODULES:
        raise ValueError(f"depth must be one of {[*MODULES]}; got {depth!r}")
    return started(ResidualAttention(MODULES[depth], classes=classes, naive=naive))
