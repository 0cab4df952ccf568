"""Every stored notebook: executed in order, its copies true, nothing left out without a reason."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import cells
import chapters
import nbformat
import pytest

NOTEBOOKS = cells.notebooks()
LEFT_OUT = {"nbval-skip", "nbval-ignore-output"}

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_executed_from_top_to_bottom(path: Path) -> None:
    assert not list(chapters.faults(nbformat.read(path, as_version=4))), "run: make chapters"


def test_copies_equal_the_package(path: Path) -> None:
    assert not list(cells.update([path], check=True)), "run: make cells"


def test_what_is_not_compared_says_why(path: Path) -> None:
    silent = [
        index
        for index, cell in enumerate(nbformat.read(path, as_version=4).cells)
        if LEFT_OUT & {*cell.metadata.get("tags", [])}
        if not cell.metadata.get("reason")
    ]
    assert not silent, f"cells {silent}: give {sorted(LEFT_OUT)} a reason in the cell's metadata"


def test_no_comment_turns_the_comparison_off(path: Path) -> None:
    marks = re.compile(r"#\s*(NBVAL_\w+|PYTEST_VALIDATE_\w+)")
    found = [
        match for c in nbformat.read(path, as_version=4).cells for match in marks.findall(c.source)
    ]
    assert not found, "use a tag and a reason in the cell's metadata"


def test_no_value_is_silenced_by_a_semicolon(path: Path) -> None:
    ends = [
        index
        for index, cell in enumerate(nbformat.read(path, as_version=4).cells)
        if cell.cell_type == "code" and cell.source.rstrip().endswith(";")
    ]
    assert not ends, f"cells {ends}: nbval runs them without a history; end on plt.show()"


def test_every_assert_tells_the_reader_what_to_do(path: Path) -> None:
    bare = []
    for index, cell in enumerate(nbformat.read(path, as_version=4).cells):
        magic = any(line.lstrip().startswith("%") for line in cell.source.splitlines())
        if cell.cell_type == "code" and not magic:
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Assert) and node.msg is None:
                    bare.append((index, ast.unparse(node)))
    assert not bare, "an assert that fails shows a reader its message alone: write one"
