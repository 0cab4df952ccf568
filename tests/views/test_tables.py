"""Tables of numbers: what they hold, as HTML and as text."""

from __future__ import annotations

import doctest
import re
from typing import Any

import numpy as np
import pytest

from lecture_utils.views import Table, tables

ROWS = {"attention": [0.99, 0.5, 3], "fixed context": [1, -0.001, None]}
COLUMNS = ["length 5", "50", "seeds"]


def test_the_text_is_aligned() -> None:
    shown = repr(Table(ROWS, COLUMNS, title="Right"))
    assert shown.splitlines() == [
        "Right",
        "               length 5    50  seeds",
        "attention          0.99  0.50      3",
        "fixed context         1  0.00",
    ]
    assert doctest.testmod(tables).failed == 0
    korean = repr(Table({"네": [1.0], "yes": [2.0]}, ["n"])).splitlines()
    assert korean[1:] == ["네   1.00", "yes  2.00"]


def test_a_difference_is_a_row_or_a_column() -> None:
    rows = Table(ROWS, COLUMNS, difference=("attention", "fixed context"))
    assert repr(rows).splitlines()[-1] == "attention − fixed context     −0.01  0.50"
    columns = Table(ROWS, COLUMNS, difference=("length 5", "50"), digits=1)
    assert repr(columns).splitlines()[0].endswith("length 5 − 50")
    assert [line.split()[-1] for line in repr(columns).splitlines()[1:]] == ["0.5", "1.0"]
    assert ROWS["attention"] == [0.99, 0.5, 3], "what was given is left alone"


def test_the_page_gets_a_table_with_headings_and_ours_in_bold() -> None:
    shown = Table({"<ours>": [np.float32(0.25)], "b": ["n/a"]}, ["x"], title="T", ours="<ours>")
    assert shown._repr_html_() == (
        '<table class="lecture-table"><caption>T</caption>'
        '<thead><tr><td></td><th scope="col">x</th></tr></thead>'
        '<tbody><tr><th scope="row"><b>&lt;ours&gt;</b></th><td><b>0.25</b></td></tr>'
        '<tr><th scope="row">b</th><td>n/a</td></tr></tbody></table>'
    )


def test_the_numbers_of_several_seeds_stay_in_one_line_of_a_page() -> None:
    shown = Table({"a  b": ["0.97  0.98  0.98", "two words"]}, ["one  two", "x"])
    (numbers, words) = re.findall("<td>([^<]+)</td>", shown._repr_html_())
    assert numbers.split(" ") == [numbers], "it can break where a space stands"
    assert numbers.split() == ["0.97", "0.98", "0.98"]
    assert words == "two words"
    assert "0.97  0.98  0.98" in repr(shown)


def test_several_numbers_of_a_cell_are_written_and_drawn_as_dots_on_a_line() -> None:
    rows = {"ours": [[90, 45.5], 3], "plain": [(0, -0.0), None]}
    assert repr(Table(rows, ["right", "n"], digits=0)).splitlines()[1:] == [
        "ours   90  46  3",
        "plain    0  0",
    ]
    shown = Table(rows, ["right", "n"], digits=0, scale=(0, 90), ours="ours")._repr_html_()
    assert shown.count("<svg") == shown.count("<path") == 2, "a line for each cell of several"
    at = [float(x) for x in re.findall(r'cx="([\d.]+)"', shown)]
    assert at == pytest.approx([95, 50.5, 5, 5])
    assert f"</svg><b>90{tables.BESIDE}46</b>" in shown


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"rows": {}}, "rows: pass a mapping"),
        ({"rows": [1, 2]}, "rows: pass a mapping"),
        ({"rows": {"a": [1]}}, "rows: 'a' has 1 values for 3 columns"),
        ({"rows": {"a": "abc"}}, "rows: 'a' has 3 values"),
        ({"rows": {"a": [1, 2, float("nan")]}}, "rows: a value is"),
        ({"rows": {"a": [1, 2, ["3"]]}}, "rows: a value is"),
        ({"rows": {"a": [1, 2, np.ones(3)]}}, "rows: a value is"),
        ({"rows": {"a": [1, 2, (1.0, float("nan"))]}}, "rows: a value is"),
        ({"scale": 3}, "scale: pass two numbers, the lower one first"),
        ({"scale": (1, 1)}, "scale: pass two numbers"),
        ({"scale": (0, 1), "rows": {"a": [1, 2, [0.5, 1.5]]}}, r"scale: \[0.5, 1.5\] leave 0.0 to"),
        ({"rows": {"a": [1, 2, object()]}}, "rows: "),
        ({"columns": "abc"}, "columns: pass a list"),
        ({"ours": "me"}, "ours: there is no row 'me'"),
        ({"difference": ("attention", "50")}, "difference: pass"),
        ({"difference": "ab"}, "difference: pass"),
        ({"digits": -1}, "digits: pass"),
        ({"digits": 0.5}, "digits: pass"),
        ({"title": 3}, "title: pass"),
    ],
)
def test_bad_arguments_are_named(changed: dict[str, Any], told: str) -> None:
    arguments = {"rows": ROWS, "columns": COLUMNS, **changed}
    with pytest.raises(ValueError, match=f"^{told}"):
        Table(arguments.pop("rows"), arguments.pop("columns"), **arguments)
