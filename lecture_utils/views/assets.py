"""The texts of the views that a browser runs, composed from their sources.

Needs only the standard library, and may be loaded by its file path, so that a page can be built
where neither torch nor anywidget is installed. The rule of composition stands in
``lecture_utils.views``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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


def shared(views: Iterable[str] = VIEWS) -> list[str]:
    """The parts that these views are composed of, each once, after those that it needs."""
    return list(dict.fromkeys(part for view in _known(views) for part in VIEWS[view]))


def _known(views: Iterable[str]) -> list[str]:
    """These views, each once, in alphabetical order; a `ValueError` names one that is none."""
    for view in views:
        if view not in VIEWS:
            raise ValueError(f"no view {view!r}; the views are {', '.join(names())}")
    return sorted(set(views))


def _source(name: str) -> str:
    return (FOLDER / f"{name}.js").read_text(encoding="utf-8")


def module_text(name: str) -> str:
    """The ES module of the view `name`: its shared parts and the view, with one default export."""
    [view] = _known([name])
    return "\n".join(_source(part) for part in (*VIEWS[view], view))


def script_name(views: Iterable[str]) -> str:
    """The file name of the classic script of a page with these views."""
    return f"views-{'-'.join(_known(views))}.js"


def page_script(views: Iterable[str]) -> str:
    """The classic script of a page: these views in ``window.lectureViews``, then the host.

    Classic, because a browser refuses to load modules from ``file://``.
    """
    views = _known(views)
    renders = [
        "(() => {\n"
        + _EXPORT.sub(f'window.lectureViews["{view}"] = render;\n', _source(view))
        + "})();"
        for view in views
    ]
    body = "\n".join(
        [*map(_source, shared(views)), "window.lectureViews = {};", *renders, _source(HOST)]
    )
    return f'(() => {{\n"use strict";\n{body}\n}})();\n'


def style_text() -> str:
    """The style sheet of every view and of the figures they grow from."""
    return (FOLDER / "views.css").read_text(encoding="utf-8")
