"""As many sentences as you like, of any length, and which of them train, choose and judge."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice

import numpy as np

from lecture_utils.data.numerals.languages import (
    COMMA,
    LARGEST,
    VALUES,
    check_integer,
    check_language,
)
from lecture_utils.data.numerals.spelling import unchecked, unchecked_list
from lecture_utils.data.pairs import Pair, Vocabulary

SPLITS = ("train", "dev", "test")
SPLIT_TRIES = 100_000
"""Sentences of a length that are looked at for one of a split, before it is said there is none."""


def vocabulary(language: str) -> Vocabulary:
    """Numbers for the words of a language and the comma."""
    check_language(language)
    return Vocabulary([*VALUES[language], COMMA])


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
    return any(len(unchecked(number, language)) == 2 for number in range(min(largest, 100) + 1))


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
    check_language(language)
    length = check_integer("length", length, 1)
    largest = check_integer("largest", largest, 0, LARGEST)
    if length % 2 == 0 and not _has_two_word_number(language, largest):
        raise ValueError(f"no list of numbers up to {largest} has length {length}; pass an odd one")
    return _sample_list(_draws(rng), length, language, largest)


def _sample_list(draws: Iterator[int], left: int, language: str, largest: int) -> tuple[int, ...]:
    numbers = []
    for draw in draws:
        number = _number(draw, largest)
        rest = left - len(unchecked(number, language)) - 1  # after this number and a comma
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
        split: "train", "dev" or "test" for the sentences of this split only, see `split_of`; None
            for all.

    Raises:
        ValueError: an argument out of range, or, when it is drawn, a length at which a split has
            no sentence.
    """
    for language in (source, target):
        check_language(language)
    if split not in (None, *SPLITS):
        raise ValueError(f'split is "train", "dev", "test" or None; got {split!r}')
    lengths = list(lengths)
    if not lengths:
        raise ValueError("lengths is empty; pass at least one length")
    rng = np.random.Generator(np.random.PCG64(check_integer("seed", seed, 0)))
    for length in set(lengths):
        sample_list(np.random.default_rng(0), length, source, largest)  # refuses what cannot be
    return _stream(_draws(rng), source, target, lengths, largest, split)


def split_of(words: Sequence[str]) -> str:
    """Which split a source sentence is in: "train", "dev" or "test".

    Of twenty sentences one is for development, to choose by, and one for the test, to judge by. The
    CRC-32 of the words with spaces between decides. So it depends on no seed and no order, and no
    sentence stands in two splits.
    """
    place = zlib.crc32(" ".join(words).encode()) % 20
    return {0: "dev", 10: "test"}.get(place, "train")


def held_out(words: Sequence[str]) -> bool:
    """Whether training never meets a source sentence: it is in "dev" or in "test"."""
    return split_of(words) != "train"


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
            words = unchecked_list(numbers, source)
            if split in (None, split_of(words)):
                break
        else:
            raise ValueError(f"no sentence of length {length} is in the split {split!r}")
        yield Pair(words, unchecked_list(numbers, target))


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
    return list(islice(endless, check_integer("count", count, 0)))
