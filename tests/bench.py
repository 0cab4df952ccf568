"""Measure every figure that the project promises, afresh, and compare it with its bound.

    python tests/bench.py                       all of them, into _build/bench.json
    python tests/bench.py --only 'view.*'       only the rows whose names match

Needs the built site and a Chromium: run it by ``make bench``. Exits 1 if a bound is missed or a
figure could not be measured. Where a figure has seeds, the value is the worst of them; of the rows
``facts.*`` it is their mean.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import operator
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "book" / "_tools")]
BUILD = ROOT / "_build"
SITE = BUILD / "html"

BOUNDS = {
    "chapter.*.cpu_s": ("s", "<=", 300),
    "length30.attention.exact": ("share", ">=", 0.97),
    "length30.fixed.exact": ("share", "<=", 0.10),
    "alignment.en-de.aer": ("share", "<=", 0.05),
    "facts.kv_minus_mem.kb": ("hits@1", ">", 0),
    "facts.kv_minus_mem.doc": ("hits@1", ">", 0),
    "facts.kv_minus_mem.ie": ("hits@1", ">", 0),
    "location.length2x.exact": ("share", ">=", 0.9),
    "content.length2x.exact": ("share", "<=", 0.05),
    "numerals.oracle.mismatches": ("numbers", "<=", 0),
    "babi.simulator.per_s": ("questions", ">=", 5000),
    "babi.live.task1.error": ("%", "<=", 1),
    "babi.live.task2.error": ("%", "<=", 15),
    "babi.joint1k.error": ("%", "<=", 13.3),
    "babi.joint1k.failed": ("tasks", "<=", 11),
    "babi.joint1k.cpu_min": ("min", "<=", 60),
    "babi.sim2real.within5": ("tasks", ">=", 17),
    "babi.support.task1": ("%", ">=", 95),
    "babi.support.task2": ("%", ">=", 85),
    "babi.support.task3": ("%", ">=", 60),
    "memnn.k2_time.accuracy": ("%", ">=", 99),
    "live.facts.same_answer": ("questions", ">=", 200),
    "live.facts.max_abs": ("weight", "<=", 1e-4),
    "live.facts.answer_ms": ("ms", "<=", 50),
    "live.facts.model_kb": ("kB", "<=", 1000),
    "live.memory.same_answer": ("stories", ">=", 200),
    "live.memory.max_abs": ("weight", "<=", 1e-4),
    "live.memory.answer_ms": ("ms", "<=", 50),
    "live.numerals.same_words": ("inputs", ">=", 200),
    "live.numerals.max_abs": ("logit", "<=", 1e-4),
    "live.numerals.answer_ms": ("ms", "<=", 100),
    "live.numerals.model_kb": ("kB", "<=", 1000),
    "site.external_requests": ("requests", "<=", 0),
    "site.console_errors": ("errors", "<=", 0),
    "site.page_kb_gz.max": ("kB", "<=", 600),
    "site.axe.violations": ("violations", "<=", 0),
    "view.alignment.first_draw_ms": ("ms", "<=", 16),
    "view.alignment.update_ms": ("ms", "<=", 4),
    "view.address_lab.first_draw_ms": ("ms", "<=", 16),
    "view.address_lab.update_ms": ("ms", "<=", 4),
    "nbval.cells": ("cells", ">=", 1),  # raised to the number of cells there are
    "nbval.failed": ("cells", "<=", 0),
    "nbval.skipped": ("cells", "<=", 0),  # counts those without a written reason
    "coverage.lecture_utils": ("%", ">=", 95),
}
"""Name of a row: its unit, and the bound that its value keeps."""

TRAINING_CPU_S = 120
"""What one cell of a chapter, and so one model's training, may take."""

LANGUAGES = ("en", "de", "fr", "ko")
ORACLE_NUMBERS = 20_000
COMPARE = {"<=": operator.le, ">=": operator.ge, ">": operator.gt}


@dataclass
class Row:
    """One measured figure; ``fault`` says why there is none, or what else is wrong."""

    name: str
    value: float | None
    unit: str = ""
    bound: str = ""
    seeds: list[int] = field(default_factory=list)
    cpu_s: float | None = None
    fault: str = ""

    def __post_init__(self) -> None:
        """Take the unit and the bound from the table, where the measurement gave none."""
        unit, sign, limit = next(
            bound for pattern, bound in BOUNDS.items() if fnmatchcase(self.name, pattern)
        )
        self.unit = self.unit or unit
        self.bound = self.bound or f"{sign} {limit:g}"

    @property
    def kept(self) -> bool:
        """Whether the value keeps its bound and nothing else is wrong."""
        sign, limit = self.bound.split()
        return not self.fault and self.value is not None and COMPARE[sign](self.value, float(limit))

    def plain(self) -> dict[str, Any]:
        """Give the row as it is written to the file."""
        return {key: value for key, value in asdict(self).items() if key != "fault"}


@dataclass(frozen=True)
class Measurement:
    """A function that measures the rows `names`."""

    names: tuple[str, ...]
    run: Callable[[], Iterable[Row]]


# What is measured


def chapter(path: Path) -> list[Row]:
    """Execute the notebook at `path` and count its CPU seconds."""
    import chapters

    run = chapters.execute(path)
    longest = max(run.cells, default=0)
    fault = f"one cell took {longest:.0f} CPU s, {TRAINING_CPU_S} are allowed"
    name = f"chapter.{path.stem}.cpu_s"
    return [Row(name, run.cpu_s, cpu_s=run.cpu_s, fault=fault * (longest > TRAINING_CPU_S))]


def oracle() -> list[Row]:
    """Compare the number words of every language with num2words, its documented errors aside."""
    mismatches = _provider("tests.data.oracle", "oracle_mismatches")
    documented = _provider("tests.data.oracle", "is_upstream_error")
    wrong = [
        (language, *mismatch)
        for language in LANGUAGES
        for mismatch in mismatches(language, ORACLE_NUMBERS)
        if not (language == "de" and documented(mismatch[0]))
    ]
    return [Row("numerals.oracle.mismatches", len(wrong))]


def view(function: str) -> list[Row]:
    """Time a view's drawing in a browser, by that function of tests.views.measure."""
    with _page() as page:
        return rows(_provider("tests.views.measure", function)(page))


def nbval() -> list[Row]:
    """Run every notebook under strict comparison and count its cells."""
    import cells as tool

    _make("notebooks")
    code = [
        cell
        for path in tool.notebooks()
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
        Row("nbval.cells", ran, bound=f">= {len(code)}"),
        Row("nbval.failed", failed),
        Row("nbval.skipped", len(silent)),
    ]


def coverage() -> list[Row]:
    """Run the package's tests and read how many lines they reach."""
    report = BUILD / "coverage.json"
    report.unlink(missing_ok=True)
    passed = _make("unit")
    totals = json.loads(report.read_text(encoding="utf-8"))["totals"]
    fault = "" if passed else "the tests failed; run: make unit"
    return [Row("coverage.lecture_utils", round(totals["percent_covered"], 2), fault=fault)]


def measurements() -> list[Measurement]:
    """List all that is measured, the quick ones first."""

    def provided(names: str, module: str, function: str, *arguments: object) -> Measurement:
        wanted = tuple(n for n in BOUNDS if any(fnmatchcase(n, p) for p in names.split()))
        return Measurement(wanted, lambda: rows(_provider(module, function)(*arguments)))

    import cells as tool

    return [
        *(
            Measurement(
                (f"view.{name}.first_draw_ms", f"view.{name}.update_ms"),
                lambda function=function: view(function),
            )
            for name, function in (("alignment", "measure"), ("address_lab", "measure_lab"))
        ),
        provided("site.*", "tests.book.measure", "measure_site", SITE),
        provided("live.numerals.*", "tests.live.measure", "measure_live", SITE),
        provided("live.memory.*", "tests.live.measure_memory", "measure_memory", SITE),
        provided("live.facts.*", "tests.live.measure_facts", "measure_facts", SITE),
        Measurement(("numerals.oracle.mismatches",), oracle),
        provided("babi.simulator.*", "tests.data.measure", "measure_babi"),
        Measurement(("coverage.lecture_utils",), coverage),
        Measurement(("nbval.cells", "nbval.failed", "nbval.skipped"), nbval),
        *(
            Measurement((f"chapter.{path.stem}.cpu_s",), lambda path=path: chapter(path))
            for path in tool.notebooks()
        ),
        provided("babi.live.*", "tests.models.measure_memory", "measure_babi_live"),
        provided(
            "babi.joint1k.* babi.sim2real.* babi.support.*",
            "tests.models.measure_memory",
            "measure_babi_joint",
        ),
        provided("memnn.*", "tests.models.measure_memory", "measure_memnn"),
        provided("length30.*", "tests.models.measure", "measure_length30"),
        provided("alignment.*", "tests.models.measure", "measure_alignment"),
        provided("facts.*", "tests.models.measure_facts", "measure_facts"),
        provided("*.length2x.exact", "tests.models.measure_location", "measure_length2x"),
    ]


# How


def rows(found: Mapping[str, float] | Iterable[Row | Mapping[str, Any]]) -> list[Row]:
    """Give what a measuring function returned, {name: value} or rows, as rows."""
    if isinstance(found, Mapping):
        return [Row(name, value) for name, value in found.items()]
    return [row if isinstance(row, Row) else Row(**row) for row in found]


def count_cases(report: Path) -> tuple[int, int]:
    """Give how many tests a JUnit report holds, and how many failed or could not run."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = [case for case in cases if {"failure", "error"} & {child.tag for child in case}]
    return len(cases), len(failed)


def measure(measurement: Measurement) -> list[Row]:
    """Run one measurement. What fails becomes a row without a value that says why."""
    begun = _cpu()
    try:
        measured = {row.name: row for row in measurement.run()}
        missing = "the measurement gave no such row"
    except Exception as error:  # whatever it is, the other figures are still measured
        traceback.print_exc()
        measured, missing = {}, f"{type(error).__name__}: {error}".splitlines()[0]
    for row in measured.values():
        row.cpu_s = round(_cpu() - begun if row.cpu_s is None else row.cpu_s, 2)
    absent = [name for name in measurement.names if name not in measured]
    return [*measured.values(), *(Row(name, None, fault=missing) for name in absent)]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="*", metavar="PATTERN", help="names, such as 'view.*'")
    parser.add_argument("--output", type=Path, default=BUILD / "bench.json")
    options = parser.parse_args(arguments)
    measured: list[Row] = []
    for measurement in measurements():
        wanted = [name for name in measurement.names if fnmatchcase(name, options.only)]
        if not wanted:
            continue
        begun = time.perf_counter()
        for row in measure(measurement):
            if fnmatchcase(row.name, options.only):
                measured.append(row)
                print(line(row), flush=True)
        print(f"    ({time.perf_counter() - begun:.0f} s)", file=sys.stderr, flush=True)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([row.plain() for row in measured], indent=1)
    options.output.write_text(text + "\n", encoding="utf-8")
    missed = [row.name for row in measured if not row.kept]
    print(f"\n{len(measured)} figures in {options.output}, {len(missed)} missed {' '.join(missed)}")
    return int(bool(missed) or not measured)


def line(row: Row) -> str:
    """Give a row as a line of the printed table."""
    value = "-" if row.value is None else f"{row.value:.5g}"
    verdict = "kept" if row.kept else "MISSED"
    return (
        f"{verdict:<7}{row.name:<44}{value:>10} {row.unit:<11}{row.bound:<10} {row.fault}".rstrip()
    )


def _provider(module: str, function: str) -> Callable[..., Any]:
    return getattr(importlib.import_module(module), function)


def _make(target: str) -> bool:
    return (
        subprocess.run(["make", target], cwd=ROOT, check=False, stdout=sys.stderr).returncode == 0
    )


@contextlib.contextmanager
def _page() -> Iterator[Any]:
    import browser

    from tests.pages import chromium

    path = browser.find()
    if path is None:
        raise FileNotFoundError("no Chromium; run: make browser")
    with chromium(path) as started:
        yield started.new_page()


def _cpu() -> float:
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, who))


if __name__ == "__main__":
    sys.exit(main())
