"""Run a command and note what it spent: CPU seconds, of all its processes, and minutes.

    python book/_tools/spent.py NAME COMMAND ...

The exit code is the command's. What it spent is written below NAME into ``_build/tests.json``, from
which the benchmark takes the rows ``tests.*``.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTES = ROOT / "_build" / "tests.json"


PATIENCE = 2
"""Seconds that processes which are left may take to end: they have said all, not yet gone."""


def run(name: str, command: list[str], notes: Path = NOTES) -> int:
    """Run `command`, note below `name` what it spent, and give its exit code."""
    _adopt_orphans()
    begun, before = time.perf_counter(), _cpu_s()
    code = subprocess.run(command, check=False).returncode
    _wait_for_orphans()
    cpu_s, wall_s = _cpu_s() - before, time.perf_counter() - begun
    note(name, {"cpu_s": round(cpu_s, 1), "wall_s": round(wall_s, 1), "passed": code == 0}, notes)
    return code


def note(name: str, spent: dict[str, float], notes: Path = NOTES) -> None:
    """Write `spent` below `name` into the file `notes`, and keep what stands there besides."""
    notes.parent.mkdir(exist_ok=True)
    known = json.loads(notes.read_text(encoding="utf-8")) if notes.is_file() else {}
    notes.write_text(json.dumps(known | {name: spent}, indent=1) + "\n", encoding="utf-8")


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _adopt_orphans() -> None:
    """Become the parent of those whose parent ends first, as a browser's do; only Linux can."""
    if sys.platform == "linux":
        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    """Count those that end within `PATIENCE`; the others are left alone."""
    until = time.monotonic() + PATIENCE
    with contextlib.suppress(ChildProcessError):  # none is left
        while os.waitpid(-1, os.WNOHANG)[0] or time.monotonic() < until:
            time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
