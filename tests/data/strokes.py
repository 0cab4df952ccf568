"""The hundred digits of ``strokes.txt``, and the drawings that they are on a pad."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("strokes.txt")
SIDE = 100.0
"""Of the paper, in the units of the file."""

PAD = 112
"""Pixels along a side of the view's pad, for an image of 28 x 28."""


class Drawn(NamedTuple):
    """A digit, the width of the pen, and strokes, each a list of points (x, y)."""

    digit: int
    width: float
    strokes: list[list[tuple[float, float]]]


def drawn() -> list[Drawn]:
    """All of them, in the order of the file."""
    lines = [line.split() for line in FILE.read_text(encoding="utf-8").splitlines()]
    return [
        Drawn(int(digit), float(width), [points(stroke) for stroke in " ".join(rest).split("/")])
        for digit, width, *rest in (line for line in lines if line and line[0] != "#")
    ]


def points(stroke: str) -> list[tuple[float, float]]:
    """The points of one stroke."""
    pairs = [pair.split(",") for pair in stroke.split()]
    return [(float(x), float(y)) for x, y in pairs]


def rastered(one: Drawn, pad: int = PAD) -> NDArray[np.float64]:
    """The drawing (pad, pad) in whole levels of 1/255, as the view's pad has it.

    The ink of a pixel falls from 1 to 0 within a pixel at the edge of the pen.
    """
    scale = pad / SIDE
    y, x = np.mgrid[:pad, :pad] + 0.5
    ink = np.zeros((pad, pad))
    for stroke in one.strokes:
        for begin, end in pairwise(stroke):
            (x0, y0), (x1, y1) = (np.array(point) * scale for point in (begin, end))
            dx, dy = x1 - x0, y1 - y0
            along = (((x - x0) * dx + (y - y0) * dy) / (dx**2 + dy**2)).clip(0, 1)
            away = np.hypot(x - x0 - along * dx, y - y0 - along * dy)
            ink = np.maximum(ink, (one.width * scale / 2 + 0.5 - away).clip(0, 1))
    return np.rint(255 * ink) / 255
