"""Which words of two languages belong together."""

from __future__ import annotations

from collections.abc import Iterable

from lecture_utils.data.numerals.reading import read
from lecture_utils.data.numerals.spelling import spell


def links(numbers: Iterable[int], source: str, target: str) -> frozenset[tuple[int, int]]:
    """The true alignment of a list of numbers in two languages.

    Two morphemes of the same number are linked when they spell the same digit, or mark the same
    power of ten. A comma is linked with the comma at its place. Joining words have no link.

    Args:
        numbers: the list.
        source: language of the sources.
        target: language of the targets.

    Returns:
        Pairs (target index, source index): row and column of an alignment matrix.
    """
    numbers = list(numbers)
    if not numbers:
        raise ValueError("numbers is empty; pass at least one number")
    senses = [_senses(numbers, language) for language in (target, source)]
    return frozenset(
        (t, s)
        for t, target_senses in enumerate(senses[0])
        for s, source_senses in enumerate(senses[1])
        if target_senses & source_senses
    )


def _senses(numbers: Iterable[int], language: str) -> list[set[tuple[int, str, int]]]:
    """For each morpheme of the list the things it says: (item, role, power of ten)."""
    senses: list[set[tuple[int, str, int]]] = []
    for item, number in enumerate(numbers):
        if item:
            senses.append({(item, "comma", 0)})
        for morpheme in read(spell(number, language), language)[1]:
            digits = {(item, "digit", power) for power in morpheme.digits}
            senses.append(digits | {(item, "mark", power) for power in morpheme.marks})
    return senses
