"""A view that a chapter builds later stands at its beginning, too early to be explained: try it.

A code cell with the tag ``opening`` gives what it shows to the section "The problem", below its
first paragraph. There it is, once, and where the cell stands a line leads to it.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)

PROBLEM = "The problem"


def move_openings(app: Sphinx, doctree: nodes.document) -> None:
    """Move what a cell tagged ``opening`` shows; warn where there is none, or no place for it."""
    tagged = [
        cell
        for cell in doctree.findall(nodes.container)
        if cell.get("nb_element") == "cell_code"
        and "opening" in cell["cell_metadata"].get("tags", ())
    ]
    for cell in tagged:
        shown = [part for part in cell.children if part.get("nb_element") == "cell_code_output"]
        problem = next((s for s in doctree.findall(nodes.section) if _is_problem(s)), None)
        if not shown or problem is None or len(tagged) > 1:
            log.warning(
                "the tag `opening` is for one cell of a chapter that shows something, and a "
                'section "%s ..." before it',
                PROBLEM,
                location=cell,
                type="lecture_site",
            )
            return
        home = cell.parent
        while not isinstance(home, nodes.section):
            home = home.parent
        words = nodes.paragraph("", "You will build this: try it first. Its code is in ")
        words += _link(home)
        words += nodes.Text(".")
        there = nodes.container(classes=["cell", "opening"])
        for part in shown:
            cell.remove(part)
            there += part
        first = problem.first_child_matching_class(nodes.paragraph)
        problem[1 if first is None else first + 1 : 1 if first is None else first + 1] = [
            words,
            there,
        ]
        back = nodes.paragraph("", "It shows what stands in ")
        back += _link(problem)
        back += nodes.Text(".")
        cell.parent.insert(cell.parent.index(cell) + 1, back)


def _is_problem(section: nodes.section) -> bool:
    return section.next_node(nodes.title).astext().startswith(PROBLEM)


def _link(section: nodes.section) -> nodes.reference:
    title = section.next_node(nodes.title).astext()
    return nodes.reference("", title, internal=True, refid=section["ids"][0])
