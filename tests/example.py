"""Examples of what the package makes: the tests that all things of a kind must pass drive them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest


@dataclass(frozen=True)
class Example:
    """A class or function and good arguments of it; called, it makes one, with others instead.

    Attributes:
        kind: what makes one.
        arguments: good ones, by name.
        refuses: arguments that are wrong, each with what the `ValueError` says, as a pattern.
    """

    kind: Callable[..., Any]
    arguments: Mapping[str, Any]
    refuses: Sequence[tuple[Mapping[str, Any], str]] = ()

    def __call__(self, **changed: Any) -> Any:
        """One, with the arguments that are `changed`."""
        return self.kind(**{**self.arguments, **changed})


def of(module: ModuleType) -> dict[str, Any]:
    """The examples that a module has, by their names in it."""
    return {name: one for name, one in vars(module).items() if isinstance(one, Example)}


def cases(examples: Mapping[str, Any], field: str) -> list[Any]:
    """What the examples say in a `field` of cases, for `parametrize`: example, then the case.

    Their ids begin with the example's name, so that ``pytest -k name`` runs all that is its own.
    """
    return [
        pytest.param(one, *case, id=f"{name}-{k}")
        for name, one in examples.items()
        for k, case in enumerate(getattr(one, field))
    ]
