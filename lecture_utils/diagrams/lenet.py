"""LeNet-5, as it is built today and as in LeCun et al. 1998, https://doi.org/10.1109/5.726791."""

from __future__ import annotations

from collections.abc import Sequence

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_UNITS = 3.2
"""Units of the canvas for one pixel: every map is drawn in its own size."""
_ROWS = {"image": 626, "C1": 470, "S2": 332, "C3": 230, "S4": 136, "top": 38}
"""Heights at which the maps lie, from the image upwards."""
_LAYERS = ("C1", 546), ("S2", 386), ("C3", 278), ("S4", 180)
"""The layers between them, and their heights."""


def _row(name: str, maps: int, pixels: int, first: float, apart: float, **more: str) -> Part:
    """The maps of a layer, side by side."""
    size = _UNITS * pixels
    return Part(
        *(f"{name}_maps", "planes", first, _ROWS[name], size, size),
        count=maps,
        dx=apart,
        shape=f"B, {maps}, {pixels}, {pixels}",
        **more,
    )


def _layer(name: str, y: float, label: str, says: str, *, learned: bool = True) -> Part:
    """A layer between two rows of maps."""
    return Part(
        *(name, "operation", 320, y, 626, 28, label), says=says, of=(name,), learned=learned
    )


def _vector(name: str, x: float, size: int, says: str, at: str) -> Part:
    """The numbers of a layer that sees everything, as a strip."""
    return Part(
        *(f"{name}_units", "tensor", x, _ROWS["top"], 84, 42, f"{size}"),
        says=says,
        at=at,
        shape=f"B, {size}",
    )


def _picture(
    name: str,
    title: str,
    side: int,
    layers: Sequence[Part],
    ends: Part,
    *,
    by: str,
    after: str,
    omits: dict[str, str],
    last: str,
    sentences: dict[str, str],
) -> Picture:
    """LeNet-5 of one of the two years.

    Args:
        name: of the picture.
        title: of it.
        side: pixels of the image.
        layers: C1, S2, C3 and S4.
        ends: the output layer.
        by: what stands between a layer and what goes on.
        after: the same, behind the subsampling.
        omits: modules that are not drawn.
        last: how the answer follows from what the output layer gives.
        sentences: of the steps, where the two differ.
    """
    between = "C5<0" if after else "S4"
    return Picture(
        name=name,
        title=title,
        height=690,
        parts=(
            Part(
                *("image", "planes", 320, _ROWS["image"], _UNITS * side, _UNITS * side),
                says="the image: one map, 0 is paper",
                at="C1<0",
                shape=f"B, 1, {side}, {side}",
            ),
            _row("C1", 6, 28, 80, 96, at="S2<0", says="the six maps of the first convolution"),
            _row("S2", 6, 14, 80, 96, at="C3<0", says="the six maps at half the size"),
            _row("C3", 16, 10, 35, 38, at="S4<0", says="the sixteen maps of the second one"),
            _row("S4", 16, 5, 35, 38, at=between, says="the sixteen maps at half the size"),
            *layers,
            Part(
                *("C5", "operation", 35, _ROWS["top"], 50, 34, "C5"),
                says="the third layer of weights: 120 units, each sees all sixteen maps",
                of=("C5",),
                learned=True,
            ),
            _vector("C5", 128, 120, "what the 120 units of C5 say", "F6<0"),
            Part(
                *("F6", "operation", 218, _ROWS["top"], 50, 34, "F6"),
                says="a layer that is fully connected: 84 units",
                of=("F6",),
                learned=True,
            ),
            _vector("F6", 310, 84, "what the 84 units of F6 say", "output<0"),
            ends,
            _vector("output", 508, 10, "ten numbers, one for each digit", "output"),
            Part(
                *("answer", "words", 602, _ROWS["top"], 60, 20),
                says="the answer",
                shows="row",
                example=("5",),
            ),
        ),
        arrows=(
            Arrow("image.top", "C1.bottom"),
            Arrow("C1.top", "C1_maps.bottom", by=by),
            Arrow("C1_maps.top", "S2.bottom"),
            Arrow("S2.top", "S2_maps.bottom", by=after),
            Arrow("S2_maps.top", "C3.bottom"),
            Arrow("C3.top", "C3_maps.bottom", by=by),
            Arrow("C3_maps.top", "S4.bottom"),
            Arrow("S4.top", "S4_maps.bottom", by=after),
            Arrow("S4_maps.top", "C5.bottom", bus=92),
            Arrow("C5.right", "C5_units.left", by=by),
            Arrow("C5_units.right", "F6.left"),
            Arrow("F6.right", "F6_units.left", by=by),
            Arrow("F6_units.right", "output.left"),
            Arrow("output.right", "output_units.left"),
            Arrow("output_units.right", "answer.left", by=last),
        ),
        steps=(
            Step(sentences["image"], ("image",), (160, 530, 320, 160)),
            Step(sentences["C1"], ("C1", "C1_maps"), (0, 400, 320, 190)),
            Step(sentences["S2"], ("S2", "S2_maps"), (0, 300, 320, 200)),
            Step(sentences["C3"], ("C3", "C3_maps"), (0, 190, 320, 200)),
            Step(sentences["S4"], ("S4", "S4_maps"), (0, 110, 320, 160)),
            Step(
                "C5 looks at all sixteen maps at once: 120 units, no place is left.",
                ("C5", "C5_units"),
                (0, 0, 320, 190),
            ),
            Step(sentences["F6"], ("F6", "F6_units"), (100, 0, 320, 100)),
            Step(sentences["output"], ("output", "output_units", "answer"), (320, 0, 320, 100)),
        ),
        notes=(
            Note(432, _ROWS["image"], "image {shape}", near="image"),
            *(Note(626, y, "{shape}", near=f"{name}_maps", anchor="end") for name, y in _LAYERS),
        ),
        omits=omits,
    )


def _layers(labels: Sequence[tuple[str, str]], *, subsampling_learns: bool) -> list[Part]:
    """C1, S2, C3 and S4, each with its label and what it is in words."""
    return [
        _layer(name, y, label, says, learned=name[0] == "C" or subsampling_learns)
        for (name, y), (label, says) in zip(_LAYERS, labels, strict=True)
    ]


lenet = _picture(
    "lenet",
    "LeNet as it is built today: convolution and subsampling by turns",
    28,
    _layers(
        (
            ("C1: 6 detectors of 5 × 5, then the larger of 0 and it", "the first convolution"),
            ("S2: the mean of every 2 × 2", "the first subsampling: plain means"),
            ("C3: 16 detectors of 6 × 5 × 5, then the same", "the second convolution"),
            ("S4: the mean of every 2 × 2", "the second subsampling: plain means"),
        ),
        subsampling_learns=False,
    ),
    Part(
        *("output", "operation", 410, _ROWS["top"], 66, 34, "output"),
        says="ten linear scores, one for each digit",
        of=("output",),
        learned=True,
    ),
    by="ReLU",
    after="",
    omits={"activation": ""},
    last="",
    sentences={
        "image": "An image comes in: one map of 28 × 28 numbers, 0 for paper and 1 for ink.",
        "C1": "Six small detectors slide over it, each with the same 25 weights at every place "
        "(two pixels of paper around it keep the size); what is below 0 becomes 0. Each leaves a "
        "map of where it found something.",
        "S2": "Every two by two values become their mean: half the height and half the width.",
        "C3": "Sixteen detectors slide over all six maps at once, each with 5 × 5 weights for "
        "every map.",
        "S4": "Again the mean of every two by two.",
        "F6": "F6 makes 84 numbers of the 120; again what is below 0 becomes 0.",
        "output": "Ten scores follow, one for each digit; the highest is the answer.",
    },
)
"""`lecture_utils.models.lenet.LeNet`."""

lenet_1998 = _picture(
    "lenet_1998",
    "LeNet-5 as in the paper of 1998",
    32,
    _layers(
        (
            ("C1: 6 detectors of 5 × 5, then a scaled tanh", "the first convolution"),
            ("S2: 2 × 2 summed, times a weight, plus a bias", "the first subsampling, learned"),
            ("C3: 16 detectors, each sees 3, 4 or 6 maps", "the second convolution, by a table"),
            ("S4: 2 × 2 summed, times a weight, plus a bias", "the second subsampling, learned"),
        ),
        subsampling_learns=True,
    ),
    Part(
        *("output", "operation", 410, _ROWS["top"], 66, 34, "RBF"),
        says="radial basis functions (RBF): how far the 84 numbers are from the drawing of each "
        "digit; fixed, not learned",
        of=("output",),
    ),
    by="squash",
    after="squash",
    omits={"squash": ""},
    last="minus",
    sentences={
        "image": "An image comes in: 32 × 32 numbers, −0.1 for paper and 1.175 for ink.",
        "C1": "Six small detectors slide over it; a scaled tanh bends what each finds.",
        "S2": "Every two by two values are summed; the sum times one weight, plus one bias for "
        "each map, goes through the tanh again.",
        "C3": "Sixteen detectors follow, and a table says which of the six maps each may see: "
        "three, four or all.",
        "S4": "Subsampling again, with a weight and a bias for each of the sixteen maps.",
        "F6": "F6 makes 84 numbers: a drawing of 7 × 12, to be compared with ten fixed ones.",
        "output": "Radial basis functions (RBF) measure how far it is from the drawing of each "
        "digit; the nearest is the answer.",
    },
)
"""`lecture_utils.models.lenet.LeNet5`."""
