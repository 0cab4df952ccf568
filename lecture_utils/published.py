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
CHOROWSKI = "Chorowski et al. 2015, arXiv:1506.07503, abstract"
NTM = "Graves, Wayne and Danihelka 2014, arXiv:1410.5401, section 4.1 and figure 4"
_CONTENTS = {
    "chorowski-timit": tuple(
        Figure(system, f"phoneme error rate, %, {what}", value, CHOROWSKI, "read")
        for system, what, value in (
            ("content", "single utterances", 18.7),
            ("content and place", "single utterances", 18.0),
            ("content and place", "10 times longer, repeated", 20.0),
            ("content and place, smoothed", "single utterances", 17.6),
        )
    ),
    "ntm-copy": (
        Figure("NTM", "longest copy in training, vectors", 20, NTM, "read"),
        Figure("NTM", "longest copy shown with very few mistakes, vectors", 50, NTM, "read"),
        Figure("NTM", "longest copy shown, one vector twice, vectors", 120, NTM, "read"),
    ),
    "bahdanau-table-1": tuple(
        Figure(system, f"BLEU, {name}", value, BAHDANAU, "read")
        for system, row in _TABLE_1.items()
        for name, value in zip(("all sentences", "no unknown words"), row, strict=True)
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
