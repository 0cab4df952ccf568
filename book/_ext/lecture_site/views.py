"""The views: for each page the script of those that it shows, and what their kernel loads later.

All of it is bundled from ``lecture_utils``, without importing that: it may need torch.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from .bundles import tool

_VIEW = re.compile(r'<figure\b[^>]*\bdata-view="(\w+)"')


def write_files(app: Sphinx) -> None:
    """Write the views' style sheet, and a script for each kind of model that a page can run."""
    if app.builder.format != "html":
        return
    static, bundling = Path(app.outdir) / "_static", tool()
    (static / "kinds").mkdir(parents=True, exist_ok=True)
    (static / "views.css").write_text(bundling.page_style(), encoding="utf-8")
    for kind in bundling.kinds():
        text = bundling.bundle(bundling.PACKAGE / "live" / f"{kind}.js")
        (static / "kinds" / f"{kind}.js").write_text(text, encoding="utf-8")


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Give a page the script of the views that it shows, and the style of these and of figures."""
    body = context.get("body", "")
    if views := sorted(set(_VIEW.findall(body))):
        path = Path(app.outdir) / "_static" / f"views-{'-'.join(views)}.js"
        path.write_text(tool().page_script(views), encoding="utf-8")
        app.add_js_file(path.name, loading_method="defer")
    if views or "lecture-figure" in body or "lecture-table" in body:
        app.add_css_file("views.css")
