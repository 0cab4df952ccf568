"""How Korean says and writes a number: in groups of four digits."""

from __future__ import annotations

from collections.abc import Sequence

from lecture_utils.data.numerals.languages import WORD

DIGITS = 4
"""Digits of a group."""

_WORD = WORD["ko"]


def group(group: int, power: int) -> list[str]:
    """The morphemes of `group`, from 1 to 9999, times 10 to the `power`."""
    words = []
    for size in (1000, 100, 10):
        digit = group // size % 10
        words += [_WORD[digit]] * (digit > 1) + [_WORD[size]] * (digit > 0)
    if group % 10 and (group, power) != (1, 4):  # 10 000 is 만, not 일 만
        words += [_WORD[group % 10]]
    return words + [_WORD[10**power]] * (power > 0)


def write(number: int, words: Sequence[str]) -> str:
    """The number as a person writes it, with spaces behind 만 and 억."""
    return "".join(word + " " * (word in "만억") for word in words).strip()
