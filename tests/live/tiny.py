"""The smallest models of every kind, of random weights, described for a page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils import live
from lecture_utils.gating import held
from lecture_utils.live.kind import Kind
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.bam import BAM
from lecture_utils.models.encoder_decoder import END, EncoderDecoder, FixedContext, build, greedy
from lecture_utils.models.kv_memnn import KVMemNN
from lecture_utils.models.location import location_sensitive
from lecture_utils.models.memn2n import MemN2N, memn2n
from lecture_utils.models.non_local import NonLocal
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation
from lecture_utils.models.transformer import Transformer, transformer
from tests import example


@dataclass(frozen=True)
class Example(example.Example):
    """A description of a model.

    Attributes:
        request: what a page is asked.
        view: who asks so, by the name of its example in `tests.views.examples`.
        answers: what it answers, beside other fields, by torch: a function of the description.
        nonsense: what a page refuses to answer, and what it says.
    """

    request: Mapping[str, Any] = field(default_factory=dict)
    view: str = ""
    answers: Callable[[Any], Mapping[str, list]] = dict
    nonsense: Sequence[tuple[Mapping[str, Any], str]] = ()


SPECIALS = ["<pad>", "<start>", "<end>", "<unknown>"]
ENGLISH, GERMAN = [*SPECIALS, ",", "one", "two"], [*SPECIALS, ",", "eins", "zwei", "ein"]
WORDS = ["", "where", "is", "mary", "went", "kitchen"]


def without_attention(*sizes: int, **more: int) -> EncoderDecoder:
    """A model with one context for the whole source."""
    return build(FixedContext(), *sizes, **more)


def sequence_model(make: Any = bahdanau, seed: int = 0) -> EncoderDecoder:
    """A model that `make` makes, for the two small languages."""
    torch.manual_seed(seed)
    return make(len(ENGLISH), len(GERMAN), embedding_size=6, hidden_size=8, maxout_size=4).eval()


def greedily(model: EncoderDecoder, words: list[str]) -> list[str]:
    """What the model writes of the words."""
    source = torch.tensor([[ENGLISH.index(word) for word in words]])
    (written,) = greedy(model, source, limit=12).tolist()
    return [GERMAN[number] for number in written if number != END]


def computed(kind: Kind, graph: str, inputs: Mapping[str, list]) -> dict[str, Tensor]:
    """What torch gives for the inputs of a graph."""
    tensors = [torch.tensor(one) for one in inputs.values()]
    return kind.graphs()[graph].recorded()(*tensors)


sequences = Example(
    live.SequenceToSequence,
    {
        "model": sequence_model(),
        "source": live.Language("en", ENGLISH, 9),
        "target": live.Language("de", GERMAN, 12),
        "text": live.Numerals({"one": 1, "two": 2}, {"eins": 1, "zwei": 2, "ein": 1}, 99),
    },
    refuses=[
        (
            {"source": live.Language("en", ENGLISH[:-1], 9)},
            "source.tokens are 6, but the model has 7; pass the model's",
        ),
        (
            {"target": live.Language("de", [*GERMAN, "drei"], 9)},
            "target.tokens are 9, but the model has 8",
        ),
        (
            {"source": live.Language("en", [*ENGLISH[:-1], "one"], 9)},
            r"source.tokens must differ from each other; twice: \['one'\]",
        ),
        (
            {"source": live.Language("en", "one two", 9)},
            "source.tokens must be a list of texts; got 'one two'",
        ),
        (
            {"source": live.Language("en", ENGLISH, 0)},
            "source.most must be a whole number of at least 1; got 0",
        ),
        (
            {"target": live.Language("de", GERMAN, 1.5)},
            "target.most must be a whole number of at least 1; got 1.5",
        ),
        (
            {"source": live.Language("en", ENGLISH, 9, unknown="?")},
            r"source.unknown has what is not in source.tokens: \['\?'\]",
        ),
        (
            {"text": live.Numerals({"one": 1, "three": 3}, {}, 9)},
            r"text.source has what is not in source.tokens: \['three'\]",
        ),
        (
            {"text": live.Numerals({}, {"one": 1}, 9)},
            r"text.target has what is not in target.tokens: \['one'\]",
        ),
        (
            {"text": live.Numerals({}, {}, -1)},
            "text.largest must be a whole number of at least 1; got -1",
        ),
        ({"told": ["decoder.cell"]}, "told is for a Transformer, whose decoder reads"),
    ],
    request={"text": "1, 2"},
    view="alignment",
    answers=lambda kind: {"rows": greedily(kind.model, ["one", ",", "two"])},
)
fixed = Example(
    live.SequenceToSequence, {**sequences.arguments, "model": sequence_model(without_attention)}
)
place = Example(
    live.SequenceToSequence, {**sequences.arguments, "model": sequence_model(location_sensitive)}
)


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


heads = Example(live.SequenceToSequence, {**sequences.arguments, "model": heads_model()})
filling = Example(
    live.SequenceToSequence,
    {**heads.arguments, "places": PLACES, "told": TOLD},
    refuses=[
        (
            {"places": ["encoder.layers.2"]},
            r"places has what is not in the names of the model's modules: \['encoder.layers.2'\]",
        ),
        ({"told": ["decoder.layers.7<0"]}, "told has what is not in the names of the"),
        ({"places": "encoder"}, "places must be a list of texts; got 'encoder'"),
        (
            {"told": ["encoder.layers.0"]},
            r"told must be places of the decoder's states; got \['encoder.layers.0'\]",
        ),
    ],
)


def story_model(seed: int = 0) -> MemN2N:
    """A memory of five slots, read three times."""
    torch.manual_seed(seed)
    return memn2n(len(WORDS), features=6, slots=5).eval()


TOLD_STORY = {"story": [[[3, 4, 0, 0]]], "question": [[1, 2, 3, 0]]}
stories = Example(
    live.StoryMemory,
    {
        "model": story_model(),
        "tokens": WORDS,
        "words": 4,
        "tasks": {1: "single-supporting-fact"},
        "stories": {1: [(["Mary went", "Mary is"], "Where is Mary", "kitchen", [0])]},
    },
    refuses=[
        ({"tokens": WORDS[:-1]}, "tokens are 5, but the model has 6"),
        ({"tokens": [*WORDS[1:], "."]}, 'begin with the empty word, ""; got \'wh'),
        ({"tokens": [0, 1, 2, 3, 4, 5]}, "tokens must be a list of texts"),
        ({"words": 0}, "words must be a whole number of at least 1; got 0"),
        ({"tasks": {2: "two"}}, r"stories has what is not in tasks: \['1'\]"),
        (
            {"stories": {1: [(["Mary went"], "Where is Mary", "garden", [0])]}},
            r"stories\[1\], an answer, has what is not in tokens: \['garden'\]",
        ),
        (
            {"stories": {1: [(["Mary went"], "Where is Mary", "kitchen", [1])]}},
            r"stories\[1\] has facts \[1\] in a story of 1 lines; a fact is the place of a line",
        ),
        ({"stories": {1: [([], "Where is Mary", "kitchen", [])]}}, "a story of 0 lines"),
    ],
    request={"story": ["Mary went"], "question": "Where is Mary?"},
    view="memory_hops",
    answers=lambda kind: {"weights": computed(kind, "answer", TOLD_STORY)["weights"][..., -1]},
)


def knowledge_model(seed: int = 0) -> KVMemNN:
    """Five words, and four names as keys and as values."""
    torch.manual_seed(seed)
    return KVMemNN(13, features=8, drawn=8).eval()


ASKED = {"question": [[1, 3, 5]], "keys": [[[5, 4]]], "values": [[[10]]]}
knowledge = Example(
    live.KeyValueMemory,
    {
        "model": knowledge_model(),
        "words": ["<pad>", "what", "capital", "of", "has capital"],
        "names": ["Kenya", "Nairobi", "São Tomé", "Österreich"],
        "aliases": {"Austria": "Österreich"},
        "slots": [["Kenya", "has capital", "Nairobi"], ["São Tomé", "has capital", "São Tomé"]],
        "wordings": {"has capital": ["What is the capital of {}?"]},
        "questions": {1: ["What is the capital of Kenya?"]},
        "frequent": 4,
        "most": 6,
    },
    refuses=[
        ({"words": ["<pad>"]}, "names as values are 9, but the model has 13"),
        (
            {"words": ["<pad>", "what", "capital", "of", "Kenya"]},
            r"words and names must differ from each other; twice: \['Kenya'\]",
        ),
        (
            {"aliases": {"UK": "United Kingdom"}},
            r"aliases has what is not in names: \['United Kingdom'\]",
        ),
        ({"slots": []}, "slots must be a key of one or more tokens"),
        (
            {"slots": [["Kenya", "Nairobi"], ["Kenya", "of", "Nairobi"]]},
            "slots must be a key of one or more tokens, the same for all",
        ),
        ({"slots": [["Kenya"]]}, "slots must be a key of one or more tokens"),
        (
            {"slots": [["Uganda", "of", "Kenya"]]},
            r"slots, a key, has what is not in words or names: \['Uganda'\]",
        ),
        (
            {"slots": [["Kenya", "of", "what"]]},
            r"slots, a value, has what is not in names: \['what'\]",
        ),
        ({"frequent": 0}, "frequent must be a whole number of at least 1; got 0"),
        ({"most": "6"}, "most must be a whole number of at least 1; got '6'"),
    ],
    request={"question": "What of Kenya?"},
    view="knowledge",
    answers=lambda kind: {"weights": computed(kind, "answer", ASKED)["weights"]},
)


def image_model(seed: int = 0) -> nn.Sequential:
    """Two maps of an image of 12 x 12, halved, and three scores."""
    torch.manual_seed(seed)
    layers = nn.Conv2d(1, 2, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten()
    return nn.Sequential(*layers, nn.Linear(72, 3)).eval()


def drawn(drawing: list[Any], *shape: int) -> dict[str, Any]:
    """A request to look at a drawing, of 12 x 12 if nothing else is said."""
    return {"drawing": drawing, "shape": shape or (1, 12, 12)}


images = Example(
    live.Images,
    {
        "model": image_model(),
        "labels": ["one", "two", "three"],
        "size": (12, 12),
        "places": {"C1": "0", "S2": "2", "F3": "3"},
        "box": 8,
        "values": (-0.1, 1.175),
    },
    refuses=[
        ({"labels": ["one", "one"]}, "labels must differ from each other"),
        ({"channels": 0}, "channels must be a whole number of at least 1; got 0"),
        ({"size": (12, 0.5)}, "size must be a whole number of at least 1; got 0.5"),
        ({"box": 0}, "box must be a whole number of at least 1; got 0"),
        ({"box": 13}, "box is 13: pass at most 12, the side of an image, or None"),
        ({"channels": 3}, "box is 8: .*; it is for images of one channel"),
        (
            {"places": {"C9": "9"}},
            r"places has what is not in the names of the model's modules: \['9'\]",
        ),
    ],
    request={**drawn([255] * 144), "normalise": False},
    view="feature_maps",
    answers=lambda kind: {"scores": kind.model(torch.full((1, 1, 12, 12), 1.175))},
    nonsense=[
        ({}, "sees 1 × 12 × 12 pixels, and drawings of the same proportions"),
        (drawn([9] * 12, 1, 3, 4), "this one is 1 × 3 × 4."),
        (drawn([9] * 432, 3, 12, 12), "this one is 3 × 12 × 12."),
        (drawn([9] * 143), "this one is 1 × 12 × 12."),
        (drawn([0.5] * 144), "whole numbers from 0, paper, to 255, ink."),
        (drawn([256] * 144), "whole numbers from 0, paper, to 255, ink."),
        (drawn([None] * 144), "whole numbers from 0, paper, to 255, ink."),
        (drawn([0] * 144), "There is nothing to read: it is empty."),
    ],
)


def looking_model(seed: int = 0) -> nn.Sequential:
    """Each place of a coloured image of 8 x 6 reads every second one; a mask; two scores."""
    torch.manual_seed(seed)
    layers = nn.Conv2d(3, 4, 3, padding=1), NonLocal(4, subsample=True), BAM(4, 2, dilation=1)
    nn.init.ones_(layers[1].norm.weight)  # it starts at 0
    nn.init.normal_(layers[1].theta.weight, std=90)  # so that some places get more weight
    return nn.Sequential(*layers, nn.AvgPool2d((8, 6)), nn.Flatten(), nn.Linear(4, 2)).eval()


COLOURED = [k % 256 for k in range(144)]
looking = Example(
    live.Images,
    {
        "model": looking_model(),
        "labels": ["same", "different"],
        "size": (8, 6),
        "channels": 3,
        "places": {"where it looks": "1.address", "gate": "2.gate"},
        "grids": {"where it looks": (8, 6, 4, 3)},
    },
    refuses=[
        ({"grids": {"looks": (8, 6, 4, 3)}}, r"grids has what is not in places: \['looks'\]"),
        (
            {"grids": {"where it looks": (8, 6)}},
            r"grids must be \(h, w, h', w'\) for each address; got \(8, 6\)",
        ),
        (
            {"grids": {"where it looks": (8, 6, 4, 0)}},
            "grids must be a whole number of at least 1; got 0",
        ),
    ],
    request=drawn(COLOURED, 3, 8, 6),
    answers=lambda kind: {"scores": kind.model(torch.tensor(COLOURED).reshape(1, 3, 8, 6) / 255)},
    nonsense=[(drawn([9] * 48, 1, 8, 6), "sees 3 × 8 × 6 pixels")],
)
"""Weights of an address among places, and the mask of a gate."""


def gated_model(seed: int = 0) -> nn.Sequential:
    """An image of 6 x 6, its four channels gated, a mask for every place, and two scores."""
    torch.manual_seed(seed)
    squeezed = SqueezeExcitation(ChannelGate(4, 2))
    layers = nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), squeezed, BAM(4, 2, dilation=1)
    return nn.Sequential(*layers, nn.AvgPool2d(6), nn.Flatten(), nn.Linear(4, 2)).eval()


HELD = {"SE": [-1, 0, 0.25, -1], "BAM": [-1, -1, -1, 1]}


@torch.no_grad()
def gates_held(kind: live.Images) -> dict[str, Tensor]:
    """The scores of a drawing that is all ink, before and after."""
    given = torch.ones(1, 1, 6, 6)
    with held(kind.model, {kind.gates[name]: torch.tensor(one) for name, one in HELD.items()}):
        after = kind.model(given)
    assert (after - kind.model(given)).abs().max() > 0.01, "it does change something"
    return {"scores": kind.model(given), "after": {"scores": after}}


gates = Example(
    live.Images,
    {
        "model": gated_model(),
        "labels": ["one", "two"],
        "size": (6, 6),
        "places": {},
        "gates": {"SE": "2.gate", "BAM": "3.gate"},
    },
    refuses=[
        ({"gates": {"SE": "2"}}, r"gates has what is not in the names of .* gates: \['2'\]"),
        ({"gates": {"a": "2.gate", "b": "2.gate"}}, "gates must differ from each other"),
    ],
    request={**drawn([255] * 36, 1, 6, 6), "held": HELD},
    view="channel_gates",
    answers=gates_held,
    nonsense=[
        ({**drawn([9] * 36, 1, 6, 6), "held": asked}, words)
        for asked, words in (
            ({"CBAM": [0, 0, 0, 0]}, "There is no gate “CBAM”; there are SE, BAM."),
            ({"SE": [0, 0, 0]}, "The gate “SE” has 4 channels; hold each at a number from 0 to 1"),
            ({"SE": [0, 0, 0, 1.5]}, "The gate “SE” has 4 channels"),
            ({"BAM": ["off", 0, 0, 0]}, "The gate “BAM” has 4 channels"),
        )
    ],
)
"""Gates of channels, one with a number for each place, too, that can be held."""


KINDS: Mapping[str, Example] = example.of(sys.modules[__name__])
"""The examples by name; every kind has at least one."""
