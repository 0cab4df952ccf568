"""From words to numbers, and what each word spells of its number."""

from __future__ import annotations

import re
import unicodedata
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

GROUPS = re.compile(r"\d+|\d{1,3}([\s'\N{RIGHT SINGLE QUOTATION MARK}]+\d{3})+")
"""How an item is written that has nothing but digits."""


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
    values = _values(words, language)
    number, scale, power, factor = 0, 0, 0, 1
    morphemes = []
    for word, value, before in zip(words[::-1], values[::-1], [*values[-2::-1], None], strict=True):
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
    _check_spelling(words, number, language)
    return number, tuple(morphemes[::-1])


def _digits(value: int, scale: int, power: int, multiplies: bool) -> set[int]:
    """The powers whose digit a word of at least ten spells; "four hundred": not the hundred."""
    if 10 < value < 20:
        return {scale, power}
    pure = value == 10 ** (len(str(value)) - 1)
    return set() if pure and multiplies else {power}


def _values(words: Sequence[str], language: str) -> list[int | None]:
    check_language(language)
    if isinstance(words, str) or not words:
        raise ValueError(f"words is {words!r}; pass a list of at least one number word")
    unknown = [word for word in words if word not in list(VALUES[language])]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not a number word in {LANGUAGES[language]}.")
    return [VALUES[language][word] for word in words]


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


def parse(text: str, language: str = "en", largest: int = LARGEST) -> tuple[int, ...]:
    """The numbers in a text that a person has typed, in digits or words, between commas.

    Spaces or apostrophes may stand between groups of three digits. Capitals, hyphens
    and joining words are tolerated.

    Raises:
        ValueError: what is wrong with the text, for the person who typed it.

    >>> parse("748 213, Ninety-five")
    (748213, 95)
    """
    check_language(language)
    items = [item.strip() for item in text.lower().split(COMMA)]
    if not any(items):
        raise ValueError("There is no number here: write one, such as 748 213.")
    if "" in items:
        raise ValueError(
            f"Number {items.index('') + 1} of the list is empty: write one, or take the comma out."
        )
    return tuple(_parse_item(item, language, largest) for item in items)


def _clip(text: str) -> str:
    return repr(f"{text[:40]}…" if len(text) > 40 else text)


def _spoken(item: str, words: list[str], language: str) -> list[int | None]:
    """The values of the words of an item, in which digits have no place."""
    strange = [word for word in words if not (word.isascii() and word.isdecimal())]
    strange = [word for word in strange if word not in VALUES[language]]
    if strange and _begins_as_digits(strange[0]):
        raise ValueError(f"{_clip(strange[0])} is not a whole number: write one, such as 748 213.")
    if not strange and any(word.isdecimal() for word in words):
        raise ValueError(
            f"{_clip(item)} does not form a number: write digits alone, or words as in forty-eight."
        )
    return _values(strange or words, language)


def _begins_as_digits(word: str) -> bool:
    """Whether a word begins with a digit, a fraction or the like, behind a plus or a point."""
    first = re.sub(r"^[+.]", "", word)[:1]
    return bool(first) and (first in "0123456789" or unicodedata.category(first) == "No")


def _parse_item(item: str, language: str, largest: int) -> int:
    digits = re.sub(r"[\s'\N{RIGHT SINGLE QUOTATION MARK}]", "", item)
    if digits.isascii() and digits.isdecimal():
        if len(digits) > 1 and digits[0] == "0":
            raise ValueError(
                f"{item!r} begins with a zero. A comma parts two numbers: write 1 000, not 1,000."
            )
        if not GROUPS.fullmatch(item):
            raise ValueError(
                f"{_clip(item)} is not one number. A comma parts two numbers, a blank only groups "
                "of three digits."
            )
        number = int(digits) if len(digits) < 20 else largest + 1
    elif re.fullmatch(r"[-\N{MINUS SIGN}]\d+", digits):
        raise ValueError(f"{item[:40]!r} is negative: the smallest number here is 0.")
    else:
        words = item.replace("-", " ").split()
        values = _spoken(item, words, language) if words else []
        said = [word for word, value in zip(words, values, strict=True) if value is not None]
        if not said:
            raise ValueError(f"{item[:40]!r} is not a number: write digits, or number words.")
        number = read(said, language)[0] if language == "en" else read(words, language)[0]
    if number > largest:
        raise ValueError(f"{item[:40]!r} is too large: the largest is {largest}.")
    return number
