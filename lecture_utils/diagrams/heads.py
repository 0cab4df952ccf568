"""Multi-head attention; Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2 and figure 2."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_SLOTS = 4
_FIRST, _APART = 150, 62
_MIDDLE = _FIRST + (_SLOTS - 1) * _APART / 2
_WIDE = _SLOTS * _APART
_PAST = (_SLOTS - 1) * _APART  # from the first slot to the last
_CHUNKS = (227, 289, 351, 413)
_TILES = (478, 543, 608)
_WORDS = ("b3", "e7", "a0", "d7")
_WEIGHTS = (0.05, 0.88, 0.04, 0.03)


def _chunk(head: int) -> Part:
    """What one head has read, its part of the joined vector."""
    return Part(
        *(f"read_{head}", "tensor", _CHUNKS[head - 1], 130, 62, 40, f"head$_{head}$", "value"),
        says=f"what head {head} has read, its part of the joined vector",
        at=f"heads.{head - 1}",
        shape="B, T, d",
    )


def _tile(head: int) -> Part:
    """A head of which the inside is not drawn."""
    return Part(
        *(f"head_{head}", "operation", _TILES[head - 2], 330, 58, 190, f"head {head}"),
        says=f"head {head}: the same with matrices of its own, so it may look elsewhere",
        of=(f"heads.{head - 1}",),
        learned=True,
    )


heads = Picture(
    name="heads",
    title="Multi-head attention: several reads of the same slots, joined",
    height=540,
    parts=(
        Part(
            *("asking", "tensor", 50, 196, 84, 40, "$x_i$"),
            says="the words that ask, T of them; one query for each and each head",
            at="heads.0.W_Q<0",
            shape="B, T, D",
        ),
        Part(
            *("asked", "tensor", _FIRST, 474, 54, 40),
            says="the words that are read, S of them: the same for all heads",
            count=_SLOTS,
            dx=_APART,
            at="heads.0.W_K<0",
            shape="B, S, D",
            shows="slot",
            example=_WORDS,
        ),
        Part(
            *("W_Q", "operation", 50, 262, 62, 32, "$W^Q$", "query"),
            says="the matrix that makes the queries of head 1",
            of=("heads.0.W_Q",),
            learned=True,
        ),
        Part(
            *("W_V", "operation", 404, 266, 50, 32, "$W^V$", "value"),
            says="the matrix that makes the values of head 1",
            of=("heads.0.W_V",),
            learned=True,
        ),
        Part(
            *("W_K", "operation", 404, 306, 50, 32, "$W^K$", "key"),
            says="the matrix that makes the keys of head 1",
            of=("heads.0.W_K",),
            learned=True,
        ),
        Part(
            *("query", "query", 50, 408, 84, 34, "$q_i$", "query"),
            says="the queries of head 1",
            at="heads.0.W_Q",
            shape="B, T, d",
        ),
        Part(
            *("values", "tensor", _FIRST, 266, _APART, 40, "$v_{j}$", "value"),
            says="the values of head 1, the upper half of each slot",
            count=_SLOTS,
            dx=_APART,
            at="heads.0.W_V",
            shape="B, S, d",
        ),
        Part(
            *("keys", "tensor", _FIRST, 306, _APART, 40, "$k_{j}$", "key"),
            says="the keys of head 1, the lower half of each slot",
            count=_SLOTS,
            dx=_APART,
            at="heads.0.W_K",
            shape="B, S, d",
        ),
        Part(
            *("score", "operation", _MIDDLE, 408, _WIDE, 30, "scores, softmax"),
            says="scaled dot product of each query with each key, and a softmax over the slots",
            of=("heads.0.address",),
        ),
        Part(
            *("address", "address", _FIRST, 365, 44, 40),
            role="query",
            says="the address of head 1: one weight for each slot",
            count=_SLOTS,
            dx=_APART,
            at="heads.0.address",
            shape="B, T, S",
            example=_WEIGHTS,
        ),
        Part(
            *("read", "node", _MIDDLE, 204, 30, 30, "Σ"),
            says="the sum of the values, each times its weight: the read of head 1",
            of=("heads.0",),
        ),
        _tile(2),
        _tile(3),
        _tile(4),
        _chunk(1),
        _chunk(2),
        _chunk(3),
        _chunk(4),
        Part(
            *("W_O", "operation", 320, 74, 248, 34, "$W^O$"),
            says="the output matrix: makes one vector of what all heads have read",
            of=("W_O",),
            learned=True,
        ),
        Part(
            *("out", "tensor", 320, 24, 124, 36),
            says="one vector for each word that asks, of the size that came in",
            at="W_O",
            shape="B, T, D",
        ),
    ),
    arrows=(
        Arrow("values.top", "read.bottom", "value", fan="address"),
        Arrow("asking.bottom", "W_Q.top"),
        Arrow("W_Q.bottom", "query.top", "query"),
        Arrow("query.right", "score.left", "query"),
        Arrow("asked:3.right", "W_V.right", via=((440 - _PAST, None), (None, 266))),
        Arrow("asked:3.right", "W_K.right", via=((440 - _PAST, None), (None, 306))),
        Arrow("W_V.left", "values:3.right", "value"),
        Arrow("W_K.left", "keys:3.right", "key"),
        Arrow("keys:3.bottom+28", f"score.top{_PAST / 2 + 28:+g}", "key"),
        Arrow("score.top", "address.bottom", "query"),
        *(
            Arrow(
                "asked:3.right",
                f"head_{head}.bottom-12",
                via=((_TILES[head - 2] - 12 - _PAST, None),),
            )
            for head in (2, 3, 4)
        ),
        *(
            Arrow(
                "asking.left",
                f"head_{head}.bottom+12",
                via=((5, None), (5, 524), (_TILES[head - 2] + 12, None)),
            )
            for head in (2, 3, 4)
        ),
        Arrow("read.top", "read_1.bottom", "value", via=((None, 172), (_CHUNKS[0], None))),
        *(
            Arrow(
                f"head_{head}.top",
                f"read_{head}.bottom",
                "value",
                via=((None, 242 - 20 * head), (_CHUNKS[head - 1], None)),
            )
            for head in (2, 3, 4)
        ),
        *(
            Arrow(f"read_{head}.top", f"W_O.bottom{_CHUNKS[head - 1] - 320:+g}", "value")
            for head in (1, 2, 3, 4)
        ),
        Arrow("W_O.top", "out.bottom", "value"),
    ),
    steps=(
        Step(
            "The words that ask and the words that are read are the same for all heads.",
            ("asking", "asked"),
            (0, 160, 320, 360),
        ),
        Step(
            "Head 1 makes queries of the words that ask, by a matrix of its own; a query is "
            "smaller than a word.",
            ("W_Q", "query"),
            (0, 230, 320, 240),
        ),
        Step(
            "Two more matrices of its own make keys and values of the words that are read.",
            ("W_K", "keys", "W_V", "values"),
            (130, 230, 320, 240),
        ),
        Step(
            "It reads as one head does: scores, a softmax, the address, and the sum of the values, "
            "each times its weight.",
            ("score", "address", "read"),
            (60, 180, 320, 260),
        ),
        Step(
            "Each of the other heads does the same with matrices of its own: it may look at "
            "another place.",
            ("head_2", "head_3", "head_4"),
            (320, 200, 320, 340),
        ),
        Step(
            "What the heads have read stands side by side, joined to one vector.",
            ("read_1", "read_2", "read_3", "read_4"),
            (160, 90, 320, 150),
        ),
        Step(
            "One more matrix mixes it: every feature that leaves can draw on all heads.",
            ("W_O", "out"),
            (160, 0, 320, 160),
        ),
    ),
    notes=(
        Note(8, 160, "asks {shape}", near="asking"),
        Note(_FIRST - 30, 512, "is read {shape}", near="asked"),
        Note(8, 450, "queries {shape}", near="query"),
        Note(112, 356, "address", "query", "end", near="address"),
        Note(112, 377, "$w_{ij}$", "query", "end", near="address"),
        Note(456, 136, "Concat, H times {shape}", near="read_4"),
        Note(388, 30, "{shape}", near="out"),
    ),
    omits={
        "heads": "",
        "heads.1.*": "the inside of heads 2 to 4",
        "heads.2.*": "",
        "heads.3.*": "",
    },
)
"""`lecture_utils.models.multi_head.HeadByHead` with four heads; one is drawn."""
