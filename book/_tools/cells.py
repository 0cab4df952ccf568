"""Keep the notebook cells that show the package's source equal to the package.

A code cell whose metadata holds ``{"source": "lecture_utils.models.bahdanau.Attention"}`` shows,
after a first line ``# lecture_utils.models.bahdanau.Attention``, exactly the source of that
top-level class, function or constant. Edit the package, then run this; never edit the copy.

    python book/_tools/cells.py            rewrite the copies in all notebooks
    python book/_tools/cells.py --check    list the copies that differ; exit 1 if there are any
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "lecture_utils"
LONGEST = 30
"""Lines of source that a reader takes in at once; a longer copy is refused."""

_MARK = re.compile(rf"# ({PACKAGE}(?:\.\w+)+)\s*$")
_NOT_OURS = {"node_modules", "_build"}


class CellError(Exception):
    """A copy that cannot be made; the message says why and what to do."""


def notebooks(folder: Path = ROOT / "book") -> list[Path]:
    """Give every notebook of the book, sorted, leaving out what tools have made."""
    found = []
    for here, below, files in os.walk(folder):
        below[:] = [name for name in below if name not in _NOT_OURS and not name.startswith(".")]
        found += [Path(here, name) for name in files if name.endswith(".ipynb")]
    return sorted(found)


def source(name: str, root: Path = ROOT) -> str:
    """Give the source of ``package.module.Object`` from its file, without importing it.

    A package that passes an object on, ``from package.module.part import Object``, names it too.

    Raises:
        CellError: No such module or top-level object, or more than `LONGEST` lines of it.
    """
    module, _, wanted = name.rpartition(".")
    base = root.joinpath(*module.split("."))
    path = next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)
    if path is None or module.split(".")[0] != PACKAGE:
        raise CellError(f"{name}: there is no module {module}")
    text = path.read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and wanted in {alias.name for alias in node.names}:
            return source(f"{node.module}.{wanted}", root)
        if wanted in _names(node):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            lines = text.splitlines()[first - 1 : node.end_lineno]
            if len(lines) > LONGEST:
                raise CellError(
                    f"{name}: {len(lines)} lines are too many to show, {LONGEST} at most; "
                    "split it in the package, one idea each"
                )
            return "\n".join(lines)
    raise CellError(f"{name}: {module} has no top-level class, function or constant {wanted}")


def rewrite(notebook: dict[str, Any], root: Path = ROOT) -> tuple[list[int], list[str]]:
    """Bring the copies in `notebook` up to date, in place.

    Returns:
        The indices of the cells that changed, and a message for each copy that cannot be made.
    """
    changed, problems = [], []
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        shown = "".join(cell["source"])
        name = cell["metadata"].get("source")
        marked = _MARK.match(shown.partition("\n")[0])
        if name is None:
            if marked:
                problems.append(
                    f"cell {index}: its first line names {marked[1]} but its metadata does not; "
                    f'add "source": "{marked[1]}" to the metadata, or take the line away'
                )
            continue
        try:
            fresh = f"# {name}\n{source(name, root)}"
        except CellError as error:
            problems.append(f"cell {index}: {error}")
            continue
        if fresh != shown:
            cell["source"] = fresh.splitlines(keepends=True)
            changed.append(index)
    return changed, problems


def update(paths: Iterable[Path], root: Path = ROOT, check: bool = False) -> Iterator[str]:
    """Rewrite the copies in the notebooks at `paths`; with `check`, only look.

    Yields:
        One line per copy that was rewritten (or, with `check`, differs) or cannot be made; the
        latter begin with ``error:``.
    """
    for path in paths:
        text = path.read_text(encoding="utf-8")
        notebook = json.loads(text)
        changed, problems = rewrite(notebook, root)
        where = path.relative_to(root) if path.is_relative_to(root) else path
        yield from (f"error: {where}, {problem}" for problem in problems)
        for index in changed:
            name = notebook["cells"][index]["metadata"]["source"]
            yield f"{where}, cell {index}: {name} {'differs' if check else 'rewritten'}"
        if changed and not check:
            path.write_text(dump(notebook), encoding="utf-8", newline="\n")


def dump(notebook: dict[str, Any]) -> str:
    """Give a notebook's text as Jupyter writes it, so that only what changed differs."""
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of the book")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 on a difference"
    )
    options = parser.parse_args(arguments)
    paths = [path.resolve() for path in options.notebooks] or notebooks()
    lines = list(update(paths, check=options.check))
    for line in lines:
        print(line)
    if options.check and lines:
        print("The package is the one home of this code. Run: python book/_tools/cells.py")
        return 1
    return int(any(line.startswith("error:") for line in lines))


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


if __name__ == "__main__":
    sys.exit(main())
