"""What a person types and is told: lists of numbers, in digits or in words.

The other half is ``live/numerals.js``, which says the same in a page; the tests hold both together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from lecture_utils.data.numerals.alignment import senses, understood
from lecture_utils.data.numerals.languages import (
    COMMA,
    LANGUAGES,
    LARGEST,
    VALUES,
    check_language,
)
from lecture_utils.data.numerals.reading import walk
from lecture_utils.data.numerals.spelling import unchecked

_APART = re.compile(r"[\s\-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}]+")
_FOLDED = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_FOLDED |= dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
"""What is written in full width is plain, and what is not to be seen is not there."""
_BELOW_ZERO = re.compile(r"[-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}\N{MINUS SIGN}]\s*[0-9]")
_ELSEWHERE = re.compile("[^\u0000-\u024f\u2000-\u206f]")
_GROUPS = re.compile(r"[0-9]+|[0-9]{1,3}([\s'\N{RIGHT SINGLE QUOTATION MARK}]+[0-9]{3})+")
"""How an item is written that has nothing but digits."""


def parse(
    text: str, language: str = "en", largest: int = LARGEST, most: int | None = None
) -> tuple[int, ...]:
    """The numbers in a text that a person has typed, in digits or words, between commas.

    Spaces or apostrophes may stand between groups of three digits. Capitals, hyphens,
    joining words and the full width of East Asian keyboards are tolerated.

    Args:
        text: what was typed.
        language: of the words, a key of `LANGUAGES`.
        largest: number that may be asked for.
        most: words that the list may have, its commas counted; None: any number of them.

    Raises:
        ValueError: what is wrong with the text, for the person who typed it.

    >>> parse("748 213, Ninety-five")
    (748213, 95)
    """
    check_language(language)
    folded = unicodedata.normalize("NFC", text).translate(_FOLDED).lower()
    items = [item.strip() for item in folded.split(COMMA)]
    if not any(items):
        if len(items) > 1:
            raise ValueError("There is only a comma: write a number on each side of it.")
        raise ValueError("The field is empty: write a number, such as 748 213.")
    count = sum(1 + _count(item, language) for item in items) - 1
    if most is not None and count > most:
        raise ValueError(f"That is {count} words, commas counted; the model reads {most} at most.")
    if "" in items:
        raise ValueError(
            f"Number {items.index('') + 1} of the list is empty: write one, or take the comma out."
        )
    return tuple(_parse_item(item, language, largest) for item in items)


def read_back(words: Sequence[str], numbers: Sequence[int], language: str) -> str:
    """What the words that a model has written say, with a tick, or beside what was meant.

    >>> read_back(["sieben", "hundert"], [748], "de")
    '✗ reads back as 700; you wrote 748'
    """
    _, *written = senses(words, language)
    said = understood(*written, numbers)
    listed = ", ".join("no number" if number is None else _spaced(number) for number in said)
    if said == list(numbers):
        return f"✓ reads back as {listed}"
    return f"✗ reads back as {listed}; you wrote {', '.join(map(_spaced, numbers))}"


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def quoted(text: str) -> str:
    """In quotes, cut where it is long."""
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


def _digits(item: str) -> str:
    """The digits of an item that is written in nothing else; empty of any other."""
    digits = re.sub(r"[\s'\N{RIGHT SINGLE QUOTATION MARK}]", "", item)
    return digits if re.fullmatch("[0-9]+", digits) else ""


def _number(digits: str, largest: int) -> int:
    """The number; one more than the largest where there are more digits than Python reads."""
    return int(digits) if len(digits) < 20 else largest + 1


def _words(item: str) -> list[str]:
    return [word for word in _APART.split(item) if word]


def _count(item: str, language: str) -> int:
    """How many words an item is: of digits, those that spell it."""
    if digits := _digits(item):
        return len(unchecked(min(_number(digits, LARGEST), LARGEST), language))
    return sum(VALUES[language].get(word, 0) is not None for word in _words(item))


def _parse_item(item: str, language: str, largest: int) -> int:
    if _BELOW_ZERO.match(item):
        raise ValueError(f"{quoted(item)} is below zero: the smallest number is 0.")
    if digits := _digits(item):
        return _large(_of_digits(item, digits, largest), item, largest)
    words = _words(item)
    _check_known(words, language)
    joined = language == "en"  # "and" may stand anywhere
    said = [word for word in words if not joined or VALUES[language].get(word) is not None]
    number = walk(said, language)[0]
    if unchecked(_large(number, item, largest), language) != tuple(said):
        raise ValueError(
            f"{quoted(item)} does not form a number: write digits alone, or words as in "
            f"{_example(language)}."
        )
    return number


def _of_digits(item: str, digits: str, largest: int) -> int:
    if len(digits) > 1 and digits[0] == "0":
        raise ValueError(
            f"{quoted(item)} begins with a zero. A comma parts two numbers: write 1 000, not 1,000."
        )
    if not _GROUPS.fullmatch(item):
        raise ValueError(
            f"{quoted(item)} is not one number. A comma parts two numbers, a blank only groups of "
            "three digits."
        )
    return _number(digits, largest)


def _large(number: int, item: str, largest: int) -> int:
    if number > largest:
        raise ValueError(f"{quoted(item)} is too large: the largest is {_spaced(largest)}.")
    return number


def _check_known(words: Sequence[str], language: str) -> None:
    """Refuse the first word that is none of the language, and no digits."""
    known = VALUES[language]
    strange = next((w for w in words if w not in known and not re.fullmatch("[0-9]+", w)), None)
    if strange is None:
        return
    first = re.sub(r"^[+.]", "", strange)[:1]
    if first and (first in "0123456789" or unicodedata.category(first) == "No"):
        raise ValueError(f"{quoted(strange)} is not a whole number: write one, such as 748 213.")
    if _ELSEWHERE.search(strange) and not _ELSEWHERE.search("".join(known)):
        raise ValueError(
            f"{quoted(strange)} is in a script the model has not learnt: write digits or "
            f"{LANGUAGES[language]} number words."
        )
    raise ValueError(
        f"{quoted(strange)} is not a number word: write digits, or words such as "
        f"{_example(language)}."
    )


def _example(language: str) -> str:
    """48 as people write it."""
    return "forty-eight" if language == "en" else " ".join(unchecked(48, language))
