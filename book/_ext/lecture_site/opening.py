"""A view that a chapter builds later stands at its beginning, too: to be tried before any code.

What a code cell with the tag ``opening`` shows, the section "The problem" shows below its first
paragraph, with a line that says where its code is. Both are alive, each with a state of its own.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)

PROBLEM = "The problem"


def show_openings(app: Sphinx, doctree: nodes.document) -> None:
    """Show in "The problem" what a cell tagged ``opening`` shows; warn if that cannot be."""
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
        there += [part.deepcopy() for part in shown]
        first = problem.first_child_matching_class(nodes.paragraph)
        # a paragraph that introduces what follows stays with it
        at = 1 if first is None else first + (not problem[first].astext().endswith(":"))
        problem[at:at] = [words, there]


def _is_problem(section: nodes.section) -> bool:
    return section.next_node(nodes.title).astext().startswith(PROBLEM)


def _link(section: nodes.section) -> nodes.reference:
    title = section.next_node(nodes.title).astext()
    return nodes.reference("", title, internal=True, refid=section["ids"][0])
