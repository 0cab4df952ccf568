"""ResNet: layers that learn what to add, H(x) = F(x) + x.

Shapes: images (B, 3, H, W), features (B, C, H, W), scores (B, classes). The names of the modules
are torchvision's, so that its weights load.

Source: He, Zhang, Ren and Sun 2016, "Deep residual learning for image recognition",
arXiv:1512.03385.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from lecture_utils.models.images import check_images


def conv(inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps height and width, or divides them by `stride`; no bias."""
    return nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)


class Pad(nn.Module):
    """Option A: every `stride`-th place, and zeros for the channels that x does not have.

    Args:
        inputs: channels of x.
        outputs: channels that it is to have, no fewer.
        stride: by which height and width are divided.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        if outputs < inputs:
            raise ValueError(f"zeros can only be added: {inputs} channels cannot become {outputs}")
        self.more, self.stride = outputs - inputs, stride

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        x = x[..., :: self.stride, :: self.stride]
        return nn.functional.pad(x, (0, 0, 0, 0, 0, self.more))


class Nothing(nn.Module):
    """No shortcut: 0, for the plain nets that residual nets are compared with."""

    def forward(self, x: Tensor) -> Tensor:
        """A zero, to be added."""
        return x.new_zeros(())


def shortcut(kind: str, inputs: int, outputs: int, stride: int) -> nn.Module:
    """The path around a block: x itself where its shape stays.

    Args:
        kind: where the shape changes, "A" pads with zeros, "B" projects by a convolution of
            1 x 1 (section 3.3 of the paper); "none" leaves it out everywhere: a plain net.
        inputs: channels of x.
        outputs: channels behind the block.
        stride: by which the block divides height and width.
    """
    if kind not in ("A", "B", "none"):
        raise ValueError(f'shortcut must be "A", "B" or "none"; got {kind!r}')
    if kind == "none":
        return Nothing()
    if inputs == outputs and stride == 1:
        return nn.Identity()
    if kind == "A":
        return Pad(inputs, outputs, stride)
    return nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))


class Basic(nn.Module):
    """Two convolutions of 3 x 3, and around them x itself.

    Args:
        inputs: channels of x.
        width: channels inside, and behind.
        stride: of the first convolution.
        around: the shortcut.
    """

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int, around: nn.Module) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3), nn.BatchNorm2d(width)
        self.attention, self.downsample = nn.Identity(), around

    def residual(self, x: Tensor) -> Tensor:
        """F(x), (B, width, H / stride, W / stride)."""
        x = torch.relu(self.bn1(self.conv1(x)))
        return self.bn2(self.conv2(x))

    def forward(self, x: Tensor) -> Tensor:
        """F(x) + x, through a ReLU."""
        return torch.relu(self.attention(self.residual(x)) + self.downsample(x))


class Bottleneck(nn.Module):
    """1 x 1 to few channels, 3 x 3 among them, 1 x 1 to four times as many; around them x itself.

    Args:
        inputs, width: channels of x, and inside; behind there are 4 width.
        stride: of the 3 x 3 (version 1.5), or of the first 1 x 1 (version 1, the paper's).
        around, version: the shortcut; 1.5 or 1.
    """

    expansion = 4

    def __init__(
        self, inputs: int, width: int, stride: int, around: nn.Module, version: float = 1.5
    ) -> None:
        super().__init__()
        first, second = (stride, 1) if version == 1 else (1, stride)
        self.conv1, self.bn1 = conv(inputs, width, 1, first), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3, second), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = conv(width, 4 * width, 1), nn.BatchNorm2d(4 * width)
        self.attention, self.downsample = nn.Identity(), around

    def residual(self, x: Tensor) -> Tensor:
        """F(x), (B, 4 width, H / stride, W / stride)."""
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        return self.bn3(self.conv3(x))

    def forward(self, x: Tensor) -> Tensor:
        """F(x) + x, through a ReLU."""
        return torch.relu(self.attention(self.residual(x)) + self.downsample(x))


Block = Basic | Bottleneck
MakeBlock = Callable[[int, int, int], Block]
"""From channels that come in, width and stride to a block."""


class ResNet(nn.Module):
    """A first convolution, stages of blocks, the mean over all places, linear scores.

    Args:
        stages: each a `torch.nn.Sequential` of blocks; they become layer1, layer2 and so on.
        first: channels of the first convolution.
        features: channels behind the last stage.
        classes: how many the scores are of.
        small: for images of 32 x 32: the first convolution is 3 x 3 and leaves the size.
    """

    def __init__(
        self, stages: Sequence[nn.Module], first: int, features: int, classes: int, small: bool
    ) -> None:
        super().__init__()
        self.conv1 = conv(3, first, 3) if small else conv(3, first, 7, stride=2)
        self.bn1 = nn.BatchNorm2d(first)
        self.maxpool = nn.Identity() if small else nn.MaxPool2d(3, stride=2, padding=1)
        self.names = [f"layer{i}" for i in range(1, len(stages) + 1)]
        for name, stage in zip(self.names, stages, strict=True):
            self.add_module(name, stage)
        self.fc = nn.Linear(features, classes)

    def features(self, images: Tensor) -> Tensor:
        """What the last stage gives, (B, C, H / 32, W / 32), or H / 4 of small images."""
        check_images(images, 3)
        x = self.maxpool(torch.relu(self.bn1(self.conv1(images))))
        for name in self.names:
            x = getattr(self, name)(x)
        return x

    def forward(self, images: Tensor) -> Tensor:
        """Scores (B, classes) of images (B, 3, H, W)."""
        return self.fc(self.features(images).mean(dim=(-2, -1)))


def stage(make: MakeBlock, inputs: int, width: int, blocks: int, stride: int) -> nn.Sequential:
    """So many blocks of one width; the first takes `inputs` channels and has the stride."""
    made = [make(inputs, width, stride)]
    for _ in range(blocks - 1):
        made.append(make(made[0].expansion * width, width, 1))
    return nn.Sequential(*made)


DEPTHS = {
    18: (Basic, (2, 2, 2, 2)),
    34: (Basic, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}
"""Kind of block, and blocks a stage, by the number of layers: table 1 of the paper."""


def resnet(depth: int, classes: int = 1000, *, version: float = 1.5, around: str = "B") -> ResNet:
    """A ResNet for ImageNet: 11,689,512 weights at depth 18, 60,192,808 at 152.

    Args:
        depth: 18, 34, 50, 101 or 152.
        classes: how many the scores are of.
        version: 1: a bottleneck's stride is in its first 1 x 1, as in the paper; 1.5: in its
            3 x 3, as in torchvision and most of what is published since.
        around: "A", "B" or "none", see `shortcut`.

    Raises:
        ValueError: a depth, version or shortcut of another kind.
    """
    if depth not in DEPTHS:
        raise ValueError(f"depth must be one of {[*DEPTHS]}; got {depth!r}")
    if version not in (1, 1.5):
        raise ValueError(f"version must be 1 or 1.5; got {version!r}")
    kind, blocks = DEPTHS[depth]
    more = {"version": version} if kind is Bottleneck else {}

    def make(inputs: int, width: int, stride: int) -> Block:
        path = shortcut(around, inputs, kind.expansion * width, stride)
        return kind(inputs, width, stride, path, **more)

    inputs = [64] + [kind.expansion * width for width in (64, 128, 256)]
    stages = [
        stage(make, inputs[i], 64 * 2**i, count, stride=1 if i == 0 else 2)
        for i, count in enumerate(blocks)
    ]
    return started(ResNet(stages, 64, kind.expansion * 512, classes, small=False))


def small_resnet(depth: int, classes: int = 10, *, around: str = "A", width: int = 16) -> ResNet:
    """A ResNet for images of 32 x 32, as the paper's of CIFAR-10: 269,722 weights at depth 20.

    With projections (B) they are 272,474.

    Args:
        depth: 6 n + 2, n blocks in each of three stages: 20, 32, 44, 56, 110.
        classes: how many the scores are of.
        around: "A", as in the paper, "B" or "none", see `shortcut`.
        width: channels of the first stage; the others have twice and four times as many.

    Raises:
        ValueError: a depth that is not 6 n + 2, no width, a shortcut of another kind.
    """
    n, rest = divmod(depth - 2, 6)
    if n < 1 or rest:
        raise ValueError(f"depth must be 6 n + 2, as 20, 32, 44, 56 or 110; got {depth!r}")
    if width < 1:
        raise ValueError(f"width must be at least 1; got {width}")

    def make(inputs: int, width: int, stride: int) -> Block:
        return Basic(inputs, width, stride, shortcut(around, inputs, width, stride))

    widths = [width, 2 * width, 4 * width]
    stages = [
        stage(make, inputs, wide, n, stride=1 if i == 0 else 2)
        for i, (inputs, wide) in enumerate(zip([width, *widths], widths, strict=False))
    ]
    return started(ResNet(stages, width, widths[-1], classes, small=True))


def started(model: ResNet) -> ResNet:
    """The same, each convolution drawn so that a ReLU keeps the variance.

    Source: He, Zhang, Ren and Sun 2015, arXiv:1502.01852, equation 14.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


def blocks(model: nn.Module) -> list[Block]:
    """The residual blocks of a model, in the order in which it uses them."""
    return [module for module in model.modules() if isinstance(module, Basic | Bottleneck)]
