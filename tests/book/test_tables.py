"""Tables on a telephone, one entry below the other, each with its heading; and on a slide."""

from __future__ import annotations

import pytest
from docutils import nodes
from docutils.utils import new_document
from lecture_site.tables import let_numbers_break, stack_tables

from lecture_utils.views import Table


def row(*texts: str) -> nodes.row:
    cells = (nodes.entry("", *([nodes.paragraph("", text)] if text else [])) for text in texts)
    return nodes.row("", *cells)


def stacked(*rows: tuple[str, ...]) -> nodes.table:
    """The table of those rows, the first its head, as it is on a page."""
    head, *body = (row(*texts) for texts in rows)
    group = nodes.tgroup("", nodes.thead("", head), nodes.tbody("", *body), cols=len(rows[0]))
    document = new_document("page")
    document += nodes.table("", group)
    stack_tables(None, document)
    return document[0]


def cells(table: nodes.table) -> list[list[str]]:
    """What stands in each cell of the body, its parts apart."""
    body = next(table.findall(nodes.tbody))
    return [[part.astext() for part in cell] for cell in body.findall(nodes.entry)]


LONG = "at every length that its training had, and at none beyond"


def test_a_cell_of_sentences_says_what_it_stands_under() -> None:
    table = stacked(("Claim", "Published", ""), (LONG, "figure 2", "yes"), ("none", "", LONG))
    assert table["classes"] == ["stacked"]
    assert cells(table) == [[LONG], ["Published", "figure 2"], ["yes"], ["none"], [], [LONG]]
    (head,) = [part for part in table.findall(nodes.paragraph) if part["classes"]]
    assert head["classes"] == ["cell-head"]


@pytest.mark.parametrize(
    "rows",
    [
        (("slot", "weight", "value"), ("1", "0.25", "(2, 0)")),
        (("symbol", "is"), ("c", LONG + LONG)),
        (("a", "b", "c"), (r"\frac{\exp\alpha}{\operatorname{softmax}\beta}", r"\text{0.25}", "1")),
    ],
    ids=["numbers", "one long column", "formulas"],
)
def test_what_fits_beside_one_another_stays_there(rows: tuple[tuple[str, ...], ...]) -> None:
    table = stacked(*rows)
    assert table["classes"] == []
    assert cells(table) == [[text] for texts in rows[1:] for text in texts]


def test_the_numbers_of_several_seeds_may_break_on_a_slide() -> None:
    document = new_document("page")
    document += nodes.raw("", Table({"a": ["0.97  0.98"]}, ["b"])._repr_html_(), format="html")
    document += nodes.raw("", "<p>1\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}2</p>", format="html")
    let_numbers_break(None, document)
    table, other = (node.astext() for node in document)
    assert "<td>0.97\N{NO-BREAK SPACE} 0.98</td>" in table
    assert "1\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}2" in other
