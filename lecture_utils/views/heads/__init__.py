"""The view of all heads: every layer and head at once, what they are like, and one of them open."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lecture_utils.views.asked import Function
from lecture_utils.views.base import fonts, html_table, new_figure, unpack
from lecture_utils.views.colours import WEIGHTS
from lecture_utils.views.maps import Maps

_TILE = 0.5  # inches of a head in the picture, at most
_WIDEST = 6.0  # inches of all
_CELLS, _FEW = 6_000, 6  # cells of the whole picture, about, and along a side of a head, at least
_SHADES = 4  # of the picture, so that it takes few bytes


class Heads(Maps, folder="heads"):
    """Weights of all heads of all layers on one canvas: layers are lines, heads are columns.

    The reader sorts the heads by what they are like, and opens one as a large map whose cells say
    their weight, rank and entropy. Any model's weights are taken::

        with record(model) as reads:
            model(x)
        Heads(reads, tokens)
        Heads(bert(**inputs).attentions, tokens)  # of Hugging Face

    Args:
        weights: (L, H, T, S) array or tensor in [0, 1], (H, T, S) or (T, S); or one tensor a
            layer, as `lecture_utils.views.maps.layered` takes them.
        rows: the T words that read.
        columns: the S words that are read; the rows if None.
        gold: true links, as pairs (row, column) counted from 0; outlined, and what the heads'
            distance and agreement are measured by.
        heads: names of the H heads; "head 1", ... if None.
        probabilities: (T,) in [0, 1]; taken as `Alignment` takes them, so that one function
            answers both views, and not drawn.
        likely: as `Alignment` takes them.
        title: a line above the picture.
        row_label: what the rows are, for instance a language.
        column_label: what the columns are.
        nothing: what is said across a map where every weight is zero.
        who: what those who answer are called, where there are several.
        live: an exported model that a page without a kernel runs on the reader's text: its name,
            or a list of (label, name) between which the reader chooses.
        explain: the same in a notebook: text -> mapping with ``weights``, ``rows``, ``columns``
            and, optional, ``gold``, ``heads``, ``probabilities``, ``likely``, ``message``. If it
            takes ``prefix``, too, a reader can change a word (`Maps`). A `ValueError` is shown
            beside the field. Or a mapping label -> such a function.
        text: what the weights are of, as the reader would type it; the columns joined if None.
        message: a line beside the field about what is shown.
        examples: texts that the reader can try with one click.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.
    """

    _two_bytes = 50_000  # all heads of a large model shall not weigh down a page

    def __init__(
        self,
        weights: Any,
        rows: Sequence[str],
        columns: Sequence[str] | None = None,
        *,
        gold: Iterable[tuple[int, int]] | None = None,
        heads: Sequence[str] | None = None,
        probabilities: Any = None,
        likely: Any = None,
        title: str = "",
        row_label: str = "reads",
        column_label: str = "is read",
        nothing: str = "No word reads any: every weight is zero.",
        who: str = "model",
        live: str | Sequence[tuple[str, str]] | None = None,
        explain: Function | Mapping[str, Function] | None = None,
        text: str | None = None,
        message: str = "",
        examples: Sequence[str] = (),
    ) -> None:
        shown = {"weights": weights, "rows": rows, "columns": rows if columns is None else columns}
        shown |= {"gold": gold, "heads": heads, "probabilities": probabilities, "likely": likely}
        labels = {"title": title, "row_label": row_label, "column_label": column_label}
        labels |= {"nothing": nothing, "who": who}
        asked = {"live": live, "text": text, "message": message, "examples": examples}
        super().__init__(shown, labels, explain=explain, **asked)

    def _measured(self) -> dict[str, NDArray[np.float64]]:
        return measures(unpack(self.state), self.state["gold"])

    def summary(self) -> str:
        """What the view shows, in words: how many heads, which are sharpest, which agree most."""
        state = self.state
        layers, heads, t, s = state["shape"]
        found = self._measured()
        said = [
            f"{_count(layers, 'layer')} of {_count(heads, 'head')}, each the weights of "
            f"{_count(t, 'word')} (rows) on {_count(s, 'word')} (columns)."
        ]
        if np.isnan(found["entropy"]).all():
            return " ".join([*said, state["nothing"]])
        narrow, wide = (self._named(f(found["entropy"])) for f in (np.nanargmin, np.nanargmax))
        said.append(f"The narrowest reads: {narrow}; the widest: {wide}.")
        if not np.isnan(found["agreement"]).all():
            best = int(np.nanargmax(found["agreement"]))
            share = found["agreement"].flat[best]
            said.append(f"Most agrees with the gold links: {self._named(best)}, {share:.0%}.")
        if state["packing"] != "u16":
            said.append("The view holds the weights to 0.004.")
        return " ".join(said)

    def _named(self, place: int) -> str:
        """A head by its place among all."""
        layer, head = divmod(int(place), self.state["shape"][1])
        name = self.state["heads"][head]
        return f"layer {layer + 1}, {name}" if self.state["shape"][0] > 1 else name

    def table(self) -> str:
        """One row a head: entropy in bits, distance in words, agreement as a share."""
        found = {kind: of for kind, of in self._measured().items() if not np.isnan(of).all()}
        _, heads, *_ = self.state["shape"]
        lines = []
        for place in range(math.prod(self.state["shape"][:2])):
            layer, head = divmod(place, heads)
            numbers = (of[layer, head] for of in found.values())
            cells = ["" if np.isnan(x) else f"{x:.2f}" for x in numbers]
            lines.append([f"{layer + 1}, {self.state['heads'][head]}", *cells])
        return html_table(["head", *found], lines)

    def figure(self) -> Figure:
        """All heads on white paper, each row of a map from 0 to its largest weight."""
        state, weights = self.state, unpack(self.state)
        layers, heads, _, _ = weights.shape
        cell = min(_TILE, _WIDEST / heads)
        left, top, bottom = 0.75, 0.5 + 0.3 * bool(state["title"]), 0.4
        width, height = max(left + cell * heads + 0.2, 3.6), top + cell * layers + bottom
        figure = new_figure(width, height)
        box = (left / width, bottom / height, cell * heads / width, cell * layers / height)
        axes = figure.add_axes(box)
        cells = _pooled(weights)
        largest = cells.max(axis=-1, keepdims=True)
        shown = np.divide(cells, largest, out=np.zeros_like(cells), where=largest > 0)
        tiles = shown.transpose(0, 2, 1, 3)  # lines of rows, then columns
        flat = np.rint(tiles.reshape(layers * tiles.shape[1], -1) * _SHADES) / _SHADES
        extent = (0, heads, layers, 0)
        style = {"cmap": WEIGHTS, "vmin": 0, "vmax": 1, "interpolation": "nearest"}
        axes.imshow(flat, extent=extent, aspect="auto", **style)
        axes.hlines(range(layers + 1), 0, heads, color="#8c959f", linewidth=0.6)
        axes.vlines(range(heads + 1), 0, layers, color="#8c959f", linewidth=0.6)
        label = {"family": fonts(), "size": 8}
        axes.set(xlim=(0, heads), ylim=(layers, 0))
        axes.xaxis.tick_top()
        for set_ticks, count in ((axes.set_xticks, heads), (axes.set_yticks, layers)):
            every = max(1, math.ceil(0.2 / cell))
            places = range(0, count, every)
            set_ticks([i + 0.5 for i in places], [str(i + 1) for i in places], **label)
        axes.tick_params(length=0, pad=3)
        axes.spines[:].set_visible(False)

        def write(x: float, y: float, text: str, **style: Any) -> None:
            """Words at (x, y) inches from the top left corner."""
            grey = {"family": fonts(), "size": 8, "color": "#57606a", **style}
            figure.text(x / width, 1 - y / height, text, va="center", **grey)

        write(0.1, 0.2, state["title"], size=10, weight="bold", color="black")
        write(left, top - 0.32, "head →")
        write(left - 0.1, top - 0.12, "layer ↓", ha="right")
        several = "; a cell: the mean of several" if cells.size < weights.size else ""
        dark = "dark: the largest of its row"
        write(0.1, height - 0.2, f"in each map: reads ↓, is read →; {dark}{several}")
        return figure


def measures(
    weights: ArrayLike, gold: Iterable[Sequence[int]] = ()
) -> dict[str, NDArray[np.float64]]:
    """What every head is like: three (L, H) arrays, over the rows that read anything.

    ``entropy``: the mean over rows, in bits, of the weights scaled to sum to 1. ``distance``: the
    mean number of words between what is read and the row's own place, |i - j|, or, where there
    are gold links, the nearest gold column. ``agreement``: the share of rows with a gold link
    whose largest weight (the first, if several) is on one. NaN where no row counts.

    Args:
        weights: (L, H, T, S), none negative.
        gold: pairs (row, column), counted from 0.
    """
    given = np.asarray(weights, dtype=np.float64)
    _, _, t, s = given.shape
    total = given.sum(axis=-1)
    reads = total > 0
    share = np.divide(given, total[..., None], out=np.zeros_like(given), where=reads[..., None])
    bits = -(share * np.log2(share, out=np.zeros_like(share), where=share > 0)).sum(axis=-1)
    linked = np.zeros((t, s), dtype=bool)
    for i, j in gold:
        linked[i, j] = True
    true = linked if linked.any() else np.eye(t, s, dtype=bool)
    steps = np.abs(np.subtract.outer(np.arange(s), np.arange(s)))
    if linked.any():
        far = np.array([steps[row].min(axis=0) if row.any() else np.zeros(s) for row in true])
        counts = reads & linked.any(axis=1)
    else:
        far = np.abs(np.subtract.outer(np.arange(t), np.arange(s)))
        counts = reads
    hits = linked[np.arange(t), given.argmax(axis=-1)].astype(np.float64)
    return {
        "entropy": _mean(bits, reads),
        "distance": _mean((share * far).sum(axis=-1), counts),
        "agreement": _mean(hits, reads & linked.any(axis=1)),
    }


def _mean(values: NDArray[np.float64], counts: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The mean along the last axis of what counts; NaN where nothing does."""
    n = counts.sum(axis=-1)
    total = np.where(counts, values, 0).sum(axis=-1)
    return np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)


def _pooled(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heads of fewer cells, where there are many; one is the mean of those it stands for."""
    most = max(_FEW, math.isqrt(_CELLS // math.prod(weights.shape[:2])))
    for axis in (-2, -1):
        starts = np.arange(0, weights.shape[axis], math.ceil(weights.shape[axis] / most))
        sizes = np.diff([*starts, weights.shape[axis]])
        total = np.add.reduceat(weights, starts, axis=axis)
        weights = total / (sizes[:, None] if axis == -2 else sizes)
    return weights


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}"
