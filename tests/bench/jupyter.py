"""The views in a real JupyterLab."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.rows import row


@row("jupyter.controls", "controls", ">= 1")
@row("jupyter.failed", "controls", "<= 0")
def controls() -> Mapping[str, float]:
    """The controls that were driven by keys, and those that did what they should not."""
    from tests.jupyter.measure import measure_jupyter

    return measure_jupyter()
