"""The encoder-attention-decoder: the context is read anew at every step.

Source: Bahdanau, Cho and Bengio 2015, "Neural machine translation by jointly learning to align
and translate", arXiv:1409.0473.
"""

from __future__ import annotations

from torch import Tensor, nn

from lecture_utils.addressing import Additive, Address, attend
from lecture_utils.models.encoder_decoder import EncoderDecoder, Memory, build


class Attention(nn.Module):
    """A weighted average of the encoder states: c_i = sum_j alpha_ij h_j.

    The query is the decoder state s_{i-1}; keys and values are the encoder states h_j.
    """

    def __init__(self, address: Address) -> None:
        super().__init__()
        self.address = address

    def keys(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """What the address computes once for all steps, from states (B, S, 2H)."""
        return self.address.project(states)

    def forward(self, state: Tensor, memory: Memory) -> Tensor:
        """c_i (B, 2H), read where the query s_{i-1} (B, H) looks."""
        mask = None if memory.mask is None else memory.mask.unsqueeze(1)  # (B, 1, S)
        query = state.unsqueeze(1)  # (B, 1, H)
        return attend(self.address, query, memory.keys, memory.states, mask).squeeze(1)


def bahdanau(
    source_size: int,
    target_size: int,
    embedding_size: int = 48,
    hidden_size: int = 96,
    maxout_size: int = 32,
) -> EncoderDecoder:
    """The model of the paper: e_ij = v . tanh(W s_{i-1} + U h_j).

    Args:
        source_size: number of source words.
        target_size: number of target words, V.
        embedding_size: features of an embedded word, E (m in the paper).
        hidden_size: features of a state, H (n in the paper), and of the attention (n').
        maxout_size: maxout units of the output layer (l in the paper).
    """
    attention = Attention(Additive(hidden_size, 2 * hidden_size, hidden_size))
    return build(attention, source_size, target_size, embedding_size, hidden_size, maxout_size)
