"""What of a page is on its slides. The build marks it; ``scripts/lecture`` only shows it.

A cell says in its metadata that a slide begins with it, ``"slide": {}``; every part is optional::

    "slide": {
        "headline": "One sentence, in Markdown, that stands on the slide alone",
        "joins": true,             it stands on the slide of the cells before it
        "show": ["bold", "list"],  which kinds of a text; see KINDS
        "code": true,              its code too, or the one function of it with that name
        "output": false,           not what it printed
        "under": "Build it"        only what stands under the heading that begins so
        "later": true,             it waits for the next press of the clicker
        "note": "2 min: Ask ..."   for the lecturer, as in <!-- lecturer 2 min: Ask ... -->
    }

Of a text stand on the slide, unless it says which: its equations, tables and pictures, and a
sentence in bold; of a code cell what it drew or printed. A chapter that has no such cell, and a
page that is no notebook, is dealt onto slides in the browser, but for what no slide should hold.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from textwrap import dedent
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from . import marks

log = logging.getLogger(__name__)

KINDS = {
    "bold": "a sentence in bold, without the paragraph around it",
    "equation": "an equation on lines of its own",
    "table": "a table",
    "picture": "a picture",
    "list": "a list",
    "text": "a whole paragraph",
}
USUAL = ("bold", "equation", "table", "picture")
PARTS = {"headline": str, "joins": bool, "show": list, "code": (bool, str), "output": bool}
PARTS |= {"under": str, "later": bool, "note": str}
OF_CELLS = {"show": "markdown", "code": "code", "output": "code"}
"""The parts that only a cell of one type can have."""
MOST_LINES = 12
WORDS = 5
"""A phrase in bold with fewer words names a thing; it is no sentence."""

_ON, _OFF = "on-slide", "off-slide"
_MOTIF = re.compile(r'<div class="motif">.*</div>', re.DOTALL)
_LEFT_OUT = ("Sources", "Publish")
_NO_RESULT = ("assert ", "training.fit(", "train(", "exercises.", "live.export(")


def mark_slides(app: Sphinx, doctree: nodes.document) -> None:
    """Mark each block of a page that is on a slide, or that is not."""
    path = Path(app.env.doc2path(app.env.docname))
    notebook = path.suffix == ".ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"] if notebook else []
    asked = {
        i: _checked(cell["metadata"]["slide"], cell["cell_type"], i, app.env.docname)
        for i, cell in enumerate(cells)
        if "slide" in cell["metadata"]
    }
    if asked:
        _mark_chosen(doctree, cells, asked, app.env.docname)
    else:
        _leave_out(doctree, cells)


def tally(notebook: dict[str, Any]) -> tuple[int, Decimal]:
    """How many slides the cells of a notebook ask for, and the minutes of all its notes."""
    slides = [
        cell["metadata"]["slide"] for cell in notebook["cells"] if "slide" in cell["metadata"]
    ]
    notes = [f"<!-- lecturer {slide['note']} -->" for slide in slides if slide.get("note")]
    texts = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"]
    planned = sum(map(marks.minutes, [*texts, *notes]), Decimal(0))
    return sum(not slide.get("joins") for slide in slides), planned


def _checked(slide: Any, form: str, index: int, document: str) -> dict[str, Any]:
    """What a cell says of its slide, if it can be understood; else a warning, and an empty one."""
    kinds = ", ".join(KINDS)
    if not isinstance(slide, dict):
        fault = "is not an object such as {}"
    elif unknown := sorted(set(slide) - set(PARTS)):
        fault = f"has no part {unknown[0]!r}; its parts are {', '.join(PARTS)}"
    elif wrong := [name for name, value in slide.items() if not isinstance(value, PARTS[name])]:
        fault = f"has a {wrong[0]!r} of another type than it takes"
    elif lost := [name for name in slide if OF_CELLS.get(name, form) != form]:
        fault = f"has a part {lost[0]!r}, which is for a {OF_CELLS[lost[0]]} cell"
    elif "note" in slide and "data-minutes" not in marks.note(f"lecturer {slide['note']}"):
        fault = "has a 'note' that does not begin with its minutes, such as '2 min: '"
    elif strange := [kind for kind in slide.get("show", ()) if kind not in [*KINDS]]:
        fault = f"has a 'show' with {strange[0]!r}; it can show {kinds}"
    else:
        return slide
    _warn(f'the "slide" in its metadata {fault}', index, document)
    return {}


def _warn(fault: str, index: int, document: str) -> None:
    log.warning("cell %d: %s", index, fault, location=document, type="lecture_site")


def _blocks(doctree: nodes.document) -> Iterator[tuple[nodes.Element, int | None]]:
    """The blocks of all sections, in order, each with the number of its cell."""
    cell = None
    for node in list(doctree.findall(nodes.Element)):
        if not isinstance(node.parent, (nodes.section, nodes.document)):
            continue
        if "cell_index" in node:
            cell = node["cell_index"]
        elif node.line and node.line >= 10_000:  # so MyST-NB numbers the lines of a notebook
            cell = node.line // 10_000 - 1
        if not isinstance(node, (nodes.section, nodes.title, nodes.Invisible)):
            yield node, cell


def _mark_chosen(
    doctree: nodes.document, cells: list[Any], asked: dict[int, dict[str, Any]], document: str
) -> None:
    begun: dict[int, nodes.Node] = {}  # the section in which a cell begins; its slide ends there
    first: dict[int, nodes.Element] = {}  # a note in a comment before all else is its slide's
    for node, index in list(_blocks(doctree)):
        slide = asked.get(index) if index is not None else None
        if slide is None or not _section(node).startswith(slide.get("under", "")):
            continue
        if isinstance(node, nodes.raw) and 'class="lecturer"' in node.astext():
            first.setdefault(index, node)
            continue
        later = ["lm-later"] if slide.get("later") else []
        if index not in begun:
            begun[index] = node.parent
            note = first.get(index, node)
            _begin(note if note.parent is node.parent else node, slide, later)
        if "cell_index" in node:
            _mark_code(node, cells[index], slide, index, document)
            node["classes"] += [_ON, *later]
        elif node.parent is begun[index] and _shows(node, slide.get("show", USUAL)):
            node["classes"] += [_ON, *later]
    for index in sorted(asked.keys() - begun.keys()):
        where = asked[index].get("under")
        lost = f" under a heading that begins 'under': {where!r}" if where else ""
        _warn(f'it says "slide", but it has nothing{lost} to stand on one', index, document)
    if asked[first := min(asked)].get("joins"):
        _warn("its slide 'joins', but none stands before it", first, document)


def _begin(node: nodes.Element, slide: dict[str, Any], later: list[str]) -> None:
    """Before the first block of a cell: a slide begins here, and the sentence that it says."""
    parts = [] if slide.get("joins") else ['<template data-mark="slide"></template>']
    if slide.get("headline"):
        words = marks.note_renderer().renderInline(slide["headline"])
        classes = " ".join(["lm-headline", _ON, *later])
        parts.append(f'<p class="{classes}">{words}</p>')
    if slide.get("note"):
        parts.append(marks.note(f"lecturer {slide['note']}"))
    if not parts:
        return
    at = node.parent.index(node)
    if isinstance(node, nodes.raw) and (motif := _MOTIF.search(node.astext())):
        chosen = motif[0].replace('class="motif"', f'class="motif {_ON}"')
        node.parent[at] = nodes.raw("", chosen, format="html")
    node.parent.insert(at, nodes.raw("", "".join(parts), format="html"))


def _shows(node: nodes.Element, kinds: list[str] | tuple[str, ...]) -> bool:
    """Whether a block of a text has something to show; the rest of its paragraph steps back."""
    if isinstance(node, nodes.math_block):
        return "equation" in kinds
    if isinstance(node, nodes.table):
        return "table" in kinds
    if isinstance(node, (nodes.bullet_list, nodes.enumerated_list)):
        return "list" in kinds or _keep_sentences(node, kinds)
    if isinstance(node, (nodes.image, nodes.figure)):
        return "picture" in kinds
    if not isinstance(node, nodes.paragraph):
        return False
    if "text" in kinds or ("picture" in kinds and next(node.findall(nodes.image), None)):
        return True
    sentence = next((n for n in node.children if isinstance(n, nodes.strong) and _says(n)), None)
    if sentence is None or "bold" not in kinds:
        return False
    node.children = [
        child if child is sentence else nodes.inline("", "", child, classes=["lm-rest"])
        for child in node.children
    ]
    for child in node.children:
        child.parent = node
    return True


def _keep_sentences(points: nodes.Element, kinds: list[str] | tuple[str, ...]) -> bool:
    """Whether a list has sentences in bold; its other points, and what explains them, step back."""
    if "bold" not in kinds:
        return False
    told = [_shows(point[0], ("bold",)) for point in points.children]
    for point, tells in zip(points.children, told, strict=True):
        point["classes"] += [] if tells else ["lm-rest"]
        for more in point.children[1:]:
            more["classes"].append("lm-rest")
    return any(told)


def _says(strong: nodes.strong) -> bool:
    return len(strong.astext().split()) >= WORDS


def _mark_code(
    node: nodes.Element, cell: dict[str, Any], slide: dict[str, Any], index: int, document: str
) -> None:
    """Give a code cell the code that its slide shows, and hide there what it printed."""
    wanted = slide.get("code")
    if wanted:
        try:
            code = shown("".join(cell["source"]), wanted if isinstance(wanted, str) else None)
        except ValueError as fault:
            return _warn(f"the 'code' of its slide: {fault}", index, document)
        if (lines := code.count("\n") + 1) > MOST_LINES:
            fault = f"has {lines} lines; a slide holds {MOST_LINES}"
            _warn(f"the 'code' of its slide {fault}", index, document)
        _insert(node, code)
    if slide.get("output") is False:
        for part in node.children:
            if "cell_output" in part.get("classes", ()):
                part["classes"].append("lm-rest")
    return None


def _insert(node: nodes.Element, code: str) -> None:
    block = nodes.literal_block(code, code, language="ipython3")
    node.insert(0, nodes.container("", block, classes=["lm-code"]))


def shown(source: str, name: str | None = None) -> str:
    """Code as a slide shows it: without docstrings and the line that names its source.

    Args:
        source: The code of a cell.
        name: The function of it that is shown, for a method as ``Class.method``; None: all.

    Raises:
        ValueError: There is no function of that name, or the code is no Python.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as fault:
        raise ValueError(f"no Python: {fault.msg}") from fault
    within: ast.AST = tree
    for part in name.split(".") if name else ():
        found = [n for n in ast.iter_child_nodes(within) if getattr(n, "name", None) == part]
        if not found:
            raise ValueError(f"its code has no function or class {name!r}")
        within = found[0]
    lines = source.splitlines()
    hidden = {1} if source.startswith("# lecture_utils.") else set()
    for inner in ast.walk(tree):
        if isinstance(inner, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(inner):
            text = inner.body[0]
            hidden |= set(range(text.lineno, text.end_lineno + 1))
            if text.end_lineno < len(lines) and not lines[text.end_lineno].strip():
                hidden.add(text.end_lineno + 1)
    first, last = (within.lineno, within.end_lineno) if name else (1, len(lines))
    kept = (lines[i - 1] for i in range(first, last + 1) if i not in hidden)
    return dedent("\n".join(kept)).strip("\n")


def _leave_out(doctree: nodes.document, cells: list[Any]) -> None:
    """Mark what no slide should hold: code that is not taught, and what it only reports."""
    for node, _ in list(_blocks(doctree)):
        if _section(node).startswith(_LEFT_OUT):
            node["classes"].append(_OFF)
        elif "cell_index" in node:
            cell = cells[node["cell_index"]]
            code = _taught(cell)
            if code:
                _insert(node, code)
            if not (code or _tells(cell)):
                node["classes"].append(_OFF)


def _section(node: nodes.Element) -> str:
    title = node.parent.next_node(nodes.title) if isinstance(node.parent, nodes.section) else None
    return title.astext() if title is not None else ""


def _taught(cell: dict[str, Any]) -> str:
    """The code of a cell that is a copy of the package, if a slide can hold it."""
    if "source" not in cell["metadata"]:
        return ""
    code = shown("".join(cell["source"]))
    return code if code.count("\n") < MOST_LINES else ""


def _tells(cell: dict[str, Any]) -> bool:
    """Whether a cell drew something, or printed a result."""
    forms = {form for output in cell["outputs"] for form in output.get("data", ())}
    if forms & {"text/html", "image/png", "image/svg+xml"}:
        return True
    source = "".join(cell["source"])
    return bool(cell["outputs"]) and not any(part in source for part in _NO_RESULT)
