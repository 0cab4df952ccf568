"""Hard addresses: one slot is read whole; and two ways to learn through that choice."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lecture_utils.addressing.primitive import Address, Wrapped, check_mask, masked_softmax
from lecture_utils.recording import note


class Hard(Wrapped):
    """One slot is read whole, the one with the largest score: w is one-hot, r = M_a.

    No gradient flows from the weights to the scores: a model with this address is trained by
    being told the right slots, as in Weston, Chopra and Bordes 2014, arXiv:1410.3916.

    Args:
        inner: the address that gives the scores.
    """

    def choose(self, scores: Tensor, mask: Tensor | None) -> Tensor:
        """Weights (..., T, S): 1 at the largest score; of equal ones, at the first."""
        return one_hot(scores, mask)

    def weights(self, queries: Tensor, projected: Tensor, mask: Tensor | None = None) -> Tensor:
        """Weights (..., T, S), one of each row 1 and the others 0."""
        return note(self, self.choose(self.score(queries, projected), mask))


class StraightThrough(Hard):
    """Hard when it reads, soft when it learns: the gradient is that of the softmax.

    The gradient is biased: it asks how the loss changes with the read, which never moves a little.

    Source: Bengio, Leonard and Courville 2013, arXiv:1308.3432, for one unit that is on or off;
    here for a choice among slots.
    """

    def choose(self, scores: Tensor, mask: Tensor | None) -> Tensor:
        """One-hot weights (..., T, S) with the gradient of the soft ones."""
        soft = masked_softmax(scores, mask)
        return one_hot(scores, mask) + (soft - soft.detach())


class Sampled(Hard):
    """One slot, drawn with the soft weights as chances; in evaluation the most probable one.

    Noise on the scores makes the largest of them a draw (Gumbel), and the gradient is that of
    the softmax of the noisy scores.

    Source: Jang, Gu and Poole 2017, arXiv:1611.01144, the straight-through estimator of section
    2.2; the noisy softmax itself also in Maddison, Mnih and Teh 2017, arXiv:1611.00712.

    Args:
        inner: the address that gives the scores.
        temperature: of the softmax that gives the gradient; the lower, the less biased and the
            noisier. It does not change what is drawn.
    """

    def __init__(self, inner: Address, temperature: float = 1.0) -> None:
        super().__init__(inner)
        if not temperature > 0:
            raise ValueError(f"temperature must be greater than 0; got {temperature}")
        self.temperature = temperature

    def choose(self, scores: Tensor, mask: Tensor | None) -> Tensor:
        """One-hot weights (..., T, S) with the gradient of the soft ones."""
        if self.training:
            scores = scores - torch.empty_like(scores).exponential_().log()  # + Gumbel noise
        soft = masked_softmax(scores / self.temperature, mask)
        return one_hot(scores, mask) + (soft - soft.detach())


def one_hot(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """A hard address: weight 1 at the largest score of each row, among the slots of `mask`.

    Args:
        scores: (..., T, S).
        mask: bool, True where a slot may be read; as many axes as scores, each equal or 1.

    Returns:
        Weights (..., T, S); a row with no slot to read is all zeros.
    """
    check_mask(mask, scores.shape)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    best = scores.detach().argmax(dim=-1, keepdim=True)
    weights = torch.zeros_like(scores).scatter(-1, best, 1.0)
    return weights if mask is None else weights.masked_fill(~mask, 0.0)
