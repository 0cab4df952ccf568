"""The encoder-attention-decoder with an address that knows where it was.

Source: Chorowski et al. 2015, "Attention-based models for speech recognition", arXiv:1506.07503.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lecture_utils.addressing import Additive, LocationSensitive, Place, read
from lecture_utils.models.bahdanau import Attention
from lecture_utils.models.encoder_decoder import Decoder, Encoder, EncoderDecoder, Memory


class LocationAttention(Attention):
    """A read of the encoder states by content and place.

    What it is given as the state is [s_{i-1}; alpha_{i-1}]: the query, and where it last read.
    """

    def weights(self, state: Tensor, memory: Memory) -> Tensor:
        """alpha_i (B, 1, S), from the state (B, H + S)."""
        slots = memory.states.shape[1]
        query, previous = state[:, :-slots], state[:, -slots:]  # (B, H), (B, S)
        mask = None if memory.mask is None else memory.mask.unsqueeze(1)  # (B, 1, S)
        return self.address.address(
            query.unsqueeze(1), memory.keys, mask, previous=previous.unsqueeze(1)
        )


class LocationEncoderDecoder(EncoderDecoder):
    """An encoder-decoder whose state also says where it last read: [s_i; alpha_i]."""

    def encode(self, source: Tensor, mask: Tensor | None = None) -> tuple[Memory, Tensor]:
        """The memory, and [s_0; 0] (B, H + S): nothing has been read."""
        memory, state = super().encode(source, mask)
        return memory, torch.cat([state, torch.zeros_like(source, dtype=state.dtype)], dim=-1)

    def step(self, token: Tensor, state: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Logits (B, V) of the next word, and [s_i; alpha_i], from [s_{i-1}; alpha_{i-1}]."""
        weights = self.context.weights(state, memory)  # (B, 1, S)
        context = read(weights, memory.states).squeeze(1)  # (B, 2H)
        before = state[:, : -weights.shape[-1]]  # s_{i-1} (B, H)
        logits, after = self.decoder(token, before, context)
        return logits, torch.cat([after, weights.squeeze(1)], dim=-1)


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
