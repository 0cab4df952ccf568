"""The pictures that cells drew: each has words; a drawing stands in the page, pixels as WebP."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)


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
    form = _form_beside(image, "text/plain")
    text = form.astext().strip() if form else ""
    return "" if text.startswith("<") else " ".join(text.split())


def _form_beside(image: nodes.image, kind: str) -> nodes.Element | None:
    """The form of MIME type `kind` of the output that `image` is another form of."""
    bundle = image.parent.parent if image.parent is not None else None
    forms = bundle.children if isinstance(bundle, nodes.container) else []
    return next((form for form in forms if form.get("mime_type") == kind), None)


def store_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Put each drawing of a cell into its page; store pixels as WebP, in a third of the bytes."""
    drawn = Path(app.outdir).parent / "jupyter_execute"
    drawings = 0
    for image in list(doctree.findall(nodes.image)):
        picture = Path(app.env.relfn2path(image["uri"], app.env.docname)[1])
        if not picture.is_relative_to(drawn):
            continue
        if picture.suffix == ".png":
            with Image.open(picture) as pixels:
                pixels.save(picture.with_suffix(".webp"), lossless=True, method=6)
            image["uri"] = image["uri"].removesuffix(".png") + ".webp"
        elif picture.suffix == ".svg" and not _form_beside(image, "text/html"):  # of a view
            drawings += 1
            text = drawing(picture.read_text(encoding="utf-8"), image["alt"], f"f{drawings}")
            framed = f'<div class="lecture-drawn">{text}</div>'
            image.replace_self(nodes.raw("", framed, format="html"))


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def drawing(svg: str, words: str, name: str) -> str:
    """An SVG of matplotlib as a part of a page: in the page's face and colours, with `words`.

    Each colour becomes ``var(--on-RRGGBB, #RRGGBB)``; ids that nothing names go, the others begin
    with `name`; numbers have two decimals.
    """
    root = svg[svg.index("<svg") :]
    root = re.sub(r"<metadata>.*?</metadata>\s*", "", root, flags=re.DOTALL)
    width, height = (
        round(float(re.search(rf'\b{side}="([\d.]+)pt"', root)[1]) * 4 / 3)
        for side in ("width", "height")
    )
    box = re.search(r'viewBox="[^"]*"', root)[0]
    body = root[root.index(">") + 1 : root.rindex("</svg>")]
    named = set(re.findall(r'(?:href="|url\()#([^")]+)', body))
    body = re.sub(
        r'\s+id="([^"]*)"',
        lambda found: f' id="{name}-{found[1]}"' if found[1] in named else "",
        body,
    )
    body = re.sub(r'((?:href="|url\()#)', rf"\g<1>{name}-", body)
    body = body.replace("xlink:href", "href")
    body = re.sub(r"\s*font-family: [^;\"]*;?", "", body)
    body = re.sub(r"#([0-9a-f]{6})\b(?=[;\"])", r"var(--on-\1, #\1)", body)
    body = re.sub(r"<[^>]+>", lambda tag: re.sub(r"\d+\.\d{3,}", _short, tag[0]), body)
    body = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", body)
    body = re.sub(r"\s*\n\s*", " ", body).replace("> <", "><")
    body = body.replace('<style type="text/css">*{stroke', "<style>.lecture-figure *{stroke")
    return (
        f'<svg class="lecture-figure" role="img" aria-label="{escape(words)}" {box} '
        f'width="{width}" height="{height}" fill="currentColor">{body.strip()}</svg>'
    )
