"""What a chapter costs its reader; and what it trains, by its own code.

What is measured is what a reader runs: the cells that are tagged ``measured`` are executed as they
stand, but for the seed.
"""

from __future__ import annotations

import re
import time
from functools import cache, partial
from pathlib import Path
from typing import Any

import cells
import chapters
import nbformat

from tests.bench.rows import Row, row

BOOK = Path(__file__).parents[2] / "book"
CELL_CPU_S = 120
"""What one cell of a chapter, and so one model's training, may take."""


def executed(path: Path) -> list[Row]:
    """Execute the notebook at `path` and count its CPU seconds."""
    run = chapters.execute(path)
    longest = max(run.cells, default=0)
    fault = f"one cell took {longest:.0f} CPU s, {CELL_CPU_S} are allowed"
    cost = round(run.cpu_s, 2)
    name = f"chapter.{path.stem}.cpu_s"
    return [Row(name, cost, cpu_s=cost, fault=fault * (longest > CELL_CPU_S))]


for path in cells.notebooks():
    row(f"chapter.{path.stem}.cpu_s", "s", "<= 300")(partial(executed, path))


@cache
def chapter(stem: str, seed: int | None = None) -> dict[str, Any]:
    """The names that the measured cells of a chapter define, and ``cpu_s``, what they cost.

    Args:
        stem: name of the notebook, without its ending.
        seed: stands in the place of the chapter's ``SEED = 0``; None where it has no such line.
    """
    (path,) = BOOK.glob(f"*/{stem}.ipynb")
    shown = nbformat.read(path, as_version=4).cells
    code = "\n".join(c.source for c in shown if "measured" in c.metadata.get("tags", []))
    if seed is not None:
        code, replaced = re.subn(r"^SEED = 0\b", f"SEED = {seed}", code, flags=re.MULTILINE)
        if replaced != 1:
            raise ValueError(f"{stem} sets SEED {replaced} times in its measured cells, not once")
    names: dict[str, Any] = {"__name__": "chapter"}
    started = time.process_time()
    exec(compile(code, stem, "exec"), names)
    names["cpu_s"] = time.process_time() - started
    return names
