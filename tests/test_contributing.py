"""CONTRIBUTING.md's small view and small kind, added by its own words to a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages import ROOT

NEEDED = ("lecture_utils", "tests", "book/_tools", "pyproject.toml", "package.json", "biome.jsonc")
LISTED = {"tests/views/examples.py": "\n\nEXAMPLES: ", "tests/live/tiny.py": "\n\nKINDS: "}
"""Where an example goes: before the line that gathers them."""
PASSED_ON = {
    "lecture_utils/views/__init__.py": "from lecture_utils.views.counter import Counter\n",
    "lecture_utils/live/__init__.py": "from lecture_utils.live.shares import Shares\n",
}
CONTRACT = ("tests/views/test_contract.py", "tests/views/test_answers_agree.py", "tests/live")


def blocks() -> dict[str, str]:
    """The code that CONTRIBUTING.md says a file holds, by the last path that is named before it."""
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.findall(r"(?:^|\n\n)(\S[^\n]*(?:\n[^\n]+)*):\n\n```\w+\n(.*?)\n```", told, re.S)
    paths = [(re.findall(r"`([\w./]+/[\w.]+\.\w+)`", above), code) for above, code in found]
    return {named[-1]: f"{code}\n" for named, code in paths if named}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with what the blocks say."""
    folder = tmp_path_factory.mktemp("project")
    for name in NEEDED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        whole = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        whole(ROOT / name, folder / name)
    for name in ("node_modules", "book/_static"):
        (folder / name).symlink_to(ROOT / name)
    for name, code in blocks().items():
        (folder / name).parent.mkdir(exist_ok=True)
        before = (folder / name).read_text(encoding="utf-8") if name in LISTED else ""
        place = LISTED.get(name, "")
        made = before.replace(place, f"\n\n{code}{place}", 1) if before else code
        (folder / name).write_text(made, encoding="utf-8")
    for name, line in PASSED_ON.items():
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(line)
    return folder


def run(project: Path, *command: str) -> str:
    """What a command says that ends well there."""
    paths = os.pathsep.join([str(project), str(project / "book" / "_tools")])
    told = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=project, env=told, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_a_view_and_a_kind_are_few_lines() -> None:
    made = blocks()
    view, kind = "lecture_utils/views/counter/", "lecture_utils/live/shares"
    files = {view + name for name in ("__init__.py", "view.css", "view.js")}
    assert {*made} == files | {f"{kind}.py", f"{kind}.js", *LISTED}
    assert sum(code.count("\n") for code in made.values()) + 2 * len(PASSED_ON) <= 150


def test_they_keep_the_contract(project: Path) -> None:
    new = [name for name in blocks() if name not in LISTED]
    python = [name for name in new if name.endswith(".py")]
    scripts = [name for name in new if name not in python]
    run(project, sys.executable, "-m", "ruff", "check", *python)
    run(project, sys.executable, "-m", "ruff", "format", "--check", *python)
    run(project, str(ROOT / "node_modules" / ".bin" / "biome"), "check", *scripts)
    run(project, sys.executable, "book/_tools/bundles.py")
    pytest_ = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:cov"]
    told = run(project, *pytest_, *CONTRACT, "-k", "counter or shares or has_an_example")
    assert re.search(r"\b\d\d passed", told), told
