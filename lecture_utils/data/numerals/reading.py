"""From words to numbers, and what each word spells of its number."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from lecture_utils.data.numerals.languages import (
    COMMA,
    LANGUAGES,
    LARGEST,
    VALUES,
    check_language,
)
from lecture_utils.data.numerals.spelling import unchecked


class Morpheme(NamedTuple):
    """A morpheme and what it spells of a number.

    Attributes:
        text: the morpheme.
        digits: the powers of ten whose digit it spells; ``four`` in 400: {2}.
        marks: the powers of ten that it names; ``hundred`` in 400: {2}. A tens word does both:
            ``forty`` has {1} and {1}. A joining word has neither.
    """

    text: str
    digits: frozenset[int]
    marks: frozenset[int]


def read(words: Sequence[str], language: str) -> tuple[int, tuple[Morpheme, ...]]:
    """The number that the morphemes spell, and what each of them spells of it.

    One walk from right to left serves all four languages. A word from a thousand on that is
    larger than those behind it sets the *scale* of all that stands before it; a smaller one
    (``hundred``, ``십``) sets the *power* for the digit before it, counted from the scale. A word
    with a smaller one before it multiplies (``four hundred``, ``quatre vingt``), any other adds.

    Args:
        words: morphemes as `spell` writes them, and in no other form.
        language: a key of `LANGUAGES`.

    Raises:
        ValueError: an unknown word, or words that do not spell a number; says what to write.

    >>> read(["four", "hundred"], "en")[0]
    400
    """
    _check_words(words, language)
    number, morphemes = walk(words, language)
    _check_spelling(words, number, language)
    return number, morphemes


def walk(words: Sequence[str], language: str) -> tuple[int, tuple[Morpheme, ...]]:
    """`read`, of any words: whether they are how the language writes it is not asked.

    A word that the language does not have only joins.
    """
    values = [VALUES[language].get(word) for word in words]
    number, scale, power, factor = 0, 0, 0, 1
    morphemes = []
    earlier = [None, *values[:-1]][: len(values)]
    for word, value, before in zip(words[::-1], values[::-1], earlier[::-1], strict=True):
        digits, marks = {power}, set()
        if value is None:
            digits, power, factor = set(), scale, 10**scale
        elif value < 10:
            number += value * factor
        else:
            size = len(str(value)) - 1
            scale, power = (size, size) if size >= max(scale, 3) else (scale, scale + size)
            factor = value * 10 ** (power - size)
            multiplies = before is not None and before < value
            number += 0 if multiplies else factor
            digits, marks = _digits(value, scale, power, multiplies), {power}
        morphemes.append(Morpheme(word, frozenset(digits), frozenset(marks)))
    return number, tuple(morphemes[::-1])


def _digits(value: int, scale: int, power: int, multiplies: bool) -> set[int]:
    """The powers whose digit a word of at least ten spells; "four hundred": not the hundred."""
    if 10 < value < 20:
        return {scale, power}
    pure = value == 10 ** (len(str(value)) - 1)
    return set() if pure and multiplies else {power}


def _check_words(words: Sequence[str], language: str) -> None:
    check_language(language)
    if isinstance(words, str) or not words:
        raise ValueError(f"words is {words!r}; pass a list of at least one number word")
    unknown = [word for word in words if word not in list(VALUES[language])]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not a number word in {LANGUAGES[language]}.")


def _check_spelling(words: Sequence[str], number: int, language: str) -> None:
    """Refuse words that have a sum but are not how the language writes it."""
    text = " ".join(words)
    if number > LARGEST:
        raise ValueError(f"{words[0]!r} in {text!r}: the words make {number}, over {LARGEST}.")
    expected = unchecked(number, language)
    if tuple(words) != expected:
        paired = zip_longest(words, expected)
        strange = next((word for word, right in paired if word != right), None) or words[-1]
        raise ValueError(
            f"{strange!r} does not fit in {text!r}: the words make {number}, which is written "
            f"{' '.join(expected)!r}."
        )


def read_list(words: Sequence[str], language: str) -> tuple[int, ...]:
    """The numbers that morphemes with commas between them spell; the inverse of `spell_list`.

    Raises:
        ValueError: as `read`; a comma needs a number on either side.
    """
    if isinstance(words, str):
        raise ValueError(f"words is {words!r}; pass a list of number words")
    items: list[list[str]] = [[]]
    for word in words:
        if word == COMMA:
            items.append([])
        else:
            items[-1].append(word)
    if [] in items:
        raise ValueError(f"item {items.index([]) + 1} is empty; a comma stands between two numbers")
    return tuple(read(item, language)[0] for item in items)
