"""A drawing becomes a picture as MNIST has them: scaled, and moved to where its mass is.

MNIST's own normalisation. What a person wrote is scaled, with its proportions kept, until it fits
into 20 x 20 pixels; what is averaged on the way leaves grey at its edges. These lie in a picture of
28 x 28 so that the centre of mass comes to the middle.

The papers do not say which pixel the middle is. MNIST itself does: the longer side of a digit is 20
pixels in 9,996 of the 10,000 that train here, and the pixel that holds the centre of mass is number
14 of 28, counted from 0, in all of them. So it is here, and MNIST's own digits stay as they are.

Source: LeCun, Cortes and Burges 1998, "The MNIST database of handwritten digits"; LeCun et al.
1998, https://doi.org/10.1109/5.726791, section III.A.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lecture_utils.data.check import integer

LEVELS = 255
"""From paper, 0, to ink; a drawing has no finer ones."""

SIZE = (28, 28)
"""Height and width of a picture."""

BOX = 20
"""Pixels of the longer side of a digit."""


class Frame(NamedTuple):
    """The part of a drawing that becomes the picture; it may reach beyond the drawing.

    Attributes:
        top: of its upper edge, in pixels of the drawing.
        left: the same of its left edge.
        step: how many pixels of the drawing one of the picture is, in height and in width.
    """

    top: float
    left: float
    step: float


def centred(drawing: Any, size: Sequence[int] = SIZE, box: int = BOX) -> Tensor:
    """The picture (1, H, W) of a drawing, floats from 0, paper, to 1, ink, as MNIST has them.

    Args:
        drawing: (h, w) of any size, from 0, paper, to 1, ink.
        size: H and W of the picture.
        box: pixels of the longer side of what is drawn.

    Raises:
        ValueError: the drawing is empty, holds NaN or is of another range.
    """
    return framed(drawing, frame(drawing, size, box), size)


def frame(drawing: Any, size: Sequence[int] = SIZE, box: int = BOX) -> Frame:
    """The part of a drawing (h, w) that `centred` makes its picture of; arguments as there."""
    levels, size = _levels(drawing), _sides(size)
    if integer("box", box, 1) > min(size):
        raise ValueError(f"box is {box}; pass at most {min(size)}, the side of the picture")
    if not levels.any():
        raise ValueError("drawing is empty: there is nothing to read")
    inked = [np.flatnonzero(levels.any(axis=1 - axis)) for axis in (0, 1)]
    first, last = ([int(places[end]) for places in inked] for end in (0, -1))
    step = max(b - a + 1 for a, b in zip(first, last, strict=True)) / box
    starts = []
    for axis, (a, b) in enumerate(zip(first, last, strict=True)):
        mass = levels.sum(axis=1 - axis)
        centre = int((mass * (2 * np.arange(len(mass)) + 1)).sum()) / (2 * int(mass.sum()))
        moved = size[axis] // 2 - math.floor((centre - a) / step)
        room = size[axis] - math.ceil((b - a + 1) / step)  # what is drawn stays in the picture
        starts.append(a - step * min(max(moved, 0), room))
    return Frame(*starts, step)


def framed(drawing: Any, part: Frame, size: Sequence[int] = SIZE) -> Tensor:
    """A part of a drawing (h, w) as a picture (1, H, W): each pixel is the mean of what it covers.

    Beyond the drawing there is paper.
    """
    levels, size = _levels(drawing), _sides(size)
    down, across = (
        _covered(start, part.step, count, length)
        for start, count, length in zip(part[:2], size, levels.shape, strict=True)
    )
    return torch.from_numpy((down @ levels @ across.T / LEVELS).astype(np.float32))[None]


def _covered(start: float, step: float, count: int, length: int) -> NDArray[np.float64]:
    """How much of each of `count` pixels, from `start` on, every line of a drawing covers."""
    edges = start + step * np.arange(count + 1)[:, None]
    lines = np.arange(length)
    upper, lower = np.maximum(edges[:-1], lines), np.minimum(edges[1:], lines + 1)
    return np.maximum(lower - upper, 0) / step


def _sides(size: Sequence[int]) -> tuple[int, int]:
    """Height and width of a picture, or a `ValueError`."""
    if not isinstance(size, list | tuple) or len(size) != 2:
        raise ValueError(f"size is {size!r}; pass height and width of the picture, in pixels")
    height, width = (integer("size", side, 1) for side in size)
    return height, width


def _levels(drawing: Any) -> NDArray[np.int64]:
    """A drawing (h, w) in whole levels from 0 to `LEVELS`, or a `ValueError`."""
    told = "drawing must be (h, w), numbers from 0, paper, to 1, ink"
    try:
        array = np.asarray(drawing, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(told) from None
    if array.ndim != 2 or not array.size:
        raise ValueError(f"{told}; got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{told}; it holds NaN or infinity")
    low, high = array.min() + 0.0, array.max() + 0.0  # no minus before a zero
    if low < 0 or high > 1:
        divide = ": divide by 255" if low >= 0 and high <= LEVELS else ""
        raise ValueError(f"{told}; they lie in [{low:g}, {high:g}]{divide}")
    return np.rint(array * LEVELS).astype(np.int64)
