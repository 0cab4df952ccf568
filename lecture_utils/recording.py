"""What a model looked at: every weight vector that is computed while a block runs.

An addressing module calls `note` on the weights it has computed. Nothing happens unless a
`record` block is open; then the weights are kept, under the module's name in the model. A block
that is traced for an export keeps the traced weights, so that they can be outputs of the graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_open: list[dict[int, list[Tensor]]] = []


def note(module: nn.Module, weights: Tensor) -> Tensor:
    """Keep `weights` (any shape) for every open `record` block, and return them unchanged."""
    if not torch.compiler.is_compiling() or torch.compiler.is_exporting():
        for kept in _open:
            kept.setdefault(id(module), []).append(weights.detach().cpu())
    return weights


class Reads(Mapping[str, Tensor]):
    """Weights by module name, e.g. ``reads["attention"]``; one call stacks to (B, T, S).

    A module that is called once with T queries gives its weights (..., T, S) as they are; one
    that is called once per step gives the steps joined along T. Calls whose other sizes differ
    cannot be joined: ask for them one by one with `calls`.
    """

    def __init__(self) -> None:
        self._calls: dict[str, list[Tensor]] = {}

    def calls(self, name: str) -> list[Tensor]:
        """Every weight tensor (..., T, S) that the module `name` has computed, in order."""
        if name not in self._calls:
            raise KeyError(f"no module {name!r} was read; recorded: {sorted(self._calls)}")
        return self._calls[name]

    def __getitem__(self, name: str) -> Tensor:
        """All calls of the module `name`, joined along the query axis: (..., T, S)."""
        calls = self.calls(name)
        outer = {(tuple(c.shape[:-2]), c.shape[-1]) for c in calls}
        if len(outer) > 1:
            raise ValueError(f"{name!r} was called with different sizes; use calls({name!r})")
        return torch.cat(calls, dim=-2)

    def __iter__(self) -> Iterator[str]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)


@contextmanager
def record(model: nn.Module) -> Iterator[Reads]:
    """Record every address that `model` computes inside the block.

    The weights are detached, on the CPU, and named as in ``model.named_modules()``. They can be
    read when the block has ended::

        with record(model) as reads:
            model(source, mask, target)
        reads["attention"]  # (B, T, S)
    """
    kept: dict[int, list[Tensor]] = {}
    reads = Reads()
    _open.append(kept)
    try:
        yield reads
    finally:
        # `list.remove` compares by value; two empty recordings would be confused.
        _open[:] = [other for other in _open if other is not kept]
        names = {id(module): name for name, module in model.named_modules()}
        reads._calls = {names[key]: calls for key, calls in kept.items() if key in names}
