"""The Transformer in plain tensor operations, formula by formula, with the weights of ours.

Written from the paper (Vaswani et al. 2017, arXiv:1706.03762, sections 3 and 5.4), in the way of
the well-known annotated implementation: matrix products, a mask of large negative numbers, a
softmax, norms by mean and variance, and a smoothed distribution of the true words. Norms stand
before the sublayers; dropout is where ours is, behind the sublayers and the embeddings.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor, nn

from lecture_utils.models.multi_head import MultiHead
from lecture_utils.models.transformer import (
    AddNorm,
    DecoderLayer,
    Embedding,
    EncoderLayer,
    FeedForward,
    Transformer,
)


@cache
def places(most: int, features: int) -> Tensor:
    """PE (most, D), computed once: sines at even features, cosines at odd ones."""
    table, place = torch.zeros(most, features), torch.arange(most).unsqueeze(1)
    rate = torch.exp(torch.arange(0, features, 2) * -(math.log(10_000.0) / features))
    table[:, 0::2], table[:, 1::2] = torch.sin(place * rate), torch.cos(place * rate)
    return table


def embedded(of: Embedding, words: Tensor, table: Tensor) -> Tensor:
    """E(word) sqrt(D) + PE(place): (B, T, D) of word numbers (B, T)."""
    x = of.words(words) * math.sqrt(of.words.embedding_dim) + table[: words.shape[1]]
    return nn.functional.dropout(x, of.dropout.p, of.training)


def norm(of: nn.LayerNorm, x: Tensor) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon), times the gain, plus the offset."""
    mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, correction=0)
    return of.weight * (x - mean) / torch.sqrt(variance + of.eps) + of.bias


def attention(of: MultiHead, queries: Tensor, memory: Tensor, mask: Tensor | None) -> Tensor:
    """softmax(Q K^T / sqrt(d)) V in every head; a mask is (B, 1, T or 1, S)."""
    batch = len(queries)

    def split(x: Tensor) -> Tensor:
        return x.view(batch, -1, of.heads, x.shape[-1] // of.heads).transpose(1, 2)

    q, k, v = split(of.W_Q(queries)), split(of.W_K(memory)), split(of.W_V(memory))
    scores = torch.matmul(q, k.transpose(-2, -1)) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 0, -1e9)
    read = torch.matmul(torch.softmax(scores, dim=-1), v)
    return of.W_O(read.transpose(1, 2).contiguous().view(batch, queries.shape[1], -1))


def feed_forward(of: FeedForward, x: Tensor) -> Tensor:
    """max(0, x W_1 + b_1) W_2 + b_2."""
    return of.W_2(torch.relu(of.W_1(x)))


def around(of: AddNorm, x: Tensor, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
    """The sum x + dropout(sublayer(norm(x)))."""
    given = sublayer(norm(of.norm, x))
    return x + nn.functional.dropout(given, of.dropout.p, of.training)


def read_source(of: EncoderLayer, x: Tensor, words: Tensor) -> Tensor:
    """A layer of the encoder: (B, S, D) -> (B, S, D)."""
    x = around(of.add_attention, x, lambda x: attention(of.attention, x, x, words))
    return around(of.add_feed_forward, x, lambda x: feed_forward(of.feed_forward, x))


def read_target(of: DecoderLayer, x: Tensor, before: Tensor, memory: Tensor, words: Tensor):
    """A layer of the decoder: (B, T, D) -> (B, T, D)."""
    x = around(of.add_attention, x, lambda x: attention(of.attention, x, x, before))
    x = around(of.add_cross, x, lambda x: attention(of.cross, x, memory, words))
    return around(of.add_feed_forward, x, lambda x: feed_forward(of.feed_forward, x))


def logits(model: Transformer, source: Tensor, mask: Tensor, target: Tensor) -> Tensor:
    """Logits (B, T-1, V) of target[:, 1:], as `Transformer.forward` gives them."""
    given, table = target[:, :-1], places(128, model.encoder.embed.words.embedding_dim)
    words, size = mask[:, None, None], given.shape[1]  # (B, 1, 1, S)
    before = torch.triu(torch.ones(1, 1, size, size), diagonal=1) == 0
    x = embedded(model.encoder.embed, source, table)
    for layer in model.encoder.layers:
        x = read_source(layer, x, words)
    memory = norm(model.encoder.norm, x)
    x = embedded(model.decoder.embed, given, table)
    for layer in model.decoder.layers:
        x = read_target(layer, x, before, memory, words)
    return model.decoder.readout(norm(model.decoder.norm, x))


def loss(scores: Tensor, words: Tensor, smoothing: float, padding: int = 0) -> Tensor:
    """-sum of p log q over the vocabulary, for each true word: p smoothed, q the model's."""
    log_q, size = torch.log_softmax(scores.flatten(0, 1), dim=-1), scores.shape[-1]
    words = words.flatten()
    p = torch.full_like(log_q, smoothing / size)
    p.scatter_(1, words.unsqueeze(1), 1 - smoothing + smoothing / size)
    p.masked_fill_((words == padding).unsqueeze(1), 0.0)
    return -(p * log_q).sum() / (words != padding).sum()
