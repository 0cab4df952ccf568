"""The words of each language, what they are worth, and what a number and a language may be."""

from __future__ import annotations

import numpy as np

LARGEST = 10**9
COMMA = ","
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

WORD = {
    language: {value: word for word, value in reversed(values.items())}
    for language, values in VALUES.items()
}
"""The other way round; of two forms the first in `VALUES`, e.g. "ein"."""


def check_language(language: str) -> None:
    """Refuse what is no key of `LANGUAGES`, with a ValueError that names the known ones."""
    if language not in list(VALUES):
        names = ", ".join(f"{code!r} ({name})" for code, name in LANGUAGES.items())
        raise ValueError(f"unknown language {language!r}; pass one of {names}")


def check_integer(name: str, value: int, low: int, high: int | None = None) -> int:
    """`value` as an int, or a ValueError that says what the argument `name` may be."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < low or (high is not None and value > high):
        bound = f"from {low} to {high}" if high is not None else f"of at least {low}"
        raise ValueError(f"{name} is {value!r}; pass an integer {bound}")
    return int(value)
