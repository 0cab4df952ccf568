"""How English says and writes a number: in groups of three digits."""

from __future__ import annotations

from collections.abc import Sequence

from lecture_utils.data.numerals.languages import WORD

DIGITS = 3
"""Digits of a group."""

_WORD = WORD["en"]


def group(group: int, power: int) -> list[str]:
    """The morphemes of `group`, from 1 to 999, times 10 to the `power`."""
    hundreds, rest = divmod(group, 100)
    words = [_WORD[hundreds], "hundred"] if hundreds else []
    if rest > 20 and rest % 10:
        words += [_WORD[rest - rest % 10], _WORD[rest % 10]]
    elif rest:
        words += [_WORD[rest]]
    return words + [_WORD[10**power]] * (power > 0)


def write(number: int, words: Sequence[str]) -> str:
    """The number as a person writes it: ``one million and one``."""
    for size in (10**9, 10**6, 10**3, 100):
        if number >= size:
            head, rest = divmod(number, size)
            text = f"{write(head, _below_100(head))} {_WORD[size]}"
            between = ", " if rest >= 100 else " and "
            return text + between + write(rest, _below_100(rest)) if rest else text
    return "-".join(words)


def _below_100(number: int) -> list[str]:
    """The morphemes of a number that is written with hyphens; none for the others."""
    return group(number, 0) if number < 100 else []
