"""What a row of the benchmark is, how one is declared, and how all of them are measured."""

from __future__ import annotations

import importlib
import operator
import pkgutil
import resource
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

COMPARE = {"<=": operator.le, ">=": operator.ge, ">": operator.gt}


@dataclass
class Row:
    """One measured figure.

    Attributes:
        name: parts with dots between them; the first is the topic.
        value: None where it could not be measured.
        unit: of the value.
        bound: what the value keeps, such as ``<= 300``.
        seeds: those that were measured, if it depends on one; the value is then the worst of them,
            unless the measurement says otherwise.
        cpu_s: what it cost.
        fault: why there is no value, or what else is wrong.
    """

    name: str
    value: float | None
    unit: str = ""
    bound: str = ""
    seeds: list[int] = field(default_factory=list)
    cpu_s: float | None = None
    fault: str = ""

    @property
    def kept(self) -> bool:
        """Whether the value keeps its bound and nothing else is wrong."""
        sign, limit = self.bound.split()
        return not self.fault and self.value is not None and COMPARE[sign](self.value, float(limit))

    def plain(self) -> dict[str, Any]:
        """Give the row as it is written to the file."""
        return {key: value for key, value in asdict(self).items() if key != "fault"}

    def line(self) -> str:
        """Give the row as a line of the printed table."""
        value = "-" if self.value is None else f"{self.value:.5g}"
        told = f"{self.name:<44}{value:>10} {self.unit:<11}{self.bound:<10} {self.fault}"
        return f"{'kept' if self.kept else 'MISSED':<7}{told}".rstrip()


Found = float | Mapping[str, float] | Iterable[Row]
"""What a measuring function gives: its one value, values by name, or rows."""


@dataclass(frozen=True)
class Declared:
    """The name of a row, which may end in a star, with its unit and bound."""

    name: str
    unit: str
    bound: str

    def matches(self, pattern: str) -> bool:
        """Whether a row of this name may be what `pattern` asks for."""
        return fnmatchcase(self.name, pattern) or fnmatchcase(pattern, self.name)


@dataclass(frozen=True)
class Measurement:
    """A function, and the rows that it measures."""

    run: Callable[[], Found]
    rows: tuple[Declared, ...]


_DECLARED: dict[Callable[[], Found], list[Declared]] = {}


def row(name: str, unit: str, bound: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Declare a row that the function below measures; one that measures several has one for each.

    Args:
        name: of the row; with a star where the names are found only when it is measured.
        unit: of its value.
        bound: ``<=``, ``>=`` or ``>``, and the number.

    Raises:
        ValueError: a bound of another form.
    """
    sign, _, limit = bound.partition(" ")
    if sign not in COMPARE or not limit:
        raise ValueError(f"bound is {bound!r}; pass a sign and a number, such as '<= 300'")
    float(limit)

    def declare(function: Callable[[], Any]) -> Callable[[], Any]:
        _DECLARED.setdefault(function, []).insert(0, Declared(name, unit, bound))
        return function

    return declare


def measurements() -> list[Measurement]:
    """All that the files of this package declare."""
    package = importlib.import_module(__package__)
    for topic in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        if topic != "__main__":
            importlib.import_module(f"{__package__}.{topic}")
    return [Measurement(function, tuple(rows)) for function, rows in _DECLARED.items()]


def measure(measurement: Measurement) -> list[Row]:
    """Run one measurement. What fails becomes a row without a value that says why."""
    begun = _cpu()
    try:
        found = _rows(measurement.run(), measurement.rows)
        missing = "the measurement gave no such row"
    except Exception as error:  # whatever it is, the other figures are still measured
        traceback.print_exc()
        found, missing = [], f"{type(error).__name__}: {error}".splitlines()[0]
    cost = round(_cpu() - begun, 2)
    for one in found:
        one.cpu_s = cost if one.cpu_s is None else one.cpu_s
    absent = [d for d in measurement.rows if not any(fnmatchcase(r.name, d.name) for r in found)]
    return [*found, *(Row(d.name, None, d.unit, d.bound, fault=missing) for d in absent)]


def _rows(found: Found, declared: tuple[Declared, ...]) -> list[Row]:
    """What a function found, with the units and bounds that are declared for it."""
    if isinstance(found, int | float):
        (one,) = declared
        found = {one.name: found}
    if isinstance(found, Mapping):
        found = [Row(name, value) for name, value in found.items()]
    rows = list(found)
    for one in rows:
        known = [d for d in declared if fnmatchcase(one.name, d.name)]
        if not known:
            raise ValueError(f"{one.name} was measured, but no row of that name is declared")
        one.unit = one.unit or known[0].unit
        one.bound = one.bound or known[0].bound
    return rows


def _cpu() -> float:
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, who))
