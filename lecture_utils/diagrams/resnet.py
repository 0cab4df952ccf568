"""Residual networks, He et al. 2016, arXiv:1512.03385: a block, its bottleneck, a whole network."""

from __future__ import annotations

from collections.abc import Iterator

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_NORM = "then every map is normalised over the batch"


# --- a block, plain and residual ------------------------------------------------------------------
_BLOCK = {"out": 44, "sum": 126, "made": 182, "second": 254, "first": 330, "x": 412}
"""Heights in the picture of the two blocks, from the output down."""
_COLUMN = {"plain": 150, "residual": 420}
_AROUND = 570
"""Where the shortcut runs."""


def _maps(name: str, side: str, says: str, at: str) -> Part:
    """The first three maps at a place of a block."""
    return Part(
        *(f"{name}_{side}", "planes", _COLUMN[side] - 56, _BLOCK[name], 46, 46),
        count=3,
        dx=56,
        says=says,
        at=at,
        shape="B, 8, 14, 14",
    )


def _convolution(name: str, side: str, number: int) -> Part:
    """A convolution of 3 x 3 and its norm, in one box."""
    return Part(
        *(f"{name}_{side}", "operation", _COLUMN[side], _BLOCK[name], 190, 34),
        "3 × 3 convolution, norm",
        says=f"convolution {number}: 8 detectors of 8 × 3 × 3; {_NORM}",
        of=(f"{side}.conv{number}", f"{side}.bn{number}"),
        learned=True,
    )


def _block(side: str, made: str) -> tuple[Part, ...]:
    """What both blocks have."""
    return (
        _maps("x", side, "x, what comes in: three of its maps", f"{side}.conv1<0"),
        _convolution("first", side, 1),
        _convolution("second", side, 2),
        _maps("made", side, made, f"{side}.bn2"),
        _maps("out", side, "what goes on: nothing below 0", side),
    )


def _upwards(side: str) -> tuple[Arrow, ...]:
    """The way through the layers, in both blocks."""
    return (
        Arrow(f"x_{side}:1.top", f"first_{side}.bottom"),
        Arrow(f"first_{side}.top", f"second_{side}.bottom", by="ReLU"),
        Arrow(f"second_{side}.top", f"made_{side}:1.bottom"),
    )


residual_block = Picture(
    name="residual_block",
    title="The same two layers, plain and residual",
    height=474,
    parts=(
        *_block("plain", "all of H(x), made by the layers"),
        *_block("residual", "F(x), what is to be added to x"),
        Part(
            *("sum", "node", _COLUMN["residual"], _BLOCK["sum"], 30, 30, "+"),
            says="the sum F(x) + x, number by number",
            does="sum",
        ),
    ),
    arrows=(
        *_upwards("plain"),
        Arrow("made_plain:1.top", "out_plain:1.bottom", by="ReLU"),
        *_upwards("residual"),
        Arrow("made_residual:1.top", "sum.bottom", "value"),
        Arrow(
            "x_residual:2.right",
            "sum.right",
            via=((_AROUND, None), (None, _BLOCK["sum"])),
            wide=True,
        ),
        Arrow("sum.top", "out_residual:1.bottom", by="ReLU"),
    ),
    steps=(
        Step(
            "Maps come into both blocks; they are called x.",
            ("x_plain", "x_residual"),
            (130, 314, 320, 160),
        ),
        Step(
            "In a plain block two convolutions of 3 × 3 have to make all of H(x), what the block "
            "is to give.",
            ("first_plain", "second_plain", "made_plain"),
            (0, 154, 320, 300),
        ),
        Step(
            "What is below 0 becomes 0 (a rectified linear unit, ReLU), as behind the first "
            "convolution, and goes on.",
            ("out_plain",),
            (0, 10, 320, 300),
        ),
        Step(
            "A residual block has the same two layers, with as many weights; what they make is "
            "called F(x).",
            ("first_residual", "second_residual", "made_residual"),
            (270, 154, 320, 300),
        ),
        Step(
            "A line leads x around them, the shortcut. F(x) + x is what the block gives: the "
            "layers make only what is to be added.",
            ("sum",),
            (310, 90, 320, 370),
        ),
        Step(
            "Then the same rectified linear unit. With F(x) = 0 a residual block passes x on as "
            "it is; the plain one would give nothing.",
            ("out_residual",),
            (310, 10, 320, 300),
        ),
    ),
    notes=(
        Note(16, 44, "plain", near="out_plain"),
        Note(286, 44, "residual", near="out_residual"),
        Note(16, _BLOCK["made"], "H(x)", near="made_plain"),
        Note(286, _BLOCK["made"], "F(x)", near="made_residual"),
        Note(24, _BLOCK["x"], "x", near="x_plain"),
        Note(294, _BLOCK["x"], "x", near="x_residual"),
        *(
            Note(_COLUMN[side], 452, "{shape}", near=f"x_{side}", anchor="middle")
            for side in _COLUMN
        ),
        *(Note(_COLUMN[side] + 8, 292, "ReLU", near=f"second_{side}") for side in _COLUMN),
        Note(158, 100, "ReLU", near="out_plain"),
        Note(428, 92, "ReLU", near="out_residual"),
        Note(_AROUND + 8, 290, "shortcut", near="sum"),
    ),
    omits={
        "plain": "",
        "residual": "",
        **{f"{side}.{part}": "" for side in _COLUMN for part in ("attention", "downsample")},
    },
)
"""`lecture_utils.models.resnet.Basic` twice, the modules ``plain`` and ``residual``."""


# --- a bottleneck beside a basic block ------------------------------------------------------------
_MIDDLE = {"basic": 120, "bottleneck": 420}
_LINE = {"basic": 230, "bottleneck": 590}
_UNITS = 0.9
"""Units of the canvas for one map: a tensor is as wide as its maps are many."""
_SIZES = {"basic": ((3, 64), (3, 64)), "bottleneck": ((1, 64), (3, 64), (1, 256))}
"""Side of the kernel, and maps that go out, of each convolution."""


def _levels(side: str) -> list[float]:
    """Heights of x and of what each convolution gives, upwards."""
    layers = len(_SIZES[side])
    return [470 - k * 340 / layers for k in range(layers + 1)]


def _strip(name: str, side: str, y: float, maps: int, says: str, at: str) -> Part:
    """A tensor, as wide as its maps are many."""
    return Part(
        *(f"{name}_{side}", "tensor", _MIDDLE[side], y, _UNITS * maps, 24),
        says=says,
        at=at,
        shape=f"B, {maps}, 14, 14",
    )


def _stack(side: str) -> Iterator[Part]:
    """A block: its tensors, and the convolutions between them."""
    sizes, levels = _SIZES[side], _levels(side)
    yield _strip("x", side, levels[0], sizes[-1][1], "what comes in", f"{side}.conv1<0")
    for k, (kernel, maps) in enumerate(sizes, 1):
        last = k == len(sizes)
        yield Part(
            *(f"conv{k}_{side}", "operation", _MIDDLE[side], (levels[k - 1] + levels[k]) / 2),
            *(110, 30, f"{kernel} × {kernel}, {maps}"),
            says=f"a convolution of {kernel} × {kernel} with {maps} maps; {_NORM}",
            of=(f"{side}.conv{k}", f"{side}.bn{k}"),
            learned=True,
        )
        at = f"{side}.bn{k}" if last else f"{side}.conv{k + 1}<0"
        yield _strip(f"made{k}", side, levels[k], maps, f"what convolution {k} makes", at)
    yield Part(
        *(f"sum_{side}", "node", _MIDDLE[side], 84, 28, 28, "+"),
        says="the sum F(x) + x",
        does="sum",
    )
    yield _strip("out", side, 32, sizes[-1][1], "what goes on: nothing below 0", side)


def _ways(side: str) -> Iterator[Arrow]:
    """The arrows of a block."""
    layers = len(_SIZES[side])
    below = f"x_{side}"
    for k in range(1, layers + 1):
        conv, made = f"conv{k}_{side}", f"made{k}_{side}"
        yield Arrow(f"{below}.top", f"{conv}.bottom")
        yield Arrow(f"{conv}.top", f"{made}.bottom", by="" if k == layers else "ReLU")
        below = made
    yield Arrow(f"{below}.top", f"sum_{side}.bottom", "value")
    around = ((_LINE[side], None), (None, 84))
    yield Arrow(f"x_{side}.right", f"sum_{side}.right", via=around, wide=True)
    yield Arrow(f"sum_{side}.top", f"out_{side}.bottom", by="ReLU")


def _layers(side: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{side}" for name in names)


bottleneck = Picture(
    name="bottleneck",
    title="A basic block, and a bottleneck",
    height=520,
    parts=(*_stack("basic"), *_stack("bottleneck")),
    arrows=(*_ways("basic"), *_ways("bottleneck")),
    steps=(
        Step(
            "A basic block: two convolutions of 3 × 3, each of 64 maps; a strip is as wide as its "
            "maps are many.",
            _layers("basic", "x", "conv1", "made1", "conv2", "made2", "sum", "out"),
            (0, 0, 320, 500),
        ),
        Step(
            "A bottleneck has four times as many maps outside. A convolution of 1 × 1 first makes "
            "64 of them.",
            _layers("bottleneck", "x", "conv1", "made1"),
            (280, 330, 320, 170),
        ),
        Step(
            "The convolution of 3 × 3, the dear one, works among these 64.",
            _layers("bottleneck", "conv2", "made2"),
            (280, 210, 320, 170),
        ),
        Step(
            "Another one of 1 × 1 makes 256 again, so that they can be added to x.",
            _layers("bottleneck", "conv3", "made3", "sum", "out"),
            (280, 10, 320, 260),
        ),
    ),
    notes=(
        *(
            Note(_MIDDLE[side], 500, "{shape}", near=f"x_{side}", anchor="middle")
            for side in _SIZES
        ),
        *(
            Note(
                _MIDDLE[side] + _UNITS * maps / 2 + 8,
                _levels(side)[k],
                f"{maps}",
                near=f"made{k}_{side}",
            )
            for side, sizes in _SIZES.items()
            for k, (_, maps) in enumerate(sizes[:-1], 1)
        ),
    ),
    omits={
        "basic": "",
        "bottleneck": "",
        **{f"{side}.{part}": "" for side in _SIZES for part in ("attention", "downsample")},
    },
)
"""`lecture_utils.models.resnet.Basic` of 64 maps, and `Bottleneck` of width 64, modules ``basic``
and ``bottleneck``, each with maps of 14 x 14 of its own."""
