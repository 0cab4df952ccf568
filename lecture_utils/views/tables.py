"""A table of numbers: the one way in which the book prints them."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

from lecture_utils.views.base import items, numbers, string, whole, words

_TOLD = "pass a mapping label -> values, one for each column"
_VALUE = "a value is a number, several in a list or tuple, a string or None"
_SCALE = "pass two numbers, the lower one first"
MINUS = "−"
BESIDE = "\N{NO-BREAK SPACE}" * 2
"""What stands on a page for two spaces: the numbers of several seeds stay in one line."""


class Table:
    """Numbers in rows and columns, as HTML and as aligned text.

    Args:
        rows: label -> values, one a column: numbers, strings as they are, None for an empty cell;
            a list or a tuple of numbers, such as those of several seeds, stands in one cell.
        columns: the headings.
        title: a line above it.
        ours: the label of a row that is set in bold.
        difference: the labels (a, b) of two rows, or two headings; adds a row or a column a - b.
        digits: decimals of every number that is not an int.
        scale: (low, high); each list of numbers is drawn as dots on a line between them, too.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.

    >>> print(Table({"soft": [0.1, 12], "hard": [0.25, None]}, ["wrong", "of"]))
          wrong  of
    soft   0.10  12
    hard   0.25
    >>> print(Table({"soft": [(0.1, 0.12)], "hard": [(0.2, 0.9)]}, ["wrong"], scale=(0, 1)))
               wrong
    soft  0.10  0.12
    hard  0.20  0.90
    """

    def __init__(
        self,
        rows: Mapping[str, Sequence[Any]],
        columns: Sequence[str],
        *,
        title: str = "",
        ours: str | None = None,
        difference: tuple[str, str] | None = None,
        digits: int = 2,
        scale: tuple[float, float] | None = None,
    ) -> None:
        if not isinstance(rows, Mapping) or not rows:
            raise ValueError(f"rows: {_TOLD}")
        told = "pass a whole number, 0 or more"
        self._digits = whole("digits", digits, told)
        if self._digits < 0:
            raise ValueError(f"digits: {told}")
        self._scale = None if scale is None else _ends(scale)
        self.title = string("title", title)
        self.columns = words("columns", columns)
        self.rows = {string("rows", label): items("rows", rows[label], _TOLD) for label in rows}
        for label, values in self.rows.items():
            if isinstance(rows[label], str) or len(values) != len(self.columns):
                raise ValueError(
                    f"rows: {label!r} has {len(values)} values for {len(self.columns)} columns; "
                    "pass one for each"
                )
        if ours is not None and ours not in self.rows:
            raise ValueError(f"ours: there is no row {ours!r}; pass one of {', '.join(self.rows)}")
        self.ours = ours
        if difference is not None:
            self._subtract(*self._pair(difference))
        self._cells = {
            label: [self._written(value) for value in values] for label, values in self.rows.items()
        }
        self._dots = {
            label: [self._drawn(value) for value in values] for label, values in self.rows.items()
        }

    def _pair(self, difference: Any) -> tuple[str, str]:
        told = "pass the labels of two rows, or two headings"
        pair = items("difference", difference, told)
        if len(pair) != 2 or not any(
            all(one in group for one in pair) for group in (self.rows, self.columns)
        ):
            raise ValueError(f"difference: {told}")
        return pair[0], pair[1]

    def _subtract(self, a: str, b: str) -> None:
        """Add the row or the column a - b; where either has no number it is empty."""

        def less(x: Any, y: Any) -> Any:
            told = any(one is None or isinstance(one, (str, list, tuple)) for one in (x, y))
            return None if told else x - y

        name = f"{a} {MINUS} {b}"
        if a in self.rows and b in self.rows:
            both = zip(self.rows[a], self.rows[b], strict=True)
            self.rows[name] = [less(x, y) for x, y in both]
        else:
            i, j = self.columns.index(a), self.columns.index(b)
            self.columns.append(name)
            for values in self.rows.values():
                values.append(less(values[i], values[j]))

    def _written(self, value: Any) -> str:
        if value is None or isinstance(value, str):
            return string("rows", value or "")
        if _several(value):
            return "  ".join(map(self._written, value))
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}".replace("-", MINUS)
        number = numbers(value, f"rows: {_TOLD}; {_VALUE}")
        if number.ndim or number != number:
            raise ValueError(f"rows: {_VALUE}; got an array or NaN")
        text = f"{float(number):,.{self._digits}f}"
        zero = not text.strip("-0.,")
        return text.lstrip("-") if zero else text.replace("-", MINUS)

    def _drawn(self, value: Any) -> str:
        """Several numbers as dots on a line, in a picture of 100 by 10; "" of anything else."""
        if self._scale is None or not _several(value):
            return ""
        low, high = self._scale
        if any(not low <= x <= high for x in value):
            raise ValueError(f"scale: {value} leave {low} to {high}; pass ends that hold them all")
        dots = "".join(
            f'<circle cx="{5 + 90 * (x - low) / (high - low):.4g}" cy="5" r="3.5"/>' for x in value
        )
        return f'<svg viewBox="0 0 100 10" aria-hidden="true"><path d="M5 5h90"/>{dots}</svg>'

    def _repr_html_(self) -> str:
        def cell(text: str, bold: bool) -> str:
            return f"<b>{html.escape(text)}</b>" if bold and text else html.escape(text)

        def value(text: str, dots: str, bold: bool) -> str:
            return dots + cell(text.replace("  ", BESIDE), bold)

        caption = f"<caption>{html.escape(self.title)}</caption>" if self.title else ""
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = "".join(
            f'<tr><th scope="row">{cell(label, label == self.ours)}</th>'
            + "".join(
                f"<td>{value(text, dots, label == self.ours)}</td>"
                for text, dots in zip(texts, self._dots[label], strict=True)
            )
            + "</tr>"
            for label, texts in self._cells.items()
        )
        return (
            f'<table class="lecture-table">{caption}<thead><tr><td></td>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )

    def __repr__(self) -> str:
        left = max(_width(label) for label in self._cells)
        widths = [
            max(map(_width, (name, *(texts[j] for texts in self._cells.values()))))
            for j, name in enumerate(self.columns)
        ]
        lines = [self.title] if self.title else []
        for label, texts in {"": self.columns, **self._cells}.items():
            cells = (" " * (n - _width(x)) + x for x, n in zip(texts, widths, strict=True))
            line = "  ".join([label + " " * (left - _width(label)), *cells])
            lines.append(line.rstrip())
        return "\n".join(lines)


def _several(value: Any) -> bool:
    """Whether a cell holds several numbers."""
    return isinstance(value, (list, tuple)) and all(
        isinstance(one, Real) and one == one for one in value
    )


def _ends(scale: Any) -> tuple[float, float]:
    """The ends of the line on which dots stand."""
    ends = numbers(scale, f"scale: {_SCALE}")
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise ValueError(f"scale: {_SCALE}")
    return float(ends[0]), float(ends[1])


def _width(text: str) -> int:
    """Places of a text in a face of one width: two for a Korean or Chinese letter."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)
