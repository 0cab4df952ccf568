"""The primitive: what it costs against torch's own attention, and which masks it misreads."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.rows import row


@row("address.attend.ratio", "times", "<= 1.05")
def attend() -> Mapping[str, float]:
    """A block forward and backward, nobody recording, against torch's fused attention."""
    from tests.measure_addressing import measure_attend

    return measure_attend()


@row("masks.silent", "masks", "<= 0")
def masks() -> Mapping[str, float]:
    """Of 1,000 random shapes of mask, those neither refused nor read as a loop reads them."""
    from tests.measure_addressing import measure_masks

    return measure_masks()
