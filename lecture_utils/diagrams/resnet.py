"""Residual networks, He et al. 2016, arXiv:1512.03385: a block, its bottleneck, a whole network."""

from __future__ import annotations

from collections.abc import Iterator

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_NORM = "then every map is normalised over the batch"


# --- a block, plain and residual ------------------------------------------------------------------
_BLOCK = {"out": 66, "sum": 144, "made": 200, "second": 272, "first": 348, "x": 430}
"""Heights in the picture of the two blocks, from the output down."""
_COLUMN = {"plain": 150, "residual": 440}
_AROUND = 560
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
    height=490,
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
            via=((_AROUND - 2 * 56, None), (None, _BLOCK["sum"])),  # of the third map
            wide=True,
        ),
        Arrow("sum.top", "out_residual:1.bottom", by="ReLU"),
    ),
    steps=(
        Step(
            "Maps come into both blocks; they are called x.",
            ("x_plain", "x_residual"),
            (140, 330, 320, 160),
        ),
        Step(
            "In a plain block two convolutions of 3 × 3 have to make all of H(x), what the block "
            "is to give.",
            ("first_plain", "second_plain", "made_plain"),
            (0, 170, 320, 300),
        ),
        Step(
            "What is below 0 becomes 0 (a rectified linear unit, ReLU), as behind the first "
            "convolution, and goes on.",
            ("out_plain",),
            (0, 0, 320, 320),
        ),
        Step(
            "A residual block has the same two layers, with as many weights; what they make is "
            "called F(x).",
            ("first_residual", "second_residual", "made_residual"),
            (290, 170, 320, 300),
        ),
        Step(
            "A line leads x around them, the shortcut. F(x) + x is what the block gives: the "
            "layers make only what is to be added.",
            ("sum",),
            (320, 110, 320, 370),
        ),
        Step(
            "Then the same rectified linear unit. With F(x) = 0 a residual block passes x on as "
            "it is; the plain one would give nothing.",
            ("out_residual",),
            (320, 0, 320, 320),
        ),
    ),
    notes=(
        Note(_COLUMN["plain"], 20, "plain", near="x_plain", anchor="middle"),
        Note(_COLUMN["residual"], 20, "residual", near="x_residual", anchor="middle"),
        Note(20, _BLOCK["made"], "H(x)", near="made_plain"),
        Note(310, _BLOCK["made"], "F(x)", near="made_residual"),
        *(Note(_COLUMN[side] - 112, _BLOCK["x"], "x", near=f"x_{side}") for side in _COLUMN),
        *(
            Note(_COLUMN[side], 470, "{shape}", near=f"x_{side}", anchor="middle")
            for side in _COLUMN
        ),
        *(Note(_COLUMN[side] + 8, 310, "ReLU", near=f"second_{side}") for side in _COLUMN),
        Note(158, 112, "ReLU", near="out_plain"),
        Note(448, 109, "ReLU", near="out_residual"),
        Note(_AROUND + 6, 310, "shortcut", near="sum"),
    ),
    omits={
        "plain": "",
        "residual": "",
        **{f"{side}.{part}": "" for side in _COLUMN for part in ("attention", "downsample")},
    },
)
"""`lecture_utils.models.resnet.Basic` twice, the modules ``plain`` and ``residual``."""


# --- a bottleneck beside a basic block ------------------------------------------------------------
_MIDDLE = {"basic": 130, "bottleneck": 450}
_LINE = {"basic": 230, "bottleneck": 600}
_UNITS = 0.9
"""Units of the canvas for one map: a tensor is as wide as its maps are many."""
_SIZES = {"basic": ((3, 64), (3, 64)), "bottleneck": ((1, 64), (3, 64), (1, 256))}
"""Side of the kernel, and maps that go out, of each convolution."""


def _levels(side: str) -> list[float]:
    """Heights of x and of what each convolution gives, upwards."""
    layers = len(_SIZES[side])
    return [480 - k * 330 / layers for k in range(layers + 1)]


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
        *(f"sum_{side}", "node", _MIDDLE[side], 108, 28, 28, "+"),
        says="the sum F(x) + x",
        does="sum",
    )
    yield _strip("out", side, 56, sizes[-1][1], "what goes on: nothing below 0", side)


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
    around = ((_LINE[side], None), (None, 108))
    yield Arrow(f"x_{side}.right", f"sum_{side}.right", via=around, wide=True)
    yield Arrow(f"sum_{side}.top", f"out_{side}.bottom", by="ReLU")


def _layers(side: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{side}" for name in names)


bottleneck = Picture(
    name="bottleneck",
    title="A basic block, and a bottleneck",
    height=530,
    parts=(*_stack("basic"), *_stack("bottleneck")),
    arrows=(*_ways("basic"), *_ways("bottleneck")),
    steps=(
        Step(
            "A basic block: two convolutions of 3 × 3, each of 64 maps; a strip is as wide as its "
            "maps are many.",
            _layers("basic", "x", "conv1", "made1", "conv2", "made2", "sum", "out"),
            (0, 10, 320, 510),
        ),
        Step(
            "A bottleneck has four times as many maps outside. A convolution of 1 × 1 first makes "
            "64 of them.",
            _layers("bottleneck", "x", "conv1", "made1"),
            (300, 350, 320, 170),
        ),
        Step(
            "The convolution of 3 × 3, the dear one, works among these 64.",
            _layers("bottleneck", "conv2", "made2"),
            (300, 230, 320, 180),
        ),
        Step(
            "Another one of 1 × 1 makes 256 again, so that they can be added to x.",
            _layers("bottleneck", "conv3", "made3", "sum", "out"),
            (300, 20, 320, 260),
        ),
    ),
    notes=(
        *(
            Note(_MIDDLE[side], 508, "{shape}", near=f"x_{side}", anchor="middle")
            for side in _SIZES
        ),
        *(
            Note(x, 20, told, near=near, anchor="middle")
            for x, told, near in (
                (_MIDDLE["basic"], "a basic block", "x_basic"),
                (_MIDDLE["bottleneck"], "a bottleneck", "x_bottleneck"),
            )
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


# --- a network ------------------------------------------------------------------------------------
_FIRST, _UP, _SHORT = 70, 265, 600
"""Where the first map of a row stands, the way upwards, and the shortcuts."""
_ROWS = (
    ("conv1", 546, 8, 14),
    ("layer1", 410, 8, 14),
    ("layer2", 274, 16, 7),
    ("layer3", 138, 32, 4),
)
"""Of each row of maps: after what it stands, its height, how many maps, pixels of a side."""
_APART = {8: (42, 52), 16: (24, 28), 32: (13, 15)}
"""Side of a map, and from one to the next."""


def _row(k: int) -> Part:
    """The maps that enter block k, or leave the last."""
    name, y, maps, side = _ROWS[k]
    size, apart = _APART[maps]
    return Part(
        *(f"{name}_maps", "planes", _FIRST, y, size, size),
        count=maps,
        dx=apart,
        says=f"the {maps} maps behind {name}, {side} × {side}",
        at="layer1.0.conv1<0" if name == "conv1" else name,
        shape=f"B, {maps}, {side}, {side}",
    )


def _stage(k: int) -> Iterator[Part]:
    """The one block of stage k: its layers, its sum, and what its shortcut needs."""
    y, maps, block = _ROWS[k - 1][1], _ROWS[k][2], f"layer{k}.0"
    halved = "" if k == 1 else "; the first goes in steps of two pixels"
    yield Part(
        *(f"F{k}", "operation", _UP, y - 48, 330, 30),
        f"$F_{k}$: two convolutions of 3 × 3, {maps} maps",
        says=f"the two convolutions of block {k}, each with its norm{halved}",
        of=tuple(f"{block}.{part}" for part in ("conv1", "bn1", "conv2", "bn2")),
        learned=True,
    )
    yield Part(*(f"sum{k}", "node", _UP, y - 86, 26, 26, "+"), says="the sum F(x) + x", does="sum")
    if k > 1:
        yield Part(
            *(f"pad{k}", "operation", 560, y - 48, 130, 30, "zeros added"),
            says="every second place of x, and maps of zeros for those that it does not have",
            of=(f"{block}.downsample",),
        )


def _through(k: int) -> Iterator[Arrow]:
    """The ways of block k."""
    name, _, maps, _ = _ROWS[k - 1]
    last, apart, plus = maps - 1, _APART[maps][1], _ROWS[k - 1][1] - 86
    middle = round((_UP - _FIRST) / apart)
    yield Arrow(f"{name}_maps:{middle}.top", f"F{k}.bottom{_FIRST + middle * apart - _UP:+g}")
    yield Arrow(f"F{k}.top", f"sum{k}.bottom", "value")
    corner = ((_SHORT - last * apart, None),)
    if k == 1:
        around = (*corner, (None, plus))
        yield Arrow(f"{name}_maps:{last}.right", "sum1.right", via=around, wide=True)
    else:
        yield Arrow(f"{name}_maps:{last}.right", f"pad{k}.bottom+40", via=corner, wide=True)
        yield Arrow(f"pad{k}.top+40", f"sum{k}.right", via=((None, plus),), wide=True)
    above, _, maps, _ = _ROWS[k]
    apart = _APART[maps][1]
    middle = round((_UP - _FIRST) / apart)
    yield Arrow(
        f"sum{k}.top",
        f"{above}_maps:{middle}.bottom{_UP - _FIRST - middle * apart:+g}",
        by="ReLU",
    )


residual_network = Picture(
    name="residual_network",
    title="A residual network: eight layers, three of its blocks",
    height=690,
    parts=(
        Part(
            *("image", "planes", 216, 650, 42, 42),
            says="the image: three maps, red, green and blue; of a digit three equal ones",
            count=3,
            dx=49,
            at="conv1<0",
            shape="B, 3, 14, 14",
        ),
        Part(
            *("first", "operation", _UP, 596, 330, 30, "3 × 3 convolution, norm"),
            says=f"the first convolution, 8 maps; {_NORM}",
            of=("conv1", "bn1"),
            learned=True,
        ),
        *(_row(k) for k in range(4)),
        *(part for k in (1, 2, 3) for part in _stage(k)),
        Part(
            *("fc", "operation", 302, 74, 490, 30, "ten sums of 32 means"),
            says="a layer that is fully connected, on the mean of each map over all places",
            of=("fc",),
            learned=True,
        ),
        Part(
            *("scores", "tensor", _UP, 26, 200, 26),
            says="ten scores, one for each digit",
            at="fc",
            shape="B, 10",
        ),
        Part(
            *("answer", "words", 480, 26, 60, 20),
            says="the answer",
            shows="row",
            example=("5",),
        ),
    ),
    arrows=(
        Arrow("image:1.top", "first.bottom"),
        Arrow(f"first.top{_FIRST + 4 * 52 - _UP:+g}", "conv1_maps:4.bottom", by="ReLU"),
        *(arrow for k in (1, 2, 3) for arrow in _through(k)),
        Arrow("layer3_maps.top", "fc.bottom", by="mean"),
        Arrow("fc.top-37", "scores.bottom"),
        Arrow("scores.right", "answer.left"),
    ),
    steps=(
        Step(
            "One convolution makes 8 maps of the image; what is below 0 becomes 0 (a rectified "
            "linear unit, ReLU).",
            ("image", "first", "conv1_maps"),
            (100, 510, 320, 175),
        ),
        Step(
            "The first block: two convolutions make what is added to the 8 maps, and the shortcut "
            "leads the maps around them.",
            ("F1", "sum1", "layer1_maps"),
            (320, 380, 320, 190),
        ),
        Step(
            "The second block has 16 maps of half the height and width. Its shortcut takes every "
            "second place of the 8 maps, and adds 8 maps of zeros.",
            ("F2", "sum2", "layer2_maps", "pad2"),
            (320, 250, 320, 190),
        ),
        Step(
            "The third has 32 maps, halved again. A deeper network has more blocks in each of the "
            "three stages; with n of them it has 6 n + 2 layers.",
            ("F3", "sum3", "layer3_maps", "pad3"),
            (320, 110, 320, 190),
        ),
        Step(
            "Of each map the mean over all places goes on: ten scores are sums of these 32 means, "
            "and the highest is the answer.",
            ("fc", "scores", "answer"),
            (210, 0, 320, 160),
        ),
    ),
    notes=(
        *(Note(_FIRST - 26, y + 33, "{shape}", near=f"{name}_maps") for name, y, _, _ in _ROWS[1:]),
        Note(560, 103, "mean", near="fc"),
    ),
    omits={
        **{path: "" for k in (1, 2, 3) for path in (f"layer{k}.0", f"layer{k}.0.attention")},
        "layer1.0.downsample": "",
        "maxpool": "",
    },
)
"""`lecture_utils.models.resnet.small_resnet` of depth 8 and width 8, option A, 14 x 14 pixels."""
