"""Tables where there is little room: on a telephone, and on a slide.

On a telephone a table of sentences stands as one entry below the other, each with its heading: next
to one another its columns would be three words wide. What a cell stands under is written into it
here; the style shows it where the screen is narrow, and the head of the table where it is not.

The numbers of several seeds stand in one line of a cell. On a page the style sees to it, and what
does not fit scrolls; on a slide nothing scrolls, so there they may break.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

MOST = 60
"""Characters that stand beside one another on a telephone, in all cells of a row together."""
LONG = 20
"""Characters of a cell that asks for a line of its own."""

_COMMAND = re.compile(r"\\[a-z]+|[{}]")


def stack_tables(app: Sphinx, doctree: nodes.document) -> None:
    """Mark the tables whose rows are long, and put into each cell what stands above it."""
    for table in doctree.findall(nodes.table):
        heads = [*table.findall(nodes.thead)]
        rows = [row for body in table.findall(nodes.tbody) for row in body.findall(nodes.row)]
        if len(heads) != 1 or len(heads[0]) != 1 or not _is_long(rows):
            continue
        table["classes"].append("stacked")
        for row in rows:
            for cell, head in list(zip(row, heads[0][0], strict=True))[1:]:
                if cell.astext() and head.astext():
                    words = [part.deepcopy() for part in head[0].children]
                    cell.insert(0, nodes.paragraph("", "", *words, classes=["cell-head"]))


def _is_long(rows: list[nodes.row]) -> bool:
    """Whether two columns or more, each as wide as its longest cell, want the page's width."""
    columns = zip(*rows, strict=True)
    widths = [max(len(_COMMAND.sub("", cell.astext())) for cell in column) for column in columns]
    return sum(widths) > MOST and sum(width > LONG for width in widths) > 1


def let_numbers_break(app: Sphinx, doctree: nodes.document) -> None:
    """Put a space between the numbers of a cell that a notebook never breaks."""
    for raw in doctree.findall(nodes.raw):
        if 'class="lecture-table"' in raw.astext():
            text = raw.astext().replace("\N{NO-BREAK SPACE}" * 2, "\N{NO-BREAK SPACE} ")
            raw.children = [nodes.Text(text)]
