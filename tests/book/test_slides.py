"""What the build puts on slides, where a chapter's cells choose: each part of ``"slide"``."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docutils import nodes
from docutils.utils import new_document
from lecture_site import slides

from tests.node import Node

CLOCK = "book/_ext/lecture_site/scripts/lecture/clock.js"
SOURCE = '''# lecture_utils.models.tiny.Tiny
class Tiny(nn.Module):
    """A layer.

    Args:
        size: features.
    """

    def forward(self, x):
        """Twice."""
        return 2 * x

    def back(self, x):
        return x / 2


def other():
    return 1
'''


def text(*blocks: nodes.Node, **slide: Any) -> tuple[dict, list[nodes.Node]]:
    """A markdown cell with a slide, and its blocks."""
    return {"cell_type": "markdown", "source": "", "metadata": {"slide": slide}}, [*blocks]


def plain(*blocks: nodes.Node) -> tuple[dict, list[nodes.Node]]:
    return {"cell_type": "markdown", "source": "", "metadata": {}}, [*blocks]


def code(source: str = SOURCE, **slide: Any) -> tuple[dict, list[nodes.Node]]:
    printed = nodes.container("", nodes.literal_block("", "printed"), classes=["cell_output"])
    shown = nodes.container("", nodes.literal_block("", source), classes=["cell_input"])
    cell = nodes.container("", shown, printed, classes=["cell"])
    return {"cell_type": "code", "source": source, "metadata": {"slide": slide}}, [cell]


def words(*parts: str) -> nodes.paragraph:
    """A paragraph; what begins with * is bold."""
    children = [nodes.strong("", p[1:]) if p[0] == "*" else nodes.Text(p) for p in parts]
    return nodes.paragraph("", "", *children)


def formula() -> nodes.math_block:
    return nodes.math_block("", "a = b", label=None, number=None)


def table() -> nodes.table:
    return nodes.table("", nodes.tgroup("", cols=1))


def points(*entries: nodes.paragraph) -> nodes.bullet_list:
    return nodes.bullet_list("", *[nodes.list_item("", entry) for entry in entries])


def dealt(
    folder: Path, *cells: tuple[dict, list[nodes.Node]], title: str = "Build it"
) -> nodes.section:
    """The section in which all those cells stand, marked; as MyST-NB numbers lines and cells."""
    section = nodes.section("", nodes.title("", title), ids=["build"])
    for index, (_, blocks) in enumerate(cells):
        for block in blocks:
            if block.get("classes") == ["cell"]:
                block["cell_index"] = index
            for inner in block.findall(nodes.Element):
                inner.line = 10_000 * (index + 1) + 1
            section += block
    document = new_document("page")
    document += section
    path = folder / "chapter.ipynb"
    path.write_text(json.dumps({"cells": [cell for cell, _ in cells]}), encoding="utf-8")
    env = SimpleNamespace(docname="book/chapter", doc2path=lambda name: str(path))
    slides.mark_slides(SimpleNamespace(env=env), document)
    return section


def on_slide(section: nodes.section) -> list[nodes.Element]:
    return [n for n in section.findall(nodes.Element) if "on-slide" in n.get("classes", ())]


def raw(section: nodes.section) -> str:
    return "".join(node.astext() for node in section.findall(nodes.raw))


def said(section: nodes.section) -> list[str]:
    """What is on slides, without what steps back."""
    found = []
    for block in on_slide(section):
        back = [n for n in block.findall(nodes.Element) if "lm-rest" in n.get("classes", ())]
        gone = {text for node in back for text in node.findall(nodes.Text)}
        found.append("".join(t for t in block.findall(nodes.Text) if t not in gone))
    return found


def test_a_cell_begins_a_slide_and_its_text_shows_what_is_no_plain_paragraph(
    tmp_path: Path,
) -> None:
    section = dealt(
        tmp_path,
        text(
            words("Words, and ", "*one whole sentence stands out", ", then more."),
            words("Only words; ", "*two words", " name a thing."),
            formula(),
            table(),
            points(words("a point"), words("*this point is a whole sentence", " and why")),
        ),
        plain(formula()),
    )
    assert raw(section).count('<template data-mark="slide">') == 1
    kinds = [type(block).__name__ for block in on_slide(section)]
    assert kinds == ["paragraph", "math_block", "table", "bullet_list"]
    assert said(section) == [
        "one whole sentence stands out",
        "a = b",
        "",
        "this point is a whole sentence",
    ]


@pytest.mark.parametrize(
    ("show", "shown"),
    [
        (["equation"], ["math_block"]),
        (["bold"], ["paragraph", "bullet_list"]),
        (["table"], ["table"]),
        (["list"], ["bullet_list"]),
        (["text"], ["paragraph", "paragraph"]),
        (["picture"], ["paragraph", "image"]),
        ([], []),
    ],
)
def test_show_chooses_kinds(tmp_path: Path, show: list[str], shown: list[str]) -> None:
    section = dealt(
        tmp_path,
        text(
            words("*Five words in bold here", " and more"),
            nodes.paragraph("", "", nodes.image(uri="a.svg")),
            nodes.image(uri="b.svg"),
            formula(),
            table(),
            points(words("*A point in bold words", " and more")),
            show=show,
        ),
    )
    assert [type(block).__name__ for block in on_slide(section)] == shown


def test_a_headline_and_a_note_stand_before_the_first_block(tmp_path: Path) -> None:
    said = {"headline": "Look *here*: $w_i$", "note": "1.5 min: Say: it sums to 1. Ask: why?"}
    section = dealt(tmp_path, text(formula(), **said))
    before = section[1].astext()
    assert before.startswith('<template data-mark="slide"></template><p class="lm-headline on-slid')
    assert "Look <em>here</em>: <span" in before
    assert 'data-minutes="1.5"' in before
    assert "<p><strong>Say</strong> it sums to 1.</p>" in before
    assert "<p><strong>Ask</strong> why?</p>" in before


def test_a_note_in_a_comment_before_all_else_is_that_slide_s(tmp_path: Path) -> None:
    def note() -> nodes.raw:
        return nodes.raw("", '<aside class="lecturer"></aside>', format="html")

    inner = nodes.section("", nodes.title("", "Gates"), note(), formula(), ids=["gates"])
    section = dealt(tmp_path, text(note(), formula(), note()), text(note(), inner, under="Gates"))
    slide, lecturer = '<template data-mark="slide"></template>', note().astext()
    assert raw(section) == slide + 3 * lecturer + slide + lecturer


def test_what_joins_begins_no_slide(tmp_path: Path) -> None:
    section = dealt(tmp_path, text(formula()), text(formula(), joins=True), text(formula()))
    assert raw(section).count('<template data-mark="slide">') == 2
    order = [type(n).__name__ for n in section.children[1:]]
    assert order == ["raw", "math_block", "math_block", "raw", "math_block"]


def test_a_code_cell_shows_what_it_printed_and_its_code_on_demand(tmp_path: Path) -> None:
    section = dealt(tmp_path, code())
    (cell,) = on_slide(section)
    assert not any("lm-code" in part["classes"] for part in cell.children)
    assert cell[-1]["classes"] == ["cell_output"]
    section = dealt(tmp_path, code("a = 1\nb = a", code=True, output=False))
    (cell,) = on_slide(section)
    assert cell[0]["classes"] == ["lm-code"]
    assert cell[0].astext() == "a = 1\nb = a"
    assert cell[-1]["classes"] == ["cell_output", "lm-rest"]


def test_code_by_name_is_that_function_without_its_docstring(tmp_path: Path) -> None:
    (cell,) = on_slide(dealt(tmp_path, code(code="Tiny.forward")))
    assert cell[0].astext() == "def forward(self, x):\n    return 2 * x"
    assert slides.shown(SOURCE, "other") == "def other():\n    return 1"
    assert slides.shown(SOURCE).splitlines()[:2] == [
        "class Tiny(nn.Module):",
        "    def forward(self, x):",
    ]


def test_later_waits_with_its_headline(tmp_path: Path) -> None:
    cells = [text(formula()), text(formula(), joins=True, later=True, headline="Then")]
    section = dealt(tmp_path, *cells)
    assert [b["classes"] for b in on_slide(section)] == [["on-slide"], ["on-slide", "lm-later"]]
    assert '<p class="lm-headline on-slide lm-later">Then</p>' in raw(section)


def test_under_takes_what_stands_under_that_heading(tmp_path: Path) -> None:
    inner = nodes.section("", nodes.title("", "Gates: open"), formula(), ids=["gates"])
    cell = text(words("*Not this sentence in bold"), inner, under="Gates")
    section = dealt(tmp_path, cell)
    (block,) = on_slide(section)
    assert block.parent is inner
    assert section.children.index(inner) == 2, "nothing was put before it"


def test_the_slide_of_a_cell_ends_where_its_next_section_begins(tmp_path: Path) -> None:
    inner = nodes.section("", nodes.title("", "More"), formula(), ids=["more"])
    section = dealt(tmp_path, text(table(), inner))
    assert [type(block).__name__ for block in on_slide(section)] == ["table"]


FAULTS = {
    "no object": ([True], "is not an object such as {}"),
    "unknown": ({"heading": "x"}, "has no part 'heading'; its parts are headline, joins, show"),
    **{
        f"type of {name}": ({name: 3}, f"has a '{name}' of another type")
        for name in ("headline", "joins", "show", "under", "later", "note")
    },
    "note": ({"note": "Ask who knows."}, "has a 'note' that does not begin with its minutes"),
    "note without a number": ({"note": ": Ask."}, "has a 'note' that does not begin with"),
    "show": ({"show": ["bold", "sound"]}, "has a 'show' with 'sound'; it can show bold, equation"),
    "show of lists": ({"show": [["bold"]]}, "has a 'show' with ['bold']"),
    "code of a text": ({"code": True}, "has a part 'code', which is for a code cell"),
    "output of a text": ({"output": False}, "has a part 'output', which is for a code cell"),
    "under": ({"under": "Gates"}, "under a heading that begins 'under': 'Gates'"),
    "joins": ({"joins": True}, "its slide 'joins', but none stands before it"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_part_is_told_with_its_cell(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    slide, message = FAULTS[name]
    first, wrong = plain(words("Words.")), text(formula())
    wrong[0]["metadata"]["slide"] = slide
    with caplog.at_level(logging.WARNING, logger="sphinx"):
        dealt(tmp_path, first, wrong)
    assert "cell 1: " in caplog.text
    assert message in caplog.text


@pytest.mark.parametrize(
    ("source", "slide", "message"),
    [
        (SOURCE, {"show": ["bold"]}, "has a part 'show', which is for a markdown cell"),
        (SOURCE, {"code": "Tiny.train"}, "'code' of its slide: its code has no function or class"),
        ("%pip x", {"code": True}, "'code' of its slide: no Python"),
        ("a = 1\n" * 13, {"code": True}, "'code' of its slide has 13 lines; a slide holds 12"),
        (SOURCE, {"output": "no"}, "has a 'output' of another type"),
        (SOURCE, {"code": 1}, "has a 'code' of another type"),
    ],
)
def test_a_wrong_part_of_a_code_cell_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, source: str, slide: dict, message: str
) -> None:
    with caplog.at_level(logging.WARNING, logger="sphinx"):
        dealt(tmp_path, plain(words("Words.")), code(source, **slide))
    assert "cell 1: " in caplog.text
    assert message in caplog.text


def test_right_parts_are_not_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="sphinx"):
        dealt(
            tmp_path,
            text(formula(), headline="A", show=["equation"], note="2 min: Ask.", under="Build"),
            code(joins=True, code="other", output=False, later=True),
        )
    assert not caplog.text


def test_twelve_lines_are_not_too_many(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="sphinx"):
        dealt(tmp_path, code("a = 1\n" * 11 + "a", code=True))
    assert not caplog.text


def test_a_chapter_is_tallied_by_all_its_notes() -> None:
    cells = [
        text(headline="A", note="2 min: Ask.")[0],
        text(joins=True, note="0.5 min: Say.")[0],
        {"cell_type": "markdown", "metadata": {}, "source": "<!-- lecturer 1.5 min: Click. -->"},
        {"cell_type": "code", "metadata": {"slide": {}}, "source": "# <!-- lecturer 9 min: no -->"},
    ]
    assert slides.tally({"cells": cells}) == (2, Decimal("4.0"))


def test_without_a_choice_what_no_slide_should_hold_is_left_out(tmp_path: Path) -> None:
    copied = code("a = 1")
    copied[0]["metadata"] = {"source": "lecture_utils.a"}
    plumbing = code("import torch")
    plumbing[0]["metadata"] = {}
    for cell, _ in (copied, plumbing):
        cell["outputs"] = []
    section = dealt(tmp_path, plain(words("Words.")), copied, plumbing)
    left = ["off-slide" in cell["classes"] for cell in section.children[2:]]
    assert left == [False, True]
    sources = dealt(tmp_path, plain(words("Words.")), title="Sources")
    assert "off-slide" in sources[1]["classes"]


# The clock


@pytest.fixture(scope="module")
def clock(node: Node) -> Node:
    node.evaluate("() => { globalThis.location = { pathname: '/a' }; Date.now = () => 0; }")
    node.load("clock", CLOCK)
    return node


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (2.9, "1 min ahead"),
        (3.1, "in time"),
        (5, "in time"),
        (6.9, "in time"),
        (7, "1 min behind"),
        (9.5, "3 min behind"),
        (0, "4 min ahead"),
    ],
)
def test_a_lecture_is_behind_once_its_slide_should_have_ended(
    clock: Node, minutes: float, told: str
) -> None:
    clock.evaluate("() => { Date.now = () => 0; clock.restart(); }")
    clock.evaluate("(minutes) => { Date.now = () => 60_000 * minutes; }", minutes)
    assert clock.evaluate("() => clock.against(4, 6)") == told


def test_the_time_that_has_passed_is_told_in_minutes_and_seconds(clock: Node) -> None:
    clock.evaluate("() => { Date.now = () => 1_000; clock.restart(); }")
    clock.evaluate("() => { Date.now = () => 66_000; }")
    assert clock.evaluate("() => clock.passed()") == "1:05"
    clock.evaluate("() => clock.start()")
    assert clock.evaluate("() => clock.passed()") == "1:05", "it had begun before"


def test_the_parts_are_those_that_contributing_tells() -> None:
    guide = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = [line.split("`")[1] for line in guide.splitlines() if line.startswith("| `")]
    assert told == [*slides.PARTS]
    assert all(f"`{kind}`" in guide for kind in slides.KINDS)
    assert f"at most {slides.MOST_LINES} lines" in guide
