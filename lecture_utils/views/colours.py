"""The book's colours: of roles, of models, of weights; each for white and for dark paper.

A colour never says alone what a thing is: a query is a pill and an address has bars, a key's line
is thin, a value's as thick as its weight, a model's name stands at the end of its line, and truth
has an outline of ink and its word. ``shared/colours.css`` holds the same colours for pages.
"""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap, to_rgb

PAPERS = ("#ffffff", "#15181c")
"""Light and dark paper."""

INKS = ("#1c2127", "#dde1e6")
"""What is written on them."""


class Named(dict[str, str]):
    """Colours by name; an unknown name is refused with those that there are."""

    def __missing__(self, name: str) -> str:
        raise KeyError(f"no colour for {name!r}; there are {', '.join(self)}")


ROLES = Named(query="#b3430b", key="#1f5f99", value="#00796b")
"""Query and address; key; value and read. On white paper."""

ROLES_ON_DARK = Named(query="#ff9a5c", key="#8fbbe8", value="#5cc8b8")

FORMS = Named(query="pill, bar", key="thin line", value="line as thick as its weight")
"""What else tells the roles apart."""

_MODELS = {
    "plain RNN": ("#9a6a00", "#cf9a2b"),
    "GRU": ("#0072b2", "#4a9be6"),
    "LSTM": ("#7a1f5c", "#f7cdee"),
    "fixed context": ("#737373", "#87909a"),
    "attention": ("#4a2fa8", "#cbbcff"),
    "content and place": ("#b8174f", "#ff7d9c"),
    "memory network": ("#8a5a12", "#c58f45"),
    "end-to-end memory network": ("#1f6b2c", "#8edb8a"),
    "key-value memory network": ("#00597a", "#6ab7d8"),
    "Transformer": ("#3a0647", "#b84dff"),
}

COLOURS = Named({name: light for name, (light, _) in _MODELS.items()})
"""One colour for each model, through the book: ``ax.plot(x, y, color=COLOURS["attention"])``."""

COLOURS_ON_DARK = Named({name: dark for name, (_, dark) in _MODELS.items()})

RAMP = ("#ffffff", "#f5c3a1", "#dd8148", "#b3430b", "#571c00")
"""Weights from 0 to 1 on white paper: from paper, through the colour of the address, to dark."""

WEIGHTS = LinearSegmentedColormap.from_list("weights", RAMP)
"""The same as a colour map of matplotlib, registered: ``ax.imshow(w, cmap="weights")``."""

colormaps.register(WEIGHTS, force=True)

SIGNS = (
    *("#7f3b08", "#b35806", "#e08214", "#fdb863", "#ffffff"),
    *("#b2abd2", "#8073ac", "#542788", "#2d004b"),
)
"""Numbers of both signs on white paper: from orange through paper, which is 0, to purple."""

SIGNED = LinearSegmentedColormap.from_list("signed", SIGNS)
"""The same as a colour map of matplotlib, registered: ``ax.imshow(x, cmap="signed")``."""

colormaps.register(SIGNED, force=True)

# Of colour vision without one kind of cone: Machado, Oliveira and Fernandes 2009, table of
# severity 1, on linear RGB.
_VISIONS = {
    "all three": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
_TO_XYZ = np.array(  # of linear sRGB, over the white of D65
    [[0.433953, 0.376219, 0.189828], [0.212673, 0.715152, 0.072175], [0.017758, 0.109477, 0.872765]]
)


def _linear(colour: str) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    xyz = _TO_XYZ @ linear.clip(0, 1)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminances, 1 to 21, as WCAG 2 defines it."""
    dark, light = sorted(float(_TO_XYZ[1] @ _linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lightness(colour: str) -> float:
    """CIE L* of a colour, 0 to 100."""
    return float(_lab(_linear(colour))[0])


def distance(one: str, other: str) -> float:
    """How far two colours lie apart in CIELAB, to those who tell them apart worst.

    The least over four kinds of colour vision: with all three cones, and without one of each.
    """
    return min(
        float(np.linalg.norm(_lab(vision @ _linear(one)) - _lab(vision @ _linear(other))))
        for vision in _VISIONS.values()
    )
