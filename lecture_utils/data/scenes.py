"""Scenes made of real handwritten digits, with masks of what matters in them.

Three tasks, each made so that one kind of attention should have something to do:

- "same": two digits far apart; are they of the same class? Nothing near a digit tells.
- "cue": three digits, red, green and blue, and a square; its colour says which digit is meant.
- "clutter": one whole digit among fragments of others.

A cue may lie among fragments, too, and have two colours only.

The digits are those of `data.digits`, halved to 14 x 14 pixels. A split of scenes is made of the
same split of digits, so that nobody's digit stands in two of them. A scene is made anew from the
seed; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lecture_utils.data import digits
from lecture_utils.data.check import integer

SIZES = {"same": (1, 24, 48), "cue": (3, 32, 32), "clutter": (1, 32, 32)}
"""Channels, height and width of a scene, by task."""

TASKS = tuple(SIZES)

STAMP = 14
"""Height and width of a digit in a scene."""

SQUARE = 8
"""Height and width of the square of a cue."""

FRAGMENT, FRAGMENTS = 6, 7
"""Height and width of a fragment, and how many lie in a scene."""

INK = 0.2
"""What is at least as dark belongs to a mask."""

_PAINT = np.eye(3, dtype=np.float32)[..., None, None]  # red, green and blue, (3, 3, 1, 1)


@dataclass(frozen=True)
class Scenes:
    """Scenes, what is asked of them, and what matters in them.

    Attributes:
        images: (N, C, H, W), floats from 0, paper, to 1, ink or colour.
        labels: (N,), integers: 1 for the same class and 0 for another ("same"), or the digit.
        masks: (N, H, W), bool, true at the ink of what matters: both digits ("same"), the digit
            that is meant ("cue"), the whole digit ("clutter").
        digits: (N, K), the classes of the K whole digits.
        corners: (N, K, 2), row and column of the upper left corner of each one's `STAMP`.
    """

    images: Tensor
    labels: Tensor
    masks: Tensor
    digits: Tensor
    corners: Tensor

    def first(self, count: int) -> Self:
        """The first `count` of them, no more than there are."""
        if integer("count", count, 1) > len(self.labels):
            raise ValueError(f"count is {count}; there are {len(self.labels)} scenes")
        return type(self)(**{name: part[:count] for name, part in vars(self).items()})


class Stamps(NamedTuple):
    """The digits that scenes are made of.

    Attributes:
        images: (N, 14, 14), floats from 0, paper, to 1, ink.
        digits: (N,), integers from 0 to 9.
    """

    images: Tensor
    digits: Tensor


@cache
def stamps(split: str = "train") -> Stamps:
    """The digits of a split, halved: each pixel is the mean of 2 x 2."""
    images, labels = digits.load(split)
    return Stamps(torch.nn.functional.avg_pool2d(images, 2).squeeze(1), labels)


def load(
    task: str,
    split: str = "train",
    count: int = 1000,
    seed: int = 0,
    classes: Sequence[int] = (),
    *,
    colours: int = 3,
    fragments: int | None = None,
) -> Scenes:
    """Scenes of a task, the same for the same arguments.

    Args:
        task: one of `TASKS`.
        split: "train", "dev" (chooses) or "test" (judges), of the digits.
        count: how many.
        seed: of the choice of digits and places. Scenes of another split differ anyway.
        classes: the digits that occur, at least two; none given for all ten.
        colours: of a cue, and as many digits: 2, red and green, or 3.
        fragments: how many lie in a scene; None: none around a cue, `FRAGMENTS` in clutter.

    Raises:
        ValueError: an unknown task or split, a count or a seed that is none, too few classes,
            colours or fragments that the task does not have.
    """
    if task not in SIZES:
        raise ValueError(f"task must be one of {TASKS}; got {task!r}")
    if split not in digits.SPLITS:
        raise ValueError(f"split must be one of {digits.SPLITS}; got {split!r}")
    if colours != 3 and (task != "cue" or colours != 2):
        raise ValueError(f'colours must be 3, or 2 of the task "cue"; got {colours!r} of {task!r}')
    if fragments is not None and task == "same":
        raise ValueError('fragments lie in no scene of "same"; pass None')
    maker = _Maker(split, integer("count", count, 1), integer("seed", seed, 0), _classes(classes))
    if task == "same":
        return _same(maker)
    pieces = FRAGMENTS * (task == "clutter") if fragments is None else fragments
    integer("fragments", pieces, 0)
    return _cue(maker, colours, pieces) if task == "cue" else _clutter(maker, pieces)


def _classes(classes: Sequence[int]) -> NDArray[np.int64]:
    """The classes that occur, in order, or a `ValueError`."""
    chosen = sorted({integer("classes", digit, 0) for digit in classes}) or [*range(10)]
    if len(chosen) < 2 or chosen[-1] > 9:
        raise ValueError(f"classes is {classes!r}; pass at least two different digits from 0 to 9")
    return np.array(chosen)


class _Maker:
    """Random choices for `count` scenes at once."""

    def __init__(self, split: str, count: int, seed: int, classes: NDArray[np.int64]) -> None:
        self.count, self.classes = count, classes
        self.made = np.random.default_rng([seed, digits.SPLITS.index(split)])
        images, labels = stamps(split)
        self.images = images.numpy()
        self.by_class = [np.flatnonzero(labels.numpy() == digit) for digit in range(10)]

    def integers(self, low: int, high: int, *axes: int) -> NDArray[np.int64]:
        """Whole numbers (N, ...) from `low` to `high`, both of them possible."""
        return self.made.integers(low, high + 1, (self.count, *axes))

    def orders(self, size: int) -> NDArray[np.int64]:
        """(N, size): the numbers below `size`, in a random order for each scene."""
        return self.made.random((self.count, size)).argsort(axis=1)

    def digits(self, *axes: int) -> NDArray[np.int64]:
        """Classes (N, ...)."""
        return self.classes[self.integers(0, len(self.classes) - 1, *axes)]

    def written(self, classes: NDArray[np.int64]) -> NDArray[np.float32]:
        """A digit of each class, of somebody's hand: (N, 14, 14)."""
        chosen = np.empty(self.count, np.int64)
        for digit in self.classes:
            of_it = classes == digit
            chosen[of_it] = self.made.choice(self.by_class[digit], of_it.sum())
        return self.images[chosen]

    def paper(self, task: str) -> NDArray[np.float32]:
        """Empty scenes (N, C, H, W)."""
        return np.zeros((self.count, *SIZES[task]), np.float32)


def _within(corners: NDArray[np.int64], height: int, width: int) -> tuple[NDArray[np.int64], ...]:
    """What picks a window (N, height, width) at the corners (N, 2) out of (N, H, W)."""
    rows = corners[:, 0, None, None] + np.arange(height)[:, None]  # (N, height, 1)
    columns = corners[:, 1, None, None] + np.arange(width)  # (N, 1, width)
    return np.arange(len(corners))[:, None, None], rows, columns


def _paste(
    scenes: NDArray[np.float32], parts: NDArray[np.float32], corners: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Put parts (N, C or 1, h, w) into scenes at their corners (N, 2); give their ink, (N, H, W).

    Where something is already, the darker stays.
    """
    scene, rows, columns = _within(corners, *parts.shape[-2:])
    at = scene, slice(None), rows, columns
    scenes[at] = np.maximum(scenes[at], parts.transpose(0, 2, 3, 1))  # (N, h, w, C)
    mask = np.zeros((len(scenes), *scenes.shape[-2:]), np.bool_)
    mask[scene, rows, columns] = parts.max(axis=1) >= INK
    return mask


def _scenes(*arrays: NDArray[Any]) -> Scenes:
    """Arrays, in the order of their names, as tensors."""
    return Scenes(*map(torch.from_numpy, arrays))


def _same(maker: _Maker) -> Scenes:
    """Two digits, one at the left and one at the right; half of the time of one class."""
    left, labels = maker.digits(), maker.integers(0, 1)
    places = np.searchsorted(maker.classes, left)
    others = places + maker.integers(1, len(maker.classes) - 1)
    right = np.where(labels, left, maker.classes[others % len(maker.classes)])
    classes = np.stack([left, right], axis=1)
    images = maker.paper("same")
    _, height, width = SIZES["same"]
    rows = maker.integers(0, height - STAMP, 2)
    columns = maker.integers(0, 2, 2) + np.array([0, width - STAMP - 2])
    corners = np.stack([rows, columns], axis=-1)
    masks = np.zeros((maker.count, height, width), np.bool_)
    for k in range(2):
        masks |= _paste(images, maker.written(classes[:, k])[:, None], corners[:, k])
    return _scenes(images, labels, masks, classes, corners)


def _cue(maker: _Maker, many: int, fragments: int) -> Scenes:
    """Digits in quarters of the scene, each of another colour, a square in the last quarter."""
    classes, colours, quarters = maker.digits(many), maker.orders(many), maker.orders(4)
    meant = maker.integers(0, many - 1)
    images, every = maker.paper("cue"), np.arange(maker.count)
    half = SIZES["cue"][-1] // 2
    origins = half * np.stack([quarters // 2, quarters % 2], axis=-1)  # (N, 4, 2)
    corners = origins[:, :many] + maker.integers(0, half - STAMP, many, 2)
    paint = _PAINT[colours]  # (N, digits, 3, 1, 1)
    inked = []
    for k in range(many):
        digit = maker.written(classes[:, k])[:, None] * paint[:, k]
        inked.append(_paste(images, digit, corners[:, k]))
    square = paint[every, meant] * np.ones((SQUARE, SQUARE), np.float32)
    _paste(images, square, origins[:, 3] + maker.integers(0, half - SQUARE, 2))
    _strew(maker, images, fragments, many)
    masks = np.stack(inked, axis=1)[every, meant]
    return _scenes(images, classes[every, meant], masks, classes, corners)


def _clutter(maker: _Maker, fragments: int) -> Scenes:
    """A digit anywhere, and middles of other digits anywhere."""
    classes, images = maker.digits(1), maker.paper("clutter")
    corners = maker.integers(0, SIZES["clutter"][-1] - STAMP, 1, 2)
    masks = _paste(images, maker.written(classes[:, 0])[:, None], corners[:, 0])
    _strew(maker, images, fragments)
    return _scenes(images, classes[:, 0], masks, classes, corners)


def _strew(maker: _Maker, images: NDArray[np.float32], fragments: int, colours: int = 0) -> None:
    """Put middles of digits anywhere into scenes, each in one of the first `colours`, if any."""
    for _ in range(fragments):
        cut = maker.integers(2, STAMP - FRAGMENT - 2, 2)
        part = maker.written(maker.digits())[_within(cut, FRAGMENT, FRAGMENT)][:, None]
        if colours:
            part = part * _PAINT[maker.integers(0, colours - 1)]
        _paste(images, part, maker.integers(0, images.shape[-1] - FRAGMENT, 2))
