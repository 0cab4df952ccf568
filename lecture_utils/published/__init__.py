"""The figures that the papers print, each with its source and how sure we are of it.

They stand as data in this folder, a TOML file a paper, a section a table::

    [bahdanau-table-1]
    source = "Bahdanau, Cho and Bengio 2015, arXiv:1409.0473"
    place = "table 1"
    certainty = "read"
    what = "BLEU, {}"
    columns = ["all sentences", "no unknown words"]

    [bahdanau-table-1.systems]
    "RNNencdec-30" = [13.93, 24.19]

A table without ``columns`` has one number a system. ``nan``: the paper prints none. Certainty is
``read`` (in a copy of the paper), ``remembered`` (not checked again) or ``computed`` (follows from
sizes that the paper prints).
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

FOLDER = Path(__file__).resolve().parent
Certainty = Literal["read", "computed", "remembered"]


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
    certainty: Certainty


def figures(table: str) -> tuple[Figure, ...]:
    """The figures of one table, row by row, e.g. ``figures("bahdanau-table-1")``.

    Raises:
        ValueError: there is no such table.
    """
    tables = load(FOLDER)
    if table not in tables:
        raise ValueError(f"no table {table!r}; there are {sorted(tables)}")
    return tables[table]


@cache
def load(folder: Path) -> dict[str, tuple[Figure, ...]]:
    """All tables of the TOML files in a folder, by name.

    Raises:
        ValueError: a file that is not of the format; names file, table and fault.
    """
    tables: dict[str, tuple[Figure, ...]] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path.name} is no TOML: {error}") from error
        for name, table in told.items():
            if name in tables:
                raise ValueError(f"{path.name}: there is a table {name!r} already")
            try:
                tables[name] = _figures(table)
            except KeyError as error:
                raise ValueError(f"{path.name}, {name}: {error} is missing") from error
            except ValueError as error:
                raise ValueError(f"{path.name}, {name}: {error}") from error
    return tables


def _figures(table: dict[str, Any]) -> tuple[Figure, ...]:
    """The figures of a section; those that the paper does not print are left out."""
    if table["certainty"] not in get_args(Certainty):
        raise ValueError(f"certainty is {table['certainty']!r}; write one of {get_args(Certainty)}")
    source = f"{table['source']}, {table['place']}"
    columns = table.get("columns")
    found = []
    for system, row in table["systems"].items():
        row = [row] if columns is None else row
        if len(row) != len(columns or [0]):
            raise ValueError(f"{system!r} has {len(row)} figures for {len(columns)} columns")
        for column, value in zip(columns or [""], row, strict=True):
            what = table["what"].format(column)
            if not math.isnan(value):
                found.append(Figure(system, what, value, source, table["certainty"]))
    return tuple(found)
