"""The smallest models of every kind, of random weights, described for a page."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from lecture_utils import live
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.encoder_decoder import EncoderDecoder, FixedContext, build
from lecture_utils.models.kv_memnn import KVMemNN
from lecture_utils.models.location import location_sensitive
from lecture_utils.models.memn2n import MemN2N, memn2n
from lecture_utils.models.transformer import Transformer, transformer

SPECIALS = ["<pad>", "<start>", "<end>", "<unknown>"]
ENGLISH, GERMAN = [*SPECIALS, ",", "one", "two"], [*SPECIALS, ",", "eins", "zwei", "ein"]
WORDS = ["", "Where", "is", "Mary", "went", "kitchen"]


def fixed(*sizes: int, **more: int) -> EncoderDecoder:
    """A model with one context for the whole source."""
    return build(FixedContext(), *sizes, **more)


def sequence_model(make: Any = bahdanau, seed: int = 0) -> EncoderDecoder:
    """A model that `make` makes, for the two small languages."""
    torch.manual_seed(seed)
    return make(len(ENGLISH), len(GERMAN), embedding_size=6, hidden_size=8, maxout_size=4).eval()


def sequences(model: EncoderDecoder | None = None, **other: Any) -> live.SequenceToSequence:
    """A description of such a model; `other` fields in place of the good ones."""
    good = {
        "source": live.Language("en", ENGLISH, 9),
        "target": live.Language("de", GERMAN, 12),
        "text": live.Numerals({"one": 1, "two": 2}, {"eins": 1, "zwei": 2, "ein": 1}, 99),
    }
    return live.SequenceToSequence(model or sequence_model(), **{**good, **other})


def heads_model(seed: int = 0) -> Transformer:
    """A Transformer of two layers and two heads, for the same languages."""
    torch.manual_seed(seed)
    sizes = (len(ENGLISH), len(GERMAN), 8, 2, 2, 12)
    return transformer(*sizes, positions="rotary", norm_first=True).eval()


PLACES = (
    *("encoder", "encoder<0", "decoder<0"),  # a page has them without an output
    *("encoder.embed", "encoder.layers.0<0", "encoder.layers.1", "encoder.layers.1.attention"),
    *("encoder.layers.0.attention.address", "decoder.embed", "decoder.layers.0"),
    *("decoder.layers.0.attention.address", "decoder.layers.1.cross.address"),
    *("decoder.layers.1<0", "decoder.layers.1.add_cross.norm", "decoder.layers.1.feed_forward"),
)
TOLD = ("decoder.embed", "decoder.layers.0", "decoder.layers.1.add_feed_forward")


def filling(model: Transformer | None = None, **other: Any) -> live.SequenceToSequence:
    """Such a model, with what fills a picture of it."""
    return sequences(model or heads_model(), **{"places": PLACES, "told": TOLD, **other})


def story_model(seed: int = 0) -> MemN2N:
    """A memory of five slots, read three times."""
    torch.manual_seed(seed)
    return memn2n(len(WORDS), features=6, slots=5).eval()


def stories(model: MemN2N | None = None, **other: Any) -> live.StoryMemory:
    """A description of such a model; `other` fields in place of the good ones."""
    good = {
        "tokens": WORDS,
        "words": 4,
        "tasks": {1: "single-supporting-fact"},
        "stories": {1: [(["Mary went", "Mary is"], "Where is Mary", "kitchen", [0])]},
    }
    return live.StoryMemory(model or story_model(), **{**good, **other})


def knowledge_model(seed: int = 0) -> KVMemNN:
    """Five words, and four names as keys and as values."""
    torch.manual_seed(seed)
    return KVMemNN(13, features=8, drawn=8).eval()


def knowledge(model: KVMemNN | None = None, **other: Any) -> live.KeyValueMemory:
    """A description of such a model; `other` fields in place of the good ones."""
    good = {
        "words": ["<pad>", "what", "capital", "of", "has capital"],
        "names": ["Kenya", "Nairobi", "São Tomé", "Österreich"],
        "aliases": {"Austria": "Österreich"},
        "slots": [["Kenya", "has capital", "Nairobi"], ["São Tomé", "has capital", "São Tomé"]],
        "wordings": {"has capital": ["What is the capital of {}?"]},
        "questions": {1: ["What is the capital of Kenya?"]},
        "frequent": 4,
        "most": 6,
    }
    return live.KeyValueMemory(model or knowledge_model(), **{**good, **other})


def image_model(seed: int = 0) -> nn.Sequential:
    """Two maps of an image of 12 x 12, halved, and three scores."""
    torch.manual_seed(seed)
    layers = nn.Conv2d(1, 2, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten()
    return nn.Sequential(*layers, nn.Linear(72, 3)).eval()


def images(model: nn.Module | None = None, **other: Any) -> live.Images:
    """A description of such a model; `other` fields in place of the good ones."""
    good = {
        "labels": ["one", "two", "three"],
        "size": (12, 12),
        "places": {"C1": "0", "S2": "2", "F3": "3"},
        "box": 8,
        "values": (-0.1, 1.175),
    }
    return live.Images(model or image_model(), **{**good, **other})


def kinds() -> dict[str, Any]:
    """One of each that the book exports, by name."""
    return {
        "attention": sequences(),
        "fixed": sequences(sequence_model(fixed)),
        "filling": filling(),
        "heads": sequences(heads_model()),
        "images": images(),
        "place": sequences(sequence_model(location_sensitive)),
        "stories": stories(),
        "knowledge": knowledge(),
    }
