"""An attention module of the Residual Attention Network, Wang et al. 2017, arXiv:1704.06904."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_TRUNK, _GLASS, _BESIDE = 110, 430, 570
"""Where the trunk stands, the hourglass, and the way around its narrowest part."""
_TIMES = 250
_SIDE = {8: 72, 4: 40, 2: 22}
"""Side of a drawn map, by its places."""
_HEIGHT = {
    **{"out": 52, "plus": 130, "T": 330, "trunk": 420},
    **{"M": 52, "sigmoid": 116, "mix": 162, "made": 230, "up": 304, "join": 350},
    **{"inner_up": 402, "least": 445, "inner_down": 488, "low": 537, "down": 590, "x": 660},
}
"""Heights, from what goes on down to what comes in."""
_MASK = "module.mask"
_INNER = f"{_MASK}.hourglass.inner"


def _map(name: str, x: float, places: int, says: str, at: str, role: str = "") -> Part:
    """The first map at a place, as large as it has places."""
    return Part(
        *(name, "planes", x, _HEIGHT[name], _SIDE[places], _SIDE[places]),
        role=role,
        says=says,
        at=at,
        shape=f"B, 8, {places}, {places}",
    )


def _layer(name: str, label: str, says: str, of: str, x: float = _GLASS, wide: float = 150) -> Part:
    """What has weights of its own."""
    return Part(
        *(name, "operation", x, _HEIGHT.get(name, _HEIGHT["least"]), wide, 30, label),
        says=says,
        of=(of,),
        learned=True,
    )


def _node(name: str, x: float, y: float, sign: str, does: str, says: str) -> Part:
    return Part(name, "node", x, y, 30, 30, sign, says=says, does=does)


residual_attention = Picture(
    name="residual_attention",
    title="A trunk, and beside it an hourglass that makes its mask",
    height=720,
    parts=(
        _map("x", _GLASS, 8, "x, what comes in: one of its eight maps", "module.trunk<0"),
        _layer("trunk", "two residual units", "the trunk", "module.trunk", _TRUNK, 180),
        _map("T", _TRUNK, 8, "T(x), what the trunk makes", "module.trunk", "value"),
        _layer("down", "half, a unit", "half the size, a unit", f"{_MASK}.hourglass.down"),
        _map("low", _GLASS, 4, "a map of half the size", f"{_MASK}.hourglass.down"),
        _layer("inner_down", "half, a unit", "half the size again, a unit", f"{_INNER}.down"),
        _map("least", _GLASS, 2, "the smallest map: 2 × 2 places", f"{_INNER}.down"),
        _layer("inner_up", "a unit", "a unit; then the size is doubled", f"{_INNER}.up"),
        _layer("skip", "a unit", "a unit, around", f"{_MASK}.hourglass.skip", _BESIDE, 90),
        _node("join", _GLASS, _HEIGHT["join"], "+", "sum", "the sum of both ways"),
        _layer("up", "a unit", "a unit; then the size is doubled", f"{_MASK}.hourglass.up"),
        _map("made", _GLASS, 8, "what the hourglass makes", f"{_MASK}.hourglass"),
        _layer("mix", "1 × 1, 1 × 1", "two convolutions of 1 × 1, norms before", f"{_MASK}.mix"),
        _node("sigmoid", _GLASS, _HEIGHT["sigmoid"], "σ", "sigmoid", "the sigmoid: from 0 to 1"),
        _map("M", _GLASS, 8, "M(x), the mask: a number for each place and map", _MASK, "query"),
        _node("times", _TIMES, _HEIGHT["plus"], "×", "product", "the product M(x) T(x)"),
        _node("plus", _TRUNK, _HEIGHT["plus"], "+", "sum", "the sum T(x) + M(x) T(x)"),
        _map("out", _TRUNK, 8, "H(x), what goes on: (1 + M(x)) T(x)", "module"),
    ),
    arrows=(
        Arrow("x.left", "trunk.bottom", via=((_TRUNK, None),)),
        Arrow("trunk.top", "T.bottom"),
        Arrow("T.top", "plus.bottom", "value", wide=True),
        Arrow("T.right", "times.bottom", "value", via=((_TIMES, None),)),
        Arrow("x.top", "down.bottom"),
        Arrow("down.top", "low.bottom"),
        Arrow("low.top", "inner_down.bottom"),
        Arrow("inner_down.top", "least.bottom"),
        Arrow("least.top", "inner_up.bottom"),
        Arrow("inner_up.top", "join.bottom", by="stretched"),
        Arrow("low.right", "skip.bottom", via=((_BESIDE, None),)),
        Arrow("skip.top", "join.right", via=((None, _HEIGHT["join"]),)),
        Arrow("join.top", "up.bottom"),
        Arrow("up.top", "made.bottom", by="stretched"),
        Arrow("made.top", "mix.bottom"),
        Arrow("mix.top", "sigmoid.bottom"),
        Arrow("sigmoid.top", "M.bottom", "query"),
        Arrow("M.left", "times.top", "query", via=((_TIMES, None),)),
        Arrow("times.left", "plus.right", "value"),
        Arrow("plus.top", "out.bottom", "value"),
    ),
    steps=(
        Step(
            "Maps come in, x. The trunk, two residual units, works on them as in the last "
            "chapter: T(x).",
            ("x", "trunk", "T"),
            (10, 290, 320, 220),
        ),
        Step(
            "Beside it the hourglass. Every 3 × 3 places become their maximum, in steps of two: "
            "half the size. Then a unit.",
            ("down", "low"),
            (310, 500, 320, 210),
        ),
        Step(
            "Once more: 2 × 2 places. What lay far apart lies side by side, and one convolution "
            "of 3 × 3 sees all of it.",
            ("inner_down", "least"),
            (310, 380, 320, 220),
        ),
        Step(
            "Up again: a unit, then twice the size, with what lies between two places in "
            "proportion. A way around the narrow part is added, which knows the places better.",
            ("inner_up", "skip", "join", "up", "made"),
            (310, 190, 320, 370),
        ),
        Step(
            "Two convolutions of 1 × 1, and a sigmoid: the mask M(x), a number between 0 and 1 "
            "for every place of every map.",
            ("mix", "sigmoid", "M"),
            (310, 5, 320, 250),
        ),
        Step(
            "The mask multiplies what the trunk has made, and the product is added to it: "
            "(1 + M(x)) T(x). A mask of 0 leaves T(x) as it is.",
            ("times", "plus", "out"),
            (10, 5, 320, 250),
        ),
    ),
    notes=(
        Note(_GLASS, 708, "x, {shape}", near="x", anchor="middle"),
        Note(_TRUNK - 42, _HEIGHT["T"], "T(x)", "value", "end", near="T"),
        Note(_TRUNK - 42, _HEIGHT["out"], "H(x)", anchor="end", near="out"),
        Note(_GLASS + 44, _HEIGHT["M"], "M(x)", "query", near="M"),
        Note(_GLASS - 28, _HEIGHT["low"], "4 × 4", anchor="end", near="low"),
        Note(_GLASS - 28, _HEIGHT["least"], "2 × 2", anchor="end", near="least"),
        Note(_GLASS + 12, 376, "twice the size", near="join"),
        Note(_GLASS + 12, 278, "twice the size", near="made"),
    ),
    omits={
        "module": "",
        **{f"module.trunk.{k}.*": "what is in a residual unit" for k in range(2)},
        _MASK: "",
        f"{_MASK}.mix.*": "",
        **{
            f"{path}.*": "what is in a residual unit"
            for path in (f"{_MASK}.hourglass.{part}" for part in ("down", "skip", "up"))
        },
        **{
            f"{path}.*": "what is in a residual unit"
            for path in (f"{_INNER}.{part}" for part in ("down", "up"))
        },
        _INNER: "",
    },
)
"""`lecture_utils.models.residual_attention.Attended` of two units and a `SoftMask` that is halved
twice, 8 channels on maps of 8 x 8, the module ``module``."""
