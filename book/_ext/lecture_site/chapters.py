"""Lists of the chapters, made of ``_toc.yml`` and of what each chapter says of itself.

A chapter is a notebook in a numbered part of ``_toc.yml``. What it says is in its metadata::

    "lecture": {"summary": "for readers", "live": "the live moment", "question": "it turns on this"}

Two directives use it. ``{chapters}`` lists every chapter, for readers; its body has one paragraph
for each numbered part, in their order. ``{lecture-plan}`` is the lecturer's table; its minutes are
the sum of the notes in each chapter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from lecture_utils.diagrams.motif import MOTIFS, motif

from . import slides

log = logging.getLogger(__name__)

LECTURE = 100
"""How many minutes of notes a lecture of the plan holds at most."""


@dataclass(frozen=True)
class Chapter:
    """What the lists tell of a chapter.

    Attributes:
        number: Its place among all chapters, from 1 on.
        document: Its file's path from the root of the book, without suffix.
        title: Its first heading, in Markdown.
        lecture: What its metadata says.
        minutes: The sum of its notes for lecturers.
        reading: How long it says that reading takes, in minutes; 0 where it does not say.
        slides: How many slides it asks for; 0: the browser deals it.
    """

    number: int
    document: str
    title: str
    lecture: dict[str, str]
    minutes: Decimal
    reading: int = 0
    slides: int = 0

    def says(self, key: str) -> str:
        """One line of its metadata; without it a warning, and nothing."""
        line = self.lecture.get(key, "")
        if not (isinstance(line, str) and line.strip()) or "\n" in line:
            log.warning(
                "the metadata of the notebook lacks one line of text in "
                '"lecture": {"%s": "..."}, for the lists of chapters',
                key,
                location=self.document,
                type="lecture_site",
            )
            return ""
        return line.strip()


def parts(env: BuildEnvironment) -> list[list[Chapter]]:
    """The chapters of each numbered part, in the order of ``_toc.yml``."""
    numbers = count(1)
    trees = env.app.config.external_site_map.root.subtrees
    return [
        [_chapter(env, next(numbers), file) for file in tree.files()]
        for tree in trees
        if tree.numbered
    ]


def _chapter(env: BuildEnvironment, number: int, file: str) -> Chapter:
    document = file.removesuffix(".ipynb")
    path = Path(env.srcdir, f"{document}.ipynb")
    if not path.is_file():
        log.warning("a chapter must be a notebook", location=document, type="lecture_site")
        return Chapter(number, document, document, {}, Decimal(0))
    notebook = json.loads(path.read_text(encoding="utf-8"))
    texts = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"]
    asked, minutes = slides.tally(notebook)
    lecture = notebook["metadata"].get("lecture")
    headings = (line[2:] for text in texts for line in text.splitlines() if line.startswith("# "))
    return Chapter(
        number,
        document,
        next(headings, document).strip(),
        lecture if isinstance(lecture, dict) else {},
        minutes,
        reading("\n".join(texts)),
        asked,
    )


def reading(text: str) -> int:
    """The minutes that a chapter says reading takes, in Markdown or HTML; 0 where it says none."""
    found = re.search(r"Reading(?:\*\*|</strong>) takes about (\d+) minutes", text)
    return int(found[1]) if found else 0


def question_after(env: BuildEnvironment, document: str) -> str:
    """The question that the chapter behind a page answers; "" where no chapter is next."""
    trees = env.app.config.external_site_map.root.subtrees
    files = [
        file.removesuffix(".ipynb") for tree in trees if tree.numbered for file in tree.files()
    ]
    follow = dict(zip([env.app.config.root_doc, *files], files, strict=False))
    path = Path(env.srcdir, f"{follow.get(document, '')}.ipynb")
    if not path.is_file():
        return ""
    lecture = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("lecture")
    line = lecture.get("question") if isinstance(lecture, dict) else ""
    return line.strip() if isinstance(line, str) else ""


def stale_pages(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Every page, when the table of contents has changed: each shows it, and its neighbours."""
    before, now = getattr(env, "lecture_site_toc", None), app.config.external_site_map.as_json()
    env.lecture_site_toc = now
    return () if now == before else sorted(env.found_docs)


def show_motif(app: Sphinx, doctree: nodes.document) -> None:
    """Open a chapter with its motif, beside its first lines."""
    name = Path(app.env.docname).name
    section = next(doctree.findall(nodes.section), None)
    if name in MOTIFS and section is not None:
        mark = '<template data-mark="{}page-only"></template>'
        picture = f'{mark.format("")}<div class="motif">{motif(name)}</div>{mark.format("/")}'
        section.insert(1, nodes.raw("", picture, format="html"))


class _List(SphinxDirective):
    """What both have in common: they depend on the table of contents, and write Markdown."""

    def chapters(self) -> list[list[Chapter]]:
        """The chapters of each numbered part; this page is stale when the contents change."""
        self.env.note_dependency(str(Path(self.env.srcdir, self.config.external_toc_path)))
        listed = parts(self.env)
        for chapter in (chapter for part in listed for chapter in part):
            self.env.note_dependency(str(Path(self.env.srcdir, f"{chapter.document}.ipynb")))
        return listed

    def parsed(self, lines: list[str]) -> list[nodes.Node]:
        """The nodes of some lines of Markdown."""
        container = nodes.Element()
        source, _ = self.get_source_info()
        self.state.nested_parse(StringList(lines, source), self.content_offset, container)
        return container.children


class Chapters(_List):
    """``{chapters}``: for each numbered part a paragraph of the body, and its chapters."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """List every chapter, or say that a part has no paragraph."""
        listed = self.chapters()
        paragraphs = [text.strip() for text in "\n".join(self.content).split("\n\n")]
        if len(paragraphs) != len(listed) or not all(paragraphs):
            raise self.error(
                f"_toc.yml has {len(listed)} numbered parts: write one paragraph for each, "
                "with an empty line between two"
            )
        lines: list[str] = []
        for paragraph, part in zip(paragraphs, listed, strict=True):
            entries = [
                f"{chapter.number}. [{chapter.title}](/{chapter.document}.ipynb): "
                f"{chapter.says('summary')}"
                for chapter in part
            ]
            lines += [*paragraph.splitlines(), "", *entries, ""]
        parsed = self.parsed(lines)
        stops = [item for node in parsed for item in node.findall(nodes.list_item)]
        for item, chapter in zip(stops, (c for part in listed for c in part), strict=True):
            _make_stop(item, chapter)
        return parsed


def lectures(listed: Iterable[Chapter]) -> list[list[Chapter]]:
    """The chapters in their order, cut into lectures of at most `LECTURE` minutes of notes.

    A chapter that is longer alone is a lecture alone.
    """
    cut: list[list[Chapter]] = []
    for chapter in listed:
        if cut and _minutes([*cut[-1], chapter]) <= LECTURE:
            cut[-1].append(chapter)
        else:
            cut.append([chapter])
    return cut


def _minutes(listed: Iterable[Chapter]) -> Decimal:
    return sum((chapter.minutes for chapter in listed), Decimal(0))


def _make_stop(item: nodes.list_item, chapter: Chapter) -> None:
    """Make an entry a stop of the road: with the chapter's motif, and how long it takes."""
    name = Path(chapter.document).name
    item.parent["classes"] = [*dict.fromkeys([*item.parent["classes"], "road"])]
    if name in MOTIFS:
        item.insert(0, nodes.raw("", motif(name), format="html"))
    if chapter.reading:
        item += nodes.paragraph("", f"{chapter.reading} minutes", classes=["minutes"])


class LecturePlan(_List):
    """``{lecture-plan}``: a table of all chapters for who teaches them."""

    def run(self) -> list[nodes.Node]:
        """Give the table, and how long its lectures are."""
        cut = lectures(chapter for part in self.chapters() for chapter in part)
        rows = [
            (
                str(number),
                chapter.title,
                f"{chapter.minutes.normalize():f}",
                str(chapter.slides or "-"),
                chapter.says("live"),
                chapter.says("question"),
            )
            for number, lecture in enumerate(cut, 1)
            for chapter in lecture
        ]
        head = ("lecture", "chapter", "minutes", "slides")
        head += ("live moment", "the question it turns on")
        table = [head, ("---",) * len(head), *rows]
        escaped = [[cell.replace("|", r"\|") for cell in row] for row in table]
        lines = [f"| {' | '.join(row)} |" for row in escaped]
        lengths = [f"{_minutes(lecture).normalize():f}" for lecture in cut]
        told = (
            f"All notes together: {_minutes(c for lecture in cut for c in lecture).normalize():f} "
            f"minutes. In the order of the book, and none longer than {LECTURE} minutes, that is "
            f"{len(cut)} lecture{'s' * (len(cut) != 1)}: {', '.join(lengths)} minutes."
        )
        return self.parsed([*lines, "", told])
