"""The rules of the house: who imports whom, what is documented, what no file may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "lecture_utils"
MODULES = sorted(PACKAGE.rglob("*.py"))

MAY_IMPORT = {
    "__init__": set(),
    "recording": set(),
    "addressing": {"addressing", "recording"},
    "gating": {"recording"},
    "models": {"models", "addressing", "gating", "recording"},
    "views": {"views", "recording"},
    "diagrams": {"diagrams"},
    "data": {"data"},
    "training": set(),
    "published": set(),
    "exercises": {"exercises"},
    "live": {"live", "models", "gating", "recording"},
    "scores": set(),
    "tasks": {"tasks", "models", "data", "scores", "gating", "recording"},
    # A recipe brings them together, as a chapter does.
    "recipes": {
        *{"recipes", "tasks", "models", "addressing", "data"},
        *{"training", "live", "recording", "scores"},
    },
}
"""What each room of the package may import of the package's other rooms."""

# Written in pieces, so that this file does not hold what it looks for.
FORBIDDEN = {
    "a folder of one machine": r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work/\w+|opt/\w+)/"
    r"|\b[A-Z]:\\{1,2}Users\b",
    "a package registry": "|".join(
        [
            r"pypi\." + "org",
            "files.python" + "hosted",
            r"registry\.npm" + "js",
            r"download\.py" + "torch",
            r"deb\.deb" + "ian",
            r"(?:--|_)(?:extra-)?index-url" + r"[ =]",
        ]
    ),
}


def room(path: Path) -> str:
    """Give the part of the package that the file at `path` belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(source: str, path: Path) -> set[str]:
    """Give the parts of the package that `source`, the text of the file at `path`, imports."""
    folder = ["lecture_utils", *path.relative_to(PACKAGE).parent.parts]
    rooms = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else []
            module = [*base, *(node.module.split(".") if node.module else [])]
            names = [[*module, alias.name] for alias in node.names]
        else:
            continue
        rooms |= {name[1] for name in names if name[0] == "lecture_utils" and len(name) > 1}
    return rooms - {"__version__"}


def committed_files() -> list[Path]:
    """Give the files that are, or would be, committed."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split("\0")
        files = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive, or no git
        skip = {".git", ".venv", "node_modules", "_build", "__pycache__"}
        files = [path for path in ROOT.rglob("*") if not skip & {*path.relative_to(ROOT).parts}]
    return [path for path in files if path.is_file()]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_what_the_house_allows(path: Path) -> None:
    here = room(path)
    assert here in MAY_IMPORT, f"say in MAY_IMPORT what {here} may import"
    extra = imported_rooms(path.read_text(encoding="utf-8"), path) - MAY_IMPORT[here]
    assert not extra, f"{here} may not import {sorted(extra)}"


@pytest.mark.parametrize(
    ("line", "file", "rooms"),
    [
        ("import lecture_utils.views.assets", "data/x.py", {"views"}),
        ("from lecture_utils import views", "data/x.py", {"views"}),
        ("from lecture_utils.models.bahdanau import Attention", "live/x.py", {"models"}),
        ("from .. import training", "live/x.py", {"training"}),
        ("from ..training import fit", "models/x.py", {"training"}),
        ("from .pairs import Pair", "data/x.py", {"data"}),
        ("from . import pairs", "data/x.py", {"data"}),
        ("from lecture_utils import __version__", "live.py", set()),
        ("import torch", "live.py", set()),
        ("def f():\n    from lecture_utils import training", "data/x.py", {"training"}),
    ],
)
def test_the_import_rule_sees_every_kind_of_import(line: str, file: str, rooms: set[str]) -> None:
    assert imported_rooms(line, PACKAGE / file) == rooms


@pytest.mark.parametrize("module", ["lecture_utils", "lecture_utils.views.assets"])
def test_importing_without_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_everything_public_is_documented(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module says nothing of itself"
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    owners = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    silent = [
        f"{node.name} (line {node.lineno})"
        for owner in owners
        if not getattr(owner, "name", "").startswith("_")
        for node in owner.body
        if isinstance(node, kinds) and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]
    assert not silent, f"without a docstring: {', '.join(silent)}"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_committed_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in committed_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}: {match[0]}"
            for number, line in enumerate(lines, 1)
            if (match := pattern.search(line))
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a folder of one machine", "/" + "root/x"),
        ("a folder of one machine", "see /ho" + "me/ann/x"),
        ("a folder of one machine", "C:\\Us" + "ers\\ann"),
        ("a package registry", "https://py" + "pi.org/simple"),
        ("a package registry", "--extra-index" + "-url x"),
    ],
)
def test_what_no_file_may_hold_is_recognised(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], text)
    assert not re.search(FORBIDDEN[what], "docs.pytest/home and ../shared/root/x")
