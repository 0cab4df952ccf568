"""How the book's matplotlib figures look: one call at the top of a chapter; labels at lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython import get_ipython
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Colours that people with any colour vision tell apart; Okabe and Ito 2008."""

_FEW = 8  # places of data on an axis that each get a tick
_GAP = 1.25  # height of a line of labels, in font sizes


def figure_style() -> None:
    """Set matplotlib's defaults: calm axes, colours for every eye, weights as in the views.

    In a notebook a figure is stored as SVG, with its words as text and the same at every run, so
    that the page can draw it in its own face and colours. Models' colours stand in `COLOURS`.
    """
    marked = cycler(color=OKABE_ITO) + cycler(marker=["o", "s", "^", "D", "v", "P", "X"])
    plt.rcParams.update(
        {
            "axes.prop_cycle": marked,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": "medium",
            "figure.constrained_layout.use": True,
            "figure.dpi": 110,
            "figure.figsize": (5.8, 2.9),
            "font.size": 11,
            "image.cmap": "weights",
            "legend.frameon": False,
            "lines.markersize": 4,
            "svg.fonttype": "none",  # text stays text
            "svg.hashsalt": "attention models and memory networks",  # the same ids at every run
        }
    )
    if getattr(get_ipython(), "kernel", None) is not None:
        from matplotlib_inline.config import InlineBackend

        inline = InlineBackend.instance(parent=get_ipython())
        unsigned = {"Date": None, "Creator": None}
        inline.print_figure_kwargs = {"bbox_inches": None, "metadata": unsigned}
        inline.figure_formats = {"svg"}


def label_ends(ax: Axes) -> None:
    """Write each line's label at its end, in its colour, instead of a legend.

    Labels that would touch are pushed apart. A vertical line has its label above it. Where all
    lines together have at most eight different x, the ticks stand at these.

    Args:
        ax: axes whose lines were drawn with ``label=...``. Call it after limits and scales are set.

    Raises:
        ValueError: `ax` is no axes of matplotlib, or none of its lines has a label.
    """
    if not isinstance(ax, Axes):
        raise ValueError(f"ax: pass the axes of a figure; got {type(ax).__name__}")
    lines = [line for line in ax.get_lines() if not str(line.get_label()).startswith("_")]
    if not lines:
        raise ValueError("ax: none of its lines has a label; pass label=... to ax.plot")
    _tick_at_data(ax)
    ax.figure.draw_without_rendering()  # settles limits and sizes
    point = ax.figure.dpi / 72
    size = plt.rcParams["font.size"]
    edge = ax.get_window_extent().x1 / point
    ends = []
    for line in lines:
        seen = line.get_xydata()[np.isfinite(line.get_xydata()).all(axis=1)]
        if not len(seen):
            continue
        told: dict[str, Any] = {"color": line.get_color(), "annotation_clip": False}
        if len(seen) > 1 and np.ptp(seen[:, 0]) == 0 and line.get_transform() != ax.transData:
            told |= {"xycoords": ax.get_xaxis_transform(), "textcoords": "offset points"}
            ax.annotate(line.get_label(), (seen[0, 0], 1), (0, 3), ha="center", va="bottom", **told)
        else:
            ends.append((line, told, line.get_transform().transform(seen[-1]) / point))
    heights = apart([y for *_, (_, y) in ends], _GAP * size)
    for (line, told, (x, y)), height in zip(ends, heights, strict=True):
        at = ax.transData.inverted().transform((x * point, y * point))
        told |= {"textcoords": "offset points", "va": "center"}
        aside = edge - x + 4 if 0 <= edge - x < 3 * size else 7  # an axis may run on to the edge
        ax.annotate(line.get_label(), at, (aside, height - y), **told)


def apart(places: Sequence[float], gap: float) -> list[float]:
    """The places moved as little as possible (least squares) so that none is nearer than `gap`."""
    order = np.argsort(places, kind="stable")
    blocks: list[list[float]] = []  # each the places of neighbours, less their gaps
    for i, k in enumerate(order):
        blocks.append([places[k] - i * gap])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    levels = [float(np.mean(block)) for block in blocks for _ in block]
    moved = dict(zip(order, levels, strict=True))
    rank = {k: i for i, k in enumerate(order)}
    return [moved[k] + rank[k] * gap for k in range(len(places))]


def _tick_at_data(ax: Axes) -> None:
    """Put the ticks of x where the data are, if these are few and nobody has set any."""
    curves: list[Line2D] = [line for line in ax.get_lines() if line.get_transform() == ax.transData]
    places = np.unique(np.concatenate([line.get_xdata() for line in curves] or [[]]))
    automatic = type(ax.xaxis.get_major_locator()).__name__ == "AutoLocator"
    if 1 < len(places) <= _FEW and automatic:
        ax.set_xticks(places)
