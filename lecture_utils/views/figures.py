"""How the book's matplotlib figures look: one call at the top of a chapter."""

from __future__ import annotations

import matplotlib.pyplot as plt
from cycler import cycler

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Colours that people with any colour vision tell apart; Okabe and Ito 2008."""


def figure_style() -> None:
    """Set matplotlib's defaults: calm axes, colours for every eye, a marker per series."""
    marked = cycler(color=OKABE_ITO) + cycler(marker=["o", "s", "^", "D", "v", "P", "X"])
    plt.rcParams.update(
        {
            "axes.prop_cycle": marked,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "figure.dpi": 110,
            "figure.figsize": (6.6, 3.0),
            "font.size": 10,
            "legend.frameon": False,
            "lines.markersize": 4,
        }
    )
