"""The site's Sphinx extension, piece by piece, and the pages that it makes of the sample book."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.parsers.rst import DirectiveError
from docutils.utils import new_document
from lecture_site import chapter_view, files, formulas, marks, node, opening, pages, pictures
from PIL import Image
from sphinx.errors import ExtensionError

from tests.views.examples import alignment, memory_hops


def page(*children: nodes.Node) -> nodes.document:
    document = new_document("page")
    document += list(children)
    return document


def comment(text: str) -> nodes.raw:
    return nodes.raw("", f"<!--{text}-->", format="html")


def marked(*texts: str) -> str:
    document = page(*(comment(text) for text in texts))
    marks.convert_marks(None, document)
    return document.astext()


def test_a_note_becomes_a_hidden_aside() -> None:
    text = marked(" lecturer 3 min: Ask **who** knows.\n\nThen show $c_i$ and `x`. ")
    assert text.startswith('<aside class="lecturer" hidden data-minutes="3"><p>Ask <strong>who')
    assert text.count("<p>") == 2
    assert '<span class="math" data-tex="c_i"></span>' in text
    assert "<code>x</code>" in text
    assert "<!--" not in text


def test_a_note_needs_no_minutes_and_takes_halves() -> None:
    assert "data-minutes" not in marked("lecturer: Wait.")
    assert 'data-minutes="0.5"' in marked("\nlecturer 0.5 min:\nWait.\n")


def test_a_note_holds_no_markup_of_its_own() -> None:
    assert "<script>" not in marked(" lecturer: <script>alert(1)</script> ")


def test_slide_and_page_only_become_marks() -> None:
    text = marked(" slide ", " page-only ", " /page-only ")
    assert text.count("<template data-mark=") == 3


def test_other_comments_stay() -> None:
    assert marked(" a remark, not a slide ") == "<!-- a remark, not a slide -->"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ((" lecturer 3 minutes: no ",), "does not know"),
        ((" lecturer ask ",), "does not know"),
        ((" slide 2 ",), "does not know"),
        ((" page-only ",), "never closed"),
        ((" /page-only ",), "without its pair"),
        ((" page-only ", " page-only ", " /page-only "), "without its pair"),
    ],
)
def test_a_wrong_mark_is_told(
    caplog: pytest.LogCaptureFixture,
    texts: tuple[str, ...],
    said: str,
) -> None:
    with caplog.at_level(logging.WARNING, logger="sphinx"):
        marked(*texts)
    assert said in caplog.text


def test_a_mark_inside_a_paragraph_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="sphinx"):
        marks.convert_marks(None, page(nodes.paragraph("", "", comment(" slide "))))
    assert "on lines of its own" in caplog.text


def test_a_description_is_the_first_paragraph_in_words() -> None:
    formula = nodes.paragraph("", "", nodes.Text("With "), nodes.math("", "c_i"))
    words = nodes.paragraph("", "", nodes.Text("Plain words.\nMore of them."))
    assert pages.describe(page(formula, words)) == "Plain words. More of them."
    assert pages.describe(page(formula)) == ""


@pytest.mark.parametrize("text", ["One sentence of words. " * 20, "word " * 100])
def test_a_long_description_is_cut_between_words(text: str) -> None:
    short = pages.describe(page(nodes.paragraph("", "", nodes.Text(text))))
    assert 60 < len(short) <= 164
    assert short.endswith(("words.", "word ..."))


def test_a_picture_without_words_is_told(caplog: pytest.LogCaptureFixture) -> None:
    described = nodes.image(uri="a.png", alt="A line that falls.")
    with caplog.at_level(logging.WARNING, logger="sphinx"):
        pictures.name_pictures(None, page(described))
        assert not caplog.text
        pictures.name_pictures(None, page(nodes.image(uri="b.png")))
    assert "without a text alternative" in caplog.text


@pytest.mark.parametrize(
    ("plain", "alt"), [("One  dark\ndot.", "One dark dot."), ("<Figure size 640x480>", "")]
)
def test_a_picture_takes_the_words_of_its_output(plain: str, alt: str) -> None:
    image = nodes.image(uri="a.png")
    pictures.name_pictures(
        None,
        page(
            nodes.container(
                "",
                nodes.container("", image, mime_type="image/png"),
                nodes.container("", nodes.literal_block("", plain), mime_type="text/plain"),
            )
        ),
    )
    assert image["alt"] == alt


def test_missing_packages_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "MODULES", tmp_path)
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(tmp_path))
    with pytest.raises(ExtensionError, match="run `npm ci`"):
        files.prepare(app)


def test_missing_node_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ExtensionError, match=r"Node\.js is missing"):
        node.run("typeset.cjs", {})


def test_a_script_that_lacks_its_package_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "typeset.cjs").write_text('require("a-package-that-is-not-there");')
    monkeypatch.setattr(node, "HERE", tmp_path)
    with pytest.raises(ExtensionError, match="run `npm ci`"):
        node.run("typeset.cjs", {})


def test_a_wrong_formula_is_told_and_the_others_stand(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "_static" / "vendor").mkdir(parents=True)
    place = '<p>(<span class="math" data-tex="{}"></span>).</p>'
    file = tmp_path / "a.html"
    file.write_text(place.format("a &lt; b") + place.format(r"\frac{1"), encoding="utf-8")
    with caplog.at_level(logging.WARNING, logger="sphinx"):
        formulas.typeset(SimpleNamespace(outdir=str(tmp_path)))
    assert r"\\frac{1" in caplog.text
    once = file.read_text(encoding="utf-8")
    assert once.count("<mjx-container") == 1
    assert r"<code>\frac{1</code><!--math-->).</span></p>" in once, "punctuation stays with it"
    formulas.typeset(SimpleNamespace(outdir=str(tmp_path)))
    assert file.read_text(encoding="utf-8") == once, "a page that was not written anew changed"


def test_a_notebook_passes_its_marks_and_pictures_through(sample: Path) -> None:
    text = (sample / "book" / "notebook.html").read_text(encoding="utf-8")
    assert '<aside class="lecturer" hidden data-minutes="4"><p>Ask first.</p>' in text
    assert "<li>Then listen.</li>" in text
    assert 'alt="One dark dot."' in text
    assert '<p class="from-html">rich</p>' in text
    assert "widget-view" not in text
    assert 'shows." />' in text.split('name="description" content="', 1)[1][:120]


def test_a_cell_s_picture_keeps_its_pixels_in_another_form(sample: Path) -> None:
    notebook = json.loads((sample.parents[1] / "book" / "notebook.ipynb").read_text("utf-8"))
    (drawn,) = [
        o["data"]
        for c in notebook["cells"]
        for o in c.get("outputs", ())
        if "image/png" in o.get("data", ())
    ]
    (stored,) = (sample / "_images").iterdir()
    assert stored.suffix == ".webp"
    before = Image.open(io.BytesIO(base64.b64decode("".join(drawn["image/png"]))))
    with Image.open(stored) as after:
        assert after.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()


def test_a_cell_s_drawing_stands_in_the_page_in_its_colours(sample: Path) -> None:
    text = (sample / "book" / "notebook.html").read_text(encoding="utf-8")
    one, two = re.findall(r'<svg class="lecture-figure".*?</svg>', text, re.DOTALL)
    assert 'role="img" aria-label="A line &amp; its end."' in one
    assert 'd="M 0 15.12 L 30 15 z" style="fill: var(--on-ffffff, #ffffff)"' in one
    assert '<text style="font-size: 11px; text-anchor: middle" x="5" y="6">3.14159 &amp;' in one
    assert 'width="40" height="20"' in one
    assert set(re.findall(r' id="([^"]+)"', one)) == {"f1-m1"}
    assert set(re.findall(r' href="#([^"]+)"', two)) == {"f2-m1"}
    for number, caption in ((1, "One line."), (2, "The line again.")):
        told = f'Figure {number}. </span><span class="caption-text">{caption}</span>'
        assert told in text
    assert "views.css" in text


def test_files_come_once_and_none_for_live_code(sample: Path) -> None:
    text = (sample / "book" / "notebook.html").read_text(encoding="utf-8")
    assert "thebe" not in text.lower()
    assert "fontawesome.js" not in text
    scripts = [line.strip() for line in text.splitlines() if "<script" in line]
    assert len(scripts) == len(set(scripts))


def test_only_pages_with_formulas_ask_for_their_style(sample: Path) -> None:
    assert "vendor/math.css" in (sample / "book" / "index.html").read_text(encoding="utf-8")
    assert "vendor/math.css" not in (sample / "search.html").read_text(encoding="utf-8")


def test_a_page_asks_for_the_script_of_its_views_and_no_other(sample: Path) -> None:
    scripts = {
        name: re.findall(r'src="[^"]*_static/(views[^"?]*)', (sample / name).read_text("utf-8"))
        for name in ("book/index.html", "book/notebook.html")
    }
    assert scripts == {"book/index.html": [], "book/notebook.html": ["views-alignment.js"]}
    assert {path.name for path in (sample / "_static").glob("views*.js")} == {"views-alignment.js"}
    text = (sample / "_static" / "views-alignment.js").read_text(encoding="utf-8")
    assert 'role:"application"' in text
    assert "memory_hops" not in text


def test_a_host_that_leaves_out_underscored_folders_is_told_not_to(sample: Path) -> None:
    assert (sample / ".nojekyll").is_file()


def test_another_page_can_show_the_view(tmp_path: Path) -> None:
    several = [("attention", "stories"), ("fixed context", "absent")]
    views = [alignment(), memory_hops(live=[("3 hops", "stories")]), alignment(live=several)]
    figures = [view.static()._repr_mimebundle_()["text/html"] for view in views]
    output = [{"data": {"text/html": text.splitlines(keepends=True)}} for text in figures]
    notebook = {"cells": [{"outputs": output}, {}]}
    (tmp_path / "chapter.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    env = SimpleNamespace(srcdir=tmp_path, note_dependency=lambda path: None)
    state = SimpleNamespace(document=SimpleNamespace(settings=SimpleNamespace(env=env)))
    machine = SimpleNamespace(reporter=None)

    def shown(live: str, view: str) -> str:
        options = {"live": live, "view": view}
        directive = chapter_view.ChapterView(
            "chapter-view", ["chapter.ipynb"], options, [], 1, 0, "", state, machine
        )
        (node,) = directive.run()
        return node.astext()

    assert shown("stories", "memory_hops") == figures[1]
    assert shown("stories", "alignment") == figures[2]
    with pytest.raises(DirectiveError) as told:
        shown("stories", "diagram")
    assert told.value.msg == "no stored diagram view of chapter.ipynb has the live model 'stories'"


def opening_page(*tags: str, problem: str = "The problem: it forgets", shows: bool = True):
    """A page of two sections; the second has a cell with `tags`."""
    shown = [nodes.container("", nodes.literal_block("", "a view"), nb_element="cell_code_output")]
    cell = nodes.container(
        "",
        nodes.container("", nodes.literal_block("", "code"), nb_element="cell_code_source"),
        *shown * shows,
        nb_element="cell_code",
        cell_metadata={"tags": list(tags)},
    )
    first = nodes.section("", nodes.title("", problem), nodes.paragraph("", "It fails."), ids=["p"])
    first += nodes.paragraph("", "More.")
    second = nodes.section("", nodes.title("", "Look inside"), cell, ids=["look"])
    return page(first, second)


def test_an_opening_shows_its_view_below_the_problem_and_where_it_is_built() -> None:
    document = opening_page("opening")
    opening.show_openings(None, document)
    first, second = document.children
    texts = [node.astext() for node in first.children]
    assert texts == [
        "The problem: it forgets",
        "It fails.",
        "You will build this: try it first. Its code is in Look inside.",
        "a view",
        "More.",
    ]
    assert "a view" in second.astext()
    assert [link["refid"] for link in document.findall(nodes.reference)] == ["look"]


def test_an_opening_parts_no_paragraph_from_what_it_introduces() -> None:
    document = opening_page("opening")
    document[0][1].children = [nodes.Text("It fails:")]
    opening.show_openings(None, document)
    texts = [node.astext() for node in document[0].children]
    assert texts[3:] == ["It fails:", "More."]


@pytest.mark.parametrize("fault", [{"problem": "The idea"}, {"shows": False}])
def test_an_opening_without_its_place_or_its_view_is_told(
    fault: dict, caplog: pytest.LogCaptureFixture
) -> None:
    document = opening_page("opening", **fault)
    before = document.pformat()
    with caplog.at_level(logging.WARNING, logger="sphinx"):
        opening.show_openings(None, document)
    assert "the tag `opening` is for one cell" in caplog.text
    assert document.pformat() == before


def test_without_the_tag_nothing_moves() -> None:
    document = opening_page("nbval-ignore-output")
    before = document.pformat()
    opening.show_openings(None, document)
    assert document.pformat() == before
