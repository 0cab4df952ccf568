"""A non-local block one step after the other, and a gate to put beside it, for their picture."""

from __future__ import annotations

from torch import Tensor, nn

from lecture_utils.addressing import read
from lecture_utils.gating import Gate
from lecture_utils.models.non_local import NonLocal, places
from lecture_utils.models.self_attention import Step


class InSteps(NonLocal):
    """The same block with embedded Gaussian: softmax(theta phi^T) g, each step a module.

    Args:
        channels: C.
        size: C'; None for C / 2.
    """

    def __init__(self, channels: int, size: int | None = None) -> None:
        super().__init__(channels, "embedded", size)
        self.queries, self.keys, self.values = Step(places), Step(places), Step(places)
        self.scores = Step(lambda Q, K: Q @ K.transpose(-2, -1))
        self.softmax = Step(lambda scores: scores.softmax(dim=-1))
        self.weighted = Step(read)
        self.laid_out = Step(lambda y, size: y.transpose(-2, -1).unflatten(-1, size))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        Q, K = self.queries(self.theta(x)), self.keys(self.phi(x))
        y = self.weighted(self.softmax(self.scores(Q, K)), self.values(self.g(x)))
        return self.norm(self.W_z(self.laid_out(y, x.shape[-2:]))) + x


class PlaceGate(Gate):
    """A gate for every number of every place, from the features of that place alone.

    Args:
        channels: C.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layer = nn.Conv2d(channels, channels, 1)

    def score(self, features: Tensor) -> Tensor:
        """Any real numbers (B, C, H, W), of features of that shape."""
        return self.layer(features)
