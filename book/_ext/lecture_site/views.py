"""The views: for each page the script of those that it shows, and one style sheet for all.

Both are composed from ``lecture_utils/views``, without importing it: that may need torch.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from .node import ROOT

ASSETS = ROOT / "lecture_utils" / "views" / "assets.py"
_VIEW = re.compile(r'<figure\b[^>]*\bdata-view="(\w+)"')


def write_style(app: Sphinx) -> None:
    """Write the style of the views, so that Sphinx can refer to it."""
    if app.builder.format == "html":
        static = Path(app.outdir) / "_static"
        (static / "views.css").write_text(_assets().style_text(), encoding="utf-8")


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Give a page the script and the style of the views that it shows, if it shows any."""
    if views := set(_VIEW.findall(context.get("body", ""))):
        assets = _assets()
        name = assets.script_name(views)
        (Path(app.outdir) / "_static" / name).write_text(assets.page_script(views), "utf-8")
        app.add_js_file(name, loading_method="defer")
        app.add_css_file("views.css")


def _assets() -> Any:
    spec = importlib.util.spec_from_file_location(ASSETS.stem, ASSETS)
    if spec is None or spec.loader is None:
        raise ExtensionError(f"cannot load {ASSETS}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
