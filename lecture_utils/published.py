"""The figures that the papers print, each with its source and how sure we are of it.

``read`` was read in a copy of the paper, ``remembered`` was not checked again, ``computed``
follows from sizes that the paper prints.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Figure(NamedTuple):
    """One printed figure.

    Attributes:
        system: the model, as the paper names it.
        what: what was measured, with its unit.
        value: the figure.
        source: the paper, and the place in it.
        certainty: ``read``, ``computed`` or ``remembered``.
    """

    system: str
    what: str
    value: float
    source: str
    certainty: Literal["read", "computed", "remembered"]


BAHDANAU = "Bahdanau, Cho and Bengio 2015, arXiv:1409.0473, table 1"
_TABLE_1 = {
    "RNNencdec-30": (13.93, 24.19),
    "RNNsearch-30": (21.50, 31.44),
    "RNNencdec-50": (17.82, 26.71),
    "RNNsearch-50": (26.75, 34.16),
    "RNNsearch-50*": (28.45, 36.15),
    "Moses": (33.30, 35.63),
}
MILLER = "Miller et al. 2016, arXiv:1606.03126, table of test results on WikiMovies"
_WIKIMOVIES = {
    "QA system of Bordes et al. 2014": (93.5, 56.5, None),
    "supervised embeddings": (54.4, 54.4, 54.4),
    "Memory Network": (78.5, 63.4, 69.9),
    "Key-Value Memory Network": (93.9, 68.3, 76.2),
}
_CONTENTS = {
    "bahdanau-table-1": tuple(
        Figure(system, f"BLEU, {name}", value, BAHDANAU, "read")
        for system, row in _TABLE_1.items()
        for name, value in zip(("all sentences", "no unknown words"), row, strict=True)
    ),
    "miller-wikimovies": tuple(
        Figure(system, f"hits@1 in %, {name}", value, MILLER, "remembered")
        for system, row in _WIKIMOVIES.items()
        for name, value in zip(("KB", "IE", "Doc"), row, strict=True)
        if value is not None  # the first system cannot read documents
    ),
}


def figures(table: str) -> tuple[Figure, ...]:
    """The figures of one table, e.g. ``figures("bahdanau-table-1")``.

    Raises:
        ValueError: there is no such table.
    """
    if table not in _CONTENTS:
        raise ValueError(f"no table {table!r}; there are {sorted(_CONTENTS)}")
    return _CONTENTS[table]
