"""AlexNet: LeNet's plan, large, with ReLU, dropout and two graphics cards.

Shapes: images (B, 3, 224, 224), scores (B, classes).

Source: Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep convolutional
neural networks". The paper says 224 x 224, but the 55 x 55 of its first layer need 227; as in
torchvision, two pixels of padding make up for it.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from lecture_utils.models.images import check_images


class AlexNet(nn.Module):
    """Five convolutions, then three layers that are fully connected.

    Args:
        features: (B, 3, 224, 224) -> (B, 256, 6, 6).
        classes: how many the scores are of.
        activation: makes the nonlinearity; that of the paper's figure 1 is ReLU against tanh.
        dropout: probability of an input of the first two of the three layers to be dropped.
    """

    def __init__(
        self,
        features: nn.Module,
        classes: int = 1000,
        activation: type[nn.Module] = nn.ReLU,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d(6)  # changes nothing at 224 x 224
        self.classifier = nn.Sequential(
            *(nn.Dropout(dropout), nn.Linear(256 * 6 * 6, 4096), activation()),
            *(nn.Dropout(dropout), nn.Linear(4096, 4096), activation()),
            nn.Linear(4096, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, classes) of images (B, 3, H, W), H and W at least 63."""
        check_images(images, 3, least=63)
        x = self.avgpool(self.features(images))  # (B, 256, 6, 6)
        return self.classifier(torch.flatten(x, 1))


def response_norm() -> nn.Module:
    """Local response normalisation: b_i = a_i / (2 + 10^-4 sum of a_j^2)^0.75, j = i-2 ... i+2.

    Torch divides alpha by the five channels of the sum, the paper (section 3.3) does not.
    """
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)


def alexnet(classes: int = 1000, towers: int = 2, activation: type[nn.Module] = nn.ReLU) -> AlexNet:
    """The network of the paper.

    Args:
        classes: how many the scores are of.
        towers: 2, as in the paper: half of the maps on each of two graphics cards, which exchange
            only in the third convolution and behind the last; 60,965,224 weights. 1: every map sees
            every map; 62,378,344.
        activation: makes the nonlinearity.

    Raises:
        ValueError: another number of towers.
    """
    if towers not in (1, 2):
        raise ValueError(f"towers must be 1 or 2; got {towers!r}")
    pool = partial(nn.MaxPool2d, 3, stride=2)  # overlapping
    features = nn.Sequential(
        *(nn.Conv2d(3, 96, 11, stride=4, padding=2), activation(), response_norm(), pool()),
        *(nn.Conv2d(96, 256, 5, padding=2, groups=towers), activation(), response_norm(), pool()),
        *(nn.Conv2d(256, 384, 3, padding=1), activation()),
        *(nn.Conv2d(384, 384, 3, padding=1, groups=towers), activation()),
        *(nn.Conv2d(384, 256, 3, padding=1, groups=towers), activation(), pool()),
    )
    return AlexNet(features, classes, activation)


def one_tower_of_2014(classes: int = 1000) -> AlexNet:
    """The variant that torchvision and most of today's code call AlexNet; 61,100,840 weights.

    One tower with other widths, no response normalisation. It takes torchvision's weights.

    Source: Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks",
    arXiv:1404.5997.
    """
    pool = partial(nn.MaxPool2d, 3, stride=2)
    layers = [nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), pool()]
    layers += [nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), pool()]
    for inputs, outputs in pairwise((192, 384, 256, 256)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
    return AlexNet(nn.Sequential(*layers, pool()), classes)
