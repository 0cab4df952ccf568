"""On a page the code that is not the chapter's subject folds to one line; notebooks stay plain.

The lines stay where they are, in one block that is copied whole: ``<details>`` folds them, so a
search within the page opens them, and without scripts they open too. `code` says which.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from . import links
from .code import SHOWN, Code, Fold, read

log = logging.getLogger(__name__)


def mark_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Tell each cell its kind, and each block of code its folds; join what installs and imports."""
    before: nodes.container | None = None  # the install cell, until the imports come
    for cell in list(doctree.findall(_is_cell)):
        cell.attributes.pop("hide_mode", None)  # what is hidden by its tag folds as the rest does
        block = _block(cell, "cell_code_source")
        if block is None:
            continue
        code = _read(cell, block.astext())
        if before is not None and code.kind == "imports":
            before.parent.remove(before)
            install = _block(before, "cell_code_source")
            _set_text(block, f"{install.astext() if install else ''}\n\n{block.astext()}")
            lines = block.astext().count("\n") + 1
            code = Code("imports", (Fold("imports", 1, lines, f"Imports, {lines} lines"),))
        before = cell if code.kind == "install" else None
        cell["classes"].append(f"kind_{code.kind}")
        block["folds"] = code.folds
        if any(f.first == 1 and f.last > block.astext().count("\n") for f in code.folds):
            cell["classes"].append("folded")
        if code.kind == "imports" and "folded" in cell["classes"]:
            _put_before_what_introduces(cell)
        outputs = cell.children[1:]
        if "folded" in cell["classes"] and code.kind in SHOWN:
            cell.children = [*outputs, cell[0]]
        for output in outputs:
            if code.kind == "exercise":  # it is the reader's to run
                cell.remove(output)
            for text in output.findall(nodes.literal_block):
                text["passed"] = code.passed


def _put_before_what_introduces(cell: nodes.container) -> None:
    """Let no imports stand between a sentence that ends in a colon and what it speaks of."""
    at = cell.parent.index(cell)
    words = cell.parent[at - 1] if at else None
    if isinstance(words, nodes.paragraph) and words.astext().endswith(":"):
        cell.parent[at - 1 : at + 1] = [cell, words]


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _block(cell: nodes.container, element: str) -> nodes.literal_block | None:
    for part in cell.children:
        if isinstance(part, nodes.container) and part.get("nb_element") == element:
            return next(part.findall(nodes.literal_block), None)
    return None


def _set_text(block: nodes.literal_block, text: str) -> None:
    block.rawsource = text
    block.children = []
    block += nodes.Text(text)


def _read(cell: nodes.container, source: str) -> Code:
    try:
        return read(source, cell["cell_metadata"].get("tags", ()))
    except ValueError as error:
        log.warning("%s", error, location=cell, type="lecture_site")
        return Code("code")


def visit_block(translator: HTML5Translator, node: nodes.literal_block) -> None:
    """Write a block of code as Sphinx does; then fold its lines, and mark those that passed."""
    begun = len(translator.body)
    try:
        HTML5Translator.visit_literal_block(translator, node)
    finally:
        written = "".join(translator.body[begun:])
        if node.get("links"):
            written = links.mark_lines(written, node["links"])
            translator.body[begun:] = [written]
        if node.get("folds"):
            translator.body[begun:] = [fold(written, node["folds"])]
        elif node.get("passed"):
            translator.body[begun:] = [tick(written, node["passed"])]


def depart_block(translator: HTML5Translator, node: nodes.literal_block) -> None:
    """End a block that Sphinx has not ended itself."""
    HTML5Translator.depart_literal_block(translator, node)


_PRE = re.compile(r"(<pre[^>]*>(?:<span></span>)?)(.*?)\n?(</pre>)", re.DOTALL)


def fold(markup: str, folds: Sequence[Fold]) -> str:
    """Fold lines of a block of code.

    Args:
        markup: The highlighted block; no tag in it spans lines.
        folds: Each in its place; of those within others, the outer one first.
    """

    def folded(match: re.Match[str]) -> str:
        lines = match[2].split("\n")
        begins: dict[int, str] = {}
        ends: dict[int, str] = {}
        for one in folds:
            opened = " open" if one.kind == "rest" else ""
            indent = f' style="--indent: {one.indent}"' if one.indent else ""
            label = html.escape(one.label, quote=False)
            begins[one.first] = begins.get(one.first, "") + (
                f'<details class="fold fold-{one.kind}"{opened}{indent}><summary>{label}</summary>'
            )
            ends[one.last] = ends.get(one.last, "") + "</details>"
        text = ""
        for number, line in enumerate(lines, 1):
            text += f"{begins.get(number, '')}{line}\n{ends.get(number, '')}"
        return match[1] + text + match[3]

    return _PRE.sub(folded, markup, count=1)


def tick(markup: str, passed: Sequence[str]) -> str:
    """Mark the lines of an output that are the sentences of checks."""
    sentences = {html.escape(text, quote=False) for text in passed}

    def ticked(match: re.Match[str]) -> str:
        lines = [
            f'<span class="passed">{line}</span>' if html.unescape(line) in passed else line
            for line in match[2].split("\n")
        ]
        return match[1] + "\n".join(lines) + "\n" + match[3]

    return _PRE.sub(ticked, markup, count=1) if sentences else markup
