"""What a bottleneck attention module is compared with: each differs from it in what it names."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lecture_utils.models.bam import BottleneckGate, SpatialBranch

BRANCHES = ("channel", "spatial")


class Off(nn.Module):
    """A branch that says nothing: its score is 0."""

    def forward(self, features: Tensor) -> Tensor:
        """A zero for all (1, 1, 1, 1), of features (B, C, H, W)."""
        return features.new_zeros(1, 1, 1, 1)


class Fixed(nn.Module):
    """A branch that says the same of every picture.

    Args:
        score: (1, C, 1, 1) of a channel branch, (1, 1, H, W) of a spatial branch.
    """

    def __init__(self, score: Tensor) -> None:
        super().__init__()
        self.register_buffer("score", score)

    def forward(self, features: Tensor) -> Tensor:
        """The score, of whatever features."""
        return self.score


def without(block: nn.Module, branch: str) -> nn.Module:
    """The same module with one of its two `BRANCHES` off; the module itself is changed."""
    _check_branch(branch)
    setattr(block.gate, branch, Off())
    return block


def with_branch_off(model: nn.Module, branch: str) -> nn.Module:
    """A copy of a trained network in whose modules one of the `BRANCHES` is off."""
    changed = copy.deepcopy(model)
    for block in _blocks(changed):
        without(block, branch)
    return changed


@torch.no_grad()
def with_branch_at_mean(
    model: nn.Module, branch: str, images: Tensor, gates: Sequence[str] = ()
) -> nn.Module:
    """A copy of a trained network in which a branch says of all pictures what it says in the mean.

    Args:
        model: with modules of two branches.
        branch: one of the `BRANCHES`.
        images: the mean is taken over them, (B, colours, H, W).
        gates: names of the gates in which it is so; by default in all.

    Raises:
        ValueError: a branch, or a gate, that there is not.
    """
    _check_branch(branch)
    changed = copy.deepcopy(model).eval()
    found = {
        name: module
        for name, module in changed.named_modules()
        if all(hasattr(module, one) for one in BRANCHES)
    }
    if unknown := {*gates} - {*found}:
        raise ValueError(f"gates: no gate {sorted(unknown)}; there are {[*found]}")
    said: dict[str, Tensor] = {}
    for name in gates or found:
        getattr(found[name], branch).register_forward_hook(
            lambda _, __, score, name=name: said.update({name: score.mean(0, keepdim=True)})
        )
    changed(images)
    for name, score in said.items():
        setattr(found[name], branch, Fixed(score))
    return changed


def with_rule(model: nn.Module, combine: str) -> nn.Module:
    """A copy of a trained network that combines its branches by "sum" or "product"."""
    changed = copy.deepcopy(model)
    for block in _blocks(changed):
        block.gate = BottleneckGate(block.gate.channel, block.gate.spatial, combine)
    return changed


def _check_branch(branch: str) -> None:
    """Refuse what is none of the `BRANCHES`."""
    if branch not in BRANCHES:
        raise ValueError(f"branch must be one of {BRANCHES}; got {branch!r}")


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
