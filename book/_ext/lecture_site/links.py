"""The letters of a chapter's equations, the parts of its pictures and its code carry one name.

A chapter says in its metadata which letters and which lines stand for a part of a picture::

    "lecture": {"links": {"bahdanau.sum": ["$c_i$", "read(last"]}}

Before the colon stand a picture of `lecture_utils.diagrams` and one of its parts; a part of that
name means the same in all pictures of the chapter. Between dollars is a piece of the equations, as
it is written there; anything else is a piece of a line of code. Every place where one stands gets
the class ``link-<part>`` and, in an equation, the colour of the part's role. Pointing at one marks
all: ``scripts/book/links.js``. Notebooks stay plain, and without scripts the colours are there. A
role alone, ``"key": ["$k_j$"]``, colours its letters, where no picture has them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from lecture_utils import diagrams

log = logging.getLogger(__name__)

ROLES = ("query", "key", "value")
_CODE = {"cell_code_source", "lm-code"}


@dataclass(frozen=True)
class Link:
    """What belongs to one part of a picture.

    Attributes:
        classes: Of every place where it stands: its name, and its role if it has one.
        terms: Pieces of equations, in TeX.
        pieces: Pieces of lines of code.
    """

    classes: str
    terms: tuple[str, ...]
    pieces: tuple[str, ...] = ()


def read(links: Any) -> list[Link]:
    """What the metadata says under "links".

    Raises:
        ValueError: It cannot be understood, or there is no such picture or part.
    """
    if not isinstance(links, dict):
        raise ValueError('"links" is no object; write {"picture.part": ["$c_i$", "a line"]}')
    return [_link(name, places) for name, places in links.items()]


def _link(name: str, places: Any) -> Link:
    if not isinstance(places, list) or not all(isinstance(one, str) and one for one in places):
        raise ValueError(f'the link {name!r} is no list such as ["$c_i$", "a piece of a line"]')
    terms = tuple(one[1:-1] for one in places if _is_term(one))
    pieces = tuple(one for one in places if not _is_term(one))
    if name in ROLES and terms and not pieces:
        return Link(f"to-{name}", terms)
    picture, _, part = name.partition(".")
    drawn = getattr(diagrams, picture, None)
    if not isinstance(drawn, diagrams.Picture):
        raise ValueError(f"the link {name!r}: there is no picture {picture!r}")
    found = next((one for one in drawn.parts if one.name == part), None)
    if found is None or not re.fullmatch(r"[\w-]+", part):
        known = ", ".join(one.name for one in drawn.parts)
        raise ValueError(f"the link {name!r}: the picture has the parts {known}")
    if not terms or not pieces:
        raise ValueError(f"the link {name!r} lacks {'code' if terms else 'a term between dollars'}")
    role = f" to-{found.role}" if found.role else ""
    return Link(f"link-{part}{role}", terms, pieces)


def _is_term(place: str) -> bool:
    return len(place) > 2 and place[0] == place[-1] == "$"


def mark_links(app: Sphinx, doctree: nodes.document) -> None:
    """Mark in the equations and in the code of a chapter what its metadata links."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    lecture = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("lecture", {})
    try:
        links = read(lecture.get("links", {}))
    except ValueError as fault:
        log.warning("%s", fault, location=app.env.docname, type="lecture_site")
        return
    used: set[str] = set()
    for equation in doctree.findall(nodes.math_block):
        text = marked(equation.astext(), links, used)
        equation.children = [nodes.Text(text)]
    for block in _blocks(doctree):
        found = lines(block.astext(), links, used)
        if found:
            block["links"] = found
    for link in links:
        for place in {*link.terms, *link.pieces} - used:
            fault = "the metadata links %r, which is in no equation of this chapter and in no line"
            log.warning(fault, place, location=app.env.docname, type="lecture_site")


def _blocks(doctree: nodes.document) -> Iterator[nodes.literal_block]:
    for block in doctree.findall(nodes.literal_block):
        home = block.parent
        if home.get("nb_element") in _CODE or _CODE & set(home.get("classes", ())):
            yield block


def marked(tex: str, links: list[Link], used: set[str]) -> str:
    r"""An equation in which every term is ``\class{...}{term}``; those found join `used`.

    Of terms within others all are marked. A letter is only found where no letter stands beside it.
    """
    begins: list[str] = []  # a sign that no equation has stands for each, until all are found
    terms = [(term, link.classes) for link in links for term in link.terms]
    for term, classes in sorted(terms, key=lambda pair: -len(pair[0])):
        before = r"(?<![A-Za-z\\])" if term[0].isalpha() else ""
        after = r"(?![A-Za-z])" if term[-1].isalpha() else ""
        sign = chr(0xE000 + len(begins))
        tex, times = re.subn(before + re.escape(term) + after, rf"{sign}\g<0>}}", tex)
        begins.append(rf"\class{{{classes}}}{{")
        if times:
            used.add(term)
    for i, begin in enumerate(begins):
        tex = tex.replace(chr(0xE000 + i), begin)
    return tex


def lines(source: str, links: list[Link], used: set[str]) -> dict[int, str]:
    """The classes of each line of code, from 1 on, that has a piece; those found join `used`."""
    found: dict[int, str] = {}
    for number, line in enumerate(source.splitlines(), 1):
        for link in links:
            pieces = {piece for piece in link.pieces if piece in line}
            if pieces:
                used |= pieces
                found[number] = f"{found.get(number, '')} {link.classes}".strip()
    return found


def mark_lines(markup: str, found: Mapping[int, str]) -> str:
    """Give lines of a highlighted block their classes; no tag in it spans lines."""
    head, begun, rest = re.split(r"(<pre[^>]*>(?:<span></span>)?)", markup, maxsplit=1)
    written = rest.split("\n")
    for number, classes in found.items():
        written[number - 1] = f'<span class="{classes}">{written[number - 1]}</span>'
    return head + begun + "\n".join(written)
