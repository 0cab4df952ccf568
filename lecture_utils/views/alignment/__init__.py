"""The alignment view: which source words each output word read."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lecture_utils.views.asked import Function
from lecture_utils.views.base import (
    Markup,
    clipped,
    flag,
    fonts,
    html_table,
    new_figure,
    numbers,
    unpack,
)
from lecture_utils.views.colours import INKS, PAPERS, WEIGHTS
from lecture_utils.views.maps import Maps

_TOLD = 12  # rows that the summary puts in words
_TABLED = 40  # rows and columns of a full fallback table
_SAME = 1e-4  # how far weights may be from those that queries and keys give
_WIDEST, _LABEL = 9.0, 0.12  # inches of a picture's cells, and that a label needs


class Alignment(Maps, folder="alignment"):
    """Weights of T output words (rows) on S source words (columns), as a picture to read.

    The reader moves over the cells, steps through the words, chooses layer and head, and, where
    there is a model behind the view, types a source of his own.

    Args:
        weights: (T, S), (H, T, S) or (L, H, T, S) array or tensor in [0, 1]; or one tensor a
            layer, as `lecture_utils.views.maps.layered` takes them.
        rows: the T output words.
        columns: the S source words.
        queries: (T, d) of the one head that is shown, with its `keys` and `values`: a reader who
            points at a cell then sees the row and the column that made its score, and those of
            the numbers that are read. The weights are the softmax of the scores over the root of d.
        keys: (S, d).
        values: (S, d_v).
        gold: true links, as pairs (row, column) counted from 0; outlined.
        heads: names of the H heads; "head 1", ... if None.
        title: a line above the picture.
        row_label: what the rows are, for instance a language.
        column_label: what the columns are.
        nothing: what is said across the picture where every weight is zero.
        plain: of a model that reads by no weights: no map, only the words and how sure it was of
            each. Every weight must be zero.
        who: what those who answer are called, where there are several; for instance "network".
        live: an exported model that a page without a kernel runs on the reader's text: its name,
            or a list of (label, name) between which the reader chooses.
        translate: the same in a notebook: text -> mapping with ``rows``, ``columns``,
            ``weights`` and, optional, ``gold``, ``probabilities``, ``likely``, ``heads``,
            ``message``. If it takes ``prefix``, too, a reader can change a word (`Maps`). A
            `ValueError` is shown beside the field. Or a mapping label -> such a function.
        probabilities: (T,) how sure the model was of each output word, in [0, 1].
        likely: for each of the T places the likeliest words, pairs (word, probability); offered
            to a reader who changes a word.
        text: the source as the reader would type it; the columns joined if None.
        message: a line beside the field about what is shown, for instance the read-back.
        examples: texts that the reader can try with one click.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.

    Rows whose weights are all zero read nothing: the view says so (a fixed context).
    """

    _function = "translate"

    def __init__(
        self,
        weights: Any,
        rows: Sequence[str],
        columns: Sequence[str],
        *,
        queries: Any = None,
        keys: Any = None,
        values: Any = None,
        gold: Iterable[tuple[int, int]] | None = None,
        heads: Sequence[str] | None = None,
        title: str = "",
        row_label: str = "reads",
        column_label: str = "is read",
        nothing: str = "No word reads any: every weight is zero, the context is fixed.",
        plain: bool = False,
        who: str = "model",
        live: str | Sequence[tuple[str, str]] | None = None,
        translate: Function | Mapping[str, Function] | None = None,
        probabilities: Any = None,
        likely: Any = None,
        text: str | None = None,
        message: str = "",
        examples: Sequence[str] = (),
    ) -> None:
        shown = {"weights": weights, "rows": rows, "columns": columns}
        shown |= {"gold": gold, "heads": heads, "probabilities": probabilities, "likely": likely}
        shown |= {"queries": queries, "keys": keys, "values": values}
        labels = {"title": title, "row_label": row_label, "column_label": column_label}
        labels |= {"nothing": nothing, "who": who}
        asked = {"live": live, "text": text, "message": message, "examples": examples}
        plain = flag("plain", plain)
        fixed = {"plain": True} if plain else {}
        super().__init__(shown, labels, fixed=fixed, translate=translate, **asked)
        if plain and unpack(self.state).any():
            raise ValueError("plain: some weight is not zero; leave plain out, to show the weights")

    def _shown(
        self, queries: Any = None, keys: Any = None, values: Any = None, **told: Any
    ) -> dict[str, Any]:
        picture = super()._shown(**told)
        return {**picture, "origin": _origin(picture, queries, keys, values)}

    def _first(self) -> np.ndarray:
        """The (T, S) weights that the picture shows: first layer, first head."""
        return unpack(self.state)[0, 0]

    def summary(self) -> str:
        """What the view shows, in words: sizes, what each row reads most, gold links read."""
        state, weights = self.state, self._first()
        rows, columns = state["rows"], state["columns"]
        if state.get("plain"):
            return f"“{state['text']}” becomes “{' '.join(rows)}”. {state['nothing']}"
        layers, heads = state["shape"][:2]
        where = " and ".join(
            [f"layer 1 of {layers}"] * (layers > 1)
            + [f"{state['heads'][0]} of {heads}"] * (heads > 1)
        )
        kinds = [
            "" if state[side] in ("reads", "is read") else state[side]
            for side in ("row_label", "column_label")
        ]
        said = [
            f"{_count(len(rows), kinds[0], 'word')} (rows) and the "
            f"{_count(len(columns), kinds[1], 'word')} (columns) that each reads"
            + (f", {where}." if where else ".")
        ]
        reads = weights.any(axis=1)
        if not reads.any():
            said.append(state["nothing"])
        else:
            most = weights.argmax(axis=1)
            told = [
                f"“{row}” reads “{columns[most[i]]}”" if reads[i] else f"“{row}” reads nothing"
                for i, row in enumerate(rows[:_TOLD])
            ]
            rest = f"; and {len(rows) - _TOLD} more" if len(rows) > _TOLD else ""
            said.append("Most weight: " + ", ".join(told) + rest + ".")
            linked = {i for i, _ in state["gold"]}
            hits = sum([i, int(most[i])] in state["gold"] for i in linked if reads[i])
            if linked:
                said.append(
                    f"{hits} of {_count(len(linked), '', 'word')} with a gold link most "
                    f"{'reads' if hits == 1 else 'read'} a gold word."
                )
        if state["packing"] != "u16":
            said.append("The view holds the weights to 0.004.")
        return " ".join(said)

    def _sure(self) -> list[list[str]]:
        """How sure the model was of each word, to two decimals: one column, or none."""
        sure = self.state["probabilities"]
        return [[f"{p:.2f}" for p in sure]] if sure else []

    def table(self) -> str:
        """The weights to two decimals; above 40 words, the three largest of each row.

        Of a plain view, the words and how sure the model was of each.
        """
        state, weights = self.state, self._first()
        rows, columns = state["rows"], state["columns"]
        gold = {tuple(pair) for pair in state["gold"]}
        if state.get("plain"):
            sure = self._sure()
            return html_table(["word", *["sure"] * bool(sure)], zip(rows, *sure, strict=True))

        def cell(i: int, j: int) -> str:
            number = f"{weights[i, j]:.2f}"
            return Markup(f"<b>{number}</b> gold" if (i, j) in gold else number)

        if max(len(rows), len(columns)) <= _TABLED:
            head = columns
            body = [[cell(i, j) for j in range(len(columns))] for i in range(len(rows))]
        else:
            head = ["most", "second", "third"][: len(columns)]
            order = np.argsort(-weights, axis=1, kind="stable")[:, :3]
            body = [
                [Markup(f"{html.escape(columns[j])} {cell(i, j)}") for j in order[i]]
                for i in range(len(rows))
            ]
        labels = f"{state['row_label']} \\ {state['column_label']}"
        lines = ([row, *cells] for row, cells in zip(rows, body, strict=True))
        return html_table([labels, *head], lines)

    def _words(self) -> Figure:
        """A plain view on white paper: the words, one below the other, and a bar for each."""
        rows = [*map(clipped, self.state["rows"])]
        sure = self.state["probabilities"] or [0.0] * len(rows)
        figure = new_figure(4.6, 0.6 + 0.22 * len(rows))
        axes = figure.add_axes((0.35, 0.05, 0.5, 0.88 - 0.25 / (0.6 + 0.22 * len(rows))))
        axes.barh(range(len(rows)), sure, 0.3, color=WEIGHTS(0.5))
        axes.set(xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6))
        axes.set_yticks(range(len(rows)), rows, family=fonts(), size=9)
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        for i, texts in enumerate(zip(*self._sure(), strict=True)):
            axes.text(1.03, i, *texts, va="center", family=fonts(), size=8, color="#57606a")
        figure.text(0.02, 0.97, self.state["title"], va="top", size=10, weight="bold")
        return figure

    def figure(self) -> Figure:
        """The picture on white paper: cells from 0 to each row's largest, gold cells outlined."""
        state, weights = self.state, self._first()
        if state.get("plain"):
            return self._words()
        rows, columns = ([*map(clipped, state[side])] for side in ("rows", "columns"))
        across, down = (clipped(state[side]) for side in ("column_label", "row_label"))
        t, s = weights.shape
        small = max(t, s) <= 24
        wide, high = (0.5, 0.3) if small else (min(0.17, _WIDEST / s), min(0.17, _WIDEST / t))
        longest = max(len(word) for word in columns)
        left = 0.3 + 0.085 * max(len(word) for word in [*rows, f"{across} →"])
        top = 0.3 + 0.065 * longest + 0.3 * bool(state["title"])
        right, bottom = 0.2 + 0.06 * longest, 0.55
        width, height = max(left + wide * s + right, 4.2), top + high * t + bottom
        figure = new_figure(width, height)
        axes = figure.add_axes((left / width, bottom / height, wide * s / width, high * t / height))
        largest = weights.max(axis=1, keepdims=True)
        shown = np.divide(weights, largest, out=np.zeros_like(weights), where=largest > 0)
        extent = (0, s, t, 0)
        style = {"cmap": WEIGHTS, "vmin": 0, "vmax": 1}
        mesh = axes.imshow(shown, extent=extent, aspect="auto", interpolation="nearest", **style)
        if min(wide, high) > 0.1:  # lines between cells that are wide enough
            axes.hlines(range(t + 1), 0, s, color="#e3e3e0", linewidth=0.5)
            axes.vlines(range(s + 1), 0, t, color="#e3e3e0", linewidth=0.5)
        for i, j in state["gold"]:
            box = (j + 0.04, i + 0.06), 0.92, 0.88
            axes.add_patch(Rectangle(*box, fill=False, edgecolor=PAPERS[0], linewidth=3))
            axes.add_patch(Rectangle(*box, fill=False, edgecolor=INKS[0], linewidth=1.6))
        label = {"family": fonts(), "size": 9 if small else 7}
        axes.set(xlim=(0, s), ylim=(t, 0))
        axes.xaxis.tick_top()
        above, beside = _named(columns, wide), _named(rows, high)
        axes.set_xticks(*above, rotation=45, ha="left", va="bottom", **label)
        axes.set_yticks(*beside, **label)
        axes.tick_params(length=0, pad=3)
        axes.spines[:].set_visible(False)
        bar = figure.add_axes((left / width, 0.28 / height, 1 / width, 0.1 / height))
        figure.colorbar(mesh, cax=bar, orientation="horizontal", ticks=[])
        bar.spines[:].set_visible(False)

        def write(x: float, y: float, text: str, **style: Any) -> None:
            """Words at (x, y) inches from the top left corner."""
            grey = {"family": fonts(), "size": 8, "color": "#57606a", **style}
            figure.text(x / width, 1 - y / height, text, va="center", **grey)

        write(0.1, 0.2, state["title"], size=10, weight="bold", color="black")
        write(left - 0.07, top - 0.25, f"{across} →", ha="right")
        write(left - 0.07, top - 0.1, f"{down} ↓", ha="right")
        write(left - 0.07, height - 0.33, "weight 0", ha="right")
        links = "   outlined: gold link" if state["gold"] else ""
        write(left + 1.1, height - 0.33, f"row max{links}")
        return figure


def _origin(
    picture: dict[str, Any], queries: Any, keys: Any, values: Any
) -> dict[str, list[list[float]]] | None:
    """What the weights of one head were made of, checked against them."""
    named = {"queries": queries, "keys": keys, "values": values}
    if all(given is None for given in named.values()):
        return None
    found = {}
    for name, given in named.items():
        told = f"{name}: pass finite numbers of shape (words, features), with the other two of"
        found[name] = numbers(given, f"{told} queries, keys and values")
        if found[name].ndim != 2 or not found[name].size or not np.isfinite(found[name]).all():
            raise ValueError(f"{told} queries, keys and values")
    layers, heads, t, s = picture["shape"]
    if layers * heads > 1:
        raise ValueError("queries: pass them for the weights of one head alone")
    (rows, d), (columns, size) = found["queries"].shape, found["keys"].shape
    if (rows, columns, len(found["values"]), size) != (t, s, s, d):
        raise ValueError(
            f"queries: pass ({t}, d), keys ({s}, d), values ({s}, d_v) for {t} x {s} weights; "
            f"got {', '.join(str(one.shape) for one in found.values())}"
        )
    with np.errstate(all="ignore"):
        scores = found["queries"] @ found["keys"].T / math.sqrt(d)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        apart = np.abs(powers / powers.sum(axis=1, keepdims=True) - unpack(picture)[0, 0]).max()
    if not apart <= _SAME:
        raise ValueError(
            f"queries: the softmax of their scaled scores differs from the weights by {apart:.3g}; "
            "pass what the head itself computed, without a mask"
        )
    return {name: one.round(6).tolist() for name, one in found.items()}


def _named(names: Sequence[str], inches: float) -> tuple[list[float], list[str]]:
    """Places and texts of the labels on an axis: every one, or as many as there is room for."""
    every = max(1, math.ceil(_LABEL / inches))
    return [i + 0.5 for i in range(0, len(names), every)], list(names[::every])


def _count(n: int, kind: str, noun: str) -> str:
    return " ".join(part for part in (str(n), kind, noun + "s" * (n != 1)) if part)
