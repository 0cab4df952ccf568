"""Torch's own modules, with the weights of ours."""

from __future__ import annotations

import torch
from torch import nn

from lecture_utils.models.multi_head import MultiHead
from lecture_utils.models.transformer import DecoderLayer, EncoderLayer, Transformer


def _fill(theirs: torch.Tensor | None, ours: torch.Tensor | None) -> None:
    if theirs is not None:
        with torch.no_grad():
            theirs.copy_(torch.zeros_like(theirs) if ours is None else ours)


def attention(ours: MultiHead, theirs: nn.MultiheadAttention | None = None) -> nn.Module:
    """`nn.MultiheadAttention`; its keys and queries have the size D / H of ours."""
    features = ours.W_Q.in_features
    kind = {"dtype": ours.W_Q.weight.dtype, "batch_first": True}
    theirs = theirs or nn.MultiheadAttention(features, ours.heads, **kind)
    parts = (ours.W_Q, ours.W_K, ours.W_V)
    _fill(theirs.in_proj_weight, torch.cat([part.weight for part in parts]))
    biases = None if ours.W_Q.bias is None else torch.cat([part.bias for part in parts])
    _fill(theirs.in_proj_bias, biases)
    _fill(theirs.out_proj.weight, ours.W_O.weight)
    _fill(theirs.out_proj.bias, ours.W_O.bias)
    return theirs.eval()


def layer(ours: EncoderLayer | DecoderLayer, theirs: nn.Module) -> None:
    """Give a layer of torch the weights of ours."""
    attention(ours.attention, theirs.self_attn)
    pairs = [(ours.add_attention, theirs.norm1)]
    if isinstance(ours, DecoderLayer):
        attention(ours.cross, theirs.multihead_attn)
        pairs += [(ours.add_cross, theirs.norm2), (ours.add_feed_forward, theirs.norm3)]
    else:
        pairs += [(ours.add_feed_forward, theirs.norm2)]
    for add, norm in pairs:
        norm.load_state_dict(add.norm.state_dict())
    theirs.linear1.load_state_dict(ours.feed_forward.W_1.state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward.W_2.state_dict())


def whole(ours: Transformer) -> nn.Transformer:
    """`nn.Transformer`; the norms that it has behind both stacks are ours, or none."""
    first = ours.encoder.layers[0]
    features, first_norm = ours.encoder.embed.words.embedding_dim, first.add_attention.norm_first
    kind = {"batch_first": True, "norm_first": first_norm, "dropout": 0.0}
    sizes = (features, first.attention.heads, first.feed_forward.W_1.out_features)
    layers = nn.TransformerEncoderLayer(*sizes, **kind)
    # nested tensors are for inference without norm_first; torch warns where it cannot use them
    encoder = nn.TransformerEncoder(layers, len(ours.encoder.layers), enable_nested_tensor=False)
    theirs = nn.Transformer(
        *sizes[:2],
        num_decoder_layers=len(ours.decoder.layers),
        dim_feedforward=sizes[2],
        custom_encoder=encoder,
        **kind,
    ).to(first.attention.W_Q.weight.dtype)
    for side in ("encoder", "decoder"):
        mine, its = getattr(ours, side), getattr(theirs, side)
        for here, there in zip(mine.layers, its.layers, strict=True):
            layer(here, there)
        its.norm = mine.norm if first_norm else None  # the paper has none
    return theirs.eval()
