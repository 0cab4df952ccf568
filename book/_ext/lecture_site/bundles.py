"""What pages ask for: our scripts and style sheets, each bundled and minified.

Their sources stand in ``scripts`` and ``styles``. A script is an ES module that may import others;
what a browser loads is one classic script, so that it works from ``file://``, too. The bundling is
that of ``book/_tools/bundles.py``, which also keeps what notebooks load.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from types import ModuleType

from sphinx.errors import ExtensionError

from .node import HERE, ROOT

SCRIPTS = ("book.js", "lecture.js")
STYLES = ("book.css", "icons.css", "lecture.css")


@functools.cache
def tool() -> ModuleType:
    """The module that bundles."""
    path = ROOT / "book" / "_tools" / "bundles.py"
    spec = importlib.util.spec_from_file_location("bundling", path)
    if spec is None or spec.loader is None:
        raise ExtensionError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(static: Path) -> None:
    """Write the bundles of every page into the folder `static` of the site.

    Raises:
        ExtensionError: A file is missing or holds a fault; the message has the tool's words.
    """
    bundling = tool()
    try:
        for name in SCRIPTS:
            text = bundling.bundle(HERE / "scripts" / name, form="iife")
            (static / name).write_text(text, encoding="utf-8", newline="\n")
        for name in STYLES:
            text = bundling.bundle(HERE / "styles" / name, kind="css")
            (static / name).write_text(text, encoding="utf-8", newline="\n")
    except bundling.BundleError as error:
        raise ExtensionError(str(error)) from error
