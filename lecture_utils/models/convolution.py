"""One small detector, slid over an image: convolution by loops, and in steps that can be drawn.

Shapes: images (B, C, H, W), kernels (maps, C, k, k). What the networks of this field call a
convolution is a cross-correlation: the kernel is not turned round.

Source: LeCun, Bottou, Bengio and Haffner 1998, https://doi.org/10.1109/5.726791, section II.A.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.models.images import check_images


def by_loops(images: Tensor, kernels: Tensor, bias: Tensor) -> Tensor:
    """Every map at every place: the kernel times the window there, summed, plus the bias.

    Args:
        images: (B, C, H, W).
        kernels: (maps, C, k, k), one for each map that goes out.
        bias: (maps,).

    Returns:
        (B, maps, H - k + 1, W - k + 1): the places at which the whole window lies in the image.

    Raises:
        ValueError: images of other channels than the kernels, or smaller than they are.
    """
    maps, channels, k, _ = kernels.shape
    check_images(images, channels, least=k)
    height, width = images.shape[-2] - k + 1, images.shape[-1] - k + 1
    out = images.new_empty(len(images), maps, height, width)
    for m in range(maps):
        for r in range(height):
            for c in range(width):
                window = images[:, :, r : r + k, c : c + k]  # (B, C, k, k)
                out[:, m, r, c] = (window * kernels[m]).sum(dim=(1, 2, 3)) + bias[m]
    return out


class Windows(nn.Module):
    """Every window of an image, row by row.

    Args:
        size: of a side, k.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, H, W) -> (B, P, k, k), P = (H - k + 1) (W - k + 1)."""
        check_images(images, 1, least=self.size)
        windows = images[:, 0].unfold(1, self.size, 1).unfold(2, self.size, 1)
        return windows.flatten(1, 2)


class Detector(nn.Module):
    """The numbers that are looked for: the same at every place.

    Args:
        size: of a side, k.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, size, size) / size)

    def forward(self) -> Tensor:
        """(1, k, k), whatever the image."""
        return self.weight


class Match(nn.Module):
    """How much each window is like the detector: products, summed, plus a bias."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, windows: Tensor, detector: Tensor) -> Tensor:
        """(B, P), of windows (B, P, k, k) and one detector (1, k, k)."""
        return (windows * detector).sum(dim=(-2, -1)) + self.bias


class OneMap(nn.Module):
    """A convolution with one map, in the steps of its picture: windows, one detector, a map.

    Args:
        size: of the detector, k.
    """

    def __init__(self, size: int = 5) -> None:
        super().__init__()
        self.windows, self.detector, self.match = Windows(size), Detector(size), Match()
        self.map = nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, H - k + 1, W - k + 1), of images (B, 1, H, W)."""
        scores = self.match(self.windows(images), self.detector())  # (B, P)
        width = images.shape[-1] - self.windows.size + 1
        return self.map(scores.unflatten(-1, (1, -1, width)))
