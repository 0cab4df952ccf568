"""Errors that keep every shape, planted in the Transformer and in its pictures, and who sees them.

A mutant of a model replaces one function or method; a mutant of a picture redraws one thing. Each
must be seen by what the tests of models and pictures check anyway.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn

from lecture_utils import diagrams
from lecture_utils.addressing import content, fused
from lecture_utils.diagrams import Picture
from lecture_utils.models import multi_head, positions
from lecture_utils.models import transformer as model
from lecture_utils.models.multi_head import MultiHead
from lecture_utils.models.transformer import AddNorm, Decoder, DecoderLayer, Embedding, Transformer
from tests.diagrams import test_bound
from tests.diagrams.binding import Run, Unbound
from tests.models import test_multi_head, test_positions, test_transformer
from tests.models.transformer_properties import PROPERTIES

Planted = tuple[object, str, Any]
"""Where something is, its name, and what stands there instead."""


def _starts_behind_the_norm(self: AddNorm, x: Tensor, sublayer: Callable) -> Tensor:
    if self.norm_first:
        x = self.norm(x)
        return x + self.dropout(sublayer(x))
    return self.norm(x + self.dropout(sublayer(x)))


def _without_residual(self: AddNorm, x: Tensor, sublayer: Callable) -> Tensor:
    if self.norm_first:
        return self.dropout(sublayer(self.norm(x)))
    return self.norm(self.dropout(sublayer(x)))


def _norms_what_is_added(self: AddNorm, x: Tensor, sublayer: Callable) -> Tensor:
    return x + self.norm(self.dropout(sublayer(x)))


def _norm_of_another(self: AddNorm, x: Tensor, sublayer: Callable) -> Tensor:
    """Of the features of all words of the sentence together."""
    x = x + self.dropout(sublayer(x))
    whole = nn.functional.layer_norm(x, x.shape[-2:])
    return whole * self.norm.weight + self.norm.bias


def _sees(allowed: Callable[[Tensor, Tensor], Tensor]) -> Callable:
    """A causal mask by another rule, of the places of slots and of queries (T, 1)."""

    def causal(x: Tensor, at: int = 0) -> Tensor | None:
        if x.shape[-2] == 1:
            return None
        places = torch.arange(at + x.shape[-2])
        return allowed(places, places[at:].unsqueeze(-1)).unsqueeze(0)

    return causal


def _reads_the_target(self: DecoderLayer, x, slots, mask, past):
    """Cross-attention reads the words written so far."""
    at, kept = past[0].shape[-2], []

    def back(x: Tensor) -> Tensor:
        read, kept[:] = model.look_back(self.attention, x, past)
        return read

    x = self.add_attention(x, back)
    x = self.add_cross(x, lambda x: self.cross.attend(x, *kept, model.causal(x, at), at))
    return self.add_feed_forward(x, self.feed_forward), kept


def _reads_padding(self: DecoderLayer, x, slots, mask, past):
    return DECODER_LAYER(self, x, slots, None, past)


def _shares_a_norm(self: DecoderLayer, x, slots, mask, past):
    """The norm behind the cross-attention stands behind the feed-forward network, too."""
    add, self.add_feed_forward = self.add_feed_forward, self.add_cross
    try:
        return DECODER_LAYER(self, x, slots, mask, past)
    finally:
        self.add_feed_forward = add


def _keeps_in_front(attention: MultiHead, x: Tensor, past):
    at = past[0].shape[-2]
    kept = [
        torch.cat([new, old], -2) for old, new in zip(past, attention.project(x, at), strict=True)
    ]
    return attention.attend(x, *kept, model.causal(x, at), at), kept


def _keeps_no_places(attention: MultiHead, x: Tensor, past):
    """Keys of the cache are turned as if they stood at the beginning."""
    at = past[0].shape[-2]
    kept = [torch.cat(pair, -2) for pair in zip(past, attention.project(x, 0), strict=True)]
    return attention.attend(x, *kept, model.causal(x, at), at), kept


def _of_the_first_layer(self: Decoder, words: Tensor, memory, past):
    """All layers read by the keys and values of the first."""
    return DECODER(self, words, memory._replace(keys=memory.keys[:2] * len(self.layers)), past)


def _sees_the_answer(self: Transformer, source: Tensor, mask: Tensor | None, target: Tensor):
    memory, nothing = self.encode(source, mask)
    return self.decoder(target[:, 1:], memory, nothing)[0]


def _encodes(states: Callable[[Transformer, Tensor, Tensor | None], Tensor]) -> Callable:
    def encode(self: Transformer, source: Tensor, mask: Tensor | None = None):
        read = states(self, source, mask)
        keys = [part for layer in self.decoder.layers for part in layer.cross.project(read)]
        nothing = tuple(part[:, :, :0] for part in keys)
        return model.Memory(self.encoder(source, mask), tuple(keys), mask), nothing

    return encode


def _attends(change: Callable[..., Tensor]) -> Callable:
    """What `MultiHead` reads by, of queries, keys, values and mask."""
    return lambda address, q, k, v, mask=None: change(q, k, v, mask)


def _softmax(scores: Tensor, mask: Tensor | None, dim: int = -1) -> Tensor:
    scores = scores if mask is None else scores.masked_fill(~mask, -math.inf)
    return scores.softmax(dim).nan_to_num()


def _turned(change: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Callable:
    def forward(self: positions.Rotary, x: Tensor, at: int = 0) -> Tensor:
        return change(x, *self.turn(x, at))

    return forward


def _without_output(self: MultiHead, *given: Any) -> Tensor:
    matrix, self.W_O = self.W_O, nn.Identity()
    try:
        return ATTEND(self, *given)
    finally:
        self.W_O = matrix


DECODER_LAYER, DECODER, ENCODER = DecoderLayer.forward, Decoder.forward, model.Encoder.forward
ATTEND, PROJECT, EMBED = MultiHead.attend, MultiHead.project, Embedding.forward
SINUSOIDAL, RELATIVE = positions.Sinusoidal.forward, positions.Relative.score

IN_MODELS: dict[str, list[Planted]] = {
    "the residual path starts behind the norm": [(AddNorm, "forward", _starts_behind_the_norm)],
    "no residual path": [(AddNorm, "forward", _without_residual)],
    "the norm is of what is added, not of the sum": [(AddNorm, "forward", _norms_what_is_added)],
    "the norm is over words and features": [(AddNorm, "forward", _norm_of_another)],
    "two sublayers share a norm": [(DecoderLayer, "forward", _shares_a_norm)],
    "d_model for d_k": [
        (multi_head, "attend", _attends(
            lambda q, k, v, m: _softmax(q @ k.mT / (q.shape[-1] * q.shape[-3]) ** 0.5, m) @ v
        )),
    ],
    "no scale": [(multi_head, "attend", _attends(lambda q, k, v, m: _softmax(q @ k.mT, m) @ v))],
    "times the root of d": [
        (multi_head, "attend", _attends(
            lambda q, k, v, m: _softmax(q @ k.mT * q.shape[-1] ** 0.5, m) @ v
        )),
    ],
    "the scale is behind the softmax": [
        (multi_head, "attend", _attends(
            lambda q, k, v, m: _softmax(q @ k.mT, m) / q.shape[-1] ** 0.5 @ v
        )),
    ],
    "the softmax is over the queries": [
        (multi_head, "attend", _attends(
            lambda q, k, v, m: _softmax(q @ k.mT / q.shape[-1] ** 0.5, m, dim=-2) @ v
        )),
    ],
    "the scores of a query stand in the row of another": [
        (multi_head, "attend", _attends(
            lambda q, k, v, m: _softmax((q @ k.mT).flip(-2) / q.shape[-1] ** 0.5, m) @ v
        )),
    ],
    "another scale where nobody records": [
        (fused, "_scale", lambda address, queries: queries.shape[-1] ** -0.25),
    ],
    "another scale where somebody records": [
        (content.ScaledDot, "score", lambda self, q, k: q @ k.mT / q.shape[-1]),
    ],
    "the mask has the other sense": [
        (multi_head, "attend", _attends(
            lambda q, k, v, m: fused.attend(
                content.ScaledDot(), q, k, v, None if m is None else ~m
            )
        )),
    ],
    "the mask's zeros are scores of zero": [
        (multi_head, "attend", _attends(
            lambda q, k, v, m: _softmax(
                (q @ k.mT / q.shape[-1] ** 0.5) * (1.0 if m is None else m), None
            ) @ v
        )),
    ],
    "heads are cut from the words, not from the features": [
        (MultiHead, "split", lambda self, x: x.reshape(len(x), self.heads, x.shape[1], -1)),
    ],
    "heads take every H-th feature": [
        (MultiHead, "split", lambda self, x: x.unflatten(-1, (-1, self.heads)).movedim(-1, -3)),
    ],
    "the heads are put side by side without the transpose": [
        (multi_head, "attend", _attends(
            lambda q, k, v, m: fused.attend(content.ScaledDot(), q, k, v, m)
            .reshape(len(q), q.shape[-2], -1).unflatten(-1, (q.shape[-3], -1)).transpose(-3, -2)
        )),
    ],
    "keys for values": [
        (MultiHead, "project", lambda self, memory, at=0: (PROJECT(self, memory, at)[0],) * 2),
    ],
    "values are turned, too": [
        (MultiHead, "project", lambda self, memory, at=0: tuple(
            part if i == 0 or self.rotary is None else self.rotary(part, at)
            for i, part in enumerate(PROJECT(self, memory, at))
        )),
    ],
    "a word does not read itself": [(model, "causal", _sees(lambda s, q: s < q))],
    "a word reads the next one": [(model, "causal", _sees(lambda s, q: s <= q + 1))],
    "a word reads what comes": [(model, "causal", _sees(lambda s, q: s >= q))],
    "no mask in the decoder": [(model, "causal", lambda x, at=0: None)],
    "the mask forgets the words of the cache": [
        (model, "causal", _sees(lambda s, q: s <= q - q[0])),
    ],
    "cross-attention reads the target": [(DecoderLayer, "forward", _reads_the_target)],
    "cross-attention reads padding": [(DecoderLayer, "forward", _reads_padding)],
    "the encoder reads padding": [
        (model.Encoder, "forward", lambda self, source, mask=None: ENCODER(self, source, None)),
    ],
    "cross-attention reads the embedding": [
        (Transformer, "encode", _encodes(lambda self, source, mask: self.encoder.embed(source))),
    ],
    "cross-attention reads the source in another order": [
        (Transformer, "encode", _encodes(
            lambda self, source, mask: self.encoder(source, mask).roll(1, dims=1)
        )),
    ],
    "all layers read by the first one's keys": [(Decoder, "forward", _of_the_first_layer)],
    "the decoder sees the word that it is to write": [(Transformer, "forward", _sees_the_answer)],
    "new words stand in front in the cache": [(model, "look_back", _keeps_in_front)],
    "the cache forgets its places": [(model, "look_back", _keeps_no_places)],
    "places in the cache are off by one": [
        (Embedding, "forward", lambda self, words, at=0: EMBED(self, words, at + (at > 0))),
    ],
    "places begin at one": [
        (positions.Sinusoidal, "forward", lambda self, x, at=0: SINUSOIDAL(self, x, at + 1)),
    ],
    "sines, then cosines": [
        (positions.Sinusoidal, "forward", lambda self, x, at=0: torch.cat(
            [SINUSOIDAL(self, x, at)[:, 0::2], SINUSOIDAL(self, x, at)[:, 1::2]], -1
        )),
    ],
    "embeddings without the root of D": [
        (Embedding, "forward", lambda self, words, at=0: (
            EMBED(self, words, at) - (self.scale - 1) * self.words(words)
        )),
    ],
    "rotary places turn one of each pair only": [
        (positions.Rotary, "forward", _turned(
            lambda x, cos, sin: torch.cat(
                [(x * cos + x.roll(x.shape[-1] // 2, -1) * sin).chunk(2, -1)[0],
                 x.chunk(2, -1)[1]], -1
            )
        )),
    ],
    "rotary places turn both of a pair the same way": [
        (positions.Rotary, "forward", _turned(
            lambda x, cos, sin: x * cos + x.roll(x.shape[-1] // 2, -1) * sin.abs()
        )),
    ],
    "the distance has the other sign": [
        (positions.Relative, "score", lambda self, q, k: RELATIVE(
            self, q.flip(-2), k.flip(-2)
        ).flip(-1).flip(-2)),
    ],
    "the hidden layer without its nonlinearity": [(model.FeedForward, "forward", lambda self, x: (
        self.W_2(self.W_1(x))
    ))],
    "the output matrix is not used": [(MultiHead, "attend", _without_output)],
    "dropout when nothing is trained": [
        (nn.Dropout, "forward", lambda self, x: nn.functional.dropout(x, self.p, True)),
    ],
}  # fmt: skip
"""What stands where, instead of what; by what is wrong."""


def _arrow(picture: Picture, first: str, last: str, **other: str) -> Picture:
    """The picture with its first arrow between two parts moved: another `start` or `end`."""
    index = [one.ends for one in picture.arrows].index((first, last))
    arrows = list(picture.arrows)
    given: dict[str, Any] = {side: f"{part}.top" for side, part in other.items()}
    arrows[index] = replace(arrows[index], **given)
    return replace(picture, arrows=tuple(arrows))


def _part(picture: Picture, name: str, **other: Any) -> Picture:
    """The picture with one part of it told otherwise."""
    parts = [replace(one, **other) if one.name == name else one for one in picture.parts]
    return replace(picture, parts=tuple(parts))


_LAYER, _BACK = "encoder.layers.0", "decoder.layers.0"

IN_PICTURES: dict[str, Picture] = {
    "the second sum adds the same twice": _arrow(
        diagrams.encoder_layer, "norm", "plus_again", start="feed_forward"
    ),
    "the residual path starts behind the norm": _arrow(
        diagrams.encoder_layer, "words", "plus", start="norm"
    ),
    "the feed-forward network sees no norm": _arrow(
        diagrams.encoder_layer, "norm", "feed_forward", start="plus"
    ),
    "the norm is in front of the sum": _arrow(
        diagrams.encoder_layer, "attention", "plus", end="norm"
    ),
    "a product for a sum": _part(diagrams.encoder_layer, "plus", does="product"),
    "the wrong norm": _part(
        diagrams.encoder_layer, "norm", of=(f"{_LAYER}.add_feed_forward.norm",)
    ),
    "states of the sublayer before": _part(
        diagrams.encoder_layer, "states", at=f"{_LAYER}.add_attention"
    ),
    "words of the sublayer behind": _part(
        diagrams.encoder_layer, "words", at=f"{_LAYER}.feed_forward<0"
    ),
    "the query across is not normed": _arrow(diagrams.decoder_layer, "norm", "cross", start="plus"),
    "cross-attention reads the target": _arrow(
        diagrams.decoder_layer, "memory", "cross", start="words"
    ),
    "the path around begins at the words": _arrow(
        diagrams.decoder_layer, "norm", "plus_cross", start="words"
    ),
    "masked self-attention asks the source": _arrow(
        diagrams.decoder_layer, "words", "attention", start="memory"
    ),
    "words are as many as those of the source": _part(
        diagrams.decoder_layer, "words", shape="B, S, D"
    ),
    "a branch that is left out": _part(diagrams.decoder_layer, "cross", of=(f"{_BACK}.cross.W_Q",)),
    "the decoder reads the embedding": _arrow(
        diagrams.transformer, "memory", "decoder", start="embedding"
    ),
    "the target is the source": _arrow(
        diagrams.transformer, "target", "embedding_again", start="source"
    ),
    "the next word is told by the state": _arrow(
        diagrams.transformer, "readout", "next", start="decoder"
    ),
    "the memory is the embedding": _part(diagrams.transformer, "memory", at="encoder.embed"),
}


def _all_of(*calls: Callable[[], object]) -> None:
    for call in calls:
        call()


def _torchs() -> None:
    kinds = [(first, bias) for first in (False, True) for bias in (False, True)]
    assert max(max(test_transformer.apart(torch.float64, *kind)) for kind in kinds) <= 1e-12


def _holds(name: str) -> None:
    with torch.no_grad():
        assert all(PROPERTIES[name](seed) for seed in range(40))


CHECKS: dict[str, Callable[[], object]] = {
    "torch's modules": _torchs,
    "plain operations": (
        test_transformer.test_it_is_the_papers_formulas_in_plain_tensor_operations
    ),
    "heads one by one": lambda: test_multi_head.test_all_heads_at_once_are_the_heads_one_by_one(5),
    "recorded": test_multi_head.test_the_fast_path_is_the_recorded_one,
    "rotary heads": test_multi_head.test_rotary_places_reach_queries_and_keys_alone,
    "dropout": test_transformer.test_dropout_drops_in_training_only,
    "sinusoidal": test_positions.test_sinusoidal_is_the_formula,
    "rotary": test_positions.test_rotary_scores_see_the_distance_alone,
    "relative": test_positions.test_relative_is_the_formula,
    **{name: lambda name=name: _holds(name) for name in PROPERTIES},
    "gradients": lambda: _all_of(
        *(
            lambda first=first: test_transformer.test_every_parameter_gets_a_gradient(
                "sinusoidal", first
            )
            for first in (False, True)
        )
    ),
}
"""Tests that are there anyway: the quick ones first."""


@contextmanager
def planted(mutant: str) -> Iterator[None]:
    """A block in which models have one error."""
    with ExitStack() as stack:
        for where, name, other in IN_MODELS[mutant]:
            stack.enter_context(patch.object(where, name, other))
        yield


def shapes() -> list[tuple[int, ...]]:
    """What a small Transformer gives, in training and word by word, with each kind of position."""
    found = []
    for kind in model.POSITIONS:
        one = test_transformer.small(positions=kind)
        source, mask, target = test_transformer.batch()
        memory, state = one.encode(source, mask)
        logits, after = one.step(target[:, 0], state, memory)
        logits, after = one.step(target[:, 1], after, memory)
        whole = one(source, mask, target)
        assert whole.isfinite().all()
        found += [tuple(x.shape) for x in (whole, memory.states, logits, *memory.keys, *after)]
    return found


def who_sees_the_model(mutant: str) -> str:
    """The first check that an error of a model breaks; empty if none does."""
    with planted(mutant):
        for name, check in CHECKS.items():
            try:
                check()
            except AssertionError:
                return name
    return ""


def who_sees_the_picture(mutant: str) -> str:
    """What the binding says of a picture that is drawn wrong; empty if it says nothing."""
    picture = IN_PICTURES[mutant]
    try:
        Run(picture, *test_bound.made(picture.name, "")).check(test_bound.sizes(picture))
    except Unbound as told:
        return str(told)
    return ""


def passed() -> list[str]:
    """The mutants that nobody sees."""
    unseen = [name for name in IN_MODELS if not who_sees_the_model(name)]
    return unseen + [name for name in IN_PICTURES if not who_sees_the_picture(name)]
