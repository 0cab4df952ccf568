"""What fills a picture that stands still: the numbers of one example at one moment, in its SVG.

It does in Python what ``fill.js`` does where scripts run, mark by mark; a test in a browser holds
both against each other. `flow` has for each place the tensors of its calls, as `fill.js` says.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lecture_utils.views.base import unpack

FAN = 14
"""Units that a line is wide whose weight is 1."""
LEAST = 0.7
CELLS = 24
"""Of a strip, at most."""
STRIP = 12
"""Units that it is high."""
MARKS = {
    *("strip", "bar", "weight", "words", "width"),
    *("guess", "likely", "share", "sure", "plane"),
}
"""What `filled` can fill; a picture with other marks stays as it is drawn."""

_COLOURS = {"q": (179, 67, 11), "k": (31, 95, 153), "v": (0, 121, 107), "": (28, 32, 36)}
_SPACE = ' xmlns="http://www.w3.org/2000/svg"'


def filled(svg: str, state: Mapping[str, Any], moment: int = 0) -> str | None:
    """The drawing with the numbers of a moment in it, on white paper.

    Args:
        svg: as a picture of `lecture_utils.diagrams` draws itself.
        state: of the view: its ``flow``, ``columns``, ``rows`` and ``probabilities``.
        moment: which of the rows is written.

    Returns:
        The SVG; None where nothing fills it, or where it has marks that only a page can fill.
    """
    root = ElementTree.fromstring(svg.replace(_SPACE, "", 1))
    if not state["flow"] or {one.get("data-fill") for one in root.iter()} - MARKS - {None}:
        return None
    flow = state["flow"]
    flow = {at: flow[one] if isinstance(one, str) else one for at, one in flow.items()}
    _Filling(root, {**state, "flow": flow}, moment).fill()
    return ElementTree.tostring(root, encoding="unicode").replace("<svg", f"<svg{_SPACE}", 1)


def numbers_of(
    form: str, counts: str, packed: Mapping[str, Any], moment: int, j: int
) -> NDArray[np.float64]:
    """The numbers of the j-th of a part: a vector, or one weight; empty where there are none."""
    values = values_of(packed)
    call = j if counts == "call" else 0 if len(values) == 1 else moment
    if call >= len(values):
        return np.empty(0)
    if form == "address":
        return values[call].reshape(-1)[j : j + 1]
    rows = values[call].reshape(-1, *values.shape[1:][-1:])  # of one number: one row of one
    rows = rows.reshape(len(rows), -1)
    row = j if counts == "slot" else 0
    return rows[row] if row < len(rows) else np.empty(0)


def first_of(weights: Sequence[float], drawn: int) -> int:
    """The first slot of those that are drawn: around the largest weight where there are more."""
    most = int(np.argmax(weights)) if len(weights) else 0
    return max(0, min(most - drawn // 2, len(weights) - drawn))


def slot_at(place: int, drawn: int, count: int, first: int, ends: bool) -> int | None:
    """Which slot stands at a place of a row; -1: dots, None: none.

    With `ends` the first ones, dots, and the last; else a window from `first`.
    """
    if not ends or count == drawn:
        return place + first if place + first < count or drawn == 1 else None
    if place == drawn - 1:
        return count - 1 if count > 1 else None
    if count > drawn:
        return -1 if place == drawn - 2 else place
    return place if place < max(1, count - 1) else None


def decimals(weight: float) -> str:
    """Two decimals without the zero in front: .54, 0, 1."""
    told = str(Decimal(float(weight)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    return {"0.00": "0", "1.00": "1"}.get(told, told.removeprefix("0"))


def beside(place: int, asks: int, now: int, count: int) -> int | None:
    """Which word stands at a place of a row in which the one at `asks` is now; None: none."""
    j = now - asks + place
    return j if 0 <= j < count else None


def painted(strengths: NDArray[np.float64], colour: tuple[int, int, int]) -> str:
    """Strengths from 0 to 1, (rows, columns), as an image."""
    cells = np.empty((*strengths.shape, 4), dtype=np.uint8)
    cells[..., :3], cells[..., 3] = colour, np.rint(255 * strengths)
    buffer = io.BytesIO()
    Image.fromarray(cells, "RGBA").save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def strip(vector: NDArray[np.float64], colour: tuple[int, int, int]) -> str:
    """The first numbers of a vector as a picture: pale is the lowest, full the highest."""
    row = vector[:CELLS]
    strength = (row - row.min()) / ((row.max() - row.min()) or 1)
    return painted(0.06 + 0.94 * strength[None], colour)


def values_of(packed: Mapping[str, Any]) -> NDArray[np.float64]:
    """The numbers of a place, (calls, ...)."""
    return packed["low"] + (packed["high"] - packed["low"]) * unpack(packed)


def _heads(packed: Mapping[str, Any]) -> NDArray[np.float64]:
    """Weights (H, T, S) of one example."""
    values = values_of(packed)
    return values.reshape(values.shape[-3:])


class _Filling:
    """A drawing, and the state and the moment that fill it."""

    def __init__(self, root: Element, state: Mapping[str, Any], moment: int) -> None:
        self.root, self.state, self.moment = root, state, moment
        self.columns, self.rows = list(state["columns"]), list(state["rows"])
        self.now = [float(i == moment) for i in range(len(self.rows))]
        address = next(_marked(root, "data-form", "address"), None)
        self.weights = [float(j == moment) for j in range(len(self.columns))]
        if address is not None:
            packed = state["flow"][address.get("data-at")]
            shown = [
                numbers_of("address", "slot", packed, moment, j) for j in range(len(self.columns))
            ]
            self.weights = [float(one[0]) if len(one) else 0.0 for one in shown]
        elif focus := state.get("focus"):
            self.weights = _heads(state["flow"][focus])[:, moment].mean(axis=0).tolist()
        self.most = int(np.argmax(self.weights)) if self.weights else 0
        rows = [_many(part) for part in _marked(root, "data-counts", "call")]
        self.steps = max(1, *rows, 1)

    def fill(self) -> None:
        for part in self.root.iter("g"):
            if part.get("data-form") == "maps":
                self._maps(part)
            elif part.get("data-form") == "planes":
                self._planes(part)
            elif part.get("data-form") == "list":
                self._list(part, self._likely(part))
            elif any(part.get(f"data-{name}") for name in ("at", "shows", "tells")):
                self._part(part)
        for fan in _marked(self.root, "data-fan"):
            first = self._first("slot", _many(fan))
            for line in _marked(fan, "data-j"):
                j = first + int(line.get("data-j"))
                weight = self.weights[j] if j < len(self.weights) else 0
                line.set("stroke-width", _n(max(LEAST, FAN * weight)))
                _show(line, j < len(self.columns))
        self._where_it_begins()

    def _first(self, counts: str, drawn: int) -> int:
        """The first of a row that is drawn."""
        return first_of(self.now if counts == "call" else self.weights, drawn) if drawn > 1 else 0

    def _part(self, part: Element) -> None:
        counts, drawn = part.get("data-counts"), _many(part)
        count = len(self.now if counts == "call" else self.weights)
        first = self._first(counts, drawn)
        asks, now = part.get("data-asks"), self.moment if counts == "call" else self.most
        if guess := self._likely(part):
            text = next(_marked(part, "data-fill", "guess"))
            _write(text, f"{guess[0][0]} {decimals(guess[0][1])}")
        for place, one in enumerate(_marked(part, "data-j")):
            j = (
                slot_at(place, drawn, count, first, part.get("data-ends") is not None)
                if asks is None
                else beside(place, int(asks), now, count)
            )
            if counts == "call" and drawn > 1 and j == self.moment:
                one.set("class", "now")
            if j is None:
                _show(one, False)
                continue
            if part.get("data-number"):
                _number(one, j + 1)
            self._one(part, one, j, drawn)

    def _one(self, part: Element, one: Element, j: int, drawn: int) -> None:
        """Fill the one of a row where slot j stands; j = -1: dots."""
        text = next(_marked(one, "data-fill", "words"), None)
        cells = next(_marked(one, "data-fill", "strip"), None)
        if j < 0:
            if cells is not None:
                _show(cells, False)
            _write(_dotted(one) if text is None else text, "…")
            return
        if at := part.get("data-at"):
            kind = part.get("data-form"), part.get("data-counts")
            row = numbers_of(*kind, self.state["flow"][at], self.moment, j)
            if cells is not None and len(row):
                image = _image_for(cells)
                image.set("href", strip(row, _COLOURS[part.get("class", "")]))
                image.set("image-rendering", "pixelated")
            bar = next(_marked(one, "data-fill", "bar"), None)
            if bar is not None and len(row):
                _raise(bar, next(_marked(one, "data-fill", "weight"), None), float(row.mean()))
        if text is not None:
            _write(
                text, self._words(part.get("data-shows"), j if drawn > 1 else self.moment, drawn)
            )

    def _maps(self, part: Element) -> None:
        """The squares of heads, and the line around a row of each."""
        weights = _heads(self.state["flow"][part.get("data-at")])
        row = self.moment if part.get("data-counts") == "call" else self.most
        for tile in _marked(part, "data-j"):
            head = int(tile.get("data-j"))
            _show(tile, head < len(weights))
            if head >= len(weights):
                continue
            image, line = _drawn_in(tile)
            image.set("href", painted(weights[head].clip(0, 1), _COLOURS[part.get("class", "")]))
            image.set("image-rendering", "pixelated")
            high = float(image.get("height"))
            line.set("y", _n(float(image.get("y")) + high * row / weights.shape[1]))
            line.set("height", _n(high / weights.shape[1]))

    def _planes(self, part: Element) -> None:
        """The maps of an image: pale is the lowest value of them all, full the highest."""
        packed = self.state["flow"][part.get("data-at")]
        values = unpack(packed)  # from 0, the lowest, to 1
        maps = values[self.moment if len(values) > 1 else 0]
        maps = maps.reshape(-1, *maps.shape[-2:])
        for image in _marked(part, "data-fill", "plane"):
            one = maps[int(image.get("data-map"))]
            image.set("href", painted(one, _COLOURS[part.get("class", "")]))
            image.set("image-rendering", "pixelated")

    def _likely(self, part: Element) -> list[tuple[str, float]]:
        """What the states that a part reads out say of the next word."""
        guesses, tells = self.state.get("guesses"), part.get("data-tells")
        return guesses[tells][self.moment] if guesses and tells else []

    def _list(self, part: Element, likely: Sequence[tuple[str, float]]) -> None:
        """The likeliest words, each with its bar."""
        for line in _marked(part, "data-k"):
            k = int(line.get("data-k"))
            _show(line, k < len(likely))
            if k >= len(likely):
                continue
            word, p = likely[k]
            _write(next(_marked(line, "data-fill", "likely")), word)
            _write(next(_marked(line, "data-fill", "sure")), decimals(p))
            bar = next(_marked(line, "data-fill", "share"))
            bar.set("width", _n(float(bar.get("data-wide")) * p))

    def _words(self, shows: str | None, i: int, drawn: int) -> str:
        if shows is None:
            return ""
        sure = self.state["probabilities"]
        if shows == "before":
            return self.rows[i - 1] if 0 < i <= len(self.rows) else "(start)"
        words = {"slot": self.columns, "row": self.rows}[shows]
        told = words[i] if i < len(words) else ""
        return f"{told} {decimals(sure[i])}" if shows == "row" and sure and drawn == 1 else told

    def _where_it_begins(self) -> None:
        """Number what is numbered, and hide what belongs to a beginning or an end not drawn."""
        before = self._first("call", self.steps)
        for one in _marked(self.root, "data-number", "before"):
            _number(one, before)
        begins = {one.get("data-part") for one in _marked(self.root, "data-begins")}
        for one in self.root.iter("g"):
            into_the_first = one.get("data-to") in begins
            if one.get("data-part") in begins or into_the_first:
                _show(one, before == 0)
            if more := one.get("data-more"):
                _show(one, before > 0 if more == "left" else before + self.steps < len(self.rows))
            if (place := one.get("data-place")) is not None:
                start = next(_marked(self.root, "data-part", one.get("data-from")))
                there = next(_marked(start, "data-j", place)).get("visibility") != "hidden"
                _show(one, there and (not into_the_first or before == 0))
            self._pieces(one)

    def _pieces(self, arrow: Element) -> None:
        """Hide the pieces of an arrow that go with one of a row that is not there."""
        for piece in arrow.iter("path"):
            for mark, end in (("data-s", "data-from"), ("data-e", "data-to")):
                if (j := piece.get(mark)) is None:
                    continue
                part = next(_marked(self.root, "data-part", arrow.get(end)))
                if next(_marked(part, "data-j", j)).get("visibility") == "hidden":
                    _show(piece, False)


def _drawn_in(tile: Element) -> tuple[Element, Element]:
    """The image in the square of a head, and the line around a row of it."""
    square = next(tile.iter("rect"))
    where = {name: square.get(name) for name in ("x", "y", "width", "height")}
    fills = ElementTree.SubElement(
        tile, "image", where, **{"preserveAspectRatio": "none", "data-fill": "map"}
    )
    return fills, ElementTree.SubElement(
        tile, "rect", where, **{"data-fill": "row", "style": "fill:none;stroke:var(--i)"}
    )


def _image_for(cells: Element) -> Element:
    """The image in the place of a strip's pale cells."""
    x, y, width = re.findall(r"[\d.]+", cells.get("d"))
    kept = cells.get("data-fill")
    cells.attrib.clear()
    cells.tag = "image"
    cells.attrib.update({"data-fill": kept, "x": x, "y": _n(float(y) - STRIP / 2)})
    cells.attrib.update({"width": width, "height": _n(STRIP), "preserveAspectRatio": "none"})
    return cells


def _dotted(one: Element) -> Element:
    """A text in the middle of a box, where a row leaves slots out."""
    box = next(one.iter("rect"))
    x, y, w, h = (float(box.get(name)) for name in ("x", "y", "width", "height"))
    where = {"x": _n(x + w / 2), "y": _n(y + h / 2 + 5)}
    return ElementTree.SubElement(one, "text", where, **{"data-fill": "words"})


def _marked(within: Element, name: str, value: str | None = None) -> Iterator[Element]:
    """The elements that have an attribute, or have it with that value, in order."""
    return (
        one
        for one in within.iter()
        if (one.get(name) is not None if value is None else one.get(name) == value)
    )


def _classed(within: Element, name: str) -> Iterator[Element]:
    return (one for one in within.iter() if name in one.get("class", "").split())


def _many(part: Element) -> int:
    return sum(1 for _ in _marked(part, "data-j"))


def _show(one: Element, yes: bool) -> None:
    if yes:
        one.attrib.pop("visibility", None)
    else:
        one.set("visibility", "hidden")


def _write(text: Element, words: str) -> None:
    for child in list(text):
        text.remove(child)
    text.text = words


def _number(one: Element, number: int) -> None:
    """Put a number where the label has one."""
    there = next(each for each in _classed(one, "n") if each.tag == "tspan")
    there.text = str(number)


def _raise(bar: Element, label: Element | None, weight: float) -> None:
    """Draw a bar as high as its weight, and say it above."""
    foot, high = float(bar.get("data-foot")), float(bar.get("data-high"))
    tall = high * max(0.0, min(1.0, weight))
    bar.set("y", _n(foot - tall))
    bar.set("height", _n(tall))
    if label is not None:
        label.set("y", _n(foot - tall - 5))
        _write(label, decimals(weight))


def _n(value: float) -> str:
    """A number as short as it can be."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"
