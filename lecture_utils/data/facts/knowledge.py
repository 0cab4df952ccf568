"""What a fact, a document and a question are, and how a text becomes tokens.

A *name* is what a fact is about or what it says: a country, a capital, a year, an element. Names
stay whole and keep their capitals, "Burkina Faso" is one token; all other words are lower case.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple


class Fact(NamedTuple):
    """A triple of the knowledge base, for instance (Kenya, has capital, Nairobi)."""

    subject: str
    relation: str
    object: str


class Document(NamedTuple):
    """Prose about one subject.

    Attributes:
        title: the subject.
        sentences: as written, without mark-up and accents.
    """

    title: str
    sentences: tuple[str, ...]


class Question(NamedTuple):
    """A question that one relation answers, for one name.

    Attributes:
        text: as asked; the name stands in it as it is.
        name: the name that is asked about.
        relation: the relation that answers; one that is reversed ends in `REVERSED`.
        answers: all right answers, sorted.
    """

    text: str
    name: str
    relation: str
    answers: tuple[str, ...]


class Slot(NamedTuple):
    """A slot of a memory.

    Attributes:
        key: the tokens by which the slot is found.
        value: the name that it gives.
    """

    key: tuple[str, ...]
    value: str


class Knowledge:
    """A knowledge base, and documents about the same subjects.

    Args:
        facts: each once.
        documents: at most one for each subject.
        aliases: other spellings of names in the documents, such as "Britain".
    """

    def __init__(
        self,
        facts: Iterable[Fact],
        documents: Iterable[Document],
        aliases: dict[str, str] | None = None,
    ) -> None:
        self.facts = tuple(dict.fromkeys(facts))
        self.documents = tuple(documents)
        self.aliases = dict(aliases or {})
        if not self.facts:
            raise ValueError("facts is empty; pass at least one fact")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every subject and object, sorted."""
        return tuple(sorted({name for fact in self.facts for name in (fact.subject, fact.object)}))

    @cached_property
    def tokenize(self) -> Callable[[str], list[str]]:
        """From a text to its names and words: "Is Kenya far?" gives is, Kenya, far."""
        spelled = sorted({*self.names, *self.aliases}, key=len, reverse=True)  # longest first
        name = "|".join(map(re.escape, spelled))
        token = re.compile(rf"(?<!\w)({name})(?!\w)|[^\W_]+(?:['’][^\W_]+)*")

        def tokens(text: str) -> list[str]:
            return [
                self.aliases.get(match[1], match[1]) if match[1] else match[0].lower()
                for match in token.finditer(text)
            ]

        return tokens


REVERSED = " (reversed)"
"""Ends the name of a relation that is read from the object to the subject."""


def installed(package: str, what: str, command: str) -> Path:
    """The folder of an optional package, which is not imported for it.

    Raises:
        ModuleNotFoundError: `what` is not installed; says by which `command` it can be.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{what} not installed; run: {command}", name=package)
    return Path(spec.submodule_search_locations[0])


def plain(text: str) -> str:
    """The text without mark-up, accents and doubled spaces."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", html.unescape(text)))
    letters = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a plain text; one ends at . ! ? or ; before a space."""
    parts = re.split(r"(?<=[.!?;])\s+(?=[\"'(]?[\w])", text)
    joined: list[str] = []
    for part in parts:  # "D. Rutherford" and "St. Kitts" are not two sentences
        if joined and re.search(r"(?:^|[\s.(])(?:[A-Z]|St|Sir|ca|Mt|Dr|vs|approx)\.$", joined[-1]):
            joined[-1] += " " + part
        else:
            joined.append(part)
    return tuple(part for part in joined if part)
