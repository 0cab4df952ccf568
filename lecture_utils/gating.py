"""The visual cousin of the address: features -> a mask in (0, 1), and features through a mask.

An address chooses among slots, so its weights sum to 1. A gate opens or closes each place or
channel on its own: F' = F * M(F), with 0 < M < 1.

Shapes: features (B, C, H, W), or any other with the batch in front. A mask has as many axes as
the features, each of the same size or of size 1: (B, C, 1, 1) gates channels, (B, 1, H, W)
places.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.recording import note


class Gate(nn.Module):
    """From features to a mask: M = sigmoid(score).

    A subclass gives `score`. A `record` block keeps the masks under the module's name, those of
    several calls joined along the batch.
    """

    def score(self, features: Tensor) -> Tensor:
        """Any real numbers, in the shape of the mask, from features (B, C, H, W)."""
        raise NotImplementedError

    def forward(self, features: Tensor) -> Tensor:
        """The mask in (0, 1), from features (B, C, H, W)."""
        return note(self, torch.sigmoid(self.score(features)), axis=0)


def gated(features: Tensor, mask: Tensor) -> Tensor:
    """Features through a mask: F' = F * M.

    Args:
        features: (B, C, H, W), or any other shape.
        mask: as many axes as features, each of the same size or of size 1.

    Raises:
        ValueError: the mask does not say for which axes it speaks.
    """
    sizes = zip(mask.shape, features.shape, strict=False)
    if mask.ndim != features.ndim or not all(here == size or here == 1 for here, size in sizes):
        raise ValueError(
            f"mask must have as many axes as the features, {tuple(features.shape)}, each of that "
            f"size or 1; got {tuple(mask.shape)}. Pass one (B, C) for channels as "
            "mask[:, :, None, None]"
        )
    return features * mask
