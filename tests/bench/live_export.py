"""Whether an exported graph does what its model does."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.rows import row
from tests.live.sizes import measure_sizes


@row("live.export.sizes", "graphs", "<= 0")
def sizes() -> Mapping[str, float]:
    """Graphs that differ from torch at one of three sizes, in every order of export."""
    return measure_sizes()
