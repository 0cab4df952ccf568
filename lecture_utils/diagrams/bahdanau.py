"""Attention at one step of the decoder; Bahdanau et al. 2015, arXiv:1409.0473, appendix A.

`read` is the read alone, with any score; `bahdanau` is the whole step, with the paper's.
"""

from __future__ import annotations

from dataclasses import replace

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_SLOTS = 6
_WORDS = ("seven", "hundred", "forty", "eight", "thousand", ",")
_WEIGHTS = (0.01, 0.04, 0.54, 0.34, 0.05, 0.02)

_BEFORE = Part(
    *("before", "tensor", 50, 88, 84, 42, "$s_{i-1}$", "query"),
    says="the decoder's state before this word",
    at="decoder.cell<1",
    shape="B, H",
)
_SCORE = Part(
    *("score", "operation", 365, 388, 508, 34),
    label="score of query and key, then softmax over the slots",
    says="the score of the query with each key; then the softmax",
    of=("context.address.W", "context.address.U", "context.address.v"),
    learned=True,
)
_READ = (
    Part(
        *("sum", "node", 352, 158, 30, 30, "Σ"),
        says="the sum of the slots, each times its weight: the read",
        of=("context",),
        role="value",
    ),
    Part(
        *("memory", "tensor", 150, 250, 78, 46),
        says="one slot for each source word: the encoder's state there",
        count=_SLOTS,
        dx=86,
        of=("encoder", "encoder.embed", "encoder.gru"),
        at="encoder",
        shape="B, S, 2H",
        shows="slot",
        example=_WORDS,
    ),
    Part(
        *("address", "address", 160, 322, 56, 56),
        role="query",
        says="the address: one weight for each slot, together 1",
        count=_SLOTS,
        dx=86,
        at="context.address",
        shape="B, 1, S",
        example=_WEIGHTS,
    ),
    Part(
        *("query", "query", 50, 388, 84, 34, "query", "query"),
        says="the query: the same state, asking where to look",
        at="context.address.W<0",
        shape="B, 1, H",
    ),
)
_READ_ARROWS = (
    Arrow("memory.top", "sum.bottom", "value", fan="address"),
    Arrow("before.bottom-30", "query.top-30", "query"),
    Arrow("query.right", "score.left", "query"),
    Arrow("memory.bottom-26", "score.top", "key"),
    Arrow("score.top", "address.bottom", "query", by="softmax"),
)
_READ_STEPS = (
    Step(
        "The decoder's newest state is the query; the next one is made with the read, so it is "
        "not there yet.",
        ("before", "query"),
        (0, 56, 320, 360),
    ),
    Step(
        "Each slot offers its state as a key; the score says how well query and key fit.",
        ("memory", "score"),
        (104, 216, 320, 200),
    ),
    Step(
        "A softmax makes the scores an address: one weight for each slot, together 1.",
        ("address",),
        (104, 216, 320, 200),
    ),
    Step(
        "The same states are the values: the read is their sum, each times its weight, drawn "
        "as a line as thick as the weight.",
        ("sum",),
        (192, 120, 320, 200),
    ),
)
_READ_NOTES = (
    Note(634, 200, "values", "value", "end", near="sum"),
    Note(634, 290, "keys", "key", "end", near="score"),
    Note(104, 238, "memory", anchor="end", near="memory"),
    Note(104, 258, "$h_j$", anchor="end", near="memory"),
    Note(104, 276, "{shape}", anchor="end", near="memory"),
    Note(104, 356, "{shape}", anchor="end", near="address"),
    Note(104, 314, "address", "query", "end", near="address"),
)

read = Picture(
    name="read",
    title="The read, opened: query, keys, address, values",
    height=420,
    parts=(
        _BEFORE,
        Part(
            *("context", "tensor", 352, 62, 84, 42, "$c_i$", "value"),
            says="the context of this step: the read",
            at="context",
            shape="B, 2H",
        ),
        *_READ,
        _SCORE,
    ),
    arrows=(*_READ_ARROWS, Arrow("sum.top", "context.bottom", "value")),
    steps=(
        *_READ_STEPS[:-1],
        replace(_READ_STEPS[-1], parts=("sum", "context"), frame=(192, 30, 320, 290)),
    ),
    notes=(
        *_READ_NOTES,
        Note(104, 335, "$w_{ij}$", "query", "end", near="address"),
        Note(404, 67, "to the decoder's step", near="context"),
    ),
    omits={"context.address": "", "decoder.*": "the decoder"},
)
"""The read of `lecture_utils.models.bahdanau.Attention`, whatever the score."""

bahdanau = Picture(
    name="bahdanau",
    title="Attention at one step of the decoder",
    height=420,
    versions=("appendix", "slide"),
    parts=(
        _BEFORE,
        Part(
            *("last", "words", 352, 18, 90, 20),
            says="the word written last",
            of=("decoder.embed",),
            shows="before",
            example=("acht",),
        ),
        Part(
            *("cell", "operation", 352, 88, 76, 38, "GRU"),
            says="the decoder's gated recurrent unit (GRU)",
            of=("decoder.cell",),
            learned=True,
        ),
        Part(
            *("after", "tensor", 464, 88, 68, 42, "$s_i$"),
            says="the decoder's state after this word",
            at="decoder.cell",
            shape="B, H",
        ),
        Part(
            *("output", "operation", 572, 88, 92, 38, "output"),
            says="the output layer: one score for each word it knows",
            of=("decoder.readout",),
            learned=True,
        ),
        Part(
            *("next", "words", 586, 18, 100, 20),
            says="the likeliest next word",
            shows="row",
            example=("und",),
        ),
        *_READ,
        replace(
            _SCORE,
            label="$v$ · tanh($W s_{i-1}$ + $U h_j$), then softmax over the slots",
            says="the score of the query with each key, by a small network; then the softmax",
        ),
    ),
    arrows=(
        *_READ_ARROWS,
        Arrow("before.right", "cell.left"),
        Arrow("last.bottom", "cell.top"),
        Arrow("cell.right", "after.left"),
        Arrow("last.right", "output.top-40", via=((None, 18), (532, None))),
        Arrow("output.top+14", "next.bottom"),
        Arrow("before.top", "output.top-16", via=((None, 48), (556, None)), only="appendix"),
        Arrow("after.right", "output.left", only="slide"),
        Arrow("sum.top", "cell.bottom", "value"),
        Arrow("sum.right", "output.bottom", "value", via=((None, None), (572, None))),
    ),
    steps=(
        _READ_STEPS[0],
        replace(
            _READ_STEPS[1],
            text="Each slot offers its state as a key; a small network scores the query with every "
            "key.",
        ),
        *_READ_STEPS[2:],
        Step(
            "From the state, the last word and the read, the gated recurrent unit (GRU) makes the "
            "next state.",
            ("last", "cell", "after"),
            (192, 0, 320, 190),
        ),
        Step(
            "The output layer scores every word it knows; the likeliest is written, and the next "
            "step begins.",
            ("output", "next"),
            (320, 0, 320, 190),
        ),
    ),
    notes=(
        Note(360, 138, "read $c_i$", "value", near="sum"),
        *_READ_NOTES,
        Note(104, 335, "$α_{ij}$", "query", "end", near="address"),
        Note(306, 18, "last word", anchor="end", near="last"),
    ),
    omits={
        "context.address": "",
        "decoder": "",
        "decoder.readout.U": "the inside of the output layer",
        "decoder.readout.V": "the inside of the output layer",
        "decoder.readout.C": "the inside of the output layer",
        "decoder.readout.W": "the inside of the output layer",
        "decoder.first": "how the first state is made",
    },
)
"""`lecture_utils.models.bahdanau.bahdanau` at one step; the version ``slide`` has the lecture's
output layer, which sees the new state."""
