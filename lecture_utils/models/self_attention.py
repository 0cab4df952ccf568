"""Self-attention: a sequence is its own memory, and every word of it asks.

Shapes: words (B, S) are numbers; a mask (B, T or 1, S) is True where a slot may be read.

Source: Vaswani et al. 2017, "Attention is all you need", arXiv:1706.03762, section 3.2.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from lecture_utils.addressing import check_mask, masked_softmax, read
from lecture_utils.models.multi_head import Head, MultiHead
from lecture_utils.models.transformer import AddNorm, EncoderLayer, FeedForward, causal


class SelfAttention(nn.Module):
    """One head of self-attention, and what each word says from its read alone.

    Args:
        words: how many there are.
        answers: how many a word can give, V.
        features: of an embedded word, D.
        size: of a query, a key and a value, d.
        positions: gives what is added to embedded words, see `positions.Sinusoidal`; None: nothing.
    """

    def __init__(
        self,
        words: int,
        answers: int,
        features: int = 64,
        size: int = 64,
        positions: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.embed, self.positions = nn.Embedding(words, features), positions
        self.head = Head(features, size)
        self.readout = nn.Linear(size, answers)

    def forward(self, words: Tensor, mask: Tensor | None = None) -> Tensor:
        """Logits (B, S, V), one answer for each of the words (B, S)."""
        x = self.embed(words)  # (B, S, D)
        x = x if self.positions is None else x + self.positions(x)
        return self.readout(self.head(x, x, mask))  # queries and slots are the same words


class Layers(nn.Module):
    """Layers of an encoder whose words are told no places, and what each word says at the end.

    Args:
        words: how many there are.
        answers: how many a word can give, V.
        layers: how many; norms stand before the sublayers.
        masked: whether a word reads itself and those before it alone.
        features: of a state, D.
        heads: of a layer, H.
    """

    def __init__(
        self,
        words: int,
        answers: int,
        layers: int,
        masked: bool,
        features: int = 64,
        heads: int = 4,
    ) -> None:
        super().__init__()
        around = partial(AddNorm, features, norm_first=True)
        self.embed, self.masked = nn.Embedding(words, features), masked
        self.layers = nn.ModuleList(
            EncoderLayer(MultiHead(features, heads), FeedForward(features, 2 * features), around)
            for _ in range(layers)
        )
        self.readout = nn.Sequential(nn.LayerNorm(features), nn.Linear(features, answers))

    def forward(self, words: Tensor) -> Tensor:
        """Logits (B, S, V), one answer for each of the words (B, S)."""
        x = self.embed(words)  # (B, S, D)
        mask = causal(x) if self.masked else None
        for layer in self.layers:
            x = layer(x, mask)
        return self.readout(x)


class Step(nn.Module):
    """A function as a module, so that `trace` sees what it is given and what it gives."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *given: Tensor) -> Tensor:
        """What the function makes of it."""
        return self.function(*given)


class HeadInSteps(Head):
    """The same head, one step after the other: softmax(Q K^T / sqrt(d)) V."""

    def __init__(self, features: int, size: int) -> None:
        super().__init__(features, size)
        self.scores = Step(lambda Q, K: Q @ K.transpose(-2, -1))
        self.scale = Step(lambda scores: scores / math.sqrt(size))
        self.mask = Step(lambda scores, may: scores.masked_fill(~may, -math.inf))
        self.softmax = Step(lambda scores: masked_softmax(scores, scores > -math.inf))
        self.read = Step(read)

    def forward(self, queries: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """Reads (B, T, d) of queries (B, T, D) on a memory (B, S, D); a mask is (B, T or 1, S)."""
        Q, K, V = self.W_Q(queries), self.W_K(memory), self.W_V(memory)
        scores = self.scale(self.scores(Q, K))  # (B, T, S)
        if mask is not None:
            check_mask(mask, scores.shape)
            scores = self.mask(scores, mask)
        return self.read(self.softmax(scores), V)  # (B, T, d)
