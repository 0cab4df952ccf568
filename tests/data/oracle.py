"""The number words of `num2words`, an independent package, beside our own."""

from __future__ import annotations

import random

from lecture_utils.data import numerals


def numbers(count: int) -> list[int]:
    """`count` numbers: 0 to 2000, those around round ones, then random ones of 4 to 9 digits."""
    edges = {
        front * 10**power + change
        for front in (1, 2, 11, 17, 21, 70, 71, 80, 81, 91, 99, 100, 101, 200, 201, 280, 701, 999)
        for power in range(3, 9)
        for change in (-1, 0, 1, 71, 80, 100, 1000, 1001, 80_000, 100_000)
    }
    chosen = [*range(2001), *sorted(n for n in edges if 2000 < n < 10**9), 10**9]
    draw = random.Random(0)
    while len(chosen) < count:
        digits = draw.randint(4, 9)
        chosen.append(draw.randrange(10 ** (digits - 1), 10**digits))
    return chosen[:count]


def oracle_mismatches(language: str, count: int) -> list[tuple[int, str, str]]:
    """(number, ours, theirs) wherever the two differ, out of `count` numbers."""
    from num2words import num2words

    both = (
        (n, numerals.orthography(n, language), num2words(n, lang=language)) for n in numbers(count)
    )
    return [(n, ours, theirs) for n, ours, theirs in both if ours != theirs]


def is_upstream_error(number: int) -> bool:
    """German thousands or millions that end in 01, such as 201 000 and 101 000 000.

    num2words 0.5.14 writes "zweihunderteinstausend" and "einhunderteins Millionen". "Eins" is only
    said at the end of a number: it must be "zweihunderteintausend", "einhunderteine Millionen".
    """
    groups = number // 10**3 % 1000, number // 10**6
    return any(group > 1 and group % 100 == 1 for group in groups)
