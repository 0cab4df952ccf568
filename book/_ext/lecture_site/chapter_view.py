"""Show a view of a chapter on another page: one home for its state, two places to see it.

    ```{chapter-view} book/sequences/bahdanau_attention.ipynb
    :live: numerals-en-de
    :view: alignment
    ```

takes, from the stored outputs of that notebook, the first view, of that kind, whose live model has
that name.
"""

from __future__ import annotations

import html
import json
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

FIGURE = '<figure class="lecture-view"'


class ChapterView(SphinxDirective):
    """The directive; its argument is the notebook's path from the root of the book."""

    required_arguments = 1
    option_spec = {  # noqa: RUF012 - docutils' interface
        "live": directives.unchanged_required,
        "view": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Give the stored figure as raw HTML, or say what is missing."""
        path = Path(self.env.srcdir, self.arguments[0])
        self.env.note_dependency(str(path))
        name, kind = self.options["live"], self.options["view"]
        wanted = html.escape(json.dumps(name))  # in data-live
        for figure in _figures(path):
            if wanted in figure and f'data-view="{kind}"' in figure:
                return [nodes.raw("", figure, format="html")]
        raise self.error(f"no stored {kind} view of {path.name} has the live model {name!r}")


def _figures(path: Path) -> list[str]:
    if not path.is_file():
        return []
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    pages = (
        "".join(output["data"].get("text/html", ""))
        for cell in cells
        for output in cell.get("outputs", [])
        if "data" in output
    )
    return [page for page in pages if FIGURE in page]
