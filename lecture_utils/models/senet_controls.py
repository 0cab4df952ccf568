"""What squeeze and excitation is compared with: gates that differ from it in one thing.

Each has the two layers of a `senet.ChannelGate`, drawn alike from the same seed.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from lecture_utils.models.senet import ChannelGate
from lecture_utils.recording import note


class NoSqueeze(ChannelGate):
    """A gate for every channel that is learned, but the same for all pictures: z is 1."""

    def squeeze(self, features: Tensor) -> Tensor:
        """Ones (B, C), whatever is in the picture."""
        return torch.ones_like(super().squeeze(features))


class MaxSqueeze(ChannelGate):
    """A gate that sees the greatest number of each channel.

    Source: Hu et al. 2020, table 11.
    """

    def squeeze(self, features: Tensor) -> Tensor:
        """The maximum of each channel (B, C)."""
        return features.amax(dim=(-2, -1))


class Bent(ChannelGate):
    """Another function in the place of the sigmoid.

    Source: Hu et al. 2020, table 12.

    Args:
        channels, ratio: see `ChannelGate`.
        function: from scores (B, C, 1, 1) to what multiplies the channels.
    """

    def __init__(self, channels: int, ratio: int, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__(channels, ratio)
        self.function = function

    def forward(self, features: Tensor) -> Tensor:
        """What multiplies the channels, (B, C, 1, 1)."""
        return note(self, self.function(self.score(features)), axis=0)


class Added(nn.Module):
    """The scores are added to the channels: told about the whole picture, and nothing closed.

    Args:
        gate: of which only the score is used.
    """

    def __init__(self, gate: ChannelGate) -> None:
        super().__init__()
        self.gate = gate

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return features + self.gate.score(features)


def softmax(scores: Tensor) -> Tensor:
    """An address over the channels: (B, C, 1, 1), of which the C numbers sum to 1."""
    return scores.softmax(dim=1)
