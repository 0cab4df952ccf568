"""What views of images share: pixels, maps of layers, scores of classes, checked and told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from lecture_utils.views.base import (
    clipped,
    fonts,
    items,
    new_figure,
    numbers,
    pack,
    whole,
    words,
)

LEVELS = 255
"""From paper to ink, of a drawing that is asked about."""

MANY = 12
"""Classes that are all listed; of more only the `FEW` likeliest."""

FEW = 10

FINER = (1, 2, 4)
"""How many times as many pixels along a side a drawing may have as the image."""

PLAIN = {"interpolation": "nearest", "aspect": "auto"}
"""How numbers are drawn as pixels."""


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


def fitting(name: str, pixels: NDArray[np.float64], size: Sequence[int]) -> NDArray[np.float64]:
    """A drawing (C, h, w), if it has as many pixels as `FINER` allows for an image (C, H, W)."""
    channels, height, width = size
    if pixels.shape not in [(channels, height * k, width * k) for k in FINER]:
        raise ValueError(
            f"{name}: has shape {pixels.shape}; pass ({channels}, {height}, {width}), the size of "
            "the image, or 2 or 4 times as many pixels along both sides"
        )
    return pixels


def drawn(request: Mapping[str, Any], size: Sequence[int]) -> NDArray[np.float64]:
    """The drawing (C, h, w) of a request, whose levels are whole numbers, from 0 to 1."""
    told = "drawing: pass whole numbers from 0, paper, to 255, ink, and their shape"
    levels = numbers(request.get("drawing", ()), told)
    shape = [whole("shape", side, told) for side in items("shape", request.get("shape", ()), told)]
    if levels.ndim != 1 or levels.size != math.prod(shape) or min(shape, default=0) < 1:
        raise ValueError(told)
    drawing = fitting("drawing", pixels("drawing", levels.reshape(shape) / LEVELS), size)
    if not drawing.any():
        raise ValueError("There is nothing to read: it is empty.")
    return drawing


def drawings(examples: Any, size: Sequence[int]) -> dict[str, Any]:
    """Examples that a reader can try, of one size, packed as one array (K, C, h, w)."""
    told = f"pass drawings that fit an image {tuple(size)}"
    listed = items("examples", examples, told)
    found = [fitting("examples", pixels("examples", one), size) for one in listed]
    if not found or len({one.shape for one in found}) > 1:
        raise ValueError(f"examples: {told}, at least one, all of one size")
    return pack(np.stack(found))


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


def class_names(labels: Sequence[str] | None, count: int) -> list[str]:
    """The names of `count` classes, "0", "1", ... if there are none, or a `ValueError`."""
    names = [str(k) for k in range(count)] if labels is None else words("labels", labels)
    if len(names) != count:
        raise ValueError(f"labels: {len(names)} names for {count} scores; pass one per score")
    return names


def check_scores(scores: Sequence[float], labels: Sequence[str]) -> None:
    """Refuse scores that a function behind a view gave for other classes than the view's."""
    if len(scores) != len(labels):
        told = f"give one for each of the {len(labels)} labels"
        raise ValueError(f"see: gave {len(scores)} scores; {told}")


def score_rows(labels: Sequence[str], scores: Sequence[float]) -> tuple[list[str], list[list[str]]]:
    """Score and probability of every class, as `html_table` takes them."""
    rows = zip(labels, scores, chances(scores), strict=True)
    return ["class", "score", "probability"], [[n, f"{x:.2f}", percent(p)] for n, x, p in rows]


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


class Sheet:
    """A picture whose parts are placed in inches from its upper left corner.

    Args:
        width: of the picture.
        height: of the picture.
        title: stands at its top.
    """

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width, self.height = width, height
        self.figure, self.small = new_figure(width, height), {"family": fonts(), "size": 7}
        bold = {"family": fonts(), "size": 10, "weight": "bold"}
        self.figure.text(0.01, 1 - 0.16 / height, title, **bold)

    def panel(self, name: str, x: float, y: float, wide: float, tall: float) -> Axes:
        """Axes whose upper left corner is at (x, y), below their name."""
        sides = x / self.width, 1 - (y + tall) / self.height, wide / self.width, tall / self.height
        axes = self.figure.add_axes(sides)
        axes.set_title(name, loc="left", pad=3, color="#57606a", **self.small)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(color="#8c959f", linewidth=0.5)
        return axes

    def image(
        self, name: str, of: NDArray[np.float64], x: float, y: float, wide: float, tall: float
    ) -> Axes:
        """A panel with an image (C, H, W) of 1 or 3 channels."""
        shades = of.transpose(1, 2, 0) if len(of) == 3 else of[0]
        axes = self.panel(name, x, y, wide, tall)
        axes.imshow(shades, cmap="gray_r", vmin=0, vmax=1, **PLAIN)
        return axes

    def bars(
        self, labels: Sequence[str], scores: Sequence[float], x: float, y: float, tall: float
    ) -> None:
        """A bar for each class, or the likeliest of many, from `x` to the right edge."""
        sure = chances(scores)
        rows = listed(sure)
        names = [clipped(labels[k], 16) for k in rows]
        x += 0.07 * max(map(len, names))
        bars = self.panel("scores", x, y, self.width - x - 0.8, tall)
        bars.barh(range(len(rows)), sure[rows], color="#57606a")
        bars.set(xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6))
        bars.set_yticks(range(len(rows)), names, **self.small)
        bars.tick_params(length=0, pad=2)
        bars.spines[:].set_visible(False)
        for place, k in enumerate(rows):
            bars.text(sure[k] + 0.02, place, percent(sure[k]), va="center", **self.small)
