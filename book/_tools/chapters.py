"""Execute the chapters, top to bottom, each in a fresh kernel, and store what came out.

    python book/_tools/chapters.py             all notebooks, outputs and exported models stored
    python book/_tools/chapters.py PATH ...    only these
    python book/_tools/chapters.py --check     execute nothing; say which stored notebooks are not
                                               as this command leaves them; exit 1 if there are any

While it runs, ``LECTURE_MODELS`` names the folder that the page's models live in, so a chapter that
exports its model writes it there. Stored notebooks hold no times, no versions and no live widget
state, so that a difference between two runs is a difference in what a reader sees.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbclient
import nbformat
import psutil
from cells import ROOT, notebooks

WIDGET = "application/vnd.jupyter.widget-view+json"
MODELS = ROOT / "book" / "_static" / "models"


@dataclass(frozen=True)
class Run:
    """What executing one notebook took.

    Attributes:
        notebook: The notebook with its new outputs, as it is stored.
        cpu_s: CPU seconds of the kernel and its children, its start included.
        cells: CPU seconds of each code cell, in order.
    """

    notebook: nbformat.NotebookNode
    cpu_s: float
    cells: tuple[float, ...]


def execute(path: Path, models: Path | None = None, timeout: int = 600) -> Run:
    """Execute the notebook at `path` in a fresh kernel, in its own folder.

    Args:
        path: The notebook; the file is left as it is.
        models: Where its models are exported; by default a temporary folder that is then removed.
        timeout: Seconds that one cell may take.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell failed; the message holds its traceback.
    """
    notebook = nbformat.read(path, as_version=4)
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "LECTURE_MODELS": str(models or folder),
            "LECTURE_DEVICE": os.environ.get("LECTURE_DEVICE", "cpu"),
            "OMP_NUM_THREADS": "1",  # sums in one order, so that two runs agree
        }
        environment.pop("MPLBACKEND", None)  # pictures go into the notebook
        client = nbclient.NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,
            extra_arguments=["--log-level=ERROR"],
        )

        def used() -> float:
            times = psutil.Process(client.km.provisioner.pid).cpu_times()
            return times.user + times.system

        def begin(**_: object) -> None:
            seconds.append(-used())

        def end(cell: nbformat.NotebookNode, cell_index: int, **_: object) -> None:
            seconds[-1] += used()
            total = sum(c.cell_type == "code" for c in notebook.cells)
            _progress(f"{path.stem}: cell {len(seconds)} of {total}")

        client.on_cell_execute, client.on_cell_executed = begin, end
        before = _children()
        client.execute(env=environment)
        cpu_s = _children() - before
    return Run(tidy(notebook), cpu_s, tuple(seconds))


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take out what changes from run to run without a reader seeing it, in place."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if "outputs" in cell:  # warnings name the folders of one machine; no page shows them
            cell.outputs = [out for out in cell.outputs if out.get("name") != "stderr"]
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)
            output.get("metadata", {}).pop(WIDGET, None)
    return notebook


def faults(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Say in what a stored notebook is not as `execute` leaves it."""
    if "widgets" in notebook.metadata:
        yield "holds widget state"
    if "version" in notebook.metadata.get("language_info", {}):
        yield "holds the version of the Python that ran it"
    count = 0
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        count += 1
        if cell.execution_count != count:
            yield f"cell {index}: executed as {cell.execution_count}, not as {count}"
        if "execution" in cell.metadata:
            yield f"cell {index}: holds execution times"
        wanted = "raises-exception" in cell.metadata.get("tags", [])
        for output in cell.outputs:
            if output.output_type == "error" and not wanted:
                yield f"cell {index}: failed with {output.ename}: {output.evalue}"
            if WIDGET in output.get("data", {}):
                yield f"cell {index}: holds a live widget, blank without its kernel"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of the book")
    parser.add_argument("--check", action="store_true", help="execute nothing")
    options = parser.parse_args(arguments)
    failed = 0
    for path in [path.resolve() for path in options.notebooks] or notebooks():
        if options.check:
            lines = list(faults(nbformat.read(path, as_version=4)))
            failed += bool(lines)
            print(*(f"{path.name}, {line}" for line in lines), sep="\n", end="\n" * bool(lines))
            continue
        try:
            run = execute(path, models=MODELS)
        except nbclient.exceptions.CellExecutionError as error:
            failed += 1
            _progress("")
            print(f"{path.name} failed; the file is left as it was.\n{_plain(str(error))}")
            continue
        nbformat.write(run.notebook, path)
        _progress("")
        print(f"{path.name}: {run.cpu_s:.0f} CPU s, longest cell {max(run.cells, default=0):.0f} s")
    if failed and options.check:
        print("Run: make chapters")
    return int(failed > 0)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


if __name__ == "__main__":
    sys.exit(main())
