"""The kind "sequence to sequence": a model that reads words and writes others, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from lecture_utils.live.graph import Graph
from lecture_utils.live.kind import Kind, check_count, check_known, check_size, check_tokens
from lecture_utils.models.encoder_decoder import END, START, Memory
from lecture_utils.models.transformer import Memory as Slots
from lecture_utils.recording import Reads, trace


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


@dataclass(frozen=True)
class SequenceToSequence(Kind):
    """An `EncoderDecoder`: graph ``encode`` once for a source, ``step`` for each target word.

    ``encode``: ``source`` (1, S) to ``memory``, ``keys``, and the state, ``state_0`` and so on.
    ``step``: ``token`` (1,), ``memory``, ``keys``, the state, to ``logits`` (1, V), the next state,
    ``next_0`` and so on, ``context`` (1, C), what was read, and ``weights`` (1, 1, S) where the
    model computes any. A `Transformer` has keys for every layer, ``keys_0`` and so on, a state that
    grows by every word, and no ``context``; its ``weights`` are (layers, H, 1, S), those of
    ``encode`` (layers, H, S, S).

    Args:
        model: its tokens `START` and `END` begin and end a target.
        source: what it reads.
        target: what it writes.
        text: how a reader's text becomes source words, and how target words are read back.
    """

    kind: ClassVar[str] = "sequence to sequence"
    _: KW_ONLY
    source: Language
    target: Language
    text: Numerals

    def __post_init__(self) -> None:
        sides = {
            "source": (self.source, self.model.encoder.embed.num_embeddings, self.text.source),
            "target": (self.target, self.model.decoder.embed.num_embeddings, self.text.target),
        }
        for side, (language, size, values) in sides.items():
            check_tokens(f"{side}.tokens", language.tokens)
            check_size(f"{side}.tokens", language.tokens, size)
            check_count(f"{side}.most", language.most)
            check_known(f"text.{side}", values, language.tokens, f"{side}.tokens")
        check_known("source.unknown", [self.source.unknown], self.source.tokens, "source.tokens")
        check_count("text.largest", self.text.largest)

    def graphs(self) -> dict[str, Graph]:
        """``encode`` and ``step``."""
        size = len(self.source.tokens)

        def source(S: int) -> dict[str, Tensor]:
            made = torch.Generator().manual_seed(S)
            return {"source": torch.randint(size, (1, S), generator=made)}

        def later(S: int, T: int = 1) -> dict[str, Tensor]:
            """A step that is not the first: T words have been written."""
            made = encode(self.model, **source(S))
            for _ in range(T):
                after = step(self.model, torch.tensor([START]), **made)
                made |= {f"state_{name[5:]}": after[name] for name in after if name[:5] == "next_"}
            return {"token": torch.tensor([END]), **made}

        names = [*torch.no_grad()(later)(S=2)]

        def named(model: nn.Module, *inputs: Tensor) -> dict[str, Tensor]:
            return step(model, **dict(zip(names, inputs, strict=True)))

        if "keys" in names:
            return {
                "encode": Graph(self.model, encode, source, ("S",)),
                "step": Graph(self.model, named, torch.no_grad()(later), ("S",)),
            }
        return {  # a Transformer, whose state grows by every word
            "encode": Graph(self.model, encode, source, ("S",), by_layer),
            "step": Graph(self.model, named, torch.no_grad()(later), ("S", "T"), by_layer),
        }

    def fields(self) -> dict[str, Any]:
        """``source``, ``target``, ``text`` and ``limits``."""
        source, target = self.source, self.target
        return {
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


def encode(model: nn.Module, source: Tensor) -> dict[str, Tensor]:
    """`EncoderDecoder.encode` for one source (1, S), or a Transformer's."""
    memory, state = model.encode(source)
    several = isinstance(memory.keys, tuple)
    keys = numbered("keys", memory.keys) if several else {"keys": memory.keys}
    return {"memory": memory.states, **keys, **numbered("state", state)}


def step(model: nn.Module, token: Tensor, **given: Tensor) -> dict[str, Tensor]:
    """`EncoderDecoder.step` for one source, from the last token (1,); what it read with it.

    A Transformer reads in every layer and head, so there is no one context.
    """
    state = [part for name, part in given.items() if name.startswith("state")]
    keys = [part for name, part in given.items() if name.startswith("keys")]
    if "keys" not in given:
        logits, after = model.step(token, state, Slots(given["memory"], tuple(keys), None))
        return {"logits": logits, **numbered("next", after)}
    with trace(model, ["context"]) as flow:
        logits, after = model.step(token, state, Memory(given["memory"], *keys, None))
    (read,) = flow["context"]
    context = read if isinstance(read, Tensor) else read[0]  # beside it, what it carries along
    return {"logits": logits, "context": context, **numbered("next", after)}


def numbered(name: str, parts: Sequence[Tensor]) -> dict[str, Tensor]:
    """The tensors as ``name_0``, ``name_1`` and so on."""
    return {f"{name}_{i}": part for i, part in enumerate(parts)}


def by_layer(reads: Reads) -> Tensor:
    """Weights (layers, H, T, S), of a decoder those that it reads the source by."""
    across = [name for name in reads if ".cross." in name]
    return torch.cat([reads[name] for name in across or reads])
