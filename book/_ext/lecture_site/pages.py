"""Each page has a description, and exactly the files that it uses."""

from __future__ import annotations

import html
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from . import chapters


def drop_thebe(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Remove the live-code settings that Jupyter Book adds to every page, used or not."""
    for raw in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in raw.astext() or "kernelName" in raw.astext():
            raw.parent.remove(raw)


def describe(doctree: nodes.document, limit: int = 160) -> str:
    """The first paragraph in words, without formulas, at most `limit` characters."""
    for paragraph in doctree.findall(nodes.paragraph):
        if next(paragraph.findall(nodes.math), None) is None and paragraph.astext().strip():
            text = " ".join(paragraph.astext().split())
            if len(text) <= limit:
                return text
            sentences = text[: limit + 1].rpartition(". ")[0]
            return f"{sentences}." if sentences else text[:limit].rpartition(" ")[0] + " ..."
    return ""


def finish_page(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Give a page its description, and tell its template what it needs."""
    body = context.get("body", "")
    context["reading"] = chapters.reading(body)
    context["next_question"] = chapters.question_after(app.env, pagename)
    context["has_math"] = "data-tex=" in body
    context["has_lecture"] = doctree is not None and "<h1" in body
    if doctree is not None and 'name="description"' not in context.get("metatags", ""):
        meta = context.get("meta") or {}
        text = html.escape(str(meta.get("description") or describe(doctree)))
        if text:
            context["metatags"] += f'\n<meta name="description" content="{text}" />'


def drop_double_files(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Keep each script and style once, and none of thebe."""
    for kind in ("script_files", "css_files"):
        kept: dict[tuple[Any, ...], Any] = {}
        for file in context[kind]:
            text = f"{file.filename or ''}{getattr(file, 'attributes', {}).get('body', '')}"
            if "thebe" not in text.lower():
                kept.setdefault((text,), file)
        context[kind] = list(kept.values())
