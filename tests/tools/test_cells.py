from __future__ import annotations

from pathlib import Path

import cells
import pytest

TOY = "lecture_utils.toy.Toy"


def copy_of(name: str, text: str = "") -> tuple[str, dict]:
    return f"# {name}\n{text}", {"source": name}


def test_gives_a_class_with_its_docstring(repository: Path) -> None:
    text = cells.source(TOY, repository)
    assert text.startswith("class Toy:\n")
    assert text.endswith("        return SIZE")


def test_gives_a_function_with_its_decorators(repository: Path) -> None:
    text = cells.source("lecture_utils.toy.double", repository)
    assert text.startswith("@functools.cache\ndef double(")
    assert text.endswith("return 2 * x")


def test_gives_what_a_package_passes_on(repository: Path) -> None:
    (repository / "lecture_utils" / "__init__.py").write_text(
        "from lecture_utils.toy import SIZE, Toy\n", encoding="utf-8"
    )
    assert cells.source("lecture_utils.Toy", repository) == cells.source(TOY, repository)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lecture_utils.toy.SIZE", "SIZE = 3"),
        ("lecture_utils.toy.NAMES", 'NAMES: tuple[str, ...] = ("a", "b")'),
        ("lecture_utils.LIMIT", "LIMIT = 5"),
    ],
)
def test_gives_a_constant(repository: Path, name: str, text: str) -> None:
    assert cells.source(name, repository) == text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lecture_utils.toy.Ball", "no top-level class, function or constant Ball"),
        ("lecture_utils.toy.Toy.play", "no module lecture_utils.toy.Toy"),
        ("lecture_utils.ball.Toy", "no module lecture_utils.ball"),
        ("os.path", "no module os"),
        ("lecture_utils.toy.long", "42 lines are too many to show, 30 at most"),
    ],
)
def test_refuses_what_cannot_be_shown(repository: Path, name: str, message: str) -> None:
    with pytest.raises(cells.CellError, match=message):
        cells.source(name, repository)


def test_rewrites_a_copy_and_nothing_else(repository: Path, write_notebook) -> None:
    path = write_notebook(("1 + 1", {}), copy_of(TOY, "class Toy: pass"), ("'ü'", {}))
    before = path.read_text(encoding="utf-8")
    assert list(cells.update([path], repository)) == [
        f"book/chapter.ipynb, cell 2: {TOY} rewritten"
    ]
    after = path.read_text(encoding="utf-8")
    removed = [line for line in before.splitlines() if line not in after.splitlines()]
    assert removed == ['    "class Toy: pass"']
    assert not list(cells.update([path], repository, check=True))


def test_leaves_a_true_copy_byte_for_byte(repository: Path, write_notebook) -> None:
    path = write_notebook(copy_of(TOY, cells.source(TOY, repository)))
    path.write_text(path.read_text(encoding="utf-8").replace(" 1", "  1"), encoding="utf-8")
    before = path.read_bytes()
    assert not list(cells.update([path], repository))
    assert path.read_bytes() == before


def test_check_tells_and_writes_nothing(repository: Path, write_notebook) -> None:
    path = write_notebook(copy_of(TOY))
    before = path.read_bytes()
    assert list(cells.update([path], repository, check=True)) == [
        f"book/chapter.ipynb, cell 1: {TOY} differs"
    ]
    assert path.read_bytes() == before


def test_tells_of_a_mark_without_metadata(repository: Path, write_notebook) -> None:
    path = write_notebook((f"# {TOY}\nclass Toy: pass", {}))
    (line,) = cells.update([path], repository)
    assert line.startswith("error: book/chapter.ipynb, cell 1: its first line names")


def test_a_copy_that_is_too_long_is_told_and_left(repository: Path, write_notebook) -> None:
    path = write_notebook(copy_of("lecture_utils.toy.long", "kept"))
    (line,) = cells.update([path], repository)
    assert line.startswith("error:")
    assert "too many to show" in line
    assert "kept" in path.read_text(encoding="utf-8")


def test_finds_notebooks_but_not_what_tools_made(repository: Path, write_notebook) -> None:
    path = write_notebook(name="a.ipynb")
    for made in ("_build", "node_modules", ".ipynb_checkpoints"):
        (repository / made).mkdir()
        (repository / made / "b.ipynb").write_bytes(path.read_bytes())
    assert cells.notebooks(repository) == [path]


@pytest.mark.parametrize(("text", "code"), [("class Toy: pass", 1), (None, 0)])
def test_the_command_exits_by_what_it_found(
    repository: Path, write_notebook, monkeypatch, capsys, text: str | None, code: int
) -> None:
    path = write_notebook(copy_of(TOY, text or cells.source(TOY, repository)))
    monkeypatch.setattr(cells, "ROOT", repository)
    monkeypatch.setattr(cells.update, "__defaults__", (repository, False))
    assert cells.main(["--check", str(path)]) == code
    assert ("differs" in capsys.readouterr().out) == bool(code)
    assert cells.main([str(path)]) == 0
    assert cells.main(["--check", str(path)]) == 0
