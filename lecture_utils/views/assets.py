"""The texts of the views that a browser runs, composed from their sources.

Needs only the standard library, and may be loaded by its file path, so that a page can be built
where neither torch nor anywidget is installed. The rule of composition stands in
``lecture_utils.views``.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
VIEWS = {
    "address_lab": ("core",),
    "alignment": ("core", "live", "numerals"),
    "memory_hops": ("core", "live", "stories", "knowledge"),
}
"""Each view with the shared parts that it is composed of, in their order."""

HOST = "host"
_EXPORT = re.compile(r"^export default \{ render \};\n?", re.MULTILINE)


def names() -> list[str]:
    """The views that have a module, in alphabetical order."""
    return sorted(VIEWS)


def shared() -> list[str]:
    """The parts that any view is composed of, each once, after those before which it may stand."""
    return list(dict.fromkeys(part for parts in VIEWS.values() for part in parts))


def _source(name: str) -> str:
    return (FOLDER / f"{name}.js").read_text(encoding="utf-8")


def module_text(name: str) -> str:
    """The ES module of the view `name`: its shared parts and the view, with one default export."""
    if name not in VIEWS:
        raise ValueError(f"name: no view {name!r}; the views are {', '.join(names())}")
    return "\n".join(_source(part) for part in (*VIEWS[name], name))


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
    parts = [_source(part) for part in shared()]
    body = "\n".join([*parts, "window.lectureViews = {};", *views, _source(HOST)])
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'


def style_text() -> str:
    """The style sheet of every view and of the figures they grow from."""
    return (FOLDER / "views.css").read_text(encoding="utf-8")
