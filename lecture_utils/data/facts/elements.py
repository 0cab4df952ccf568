"""Chemical elements: facts and prose, from the optional package `mendeleev`.

The package is by Lukasz Mentel, under the MIT licence. Its database is read with the standard
library, so that nothing else that the package needs has to be there.

Where its prose comes from, the package does not say: its table of sources names none for
`description`, `name_origin`, `sources` and `uses`. What we found elsewhere: the descriptions stand
word for word in Christoph Gohlke's ``elements.py`` (2005, BSD licence), which names Wikipedia and
a database ``elements.db`` by J. Kominek among its sources; the discoverers and the origins of
names stand, slips included, in the program GPeriodic (Jonas Frantz, 2000, GPL). Of `sources` and
`uses` we found no origin. So it remains unclear who wrote the prose and on which terms. We read it
from the installed package, at run time, and keep no copy of it in this project. It holds misspelt
names and wrong years; we leave them.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from lecture_utils.data.facts.knowledge import Document, Fact, installed, plain, sentences

PACKAGE = "mendeleev"
PROSE = ("description", "name_origin", "sources", "uses")
FIELDS = ("name", "discoverers", "discovery_year", "group_id", *PROSE)


def find() -> Path:
    """The database of the installed package."""
    return installed(PACKAGE, "the elements are", "pip install --no-deps mendeleev") / "elements.db"


def read(path: Path) -> tuple[list[Fact], list[Document]]:
    """The facts and documents of all elements, by atomic number.

    Raises:
        ValueError: a file that is absent or damaged; names it.
    """
    query = f"SELECT {', '.join(FIELDS)} FROM elements ORDER BY atomic_number"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            rows = [dict(zip(FIELDS, row, strict=True)) for row in database.execute(query)]
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is damaged or no database of elements: {error}") from error
    if not rows:
        raise ValueError(f"{path} holds no element; reinstall: pip install --no-deps mendeleev")
    facts = [fact for row in rows for fact in _facts(row)]
    prose = [[plain(row[field] or "") for field in PROSE] for row in rows]
    told = [tuple(s for text in texts for s in sentences(text)) for texts in prose]
    documents = [Document(row["name"], told) for row, told in zip(rows, told, strict=True)]
    return facts, documents


def _facts(row: dict) -> Iterator[Fact]:
    if row["discovery_year"]:
        yield Fact(row["name"], "discovered in", str(row["discovery_year"]))
    if row["group_id"]:
        yield Fact(row["name"], "belongs to", f"group {row['group_id']}")
    discoverers = plain(row["discoverers"] or "")
    if re.search(r"ancients|Lab|Institute|Research|Argonne|et al|RIKEN", discoverers):
        return  # a group of people, or nobody knows
    for person in re.split(r"[,;]| and ", discoverers):
        names = re.findall(r"[A-Z][\w-]+", re.sub(r"\bJr\b", "", person))
        if names:  # the surname: first names are spelt in many ways
            yield Fact(row["name"], "discovered by", names[-1])
