"""The kind "sequence to sequence": a model that reads words and writes others, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from lecture_utils.live.graph import Graph, numbers, one_behind_the_other
from lecture_utils.live.kind import (
    Kind,
    check_count,
    check_known,
    check_places,
    check_tokens,
    passed,
)
from lecture_utils.models.encoder_decoder import END, START, Memory
from lecture_utils.models.transformer import Memory as Slots
from lecture_utils.models.transformer import Transformer
from lecture_utils.recording import Reads, trace

KNOWN = ("encoder", "encoder<0", "decoder<0")
"""Places whose numbers a page has without an output: the memory, and the numbers of words."""


@dataclass(frozen=True)
class Language:
    """The words of one side.

    Args:
        language: its code, such as ``"en"``.
        tokens: the vocabulary; a word's number is its place.
        most: words of a sequence, at most.
        unknown: the token that stands for every other word.
    """

    language: str
    tokens: Sequence[str]
    most: int
    unknown: str = "<unknown>"


@dataclass(frozen=True)
class Numerals:
    """The texts are lists of numbers in words, as `lecture_utils.data.numerals` has them.

    Args:
        source: the value of each source word; None of one that has none of its own.
        target: the same of target words.
        largest: number that a reader may ask for.
    """

    form: ClassVar[str] = "numerals"
    source: Mapping[str, int | None]
    target: Mapping[str, int | None]
    largest: int


@dataclass(frozen=True, kw_only=True)
class SequenceToSequence(Kind):
    """An `EncoderDecoder`: graph ``encode`` once for a source, ``step`` for each target word.

    ``encode``: ``source`` (1, S) to ``memory``, ``keys``, and the state, ``state_0`` and so on.
    ``step``: ``token`` (1,), ``memory``, ``keys``, the state, to ``logits`` (1, V), the next state,
    ``next_0`` and so on, ``context`` (1, C), what was read, and ``weights`` (1, 1, S) where the
    model computes any. A `Transformer` has keys for every layer, ``keys_0`` and so on, a state that
    grows by every word, and no ``context``; its ``weights`` are (layers, H, 1, S), those of
    ``encode`` (layers, H, S, S).

    What fills a picture are more outputs, named as the places: of ``encode`` those that begin with
    ``encoder``; the others of ``step``, for the word of the step alone: states (1, 1, D) and
    weights (1, H, 1, S). ``said.`` and a place are the logits (1, V) of the states there.

    Args:
        model: its tokens `START` and `END` begin and end a target.
        source: what it reads.
        target: what it writes.
        text: how a reader's text becomes source words, and how target words are read back.
        places: what fills a picture, as `recording.trace` names it.
        told: places of a Transformer's decoder whose states are read out, by `Decoder.logits`.
    """

    kind = "sequence to sequence"
    source: Language
    target: Language
    text: Numerals
    places: Sequence[str] = ()
    told: Sequence[str] = ()

    def __post_init__(self) -> None:
        sides = {
            "source": (self.source, self.model.encoder.embed.num_embeddings, self.text.source),
            "target": (self.target, self.model.decoder.embed.num_embeddings, self.text.target),
        }
        for side, (language, size, values) in sides.items():
            check_tokens(f"{side}.tokens", language.tokens, size)
            check_count(f"{side}.most", language.most)
            check_known(f"text.{side}", values, language.tokens, f"{side}.tokens")
        check_known("source.unknown", [self.source.unknown], self.source.tokens, "source.tokens")
        check_count("text.largest", self.text.largest)
        check_places("places", self.places, self.model)
        check_places("told", self.told, self.model)
        check_told(self.model, self.told)

    def graphs(self) -> dict[str, Graph]:
        """``encode`` and ``step``.

        Raises:
            ValueError: what passes one of `places` or `told` is not one tensor, or not of one word.
        """
        source = numbers(len(self.source.tokens), source=(1, "S"))

        @torch.no_grad()
        def later(S: int, T: int) -> dict[str, Tensor]:
            """A step that is not the first: T words have been written."""
            made = encode(self.model, **source(S=S))
            for _ in range(T):
                after = step(self.model, torch.tensor([START]), **made)
                made |= {f"state_{name[5:]}": after[name] for name in after if name[:5] == "next_"}
            return {"token": torch.tensor([END]), **made}

        names = [*later(S=2, T=1)]
        wanted = [place for place in self.places if place not in KNOWN]
        read = [place for place in wanted if place.startswith("encoder")]
        written = {"places": [place for place in wanted if place not in read], "told": self.told}

        def named(model: nn.Module, *inputs: Tensor) -> dict[str, Tensor]:
            return step(model, **dict(zip(names, inputs, strict=True)), **written)

        reading, small = partial(encode, places=read), bool(self.places or self.told)
        with torch.no_grad():  # what is no place for a page is told before a graph is traced
            reading(self.model, **source(S=2))
            named(self.model, *later(S=2, T=1).values())
        grows = "keys" not in names  # a Transformer, whose state grows by every word
        example, join = (later, by_layer) if grows else (partial(later, T=1), one_behind_the_other)
        return {
            "encode": Graph(self.model, reading, source, join, small),
            "step": Graph(self.model, named, example, join, small),
        }

    def fields(self) -> dict[str, Any]:
        """``source``, ``target``, ``text`` and ``limits``, ``places`` and ``told`` if any."""
        source, target = self.source, self.target
        filling = {"places": list(self.places), "told": list(self.told)}
        return {
            **{field: places for field, places in filling.items() if places},
            "source": {
                "language": source.language,
                "tokens": list(source.tokens),
                "unknown": list(source.tokens).index(source.unknown),
            },
            "target": {
                "language": target.language,
                "tokens": list(target.tokens),
                "start": START,
                "end": END,
            },
            "text": {
                "form": self.text.form,
                "values": {"source": dict(self.text.source), "target": dict(self.text.target)},
                "largest": self.text.largest,
            },
            "limits": {"source": source.most, "target": target.most},
        }


def encode(model: nn.Module, source: Tensor, places: Sequence[str] = ()) -> dict[str, Tensor]:
    """`EncoderDecoder.encode` for one source (1, S), or a Transformer's; what passed `places`."""
    with trace(model, places) as flow:
        memory, state = model.encode(source)
    several = isinstance(memory.keys, tuple)
    keys = numbered("keys", memory.keys) if several else {"keys": memory.keys}
    return {"memory": memory.states, **keys, **numbered("state", state), **passed(flow, places)}


def step(
    model: nn.Module,
    token: Tensor,
    *,
    places: Sequence[str] = (),
    told: Sequence[str] = (),
    **given: Tensor,
) -> dict[str, Tensor]:
    """`EncoderDecoder.step` for one source, from the last token (1,); what it read with it.

    A Transformer reads in every layer and head, so there is no one context. Beside it what passed
    `places`, and what the states at `told` say of the next word.
    """
    state = [part for name, part in given.items() if name.startswith("state")]
    keys = [part for name, part in given.items() if name.startswith("keys")]
    if "keys" in given:
        memory, context = Memory(given["memory"], *keys, None), ["context"]
    else:
        memory, context = Slots(given["memory"], tuple(keys), None), []
    with trace(model, [*places, *told, *context]) as flow:
        logits, after = model.step(token, state, memory)
    read = passed(flow, [*places, *told])
    for place, passing in read.items():
        if passing.ndim > 2 and passing.shape[-2] != 1:
            raise ValueError(f"places: {place!r} has numbers of more than the word of the step")
    for place in told:
        if read[place].shape[-1] != (features := model.decoder.readout.in_features):
            raise ValueError(f"told: {place!r} has no states of {features} features to read out")
    said = {f"said.{place}": model.decoder.logits(read[place])[:, -1] for place in told}
    filling = {place: read[place] for place in places}
    return {
        **{"logits": logits, **passed(flow, context), **numbered("next", after)},
        **{**filling, **said},
    }


def check_told(model: nn.Module, told: Sequence[str]) -> None:
    """Refuse what cannot be read out as words.

    Raises:
        ValueError: the model's decoder cannot, or a place is not in it.
    """
    if told and not isinstance(model, Transformer):
        raise ValueError("told is for a Transformer, whose decoder reads out any state; pass ()")
    if outside := [place for place in told if not place.startswith("decoder.")]:
        raise ValueError(f"told must be places of the decoder's states; got {outside}")


def numbered(name: str, parts: Sequence[Tensor]) -> dict[str, Tensor]:
    """The tensors as ``name_0``, ``name_1`` and so on."""
    return {f"{name}_{i}": part for i, part in enumerate(parts)}


def by_layer(reads: Reads) -> Tensor:
    """Weights (layers, H, T, S), of a decoder those that it reads the source by."""
    across = [name for name in reads if ".cross." in name]
    return torch.cat([reads[name] for name in across or reads])
