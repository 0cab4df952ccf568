"""What the recipes share: variants, each trained from several seeds, as rows of a results file."""

from __future__ import annotations

import argparse
import datetime
import inspect
import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def run_all(
    file: Path,
    told: dict[str, Any],
    names: Sequence[str],
    seeds: Sequence[int],
    row: Callable[[str, int], Row],
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Every variant from every seed, seed by seed; write what came out, and give it.

    Args:
        file: of the results; written after each seed, so that a run that is stopped has its rows.
        told: what stands in front of the rows, its ``commit`` and ``date`` among it.
        names: of the variants, in the order of the file.
        seeds: of the trainings.
        row: (name, seed) to what is found; ``seed`` is put in front.
        only: names of those that are run; the rows of the others are taken from the file that is
            there, and ``before`` says which run made them. By default all are run.

    Raises:
        ValueError: a name that no variant has, or `only` where there is no file yet.
    """
    if unknown := set(only) - set(names):
        raise ValueError(f"no variant {sorted(unknown)}; there are {list(names)}")
    if only and not file.is_file():
        raise ValueError(f"only: {file} is not there; run all variants first")
    before = json.loads(file.read_text(encoding="utf-8")) if only else {"variants": {}}
    kept = [name for name in names if only and name not in only and name in before["variants"]]
    rows: dict[str, list[Row]] = {
        name: before["variants"][name] if name in kept else []
        for name in names
        if name in kept or not only or name in only
    }
    if kept:
        told = {**told, "before": _origin(before, kept)}
    told = {**told, "variants": rows}
    file.parent.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        for name in only or names:
            begun = time.process_time()
            rows[name].append({"seed": seed, **row(name, seed)})
            print(f"{name}, seed {seed}: {time.process_time() - begun:.0f} CPU s", flush=True)
        file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told


def _origin(told: dict[str, Any], kept: Sequence[str]) -> dict[str, Any]:
    """Of the rows that are kept, those that the run `told` made; in ``before`` the older ones."""
    made = [name for name in kept if name in _names(told)]
    here = {"commit": told["commit"], "date": told["date"]}
    if "before" not in told:
        return {**here, "variants": made}
    older = _origin(told["before"], made)
    return {**here, "variants": [n for n in made if n not in _names(older)], "before": older}


def _names(told: dict[str, Any]) -> set[str]:
    """The variants of a run and of those before it."""
    return {*told["variants"], *(_names(told["before"]) if "before" in told else ())}


def kept_at(work: Path | None, name: str, seed: int) -> Path | None:
    """Where a trained model is kept in the folder `work`; None: nowhere."""
    return work and work / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}.safetensors"


def rounded(values: Any) -> Any:
    """The same with three digits behind the point; of dicts and lists, every number in them."""
    if isinstance(values, dict):
        return {name: rounded(value) for name, value in values.items()}
    return [rounded(v) for v in values] if isinstance(values, list) else round(values, 3)


def provenance() -> dict[str, str]:
    """Which commit of the code ran, if it is in a repository, and when."""
    here = Path(__file__).parent
    try:
        asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
        commit = subprocess.run(asked, cwd=here, capture_output=True, text=True, check=True)
        name = commit.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        name = "unknown"
    return {"commit": name, "date": datetime.date.today().isoformat()}


_OFFERED: dict[str, dict[str, Any]] = {
    "data": {"type": Path, "required": True, "help": "folder with the data set's files"},
    "output": {"type": Path, "default": Path("_build/recipes"), "help": "folder for the results"},
    "work": {"type": Path, "help": "folder that keeps the trained models"},
    "only": {"nargs": "+", "default": (), "metavar": "NAME", "help": "variants; by default all"},
}


def command_line(
    run: Callable[..., Any], told: str | None, arguments: Sequence[str] | None = None
) -> None:
    """Run a recipe with what the command line asks for.

    Args:
        run: of the recipe; of ``data``, ``output``, ``work`` and ``only`` it is offered those that
            it takes.
        told: what ``--help`` says in front, the docstring of the recipe.
        arguments: by default those of the process.
    """
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=told, formatter_class=raw)
    for name in inspect.signature(run).parameters:
        if name in _OFFERED:
            parser.add_argument(f"--{name}", **_OFFERED[name])
    run(**vars(parser.parse_args(arguments)))
