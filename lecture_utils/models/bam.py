"""BAM: at each bottleneck of a network, one mask over channels and places together.

Shapes: features (B, C, H, W); the channel branch gives (B, C, 1, 1), the spatial branch
(B, 1, H, W), the mask is (B, C, H, W).

Source: Park, Woo, Lee and Kweon 2018, "BAM: Bottleneck attention module", arXiv:1807.06514.
The code that its authors released differs in two places, which are options here: where the batch
norms stand, and that it multiplies the branches where the paper adds them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.gating import Gate, gated
from lecture_utils.models.resnet import Bottleneck, ResNet

NORMS = ("end", "hidden")


class ChannelBranch(nn.Module):
    """M_c(F) = BN(MLP(AvgPool(F))): what is in the picture, one number a channel.

    The paper prints the perceptron as W_1 (W_0 z + b_0) + b_1; the ReLU behind its hidden layer is
    the released code's.

    Source: Park et al. 2018, equation 3.

    Args:
        channels: C.
        ratio: r, so that the hidden layer has C / r units.
        norms: "end", as the formula has it, or "hidden", as the released code: behind the hidden
            layer and not at the end.
    """

    def __init__(self, channels: int, ratio: int = 16, norms: str = "end") -> None:
        super().__init__()
        few, end = channels // ratio, norms == "end"
        self.W_0, self.W_1 = nn.Linear(channels, few), nn.Linear(few, channels)
        self.hidden_norm = nn.Identity() if end else nn.BatchNorm1d(few)
        self.norm = nn.BatchNorm1d(channels) if end else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, 1, 1)."""
        check_batch(features, self.training)
        z = features.mean(dim=(-2, -1))  # (B, C)
        hidden = torch.relu(self.hidden_norm(self.W_0(z)))
        return self.norm(self.W_1(hidden))[..., None, None]


class SpatialBranch(nn.Module):
    """M_s(F) = BN(f_3(f_2(f_1(f_0(F))))): where to look, one number a place.

    Source: Park et al. 2018, equation 4; the ReLUs are the released code's.

    Args:
        channels, ratio, norms: see `ChannelBranch`.
        dilation: d, steps between what a convolution of 3 x 3 sees.
    """

    def __init__(self, channels: int, ratio: int = 16, dilation: int = 4,
                 norms: str = "end") -> None:  # fmt: skip
        super().__init__()
        few = channels // ratio
        self.f_0 = nn.Conv2d(channels, few, 1)
        self.f_1 = nn.Conv2d(few, few, 3, padding=dilation, dilation=dilation)
        self.f_2 = nn.Conv2d(few, few, 3, padding=dilation, dilation=dilation)
        self.f_3 = nn.Conv2d(few, 1, 1)
        inner = [nn.Identity() if norms == "end" else nn.BatchNorm2d(few) for _ in range(3)]
        self.hidden_norms = nn.ModuleList(inner)
        self.norm = nn.BatchNorm2d(1) if norms == "end" else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 1, H, W)."""
        x = self.f_0(features).contiguous(memory_format=torch.channels_last)  # quicker if dilated
        x, layers = torch.relu(self.hidden_norms[0](x)), (self.f_1, self.f_2)
        for layer, norm in zip(layers, self.hidden_norms[1:], strict=True):
            x = torch.relu(norm(layer(x)))  # (B, C / r, H, W)
        return self.norm(self.f_3(x))


class BottleneckGate(Gate):
    """M(F) = sigmoid(M_c(F) + M_s(F)): a mask with a number for every channel at every place.

    Source: Park et al. 2018, equation 2.

    Args:
        channel: the channel branch.
        spatial: the spatial branch.
        combine: "sum", as the paper has it, or "product", as the released code.
    """

    def __init__(self, channel: nn.Module, spatial: nn.Module, combine: str = "sum") -> None:
        super().__init__()
        if combine not in ("sum", "product"):
            raise ValueError(f'combine must be "sum" or "product"; got {combine!r}')
        self.channel, self.spatial, self.combine = channel, spatial, combine

    def score(self, features: Tensor) -> Tensor:
        """Any real numbers (B, C, H, W), of features (B, C, H, W)."""
        channel, spatial = self.channel(features), self.spatial(features)
        if self.combine == "product":
            return torch.einsum("bcij,bihw->bchw", channel, spatial)  # c * s, quicker backwards
        return channel + spatial


class BAM(nn.Module):
    """F' = F + F * M(F): what the mask lets through is added, nothing is taken away.

    (The lecture's slide prints F + F (+) M(F), a circled plus; the paper's is a product.)

    Source: Park et al. 2018, equation 1.

    Args:
        channels, ratio, dilation: C, r and d, see the branches.
        norms: "end", the formula's place of the batch norms, or "hidden", the released code's.
        combine: "sum", the paper's, or "product", the released code's.

    Raises:
        ValueError: a ratio that leaves no hidden channel, options of another kind.
    """

    def __init__(self, channels: int, ratio: int = 16, dilation: int = 4, norms: str = "end",
                 combine: str = "sum") -> None:  # fmt: skip
        super().__init__()
        check_options(channels, ratio, dilation, norms)
        channel = ChannelBranch(channels, ratio, norms)
        spatial = SpatialBranch(channels, ratio, dilation, norms)
        self.gate = BottleneckGate(channel, spatial, combine)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W), every value 1 to 2 times what it was."""
        return gated(features, 1 + self.gate(features))


def check_batch(features: Tensor, training: bool) -> None:
    """Refuse to train on a batch of one, with a `ValueError`."""
    if training and len(features) == 1:
        raise ValueError(
            "features holds one image, whose channels have no variance to be normalised by; "
            "train with batches of at least 2, or call model.eval()"
        )


def check_options(channels: int, ratio: int, dilation: int, norms: str) -> None:
    """Refuse what no branch can be made of, with a `ValueError`."""
    if ratio < 1 or channels < ratio:
        raise ValueError(
            f"ratio must be between 1 and the {channels} channels, which it divides; got {ratio}"
        )
    if dilation < 1:
        raise ValueError(f"dilation must be at least 1; got {dilation}")
    if norms not in NORMS:
        raise ValueError(f"norms must be one of {NORMS}; got {norms!r}")


def insert(model: ResNet, **options: int | str) -> ResNet:
    """A BAM behind every stage but the last, where the next one halves the size.

    The model itself is changed. A mask is recorded as "layer1.3.gate" and so on. ResNet-50 has
    25,917,793 weights then, and 25,915,099 with norms="hidden".

    Args:
        model: a ResNet of `models.resnet`.
        **options: of `BAM`.
    """
    if not isinstance(model, ResNet):
        raise ValueError(f"model must be a ResNet of models.resnet; got {type(model).__name__}")
    for name in model.names[:-1]:
        stage = getattr(model, name)
        last = stage[-1].conv3 if isinstance(stage[-1], Bottleneck) else stage[-1].conv2
        stage.append(BAM(last.out_channels, **options).to(last.weight.device))
    return model
