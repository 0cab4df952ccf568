"""Every figure that the project promises, measured afresh and compared with its bound.

    python -m tests.bench                       all of them, into _build/bench.json
    python -m tests.bench --only 'view.*'       only the rows whose names match

A file is a topic. A function in it measures one row or several, and each row stands above it with
its unit and its bound::

    @row("site.console_errors", "errors", "<= 0")
    def errors() -> float: ...

A new topic is a new file; nothing else names it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "book" / "_tools"))
