"""From numbers to words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from lecture_utils.data.numerals import english, french, german, korean
from lecture_utils.data.numerals.languages import (
    COMMA,
    LARGEST,
    WORD,
    check_integer,
    check_language,
)

_GRAMMAR = {"en": english, "de": german, "fr": french, "ko": korean}


@cache
def _group(group: int, power: int, language: str) -> tuple[str, ...]:
    """The words of `group` times 10 to the `power`; none for a group of zero."""
    return tuple(_GRAMMAR[language].group(group, power)) if group else ()


def unchecked(number: int, language: str) -> tuple[str, ...]:
    """`spell`, of a number and a language that are known to be good."""
    words: tuple[str, ...] = ()
    power, digits = 0, _GRAMMAR[language].DIGITS
    base = 10**digits
    while number:
        number, group = divmod(number, base)
        words = _group(group, power, language) + words
        power += digits
    return words or (WORD[language][0],)


def spell(number: int, language: str) -> tuple[str, ...]:
    """The morphemes of a number, in lower case.

    Args:
        number: an integer from 0 to 10**9.
        language: a key of `LANGUAGES`.

    Raises:
        ValueError: another number, a bool or a float, or another language.

    >>> spell(748_000, "de")
    ('sieben', 'hundert', 'acht', 'und', 'vierzig', 'tausend')
    """
    check_language(language)
    return unchecked(check_integer("number", number, 0, LARGEST), language)


def orthography(number: int, language: str) -> str:
    """A number as a person writes it, with the spaces, hyphens and commas of the language.

    Args:
        number: an integer from 0 to 10**9.
        language: a key of `LANGUAGES`.

    >>> orthography(748_000, "de")
    'siebenhundertachtundvierzigtausend'
    """
    words = spell(number, language)
    return _GRAMMAR[language].write(int(number), words)


def spell_list(numbers: Iterable[int], language: str) -> tuple[str, ...]:
    """The morphemes of several numbers, with a comma as a morpheme between them.

    >>> spell_list([20, 3], "en")
    ('twenty', ',', 'three')
    """
    check_language(language)
    numbers = [check_integer("number", number, 0, LARGEST) for number in numbers]
    if not numbers:
        raise ValueError("numbers is empty; pass at least one number")
    return unchecked_list(numbers, language)


def unchecked_list(numbers: Sequence[int], language: str) -> tuple[str, ...]:
    """`spell_list`, of numbers and a language that are known to be good."""
    words = list(unchecked(numbers[0], language))
    for number in numbers[1:]:
        words.append(COMMA)
        words += unchecked(number, language)
    return tuple(words)
