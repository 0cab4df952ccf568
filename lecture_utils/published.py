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
WESTON = "Weston, Chopra and Bordes 2014, arXiv:1410.3916, simulated world, difficulty 5"
_SIMULATED = {
    "RNN": 17.8,
    "LSTM": 29.0,
    "MemNN, k = 1": 18.5,
    "MemNN, k = 1, time": 44.4,
    "MemNN, k = 2, time": 99.9,
}
SUKHBAATAR = "Sukhbaatar et al. 2015, arXiv:1503.08895, table 1 (1k questions a task)"
# Test error in per cent, task by task: a strongly supervised MemNN, an LSTM, and three hops jointly
# on all tasks, without and with random noise. Their means were checked against the printed ones.
_TABLE_BABI = {
    "MemNN, supervised": (
        *(0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 15.0, 9.0, 0.0, 2.0),
        *(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 35.0, 5.0, 64.0, 0.0),
    ),
    "LSTM": (
        *(50.0, 80.0, 80.0, 39.0, 30.0, 52.0, 51.0, 55.0, 36.0, 56.0),
        *(38.0, 26.0, 6.0, 73.0, 79.0, 77.0, 49.0, 48.0, 92.0, 9.0),
    ),
    "MemNN, not supervised": (
        *(0.1, 42.8, 76.4, 40.3, 16.3, 51.0, 36.1, 37.8, 35.9, 68.7),
        *(30.0, 10.1, 19.7, 18.3, 64.8, 50.5, 50.9, 51.3, 100.0, 3.6),
    ),
    "MemN2N, 3 hops, PE LS, joint": (
        *(0.1, 14.0, 33.1, 5.7, 14.8, 3.3, 17.9, 10.1, 3.1, 6.6),
        *(0.9, 0.3, 1.4, 8.2, 0.0, 3.5, 44.5, 9.2, 90.2, 0.0),
    ),
    "MemN2N, 3 hops, PE LS RN, joint": (
        *(0.0, 11.4, 21.9, 13.4, 14.4, 2.8, 18.3, 9.3, 1.9, 6.5),
        *(0.3, 0.1, 0.2, 6.9, 0.0, 2.7, 40.4, 9.4, 88.0, 0.0),
    ),
}
_MEANS_BABI = (6.7, 51.3, 40.2, 13.3, 12.4)
MILLER = "Miller et al. 2016, arXiv:1606.03126, table of test results on WikiMovies"
_WIKIMOVIES = {
    "QA system of Bordes et al. 2014": (93.5, 56.5, None),
    "supervised embeddings": (54.4, 54.4, 54.4),
    "Memory Network": (78.5, 63.4, 69.9),
    "Key-Value Memory Network": (93.9, 68.3, 76.2),
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
    "memnn-simulated": tuple(
        Figure(system, "answers that are right, in per cent", value, WESTON, "remembered")
        for system, value in _SIMULATED.items()
    ),
    "memn2n-table-1": tuple(
        Figure(system, f"test error of task {task}, in per cent", value, SUKHBAATAR, "remembered")
        for system, errors in _TABLE_BABI.items()
        for task, value in enumerate(errors, 1)
    ),
    "memn2n-table-1-means": tuple(
        Figure(system, "mean test error of 20 tasks, in per cent", value, SUKHBAATAR, "remembered")
        for system, value in zip(_TABLE_BABI, _MEANS_BABI, strict=True)
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
