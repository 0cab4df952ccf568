"""Squeeze and excitation, Hu et al. 2020, arXiv:1709.01507: one number a channel, and its gate."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_LEFT, _APART, _CHANNELS = 60, 40, 8
_MIDDLE = _LEFT + _APART * (_CHANNELS - 1) / 2
_WIDE = _APART * _CHANNELS
_HEIGHT = {"gates": 86, "sigmoid": 142, "W_2": 196, "h": 250, "W_1": 304, "z": 362, "U": 450}
"""Heights of the way through the gate, from the gates down."""
_TIMES = (530, 260)
"""Where features and gates meet."""


def _layer(number: int, says: str) -> Part:
    """A layer that is fully connected."""
    return Part(
        *(f"W_{number}", "operation", _MIDDLE, _HEIGHT[f"W_{number}"], 110, 30, f"$W_{number}$"),
        says=says,
        of=(f"se.gate.W_{number}",),
        learned=True,
    )


squeeze_and_excitation = Picture(
    name="squeeze_and_excitation",
    title="Squeeze, excite, recalibrate",
    height=500,
    parts=(
        Part(
            *("U", "planes", _LEFT, _HEIGHT["U"], 34, 34),
            says="U, the eight maps that come in, one a channel",
            count=_CHANNELS,
            dx=_APART,
            at="se.gate<0",
            shape="B, 8, 14, 14",
        ),
        Part(
            *("z", "tensor", _MIDDLE, _HEIGHT["z"], _WIDE, 24),
            says="z, the mean of each map over all places: eight numbers",
            at="se.gate.W_1<0",
            shape="B, 8",
        ),
        _layer(1, "the first layer, fully connected: four sums of the eight numbers"),
        Part(
            *("h", "tensor", _MIDDLE, _HEIGHT["h"], _WIDE / 2, 24),
            says="four numbers: half as many, since the ratio r is 2",
            at="se.gate.W_2<0",
            shape="B, 4",
        ),
        _layer(2, "the second layer, fully connected: eight sums of the four numbers"),
        Part(
            *("sigmoid", "operation", _MIDDLE, _HEIGHT["sigmoid"], _WIDE, 28, "sigmoid"),
            says="the sigmoid: every number on its own becomes one between 0 and 1",
            does="sigmoid",
        ),
        Part(
            *("gates", "gate", _LEFT, _HEIGHT["gates"], 18, 44),
            role="query",
            says="s, the gates: a number between 0, closed, and 1, open, for each channel",
            count=_CHANNELS,
            dx=_APART,
            at="se.gate",
            shape="B, 8, 1, 1",
            example=(0.9, 0.1, 0.8, 0.05, 0.5, 0.95, 0.15, 0.6),
        ),
        Part(
            *("times", "node", *_TIMES, 32, 32, "×"),
            says="the product: every number of a map times the gate of its channel",
            does="product",
        ),
        Part(
            *("out", "planes", _TIMES[0] - 84, 130, 20, 20),
            role="value",
            says="the eight maps that go on, each by as much as its gate is open",
            count=_CHANNELS,
            dx=24,
            at="se",
            shape="B, 8, 14, 14",
        ),
    ),
    arrows=(
        Arrow("U.top", f"z.bottom{_LEFT - _MIDDLE:+g}", by="mean"),
        Arrow("z.top", "W_1.bottom"),
        Arrow("W_1.top", "h.bottom", by="ReLU"),
        Arrow("h.top", "W_2.bottom"),
        Arrow("W_2.top", "sigmoid.bottom"),
        Arrow(f"sigmoid.top{_LEFT - _MIDDLE:+g}", "gates.bottom", "query"),
        Arrow(
            f"gates:{_CHANNELS - 1}.right",
            "times.left",
            "query",
            via=((410 - _APART * (_CHANNELS - 1), None), (None, _TIMES[1])),
        ),
        Arrow(
            f"U:{_CHANNELS - 1}.right",
            "times.bottom",
            "value",
            via=((_TIMES[0] - _APART * (_CHANNELS - 1), None),),
            wide=True,
        ),
        Arrow("times.top", "out:3.bottom+12", "value"),
    ),
    steps=(
        Step(
            "Eight maps come in, together called U: one a channel.",
            ("U",),
            (30, 340, 320, 160),
        ),
        Step(
            "Squeeze: of each map only its mean over all places is kept. Eight numbers, z, tell "
            "of the whole picture, and not where in it.",
            ("z",),
            (30, 330, 320, 165),
        ),
        Step(
            "Excite: a layer makes fewer numbers of them, and what is below 0 becomes 0 (a "
            "rectified linear unit, ReLU).",
            ("W_1", "h"),
            (30, 220, 320, 170),
        ),
        Step(
            "A second layer makes a number for every channel again. Each one has seen all "
            "channels: this is where one map can close another.",
            ("W_2",),
            (30, 120, 320, 160),
        ),
        Step(
            "The sigmoid turns each into a gate between 0 and 1, on its own: the gates need not "
            "sum to 1. All may be open, or none.",
            ("sigmoid", "gates"),
            (30, 20, 320, 160),
        ),
        Step(
            "Recalibrate: each map times its gate. Nothing is summed: as many maps go on as came "
            "in.",
            ("times", "out"),
            (320, 90, 320, 210),
        ),
    ),
    notes=(
        Note(20, _HEIGHT["U"] + 36, "U, {shape}", near="U"),
        Note(20, _HEIGHT["z"], "z", near="z"),
        Note(20, _HEIGHT["gates"], "s", near="gates"),
        Note(_LEFT + _WIDE - 15, 403, "mean of each map", near="z"),
        Note(_MIDDLE + 10, 278, "ReLU", near="h"),
        Note(_TIMES[0], 96, "{shape}", near="out", anchor="middle"),
    ),
    omits={},
)
"""`lecture_utils.models.senet.SqueezeExcitation` of 8 channels and ratio 2, the module ``se``."""
