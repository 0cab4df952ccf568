"""What recipes share: the loop over variants and seeds, and its results file."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

from lecture_utils import recipes
from lecture_utils.recipes import runs

TOLD = {"recipe": "r", "commit": "new", "date": "2026-01-02"}


def row(name: str, seed: int) -> dict:
    return {"is": f"{name} {seed}"}


def test_every_variant_runs_from_every_seed(tmp_path):
    file = tmp_path / "folder" / "r.json"
    told = runs.run_all(file, TOLD, ["b", "a"], (3, 1), row)
    assert list(told) == ["recipe", "commit", "date", "variants"]
    assert list(told["variants"]) == ["b", "a"], "in the order that was given"
    assert told["variants"]["a"] == [{"seed": 3, "is": "a 3"}, {"seed": 1, "is": "a 1"}]
    assert json.loads(file.read_text()) == told


def test_a_run_that_is_stopped_leaves_its_whole_seeds(tmp_path):
    def stops(name: str, seed: int) -> dict:
        if seed == 2:
            raise KeyboardInterrupt
        return row(name, seed)

    with pytest.raises(KeyboardInterrupt):
        runs.run_all(tmp_path / "r.json", TOLD, ["a", "b"], (0, 1, 2), stops)
    kept = json.loads((tmp_path / "r.json").read_text())["variants"]
    assert {name: [one["seed"] for one in rows] for name, rows in kept.items()} == {
        "a": [0, 1],
        "b": [0, 1],
    }


def test_some_alone_keep_the_rows_of_the_others(tmp_path):
    file = tmp_path / "r.json"
    before = runs.run_all(file, {**TOLD, "commit": "old"}, ["a", "b"], (0,), row)
    again = runs.run_all(file, TOLD, ["a", "b", "c", "d"], (1,), row, only=["c", "b"])
    assert list(again["variants"]) == ["a", "b", "c"], "d has never run"
    assert again["variants"]["a"] == before["variants"]["a"]
    assert again["variants"]["b"] == [{"seed": 1, "is": "b 1"}]
    assert again["commit"] == "new"
    assert again["before"] == {"commit": "old", "date": TOLD["date"], "variants": ["a"]}


def test_every_row_is_said_to_be_of_the_run_that_made_it(tmp_path):
    file, names = tmp_path / "r.json", ["a", "b", "c", "d"]

    def run(commit: str, *only: str) -> dict:
        told = {"recipe": "r", "commit": commit, "date": "-"}
        return runs.run_all(file, told, names, (0,), row, only=only)

    run("first")
    run("second", "b", "c")
    third = run("third", "d")
    first = {"commit": "first", "date": "-", "variants": ["a"]}
    second = {"commit": "second", "date": "-", "variants": ["b", "c"], "before": first}
    assert third["before"] == second
    fourth = run("fourth", "b")
    second["variants"] = ["c"]
    assert fourth["before"] == {
        "commit": "third",
        "date": "-",
        "variants": ["d"],
        "before": second,
    }
    assert run("fifth", "a")["before"] == {
        "commit": "fourth",
        "date": "-",
        "variants": ["b"],
        "before": {**fourth["before"], "before": {**second, "before": {**first, "variants": []}}},
    }


def test_what_cannot_run_alone_is_told(tmp_path):
    with pytest.raises(ValueError, match=r"no variant \['z'\]; there are \['a'\]"):
        runs.run_all(tmp_path / "r.json", TOLD, ["a"], (0,), row, only=["z"])
    with pytest.raises(ValueError, match="is not there; run all variants first"):
        runs.run_all(tmp_path / "r.json", TOLD, ["a"], (0,), row, only=["a"])


def test_a_model_is_kept_by_its_name():
    assert runs.kept_at(None, "a", 0) is None
    assert runs.kept_at(Path("w"), "fixed, its own", 2) == Path("w/fixed-its-own-2.safetensors")


def test_numbers_are_rounded_wherever_they_stand():
    assert runs.rounded({"a": [1.23456, {"b": 2.0004}]}) == {"a": [1.235, {"b": 2.0}]}


def test_where_it_comes_from_is_said():
    told = runs.provenance()
    assert set(told) == {"commit", "date"}
    assert told["commit"]


def test_what_lies_between_the_seeds_is_told_by_its_ends():
    rows = [{"right": {"10": part, "20": 1.0}, "by": [part - 0.5]} for part in (0.3, 0.113, 0.2)]
    assert recipes.between(rows, "right", "10") == "0.11 to 0.30"
    assert recipes.between(rows, "right", "20") == "1.00"
    assert recipes.between(rows, "by", 0, digits=1) == "-0.4 to -0.2"
    assert recipes.between([{"by": -0.001}, {"by": 0.001}], "by") == "0.00"


def test_seeds_are_told_side_by_side_as_they_are_and_in_per_cent():
    rows = [{"on": {"test": part}} for part in (0.3, 0.1126, 1.0)]
    assert recipes.seeds(rows, "on", "test") == "0.30  0.11  1.00"
    assert recipes.percents(rows, "on", "test") == "30.0  11.3  100.0"
    assert recipes.percents(rows, "on", "test", digits=0) == "30  11  100"


def test_steps_to_a_score_are_told_of_every_seed():
    rows = [
        {"steps": 100, "curve": [[1.0, 0.2], [2.0, 0.95], [3.0, 0.9], [4.0, 1.0]]},
        {"steps": 100, "curve": [[1.0, 0.2], [2.0, 0.94], [3.0, 0.9], [4.0, 0.949]]},
        {"steps": 200, "curve": [[1.0, 0.2], [2.0, 0.94], [3.0, 0.9], [4.0, 0.96]]},
    ]
    assert recipes.steps_to(rows) == "50  never  200"
    assert recipes.steps_to(rows, 0.2) == "25  25  50"


def test_the_command_line_offers_what_a_recipe_takes(tmp_path, capsys):
    asked = []

    def run(output: Path, seeds: tuple[int, ...] = (0,), only: tuple[str, ...] = ()) -> None:
        asked.append((output, seeds, only))

    runs.command_line(run, "What it does.", ["--output", str(tmp_path), "--only", "a", "b"])
    runs.command_line(run, "What it does.", [])
    assert asked == [(tmp_path, (0,), ["a", "b"]), (Path("_build/recipes"), (0,), ())]
    with pytest.raises(SystemExit):
        runs.command_line(run, "What it does.", ["--work", str(tmp_path)])
    runs.command_line(lambda data: asked.append(data), "", ["--data", str(tmp_path)])
    assert asked.pop() == tmp_path
    with pytest.raises(SystemExit):
        runs.command_line(lambda data: None, "", [])
    with pytest.raises(SystemExit, match="0"):
        runs.command_line(run, "What it does.", ["--help"])
    assert "What it does." in capsys.readouterr().out


RECIPES = sorted(
    file.stem
    for file in Path(runs.__file__).parent.glob("*.py")
    if file.stem not in ("__init__", "runs")
)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_runs_as_its_docstring_says(name, monkeypatch, capsys):
    module = f"lecture_utils.recipes.{name}"
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(SystemExit, match="0"):
        runpy.run_module(module, run_name="__main__")
    said = capsys.readouterr().out
    assert f"python -m {module}" in said
    assert "--output" in said
