from __future__ import annotations

import json
import sys
from pathlib import Path

import cells
import chapters as tool
import nbformat
import pytest
import spent

from tests.bench import __main__ as command
from tests.bench import chapters, rows, suite
from tests.bench.rows import Declared, Measurement, Row

AXE = Declared("site.axe.violations", "violations", "<= 0")


@pytest.mark.parametrize(
    ("bound", "value", "kept"),
    [
        (">= 0.97", 0.97, True),
        (">= 0.97", 0.969, False),
        ("<= 1e-4", 1e-4, True),
        ("<= 1e-4", 1.1e-4, False),
        ("> 0", 0, False),
        ("<= 0", None, False),
        ("<= 1e-4", float("nan"), False),
    ],
)
def test_a_value_keeps_or_misses_its_bound(bound: str, value: float | None, kept: bool) -> None:
    assert Row("a.b", value, bound=bound).kept is kept


def test_a_fault_misses_whatever_the_value() -> None:
    assert not Row("a.b", 0, bound="<= 0", fault="one page did not open").kept


@pytest.mark.parametrize("bound", ["", "5", "< 5", "<="])
def test_a_bound_of_another_form_is_refused(bound: str) -> None:
    with pytest.raises(ValueError, match="pass a sign and a number"):
        rows.row("a.b", "s", bound)


def test_a_measurement_that_fails_becomes_rows_that_say_why(capsys) -> None:
    def fail() -> list:
        raise RuntimeError("no browser")

    two = (Declared("view.a", "ms", "<= 16"), Declared("view.b", "ms", "<= 4"))
    found = rows.measure(Measurement(fail, two))
    assert [(row.name, row.value) for row in found] == [("view.a", None), ("view.b", None)]
    assert "RuntimeError: no browser" in found[0].line()


def test_a_row_that_was_promised_and_not_given_is_missed() -> None:
    two = (Declared("nbval.cells", "cells", ">= 1"), Declared("nbval.failed", "cells", "<= 0"))
    found = rows.measure(Measurement(lambda: {"nbval.cells": 3}, two))
    assert [row.kept for row in found] == [True, False]


def test_a_row_that_was_not_promised_is_a_fault(capsys) -> None:
    (row,) = rows.measure(Measurement(lambda: {"site.unheard_of": 1}, (AXE,)))
    assert "no row of that name is declared" in row.fault


@pytest.mark.parametrize("found", [0, {AXE.name: 0}, [Row(AXE.name, 0)]])
def test_takes_one_value_or_values_by_name_or_rows(found: rows.Found) -> None:
    (row,) = rows.measure(Measurement(lambda: found, (AXE,)))
    assert (row.name, row.value, row.unit, row.bound) == (AXE.name, 0, "violations", "<= 0")
    assert row.kept


def test_names_that_are_found_when_measured_share_a_declaration() -> None:
    many = Declared("site.script_kb_gz.*", "kB", "<= 5")
    found = [Row("site.script_kb_gz.a", 1), Row("site.script_kb_gz.b", 8, bound="<= 9")]
    assert [row.kept for row in rows.measure(Measurement(lambda: found, (many,)))] == [True, True]
    assert not rows.measure(Measurement(list, (many,)))[0].kept, "none was given"
    assert many.matches("site.script_kb_gz.a")
    assert many.matches("site.*")
    assert not many.matches("view.*")


def test_writes_only_what_was_asked_for_and_exits_by_it(tmp_path, monkeypatch, capsys) -> None:
    ran = []

    def measured(name: str, value: float, bound: str) -> Measurement:
        def run() -> list[Row]:
            ran.append(name)
            return [Row(name, value, seeds=[0, 1, 2])]

        return Measurement(run, (Declared(name, "share", bound),))

    two = [measured("alignment.aer", 0.2, "<= 0.05"), measured("length30.exact", 0.0, "<= 0.1")]
    monkeypatch.setattr(rows, "measurements", lambda: two)
    output = tmp_path / "deep" / "bench.json"
    assert command.main(["--only", "length30.*", "--output", str(output)]) == 0
    assert ran == ["length30.exact"]
    (row,) = json.loads(output.read_text())
    assert list(row) == ["name", "value", "unit", "bound", "seeds", "cpu_s"]
    assert command.main(["--output", str(output)]) == 1
    assert "1 missed alignment.aer" in capsys.readouterr().out
    assert command.main(["--only", "nothing", "--output", str(output)]) == 1


def test_every_row_is_declared_once_and_every_chapter_has_one() -> None:
    names = [declared.name for each in rows.measurements() for declared in each.rows]
    assert len(names) == len(set(names))
    assert {f"chapter.{path.stem}.cpu_s" for path in cells.notebooks()} <= {*names}
    assert {f"tests.cpu_s.{check}" for check in suite.CHECKS} - {*names} == {"tests.cpu_s.lint"}


def test_counts_a_junit_report(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    report.write_text(
        "<testsuites><testsuite><testcase/><testcase><failure/></testcase>"
        "<testcase><error/></testcase><testcase><skipped/></testcase></testsuite></testsuites>"
    )
    assert suite.count_cases(report) == (4, 2)


@pytest.mark.parametrize(("longest", "fault"), [(119, ""), (121, "one cell took 121 CPU s")])
def test_a_cell_that_trains_too_long_is_a_fault(monkeypatch, longest: float, fault: str) -> None:
    run = tool.Run(nbformat.v4.new_notebook(), cpu_s=200, cells=(1, longest))
    monkeypatch.setattr(tool, "execute", lambda path: run)
    (row,) = chapters.executed(Path("x.ipynb"))
    assert (row.name, row.value) == ("chapter.x.cpu_s", 200)
    assert row.fault.startswith(fault)
    assert bool(row.fault) == bool(fault)


BUSY = "import time\nwhile time.process_time() < {}: pass"
LEAVES = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {BUSY.format(1)!r}])"
"""Ends before its child does."""
ORPHAN = (
    "import subprocess, sys\n"
    f"subprocess.run([sys.executable, '-c', {LEAVES!r}], stdout=subprocess.PIPE)"
)
"""Waits until the child of its child has ended, which holds its output."""


@pytest.mark.parametrize(
    ("code", "least", "passed"),
    [
        (BUSY.format(0.5), 0.5, True),
        (f"{BUSY.format(0.5)}\nraise SystemExit(3)", 0.5, False),
        pytest.param(
            ORPHAN,
            1,
            True,
            marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives us orphans"),
        ),
    ],
    ids=["its own", "failing", "of a child that is left"],
)
def test_notes_the_cpu_seconds_of_a_command(
    tmp_path: Path, root: Path, code: str, least: float, passed: bool
) -> None:
    notes = tmp_path / "_build" / "tests.json"
    run = (
        f"import sys, spent; from pathlib import Path; "
        f"sys.exit(spent.run('unit', [sys.executable, '-c', {code!r}], Path({str(notes)!r})))"
    )
    done = spent.subprocess.run(
        [sys.executable, "-c", run], cwd=root / "book" / "_tools", check=False
    )
    assert done.returncode == (0 if passed else 3)
    found = json.loads(notes.read_text())["unit"]
    assert found["cpu_s"] >= least
    assert found["wall_s"] > 0
    assert found["passed"] is passed


def test_keeps_what_other_commands_noted(tmp_path: Path) -> None:
    notes = tmp_path / "tests.json"
    notes.write_text('{"lint": {"cpu_s": 1}}')
    spent.note("unit", {"cpu_s": 2}, notes)
    assert json.loads(notes.read_text()) == {"lint": {"cpu_s": 1}, "unit": {"cpu_s": 2}}
