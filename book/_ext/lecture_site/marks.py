"""Comments in a chapter become marks for lecture mode.

``<!-- slide -->``, ``<!-- lecturer 3 min: a note -->``,
``<!-- page-only --> ... <!-- /page-only -->``.
"""

from __future__ import annotations

import re
from decimal import Decimal

from docutils import nodes
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from sphinx.application import Sphinx
from sphinx.util import logging

from .formulas import place

log = logging.getLogger(__name__)

_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_NOTE = re.compile(r"lecturer(?:\s+(\d+(?:\.\d+)?)\s*min)?\s*:(.*)", re.DOTALL)
_FORM = re.compile(r"(?:^|(?<=[.?!)\"]))\s*\b(Say|Ask|Expect|Click):\s*")
_MARKS = ("slide", "page-only", "/page-only")


def minutes(markdown: str) -> Decimal:
    """The minutes of all notes in a text, exactly; what is shown as code is no note."""
    parsed = MarkdownIt("commonmark").parse(markdown)
    tokens = [inner for token in parsed for inner in (token, *(token.children or ()))]
    comments = (
        comment[1].strip()
        for token in tokens
        if token.type in {"html_block", "html_inline"}
        for comment in _COMMENT.finditer(token.content)
    )
    notes = (_NOTE.fullmatch(comment) for comment in comments)
    return sum((Decimal(note[1] or 0) for note in notes if note), Decimal(0))


def _formed(note: str) -> str:
    """A note with what to say, to ask, to expect and to click each in a paragraph of its own."""
    return _FORM.sub(r"\n\n**\1** ", note.strip()).strip()


def note(text: str) -> str:
    """The HTML of a note such as ``lecturer 3 min: Ask who knows.``; empty if it is none."""
    found = _NOTE.fullmatch(text)
    if not found:
        return ""
    minutes = f' data-minutes="{found[1]}"' if found[1] else ""
    words = note_renderer().render(_formed(found[2]))
    return f'<aside class="lecturer" hidden{minutes}>{words}</aside>'


def note_renderer() -> MarkdownIt:
    """What makes HTML of the Markdown of a note."""
    markdown = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin)
    markdown.add_render_rule(
        "math_inline", lambda self, tokens, i, *_: place(tokens[i].content, display=False)
    )
    markdown.add_render_rule(
        "math_block", lambda self, tokens, i, *_: place(tokens[i].content, display=True)
    )
    return markdown


def convert_marks(app: Sphinx, doctree: nodes.document) -> None:
    """Turn the comments of a chapter into elements that readers neither see nor hear."""
    open_at: nodes.Node | None = None
    for raw in list(doctree.findall(nodes.raw)):
        if raw.get("format") != "html" or "<!--" not in raw.astext():
            continue
        marks: list[str] = []

        def mark(match: re.Match[str], raw: nodes.raw = raw, marks: list[str] = marks) -> str:
            text = match[1].strip()
            if _NOTE.fullmatch(text):
                marks.append("lecturer")
                return note(text)
            if text in _MARKS:
                marks.append(text)
                return f'<template data-mark="{text}"></template>'
            if re.match(r"/?(lecturer|slide|page-only)\b", text):
                log.warning(
                    "a mark that lecture mode does not know: <!-- %s -->; write "
                    "<!-- slide -->, <!-- lecturer 3 min: text --> or "
                    "<!-- page-only --> ... <!-- /page-only -->",
                    text[:60],
                    location=raw,
                    type="lecture_site",
                )
            return match[0]

        rest = _COMMENT.sub(mark, raw.astext())
        if marks and isinstance(raw.parent, nodes.TextElement):
            log.warning(
                "a mark inside a paragraph: write <!-- %s ... --> on lines of its own",
                marks[0],
                location=raw,
                type="lecture_site",
            )
        for name in marks:
            if (name == "page-only" and open_at) or (name == "/page-only" and not open_at):
                log.warning("<!-- %s --> without its pair", name, location=raw, type="lecture_site")
            if name.endswith("page-only"):
                open_at = raw if name == "page-only" else None
        raw.children = []
        raw.rawsource = rest
        raw += nodes.Text(rest)
    if open_at is not None:
        log.warning("<!-- page-only --> is never closed", location=open_at, type="lecture_site")
