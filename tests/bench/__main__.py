"""The command line of the benchmark.

Needs the built site and a Chromium: run it by ``make bench``. Exits 1 if a bound is missed or a
figure could not be measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from fnmatch import fnmatchcase
from pathlib import Path

from tests.bench import rows
from tests.bench.rows import Row

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="names, such as 'view.*'")
    parser.add_argument("--output", type=Path, default=ROOT / "_build" / "bench.json")
    options = parser.parse_args(arguments)
    measured: list[Row] = []
    for measurement in rows.measurements():
        if not any(declared.matches(options.only) for declared in measurement.rows):
            continue
        begun = time.perf_counter()
        for row in rows.measure(measurement):
            if fnmatchcase(row.name, options.only):
                measured.append(row)
                print(row.line(), flush=True)
        print(f"    ({time.perf_counter() - begun:.0f} s)", file=sys.stderr, flush=True)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps([row.plain() for row in measured], indent=1)
    options.output.write_text(text + "\n", encoding="utf-8")
    missed = [row.name for row in measured if not row.kept]
    print(f"\n{len(measured)} figures in {options.output}, {len(missed)} missed {' '.join(missed)}")
    return int(bool(missed) or not measured)


if __name__ == "__main__":
    sys.exit(main())
