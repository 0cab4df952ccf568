"""What a bottleneck attention module is compared with: each differs from it in one thing."""

from __future__ import annotations

import copy

from torch import Tensor, nn

from lecture_utils.models.bam import BottleneckGate, SpatialBranch

BRANCHES = ("channel", "spatial")


class Off(nn.Module):
    """A branch that says nothing: its score is 0."""

    def forward(self, features: Tensor) -> Tensor:
        """A zero for all (1, 1, 1, 1), of features (B, C, H, W)."""
        return features.new_zeros(1, 1, 1, 1)


def without(block: nn.Module, branch: str) -> nn.Module:
    """The same module with one of its two `BRANCHES` off; the module itself is changed."""
    if branch not in BRANCHES:
        raise ValueError(f"branch must be one of {BRANCHES}; got {branch!r}")
    setattr(block.gate, branch, Off())
    return block


def with_branch_off(model: nn.Module, branch: str) -> nn.Module:
    """A copy of a trained network in whose modules one of the `BRANCHES` is off."""
    changed = copy.deepcopy(model)
    for block in _blocks(changed):
        without(block, branch)
    return changed


def with_rule(model: nn.Module, combine: str) -> nn.Module:
    """A copy of a trained network that combines its branches by "sum" or "product"."""
    changed = copy.deepcopy(model)
    for block in _blocks(changed):
        block.gate = BottleneckGate(block.gate.channel, block.gate.spatial, combine)
    return changed


def _blocks(model: nn.Module) -> list[nn.Module]:
    """Those with a gate of two branches, of whatever class: a reader's own copy of it, too."""
    return [
        block
        for block in model.modules()
        if all(hasattr(getattr(block, "gate", None), branch) for branch in BRANCHES)
    ]


class DilatedBlock(nn.Module):
    """The spatial branch's layers with a number for every channel, added: no gate, no sigmoid.

    Args:
        channels, ratio, dilation: as of `BAM`.
    """

    def __init__(self, channels: int, ratio: int = 16, dilation: int = 4) -> None:
        super().__init__()
        self.layers = SpatialBranch(channels, ratio, dilation, "hidden")
        self.layers.f_3 = nn.Conv2d(channels // ratio, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return features + self.layers(features)
