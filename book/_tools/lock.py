"""Write requirements-lock.txt afresh: what requirements.txt brings in, directly or not.

    python book/_tools/lock.py

pip resolves; nothing is installed. Each package comes in its newest release that the pins of these
files allow and that the oldest Python of pyproject.toml can install, whatever Python runs this.
What torch needs on one system alone, its CUDA, is left out: torch pins that. A package that only
another system or Python needs keeps its line. Run ``make clean test`` before you commit it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

# pip's own copy: this must run where nothing is installed yet, with a lock that does not fit.
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.specifiers import SpecifierSet
from pip._vendor.packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FILES = ("requirements-book.txt", "requirements.txt")
LOCK = "requirements-lock.txt"
PINS_ITSELF = "torch"
SYSTEMS = [
    {"os_name": os, "sys_platform": platform, "platform_system": system}
    for os, platform, system in [
        ("posix", "linux", "Linux"), ("posix", "darwin", "Darwin"), ("nt", "win32", "Windows"),
    ]
]  # fmt: skip
PYTHONS = [{"python_version": f"3.{n}", "python_full_version": f"3.{n}.0"} for n in (11, 12, 13)]


def stated(root: Path = ROOT) -> list[str]:
    """The requirements that `FILES` state, without the files that they read."""
    lines = (line for name in FILES for line in (root / name).read_text("utf-8").splitlines())
    bare = (line.partition("#")[0].strip() for line in lines)
    return [line for line in bare if line and not line.startswith("-")]


def oldest_python(root: Path = ROOT) -> str:
    """The first release of the oldest Python that pyproject.toml allows, as ``3.11.0``."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["requires-python"].removeprefix(">=") + ".0"


def pip_report(requirements: Iterable[str]) -> list[dict]:
    """The metadata of all packages that these requirements bring in, by pip's resolver."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        listed = Path(folder, "requirements.txt")
        listed.write_text("\n".join(requirements), encoding="utf-8")
        command = ["install", "--quiet", "--dry-run", "--ignore-installed", "-r", str(listed)]
        subprocess.run([sys.executable, "-m", "pip", *command, "--report", str(report)], check=True)
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    return [package["metadata"] for package in installed]


def resolve(requirements: list[str], oldest: str, report=pip_report) -> list[dict]:
    """Like `pip_report`, but only releases that the Python release `oldest` can install.

    Raises:
        ValueError: A requirement that is stated asks for a newer Python.
    """
    pinned = {canonicalize_name(Requirement(text).name) for text in requirements}
    refused: dict[str, str] = {}
    while True:
        found = report([*requirements, *refused.values()])
        newer = [p for p in found if oldest not in SpecifierSet(p.get("requires_python") or "")]
        if not newer:
            return found
        for package in newer:
            name, version = package["name"], package["version"]
            if canonicalize_name(name) in pinned:
                raise ValueError(f"{name} {version} needs more than Python {oldest}: pin another")
            refused[name] = f"{name}<{version}"
            print(f"{name} {version} needs a newer Python than {oldest}", file=sys.stderr)


def lock(found: list[dict], stated: Iterable[str], before: dict[str, str]) -> dict[str, str]:
    """The lines of the lock: each package with its version, in alphabetical order.

    Args:
        found: The metadata of the packages that were resolved.
        stated: The requirements that they were resolved from.
        before: The lines of the lock as it was.
    """
    packages = {canonicalize_name(package["name"]): package for package in found}
    waiting = [Requirement(text) for text in stated]
    met: set[tuple[str, str]] = set()
    lines: dict[str, str] = {}
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in packages:  # needed by another system or Python than this
            if name in before:
                lines[name] = before[name]
            continue
        lines[name] = packages[name]["version"]
        needs = [Requirement(text) for text in packages[name].get("requires_dist", ())]
        for extra in {"", *requirement.extras}:
            if (name, extra) not in met:
                met.add((name, extra))
                waiting += [need for need in needs if _applies(need, extra, name)]
    return dict(sorted(lines.items()))


def _applies(need: Requirement, extra: str, by: str) -> bool:
    """Whether the package `by`, with that extra, has this need on any system and Python."""
    if need.marker is None:
        return extra == ""
    return by != PINS_ITSELF and any(
        need.marker.evaluate({**system, **python, "extra": extra})
        for system in SYSTEMS
        for python in PYTHONS
    )


def read(text: str) -> tuple[list[str], dict[str, str]]:
    """The comment at the head of a lock, and its lines."""
    head = re.match(r"(?:#.*\n)*", text)[0].splitlines()
    return head, dict(line.split("==") for line in text.splitlines()[len(head) :] if line)


def main(root: Path = ROOT) -> None:
    """Write the lock, and say what changed."""
    path = root / LOCK
    head, before = read(path.read_text(encoding="utf-8"))
    wanted = stated(root)
    lines = lock(resolve(wanted, oldest_python(root)), wanted, before)
    text = "\n".join([*head, *(f"{name}=={version}" for name, version in lines.items()), ""])
    path.write_text(text, encoding="utf-8", newline="\n")
    for name in sorted({*before, *lines}):
        if before.get(name) != lines.get(name):
            print(f"{name}: {before.get(name, 'none')} -> {lines.get(name, 'none')}")


if __name__ == "__main__":
    main()
