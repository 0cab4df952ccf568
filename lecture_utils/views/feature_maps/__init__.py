"""The view of feature maps: a drawing, what a network makes of it by layers, and its scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lecture_utils.views.base import (
    View,
    exported,
    fields,
    flag,
    fonts,
    html_table,
    items,
    labelled,
    new_figure,
    numbers,
    pack,
    ranged,
    string,
    unpack,
    whole,
    words,
)

See = Callable[..., Mapping[str, Any]]

FINER = (1, 2, 4)
"""How many times as many pixels along a side a drawing may have as the image."""

_LEVELS = 255  # from paper to ink, of a drawing that is asked about
_TALL = 1.5  # inches of a layer in the picture
_MOST = 64  # maps of a layer that the picture shows


class FeatureMaps(View, folder="feature_maps"):
    """An image classifier at work: the drawing, the image, the maps of every layer, the scores.

    Where there is a model behind the view, the reader draws, and sees what each layer makes of it.
    Any model's arrays are taken::

        with trace(model, ["C1", "S2"]) as flow:
            scores = model(image[None])
        FeatureMaps(image, {"C1": flow["C1"][0], "S2": flow["S2"][0]}, scores)

    Args:
        image: (H, W) or (C, H, W) array or tensor in [0, 1], of one channel, from 0, paper, to 1,
            ink, or of three: what the network is shown.
        maps: of every layer, in order and by the name that it shall have: maps (C, h, w), or single
            values (D,); a batch of one, too. Any finite numbers.
        scores: (N,), the highest is the answer; their softmax is how sure it is.
        labels: names of the N classes; "0", "1", ... if None.
        drawing: what the image was made of, of one channel, with as many pixels along each side as
            the image, or 2 or 4 times as many; the image itself if None.
        normalise: whether the drawing was normalised to become the image, which a reader can then
            switch; None: there is no such step.
        frame: where in the drawing the image lies, (top, left, step) in pixels of the drawing, with
            `step` of them for one of the image; None if it is not known.
        fields: of layers by name, what part of the image a value sees, its receptive field: (size,
            step from one value to the next, where that of the first begins), in pixels.
        examples: (K, H, W) drawings that the reader can try.
        title: a line above the picture.
        who: what answers; for instance "network".
        message: a line about what is shown.
        live: an exported model that a page without a kernel runs on the reader's drawing: its name,
            or a list of (label, name) between which the reader chooses.
        see: the same in a notebook: the drawing, an array (h, w) in [0, 1], -> mapping with
            ``image``, ``maps``, ``scores`` and, optional, ``frame`` and ``message``. If
            `normalise` is not None, it is passed, too: ``see(drawing, True)``. A `ValueError` is
            shown beside the drawing. Or a mapping label -> such a function.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.
    """

    def __init__(
        self,
        image: Any,
        maps: Mapping[str, Any],
        scores: Any,
        *,
        labels: Sequence[str] | None = None,
        drawing: Any = None,
        normalise: bool | None = None,
        frame: Sequence[float] | None = None,
        fields: Mapping[str, Sequence[int]] | None = None,
        examples: Any = None,
        title: str = "",
        who: str = "network",
        message: str = "",
        live: str | Sequence[tuple[str, str]] | None = None,
        see: See | Mapping[str, See] | None = None,
    ) -> None:
        shown = _shown(image, maps, scores, frame)
        size = shown["image"]["shape"]
        given = image if drawing is None else drawing
        count = len(shown["scores"])
        names = [str(k) for k in range(count)] if labels is None else words("labels", labels)
        if len(names) != count:
            raise ValueError(f"labels: {len(names)} names for {count} scores; pass one per score")
        self._fixed = {
            "title": string("title", title),
            "who": string("who", who),
            "labels": names,
            "fields": _fields(fields, shown["maps"]),
            "examples": None if examples is None else _examples(examples, size),
        }
        told = {
            "drawing": pack(_fitting("drawing", _pixels("drawing", given), size)),
            "normalise": None if normalise is None else flag("normalise", normalise),
            "message": string("message", message),
        }
        functions = labelled("see", see, "the drawing")
        super().__init__({**self._fixed, **told, **shown}, exported(live), functions)

    @traitlets.observe("request")
    def _answer(self, change: dict[str, Any]) -> None:
        request = change["new"]
        size, scaled = self.state["image"]["shape"], self.state["normalise"]

        def made(see: See) -> dict[str, Any]:
            drawing = _drawn(request, size)
            asked = {} if scaled is None else {"normalise": bool(request.get("normalise", True))}
            answer = dict(see(drawing[0] if len(drawing) == 1 else drawing, *asked.values()))
            told = {"message": answer.pop("message", None) or "", "drawing": pack(drawing)}
            shown = _shown(**fields("see", answer, {"image", "maps", "scores"}, {"frame"}))
            if len(shown["scores"]) != len(self.state["labels"]):
                raise ValueError(f"see: gave {len(shown['scores'])} scores; give one for a label")
            return {**self._fixed, "normalise": None, **asked, **told, **shown}

        self._respond(request, made)

    @property
    def _layers(self) -> list[tuple[str, NDArray[np.float64]]]:
        """Names and values of the layers, maps (C, h, w) or single values (D,)."""
        found = []
        for name, packed in self.state["maps"].items():
            low, high = packed["low"], packed["high"]
            found.append((name, low + (high - low) * unpack(packed)))
        return found

    def summary(self) -> str:
        """The answer, how sure it is, the next likely one, and the sizes of image and layers."""
        state = self.state
        _, height, width = state["image"]["shape"]
        layers = "; ".join(f"{name}, {sized(of.shape)}" for name, of in self._layers)
        shown = f"It is shown {height} × {width} pixels"
        made = {None: "", True: ", the drawing normalised", False: ", the drawing as it is"}
        return f"{answered(state)} {shown}{made[state['normalise']]}. Its layers: {layers}."

    def table(self) -> str:
        """Score and probability of every class."""
        rows = zip(self.state["labels"], self.state["scores"], _sure(self.state), strict=True)
        lines = ([name, f"{score:.2f}", percent(p)] for name, score, p in rows)
        return html_table(["class", "score", "probability"], lines)

    def figure(self) -> Figure:
        """The drawing, the image, the maps of each layer, and a bar for each class."""
        state, layers = self.state, self._layers
        drawn, shown = (unpack(state[part]) for part in ("drawing", "image"))
        grids = [(name, of, *_grid(of)) for name, of in layers]
        panels = [("drawing", drawn), ("image", shown)]
        wides = [_TALL * (grid.shape[1] / grid.shape[0]) for _, _, grid, _ in grids]
        wides = [_TALL * of.shape[2] / of.shape[1] for _, of in panels] + wides
        gap, top, bars = 0.18, 0.62, 1.3
        width = 0.3 + sum(wides) + gap * len(wides) + bars
        figure = new_figure(width, top + _TALL + 0.3, dpi=100)
        height = top + _TALL + 0.3
        label = {"family": fonts(), "size": 7.5, "color": "#57606a"}
        figure.text(0.12 / width, 1 - 0.2 / height, state["title"], family=fonts(), weight="bold")
        x = 0.12

        def panel(name: str, wide: float) -> Axes:
            nonlocal x
            axes = figure.add_axes((x / width, 0.2 / height, wide / width, _TALL / height))
            axes.set_title(name, loc="left", pad=3, **label)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set(color="#8c959f", linewidth=0.5)
            x += wide + gap
            return axes

        plain = {"interpolation": "nearest", "aspect": "auto"}
        for (name, of), wide in zip(panels, wides, strict=False):
            pixels = of.transpose(1, 2, 0) if len(of) == 3 else of[0]
            panel(name, wide).imshow(pixels, cmap="gray_r", vmin=0, vmax=1, **plain)
        for (name, of, grid, _), wide in zip(grids, wides[2:], strict=True):
            most = np.abs(of).max() or 1
            axes = panel(f"{name}\n{sized(of.shape)}", wide)
            axes.imshow(grid, cmap="PuOr", vmin=-most, vmax=most, **plain)
            axes.spines[:].set_visible(False)
        axes = panel("scores", bars - 0.5)
        sure = _sure(state)
        axes.barh(range(len(sure)), sure, color="#57606a")
        axes.set(xlim=(0, 1), ylim=(len(sure) - 0.4, -0.6))
        axes.set_yticks(range(len(sure)), state["labels"], family=fonts(), size=7)
        axes.tick_params(length=0, pad=2)
        axes.spines[:].set_visible(False)
        best = int(np.argmax(sure))
        axes.text(sure[best] + 0.05, best, percent(sure[best]), va="center", size=7, family=fonts())
        return figure


def percent(p: float) -> str:
    """A probability in words, as the page writes it."""
    if p >= 0.995:
        return "over 99 %"
    return "under 1 %" if p < 0.005 else f"{math.floor(100 * p + 0.5)} %"


def answered(state: Mapping[str, Any]) -> str:
    """The answer, how sure it is, and the next likely one; the page says the same."""
    sure, labels = _sure(state), state["labels"]
    first, *others = np.argsort(-sure, kind="stable")
    told = f"The {state['who']} answers “{labels[first]}”, {percent(sure[first])} sure"
    if others:
        told += f"; next comes “{labels[others[0]]}”, {percent(sure[others[0]])}"
    return f"{told}."


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


def _sure(state: Mapping[str, Any]) -> NDArray[np.float64]:
    """The softmax of the scores."""
    scores = np.array(state["scores"])
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def _grid(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """A layer as one array with NaN between its maps, and how many maps stand in a line."""
    maps = values.reshape(-1, 1, 1) if values.ndim == 1 else values
    maps = maps if values.ndim == 1 else maps[:_MOST]
    columns = across(len(maps))
    lines = math.ceil(len(maps) / columns)
    gap = int(values.ndim > 1)
    high, wide = (side + gap for side in maps.shape[1:])
    grid = np.full((lines * high - gap, columns * wide - gap), np.nan)
    for k, one in enumerate(maps):
        y, x = (k // columns) * high, (k % columns) * wide
        grid[y : y + one.shape[0], x : x + one.shape[1]] = one
    return grid, columns


def _pixels(name: str, values: Any) -> NDArray[np.float64]:
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
    low, high = array.min(), array.max()
    if low < -1e-6 or high > 1 + 1e-6:
        bytes_ = ": divide by 255" if low >= 0 and high <= _LEVELS else ""
        raise ValueError(f"{name}: values lie in [{low:.4g}, {high:.4g}]; {told}{bytes_}")
    return array.clip(0, 1)


def _fitting(name: str, pixels: NDArray[np.float64], size: Sequence[int]) -> NDArray[np.float64]:
    """A drawing (C, h, w), if it has as many pixels as `FINER` allows for an image (C, H, W)."""
    channels, height, width = size
    if pixels.shape not in [(channels, height * k, width * k) for k in FINER]:
        raise ValueError(
            f"{name}: has shape {pixels.shape}; pass ({channels}, {height}, {width}), the size of "
            "the image, or 2 or 4 times as many pixels along both sides"
        )
    return pixels


def _examples(examples: Any, size: Sequence[int]) -> dict[str, Any]:
    """Drawings of one size, packed as one array (K, C, h, w)."""
    told = f"pass drawings that fit an image {tuple(size)}"
    listed = items("examples", examples, told)
    fitting = [_fitting("examples", _pixels("examples", one), size) for one in listed]
    if not fitting or len({one.shape for one in fitting}) > 1:
        raise ValueError(f"examples: {told}, at least one, all of one size")
    return pack(np.stack(fitting))


def _drawn(request: Mapping[str, Any], size: Sequence[int]) -> NDArray[np.float64]:
    """The drawing (C, h, w) of a request, whose levels are whole numbers, from 0 to 1."""
    told = "drawing: pass whole numbers from 0, paper, to 255, ink, and their shape"
    levels = numbers(request.get("drawing", ()), told)
    shape = [whole("shape", side, told) for side in items("shape", request.get("shape", ()), told)]
    if levels.ndim != 1 or levels.size != math.prod(shape) or min(shape, default=0) < 1:
        raise ValueError(told)
    drawing = _fitting("drawing", _pixels("drawing", levels.reshape(shape) / _LEVELS), size)
    if not drawing.any():
        raise ValueError("There is nothing to read: draw something.")
    return drawing


def _layer(name: str, values: Any) -> NDArray[np.float64]:
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


def _shown(
    image: Any, maps: Mapping[str, Any], scores: Any, frame: Sequence[float] | None = None
) -> dict[str, Any]:
    """The checked part of the state that changes with the drawing."""
    if not isinstance(maps, Mapping) or not maps:
        raise ValueError("maps: pass a mapping from the name of each layer to its maps (C, h, w)")
    layers = {string("maps", name): _layer(name, values) for name, values in maps.items()}
    told = "pass (N,) finite numbers, one for each class"
    found = numbers(scores, f"scores: {told}")
    found = found[0] if found.ndim == 2 and len(found) == 1 else found
    if found.ndim != 1 or not found.size or not np.isfinite(found).all():
        raise ValueError(f"scores: has shape {found.shape}; {told}")
    part = None
    if frame is not None:
        part = numbers(frame, "frame: pass (top, left, step), three numbers")
        if part.shape != (3,) or not np.isfinite(part).all() or part[2] <= 0:
            raise ValueError("frame: pass (top, left, step), three numbers, step above 0")
    return {
        "image": pack(_pixels("image", image)),
        "maps": {name: ranged(values) for name, values in layers.items()},
        "scores": found.tolist(),
        "frame": None if part is None else part.tolist(),
    }


def _fields(
    given: Mapping[str, Sequence[int]] | None, maps: Mapping[str, Any]
) -> dict[str, list[int]]:
    """Receptive fields by layer, checked."""
    told = "pass a mapping from layers to (size, step, start), whole numbers of pixels"
    if given is not None and not isinstance(given, Mapping):
        raise ValueError(f"fields: {told}")
    found = {}
    for name, field in (given or {}).items():
        if name not in maps:
            raise ValueError(f"fields: there is no layer {name!r}; {told}")
        found[name] = [whole("fields", part, told) for part in items("fields", field, told)]
        if len(found[name]) != 3 or min(found[name][:2]) < 1:
            raise ValueError(f"fields: {name!r} has {found[name]}; {told}, size and step above 0")
    return found
