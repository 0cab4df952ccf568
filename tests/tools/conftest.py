"""A small repository for the tools to work on."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

MODULE = '''"""Toy."""

import functools

SIZE = 3
NAMES: tuple[str, ...] = ("a", "b")


@functools.cache
def double(x: int) -> int:
    """Twice x."""
    return 2 * x


class Toy:
    """A toy — with a letter beyond ASCII."""

    def play(self) -> int:
        """Play."""
        return SIZE


def long() -> None:
    """Too long."""
''' + "".join(f"    _ = {i}\n" for i in range(40))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A folder with a package of one module and a notebook that copies from it."""
    package = tmp_path / "lecture_utils"
    package.mkdir()
    (package / "__init__.py").write_text("LIMIT = 5\n", encoding="utf-8")
    (package / "toy.py").write_text(MODULE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def write_notebook(repository: Path):
    """A function that writes a notebook of code cells, given as (source, metadata)."""

    def write(*cells: tuple[str, dict], name: str = "chapter.ipynb") -> Path:
        notebook = new_notebook(
            cells=[
                new_markdown_cell("# Über — ≥"),
                *(new_code_cell(s, metadata=m) for s, m in cells),
            ]
        )
        path = repository / "book" / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return write
