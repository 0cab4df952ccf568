"""The pictures that cells drew: each has words, and is stored as lossless WebP."""

from __future__ import annotations

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
