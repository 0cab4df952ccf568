"""What squeeze and excitation is compared with: gates that differ from it in one thing.

Each has the two layers of a `senet.ChannelGate`, drawn alike from the same seed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.gating import Gate
from lecture_utils.models.senet import ChannelGate


class NoSqueeze(ChannelGate):
    """A gate for every channel that is learned, but the same for all pictures: z is 1."""

    def squeeze(self, features: Tensor) -> Tensor:
        """Ones (B, C), whatever is in the picture."""
        return torch.ones_like(super().squeeze(features))


class Added(nn.Module):
    """The scores are added to the channels: told about the whole picture, without a product.

    Args:
        gate: of which only the score is used.
    """

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self.gate = gate

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return features + self.gate.score(features)
