"""Addresses that pages had before: each leads on to where the page is now.

``book/moved.yml`` lists them, ``old: new``, from the root of the site and without their ending.
"""

from __future__ import annotations

import html
import posixpath
from pathlib import Path

import yaml
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

MARK = "data-moved"
"""What tells a page that leads on from one to read."""

PAGE = f"""<!DOCTYPE html>
<html lang="en" {MARK}>
<head>
<meta charset="utf-8">
<title>This page has moved</title>
<link rel="canonical" href="TO">
<script>location.replace("TO" + location.search + location.hash)</script>
<meta http-equiv="refresh" content="0; url=TO">
</head>
<body><p>This page has moved: <a href="TO">go on to it</a>.</p></body>
</html>
"""


def write(app: Sphinx, error: Exception | None) -> None:
    """A page at each old address.

    Raises:
        ExtensionError: the new address has no page, or the old one has.
    """
    if error is not None or app.builder.format != "html":
        return
    site, listed = Path(app.outdir), Path(app.srcdir, "book", "moved.yml")
    moved = yaml.safe_load(listed.read_text(encoding="utf-8")) if listed.is_file() else {}
    for old, new in moved.items():
        here, there = site / f"{old}.html", site / f"{new}.html"
        if not there.is_file():
            raise ExtensionError(f"book/moved.yml: {old} leads to {new}, which is no page")
        if here.is_file() and MARK not in here.read_text(encoding="utf-8"):
            raise ExtensionError(f"book/moved.yml: {old} is a page of its own")
        to = posixpath.relpath(f"{new}.html", posixpath.dirname(old) or ".")
        here.parent.mkdir(parents=True, exist_ok=True)
        here.write_text(PAGE.replace("TO", html.escape(to)), encoding="utf-8")
