"""The view of maps over an image: masks and addresses by stage, and a scene to compose."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lecture_utils.views.base import (
    View,
    as_array,
    exported,
    fields,
    html_table,
    items,
    labelled,
    pack,
    ranged,
    string,
    unpack,
    whole,
    within,
    words,
)
from lecture_utils.views.colours import WEIGHTS
from lecture_utils.views.images import (
    PLAIN,
    Sheet,
    answered,
    check_scores,
    class_names,
    classes,
    drawn,
    pixels,
)

See = Callable[[Any], Mapping[str, Any]]

INK = 0.2
"""What of a piece is at least as dark belongs to it; `data.scenes` says the same of a digit."""

MANY = 60
"""Pieces that a reader can choose from, at most."""

_FINE = 20_000  # weights; above, one byte each
_WIDE, _TALL, _GAP = 6.6, 1.45, 0.15  # inches of the picture: whole, an image, between two
_MOST = 6  # maps of the picture


class SpatialMap(View, folder="spatial_map"):
    """Where a network looks: maps of masks or of weights over an image, stage by stage.

    The reader lays a map over the image, wipes it away, and of an address points at a place to see
    where its query looks. Where there is a model behind the view the reader composes the image of
    pieces, moves and exchanges them, and the model answers::

        see = see_of(model, {"where it looks": "block.address"}, (24, 48), None,
                     grids={"where it looks": (12, 24, 12, 24)})
        pieces, placed = [a_three, another, an_eight], [(0, 4, 2), (2, 6, 31)]
        image = SpatialMap.composed(pieces, placed, (1, 24, 48))
        made = see(image)
        SpatialMap(image, made["maps"], scores=made["scores"], labels=["different", "same"],
                   pieces=pieces, placed=placed, see=see, live="same")

    Args:
        image: (H, W) or (C, H, W) array or tensor in [0, 1], of one channel, from 0, paper, to 1,
            ink, or of three.
        maps: of every stage, in order and by the name that it shall have, numbers in [0, 1]: a map
            (h, w); the mask (C, h, w) of a gate, of which the mean over channels is shown; or the
            weights of an address, (h, w, h', w') for queries at h x w places and slots at h' x w',
            or (N, S) with `grids`; of a batch of one, too, where `grids` has it.
        grids: (h, w, h', w') of addresses by name, for weights (N, S) whose places lie row by row.
        labels: names of the classes; "0", "1", ... if None.
        scores: (K,), the highest is the answer, their softmax is how sure it is; None: no answer is
            shown.
        truth: (H, W), what matters: not 0 (or True) there. It is outlined.
        pieces: (K, h, w) or (K, C, h, w), what the reader puts into the image and moves.
        names: of the pieces; "piece 1", ... if None.
        placed: the pieces that the image is made of, (number, row, column) with the upper left
            corner of each; None: what is put is put on the image.
        query: row and column of the place that is pointed at first, in the first map; None: the
            whole map, or the mean over queries.
        opacity: of the map over the image, from 0 to 1.
        title: a line above the picture.
        who: what answers; for instance "network".
        message: a line about what is shown.
        live: an exported model that a page without a kernel runs on the reader's scene: its name,
            or a list of (label, name) between which the reader chooses.
        see: the same in a notebook: the scene, an array (H, W) or (C, H, W) in [0, 1] -> mapping
            with ``maps``, of the same names, ``scores`` if the view has any, and, optional,
            ``message``. A `ValueError` is shown beside the scene. Or a mapping label -> such a
            function.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.
    """

    def __init__(
        self,
        image: Any,
        maps: Mapping[str, Any],
        *,
        grids: Mapping[str, Sequence[int]] | None = None,
        labels: Sequence[str] | None = None,
        scores: Any = None,
        truth: Any = None,
        pieces: Any = None,
        names: Sequence[str] | None = None,
        placed: Sequence[Sequence[int]] | None = None,
        query: Sequence[int] | None = None,
        opacity: float = 0.6,
        title: str = "",
        who: str = "network",
        message: str = "",
        live: str | Sequence[tuple[str, str]] | None = None,
        see: See | Mapping[str, See] | None = None,
    ) -> None:
        if grids is not None and not isinstance(grids, Mapping):
            raise ValueError("grids: pass a mapping from names of maps to (h, w, h', w')")
        self._grids = dict(grids or {})
        shown = _shown(image, maps, scores, self._grids)
        size = shown["image"]["shape"]
        functions, asked = labelled("see", see, "the scene"), exported(live)
        if pieces is None and (functions or asked):
            told = "pass what the reader puts into the image, since `live` or `see` would answer"
            raise ValueError(f"pieces: {told}")
        stamps = None if pieces is None else _pieces(pieces, size)
        if labels is not None and scores is None:
            raise ValueError("scores: pass one for each of the labels")
        self._fixed = {
            "title": string("title", title),
            "who": string("who", who),
            "labels": None if scores is None else class_names(labels, len(shown["scores"])),
            "pieces": None if stamps is None else pack(stamps),
            "names": _names(names, 0 if stamps is None else len(stamps)),
            "query": _query(query, next(iter(shown["maps"].values()))["shape"]),
            "opacity": within("opacity", opacity, 0, 1),
        }
        told = {
            "truth": None if truth is None else _truth(truth, size),
            "placed": None if placed is None else _placed(placed, stamps, shown["image"]),
            "message": string("message", message),
        }
        super().__init__({**self._fixed, **told, **shown}, asked, functions)

    @staticmethod
    def composed(
        pieces: Any, placed: Sequence[Sequence[int]], size: Sequence[int]
    ) -> NDArray[np.float64]:
        """The image (C, H, W) that pieces make; where two lie on each other, the darker stays.

        Args:
            pieces: as of the view.
            placed: as of the view.
            size: (C, H, W) of the image.

        Raises:
            ValueError: naming the argument that is wrong, and what to pass.
        """
        told = "pass (C, H, W) of the image, whole numbers above 0"
        sides = [whole("size", side, told) for side in items("size", size, told)]
        if len(sides) != 3 or min(sides) < 1:
            raise ValueError(f"size: {told}")
        stamps = _pieces(pieces, sides)
        return _composed(stamps, _corners(placed, stamps, sides), sides)

    @traitlets.observe("request")
    def _answer(self, change: dict[str, Any]) -> None:
        request, before = change["new"], self.state

        def made(see: See) -> dict[str, Any]:
            scene = drawn(request, before["image"]["shape"])
            answer = dict(see(scene[0] if len(scene) == 1 else scene))
            needed = {"maps"} | ({"scores"} if before["labels"] else set())
            given = fields("see", answer, needed, {"image", "scores", "frame", "message"})
            scores = given["scores"] if before["labels"] else None
            shown = _shown(given.get("image", scene), given["maps"], scores, self._grids)
            if [*shown["maps"]] != [*before["maps"]]:
                raise ValueError(f"see: gave maps of other names; give {', '.join(before['maps'])}")
            check_scores(shown["scores"] or (), before["labels"] or ())
            told = {"message": given.get("message") or "", "truth": None, "placed": None}
            return {**self._fixed, **told, **shown}

        self._respond(request, made)

    def _outlined(self) -> NDArray[np.float64] | None:
        """The mask (H, W) of what matters, or of the pieces that the image is made of."""
        state = self.state
        if state["truth"] is not None:
            return unpack(state["truth"])
        if state["placed"] is None:
            return None
        made = _composed(unpack(state["pieces"]), state["placed"], state["image"]["shape"])
        return (made.max(axis=0) >= INK).astype(float)

    def _maps(self) -> list[dict[str, Any]]:
        """The maps as they are first shown: what `_told` takes, and the place pointed at."""
        mask, found = self._outlined(), []
        for name, packed in self.state["maps"].items():
            low, high = packed["low"], packed["high"]
            values = low + (high - low) * unpack(packed)
            queries, cell = None, None if found else self.state["query"]
            if values.ndim == 4:
                queries = values.shape[:2]
                values = values.mean(axis=(0, 1)) if cell is None else values[tuple(cell)]
            inside = None if mask is None else _coverage(mask, values.shape)
            one = {"name": name, "values": values, "queries": queries}
            found.append({**one, "cell": cell, "inside": inside})
        return found

    def summary(self) -> str:
        """The answer, how sure it is, and of every map where it is largest and what is inside."""
        said = [_told(**one) for one in self._maps()]
        return " ".join([answered(self.state), *said] if self.state["labels"] else said)

    def table(self) -> str:
        """The first map, a row of it in a line."""
        first = self._maps()[0]
        values = first["values"]
        head = [f"{first['name']}, row \\ column", *map(str, range(1, values.shape[1] + 1))]
        lines = [[str(i), *map(_small, line)] for i, line in enumerate(values, 1)]
        return html_table(head, lines)

    def figure(self) -> Figure:
        """The image; every map laid over it, what matters outlined; a bar for each class."""
        state, maps = self.state, self._maps()[:_MOST]
        image, mask = unpack(state["image"]), self._outlined()
        _, height, width = image.shape
        panels = [None, *maps]
        lines = 2 if state["labels"] or len(panels) > 2 else 1
        across = math.ceil((len(panels) + bool(state["labels"])) / lines)
        wide = min((_WIDE - _GAP) / across - _GAP, _TALL * width / height * 1.4)
        tall = wide * height / width
        sheet = Sheet(_WIDE, 0.5 + lines * (tall + 0.4), state["title"])
        extent = (0, width, height, 0)

        def corner(k: int) -> tuple[float, float]:
            return _GAP + (k % across) * (wide + _GAP), 0.5 + (k // across) * (tall + 0.4)

        for k, one in enumerate(panels):
            axes = sheet.image("image", image, *corner(k), wide, tall)
            axes.images[0].set_extent(extent)
            if mask is not None:
                _outline(axes, mask)
            axes.set(xlim=extent[:2], ylim=extent[2:])
            if one is None:
                continue
            of, values = one["name"], one["values"]
            axes.set_title(of, loc="left", pad=3, color="#57606a", **sheet.small)
            laid = {"cmap": WEIGHTS, "alpha": max(state["opacity"], 0.3), "extent": extent}
            axes.imshow(values, **laid, **PLAIN)
            if one["cell"] is not None:
                rows, columns = one["queries"] or values.shape
                y, x = one["cell"]
                y, x = (y + 0.5) * height / rows, (x + 0.5) * width / columns
                axes.plot(x, y, "s", markerfacecolor="none", markeredgecolor="#1c2127")
        if state["labels"]:
            x, y = corner(len(panels))
            sheet.bars(state["labels"], state["scores"], x, y, min(tall, 1.6))
        return sheet.figure


def _small(x: float) -> str:
    """A weight, with more digits where it is small; the page writes the same."""
    return f"{x:.{2 if x >= 0.0995 or not x else 3 if x >= 0.00995 else 4}f}"


def _told(
    name: str,
    values: NDArray[np.float64],
    queries: Sequence[int] | None,
    cell: Sequence[int] | None,
    inside: NDArray[np.float64] | None,
) -> str:
    """What is shown, where it is largest, how much lies inside the outline; the page says it too.

    Args:
        name: of the map.
        values: the map (h, w), or of an address the weights of a query, or of the mean query.
        queries: the grid of an address's queries; None of another map.
        cell: the place that is pointed at.
        inside: (h, w), how much of each place is outlined.
    """
    h, w = values.shape
    at = "row {}, column {}".format
    i, j = np.unravel_index(values.argmax(), values.shape)
    top, most, grid = at(i + 1, j + 1), _small(values.max()), f"{h} × {w} places"
    here = at(cell[0] + 1, cell[1] + 1) if cell is not None else ""
    if queries is not None:
        all_ = f"all {queries[0] * queries[1]} queries give in the mean"
        giving = f"the query at {here} gives" if here else all_
        said = f"{name}: {giving} most weight to {top} of {grid}, {most}."
    elif here:
        said = f"{name}, {here} of {grid}: {_small(values[tuple(cell)])}."
    else:
        said = f"{name}, {grid}: from {_small(values.min())} to {most}, largest at {top}."
    part = 0 if inside is None else inside.sum()
    if not 0 < part < h * w - 1e-6:
        return said
    within_ = (values * inside).sum() / part
    if queries is None:
        outside = (values * (1 - inside)).sum() / (h * w - part)
        told = f"In the mean {_small(within_)} inside the outline, {_small(outside)} outside."
        return f"{said} {told}"
    if not values.sum():
        return said
    share = _small(within_ * part / values.sum())
    evenly = _small(part / (h * w))
    told = f"Inside the outline lies {share} of the weight; spread evenly it would be {evenly}."
    return f"{said} {told}"


def _coverage(mask: NDArray[np.float64], grid: Sequence[int]) -> NDArray[np.float64]:
    """How much of each place of a grid (h, w) a mask (H, W) covers, 0 to 1."""

    def overlaps(count: int, size: int) -> NDArray[np.float64]:
        edges = np.arange(count + 1)[:, None] * size / count
        lines = np.arange(size)
        upper, lower = np.maximum(edges[:-1], lines), np.minimum(edges[1:], lines + 1)
        return np.maximum(lower - upper, 0) * count / size

    down, across = (overlaps(n, size) for n, size in zip(grid, mask.shape, strict=True))
    return down @ mask @ across.T


def _outline(axes: Any, mask: NDArray[np.float64]) -> None:
    """Draw the edge of a mask (H, W)."""
    padded = np.pad(mask > 0, 1)
    upright = np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1])
    level = np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1])
    for edges, (dy, dx) in ((upright, (1, 0)), (level, (0, 1))):
        y, x = edges.T
        axes.plot([x, x + dx], [y, y + dy], color="#1c2127", linewidth=0.8)


def _shown(
    image: Any, maps: Mapping[str, Any], scores: Any, grids: Mapping[str, Sequence[int]]
) -> dict[str, Any]:
    """The checked part of the state that changes with the scene."""
    if not isinstance(maps, Mapping) or not maps:
        raise ValueError("maps: pass a mapping from the name of each stage to its map")
    if unknown := [name for name in grids if name not in maps]:
        raise ValueError(f"grids: there is no map {unknown[0]!r}; pass names of maps")
    found = {string("maps", name): _map(name, of, grids.get(name)) for name, of in maps.items()}
    return {
        "image": pack(pixels("image", image)),
        "maps": {name: ranged(of, _FINE) for name, of in found.items()},
        "scores": None if scores is None else classes("scores", scores),
    }


def _map(name: str, values: Any, grid: Sequence[int] | None) -> NDArray[np.float64]:
    """A map (h, w), or the weights (h, w, h', w') of an address."""
    array = as_array(f"maps: {name!r}", values)
    if grid is not None:
        told = f"grids: {name!r}: pass (h, w, h', w'), whole numbers above 0"
        sides = [whole("grids", side, told) for side in items("grids", grid, told)]
        if len(sides) != 4 or min(sides) < 1:
            raise ValueError(told)
        h, w, *slots = sides
        flat = array[0] if array.ndim == 3 and len(array) == 1 else array
        if flat.shape not in [(h * w, math.prod(slots)), tuple(sides)]:
            raise ValueError(
                f"maps: {name!r} has shape {array.shape}; pass weights "
                f"({h * w}, {math.prod(slots)}), for its grid {tuple(sides)}"
            )
        array = flat.reshape(sides)
    if array.ndim not in (2, 3, 4) or not array.size:
        raise ValueError(
            f"maps: {name!r} has shape {array.shape}; pass a map (h, w), a mask (C, h, w), or "
            "weights (h, w, h', w')"
        )
    return array.mean(axis=0) if array.ndim == 3 else array


def _pieces(pieces: Any, size: Sequence[int]) -> NDArray[np.float64]:
    """Pieces (K, C, h, w) that an image (C, H, W) has room for."""
    channels, height, width = size
    told = f"pass (K, h, w) or (K, C, h, w), numbers in [0, 1], for an image {tuple(size)}"
    listed = [pixels("pieces", one) for one in items("pieces", pieces, told)]
    if not 0 < len(listed) <= MANY:
        raise ValueError(f"pieces: {len(listed)}; {told}, 1 to {MANY} of them")
    if len({one.shape for one in listed}) > 1:
        raise ValueError(f"pieces: {told}, all of one size")
    C, h, w = listed[0].shape
    if channels != C or h > height or w > width:
        raise ValueError(f"pieces: have shape {(C, h, w)}; {told}")
    return np.stack(listed)


def _names(names: Sequence[str] | None, count: int) -> list[str]:
    if names is None:
        return [f"piece {k}" for k in range(1, count + 1)]
    if len(listed := words("names", names)) != count:
        raise ValueError(f"names: {len(listed)} for {count} pieces; pass one for each")
    return listed


def _corners(placed: Any, pieces: NDArray[np.float64], size: Sequence[int]) -> list[list[int]]:
    """(number, row, column) of pieces that lie in the image."""
    told = "pass (number of the piece, row, column) for each, whole numbers, all of it in the image"
    found = [
        [whole("placed", x, told) for x in items("placed", one, told)]
        for one in items("placed", placed, told)
    ]
    rooms = len(pieces), *(n - k + 1 for n, k in zip(size[1:], pieces.shape[2:], strict=True))
    for one in found:
        if len(one) != 3 or any(not 0 <= x < n for x, n in zip(one, rooms, strict=True)):
            raise ValueError(f"placed: {one}; {told}")
    return found


def _composed(
    pieces: NDArray[np.float64], placed: Sequence[Sequence[int]], size: Sequence[int]
) -> NDArray[np.float64]:
    image = np.zeros(size)
    h, w = pieces.shape[2:]
    for k, top, left in placed:
        part = image[:, top : top + h, left : left + w]
        np.maximum(part, pieces[k], out=part)
    return image


def _placed(
    placed: Any, pieces: NDArray[np.float64] | None, image: Mapping[str, Any]
) -> list[list[int]]:
    if pieces is None:
        raise ValueError("placed: pass pieces, too")
    found = _corners(placed, pieces, image["shape"])
    if np.abs(_composed(pieces, found, image["shape"]) - unpack(image)).max() > 0.01:
        told = "pass the image SpatialMap.composed(pieces, placed, size)"
        raise ValueError(f"placed: the pieces make another image; {told}")
    return found


def _query(query: Any, shape: Sequence[int]) -> list[int] | None:
    if query is None:
        return None
    told = f"pass row and column, from 0, of one of {shape[0]} × {shape[1]} places"
    cell = [whole("query", x, told) for x in items("query", query, told)]
    if len(cell) != 2 or any(not 0 <= x < n for x, n in zip(cell, shape, strict=False)):
        raise ValueError(f"query: {told}")
    return cell


def _truth(truth: Any, size: Sequence[int]) -> dict[str, Any]:
    mask = as_array("truth", truth, (*size[1:],))
    return pack(mask > 0, two_bytes=0)
