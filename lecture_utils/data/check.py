"""Checks that the data sets share: each refuses with a sentence that names the argument."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any


def integer(name: str, value: Any, low: int) -> int:
    """`value` as an integer of at least `low`, or a `ValueError`; a bool is none."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < low:
        raise ValueError(f"{name} is {value!r}; pass an integer of at least {low}")
    return int(value)


def shares(dev: Any, test: Any) -> None:
    """Refuse shares of development and test that are none, with a `ValueError`."""
    given = (dev, test)
    real = all(isinstance(x, Real) and not isinstance(x, bool) and 0 <= x <= 1 for x in given)
    if not real or sum(given) > 1:
        raise ValueError(
            f"dev and test are {dev!r} and {test!r}; pass shares that add up to at most 1"
        )
