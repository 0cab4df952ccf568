"""The strict comparison of notebooks: what tests/nbval.cfg lets differ, and nothing more."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

SHOW = "from IPython.display import display\ndisplay({}, raw=True)"
FIGURE = '<figure class="lecture-view" data-view="x">\n<script>{}</script>\n</figure>'
SVG = '<?xml version="1.0"?>\n<svg id="{}">\n<g/></svg>\n'

CASES = {
    "a view's numbers": ({"text/html": FIGURE.format(1)}, {"text/html": FIGURE.format(2)}, True),
    "a picture's identifiers": (
        {"image/svg+xml": SVG.format(1)},
        {"image/svg+xml": SVG.format(2)},
        True,
    ),
    "a view's sentence": (
        {"text/html": FIGURE.format(1), "text/plain": "one"},
        {"text/html": FIGURE.format(1), "text/plain": "two"},
        False,
    ),
    "a view or none": ({"text/html": FIGURE.format(1)}, {"text/html": "<p>none</p>"}, False),
    "any other page": ({"text/html": "<p>1</p>"}, {"text/html": "<p>2</p>"}, False),
}
"""What a cell shows, what is stored of it, and whether that passes."""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory, root: Path) -> list[str]:
    """What nbval says of one notebook with a cell for each case."""
    folder = tmp_path_factory.mktemp("nbval")
    cells = [
        nbformat.v4.new_code_cell(
            SHOW.format(now),
            execution_count=count,
            outputs=[nbformat.v4.new_output("display_data", data=stored)],
        )
        for count, (now, stored, _) in enumerate(CASES.values(), 1)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "n.ipynb")
    config = f"--nbval-sanitize-with={root / 'tests' / 'nbval.cfg'}"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", config, "--nbval-current-env", "-v", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return re.findall(r"::Cell \d+ (PASSED|FAILED)", run.stdout)


@pytest.mark.parametrize("case", CASES)
def test_strict_comparison(verdicts: list[str], case: str) -> None:
    expected = "PASSED" if CASES[case][2] else "FAILED"
    assert verdicts[list(CASES).index(case)] == expected
