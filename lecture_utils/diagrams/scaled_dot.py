"""Scaled dot product attention; Vaswani et al. 2017, arXiv:1706.03762, section 3.2.1."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_SLOTS = 4
_FIRST, _APART = 272, 96
_MIDDLE = _FIRST + (_SLOTS - 1) * _APART / 2
_WIDE = _SLOTS * _APART
_WORDS = ("A4", "c7", "a9", "C2")
_WEIGHTS = (0.05, 0.02, 0.9, 0.03)

scaled_dot = Picture(
    name="scaled_dot",
    title="Scaled dot product attention: T queries on S slots",
    height=464,
    parts=(
        Part(
            *("asking", "tensor", 50, 158, 84, 42, "$x_i$"),
            says="the words that ask, T of them",
            at="W_Q<0",
            shape="B, T, D",
        ),
        Part(
            *("asked", "tensor", 50, 60, 84, 42, "$x_j$"),
            says="the words that are read, S of them; in self-attention the same words",
            at="W_K<0",
            shape="B, S, D",
        ),
        Part(
            *("W_V", "operation", 172, 124, 62, 32, "$W^V$", "value"),
            says="the matrix that makes the values",
            of=("W_V",),
            learned=True,
        ),
        Part(
            *("W_K", "operation", 172, 166, 62, 32, "$W^K$", "key"),
            says="the matrix that makes the keys",
            of=("W_K",),
            learned=True,
        ),
        Part(
            *("W_Q", "operation", 50, 246, 62, 32, "$W^Q$", "query"),
            says="the matrix that makes the queries",
            of=("W_Q",),
            learned=True,
        ),
        Part(
            *("read", "node", _MIDDLE, 46, 30, 30, "Σ"),
            says="the sum of the values, each times its weight: the read",
            of=("read",),
        ),
        Part(
            *("reads", "tensor", 580, 46, 84, 42, "$r_i$", "value"),
            says="what each query has read",
            at="read",
            shape="B, T, d",
        ),
        Part(
            *("values", "tensor", _FIRST, 124, _APART, 40, "$v_{j}$", "value"),
            says="the values V, the upper half of each slot: what it gives when it is read",
            count=_SLOTS,
            dx=_APART,
            at="W_V",
            shape="B, S, d",
        ),
        Part(
            *("keys", "tensor", _FIRST, 166, _APART, 40, "$k_{j}$", "key"),
            says="the keys K, the lower half of each slot: by which it is found",
            count=_SLOTS,
            dx=_APART,
            at="W_K",
            shape="B, S, d",
        ),
        Part(
            *("query", "query", 50, 427, 84, 34, "$q_i$", "query"),
            says="the queries Q, one for each word that asks",
            at="W_Q",
            shape="B, T, d",
        ),
        Part(
            *("scores", "operation", _MIDDLE, 427, _WIDE, 28, "$Q K^T$, dot products"),
            says="the scores: the dot product of each query with each key",
            of=("scores",),
        ),
        Part(
            *("scale", "operation", _MIDDLE, 384, _WIDE, 28, "divide by √$d$"),
            says="the scale: every score over the root of the number of features",
            of=("scale",),
        ),
        Part(
            *("mask", "operation", _MIDDLE, 341, _WIDE, 28),
            label="mask: −∞ where a slot may not be read",
            says="the mask: minus infinity takes the place of a score that must not count",
            of=("mask",),
        ),
        Part(
            *("softmax", "operation", _MIDDLE, 298, _WIDE, 28, "softmax over the slots"),
            says="the softmax: makes the scores of each query weights, together 1",
            of=("softmax",),
        ),
        Part(
            *("address", "address", _FIRST, 224, 60, 40),
            role="query",
            says="the address of one query: one weight for each slot",
            count=_SLOTS,
            dx=_APART,
            at="softmax",
            shape="B, T, S",
            example=_WEIGHTS,
        ),
        Part(
            *("words", "words", _FIRST, 258, 60, 20),
            says="the words that are read",
            count=_SLOTS,
            dx=_APART,
            shows="slot",
            example=_WORDS,
        ),
    ),
    arrows=(
        Arrow("values.top", "read.bottom", "value", fan="address"),
        Arrow("asking.bottom", "W_Q.top"),
        Arrow("asked.right", "W_V.left", via=((120, None), (None, 124))),
        Arrow("asked.right", "W_K.left", via=((120, None), (None, 166))),
        Arrow("W_V.right", "values:0.left", "value"),
        Arrow("W_K.right", "keys:0.left", "key"),
        Arrow("W_Q.bottom", "query.top", "query"),
        Arrow("query.right", "scores.left", "query"),
        Arrow("keys:3.right", "scores.right", "key", via=((626 - 3 * _APART, None), (None, 427))),
        Arrow("scores.top", "scale.bottom"),
        Arrow("scale.top", "mask.bottom"),
        Arrow("mask.top", "softmax.bottom"),
        Arrow("softmax.top", "address.bottom+26", "query"),
        Arrow("read.right", "reads.left", "value"),
    ),
    steps=(
        Step(
            "Each word that asks becomes a query, by a matrix of its own.",
            ("asking", "W_Q", "query"),
            (0, 134, 320, 330),
        ),
        Step(
            "Each word that is read becomes a slot: one matrix makes its key, another its value. "
            "In self-attention these are the same words.",
            ("asked", "W_K", "W_V", "keys", "values"),
            (0, 20, 320, 190),
        ),
        Step(
            "Every query meets every key: their dot product is the score, a row for each query, a "
            "column for each slot.",
            ("scores",),
            (318, 140, 320, 310),
        ),
        Step(
            "Every score is divided by the root of the number of features, so that its size does "
            "not grow with it.",
            ("scale",),
            (260, 320, 320, 130),
        ),
        Step(
            "A mask puts minus infinity where a slot may not be read: padding, or a word to come.",
            ("mask",),
            (260, 280, 320, 130),
        ),
        Step(
            "A softmax along the slots makes each row an address: weights, together 1. Drawn is "
            "the row of one query.",
            ("softmax", "address", "words"),
            (256, 180, 320, 140),
        ),
        Step(
            "Each query reads the sum of the values, each times its weight, drawn as a line as "
            "thick as the weight.",
            ("read", "reads"),
            (320, 0, 320, 200),
        ),
    ),
    notes=(
        Note(8, 28, "is read {shape}", near="asked"),
        Note(8, 124, "asks {shape}", near="asking"),
        Note(8, 450, "queries {shape}", near="query"),
        Note(214, 96, "values {shape}", near="values", anchor="end"),
        Note(214, 198, "keys {shape}", near="keys", anchor="end"),
        Note(632, 12, "reads {shape}", near="reads", anchor="end"),
        Note(232, 222, "address $w_{ij}$", "query", "end", near="address"),
        Note(232, 244, "{shape}", near="address", anchor="end"),
    ),
    omits={"address": ""},
)
"""`lecture_utils.models.self_attention.HeadInSteps` on one sequence."""
