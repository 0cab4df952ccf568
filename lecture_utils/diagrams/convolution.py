"""A convolution: every window, one detector, a map of where it was found."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

SIDE, KERNEL = 28, 5
MAP = SIDE - KERNEL + 1
SCALE = 6
"""Units of the canvas for one pixel of the image and of the map."""
PLACES = ((2, 9), (10, 8), (20, 10))
"""Row and column of the three windows that are drawn."""
IMAGE, MADE = (100, 290), (552, 290)
"""The middle of the image, and of the map."""
_PATCH = (222, 290, 358)


def _at(middle: tuple[float, float], pixels: int, row: float, column: float) -> tuple[float, float]:
    """Where a place of an image of so many pixels lies, its middle given."""
    x, y = middle
    return x + SCALE * (column - pixels / 2), y + SCALE * (row - pixels / 2)


def _frame(name: str, k: int, size: int, says: str, middle: tuple[float, float], side: int) -> Part:
    """The line around one window of the image, or around the number that it makes."""
    row, column = PLACES[k]
    x, y = _at(middle, side, row + size / 2, column + size / 2)
    return Part(
        *(f"{name}_{k}", "frame", x, y, SCALE * size, SCALE * size), says=says, role="query"
    )


convolution = Picture(
    name="convolution",
    title="A convolution: one small detector, slid over the image",
    height=410,
    parts=(
        Part(
            *("image", "planes", *IMAGE, SCALE * SIDE, SCALE * SIDE),
            says="the image",
            at="windows<0",
            shape="B, 1, 28, 28",
        ),
        *(_frame("window", k, KERNEL, "one of the windows", IMAGE, SIDE) for k in range(3)),
        Part(
            *("windows", "operation", 222, 290, 42, 200, "cut"),
            says="cuts out every window of 5 × 5: there are 576",
            of=("windows",),
        ),
        *(
            Part(
                *(f"patch_{k}", "planes", 302, y, 56, 56),
                says="the pixels of one window",
                role="key",
                at="windows",
                which=(MAP * PLACES[k][0] + PLACES[k][1],),
            )
            for k, y in enumerate(_PATCH)
        ),
        Part(
            *("detector", "planes", 400, 76, 70, 70),
            says="the detector: 25 weights, learned, the same for every window",
            role="query",
            at="detector",
            shape="1, 5, 5",
        ),
        Part(
            *("weights", "operation", 282, 76, 90, 30, "detector", "query"),
            says="where the 25 weights are kept",
            of=("detector",),
            learned=True,
        ),
        Part(
            *("match", "operation", 400, 290, 56, 200, "Σ ×"),
            says="multiplies window and detector, number by number, sums, and adds a bias",
            of=("match",),
            learned=True,
        ),
        Part(
            *("map", "planes", *MADE, SCALE * MAP, SCALE * MAP),
            says="the map: how much each window is like the detector",
            at="map",
            shape="B, 1, 24, 24",
        ),
        *(_frame("found", k, 1, "what that window gave", MADE, MAP) for k in range(3)),
    ),
    arrows=(
        Arrow("image.right", "windows.left"),
        *(Arrow(f"windows.right{y - 290:+g}", f"patch_{k}.left") for k, y in enumerate(_PATCH)),
        *(
            Arrow(f"patch_{k}.right", f"match.left{y - 290:+g}", "key")
            for k, y in enumerate(_PATCH)
        ),
        Arrow("weights.right", "detector.left", "query"),
        Arrow("detector.bottom", "match.top", "query"),
        Arrow("match.right", "map.left"),
    ),
    steps=(
        Step(
            "The image is cut into windows of 5 × 5 pixels, one at every place: 24 × 24 of them. "
            "Three are drawn.",
            ("image", "window_0", "window_1", "window_2", "windows"),
            (0, 180, 320, 220),
        ),
        Step(
            "A window holds 25 pixels; they are all that its number will depend on.",
            ("patch_0", "patch_1", "patch_2"),
            (130, 180, 320, 220),
        ),
        Step(
            "One detector has 25 weights. It is learned, and it is the same for every window.",
            ("weights", "detector"),
            (220, 0, 320, 160),
        ),
        Step(
            "Window and detector are multiplied number by number and summed, and a bias is added: "
            "large where the window looks like the detector.",
            ("match",),
            (220, 10, 320, 390),
        ),
        Step(
            "Each window's number goes to the window's place: a map of where the detector found "
            "what it looks for.",
            ("map", "found_0", "found_1", "found_2"),
            (320, 180, 320, 220),
        ),
    ),
    notes=(
        Note(16, 396, "image {shape}", near="image"),
        Note(624, 382, "map {shape}", near="map", anchor="end"),
        Note(444, 66, "the same", "query", near="detector"),
        Note(444, 86, "at every place", "query", near="detector"),
    ),
)
"""`lecture_utils.models.convolution.OneMap`."""
