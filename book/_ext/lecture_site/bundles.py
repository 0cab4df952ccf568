"""What every page asks for: our scripts and style sheets, each bundled and minified.

Their sources stand in ``scripts`` and ``styles``. A script is an ES module that may import others;
what a browser loads is one classic script, so that it works from ``file://``, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from . import node

SCRIPTS = ("book.js", "lecture.js")
STYLES = ("book.css", "icons.css", "lecture.css")


def bundle(entries: Iterable[Path]) -> list[str]:
    """The minified text of each of these scripts and style sheets, with all that it imports.

    Raises:
        ExtensionError: A file is missing or holds a fault; the message has esbuild's words.
    """
    return node.run("bundle.cjs", {"entries": [str(entry) for entry in entries]})


def write(static: Path) -> None:
    """Write the bundles of every page into the folder `static` of the site."""
    entries = [
        *(node.HERE / "scripts" / name for name in SCRIPTS),
        *(node.HERE / "styles" / name for name in STYLES),
    ]
    for entry, text in zip(entries, bundle(entries), strict=True):
        (static / entry.name).write_text(text, encoding="utf-8", newline="\n")
