"""How German says and writes a number: the ones before the tens."""

from __future__ import annotations

from collections.abc import Sequence

from lecture_utils.data.numerals.languages import WORD

DIGITS = 3
"""Digits of a group."""

_WORD = WORD["de"]
_NOUNS = ("million", "millionen", "milliarde")  # capitals, and they stand alone


def group(group: int, power: int) -> list[str]:
    """The morphemes of `group`, from 1 to 999, times 10 to the `power`."""
    hundreds, rest = divmod(group, 100)
    words = [_WORD[hundreds], "hundert"] if hundreds else []
    if rest == 1:
        words += [{0: "eins", 3: "ein"}.get(power, "eine")]
    elif rest > 20 and rest % 10:
        words += [_WORD[rest % 10], "und", _WORD[rest - rest % 10]]
    elif rest:
        words += [_WORD[rest]]
    if power:
        words += ["millionen" if power == 6 and group > 1 else _WORD[10**power]]
    return words


def write(number: int, words: Sequence[str]) -> str:
    """The number as a person writes it: ``siebenhundertachtundvierzigtausend``."""
    return "".join(f" {w.capitalize()} " if w in _NOUNS else w for w in words).strip()
