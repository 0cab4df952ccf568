"""The lists of chapters, made of ``_toc.yml`` and the notebooks; and a chapter put between two."""

from __future__ import annotations

import html
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from lecture_site import chapters, marks

from tests.pages import ROOT, in_order

SAMPLE = Path(__file__).parent / "sample"
SAYS = {"summary": "what it *is*.", "live": "do a | b", "question": "why?"}

TOC = """format: jb-book
root: book/index
parts:
  - caption: First
    numbered: 2
    chapters:
      - file: book/notebook
  - caption: Second
    numbered: 2
    chapters:
      - file: book/last
  - caption: Companions
    chapters:
      - file: book/plan
"""
PLAN = """# The plan

```{chapters}
**Part one**, the first:

**Part two**, the second:
```

```{lecture-plan}
```
"""


def notebook(title: str, *markdown: str, **metadata: object) -> str:
    texts = [f"# {title}\n\nA sentence about {title}, which is a chapter.", *markdown]
    cells = [
        {"cell_type": "markdown", "id": f"cell-{i}", "metadata": {}, "source": text}
        for i, text in enumerate(texts)
    ]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@dataclass
class Book:
    """A small book, and the pages that it was last built to."""

    root: Path

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def build(self) -> str:
        """Build what is stale, as ``make book`` does; give what was said where it failed."""
        command = "from jupyter_book.cli.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", command, "build", ".", "-W", "--keep-going", "-n"],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": ".", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        return done.stdout + done.stderr if done.returncode else ""

    def page(self, name: str) -> str:
        return (self.root / "_build" / "html" / "book" / f"{name}.html").read_text("utf-8")

    def listed(self) -> list[tuple[str, str, str]]:
        """Number, address and text of each entry of the list for readers."""
        found = []
        for start, entries in re.findall(
            r'<ol class="[^"]*\broad\b[^"]*"(?: start="(\d+)")?>(.*?)</ol>',
            self.page("plan"),
            re.DOTALL,
        ):
            for i, entry in enumerate(re.findall(r"<li>(.*?)</li>", entries, re.DOTALL)):
                address = re.search(r'href="([^"]*)"', entry)
                found.append(
                    (str(int(start or 1) + i), address[1] if address else "", words(entry))
                )
        return found


def words(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).strip()


def rows(page: str) -> list[list[str]]:
    """The cells of the lecturer's table."""
    table = page.split("the question it turns on", 1)[1].split("</table>")[0]
    table = re.sub(r'<p class="cell-head">.*?</p>', "", table)  # its column, for a telephone
    return [
        [words(cell) for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", table.split("<tbody>")[1], re.DOTALL)
    ]


def neighbours(page: str) -> tuple[str, ...]:
    """The addresses of the previous and the next page."""
    links = re.findall(r'<a class="(left-prev|right-next)"\s+href="([^"]*)"', page)
    return tuple(dict(links).get(side, "") for side in ("left-prev", "right-next"))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    if not (ROOT / "node_modules").is_dir():
        pytest.skip("node_modules is missing; run: npm ci")
    root = tmp_path_factory.mktemp("chapters")
    for part in ("book/_ext", "book/_static", "book/_tools", "lecture_utils"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("models"))
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    shutil.copy(ROOT / "_config.yml", root)
    shutil.copytree(SAMPLE, root, dirs_exist_ok=True)
    (root / "book" / "lecture.ipynb").unlink()
    made = Book(root)
    first = json.loads((root / "book" / "notebook.ipynb").read_text(encoding="utf-8"))
    first["metadata"]["lecture"] = SAYS
    made.write("book/notebook.ipynb", json.dumps(first))
    made.write("book/last.ipynb", notebook("The last", lecture=SAYS))
    made.write("book/plan.md", PLAN)
    made.write("_toc.yml", TOC)
    assert not made.build()
    return made


# In the order in which they stand: each goes on from the book that the last one left.


def test_the_lists_name_every_chapter(book: Book) -> None:
    assert book.listed() == [
        ("1", "notebook.html", "A notebook: what it is."),
        ("2", "last.html", "The last: what it is."),
    ]
    assert "<em>is</em>" in book.page("plan")
    assert rows(book.page("plan")) == [
        ["1", "A notebook", "4", "-", "do a | b", "why?"],
        ["1", "The last", "0", "-", "do a | b", "why?"],
    ]
    assert "All notes together: 4 minutes." in words(book.page("plan"))
    assert "that is 1 lecture: 4 minutes." in words(book.page("plan"))
    assert neighbours(book.page("notebook")) == ("index.html", "last.html")


def test_a_new_chapter_is_its_notebook_and_one_line(book: Book) -> None:
    notes = ["<!-- lecturer 1.1 min: One. -->", "Then\n\n<!-- lecturer 2.2 min: Two.\n\nMore. -->"]
    book.write("book/between.ipynb", notebook("Between $x$ and | y", *notes, lecture=SAYS))
    line = "      - file: book/last\n"
    book.write("_toc.yml", TOC.replace(line, f"      - file: book/between\n{line}"))
    assert not book.build()
    assert [entry[:2] for entry in book.listed()] == [
        ("1", "notebook.html"),
        ("2", "between.html"),
        ("3", "last.html"),
    ]
    table = rows(book.page("plan"))
    assert [row[2] for row in table] == ["4", "3.3", "0"]
    assert table[1][1].endswith("and | y")
    assert neighbours(book.page("between")) == ("notebook.html", "last.html")
    assert neighbours(book.page("last")) == ("between.html", "plan.html")
    assert neighbours(book.page("notebook")) == ("index.html", "between.html")
    assert '<span class="section-number">3. </span>' in book.page("last")


def test_what_is_missing_stops_the_build(book: Book) -> None:
    book.write("book/last.ipynb", notebook("The end"))
    book.write("book/plan.md", f"{PLAN}\n```{{chapters}}\nOne part of the two.\n```\n")
    said = book.build()
    for key in SAYS:
        assert f'"lecture": {{"{key}": "..."}}' in said
    assert "last.ipynb" in said
    assert "_toc.yml has 2 numbered parts" in said
    assert book.listed()[-1] == ("3", "last.html", "The end:"), "it is named all the same"


@pytest.mark.parametrize("line", ["", " ", "two\nlines", None, 3])
def test_what_is_no_line_of_text_is_told(line: object, caplog: pytest.LogCaptureFixture) -> None:
    chapter = chapters.Chapter(1, "book/a", "A", {"live": line}, Decimal(0))
    with caplog.at_level(logging.WARNING, logger="sphinx"):
        assert chapter.says("live") == ""
    assert '"lecture": {"live": "..."}' in caplog.text


def test_minutes_are_exact_and_code_is_no_note() -> None:
    text = "\n\n".join(["<!-- lecturer 0.1 min: A. -->"] * 10)
    assert str(marks.minutes(text)) == "1.0"
    assert (
        marks.minutes("```html\n<!-- lecturer 3 min: so -->\n```\n\n`<!-- lecturer 3 min: -->`")
        == 0
    )
    assert marks.minutes("Text.\n\n<!-- lecturer: no time -->\n\n<!-- slide -->") == 0


@pytest.mark.parametrize(
    ("minutes", "cut"),
    [
        ([77, 51, 45], [[77], [51, 45]]),
        ([60, 40, 1], [[60, 40], [1]]),
        ([120, 10, 95], [[120], [10], [95]]),
        ([], []),
    ],
)
def test_chapters_are_cut_into_lectures_in_their_order(
    minutes: list[int], cut: list[list[int]]
) -> None:
    listed = [chapters.Chapter(i, "a", "A", {}, Decimal(m)) for i, m in enumerate(minutes)]
    assert [[c.minutes for c in lecture] for lecture in chapters.lectures(listed)] == cut


# The book itself


def test_the_lecturer_s_minutes_are_those_that_lecture_mode_plans(site: Path) -> None:
    table = rows((site / "book" / "lecturing.html").read_text(encoding="utf-8"))
    assert len(table) == len(in_order()) > 0
    for (_, _, told, *_), chapter in zip(table, in_order(), strict=True):
        page = (site / f"{chapter}.html").read_text(encoding="utf-8")
        planned = sum(map(Decimal, re.findall(r' data-minutes="([^"]*)"', page)), Decimal(0))
        assert told == f"{planned.normalize():f}", chapter


def test_the_index_and_previous_and_next_follow_the_contents(site: Path) -> None:
    order = [f"/{chapter}.html" for chapter in in_order()]
    text = (site / "book" / "index.html").read_text(encoding="utf-8")
    lists = "".join(re.findall(r"<ol class.*?</ol>", text.split("<article", 1)[1], re.DOTALL))
    assert [f"/book/{link}" for link in re.findall(r'href="([^"]*)"', lists)] == order
    around = ["/book/index.html", *order, "/book/notation.html"]
    for i, address in enumerate(order, 1):
        page = (site / address.lstrip("/")).read_text(encoding="utf-8")
        folder = Path(address).parent
        found = [os.path.normpath(folder / link) for link in neighbours(page)]
        assert found == [around[i - 1], around[i + 1]], address
