"""The view of feature maps: a drawing, what a network makes of it by layers, and its scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lecture_utils.views.base import (
    View,
    exported,
    fields,
    flag,
    html_table,
    items,
    labelled,
    numbers,
    pack,
    ranged,
    string,
    unpack,
    whole,
)
from lecture_utils.views.colours import SIGNED
from lecture_utils.views.images import (
    PLAIN,
    Sheet,
    answered,
    check_scores,
    class_names,
    classes,
    drawings,
    drawn,
    fitting,
    layer,
    pixels,
    score_rows,
    sized,
    tiled,
)

See = Callable[..., Mapping[str, Any]]

_WIDE, _TALL, _GAP = 6.6, 1.3, 0.12  # inches of the picture: whole, an image, between layers

_MOST = 10  # layers of the picture


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
        self._fixed = {
            "title": string("title", title),
            "who": string("who", who),
            "labels": class_names(labels, len(shown["scores"])),
            "fields": _fields(fields, shown["maps"]),
            "examples": None if examples is None else drawings(examples, size),
        }
        told = {
            "drawing": pack(fitting("drawing", pixels("drawing", given), size)),
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
            drawing = drawn(request, size)
            asked = {} if scaled is None else {"normalise": bool(request.get("normalise", True))}
            answer = dict(see(drawing[0] if len(drawing) == 1 else drawing, *asked.values()))
            told = {"message": answer.pop("message", None) or "", "drawing": pack(drawing)}
            shown = _shown(**fields("see", answer, {"image", "maps", "scores"}, {"frame"}))
            check_scores(shown["scores"], self.state["labels"])
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
        return html_table(*score_rows(self.state["labels"], self.state["scores"]))

    def figure(self) -> Figure:
        """The drawing, the image and a bar for each class; below, the maps of every layer."""
        state, layers = self.state, self._layers[:_MOST]
        grids = [tiled(of) for _, of in layers]
        wides = [grid.shape[1] / grid.shape[0] for grid in grids]
        high = min(_TALL, (_WIDE - _GAP * len(grids)) / sum(wides))
        top, below = 0.45, 0.45
        height = top + _TALL + below + high + 0.1
        sheet = Sheet(_WIDE, height, state["title"])
        x = 0.1
        for name in ("drawing", "image"):
            of = unpack(state[name])
            wide = _TALL * of.shape[2] / of.shape[1]
            sheet.image(name, of, x, top, wide, _TALL)
            x += wide + 2 * _GAP
        sheet.bars(state["labels"], state["scores"], x, top, _TALL)
        x = 0.1
        for (name, of), grid, wide in zip(layers, grids, wides, strict=True):
            most = np.abs(of).max() or 1
            size = " × ".join(map(str, of.shape))
            maps = sheet.panel(f"{name}\n{size}", x, top + _TALL + below, wide * high, high)
            maps.imshow(grid, cmap=SIGNED, vmin=-most, vmax=most, **PLAIN)
            x += wide * high + _GAP
        return sheet.figure


def _shown(
    image: Any, maps: Mapping[str, Any], scores: Any, frame: Sequence[float] | None = None
) -> dict[str, Any]:
    """The checked part of the state that changes with the drawing."""
    if not isinstance(maps, Mapping) or not maps:
        raise ValueError("maps: pass a mapping from the name of each layer to its maps (C, h, w)")
    layers = {string("maps", name): layer(name, values) for name, values in maps.items()}
    part = None
    if frame is not None:
        part = numbers(frame, "frame: pass (top, left, step), three numbers")
        if part.shape != (3,) or not np.isfinite(part).all() or part[2] <= 0:
            raise ValueError("frame: pass (top, left, step), three numbers, step above 0")
    return {
        "image": pack(pixels("image", image)),
        "maps": {name: ranged(values) for name, values in layers.items()},
        "scores": classes("scores", scores),
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
