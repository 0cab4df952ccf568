"""Number words in English, German, French and Korean, with the links between them.

A number up to a thousand million is written as *morphemes*: ``sieben hundert acht und vierzig
tausend``, ``quatre vingt dix sept``. The four languages say the same digits in another order,
in other groups, with more or fewer words, so that one list of numbers is a translation task for
which the true alignment is known: each morpheme spells a digit, or marks its power of ten.

`spell` and `read` are inverse to each other. `links` is the gold alignment of a sentence, a list
of numbers with commas. `stream` makes as many sentences as you like, of any length.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice, zip_longest
from typing import NamedTuple

import numpy as np

from lecture_utils.data.pairs import Pair

LARGEST = 10**9
COMMA = ","
SPLIT_TRIES = 100_000
"""Sentences of a length that are looked at for one of a split, before it is said there is none."""
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "ko": "Korean"}

_COUNTING = {  # 0, 1, 2, ... as far as the language has a word of its own
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
    "de": "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze "
    "quinze seize",
    "ko": "영 일 이 삼 사 오 육 칠 팔 구 십",
}
_TENS = {  # 20, 30, ...
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante",
    "ko": "",
}
_OTHERS: dict[str, dict[str, int | None]] = {
    "en": {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "and": None},
    "de": {"eins": 1, "eine": 1, "hundert": 100, "tausend": 10**3, "million": 10**6}
    | {"millionen": 10**6, "milliarde": 10**9, "und": None},
    "fr": {"vingts": 20, "cent": 100, "cents": 100, "mille": 10**3, "million": 10**6}
    | {"millions": 10**6, "milliard": 10**9, "et": None},
    "ko": {"백": 100, "천": 10**3, "만": 10**4, "억": 10**8},
}

VALUES: dict[str, dict[str, int | None]] = {
    language: {word: value for value, word in enumerate(_COUNTING[language].split())}
    | {word: 10 * ten for ten, word in enumerate(_TENS[language].split(), start=2)}
    | _OTHERS[language]
    for language in LANGUAGES
}
"""What each morpheme is worth, by language. None: it only joins (``and``, ``und``, ``et``)."""

_WORD = {  # the other way round; of two forms the first in VALUES, e.g. "ein"
    language: {value: word for word, value in reversed(values.items())}
    for language, values in VALUES.items()
}
_STEP = {"en": 3, "de": 3, "fr": 3, "ko": 4}  # digits of a group


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


def _english(group: int, power: int) -> list[str]:
    word = _WORD["en"]
    hundreds, rest = divmod(group, 100)
    words = [word[hundreds], "hundred"] if hundreds else []
    if rest > 20 and rest % 10:
        words += [word[rest - rest % 10], word[rest % 10]]
    elif rest:
        words += [word[rest]]
    return words + [word[10**power]] * (power > 0)


def _german(group: int, power: int) -> list[str]:
    word = _WORD["de"]
    hundreds, rest = divmod(group, 100)
    words = [word[hundreds], "hundert"] if hundreds else []
    if rest == 1:
        words += [{0: "eins", 3: "ein"}.get(power, "eine")]
    elif rest > 20 and rest % 10:
        words += [word[rest % 10], "und", word[rest - rest % 10]]
    elif rest:
        words += [word[rest]]
    if power:
        words += ["millionen" if power == 6 and group > 1 else word[10**power]]
    return words


def _french(group: int, power: int) -> list[str]:
    word = _WORD["fr"]
    if power == 3:  # "mille" is a numeral: it takes no "un" and no plural in front of it
        return [*_french_rest(group, ""), "mille"] if group > 1 else ["mille"]
    words = _french_rest(group, "s")
    if power:
        words += [word[10**power] + "s" * (group > 1)]
    return words


def _french_rest(group: int, plural: str) -> list[str]:
    """1 to 999; `plural` is the ending of a last ``vingt`` or ``cent`` that is multiplied."""
    word = _WORD["fr"]
    hundreds, rest = divmod(group, 100)
    words = [word[hundreds]] if hundreds > 1 else []
    if hundreds:
        words += ["cent" + plural * (hundreds > 1 and not rest)]
    if rest >= 80:
        words += ["quatre", "vingt" + plural * (rest == 80)]
        rest -= 80
    elif rest > 16:
        tens = min(rest // 10 * 10, 60)  # 70 to 79 count on from 60
        words += [word[tens]] + ["et"] * (rest - tens in (1, 11))
        rest -= tens
    if rest > 16:
        words += ["dix"]
        rest -= 10
    return words + [word[rest]] * (rest > 0)


def _korean(group: int, power: int) -> list[str]:
    word = _WORD["ko"]
    words = []
    for size in (1000, 100, 10):
        digit = group // size % 10
        words += [word[digit]] * (digit > 1) + [word[size]] * (digit > 0)
    if group % 10 and (group, power) != (1, 4):  # 10 000 is 만, not 일 만
        words += [word[group % 10]]
    return words + [word[10**power]] * (power > 0)


_GRAMMAR = {"en": _english, "de": _german, "fr": _french, "ko": _korean}


@cache
def _group(group: int, power: int, language: str) -> tuple[str, ...]:
    """The words of `group` times 10 to the `power`; none for a group of zero."""
    return tuple(_GRAMMAR[language](group, power)) if group else ()


def _spell(number: int, language: str) -> tuple[str, ...]:
    words: tuple[str, ...] = ()
    power, step = 0, _STEP[language]
    base = 10**step
    while number:
        number, group = divmod(number, base)
        words = _group(group, power, language) + words
        power += step
    return words or (_WORD[language][0],)


def _check_language(language: str) -> None:
    if language not in list(VALUES):
        names = ", ".join(f"{code!r} ({name})" for code, name in LANGUAGES.items())
        raise ValueError(f"unknown language {language!r}; pass one of {names}")


def _check_integer(name: str, value: int, low: int, high: int | None = None) -> int:
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < low or (high is not None and value > high):
        bound = f"from {low} to {high}" if high is not None else f"of at least {low}"
        raise ValueError(f"{name} is {value!r}; pass an integer {bound}")
    return int(value)


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
    _check_language(language)
    return _spell(_check_integer("number", number, 0, LARGEST), language)


def orthography(number: int, language: str) -> str:
    """A number as a person writes it, with the spaces, hyphens and commas of the language.

    Args:
        number: an integer from 0 to 10**9.
        language: a key of `LANGUAGES`.

    >>> orthography(748_000, "de")
    'siebenhundertachtundvierzigtausend'
    """
    _check_language(language)
    return _WRITERS[language](_check_integer("number", number, 0, LARGEST))


def _write_english(number: int) -> str:
    for size in (10**9, 10**6, 10**3, 100):
        if number >= size:
            head, rest = divmod(number, size)
            text = f"{_write_english(head)} {_WORD['en'][size]}"
            return (
                text + (", " if rest >= 100 else " and ") + _write_english(rest) if rest else text
            )
    return "-".join(_spell(number, "en"))


def _write_german(number: int) -> str:
    nouns = ("million", "millionen", "milliarde")  # capitals, and they stand alone
    words = _spell(number, "de")
    return "".join(f" {w.capitalize()} " if w in nouns else w for w in words).strip()


def _write_french(number: int) -> str:
    words = _spell(number, "fr")
    small = [(VALUES["fr"][word] or 100) < 100 for word in words]  # not "et"
    text = words[0]
    for i, word in enumerate(words[1:], start=1):
        text += ("-" if small[i - 1] and small[i] else " ") + word
    return text


def _write_korean(number: int) -> str:
    return "".join(word + " " * (word in "만억") for word in _spell(number, "ko")).strip()


_WRITERS = {
    "en": _write_english,
    "de": _write_german,
    "fr": _write_french,
    "ko": _write_korean,
}


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
    _check_language(language)
    if isinstance(words, str) or not words:
        raise ValueError(f"words is {words!r}; pass a list of at least one number word")
    unknown = [word for word in words if word not in list(VALUES[language])]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not a number word in {LANGUAGES[language]}")
    return [VALUES[language][word] for word in words]


def _check_spelling(words: Sequence[str], number: int, language: str) -> None:
    """Refuse words that have a sum but are not how the language writes it."""
    text = " ".join(words)
    if number > LARGEST:
        raise ValueError(f"{words[0]!r} in {text!r}: the words make {number}, over {LARGEST}")
    expected = _spell(number, language)
    if tuple(words) != expected:
        paired = zip_longest(words, expected)
        strange = next((word for word, right in paired if word != right), None) or words[-1]
        raise ValueError(
            f"{strange!r} does not fit in {text!r}: the words make {number}, which is written "
            f"{' '.join(expected)!r}"
        )


def spell_list(numbers: Iterable[int], language: str) -> tuple[str, ...]:
    """The morphemes of several numbers, with a comma as a morpheme between them.

    >>> spell_list([20, 3], "en")
    ('twenty', ',', 'three')
    """
    _check_language(language)
    numbers = [_check_integer("number", number, 0, LARGEST) for number in numbers]
    if not numbers:
        raise ValueError("numbers is empty; pass at least one number")
    return _spell_list(numbers, language)


def _spell_list(numbers: Sequence[int], language: str) -> tuple[str, ...]:
    words = list(_spell(numbers[0], language))
    for number in numbers[1:]:
        words.append(COMMA)
        words += _spell(number, language)
    return tuple(words)


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

    Digits may be grouped by spaces or apostrophes. Capitals, hyphens and joining words are
    tolerated.

    Raises:
        ValueError: what is wrong with the text, for the person who typed it.

    >>> parse("748 213, Ninety-five")
    (748213, 95)
    """
    _check_language(language)
    items = [item.strip() for item in text.lower().split(COMMA)]
    if not any(items):
        raise ValueError("there is no number here; write one, such as 748 213")
    if "" in items:
        raise ValueError(
            f"number {items.index('') + 1} of the list is empty; write one, or take the comma out"
        )
    return tuple(_parse_item(item, language, largest) for item in items)


def _parse_item(item: str, language: str, largest: int) -> int:
    digits = "".join(character for character in item if not character.isspace()).replace("'", "")
    if digits.isascii() and digits.isdecimal():
        if len(digits) > 1 and digits[0] == "0":
            raise ValueError(
                f"{item!r} begins with a zero; a comma parts two numbers: write 1 000, not 1,000"
            )
        number = int(digits) if len(digits) < 20 else largest + 1
    else:
        words = item.replace("-", " ").split()
        values = _values(words, language)
        said = [word for word, value in zip(words, values, strict=True) if value is not None]
        number = read(said, language)[0] if language == "en" else read(words, language)[0]
    if number > largest:
        raise ValueError(f"{item[:40]!r} is too large; the largest is {largest}")
    return number


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


def alignment_error_rate(
    predicted: Iterable[tuple[int, int]], gold: Iterable[tuple[int, int]]
) -> float:
    """How far predicted links are from the true ones: 0 is perfect, 1 is nothing in common.

    ``1 - 2 |A & S| / (|A| + |S|)`` with predicted links A and sure links S: Och and Ney, "A
    Systematic Comparison of Various Statistical Alignment Models", Computational Linguistics
    29(1), 2003, where all links are sure (P = S).

    Args:
        predicted: links (target index, source index); leave out the words you do not judge.
        gold: the true links, as `links` gives them.
    """
    predicted, gold = frozenset(predicted), frozenset(gold)
    if not gold:
        raise ValueError("gold is empty; pass at least one true link")
    return 1 - 2 * len(predicted & gold) / (len(predicted) + len(gold))


def _number(draw: int, largest: int) -> int:
    """A number from a random integer: first how many digits, then how many are not rounded off."""
    draw, digits = divmod(draw, len(str(largest)))  # digits behind the first
    draw, kept = divmod(draw, 2 * digits + 1)  # half of the numbers and more keep all
    low = 10**digits if digits else 0
    number = low + draw % (10 ** (digits + 1) - low)
    return number - number % 10 ** max(0, digits - kept)


def _draws(rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.integers(2**62, size=64).tolist()


@cache
def _has_two_word_number(language: str, largest: int) -> bool:
    return any(len(_spell(number, language)) == 2 for number in range(min(largest, 100) + 1))


def sample_list(
    rng: np.random.Generator, length: int, language: str, largest: int = LARGEST - 1
) -> tuple[int, ...]:
    """Numbers whose spelling, commas included, has exactly `length` morphemes.

    Every number of digits is tried equally often, and about half of the numbers are round
    (748 000). What no longer fits is drawn again, so that the last numbers tend to be short.

    Args:
        rng: where the randomness comes from; it is advanced.
        length: number of morphemes, at least 1.
        language: a key of `LANGUAGES`.
        largest: the largest number that may occur.

    Raises:
        ValueError: also for a length that no list has: numbers of one word and the commas
            between them make odd lengths only.
    """
    _check_language(language)
    length = _check_integer("length", length, 1)
    largest = _check_integer("largest", largest, 0, LARGEST)
    if length % 2 == 0 and not _has_two_word_number(language, largest):
        raise ValueError(f"no list of numbers up to {largest} has length {length}; pass an odd one")
    return _sample_list(_draws(rng), length, language, largest)


def _sample_list(draws: Iterator[int], left: int, language: str, largest: int) -> tuple[int, ...]:
    numbers = []
    for draw in draws:
        number = _number(draw, largest)
        rest = left - len(_spell(number, language)) - 1  # after this number and a comma
        if number > largest or rest == 0 or rest < -1:
            continue
        numbers.append(number)
        if rest == -1:
            break
        left = rest
    return tuple(numbers)


def stream(
    source: str,
    target: str,
    *,
    seed: int,
    lengths: Iterable[int] = range(1, 31),
    largest: int = LARGEST - 1,
    split: str | None = None,
) -> Iterator[Pair]:
    """Sentences without end: lists of numbers in two languages, the same for the same arguments.

    Args:
        source: language of the sources.
        target: language of the targets.
        seed: a non-negative integer.
        lengths: the lengths of the sources in morphemes, each as likely as the others.
        largest: the largest number that may occur.
        split: "train" or "test" for the sentences of one side only, see `held_out`; None for all.

    Raises:
        ValueError: an argument out of range, or, when it is drawn, a length at which a split has
            no sentence.
    """
    for language in (source, target):
        _check_language(language)
    if split not in (None, "train", "test"):
        raise ValueError(f'split is "train", "test" or None; got {split!r}')
    lengths = list(lengths)
    if not lengths:
        raise ValueError("lengths is empty; pass at least one length")
    rng = np.random.Generator(np.random.PCG64(_check_integer("seed", seed, 0)))
    for length in set(lengths):
        sample_list(np.random.default_rng(0), length, source, largest)  # refuses what cannot be
    return _stream(_draws(rng), source, target, lengths, largest, split)


def held_out(words: Sequence[str]) -> bool:
    """Whether a source sentence is kept for testing.

    One in ten is, by the CRC-32 of its words with spaces between. So it does not depend on a
    seed or an order, and a model that trains on one split never meets a sentence of the other.
    """
    return zlib.crc32(" ".join(words).encode()) % 10 == 0


def _stream(
    draws: Iterator[int],
    source: str,
    target: str,
    lengths: list[int],
    largest: int,
    split: str | None,
) -> Iterator[Pair]:
    while True:
        length = lengths[next(draws) % len(lengths)]
        for _ in range(SPLIT_TRIES):
            numbers = _sample_list(draws, length, source, largest)
            words = _spell_list(numbers, source)
            if split is None or held_out(words) == (split == "test"):
                break
        else:
            raise ValueError(f"no sentence of length {length} is in the split {split!r}")
        yield Pair(words, _spell_list(numbers, target))


def pairs(
    count: int,
    source: str,
    target: str,
    *,
    seed: int,
    lengths: Iterable[int] = range(1, 31),
    largest: int = LARGEST - 1,
    split: str | None = None,
) -> list[Pair]:
    """The first `count` sentences of `stream`."""
    endless = stream(source, target, seed=seed, lengths=lengths, largest=largest, split=split)
    return list(islice(endless, _check_integer("count", count, 0)))
