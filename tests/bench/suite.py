"""What the test suite costs, what it reaches, and what it compares."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import cells

from tests.bench.rows import Row, row
from tests.pages import ROOT

BUILD = ROOT / "_build"
CHECKS = ("lint", "unit", "notebooks", "pages", "jupyter")
"""What ``make test`` makes."""


@dataclass(frozen=True)
class Spent:
    """What one of `CHECKS` took, as it noted itself."""

    cpu_s: float
    wall_s: float
    passed: bool


@cache
def spent(check: str) -> Spent:
    """Run a check, and read what it spent."""
    notes = BUILD / "tests.json"
    known = json.loads(notes.read_text(encoding="utf-8")) if notes.is_file() else {}
    notes.parent.mkdir(exist_ok=True)
    known.pop(check, None)  # what an earlier run took counts no more
    notes.write_text(json.dumps(known), encoding="utf-8")
    subprocess.run(["make", check], cwd=ROOT, check=False, stdout=sys.stderr)
    found = json.loads(notes.read_text(encoding="utf-8")).get(check)
    if found is None:
        raise RuntimeError(f"'make {check}' did not run")
    return Spent(**found)


def _cost(check: str) -> Row:
    took = spent(check)
    fault = "" if took.passed else f"it failed; run: make {check}"
    return Row(f"tests.cpu_s.{check}", took.cpu_s, cpu_s=took.cpu_s, fault=fault)


@row("coverage.lecture_utils", "%", ">= 95")
@row("tests.cpu_s.unit", "s", "<= 600")
def unit() -> list[Row]:
    """The package's tests: how many lines they reach, and what they cost."""
    (BUILD / "coverage.json").unlink(missing_ok=True)
    cost = _cost("unit")
    totals = json.loads((BUILD / "coverage.json").read_text(encoding="utf-8"))["totals"]
    reached = round(totals["percent_covered"], 2)
    return [cost, Row("coverage.lecture_utils", reached, fault=cost.fault)]


@row("nbval.cells", "cells", ">= 1")
@row("nbval.failed", "cells", "<= 0")
@row("nbval.skipped", "cells", "<= 0")
@row("tests.cpu_s.notebooks", "s", "<= 1200")
def notebooks() -> list[Row]:
    """Every notebook under strict comparison: its cells, those that failed, those left out."""
    (BUILD / "nbval.xml").unlink(missing_ok=True)
    cost = _cost("notebooks")
    code = [
        cell
        for path in cells.notebooks()
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    silent = [
        cell
        for cell in code
        if "nbval-skip" in cell["metadata"].get("tags", []) and not cell["metadata"].get("reason")
    ]
    ran, failed = count_cases(BUILD / "nbval.xml")
    return [
        cost,
        Row("nbval.cells", ran, bound=f">= {len(code)}"),
        Row("nbval.failed", failed),
        Row("nbval.skipped", len(silent)),  # without a written reason
    ]


@row("tests.cpu_s.pages", "s", "<= 300")
def pages() -> list[Row]:
    """The tests of the built site."""
    return [_cost("pages")]


@row("tests.cpu_s.jupyter", "s", "<= 300")
def jupyter() -> list[Row]:
    """The tests in a real JupyterLab."""
    return [_cost("jupyter")]


@row("tests.wall_min", "min", "<= 15")
def wall() -> float:
    """Minutes that all checks take, one after the other."""
    return round(sum(spent(check).wall_s for check in CHECKS) / 60, 1)


def count_cases(report: Path) -> tuple[int, int]:
    """Give how many tests a JUnit report holds, and how many failed or could not run."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = [case for case in cases if {"failure", "error"} & {child.tag for child in case}]
    return len(cases), len(failed)
