"""A small example of every view, with functions behind it where it asks somebody.

A new view adds its own here: the contract of all views, the tests in a real JupyterLab and the
fuzzer then drive it too.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lecture_utils import diagrams, views
from tests import example


@dataclass(frozen=True)
class Example(example.Example):
    """A view.

    Attributes:
        request: what its script asks, where that is neither a text nor a story with a question.
        dials: of a slider its name, the argument that it stands for, another value of it, and what
            the view then says.
    """

    request: Mapping[str, Any] = field(default_factory=dict)
    dials: Sequence[tuple[str, str, float, str]] = ()


ASKED = {"live": [("one", "absent"), ("other", "absent")], "examples": ["one two"]}
"""What every view has here that is asked by a line of text."""


def typed(text: str) -> list[str]:
    """The words of what is typed, or a sentence that says what to type."""
    if not text.split():
        raise ValueError("The field is empty: write a word.")
    return text.split()


def translate(text: str, prefix: Sequence[str] = ()) -> dict[str, Any]:
    """Whatever is typed is written backwards, behind any words."""
    words = typed(text)
    if "zebra" in prefix:
        raise ValueError("“zebra” is no word that the model can write.")
    rows = [*prefix, *words[::-1][len(prefix) :]]
    likely = [[("one", 0.75), ("zebra", 0.25)]] * len(rows)
    weights = np.eye(len(rows), len(words))[:, ::-1]
    return {"weights": weights, "rows": rows, "columns": words, "likely": likely}


alignment = Example(
    views.Alignment,
    {
        "weights": np.full((2, 3, 2, 2), 0.25) + 0.5 * np.eye(2),
        "rows": ["a", "word"],
        "columns": ["ein", "wort"],
        "gold": [(0, 0), (1, 1)],
        "title": "Weights",
        "translate": {"backwards": translate, "again": translate},
        "probabilities": [0.9, 0.8],
        "text": "ein wort",
        **ASKED,
    },
)


def itself(text: str) -> dict[str, Any]:
    """Whatever is typed reads itself."""
    words = typed(text)
    weights = np.stack([np.stack([np.eye(len(words))] * 3)] * 2)
    return {"weights": weights, "rows": words, "columns": words}


even, own, last = np.full((3, 3), 1 / 3), np.eye(3), np.eye(3)[[2, 2, 2]]
heads = Example(
    views.Heads,
    {
        "weights": np.array(
            [[even, own, last], [0.5 * (even + own), 0.5 * (own + last), np.zeros((3, 3))]]
        ),
        "rows": ["a", "short", "text"],
        "gold": [(0, 2), (1, 1)],
        "title": "All heads",
        "explain": {"itself": itself, "again": itself},
        **ASKED,
    },
)


def ask(story: Sequence[str], question: str) -> dict[str, Any]:
    """Every question is answered from the last sentence."""
    if "zebra" in question:
        raise ValueError("The model does not know “zebra” (the question).")
    return {"weights": np.eye(len(story))[-1:], "answers": {"garden": 0.9, "hall": 0.1}}


memory_hops = Example(
    views.MemoryHops,
    {
        "weights": [[0.1, 0.7, 0.1], [0.0, 0.1, 0.9]],
        "story": ["Mary moved to the hall.", "John took the milk.", "John went to the garden."],
        "question": "Where is the milk?",
        "answers": {"garden": 0.8, "hall": 0.2},
        "gold": [1, 2],
        "truth": "garden",
        "title": "A memory",
        "ask": {"last": ask, "again": ask},
        "live": [("three hops", "absent"), ("one hop", "absent")],
        "new_story": lambda task: (["Ann fled."], "Who fled?", "garden", [0]),
        "tasks": {1: "one fact", 2: "two facts"},
    },
)
"""A story that can be edited."""


knowledge = Example(
    views.MemoryHops,
    {
        "weights": [[0.6, 0.4]],
        "story": ["a → b", "a → c"],
        "question": "a?",
        "answers": {"b": 0.6, "c": 0.4},
        "title": "Facts",
        "noun": "slot",
        "editable": False,
        "ask": lambda question: {"weights": [[1.0]], "answers": {"b": 1.0}, "story": ["a → b"]},
        "live": "absent",
        "new_question": lambda kind: "a?",
        "tasks": {1: "a kind"},
    },
)
"""Slots that a question has found, which cannot be edited."""


GATED = "Most weight: “M1” 1.00. Sum 1.00, entropy 0.0 of 2.0 bits. r = 1.00 × M1 = (2.00, 0.20)."
address_lab = Example(
    views.AddressLab,
    {
        "memory": [[2, 0.2], [0.2, 1.8], [-1.5, 1.2], [-1.8, -0.4]],
        "query": [1, 0.6],
        "title": "A lab",
        "gate": 0.9,
    },
    dials=[("gate g", "gate", 0, GATED)],
    refuses=[
        ({"memory": [1, 2, 3]}, r"memory: has shape \(3,\); pass \(N, D\) numbers"),
        ({"memory": [[1], [2, 3], [4]]}, r"memory: pass \(N, D\) numbers"),
        ({"memory": np.eye(2), "query": [1, 0]}, r"memory: has 2 slots of 2 features"),
        ({"memory": np.eye(17), "query": np.ones(17)}, r"memory: has 17 slots"),
        ({"memory": np.full((3, 2), np.nan)}, r"memory: pass numbers from -100 to 100"),
        ({"memory": np.full((3, 2), 101)}, r"memory: pass numbers from -100 to 100"),
        ({"query": [1]}, r"query: has shape \(1,\); pass 2 numbers"),
        ({"query": ["a", "b"]}, r"query: pass 2 numbers"),
        ({"previous": [1, 0]}, r"previous: has shape \(2,\); pass 4 weights"),
        ({"previous": [2, -1, 0, 0]}, r"previous: pass 4 weights, none negative, with sum 1"),
        ({"previous": [0.5, 0, 0, 0]}, r"previous: pass 4 weights"),
        ({"temperature": -1}, r"temperature: pass a number from 0 to 1000; got -1"),
        ({"temperature": "cold"}, r"temperature: pass a number"),
        ({"temperature": float("nan")}, r"temperature: pass a number"),
        ({"gate": 1.1}, r"gate: pass a number from 0 to 1"),
        ({"shift": 2}, r"shift: pass -1, 0 or 1; got 2"),
        ({"blur": 0.5}, r"blur: pass a number from 0 to 0\.3333"),
        ({"sharpen": 0.5}, r"sharpen: pass a number from 1 to 100"),
        ({"slots": ["a"]}, r"slots: 1 names for 4 slots"),
        ({"slots": ["a"] * 4}, r"slots: pass 4 names that differ"),
        ({"slots": "abcd"}, r"slots: pass a list of strings"),
        ({"presets": {"x": {"colour": 1}}}, r"presets: 'x' has colour; pass any of memory, query"),
        ({"presets": {"x": 3}}, r"presets: 'x': pass any of memory, query"),
        ({"presets": {"x": {"gate": 2}}}, r"presets: 'x': gate: pass a number"),
    ],
)
"""Four slots of two features, with the plane and every dial."""


def copied(text: str) -> dict[str, Any]:
    """Whatever is typed is copied, word by word."""
    words = typed(text)
    count = len(words)
    state = [np.linspace(-1, 1, 8).reshape(1, 8) * (i + 1) for i in range(count)]
    flow = {
        "encoder": [np.linspace(-1, 1, 16 * count).reshape(1, count, 16)],
        "context.address": [np.eye(count)[i].reshape(1, 1, count) for i in range(count)],
        "context.address.W<0": [one[None] for one in state],
        "decoder.cell<1": state,
        "decoder.cell": state,
    }
    return {"trace": flow, "rows": words, "columns": words, "probabilities": [0.5] * count}


diagram = Example(
    views.Diagram,
    {
        "picture": diagrams.bahdanau,
        "title": "A step",
        "explain": {"copy": copied, "again": copied},
        "text": "a b c d e f g",
        **ASKED,
        **copied("a b c d e f g"),
    },
)
"""Attention at one step, filled."""


def halved(drawing: np.ndarray, normalise: bool = True) -> dict[str, Any]:
    """Whatever is drawn is halved twice, and is a one if more than a third of it is ink."""
    image = drawing.reshape(8, drawing.shape[0] // 8, 8, -1).mean(axis=(1, 3))
    maps = np.stack([image, -image]) - 0.1 * normalise
    half = maps.reshape(2, 4, 2, 4, 2).mean(axis=(2, 4))
    means = half.mean(axis=(1, 2))
    ink = float(image.mean())
    layers = {"C1": maps, "S2": half, "F3": means}
    return {"image": image, "maps": layers, "scores": [ink, 0.3], "frame": [0, 0, len(drawing) / 8]}


stroke = np.zeros((8, 8))
stroke[1:7, 3:5] = [[0.5, 1.0]]
feature_maps = Example(
    views.FeatureMaps,
    {
        **halved(stroke),
        "labels": ["one", "zero"],
        "drawing": stroke,
        "normalise": True,
        "fields": {"C1": (1, 1, 0), "S2": (2, 2, 0)},
        "examples": [stroke, stroke.T],
        "title": "A drawing",
        "see": {"halved": halved, "again": halved},
        "live": ASKED["live"],
    },
    request={"drawing": [255] * 64, "shape": [1, 8, 8], "normalise": True},
    refuses=[
        ({"image": np.ones((2, 8, 8))}, "image: has 2 channels; pass"),
        ({"image": np.ones(8)}, r"image: has shape \(8,\); pass \(H, W\)"),
        ({"image": 255 * stroke}, r"image: values lie in \[0, 255\]; .*: divide by 255"),
        ({"image": -stroke}, r"image: values lie in \[-1, 0\]; .*in \[0, 1\]$"),
        ({"image": np.full((8, 8), np.nan)}, "image: holds NaN or infinity"),
        ({"image": "seven"}, r"image: pass \(H, W\)"),
        ({"drawing": np.ones((9, 8))}, r"drawing: has shape \(1, 9, 8\); pass \(1, 8, 8\), the"),
        ({"drawing": np.ones((24, 24))}, "or 2 or 4 times as many pixels along both sides"),
        ({"drawing": np.ones((3, 8, 8))}, r"drawing: has shape \(3, 8, 8\)"),
        ({"maps": {}}, "maps: pass a mapping"),
        ({"maps": [np.ones((1, 2, 2))]}, "maps: pass a mapping"),
        ({"maps": {"C1": np.ones((2, 1, 8, 8))}}, r"maps: 'C1' has shape .*, of one image"),
        ({"maps": {"C1": np.ones((4, 4))}}, r"maps: 'C1' has shape \(4, 4\)"),
        ({"maps": {"C1": [np.inf]}}, "maps: 'C1' holds NaN or infinity"),
        ({"scores": np.ones((2, 3))}, r"scores: has shape \(2, 3\); pass \(N,\)"),
        ({"scores": [0, np.nan]}, "scores: holds NaN or infinity"),
        ({"labels": ["one"]}, "labels: 1 names for 2 scores; pass one per score"),
        ({"frame": [0, 0]}, r"frame: pass \(top, left, step\)"),
        ({"frame": [0, 0, 0]}, "step above 0"),
        ({"fields": {"C9": (1, 1, 0)}}, "fields: there is no layer 'C9'"),
        ({"fields": {"C1": (0, 1, 0)}}, "fields: 'C1' has .*size and step above 0"),
        ({"fields": {"C1": (5, 1)}}, "fields: 'C1' has"),
        ({"fields": [(5, 1, 0)]}, "fields: pass a mapping from layers"),
        ({"examples": []}, "examples: pass drawings .*, at least one"),
        ({"examples": [stroke, np.kron(stroke, np.ones((2, 2)))]}, "examples: .*all of one size"),
        ({"examples": [np.ones((5, 5))]}, r"examples: has shape \(1, 5, 5\)"),
        ({"normalise": "yes"}, "normalise: pass True or False"),
        ({"see": "halved"}, "see: pass a function of the drawing"),
    ],
)
"""A drawing of 8 x 8, two layers of maps and one of single values."""


def halves(scene: np.ndarray) -> dict[str, Any]:
    """Each place of a scene of 8 x 12 looks at ink and at itself; is more of it at the left?"""
    image = np.reshape(scene, (8, 12))
    dark = image.reshape(4, 2, 6, 2).mean(axis=(1, 3))
    weights = np.tile(dark + 0.01, (4, 6, 1, 1)) + 0.2 * np.eye(24).reshape(4, 6, 4, 6)
    weights /= weights.sum(axis=(2, 3), keepdims=True)
    left, right = image[:, :6].sum(), image[:, 6:].sum()
    return {"maps": {"address": weights, "gate": image}, "scores": [left, right]}


cross, ring = np.zeros((4, 4)), np.ones((4, 4))
cross[1:3], cross[:, 1:3], ring[1:3, 1:3] = 1, 1, 0
scene = views.SpatialMap.composed([cross, ring], [(0, 1, 1), (1, 4, 7)], (1, 8, 12))
spatial_map = Example(
    views.SpatialMap,
    {
        "image": scene,
        **halves(scene),
        "labels": ["left", "right"],
        "truth": scene[0] > 0,
        "pieces": [cross, ring],
        "names": ["a cross", "a ring"],
        "placed": [(0, 1, 1), (1, 4, 7)],
        "title": "Two pieces",
        "see": {"halves": halves, "again": halves},
        "live": ASKED["live"],
    },
    request={"drawing": [255] * 96, "shape": [1, 8, 12]},
    refuses=[
        ({"image": 255 * scene}, r"image: values lie in \[0, 255\]; .*: divide by 255"),
        ({"maps": {}}, "maps: pass a mapping from the name of each stage to its map"),
        ({"maps": {"gate": np.ones(8)}}, r"maps: 'gate' has shape \(8,\); pass a map \(h, w\)"),
        ({"maps": {"gate": -np.eye(3)}}, r"maps: 'gate': values lie in \[-1, -?0\]; pass"),
        ({"maps": {"gate": np.full((2, 2), np.nan)}}, "maps: 'gate': holds NaN"),
        ({"grids": {"gates": (1, 1, 1, 1)}}, "grids: there is no map 'gates'; pass names of maps"),
        ({"grids": {"address": (4, 6)}}, r"grids: 'address': pass \(h, w, h', w'\)"),
        ({"grids": "address"}, "grids: pass a mapping from names of maps"),
        ({"grids": {"address": 4}}, r"grids: 'address': pass \(h, w, h', w'\)"),
        (
            {"grids": {"address": (4, 6, 2, 3)}},
            r"maps: 'address' has shape .*; pass weights \(24, 6\), for its grid \(4, 6, 2, 3\)",
        ),
        ({"labels": ["left"]}, "labels: 1 names for 2 scores; pass one per score"),
        ({"scores": None}, "scores: pass one for each of the labels"),
        ({"scores": [0, np.inf]}, "scores: holds NaN or infinity"),
        ({"truth": np.ones((4, 6))}, r"truth: has shape \(4, 6\); pass \(8, 12\)"),
        ({"pieces": None}, "pieces: pass what the reader puts into the image"),
        ({"pieces": []}, "pieces: 0; pass .*, 1 to 60 of them"),
        ({"pieces": [cross, np.ones((2, 2))]}, "pieces: pass .*, all of one size"),
        ({"pieces": np.ones((2, 9, 9))}, r"pieces: have shape \(1, 9, 9\); pass \(K, h, w\)"),
        ({"pieces": np.ones((2, 3, 4, 4))}, r"pieces: have shape \(3, 4, 4\)"),
        ({"names": ["a cross"]}, "names: 1 for 2 pieces; pass one for each"),
        ({"placed": [(0, 1)]}, r"placed: \[0, 1\]; pass \(number of the piece, row, column\)"),
        ({"placed": [(0, 5, 1)]}, r"placed: \[0, 5, 1\]; pass .*, all of it in the image"),
        ({"placed": [(2, 0, 0)]}, r"placed: \[2, 0, 0\]; pass"),
        (
            {"placed": [(0, 1, 1)]},
            "placed: the pieces make another image; pass the image Spat",
        ),
        ({"query": (4, 0)}, "query: pass row and column, from 0, of one of 4 × 6 places"),
        ({"query": 3}, "query: pass row and column"),
        ({"opacity": 1.5}, "opacity: pass a number from 0 to 1; got 1.5"),
        ({"see": "halves"}, "see: pass a function of the scene"),
    ],
)
"""A scene of two pieces, the weights of an address and a mask."""


def gated(drawing: np.ndarray, held: Mapping[str, Sequence[float]] | None = None) -> dict[str, Any]:
    """The more ink, the more the first channels are open; a one if more than half is ink."""
    ink = float(drawing.mean())
    free = {"SE": np.array([ink, 0.5, 0.9, 1 - ink]), "BAM": np.full(4, 0.25)}
    answer = {"image": drawing, "scores": [ink, 0.5], "gates": free, "after": None}
    if held:
        then = {name: np.array(held.get(name, [-1] * 4)) for name in free}
        gates = {name: np.where(one < 0, free[name], one) for name, one in then.items()}
        answer["after"] = {"scores": [float(gates["SE"][0]), 0.5], "gates": gates}
    return answer


square = np.zeros((6, 6))
square[1:4, 2:5] = 1
shown_first = gated(square)
GATES = np.array([[0.1, 0.5, 0.9, 0.4], [0.3, 0.5, 0.7, 0.6], [0.8, 0.5, 0.8, 0.5]])
channel_gates = Example(
    views.ChannelGates,
    {
        "gates": {"SE": GATES, "BAM": GATES[:, ::-1, None, None]},
        "classes": [0, 0, 1],
        "labels": ["one", "zero"],
        "image": square,
        "scores": shown_first["scores"],
        "own": shown_first["gates"],
        "examples": [square, square.T],
        "title": "Gates",
        "see": {"gated": gated, "again": gated},
        "live": ASKED["live"],
    },
    request={"drawing": [255] * 36, "shape": [1, 6, 6], "held": {"SE": [-1, 0, 1, 0.5]}},
    refuses=[
        ({"gates": {}}, "gates: pass a mapping"),
        ({"gates": [GATES]}, "gates: pass a mapping"),
        ({"gates": {"SE": GATES[:2]}}, r"gates: 'SE' has shape \(2, 4\); pass \(3, C\), one per"),
        ({"gates": {"SE": [0.5, 0.5, 0.5]}}, r"gates: 'SE' has shape \(3,\)"),
        ({"gates": {"SE": 2 * GATES}}, "gates: 'SE': values lie in"),
        ({"gates": {"SE": GATES * np.nan}}, "gates: 'SE': holds NaN"),
        ({"classes": None}, "gates: 'SE': pass means and spreads, two arrays"),
        ({"classes": [0, 0, 0]}, "classes: pass .*at least two"),
        ({"classes": [0, 2, 2]}, r"each of which occurs; no image is of \[1\]"),
        ({"classes": [0, 1, 0.5]}, "classes: pass"),
        ({"classes": [0, 1, -1]}, "classes: pass"),
        ({"classes": "011"}, "classes: pass"),
        ({"labels": ["one"]}, "labels: 1 names for 2"),
        ({"pair": (0, 0)}, "pair: pass two different classes, whole numbers from 0 to 1"),
        ({"pair": (0, 2)}, "pair: pass two different"),
        ({"pair": 1}, "pair: pass two different"),
        ({"image": None}, "image: pass what the network is shown"),
        ({"image": np.ones((2, 6, 6))}, "image: has 2 channels"),
        ({"scores": [1, 2, 3]}, "gave 3 scores; give one for each of the 2 labels"),
        ({"scores": None}, "scores: "),
        (
            {"own": {"SE": [0.5] * 4}},
            r"own: pass gates \(C,\) of the image for each of \['SE', 'BAM'\]",
        ),
        (
            {"own": {"SE": [0.5] * 4, "BAM": [0.5] * 3}},
            r"own: 'BAM': has shape \(3,\); pass \(4,\)",
        ),
        ({"drawing": np.ones((5, 5))}, r"drawing: has shape \(1, 5, 5\)"),
        ({"examples": []}, "examples: pass drawings"),
        ({"see": "gated"}, "see: pass a function of the drawing"),
    ],
)
"""Two layers of four channels, two classes, and an image of 6 x 6."""


EXAMPLES: Mapping[str, Example] = example.of(sys.modules[__name__])
"""The examples by name; every view has at least one."""
