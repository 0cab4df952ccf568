from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import bench
from tests.bench import Measurement, Row


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("length30.attention.exact", 0.97, True),
        ("length30.attention.exact", 0.969, False),
        ("live.numerals.max_abs", 1e-4, True),
        ("live.numerals.max_abs", 1.1e-4, False),
        ("chapter.01_any.cpu_s", 300, True),
        ("site.axe.violations", 1, False),
        ("site.axe.violations", None, False),
        ("live.numerals.max_abs", float("nan"), False),
    ],
)
def test_a_value_keeps_or_misses_its_bound(name: str, value: float | None, kept: bool) -> None:
    assert Row(name, value).kept is kept


def test_a_fault_misses_whatever_the_value() -> None:
    assert not Row("site.axe.violations", 0, fault="one page did not open").kept


def test_a_name_without_a_bound_is_refused() -> None:
    with pytest.raises(StopIteration):
        Row("site.unheard_of", 1)


def test_a_measurement_that_fails_becomes_rows_that_say_why(capsys) -> None:
    def fail() -> list:
        raise RuntimeError("no browser")

    names = ("view.alignment.first_draw_ms", "view.alignment.update_ms")
    found = bench.measure(Measurement(names, fail))
    assert [(row.name, row.value) for row in found] == [(name, None) for name in names]
    assert "RuntimeError: no browser" in bench.line(found[0])


def test_a_row_that_was_promised_and_not_given_is_missed() -> None:
    names = ("nbval.cells", "nbval.failed")
    found = bench.measure(Measurement(names, lambda: [Row("nbval.cells", 3)]))
    assert [row.kept for row in found] == [True, False]


@pytest.mark.parametrize(
    "found",
    [
        {"site.axe.violations": 0},
        [{"name": "site.axe.violations", "value": 0, "seeds": []}],
        [Row("site.axe.violations", 0)],
    ],
)
def test_takes_values_by_name_or_rows(found: object) -> None:
    (row,) = bench.rows(found)
    assert (row.name, row.value, row.bound) == ("site.axe.violations", 0, "<= 0")


def test_writes_only_what_was_asked_for_and_exits_by_it(tmp_path, monkeypatch, capsys) -> None:
    ran = []

    def measured(name: str, value: float) -> Measurement:
        return Measurement((name,), lambda: ran.append(name) or [Row(name, value, seeds=[0, 1, 2])])

    two = [measured("alignment.en-de.aer", 0.2), measured("length30.fixed.exact", 0.0)]
    monkeypatch.setattr(bench, "measurements", lambda: two)
    output = tmp_path / "deep" / "bench.json"
    assert bench.main(["--only", "length30.*", "--output", str(output)]) == 0
    assert ran == ["length30.fixed.exact"]
    (row,) = json.loads(output.read_text())
    assert list(row) == ["name", "value", "unit", "bound", "seeds", "cpu_s"]
    assert bench.main(["--output", str(output)]) == 1
    assert "1 missed alignment.en-de.aer" in capsys.readouterr().out
    assert bench.main(["--only", "nothing", "--output", str(output)]) == 1


def test_every_bound_belongs_to_a_measurement() -> None:
    names = {name for measurement in bench.measurements() for name in measurement.names}
    assert {name for name in bench.BOUNDS if "*" not in name} <= names


def test_counts_a_junit_report(tmp_path: Path) -> None:
    report = tmp_path / "r.xml"
    report.write_text(
        "<testsuites><testsuite><testcase/><testcase><failure/></testcase>"
        "<testcase><error/></testcase><testcase><skipped/></testcase></testsuite></testsuites>"
    )
    assert bench.count_cases(report) == (4, 2)


def test_counts_the_cpu_seconds_of_a_chapter(write_notebook) -> None:
    (row,) = bench.chapter(write_notebook(("sum(range(10))", {}), name="07_x.ipynb"))
    assert row.name == "chapter.07_x.cpu_s"
    assert row.kept
    assert 0 < row.value < 20
    assert row.cpu_s == row.value


def test_a_cell_that_trains_too_long_is_a_fault(write_notebook, monkeypatch) -> None:
    monkeypatch.setattr(bench, "TRAINING_CPU_S", -1)
    (row,) = bench.chapter(write_notebook(("1", {})))
    assert "one cell took" in row.fault
    assert not row.kept
