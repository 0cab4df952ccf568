"""SENet: squeeze a picture into one number a channel, excite, and gate the channels with it.

Shapes: features (B, C, H, W), mask (B, C, 1, 1).

Source: Hu, Shen, Albanie, Sun and Wu 2020, "Squeeze-and-excitation networks", arXiv:1709.01507.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.gating import Gate, gated
from lecture_utils.models.resnet import Bottleneck, ResNet, blocks, resnet


class ChannelGate(Gate):
    """One number in (0, 1) a channel: s = sigmoid(W_2 relu(W_1 z)), z the mean over all places.

    Source: Hu et al. 2020, equations 2 and 3.

    Args:
        channels: C.
        ratio: r, so that the hidden layer has C / r units.
        bias: whether both layers have biases; the paper's have none, torchvision's and timm's do.
    """

    def __init__(self, channels: int, ratio: int = 16, bias: bool = True) -> None:
        super().__init__()
        if ratio < 1 or channels < ratio:
            raise ValueError(
                f"ratio must be between 1 and the {channels} channels, which it divides; "
                f"got {ratio}"
            )
        self.W_1 = nn.Linear(channels, channels // ratio, bias=bias)
        self.W_2 = nn.Linear(channels // ratio, channels, bias=bias)

    def squeeze(self, features: Tensor) -> Tensor:
        """The mean of each channel, z (B, C)."""
        return features.mean(dim=(-2, -1))

    def score(self, features: Tensor) -> Tensor:
        """Any real numbers (B, C, 1, 1), of features (B, C, H, W)."""
        z = self.squeeze(features)
        return self.W_2(torch.relu(self.W_1(z)))[..., None, None]


class SqueezeExcitation(nn.Module):
    """Recalibrate: every channel times its gate.

    Source: Hu et al. 2020, equation 4.

    Args:
        gate: from features (B, C, H, W) to a mask (B, C, 1, 1).
    """

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return gated(features, self.gate(features))


def insert(model: ResNet, ratio: int = 16, bias: bool = True) -> ResNet:
    """Gate what every residual block adds, before the sum; the model itself is changed.

    Source: Hu et al. 2020, figure 3.

    Args:
        model: of which every block gets a gate, recorded as "layer1.0.attention.gate" and so on.
        ratio: see `ChannelGate`.
        bias: see `ChannelGate`.
    """
    if not blocks(model):
        raise ValueError("model has no residual block; pass a ResNet of models.resnet")
    for block in blocks(model):
        last = block.conv3 if isinstance(block, Bottleneck) else block.conv2
        gate = ChannelGate(last.out_channels, ratio, bias).to(last.weight.device)
        block.attention = SqueezeExcitation(gate)
    return model


def se_resnet(
    depth: int, classes: int = 1000, *, ratio: int = 16, bias: bool = True, version: float = 1
) -> ResNet:
    """A SENet: with depth 50, 28,088,024 weights, or the paper's 28,071,976 without biases.

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: how many the scores are of.
        ratio: see `ChannelGate`.
        bias: see `ChannelGate`.
        version: of the bottleneck, see `resnet.resnet`; the paper's is 1.
    """
    return insert(resnet(depth, classes, version=version), ratio, bias)
