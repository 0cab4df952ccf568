"""Questions about the facts, and which of them are for training, development and test."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lecture_utils.data.check import integer, shares
from lecture_utils.data.facts.knowledge import REVERSED, Fact, Question

WORDINGS = {
    "has capital": (
        "What is the capital of {}?",
        "Which city is the capital of {}?",
        "Where is the government of {}?",
    ),
    "has capital" + REVERSED: (
        "Which country has {} as its capital?",
        "Of which country is {} the capital?",
        "{} is the capital of what?",
    ),
    "has demonym": (
        "What are people from {} called?",
        "Which adjective belongs to {}?",
        "What do you call somebody from {}?",
    ),
    "has demonym" + REVERSED: (
        "Where are people called {}?",
        "To which country does the adjective {} belong?",
        "Where does somebody who is {} come from?",
    ),
    "lies in": (
        "Where in the world is {}?",
        "In which part of the world does {} lie?",
        "On which map do you find {}?",
    ),
    "has official language": (
        "What is the official language of {}?",
        "Which language is official in {}?",
        "In which language are the laws of {} written?",
    ),
    "independent since": (
        "When did {} become independent?",
        "In which year did {} gain its independence?",
        "Since when is {} a state of its own?",
    ),
    "independent from": (
        "From whom did {} become independent?",
        "Who ruled {} before its independence?",
        "Which state did {} leave?",
    ),
    "discovered by": (
        "Who discovered {}?",
        "By whom was {} discovered?",
        "Who was the discoverer of {}?",
    ),
    "discovered in": (
        "When was {} discovered?",
        "In which year was {} found?",
        "What is the year of the discovery of {}?",
    ),
    "belongs to": (
        "To which group does {} belong?",
        "In which group of the periodic table is {}?",
        "What is the group of {}?",
    ),
}
"""The questions that we ask, by the relation that answers them; {} is the name."""


class Split(NamedTuple):
    """Questions of three kinds; no two of them ask for the same fact."""

    train: tuple[Question, ...]
    dev: tuple[Question, ...]
    test: tuple[Question, ...]


def split(facts: Iterable[Fact], seed: int = 0, *, dev: float = 0.15, test: float = 0.25) -> Split:
    """All questions, parted by fact.

    What is asked from the subject to the object and what is asked from the object to the subject
    go to the same part, and so do all facts that answer one question. Training asks each question
    in every wording, development and test in one of them.

    Args:
        facts: of the knowledge base; relations that `WORDINGS` does not know are not asked about.
        seed: of the draw; a non-negative integer. Where a fact goes depends on it and the fact
            alone.
        dev: the share that goes to development.
        test: the share that goes to test.
    """
    integer("seed", seed, 0)
    shares(dev, test)
    asked: dict[tuple[str, str], list[str]] = {}
    places: dict[tuple[str, str], str] = {}
    for subject, relation, told in facts:
        reverse = relation + REVERSED in WORDINGS
        group = told if reverse else subject  # of what is asked both ways, an object's facts
        for name, way, answer in ((subject, relation, told), (told, relation + REVERSED, subject)):
            if way in WORDINGS:
                asked.setdefault((name, way), []).append(answer)
                if places.setdefault((name, way), f"{relation} {group}") != f"{relation} {group}":
                    raise ValueError(
                        f"facts: {name!r} {relation} two things; a relation that is asked both "
                        "ways has one object for each subject"
                    )
    parts: Split = Split([], [], [])
    for (name, way), answers in asked.items():
        draw = _draw(f"{seed} {places[name, way]}")
        part = 1 if draw < dev else 2 if draw < dev + test else 0
        wordings: Sequence[str] = WORDINGS[way]
        if part:
            wordings = [wordings[int(_draw(f"{seed} {name} {way}") * len(wordings))]]
        right = tuple(sorted(set(answers)))
        parts[part].extend(Question(text.format(name), name, way, right) for text in wordings)
    return Split(*map(tuple, parts))


def _draw(text: str) -> float:
    """A number from 0 to 1 that depends on the text alone."""
    return (
        int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]) / 2**64
    )
