"""Which words of two languages belong together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lecture_utils.data.numerals.languages import COMMA
from lecture_utils.data.numerals.reading import walk
from lecture_utils.data.numerals.spelling import spell_list


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
    return frozenset(
        alike(*(spell_list(numbers, language) for language in (target, source)), source, target)
    )


def alike(
    rows: Sequence[str], columns: Sequence[str], source: str, target: str
) -> list[tuple[int, int]]:
    """Which words say the same of the same number; the rows may be what a model has written.

    Args:
        rows: words of the target.
        columns: words of the source.
        source: language of the columns.
        target: language of the rows.

    Returns:
        Pairs (row, column) in order; of a list of numbers and its translation, its `links`.
    """
    said, meant = senses(rows, target)[0], senses(columns, source)[0]
    return [(t, s) for t, a in enumerate(said) for s, b in enumerate(meant) if a & b]


def senses(
    words: Sequence[str], language: str
) -> tuple[list[set[tuple[int, str, int]]], list[int | None]]:
    """For each word of a list the things it says: (item, role, power of ten); and the numbers.

    An item that spells one digit twice, or has no word, is no number: None.
    """
    said: list[set[tuple[int, str, int]]] = []
    numbers: list[int | None] = []
    item: list[str] = []
    for word in (*words, None):
        if word is not None and word != COMMA:
            item.append(word)
            continue
        number, morphemes = walk(item, language)
        digits = [power for morpheme in morphemes for power in morpheme.digits]
        for morpheme in morphemes:
            spelled = {(len(numbers), "digit", power) for power in morpheme.digits}
            said.append(spelled | {(len(numbers), "mark", power) for power in morpheme.marks})
        numbers.append(number if item and len({*digits}) == len(digits) else None)
        if word is not None:
            said.append({(len(numbers), "comma", 0)})
        item = []
    return said, numbers
