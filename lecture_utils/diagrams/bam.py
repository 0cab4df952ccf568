"""The bottleneck attention module, Park et al. 2018, arXiv:1807.06514: two branches, one mask."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_LEFT, _APART, _MAPS = 60, 34, 8
_CHANNEL, _SPATIAL = 110, _LEFT + _APART * (_MAPS - 1)
"""The columns of the two branches; the spatial one stands above the last map."""
_JOIN = 204
_TIMES, _PLUS, _MEET = 470, 560, 122
_FEATURES, _TOP = 470, 40
_SHAPE = "B, 8, 14, 14"
_STEPS = (400, 352, 304, 256, 210)
"""Heights of the layers of a branch, from the features up."""


def _maps(
    name: str, x: float, y: float, size: float, dx: float, role: str, says: str, at: str
) -> Part:
    """A row of maps, one a channel."""
    return Part(
        *(name, "planes", x, y, size, size),
        role=role,
        says=says,
        count=_MAPS,
        dx=dx,
        at=at,
        shape=_SHAPE,
    )


def _layer(name: str, x: float, y: float, label: str, says: str) -> Part:
    """A layer of one of the branches, whose name in the module is the same."""
    branch, _, module = name.partition("_")
    path = {"c": f"bam.gate.channel.{module}", "s": f"bam.gate.spatial.{module}"}[branch]
    return Part(
        *(name, "operation", x, y, 116, 24, label),
        says=says,
        of=(path,),
        learned=True,
    )


def _node(name: str, x: float, y: float, label: str, does: str, says: str) -> Part:
    """A fixed operation on what comes together."""
    return Part(*(name, "node", x, y, 32, 32, label), says=says, does=does)


bam = Picture(
    name="bam",
    title="Two branches look at the same maps, one mask comes out",
    height=520,
    parts=(
        _maps("F", _LEFT, _FEATURES, 28, _APART, "", "F, the maps that come in", "bam.gate<0"),
        Part(
            *("z", "tensor", _CHANNEL, _STEPS[0], 150, 24),
            says="z, the mean of each map over all places: eight numbers",
            at="bam.gate.channel.W_0<0",
            shape="B, 8",
        ),
        _layer("c_W_0", _CHANNEL, _STEPS[1], "$W_0$", "the first layer: four sums of the eight"),
        Part(
            *("h", "tensor", _CHANNEL, _STEPS[2], 76, 24),
            says="four numbers, since the ratio r is 2 here",
            at="bam.gate.channel.W_1<0",
            shape="B, 4",
        ),
        _layer("c_W_1", _CHANNEL, _STEPS[3], "$W_1$", "the second layer: eight sums of the four"),
        _layer("c_norm", _CHANNEL, _STEPS[4], "batch norm", "the batch norm of the channel branch"),
        Part(
            *("M_c", "tensor", _CHANNEL, 166, 150, 24),
            role="query",
            says="the channel branch's scores: a number for each channel, none for a place",
            at="bam.gate.channel",
            shape="B, 8, 1, 1",
        ),
        _layer("s_f_0", _SPATIAL, _STEPS[0], "1 × 1", "a convolution of 1 × 1: eight maps to four"),
        _layer(
            *("s_f_1", _SPATIAL, _STEPS[1], "3 × 3, dilated"),
            "a convolution of 3 × 3, dilated: neighbours that lie some places apart",
        ),
        _layer("s_f_2", _SPATIAL, _STEPS[2], "3 × 3, dilated", "another one"),
        _layer("s_f_3", _SPATIAL, _STEPS[3], "1 × 1", "a convolution of 1 × 1: one map is left"),
        _layer("s_norm", _SPATIAL, _STEPS[4], "batch norm", "the batch norm of the spatial branch"),
        Part(
            *("M_s", "planes", _SPATIAL, 166, 40, 40),
            role="query",
            says="the spatial branch's scores: a number for each place, none for a channel",
            at="bam.gate.spatial",
            shape="B, 1, 14, 14",
        ),
        _node(
            *("both", _JOIN, _MEET, "+", "sum"),
            "the sum: each channel's score and each place's, for every channel at every place",
        ),
        _node("sigmoid", _JOIN, 82, "σ", "sigmoid", "the sigmoid: numbers between 0 and 1"),
        _maps(
            *("M", _LEFT, _TOP, 28, _APART, "query"),
            "the mask M: a number between 0 and 1 for every channel at every place",
            "bam.gate",
        ),
        _node("times", _TIMES, _MEET, "×", "product", "the product of maps and mask"),
        _node("plus", _PLUS, _MEET, "+", "sum", "the sum with the maps that came in"),
        _maps("out", 506, _TOP, 14, 16, "value", "the maps that go on", "bam"),
    ),
    arrows=(
        Arrow("F.top", "z.bottom", by="mean", bus=434),
        Arrow("z.top", "c_W_0.bottom"),
        Arrow("c_W_0.top", "h.bottom", by="ReLU"),
        Arrow("h.top", "c_W_1.bottom"),
        Arrow("c_W_1.top", "c_norm.bottom"),
        Arrow("c_norm.top", "M_c.bottom", "query"),
        Arrow(f"F:{_MAPS - 1}.top", "s_f_0.bottom"),
        Arrow("s_f_0.top", "s_f_1.bottom", by="ReLU"),
        Arrow("s_f_1.top", "s_f_2.bottom", by="ReLU"),
        Arrow("s_f_2.top", "s_f_3.bottom", by="ReLU"),
        Arrow("s_f_3.top", "s_norm.bottom"),
        Arrow("s_norm.top", "M_s.bottom", "query"),
        Arrow("M_c.top", "both.left", "query", via=((None, _MEET),)),
        Arrow("M_s.top", "both.right", "query", via=((None, _MEET),)),
        Arrow("both.top", "sigmoid.bottom", "query"),
        Arrow("sigmoid.top", "M:4.bottom+8", "query"),
        Arrow(
            f"M:{_MAPS - 1}.right",
            "times.top",
            "query",
            via=((_TIMES - _APART * (_MAPS - 1), None),),
        ),
        Arrow(
            f"F:{_MAPS - 1}.right",
            "times.bottom",
            "value",
            via=((_TIMES - _APART * (_MAPS - 1), None),),
            wide=True,
        ),
        Arrow(
            f"F:{_MAPS - 1}.right",
            "plus.bottom",
            "value",
            via=((_PLUS - _APART * (_MAPS - 1), None),),
            wide=True,
        ),
        Arrow("times.right", "plus.left", "value"),
        Arrow("plus.top", "out:3.bottom+6", "value"),
    ),
    steps=(
        Step("Maps come in, together called F. Two branches see them.", ("F",), (9, 340, 320, 170)),
        Step(
            "The channel branch keeps of each map its mean, and two layers make a score for each "
            "channel: what counts in this picture, and not where.",
            ("z", "c_W_0", "h", "c_W_1", "c_norm", "M_c"),
            (10, 140, 320, 290),
        ),
        Step(
            "The spatial branch keeps the places: few maps, two dilated convolutions that look "
            "far, and one score for each place, the same for all channels.",
            ("s_f_0", "s_f_1", "s_f_2", "s_f_3", "s_norm", "M_s"),
            (60, 140, 320, 290),
        ),
        Step(
            "The two are added: a score for every channel at every place. A sigmoid makes the "
            "mask M of it.",
            ("both", "sigmoid", "M"),
            (30, 10, 320, 190),
        ),
        Step(
            "Maps times mask, and the maps themselves once more: every number is between 1 and 2 "
            "times what it was.",
            ("times", "plus", "out"),
            (320, 10, 320, 190),
        ),
    ),
    notes=(
        Note(_LEFT - 14, _FEATURES + 34, "F, {shape}", near="F"),
        Note(_CHANNEL - 82, _STEPS[0], "z", anchor="end", near="z"),
        Note(_CHANNEL - 44, _STEPS[2], "h", anchor="end", near="h"),
        Note(_CHANNEL - 80, 170, "$M_c$", "query", "end", near="M_c"),
        Note(_SPATIAL + 30, 170, "$M_s$", "query", near="M_s"),
        Note(_JOIN + 26, 88, "M, {shape}", "query", near="M"),
        Note(_PLUS + 10, 84, "F′", "value", near="out"),
        Note(_CHANNEL + 10, 332, "ReLU", near="h"),
        *(Note(_SPATIAL + 10, y, "ReLU", near="s_f_1") for y in (381, 333, 285)),
    ),
    omits={
        "bam.gate.channel.hidden_norm": "",
        "bam.gate.spatial.hidden_norms.*": "",
    },
)
"""`lecture_utils.models.bam.BAM` of 8 channels, ratio 2 and dilation 2, norms at the end: the
module ``bam``."""
