"""Whether an exported graph does what its model does."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.rows import row


@row("live.export.sizes", "graphs", "<= 0")
def sizes() -> Mapping[str, float]:
    """Graphs that differ from torch at one of three sizes, in every order of export."""
    from tests.live.measure_sizes import measure_sizes

    return measure_sizes()
