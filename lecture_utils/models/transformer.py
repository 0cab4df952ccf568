"""The Transformer: an encoder and a decoder of attention, without recurrence.

Its interface is that of `encoder_decoder.EncoderDecoder`, so the same functions train it and
decode with it; what its decoder carries from step to step is a cache of keys and values.

Shapes: source (B, S) and target (B, T) hold word numbers; the mask (B, S) is True on words; a
state has D features, H heads share them.

Source: Vaswani et al. 2017, "Attention is all you need", arXiv:1706.03762.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from lecture_utils.models.encoder_decoder import State
from lecture_utils.models.multi_head import MultiHead, size_of_head
from lecture_utils.models.positions import Learned, Relative, Rotary, Sinusoidal, at_least


class Memory(NamedTuple):
    """What the encoder hands to the decoder.

    Attributes:
        states: (B, S, D), one state per source word.
        keys: keys and values (B, H, S, d) of the first decoder layer, of the second, and so on;
            every layer makes its own of the same states, once for all words of the target.
        mask: (B, S) bool, True on words; None where every slot is a word.
    """

    states: Tensor
    keys: tuple[Tensor, ...]
    mask: Tensor | None

    def expand(self, times: int) -> Self:
        """The memory of one source, for so many beginnings of its translation; no copy."""
        keys = tuple(part.expand(times, -1, -1, -1) for part in self.keys)
        return self._replace(states=self.states.expand(times, -1, -1), keys=keys)


class FeedForward(nn.Module):
    """The same small network at every place: max(0, x W_1 + b_1) W_2 + b_2.

    Source: Vaswani et al. 2017, equation 2.

    Args:
        features: D.
        inner: units of its hidden layer (d_ff in the paper).
    """

    def __init__(self, features: int, inner: int) -> None:
        super().__init__()
        self.W_1, self.W_2 = nn.Linear(features, inner), nn.Linear(inner, features)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D); no place sees another."""
        return self.W_2(torch.relu(self.W_1(x)))


class AddNorm(nn.Module):
    """What stands around every sublayer: LayerNorm(x + sublayer(x)), post-norm.

    Args:
        features: D.
        dropout: probability, of what the sublayer gives, to be dropped.
        norm_first: x + sublayer(LayerNorm(x)), pre-norm (Xiong et al. 2020, arXiv:2002.04745).
    """

    def __init__(self, features: int, dropout: float = 0.0, norm_first: bool = False) -> None:
        super().__init__()
        self.norm, self.dropout = nn.LayerNorm(features), nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x: Tensor, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        if self.norm_first:
            return x + self.dropout(sublayer(self.norm(x)))
        return self.norm(x + self.dropout(sublayer(x)))


class EncoderLayer(nn.Module):
    """Self-attention, then the feed-forward network; each added to what came in, and normed."""

    def __init__(
        self, attention: MultiHead, feed_forward: FeedForward, around: Callable[[], AddNorm]
    ) -> None:
        super().__init__()
        self.attention, self.feed_forward = attention, feed_forward
        self.add_attention, self.add_feed_forward = around(), around()

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, S, D) -> (B, S, D); a mask (B, S or 1, S) says which slots may be read."""
        x = self.add_attention(x, lambda x: self.attention(x, x, mask))
        return self.add_feed_forward(x, self.feed_forward)


def causal(x: Tensor, at: int = 0) -> Tensor | None:
    """Which words each of the words x (B, T, D) may read: itself and those before it.

    Args:
        x: the first of them stands at place `at`.
        at: how many words stand before.

    Returns:
        (1, T, at + T), True where it may read; None for one word, which may read all.
    """
    if x.shape[-2] == 1:
        return None
    places = torch.arange(at + x.shape[-2], device=x.device)
    return (places <= places[at:].unsqueeze(-1)).unsqueeze(0)


def look_back(
    attention: MultiHead, x: Tensor, past: Sequence[Tensor]
) -> tuple[Tensor, list[Tensor]]:
    """Masked self-attention: new words x (B, T, D) read the words before, and themselves.

    Args:
        attention: of a layer of the decoder.
        x: (B, T, D).
        past: keys and values (B, H, t, d) of the t words before; t = 0 at the beginning.

    Returns:
        The reads (B, T, D), and keys and values (B, H, t + T, d) of all words so far.
    """
    at = past[0].shape[-2]
    kept = [torch.cat(pair, dim=-2) for pair in zip(past, attention.project(x, at), strict=True)]
    return attention.attend(x, *kept, causal(x, at), at), kept


class DecoderLayer(nn.Module):
    """Masked self-attention, cross-attention on keys and values of the encoder, feed-forward."""

    def __init__(
        self,
        attention: MultiHead,
        cross: MultiHead,
        feed_forward: FeedForward,
        around: Callable[[], AddNorm],
    ) -> None:
        super().__init__()
        self.attention, self.cross, self.feed_forward = attention, cross, feed_forward
        self.add_attention, self.add_cross, self.add_feed_forward = around(), around(), around()

    def forward(
        self, x: Tensor, slots: Sequence[Tensor], mask: Tensor | None, past: Sequence[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """States of new words x (B, T, D), and what `look_back` keeps; a mask is (B, 1, S)."""
        at, kept = past[0].shape[-2], []

        def back(x: Tensor) -> Tensor:
            read, kept[:] = look_back(self.attention, x, past)
            return read

        x = self.add_attention(x, back)
        x = self.add_cross(x, lambda x: self.cross.attend(x, *slots, mask, at))
        return self.add_feed_forward(x, self.feed_forward), kept


class Embedding(nn.Module):
    """Words and places as vectors: E(word) sqrt(D) + PE(place); Vaswani et al. 2017, section 3.4.

    Args:
        words: how many there are, V.
        features: D.
        positions: gives what is added to words, as `Sinusoidal`; None: nothing.
        dropout: probability of what is given to be dropped.
    """

    def __init__(self, words: int, features: int, positions: nn.Module | None, dropout: float):
        super().__init__()
        self.words, self.positions = nn.Embedding(words, features), positions
        self.dropout, self.scale = nn.Dropout(dropout), math.sqrt(features)
        nn.init.normal_(self.words.weight, std=1 / self.scale)  # times the scale: variance 1

    @property
    def num_embeddings(self) -> int:
        """How many words there are."""
        return self.words.num_embeddings

    def forward(self, words: Tensor, at: int = 0) -> Tensor:
        """(B, T, D) of word numbers (B, T), the first of which stands at place `at`."""
        x = self.words(words) * self.scale
        return self.dropout(x if self.positions is None else x + self.positions(x, at))


class Encoder(nn.Module):
    """Embedding, then layers, each on the states of the one before."""

    def __init__(self, embed: Embedding, layers: Iterable[EncoderLayer], norm: nn.Module) -> None:
        super().__init__()
        self.embed, self.layers, self.norm = embed, nn.ModuleList(layers), norm

    def forward(self, source: Tensor, mask: Tensor | None = None) -> Tensor:
        """States (B, S, D) of source (B, S)."""
        x, words = self.embed(source), None if mask is None else mask.unsqueeze(1)  # (B, 1, S)
        for layer in self.layers:
            x = layer(x, words)
        return self.norm(x)


class Decoder(nn.Module):
    """Embedding, layers, and the scores of the next word."""

    def __init__(self, embed: Embedding, layers: Iterable[DecoderLayer], norm: nn.Module) -> None:
        super().__init__()
        self.embed, self.layers, self.norm = embed, nn.ModuleList(layers), norm
        features, words = embed.words.embedding_dim, embed.num_embeddings
        self.readout = nn.Linear(features, words, bias=False)

    def forward(self, words: Tensor, memory: Memory, past: State) -> tuple[Tensor, State]:
        """Logits (B, T, V) of the words after `words` (B, T), and the cache for the next ones."""
        x, after = self.embed(words, past[0].shape[-2]), []
        mask = None if memory.mask is None else memory.mask.unsqueeze(1)  # (B, 1, S)
        for i, layer in enumerate(self.layers):
            pair = slice(2 * i, 2 * i + 2)  # this layer's keys and values
            x, kept = layer(x, memory.keys[pair], mask, past[pair])
            after.extend(kept)
        return self.logits(x), tuple(after)

    def logits(self, x: Tensor) -> Tensor:
        """What the states x (B, T, D) of any layer already say of the next word: (B, T, V).

        Source: nostalgebraist 2020, "interpreting GPT: the logit lens".
        """
        return self.readout(self.norm(x))


class Transformer(nn.Module):
    """An encoder, and a decoder that reads its states by attention in every layer."""

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def encode(self, source: Tensor, mask: Tensor | None = None) -> tuple[Memory, State]:
        """The memory of source (B, S), and the empty cache of a decoder that has no word yet."""
        if mask is not None and (mask.dtype != torch.bool or mask.shape != source.shape):
            raise ValueError(
                f"mask must be bool and {tuple(source.shape)}, True on the words of source; "
                f"got {mask.dtype} {tuple(mask.shape)}"
            )
        states = self.encoder(source, mask)
        keys = [part for layer in self.decoder.layers for part in layer.cross.project(states)]
        return Memory(states, tuple(keys), mask), tuple(part[:, :, :0] for part in keys)

    def step(self, token: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """Logits (B, V) of the next word, and the cache with the last one, from (B,) numbers."""
        logits, state = self.decoder(token.unsqueeze(1), memory, state)
        return logits[:, -1], state

    def forward(self, source: Tensor, mask: Tensor | None, target: Tensor) -> Tensor:
        """Logits (B, T-1, V) of target[:, 1:], all at once: a word sees the true ones before."""
        memory, nothing = self.encode(source, mask)
        return self.decoder(target[:, :-1], memory, nothing)[0]


POSITIONS = ("sinusoidal", "learned", "rotary", "relative", "none")


def transformer(
    source_size: int,
    target_size: int,
    features: int = 64,
    heads: int = 4,
    layers: int = 2,
    inner: int = 256,
    *,
    positions: str = "sinusoidal",
    dropout: float = 0.0,
    norm_first: bool = False,
    bias: bool = False,
    tied: bool = False,
    size: int | None = None,
    most: int = 128,
    base: float = 10_000.0,
) -> Transformer:
    """A Transformer; the paper's base model has features 512, heads 8, layers 6 and inner 2048.

    Args:
        source_size: number of source words.
        target_size: number of target words, V.
        features: D.
        heads: H; a head's values have D / H features.
        layers: of the encoder, and of the decoder.
        inner: units of the feed-forward network's hidden layer.
        positions: "sinusoidal" or "learned", added to the embeddings; "rotary", in every attention,
            also across; "relative", in every self-attention; or "none".
        dropout: probability of what is added, embeddings and sublayers, to be dropped.
        norm_first: pre-norm, with one norm more after the last layer; else post-norm.
        bias: whether the attentions' matrices have biases; the paper's formula has none.
        tied: one matrix for the words of both sides and for the scores of the next word, as in the
            paper; the sides have one vocabulary then.
        size: features of a head's queries and keys, d_k; None for D / H.
        most: places of learned positions.
        base: of rotary positions.

    Raises:
        ValueError: heads that cannot share the features, positions of another kind, sizes below
            one, or tied sides with vocabularies of two sizes.
    """
    at_least(1, source_size=source_size, target_size=target_size, layers=layers, inner=inner)
    if positions not in POSITIONS:
        raise ValueError(f"positions must be one of {POSITIONS}; got {positions!r}")
    if tied and source_size != target_size:
        raise ValueError(
            f"tied sides share one vocabulary, but the sizes are {source_size} and {target_size}"
        )
    value_size = size_of_head(features, heads)
    size = value_size if size is None else size
    sizes = {"size": size, "value_size": value_size, "bias": bias}
    rotary = Rotary(size, base) if positions == "rotary" else None

    def embed(words: int) -> Embedding:
        made = {
            "sinusoidal": lambda: Sinusoidal(features),
            "learned": lambda: Learned(features, most),
        }
        return Embedding(words, features, made.get(positions, lambda: None)(), dropout)

    def across() -> MultiHead:
        return MultiHead(features, heads, **sizes, rotary=rotary)

    def among() -> MultiHead:
        address = Relative(size) if positions == "relative" else None
        return MultiHead(features, heads, **sizes, rotary=rotary, address=address)

    def rest() -> tuple[FeedForward, Callable[[], AddNorm]]:
        return FeedForward(features, inner), partial(AddNorm, features, dropout, norm_first)

    def norm() -> nn.Module:
        return nn.LayerNorm(features) if norm_first else nn.Identity()

    reading = [EncoderLayer(among(), *rest()) for _ in range(layers)]
    writing = [DecoderLayer(among(), across(), *rest()) for _ in range(layers)]
    encoder = Encoder(embed(source_size), reading, norm())
    model = Transformer(encoder, Decoder(embed(target_size), writing, norm()))
    if tied:
        model.decoder.embed.words.weight = model.encoder.embed.words.weight
        model.decoder.readout.weight = model.encoder.embed.words.weight
    return model
