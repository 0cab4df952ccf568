"""The texts of the views that a browser runs, composed from their sources.

Needs only the standard library, and may be loaded by its file path, so that a page can be built
where neither torch nor anywidget is installed. The rule of composition stands in
``lecture_utils.views``.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SHARED = ("core", "live")
HOST = "host"
_EXPORT = re.compile(r"^export default \{ render \};\n?", re.MULTILINE)


def names() -> list[str]:
    """The views that have a module, in alphabetical order."""
    return sorted({path.stem for path in FOLDER.glob("*.js")} - {*SHARED, HOST})


def _source(name: str) -> str:
    return (FOLDER / f"{name}.js").read_text(encoding="utf-8")


def module_text(name: str) -> str:
    """The ES module of the view `name`: core, live and the view, with one default export."""
    if name not in names():
        raise ValueError(f"name: no view {name!r}; the views are {', '.join(names())}")
    return "\n".join(_source(part) for part in (*SHARED, name))


def page_script() -> str:
    """The classic script of a page: every view in ``window.lectureViews``, then the host.

    Classic, because a browser refuses to load modules from ``file://``.
    """
    views = [
        "(() => {\n"
        + _EXPORT.sub(f'window.lectureViews["{name}"] = render;\n', _source(name))
        + "})();"
        for name in names()
    ]
    parts = [_source(part) for part in SHARED]
    body = "\n".join([*parts, "window.lectureViews = {};", *views, _source(HOST)])
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'


def style_text() -> str:
    """The style sheet of every view and of the figures they grow from."""
    return (FOLDER / "views.css").read_text(encoding="utf-8")
