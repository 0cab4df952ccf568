"""Code that folds: its markup, and what a reader, a printer and a telephone make of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document
from lecture_site import folds
from lecture_site.code import Fold
from playwright.sync_api import Browser

from tests.pages import watched

INNER = '<details class="fold fold-check" style="--indent: 4"><summary>Check, 1 line</summary>'
NOTEBOOK = "book/notebook.html"
BLOCK = '<div class="highlight"><pre><span></span>a\nb &lt; 1\n\nc\n</pre></div>\n'


def test_lines_stay_where_they_are_in_one_block() -> None:
    outer = Fold("rest", 2, 4, "3 lines more")
    inner = Fold("check", 4, 4, "Check, 1 line", indent=4)
    markup = folds.fold(BLOCK, [outer, inner])
    assert markup.count("<pre>") == 1
    bare = markup.replace("</details>", "")
    for tag in ('<details class="fold fold-rest" open>', "<summary>3 lines more</summary>"):
        assert tag in markup
        bare = bare.replace(tag, "")
    bare = bare.replace(INNER, "")
    assert bare == BLOCK
    assert f"{INNER}c\n</details></details>" in markup


def test_only_the_sentence_of_a_check_is_ticked() -> None:
    markup = folds.tick(BLOCK, ["b < 1", "missing"])
    assert '<span class="passed">b &lt; 1</span>' in markup
    assert markup.count("passed") == 1
    assert folds.tick(BLOCK, []) == BLOCK


def cell(source: str) -> nodes.container:
    """A code cell as MyST-NB makes it, with one output; its kind and order marked."""
    parts = [
        nodes.container("", nodes.literal_block("", text), nb_element=f"cell_code_{name}")
        for name, text in (("source", source), ("output", "a picture"))
    ]
    made = nodes.container("", *parts, nb_element="cell_code", cell_metadata={}, classes=["cell"])
    document = new_document("page")
    document += made
    folds.mark_cells(None, document)
    return made


def test_what_is_there_for_its_picture_shows_that_first() -> None:
    def order(source: str) -> list[str]:
        return [part["nb_element"].rpartition("_")[2] for part in cell(source).children]

    assert order("views.Diagram(a)") == ["output", "source"]
    assert order("plt.plot(a)\nplt.show()") == ["output", "source"]
    assert order("a = 1\nviews.Diagram(\n    a,\n)") == ["source", "output"], "it is read first"
    assert order("import a\nimport b") == ["source", "output"]


@pytest.mark.parametrize(("words", "place"), [("It is a loop:", 1), ("It is a loop.", 2)])
def test_imports_part_no_sentence_from_what_it_introduces(words: str, place: int) -> None:
    document = new_document("page")
    imports = cell("import a\nimport b")
    document += [nodes.paragraph("", "First."), nodes.paragraph("", words), imports]
    document += cell("views.Diagram(a)")
    folds.mark_cells(None, document)
    assert document.index(imports) == place
    assert len(document) == 4


@pytest.fixture(scope="module")
def text(sample: Path) -> str:
    return (sample / NOTEBOOK).read_text(encoding="utf-8")


def test_what_installs_and_imports_is_one_line(text: str) -> None:
    assert text.count("<summary>Imports, 9 lines</summary>") == 1
    assert "Install" not in text
    assert re.search(r'<div class="cell kind_imports folded\b[^"]*">', text)


def test_an_exercise_prints_nothing(text: str) -> None:
    assert "kind_exercise" in text
    assert "Not yet" not in text


def test_a_sentence_of_a_check_has_its_tick(text: str) -> None:
    assert '<span class="passed">a &amp; b are equal</span>\n2 parts' in text


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reader_opens_a_fold(browser: Browser, sample_http: str, scripts: bool) -> None:
    with watched(browser, sample_http, java_script_enabled=scripts) as watch:
        page = watch.open(NOTEBOOK).page
        fold = page.locator(".kind_imports summary")
        before = page.locator(".kind_imports").bounding_box()["height"]
        fold.click()
        assert page.locator(".kind_imports").bounding_box()["height"] > before + 100
        assert page.locator(".fold-rest > summary:visible").count() == 0, "only on a telephone"
        assert page.locator(".fold-rest").get_by_text("return").is_visible()
        assert not watch.errors


def test_a_cell_is_copied_whole_and_without_what_its_folds_say(
    browser: Browser, sample_http: str
) -> None:
    options = {"permissions": ["clipboard-read", "clipboard-write"]}
    with watched(browser, sample_http, **options) as watch:
        page = watch.open(NOTEBOOK).page
        cell = page.locator(".cell", has=page.locator(".fold-docstring"))
        cell.locator(".highlight").first.hover()
        cell.locator("button.copybtn").first.click()
        copied = page.evaluate("navigator.clipboard.readText()")
        lines = copied.splitlines()
        assert lines[1:6] == [
            "class Tiny:",
            '    """A <layer>.',
            "",
            "    Args:",
            "        size: features.",
        ]
        assert lines[-1] == 'print(f"{1 + 1} parts")'
        assert len(lines) == 18


def test_on_paper_every_cell_is_open_and_then_as_before(browser: Browser, sample_http: str) -> None:
    with watched(browser, sample_http) as watch:
        page = watch.open(NOTEBOOK).page
        opened = "() => document.querySelectorAll('.cell details:not([open])').length"
        closed = page.evaluate(opened)
        assert closed >= 3
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(opened) == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(opened) == closed


def test_a_telephone_shows_how_a_cell_begins(browser: Browser, sample_http: str) -> None:
    with watched(browser, sample_http, viewport={"width": 390, "height": 844}) as watch:
        page = watch.open(NOTEBOOK).page
        rest = page.locator(".fold-rest")
        shown = page.locator(".cell", has=rest).locator("pre").first.inner_text()
        assert shown.splitlines()[1:3] == ["class Tiny:", '    """A <layer>.']
        assert "return z" not in shown
        rest.locator("> summary").click()
        assert "return z" in page.locator(".cell", has=rest).locator("pre").first.inner_text()
        page.set_viewport_size({"width": 320, "height": 844})
        page.set_viewport_size({"width": 1000, "height": 844})
        assert page.locator(".fold-rest:not([open])").count() == 0, "its line is not to be seen"
