"""What a residual net is compared with: networks that differ from it in one thing.

Each function changes a network that `lecture_utils.models.resnet` has made, or a copy of it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lecture_utils.models.resnet import Nothing, ResNet, blocks


class Scaled(nn.Module):
    """A shortcut whose x is multiplied by one number.

    Source: He et al. 2016, "Identity mappings in deep residual networks", arXiv:1603.05027,
    section 3.1, constant scaling.

    Args:
        around: the shortcut.
        factor: by which what it gives is multiplied.
    """

    def __init__(self, around: nn.Module, factor: float) -> None:
        super().__init__()
        self.around, self.factor = around, factor

    def forward(self, x: Tensor) -> Tensor:
        """Factor times the shortcut's x."""
        return self.factor * self.around(x)


def scaled(model: ResNet, factor: float = 0.5) -> ResNet:
    """The same network, the shortcuts of all its blocks multiplied by one number."""
    for block in blocks(model):
        block.downsample = Scaled(block.downsample, factor)
    return model


def without_norms(model: ResNet) -> ResNet:
    """The same network without batch normalisation."""
    for parent in [*model.modules()]:
        for name, part in parent.named_children():
            if isinstance(part, nn.BatchNorm2d):
                setattr(parent, name, nn.Identity())
    return model


@torch.no_grad()
def begun_at_zero(model: ResNet) -> ResNet:
    """The same residual net with F(x) = 0 in every block: each begins as its shortcut.

    The weights of the last norm are 0; of a network without norms those of the last convolution.
    """
    for block in blocks(model):
        last = block.bn2 if isinstance(block.bn2, nn.BatchNorm2d) else block.conv2
        last.weight.zero_()
    return model


@torch.no_grad()
def begun_as_identity(model: ResNet) -> ResNet:
    """The same plain net, begun so that each convolution passes its maps on, nearly as they are.

    In the middle of every detector stands 1 for its own map; the weights at random, divided by
    ten, are added. What a shortcut gives by how the net is built, the first weights give here.
    """
    for block in blocks(model):
        for layer in (block.conv1, block.conv2):
            layer.weight.div_(10).add_(nn.init.dirac_(torch.empty_like(layer.weight)))
    return model


def rearranged(model: ResNet, orders: Sequence[Sequence[int]]) -> ResNet:
    """A copy of a network whose stages use their blocks in another order, or only some of them.

    Source: Veit, Wilber and Belongie 2016, arXiv:1605.06431, sections 4.1 to 4.3.

    Args:
        model: is left as it is.
        orders: of each stage the numbers of its blocks, in the order in which they are used.

    Raises:
        ValueError: not one order for each stage, a block that is not there, or a first block, that
            changes the shape of its maps, anywhere but in the first place.
    """
    changed = copy.deepcopy(model)
    if len(orders) != len(changed.names):
        raise ValueError(f"orders: {len(orders)} for {len(changed.names)} stages; give one each")
    for name, order in zip(changed.names, orders, strict=True):
        stage = getattr(changed, name)
        if [k for k in order if k == 0] != [0] or order[0] or max(order) >= len(stage):
            raise ValueError(
                f"orders: {name} has {[*order]}; begin with 0, once, and name blocks below "
                f"{len(stage)}"
            )
        setattr(changed, name, nn.Sequential(*(stage[k] for k in order)))
    return changed


def cut(model: ResNet) -> ResNet:
    """A copy of a network without its shortcuts: what its layers make, alone."""
    changed = copy.deepcopy(model)
    for block in blocks(changed):
        block.downsample = Nothing()
    return changed
