"""LeNet with one thing taken away, so that what it does can be put down to that thing.

Shapes: images (B, 1, 28, 28), scores (B, 10).

- `FullyConnected` has neither small windows nor shared weights.
- `unshared_lenet` has LeNet's windows, each with weights of its own.
- `padded_lenet` has places at the edge that LeNet lacks.
- `Corner` subsamples without averaging.
- `AnywhereLeNet` has LeNet's layers, and does not look at where a map found something.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.models.images import check_images
from lecture_utils.models.lenet import LeNet


class FullyConnected(nn.Module):
    """Every unit sees every pixel.

    The paper's "28x28-300-100-10" has 266,610 weights, 76 and 24 units make 61,758.

    Args:
        first: units of the first layer.
        second: units of the second.
    """

    def __init__(self, first: int = 300, second: int = 100) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Linear(28 * 28, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU()),
            nn.Linear(second, 10),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, 10) of images (B, 1, 28, 28)."""
        check_images(images, 1, (28, 28))
        return self.layers(images.flatten(1))


class Unshared(nn.Module):
    """Windows as of a convolution, each place with kernels of its own: locally connected.

    Args:
        inputs: maps that come in.
        maps: that go out.
        size: height and width of the maps that go out.
        padding: pixels of 0 around what comes in.
    """

    def __init__(self, inputs: int, maps: int, size: int, padding: int = 0) -> None:
        super().__init__()
        self.size, self.padding = size, padding
        bound = (25 * inputs) ** -0.5  # as torch begins a convolution
        self.weight = nn.Parameter(torch.empty(size**2, 25 * inputs, maps).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(maps, size, size).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, maps, size, size), windows of 5 x 5."""
        windows = nn.functional.unfold(x, 5, padding=self.padding)  # (B, 25 inputs, places)
        scores = windows.permute(2, 0, 1).contiguous() @ self.weight  # (places, B, maps)
        return scores.permute(1, 2, 0).unflatten(-1, (self.size, self.size)) + self.bias


def unshared_lenet() -> LeNet:
    """LeNet whose two convolutions share no weights between places; 423,038 weights."""
    model = LeNet()
    model.C1, model.C3 = Unshared(1, 6, 28, padding=2), Unshared(6, 16, 10)
    return model


def padded_lenet() -> LeNet:
    """LeNet with padding in C3 too, so that S4 and C5 see 7 x 7 places; 107,786 weights.

    What `AnywhereLeNet` has besides: it tells padding from looking anywhere.
    """
    model = LeNet()
    model.C3, model.C5 = nn.Conv2d(6, 16, 5, padding=2), nn.Linear(16 * 7 * 7, 120)
    return model


class Corner(nn.Module):
    """Half the size by leaving out: of `size` x `size` values the upper left one.

    Args:
        size: of a side of what becomes one value.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H / size, W / size)."""
        return x[..., :: self.size, :: self.size]


class AnywhereLeNet(nn.Module):
    """LeNet's layers with LeNet's 61,706 weights; C5 slides too, and its maps become one number.

    Args:
        most: the number is the largest of the map; else the mean.
    """

    def __init__(self, most: bool = False) -> None:
        super().__init__()
        self.C1, self.C3, self.C5 = (
            nn.Conv2d(inputs, maps, 5, padding=2) for inputs, maps in ((1, 6), (6, 16), (16, 120))
        )
        self.pool, self.most = nn.AvgPool2d(2), most
        self.F6, self.output = nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, 10) of images (B, 1, H, W), H and W at least 4."""
        check_images(images, 1, least=4)
        x = self.pool(torch.relu(self.C1(images)))  # (B, 6, 14, 14)
        x = self.pool(torch.relu(self.C3(x)))  # (B, 16, 7, 7)
        x = torch.relu(self.C5(x))  # (B, 120, 7, 7)
        x = x.amax(dim=(2, 3)) if self.most else x.mean(dim=(2, 3))
        return self.output(torch.relu(self.F6(x)))
