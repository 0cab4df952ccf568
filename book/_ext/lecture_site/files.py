"""The files of the site that belong to no page: packages, bundles, the page for a wrong address."""

from __future__ import annotations

import html
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from . import bundles, chapters, node

TEMPLATES = node.HERE / "templates"

# Where each file of a package goes below _static/vendor.
VENDORED = {
    "mathjax": ("mathjax/es5/output/chtml/fonts/woff-v2", ["*.woff"]),
    "fonts": (
        "@fontsource-variable/source-serif-4/files",
        ["source-serif-4-latin-wght-normal.woff2", "source-serif-4-latin-wght-italic.woff2"],
    ),
    "ort": (
        "onnxruntime-web/dist",
        ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"],
    ),
}


def configure(app: Sphinx, config: Any) -> None:
    """Our renderer and templates; our style sheets and scripts are on every page."""
    config.html_math_renderer = "lecture"
    config.templates_path.insert(0, str(TEMPLATES))
    for name in bundles.STYLES:
        app.add_css_file(name, priority=900)
    for name in bundles.SCRIPTS:
        app.add_js_file(name, loading_method="defer")


def prepare(app: Sphinx) -> None:
    """Write the packages' files and our bundles, so that Sphinx can refer to them."""
    if app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for name, (folder, patterns) in VENDORED.items():
        target = static / "vendor" / name
        target.mkdir(parents=True, exist_ok=True)
        for pattern in patterns:
            sources = list((node.MODULES / folder).glob(pattern))
            if not sources:
                raise ExtensionError(f"node_modules/{folder}/{pattern} is missing: run `npm ci`")
            for source in sources:
                shutil.copy2(source, target / source.name)
    for font in (node.HERE / "fonts").iterdir():  # with its licence
        shutil.copy2(font, static / "vendor" / "fonts" / font.name)
    bundles.write(static)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Write the page for a wrong address, and what keeps a host from leaving out ``_static``."""
    if error is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    # Served from any depth, so it refers to no file, and to the book by its full address.
    page = (TEMPLATES / "404.html").read_text(encoding="utf-8")
    home = html.escape(app.config.html_baseurl or "/")
    entries = "".join(
        f'<li><a href="HOME{chapter.document}.html">{html.escape(chapter.title)}</a></li>'
        for part in chapters.parts(app.env)
        for chapter in part
    )
    page = page.replace("CHAPTERS", entries)
    page = page.replace("TITLE", html.escape(app.config.html_title)).replace("HOME", home)
    (site / "404.html").write_text(page, encoding="utf-8")
    (site / ".nojekyll").touch()  # GitHub Pages, from a branch, serves no folder with a _
