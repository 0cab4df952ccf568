"""How French says and writes a number: 70 counts on from 60, 80 is four twenties."""

from __future__ import annotations

from collections.abc import Sequence

from lecture_utils.data.numerals.languages import VALUES, WORD

DIGITS = 3
"""Digits of a group."""

_WORD = WORD["fr"]


def group(group: int, power: int) -> list[str]:
    """The morphemes of `group`, from 1 to 999, times 10 to the `power`."""
    if power == 3:  # "mille" is a numeral: it takes no "un" and no plural in front of it
        return [*_below_1000(group, ""), "mille"] if group > 1 else ["mille"]
    words = _below_1000(group, "s")
    if power:
        words += [_WORD[10**power] + "s" * (group > 1)]
    return words


def _below_1000(group: int, plural: str) -> list[str]:
    """1 to 999; `plural` is the ending of a last ``vingt`` or ``cent`` that is multiplied."""
    hundreds, rest = divmod(group, 100)
    words = [_WORD[hundreds]] if hundreds > 1 else []
    if hundreds:
        words += ["cent" + plural * (hundreds > 1 and not rest)]
    if rest >= 80:
        words += ["quatre", "vingt" + plural * (rest == 80)]
        rest -= 80
    elif rest > 16:
        tens = min(rest // 10 * 10, 60)  # 70 to 79 count on from 60
        words += [_WORD[tens]] + ["et"] * (rest - tens in (1, 11))
        rest -= tens
    if rest > 16:
        words += ["dix"]
        rest -= 10
    return words + [_WORD[rest]] * (rest > 0)


def write(number: int, words: Sequence[str]) -> str:
    """The number as a person writes it: ``quatre-vingt-dix-sept``."""
    small = [(VALUES["fr"][word] or 100) < 100 for word in words]  # not "et"
    text = words[0]
    for i, word in enumerate(words[1:], start=1):
        text += ("-" if small[i - 1] and small[i] else " ") + word
    return text
