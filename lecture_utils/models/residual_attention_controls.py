"""What a module with a soft mask is compared with: each differs from it in one thing.

Shapes: features (B, C, H, W); a mask has the same shape, or one map for all channels.
"""

from __future__ import annotations

from torch import Tensor, nn

from lecture_utils.gating import gated
from lecture_utils.models.residual_attention import Attended, SoftMask, units
from lecture_utils.recording import note


class Doubled(Attended):
    """Naive attention learning times two: at a mask of one half the trunk passes as it is."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W): 2 M(x) T(x)."""
        return 2 * gated(self.trunk(x), self.mask(x))


class AddedScore(Attended):
    """The mask's score is added to the trunk: as much is known, and nothing is multiplied."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return self.trunk(x) + self.mask.score(x)


def local(mask: SoftMask, channels: int, count: int = 5) -> SoftMask:
    """The same mask without its way down and up: as many units, all at full size.

    Source: Wang et al. 2017, section 4.1, "local convolutions".

    Args:
        mask: of an hourglass that is halved twice, if it is to have as many weights.
        channels: C.
        count: of the units in the place of the hourglass.
    """
    mask.hourglass = units(channels, count)
    return mask


class OneMap(SoftMask):
    """One map for all channels: it can say where, and not what."""

    def score(self, features: Tensor) -> Tensor:
        """Any real numbers (B, 1, H, W), of features (B, C, H, W)."""
        return super().score(features).mean(dim=1, keepdim=True)


class AcrossPlaces(SoftMask):
    """Each map with mean 0 and deviation 1 over its places, then the sigmoid.

    Source: Wang et al. 2017, equation 6, "spatial attention".
    """

    def score(self, features: Tensor) -> Tensor:
        """Any real numbers (B, C, H, W), of features (B, C, H, W)."""
        return nn.functional.instance_norm(super().score(features))


class AcrossChannels(SoftMask):
    """Each place's numbers with length 1, of both signs, and no sigmoid.

    Source: Wang et al. 2017, equation 5, "channel attention".
    """

    def forward(self, features: Tensor) -> Tensor:
        """The mask (B, C, H, W), in [-1, 1], of features (B, C, H, W)."""
        return note(self, nn.functional.normalize(self.score(features), dim=1), axis=0)
