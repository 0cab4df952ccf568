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

    Of an item that is no number only the comma says something.

    Args:
        rows: words of the target.
        columns: words of the source.
        source: language of the columns.
        target: language of the rows.

    Returns:
        Pairs (row, column) in order; of a list of numbers and its translation, its `links`.
    """
    said, *written = senses(rows, target)
    meant, wanted, _ = senses(columns, source)
    numbers = understood(*written, wanted)
    heard = [{one for one in a if one[1] == "comma" or numbers[one[0]] is not None} for a in said]
    return [(t, s) for t, a in enumerate(heard) for s, b in enumerate(meant) if a & b]


def senses(
    words: Sequence[str], language: str
) -> tuple[list[set[tuple[int, str, int]]], list[int | None], set[int]]:
    """For each word of a list the things it says: (item, role, power of ten); and the numbers.

    The number of an item without a word is None. Last, which items spell a digit twice.
    """
    said: list[set[tuple[int, str, int]]] = []
    numbers: list[int | None] = []
    twice = set()
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
        if len({*digits}) < len(digits):
            twice.add(len(numbers))
        numbers.append(number if item else None)
        if word is not None:
            said.append({(len(numbers), "comma", 0)})
        item = []
    return said, numbers, twice


def understood(
    numbers: Sequence[int | None], twice: set[int], wanted: Sequence[int | None]
) -> list[int | None]:
    """The numbers of items; None of those that are none.

    These spell a digit twice, and are not the number that is wanted at their place: French says 71
    as sixty and eleven.
    """
    right = [*wanted, *[None] * len(numbers)]
    return [None if k in twice and n != right[k] else n for k, n in enumerate(numbers)]
