"""The address lab: a small memory, a query, and every dial between a soft and a hard address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import traitlets
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from lecture_utils.views.base import (
    View,
    flag,
    fonts,
    html_table,
    new_figure,
    numbers,
    string,
    whole,
    within,
    words,
)
from lecture_utils.views.colours import PAPERS, ROLES

_SIGNS = LinearSegmentedColormap.from_list("signs", ["#59636e", PAPERS[0], ROLES["value"]])
LARGEST = 100.0  # of a number in the memory or the query
_DIALS = {"temperature": (0, 1000), "gate": (0, 1), "blur": (0, 1 / 3), "sharpen": (1, 100)}


class AddressLab(View, folder="address_lab"):
    """A memory of N slots that the reader addresses: by content, and from where it was before.

    The weights go through the steps of `lecture_utils.addressing`: scores over the temperature
    and a softmax, the gate, the circular shift, the sharpening; then the read. The reader moves
    the query, edits any number, turns the dials, and steps.

    Args:
        memory: (N, D) array or tensor: N from 3 to 16 slots of D from 1 to 8 features.
        query: (D,) what is looked for.
        previous: (N,) the address of the step before; all of it on the first slot if None.
        cosine: score by the angle alone, not by the dot product.
        temperature: from hard, 0 (arg max), upwards; 1 is the plain softmax.
        gate: g, from 0 (the address of before) to 1 (by content).
        shift: how far the address moves: -1, 0 or 1 slot.
        blur: the part of the shift that goes to each of the two other steps, 0 to 1/3.
        sharpen: gamma, the power of the sharpening, from 1, which changes nothing.
        slots: names of the N slots; "M1", "M2", ... if None.
        location: whether gate, shift, sharpening and the step are shown.
        presets: label -> the arguments above that the preset changes; ready ones if None.
        title: a line above the picture.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.

    `weights` and `read` are those that the reader has set, where a kernel listens.
    """

    def __init__(
        self,
        memory: Any,
        query: Any,
        *,
        previous: Any = None,
        cosine: bool = False,
        temperature: float = 1.0,
        gate: float = 1.0,
        shift: int = 0,
        blur: float = 0.0,
        sharpen: float = 1.0,
        slots: Sequence[str] | None = None,
        location: bool = True,
        presets: Mapping[str, Mapping[str, Any]] | None = None,
        title: str = "",
    ) -> None:
        first = _setting(
            memory, query, previous, cosine, temperature, gate, shift, blur, sharpen, slots
        )
        chosen = _ready(flag("location", location)) if presets is None else presets
        if not isinstance(chosen, Mapping):
            raise ValueError("presets: pass a mapping label -> the arguments that it changes")
        self._set: dict[str, Any] = {}
        super().__init__(
            state={
                "title": string("title", title),
                "location": flag("location", location),
                "presets": [_preset(label, first, part) for label, part in chosen.items()],
                **first,
            }
        )

    @traitlets.observe("request")
    def _listen(self, change: dict[str, Any]) -> None:
        told = {key: value for key, value in change["new"].items() if key != "n"}
        try:
            self._set = _setting(**told)
        except (TypeError, ValueError) as error:
            self.reply = {"n": change["new"].get("n", 0), "error": str(error)}

    @traitlets.observe("state")
    def _forget(self, _: dict[str, Any]) -> None:
        self._set = {}

    @property
    def setting(self) -> dict[str, Any]:
        """The memory, the query and the dials, as the reader has set them."""
        return {key: (self._set or self.state)[key] for key in _SETTING}

    @property
    def weights(self) -> NDArray[np.float64]:
        """(N,) the weight of each slot, as the reader has set it."""
        return _address(self.setting)["weights"]

    @property
    def read(self) -> NDArray[np.float64]:
        """(D,) what these weights read: r = sum_i w_i M_i."""
        return _address(self.setting)["read"]

    def summary(self) -> str:
        """The memory's size, the query, the largest weights, their sum, entropy and the read."""
        now = self.setting
        n, d = np.shape(now["memory"])
        asked = ", ".join(map(_fixed, now["query"]))
        return f"A memory of {n} slots with {d} features, the query ({asked}). {_told(now)}"

    def table(self) -> str:
        """Content, score, weight by content, weight before and weight of every slot."""
        now, made = self.setting, _address(self.setting)
        columns = [("score", made["scores"])]
        if self.state["location"]:
            columns += [("by content", made["content"]), ("before", now["previous"])]
        columns += [("weight", made["weights"])]
        lines = (
            [name, ", ".join(map(_fixed, row)), *(_fixed(values[i]) for _, values in columns)]
            for i, (name, row) in enumerate(zip(now["slots"], now["memory"], strict=True))
        )
        return html_table(["slot", "content", *(name for name, _ in columns)], lines)

    def figure(self) -> Figure:
        """The slots with their contents, and a bar for the weight of each."""
        now, made = self.setting, _address(self.setting)
        n, d = np.shape(now["memory"])
        left = 0.35 + 0.09 * max(map(len, [*now["slots"], "query"]))
        middle, top, high = 0.55 * d, 0.5 + 0.25 * bool(self.state["title"]), 0.27
        width, height = left + middle + 3.2, top + high * (n + 2) + 0.2
        figure = new_figure(width, height, dpi=80)  # pages are to be light
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.axis("off")
        grey = {"family": fonts(), "size": 9, "va": "center"}
        axes.text(0.1, 0.2, self.state["title"], **{**grey, "size": 10, "weight": "bold"})
        axes.text(left + middle + 0.3, top - 0.2, "weight", color="#57606a", **grey)
        largest = max(1e-9, float(np.abs(now["memory"]).max()))
        rows = [("query", now["query"]), *zip(now["slots"], now["memory"], strict=True)]
        for i, (name, row) in enumerate([*rows, ("read r", made["read"])]):
            y = top + high * (i + 0.5)
            strong = {**grey, "weight": "bold"} if i in (0, n + 1) else grey
            axes.text(left - 0.1, y, name, ha="right", **strong)
            for k, value in enumerate(row):
                if 0 < i <= n:
                    tint = _SIGNS(0.5 + 0.17 * value / largest)
                    corner = (left + 0.55 * k + 0.02, y - 0.12)
                    axes.add_patch(Rectangle(corner, 0.51, 0.24, color=tint, linewidth=0))
                axes.text(left + 0.55 * k + 0.48, y, _fixed(value), ha="right", **strong)
            if 0 < i <= n:
                weight = float(made["weights"][i - 1])
                axes.barh(y, 2 * weight, 0.6 * high, left + middle + 0.3, color=ROLES["query"])
                axes.text(left + middle + 0.38 + 2 * weight, y, _fixed(weight), **grey)
        return figure


def _array(name: str, values: Any, shape: tuple[int | None, ...], told: str) -> list[Any]:
    """Finite numbers of that shape (None: any size) as lists, or a `ValueError`."""
    array = numbers(values, f"{name}: pass {told}, all of them numbers")
    fits = array.ndim == len(shape) and all(
        want in (None, got) for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        raise ValueError(f"{name}: has shape {array.shape}; pass {told}")
    if not np.isfinite(array).all() or np.abs(array).max(initial=0) > LARGEST:
        raise ValueError(f"{name}: pass numbers from {-LARGEST:g} to {LARGEST:g}")
    return array.tolist()


def _setting(
    memory: Any,
    query: Any,
    previous: Any = None,
    cosine: bool = False,
    temperature: float = 1.0,
    gate: float = 1.0,
    shift: int = 0,
    blur: float = 0.0,
    sharpen: float = 1.0,
    slots: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Everything that the reader can change, checked, as JSON."""
    rows = _array("memory", memory, (None, None), "(N, D) numbers, a row for each slot")
    n, d = len(rows), len(rows[0]) if rows else 0
    if not (3 <= n <= 16 and 1 <= d <= 8):
        raise ValueError(
            f"memory: has {n} slots of {d} features; pass 3 to 16 slots of 1 to 8 features"
        )
    asked = _array("query", query, (d,), f"{d} numbers, as many as a slot has features")
    if previous is None:
        previous = np.eye(n)[0]
    before = _array("previous", previous, (n,), f"{n} weights, one for each slot")
    if min(before) < 0 or abs(sum(before) - 1) > 1e-6:
        raise ValueError(f"previous: pass {n} weights, none negative, with sum 1")
    dials = {"temperature": temperature, "gate": gate, "blur": blur, "sharpen": sharpen}
    dials = {name: within(name, value, *_DIALS[name]) for name, value in dials.items()}
    step = whole("shift", shift, "pass -1, 0 or 1")
    if step not in (-1, 0, 1):
        raise ValueError(f"shift: pass -1, 0 or 1; got {step}")
    names = [f"M{i + 1}" for i in range(n)] if slots is None else words("slots", slots)
    if len(names) != n:
        raise ValueError(f"slots: {len(names)} names for {n} slots; pass one per slot")
    if len(set(names)) != n:
        raise ValueError(f"slots: pass {n} names that differ from each other")
    held = {"memory": rows, "query": asked, "previous": before, "slots": names}
    return {**held, "cosine": flag("cosine", cosine), "shift": step, **dials}


_SETTING = tuple(_setting(np.eye(3), np.ones(3)))


def _preset(label: str, first: dict[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """A whole setting under its label; a memory of another size brings its own slots."""
    name = string("presets", label)
    if not isinstance(part, Mapping):
        raise ValueError(f"presets: {name!r}: pass any of {', '.join(_SETTING)}")
    if unknown := sorted(map(str, set(part) - set(_SETTING))):
        got = ", ".join(unknown)
        raise ValueError(f"presets: {name!r} has {got}; pass any of {', '.join(_SETTING)}")
    own = {"slots": None, "previous": None} if "memory" in part else {}
    try:
        return {"label": name, **_setting(**{**first, **own, **part})}
    except ValueError as error:
        raise ValueError(f"presets: {name!r}: {error}") from None


def _ready(location: bool) -> dict[str, dict[str, Any]]:
    """The presets of a lab that was given none."""
    plain = {"gate": 1.0, "shift": 0, "blur": 0.0, "sharpen": 1.0}
    presets = {
        "soft average": {**plain, "temperature": 3.0},
        "hard": {**plain, "temperature": 0},
    }
    if location:
        ahead = {"temperature": 0.1, "shift": 1, "sharpen": 1.0}
        letters = {"A": (2, 0), "B": (0, 2), "C": (-2, 0), "D": (0, -2)}
        sequence = {
            "memory": [letters[letter] for letter in "ABCBD"],
            "query": letters["B"],
            "slots": [f"{i} {letter}" for i, letter in enumerate("ABCBD", 1)],
            "blur": 0.0,
        }
        presets |= {
            "copy task, by content": {**sequence, **ahead, "gate": 1.0},
            "copy task, by shift": {**sequence, **ahead, "gate": 0.0},
            "blurred shift": {**sequence, **ahead, "gate": 0.0, "blur": 0.1},
            "blurred, then sharpened": {
                **sequence, **ahead, "gate": 0.0, "blur": 0.1, "sharpen": 4.0,
            },
        }  # fmt: skip
    return presets


def _address(now: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Scores, weights by content, weights and the read of a setting, in NumPy."""
    memory, query = np.array(now["memory"]), np.array(now["query"])
    keys, asked = memory, query
    if now["cosine"]:
        keys, asked = (
            x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12) for x in (keys, asked)
        )
    scores = keys @ asked
    if now["temperature"]:
        parts = np.exp((scores - scores.max()) / now["temperature"])
    else:
        parts = np.eye(len(scores))[scores.argmax()]
    content = parts / parts.sum()
    gated = now["gate"] * content + (1 - now["gate"]) * np.array(now["previous"])
    kernel = [1 - 2 * now["blur"] if step == now["shift"] else now["blur"] for step in (-1, 0, 1)]
    shifted = sum(s * np.roll(gated, step) for s, step in zip(kernel, (-1, 0, 1), strict=True))
    powers = (shifted / shifted.max()) ** now["sharpen"]
    weights = powers / powers.sum()
    return {"scores": scores, "content": content, "weights": weights, "read": weights @ memory}


def _fixed(value: float) -> str:
    """Two decimals, halves away from zero, as a browser writes them; no minus before a zero."""
    text = str(Decimal(float(value)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    return "0.00" if text == "-0.00" else text


def _tenth(value: float) -> str:
    return str(Decimal(float(value)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _told(now: Mapping[str, Any]) -> str:
    """The address and the read in words; the page says the same."""
    made, names = _address(now), now["slots"]
    weights = made["weights"]
    order = sorted(range(len(weights)), key=lambda i: -round(float(weights[i]), 9))
    shown = [i for i in order if weights[i] >= 0.005]
    first, *rest = (f"“{names[i]}” {_fixed(weights[i])}" for i in shown[:2])
    then = "".join(f", then {one}" for one in rest)
    used = weights[weights > 0]
    bits = float(-(used * np.log2(used)).sum()) + 0.0
    return (
        f"Most weight: {first}{then}. Sum {_fixed(weights.sum())}, "
        f"entropy {_tenth(bits)} of {_tenth(np.log2(len(weights)))} bits. "
        f"r = {_sum(weights, names, shown)} = ({', '.join(map(_fixed, made['read']))})."
    )


def _sum(weights: Iterable[float], names: Sequence[str], shown: Sequence[int]) -> str:
    """The first three terms of the read."""
    listed = list(weights)
    terms = [f"{_fixed(listed[i])} × {names[i]}" for i in shown[:3]]
    return " + ".join(terms + ["…"] * (len(shown) > 3))
