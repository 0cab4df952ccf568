"""AlexNet, as what it changes in LeNet; Krizhevsky, Sutskever and Hinton 2012, figure 2."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_X = (290, 520)
"""The middle of each tower."""
_Y = {
    **{"image": 524, "conv1": 468, "pool1": 416, "conv2": 364, "pool2": 312},
    **{"conv3": 240, "conv4": 190, "conv5": 140, "pool5": 90, "top": 30},
}
_LAYERS = {
    "conv1": (("features.0",), "48 of 11 × 11, stride 4", (48, 55)),
    "pool1": (("features.2", "features.3"), "norm, largest of 3 × 3", (48, 27)),
    "conv2": (("features.4",), "128 of 5 × 5", (128, 27)),
    "pool2": (("features.6", "features.7"), "norm, largest of 3 × 3", (128, 13)),
    "conv3": (("features.8",), "192 of 3 × 3, sees both", (192, 13)),
    "conv4": (("features.10",), "192 of 3 × 3", (192, 13)),
    "conv5": (("features.12",), "128 of 3 × 3", (128, 13)),
    "pool5": (("features.14",), "largest of 3 × 3", (128, 6)),
}
"""Of each layer the modules, its label, and maps and pixels in one tower."""
_SAYS = {
    "conv": "a convolution of one tower, with weights of its own; then the larger of 0 and it",
    "pool": "subsampling in one tower: the largest of 3 × 3, two apart, so that they overlap",
}
_LENET = {
    "image": "LeNet: 28 × 28, grey",
    "conv1": "C1: 6 of 5 × 5",
    "pool1": "S2: means of 2 × 2",
    "conv2": "C3: 16 of 5 × 5",
    "pool2": "S4: means of 2 × 2",
    "conv4": "no such layers",
}
"""What stands in LeNet at that height."""


def _name(layer: str, tower: int) -> str:
    """The name of a layer's part in a tower."""
    return f"{layer}_{'ab'[tower]}"


def _towers() -> Iterator[Part]:
    """Every layer, once in each tower."""
    for name, (modules, label, (maps, pixels)) in _LAYERS.items():
        for tower, x in enumerate(_X):
            yield Part(
                *(_name(name, tower), "operation", x, _Y[name], 204, 30, label),
                says=_SAYS[name[:4]],
                of=modules,
                at=modules[-1],
                half=tower,
                shape=f"B, {maps}, {pixels}, {pixels}",
                learned=name[0] == "c",
            )


def _upwards() -> Iterator[Arrow]:
    """From each layer to the next one in its own tower, and the exchange before conv3."""
    for below, above in pairwise(_LAYERS):
        by = "ReLU" if below[0] == "c" else ""
        for tower in range(2):
            yield Arrow(f"{_name(below, tower)}.top", f"{_name(above, tower)}.bottom", by=by)
    for tower, (off, y) in enumerate(((70, 286), (-40, 276))):
        other, end = 1 - tower, -off
        yield Arrow(
            f"{_name('pool2', tower)}.top{off:+g}",
            f"{_name('conv3', other)}.bottom{end:+g}",
            via=((None, y), (_X[other] + end, None)),
        )


def _full(name: str, x: float, module: str, label: str, says: str, size: int) -> Part:
    """A layer that is fully connected."""
    return Part(
        *(name, "operation", x, _Y["top"], 110, 32, label),
        says=says,
        of=(module,),
        at=module,
        shape=f"B, {size}",
        learned=True,
    )


alexnet = Picture(
    name="alexnet",
    title="AlexNet: LeNet's plan, large, in two towers",
    height=552,
    parts=(
        Part(
            *("image", "planes", 393, _Y["image"], 44, 44),
            says="the image: three maps, red, green and blue",
            count=3,
            dx=12,
            at="features.0<0",
            shape="B, 3, 224, 224",
        ),
        *_towers(),
        _full("fc6", 250, "classifier.1", "4096 units", "sees all maps of both towers", 4096),
        _full("fc7", 400, "classifier.4", "4096 units", "sees all 4096", 4096),
        _full("output", 550, "classifier.6", "1000 scores", "one score for each class", 1000),
    ),
    arrows=(
        *(
            Arrow(
                "image:1.top", f"{_name('conv1', tower)}.bottom", via=((None, 496), (x - 12, None))
            )
            for tower, x in enumerate(_X)
        ),
        *_upwards(),
        *(
            Arrow(f"{_name('pool5', tower)}.top", "fc6.bottom", via=((None, 60), (250, None)))
            for tower in range(2)
        ),
        Arrow("fc6.right", "fc7.left", by="ReLU"),
        Arrow("fc7.right", "output.left", by="ReLU"),
    ),
    steps=(
        Step(
            "The image is 64 times as large as LeNet's, and has three colours.",
            ("image",),
            (240, 420, 320, 130),
        ),
        Step(
            "The first convolution looks at 11 × 11 pixels, four apart. Half of its 96 maps lie on "
            "one graphics card, half on the other: two towers.",
            ("conv1_a", "conv1_b"),
            (180, 380, 320, 150),
        ),
        Step(
            "Every value is divided by what its neighbours in other maps are (norm); the largest "
            "of 3 × 3, two apart, goes on, where LeNet took means that do not overlap.",
            ("pool1_a", "pool1_b"),
            (180, 340, 320, 150),
        ),
        Step(
            "The second convolution sees the maps of its own tower only, and is subsampled in the "
            "same way.",
            ("conv2_a", "conv2_b", "pool2_a", "pool2_b"),
            (180, 280, 320, 170),
        ),
        Step(
            "In the third one alone the towers exchange what they have found: it sees both.",
            ("conv3_a", "conv3_b"),
            (240, 200, 320, 150),
        ),
        Step(
            "Two more convolutions and the last subsampling; LeNet has nothing of the kind.",
            ("conv4_a", "conv4_b", "conv5_a", "conv5_b", "pool5_a", "pool5_b"),
            (180, 60, 320, 170),
        ),
        Step(
            "Three layers are fully connected, as in LeNet. Behind every layer but the last, what "
            "is below 0 becomes 0 (a rectified linear unit, ReLU), where LeNet has a tanh.",
            ("fc6", "fc7", "output"),
            (190, 0, 320, 120),
        ),
    ),
    notes=(
        *(
            Note(8, _Y[layer], told, near=_near)
            for layer, told, _near in (
                (layer, told, "image" if layer == "image" else _name(layer, 0))
                for layer, told in _LENET.items()
            )
        ),
        Note(8, _Y["top"], "120, 84, 10", near="fc6"),
        *(Note(_X[1] + 6, _Y[name] - 26, "{shape}", near=_name(name, 1)) for name in _LAYERS),
        Note(450, _Y["image"], "{shape}", near="image"),
    ),
    omits={
        "features": "",
        **{f"features.{k}": "" for k in (1, 5, 9, 11, 13)},
        "avgpool": "",
        "classifier": "",
        **{f"classifier.{k}": "dropout, which acts in training alone" for k in (0, 3)},
        **{f"classifier.{k}": "" for k in (2, 5)},
    },
)
"""`lecture_utils.models.alexnet.alexnet`."""
