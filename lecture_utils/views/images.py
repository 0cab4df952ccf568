"""What views of images share: pixels, maps of layers, scores of classes, checked and told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lecture_utils.views.base import numbers

LEVELS = 255
"""From paper to ink, of a drawing that is asked about."""

MANY = 12
"""Classes that are all listed; of more only the `FEW` likeliest."""

FEW = 10


def pixels(name: str, values: Any) -> NDArray[np.float64]:
    """An image (C, H, W) of 1 or 3 channels in [0, 1], or a `ValueError` that names it."""
    told = "pass (H, W), (1, H, W) or (3, H, W), numbers in [0, 1]"
    array = numbers(values, f"{name}: {told}")
    array = array[None] if array.ndim == 2 else array
    if array.ndim != 3 or not array.size:
        raise ValueError(f"{name}: has shape {array.shape}; {told}")
    if len(array) not in (1, 3):
        raise ValueError(f"{name}: has {len(array)} channels; {told}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: holds NaN or infinity; {told}")
    low, high = array.min() + 0.0, array.max() + 0.0  # no minus before a zero
    if low < -1e-6 or high > 1 + 1e-6:
        bytes_ = ": divide by 255" if low >= 0 and high <= LEVELS else ""
        raise ValueError(f"{name}: values lie in [{low:.4g}, {high:.4g}]; {told}{bytes_}")
    return array.clip(0, 1)


def layer(name: str, values: Any) -> NDArray[np.float64]:
    """Maps (C, h, w) or single values (D,), or a `ValueError` that names the layer."""
    told = "pass maps (C, h, w) or single values (D,), all finite"
    array = numbers(values, f"maps: {name!r}: {told}")
    if array.ndim in (2, 4) and len(array) == 1:
        array = array[0]  # a batch of one
    if array.ndim not in (1, 3) or not array.size:
        raise ValueError(f"maps: {name!r} has shape {array.shape}; {told}, of one image")
    if not np.isfinite(array).all():
        raise ValueError(f"maps: {name!r} holds NaN or infinity; {told}")
    return array


def classes(name: str, values: Any) -> list[float]:
    """The scores (N,) of classes, of a batch of one too, or a `ValueError` that names them."""
    told = "pass (N,) finite numbers, one for each class"
    found = numbers(values, f"{name}: {told}")
    found = found[0] if found.ndim == 2 and len(found) == 1 else found
    if found.ndim != 1 or not found.size:
        raise ValueError(f"{name}: has shape {found.shape}; {told}")
    if not np.isfinite(found).all():
        raise ValueError(f"{name}: holds NaN or infinity; {told}")
    return found.tolist()


def chances(scores: Sequence[float]) -> NDArray[np.float64]:
    """The softmax of scores."""
    powers = np.exp(np.array(scores) - max(scores))
    return powers / powers.sum()


def percent(p: float) -> str:
    """A probability in words, as the page writes it."""
    if p >= 0.995:
        return "over 99 %"
    return "under 1 %" if p < 0.005 else f"{math.floor(100 * p + 0.5)} %"


def answered(state: Mapping[str, Any]) -> str:
    """The answer, how sure it is, and the next likely one; the page says the same."""
    sure, labels = chances(state["scores"]), state["labels"]
    first, *others = np.argsort(-sure, kind="stable")
    told = f"The {state['who']} answers “{labels[first]}”, {percent(sure[first])} sure"
    if others:
        told += f"; next comes “{labels[others[0]]}”, {percent(sure[others[0]])}"
    return f"{told}."


def listed(sure: NDArray[np.float64]) -> list[int]:
    """The classes that are listed: all in order, or the likeliest where there are many."""
    if len(sure) <= MANY:
        return [*range(len(sure))]
    return np.argsort(-sure, kind="stable")[:FEW].tolist()


def sized(shape: Sequence[int]) -> str:
    """The size of a layer in words."""
    count, *size = shape
    if not size:
        return f"{count} values"
    return f"{count} map{'s' * (count != 1)} of {size[0]} × {size[1]}"


def across(count: int) -> int:
    """How many of so many things stand in a line, so that lines are about as long as columns."""
    root = math.sqrt(count)
    fits = [n for n in range(1, math.floor(root) + 1) if n > root / 2 and count % n == 0]
    return max(fits, default=math.ceil(root))


def tiled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maps (C, h, w) beside each other, with lines of NaN between; single values (D,) touch."""
    maps = values.reshape(len(values), *(values.shape[1:] or (1, 1)))
    columns, gap = across(len(maps)), int(values.ndim > 1)
    high, wide = (side + gap for side in maps.shape[1:])
    grid = np.full((math.ceil(len(maps) / columns) * high, columns * wide), np.nan)
    for k, one in enumerate(maps):
        y, x = (k // columns) * high, (k % columns) * wide
        grid[y : y + one.shape[0], x : x + one.shape[1]] = one
    return grid[: len(grid) - gap, : grid.shape[1] - gap]
