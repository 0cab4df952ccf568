"""What the site needs beyond its theme, in one Sphinx extension; each module has one duty.

- `formulas` typesets once, at build time; every file that a page asks for is the site's own.
- `marks` turns comments in a chapter into marks; `slides` marks what stands on its slides.
- `folds` folds the code that is not the chapter's subject; `code` tells which that is.
- `links` joins the letters of equations, the parts of pictures and lines of code by name.
- `opening` shows, at the beginning of a chapter, a view that it builds later.
- `chapters` lists the chapters of ``_toc.yml``, for readers and for lecturers.
- `chapter_view` shows a view of a chapter on another page.
- `views` bundles, for each page, the script of its views.
- `pictures` puts the drawings of cells into their pages, stores pixels as lossless WebP, and sees
  that all have words.
- `tables` sets tables for a telephone and for a slide.
- `pages` describes each page, and removes what the theme and Jupyter Book add twice or in vain.
- `moved` leads on from addresses of before.
- `files` writes what belongs to no page; `bundles` our scripts and styles, bundled by `node`.

Node.js and the packages of ``package-lock.json`` must be there (``npm ci``). Torch need not.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

from docutils import nodes
from sphinx.application import Sphinx

from . import (
    chapter_view,
    chapters,
    files,
    folds,
    formulas,
    links,
    marks,
    moved,
    opening,
    pages,
    pictures,
    slides,
    tables,
    views,
)
from .node import HERE


def typeset(app: Sphinx, error: Exception | None) -> None:
    """When every page stands, fill its formulas."""
    if error is None and app.builder.format == "html":
        formulas.typeset(app)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect everything; Sphinx calls this."""
    app.add_html_math_renderer(
        "lecture", (formulas.visit_math, None), (formulas.visit_math_block, None)
    )
    app.add_node(nodes.literal_block, override=True, html=(folds.visit_block, folds.depart_block))
    app.add_directive("chapter-view", chapter_view.ChapterView)
    app.add_directive("chapters", chapters.Chapters)
    app.add_directive("lecture-plan", chapters.LecturePlan)
    app.connect("config-inited", files.configure)
    app.connect("builder-inited", files.prepare)
    app.connect("builder-inited", views.write_files)
    app.connect("doctree-read", folds.mark_cells)
    app.connect("doctree-read", chapters.show_motif)
    app.connect("doctree-read", opening.show_openings)
    app.connect("doctree-read", marks.convert_marks)
    app.connect("doctree-read", pictures.name_pictures, priority=300)
    app.connect("doctree-read", pictures.store_pictures, priority=400)  # before Sphinx collects
    app.connect("doctree-read", slides.mark_slides, priority=600)  # after the marks
    app.connect("doctree-read", links.mark_links, priority=700)  # after the code of slides
    app.connect("doctree-read", tables.let_numbers_break)
    app.connect("doctree-read", tables.stack_tables, priority=800)  # after the letters are linked
    app.connect("env-updated", chapters.stale_pages)
    app.connect("doctree-resolved", pages.drop_thebe, priority=900)
    app.connect("html-page-context", pages.finish_page)
    app.connect("html-page-context", views.add_script)
    app.connect("html-page-context", pages.drop_double_files, priority=900)
    app.connect("build-finished", typeset)
    app.connect("build-finished", files.finish)
    app.connect("build-finished", moved.write)
    sources = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    return {
        "version": "1",
        "env_version": crc32(sources),  # an edit here makes all pages stale
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
