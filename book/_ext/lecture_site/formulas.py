"""Formulas: each has a place in its page, and all places are filled when the pages are written."""

from __future__ import annotations

import html
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from . import node as nodejs

log = logging.getLogger(__name__)


def place(tex: str, display: bool) -> str:
    """The place of a formula, in a line or on lines of its own. `typeset` fills it."""
    tag = "div" if display else "span"
    return f'<{tag} class="math" data-tex="{html.escape(tex.strip())}"></{tag}>'


def visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    """Write the place of a formula in a line."""
    translator.body.append(place(node.astext(), display=False))
    raise nodes.SkipNode


def visit_math_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write the place of a formula on lines of its own, with its number if it has one."""
    tex = node.astext().strip()
    if r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    translator.body.append(translator.starttag(node, "div", CLASS="equation"))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append(place(tex, display=True) + "</div>\n")
    raise nodes.SkipNode


# An empty place, or one filled before: the mark at its end tells where it closes. The punctuation
# behind a formula in a line belongs into its place, or it may begin the next line.
_PLACE = re.compile(
    r'<(?P<tag>span|div) class="math" data-tex="(?P<tex>[^"]*)">'
    r"(?:</(?P=tag)>|.*?<!--math-->(?P<held>[^<]*)</(?P=tag)>)(?P<next>[.,;:?!)]*)",
    re.DOTALL,
)


def typeset(app: Sphinx) -> None:
    """Fill every formula of every page, and write the one style sheet that they need.

    Pages that were not written anew are filled again, so that the style sheet covers them too.
    """
    pages = {path: path.read_text(encoding="utf-8") for path in Path(app.outdir).rglob("*.html")}
    found = sorted({(m["tag"], m["tex"]) for text in pages.values() for m in _PLACE.finditer(text)})
    request = {
        "mathjax": str(nodejs.MODULES / "mathjax"),
        "fonts": "mathjax",
        "formulas": [(html.unescape(tex), tag == "div") for tag, tex in found],
    }
    answer = nodejs.run("typeset.cjs", request)
    for (_, tex), error in zip(found, answer["errors"], strict=True):
        if error:
            log.warning("formula %r: %s", html.unescape(tex), error, type="lecture_site")
    filled = dict(zip(found, answer["html"], strict=True))

    def fill(match: re.Match[str]) -> str:
        tag, tex = match["tag"], match["tex"]
        body = filled[tag, tex] or f"<code>{tex}</code>"
        inside, behind = (match["held"] or ""), match["next"]
        if tag == "span":
            inside, behind = inside + behind, ""
        return f'<{tag} class="math" data-tex="{tex}">{body}<!--math-->{inside}</{tag}>{behind}'

    for path, text in pages.items():
        new = _PLACE.sub(fill, text)
        if new != text:
            path.write_text(new, encoding="utf-8")
    (Path(app.outdir) / "_static" / "vendor" / "math.css").write_text(
        answer["css"], encoding="utf-8"
    )
