"""The encoder-attention-decoder with an address that knows where it was.

Source: Chorowski et al. 2015, "Attention-based models for speech recognition", arXiv:1506.07503.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lecture_utils.addressing import Additive, LocationSensitive, Place, read
from lecture_utils.models.bahdanau import Attention
from lecture_utils.models.encoder_decoder import Decoder, Encoder, EncoderDecoder, Memory, State


class LocationAttention(Attention):
    """A read of the encoder states by content and place."""

    def forward(self, state: Tensor, memory: Memory, previous: Tensor) -> tuple[Tensor, Tensor]:
        """c_i (B, 2H) and alpha_i (B, S), from s_{i-1} (B, H) and alpha_{i-1} (B, S)."""
        mask = None if memory.mask is None else memory.mask.unsqueeze(1)  # (B, 1, S)
        query, previous = state.unsqueeze(1), previous.unsqueeze(1)  # (B, 1, H), (B, 1, S)
        weights = self.address.weights(query, memory.keys, mask, previous)  # (B, 1, S)
        return read(weights, memory.states).squeeze(1), weights.squeeze(1)


class LocationEncoderDecoder(EncoderDecoder):
    """An encoder-decoder whose state also says where it last read: s_i and alpha_i."""

    def encode(self, source: Tensor, mask: Tensor | None = None) -> tuple[Memory, State]:
        """The memory; s_0 (B, H), and zeros (B, S): nothing has been read."""
        memory, (state,) = super().encode(source, mask)
        return memory, (state, torch.zeros_like(source, dtype=state.dtype))

    def step(self, token: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """Logits (B, V) of the next word; s_i and alpha_i, from s_{i-1} and alpha_{i-1}."""
        before, previous = state
        context, weights = self.context(before, memory, previous)
        logits, after = self.decoder(token, before, context)
        return logits, (after, weights)


def location_sensitive(
    source_size: int,
    target_size: int,
    embedding_size: int = 48,
    hidden_size: int = 96,
    maxout_size: int = 32,
    window: int | None = 8,
) -> LocationEncoderDecoder:
    """Bahdanau's model, with the address of Chorowski et al.

    Args:
        source_size: number of source words.
        target_size: number of target words, V.
        embedding_size: features of an embedded word, E.
        hidden_size: features of a state, H, and of the attention.
        maxout_size: maxout units of the output layer.
        window: in evaluation, how far from the last address may be read; None: anywhere.
    """
    content = Additive(hidden_size, 2 * hidden_size, hidden_size)
    address = LocationSensitive(content, Place(hidden_size), window)
    return LocationEncoderDecoder(
        Encoder(source_size, embedding_size, hidden_size),
        LocationAttention(address),
        Decoder(target_size, embedding_size, hidden_size, 2 * hidden_size, maxout_size),
    )
