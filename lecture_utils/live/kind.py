"""What every kind of exported model has, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from torch import Tensor, nn

from lecture_utils.live.graph import Graph
from lecture_utils.recording import Flow


@dataclass(frozen=True)
class Kind:
    """A model, and all that a page must know to ask it.

    A subclass is the schema of its ``model.json``: it says which fields there are, and refuses
    with a ``ValueError`` that names the field what a page could not use.

    Attributes:
        kind: its name in ``model.json``.
        model: the trained model; an export leaves it as it is.
    """

    kind: ClassVar[str]
    model: nn.Module

    def graphs(self) -> dict[str, Graph]:
        """What a page can ask of the model, by name."""
        raise NotImplementedError

    def fields(self) -> dict[str, Any]:
        """What ``model.json`` tells of this kind, as JSON: its fields, if it says nothing else."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "model"}

    def files(self) -> dict[str, Any]:
        """What a page loads only when it is asked for, by name; JSON."""
        return {}


def check_tokens(field: str, tokens: Sequence[str], size: int | None = None) -> None:
    """Refuse what is no list of different texts, or, where the model has a `size`, of so many.

    Raises:
        ValueError: names the `field`.
    """
    if isinstance(tokens, str) or not all(isinstance(token, str) for token in tokens):
        raise ValueError(f"{field} must be a list of texts; got {tokens!r:.60}")
    if len({*tokens}) < len(tokens):
        twice = sorted({token for token in tokens if list(tokens).count(token) > 1})
        raise ValueError(f"{field} must differ from each other; twice: {twice[:5]}")
    if size is not None:
        check_size(field, tokens, size)


def check_known(field: str, used: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse words that nobody would understand.

    Raises:
        ValueError: names the `field`, and says `where` the words should stand.
    """
    strange = sorted({*used} - {*known})
    if strange:
        raise ValueError(f"{field} has what is not in {where}: {strange[:5]}")


def check_count(field: str, count: int) -> None:
    """Refuse what is no whole number of at least 1.

    Raises:
        ValueError: names the `field`.
    """
    if not isinstance(count, int) or count < 1:
        raise ValueError(f"{field} must be a whole number of at least 1; got {count!r}")


def check_size(field: str, tokens: Sequence[str], size: int) -> None:
    """Refuse tokens that are not those of the model.

    Raises:
        ValueError: names the `field`, and both numbers.
    """
    if len(tokens) != size:
        raise ValueError(f"{field} are {len(tokens)}, but the model has {size}; pass the model's")


def check_places(field: str, places: Sequence[str], model: nn.Module) -> None:
    """Refuse places, as `recording.trace` names them, that the model does not have.

    Raises:
        ValueError: names the `field`.
    """
    check_tokens(field, places)
    modules = [path for path, _ in model.named_modules(remove_duplicate=False)]
    paths = [re.sub(r"<\d+$", "", place) for place in places]
    check_known(field, paths, modules, "the names of the model's modules")


def passed(flow: Flow, places: Iterable[str]) -> dict[str, Tensor]:
    """The one tensor that passed each of the places; of several at once the first.

    Raises:
        ValueError: a place was passed more than once, or never, or by what is no tensor.
    """
    found = {}
    for place in places:
        calls = flow.get(place, [])
        if len(calls) != 1:
            raise ValueError(
                f"places: {place!r} is passed by {len(calls)} values; pass a place that is passed "
                "once in a run of the graph: while a source is read, a word is written, an image "
                "is seen"
            )
        first = calls[0][0] if isinstance(calls[0], tuple) else calls[0]
        if not isinstance(first, Tensor):
            raise ValueError(f"places: {place!r} is passed by what is no tensor")
        found[place] = first if first.is_floating_point() else first.float()
    return found
