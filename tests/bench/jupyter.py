"""How many controls of the views a real JupyterLab leaves in peace, and how many it does not."""

from __future__ import annotations

import tempfile
from pathlib import Path

import browser

from tests import pages
from tests.bench.rows import row
from tests.jupyter.lab import drive, opened, served
from tests.views.examples import EXAMPLES


@row("jupyter.controls", "controls", ">= 1")
@row("jupyter.failed", "controls", "<= 0")
def measure_jupyter() -> dict[str, int]:
    """Press keys on every control of every view; count the controls, and those that did harm."""
    controls = failed = 0
    with (
        tempfile.TemporaryDirectory() as home,
        tempfile.TemporaryDirectory() as notebooks,
        served(Path(notebooks), Path(home)) as url,
        pages.chromium(str(browser.find())) as chromium,
        opened(chromium, url, Path(notebooks)) as lab,
    ):
        for view in EXAMPLES:
            lab.open(lab.write(view))
            lab.run_all()
            lab.view.wait_for()
            driven, harm = drive(lab)
            controls, failed = controls + driven, failed + len(harm)
            lab.close()
    return {"jupyter.controls": controls, "jupyter.failed": failed}
