"""What a model looked at, and what flowed through it, while a block runs.

- `record`: every address and every gate. The modules of `addressing` and `gating` call `note` on
  what they have computed; nothing happens unless a `record` block is open.
- `trace`: what enters and leaves the modules that you name.

And of what was computed: `longest_chain`, how many operations had to wait for one another.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

_open: list[dict[int, list[tuple[Tensor, int]]]] = []


def recording() -> bool:
    """Whether a `record` block is open, so that weights must be computed one by one."""
    return bool(_open)


def note(module: nn.Module, weights: Tensor, axis: int = -2) -> Tensor:
    """Keep `weights` (any shape) for every open `record` block, and return them unchanged.

    Several calls of a module are joined along `axis`: an address's along its queries. While
    torch exports a graph the weights are kept as part of it, so that they can be an output.
    """
    for kept in _open:
        here = weights if _exporting() else _apart(weights)
        kept.setdefault(_key(module), []).append((here, axis))
    return weights


class Reads(Mapping[str, Tensor]):
    """Weights by module name, e.g. ``reads["attention"]``; one call stacks to (B, T, S).

    A module that is called once with T queries gives its weights (..., T, S) as they are; one
    that is called once per step gives the steps joined along T. The calls of a gate are joined
    along the batch. Calls whose other sizes differ cannot be joined: ask for them one by one with
    `calls`.
    """

    def __init__(self) -> None:
        self._calls: dict[str, list[tuple[Tensor, int]]] = {}

    def calls(self, name: str) -> list[Tensor]:
        """Every tensor, of weights (..., T, S), that the module `name` has computed, in order."""
        if name not in self._calls:
            raise KeyError(f"no module {name!r} was read; recorded: {sorted(self._calls)}")
        return [weights for weights, _ in self._calls[name]]

    def __getitem__(self, name: str) -> Tensor:
        """All calls of the module `name`, joined: of an address along T, of a gate along B."""
        calls = self.calls(name)
        axis = self._calls[name][0][1]
        others = [[*c.transpose(0, axis).shape][1:] for c in calls]  # all sizes but that of `axis`
        if any(sizes != others[0] for sizes in others[1:]):
            raise ValueError(f"{name!r} was called with different sizes; use calls({name!r})")
        return torch.cat(calls, dim=axis)

    def __iter__(self) -> Iterator[str]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)


@contextmanager
def record(model: nn.Module) -> Iterator[Reads]:
    """Record every address and gate that `model` computes inside the block.

    The weights are detached, on the CPU, and named as in ``model.named_modules()``. They can be
    read when the block has ended::

        with record(model) as reads:
            model(source, mask, target)
        reads["attention"]  # (B, T, S)

    A compiled model runs uncompiled inside the block, and its parts have the names that they had
    before.
    """
    kept: dict[int, list[tuple[Tensor, int]]] = {}
    reads = Reads()
    with _uncompiled():
        _open.append(kept)
        try:
            yield reads
        finally:
            # `list.remove` compares by value; two empty recordings would be confused.
            _open[:] = [other for other in _open if other is not kept]
            names = {_key(module): name for name, module in reversed(paths(model))}
            reads._calls = {names[key]: calls for key, calls in kept.items() if key in names}


class Flow(dict[str, list[Any]]):
    """What modules returned and were given, by name: one entry a call, in order."""

    def __missing__(self, name: str) -> list[Any]:
        raise KeyError(
            f"{name!r} has returned nothing; it is not traced, was not called in the block, or by "
            f"another method than forward. Returned: {sorted(self)}"
        )


@contextmanager
def trace(model: nn.Module, names: Iterable[str]) -> Iterator[Flow]:
    """Keep what flows through the modules `names` of `model` inside the block.

    Tensors are detached, on the CPU, and copies; tuples, lists and dicts of them stay what they
    are. Blocks may nest, and a compiled model runs uncompiled, as with `record`. While torch
    exports a graph the tensors are kept as part of it, so that they can be outputs::

        with trace(model, ["encoder", "decoder.cell", "decoder.cell<1", "context.address"]) as flow:
            model(source, mask, target)
        flow["decoder.cell"]  # a list, one state (B, H) a step

    Args:
        model: the model that is called in the block.
        names: paths as in ``model.named_modules()``; ``""`` is the model itself. Such a name keeps
            what the module returns, or, of an address or a gate, the weights that it computes.
            ``"path<1"`` keeps what enters it as its second positional argument.

    Raises:
        ValueError: names of which there is no module, or what a module is not given.
    """
    if isinstance(names, str):
        raise ValueError(f"names is the single string {names!r}; pass a list of names")
    names, modules, flow = [*dict.fromkeys(names)], dict(paths(model)), Flow()
    path_of = {name: name.partition("<")[0] for name in names}
    if missing := [name for name in names if path_of[name] not in modules]:
        raise ValueError(f"names lists {missing}, which are no modules; there are {[*modules]}")

    def keep(name: str) -> Any:
        _, enters, which = name.partition("<")

        def hook(module: nn.Module, given: Any, returned: Any) -> None:
            if enters and int(which) >= len(given):
                raise ValueError(f"names has {name!r}, but the module is given {len(given)}")
            value = given[int(which)] if enters else returned
            flow.setdefault(name, []).append(value if _exporting() else _apart(value))

        return hook

    handles = [modules[path].register_forward_hook(keep(name)) for name, path in path_of.items()]
    weights: dict[int, list[tuple[Tensor, int]]] = {}
    try:
        with _uncompiled():
            _open.append(weights)
            yield flow
    finally:
        _open[:] = [other for other in _open if other is not weights]
        for handle in handles:
            handle.remove()
        for name in names:
            path = path_of[name]
            if noted := weights.get(_key(modules[path])) if name == path else None:
                flow[name] = [tensor for tensor, _ in noted]


def longest_chain(output: Tensor) -> int:
    """How many operations stand one after the other, at most, on the way to `output`.

    As the graph of gradients has them: those through which a gradient flows.

    Raises:
        ValueError: there is no such graph.
    """
    if output.grad_fn is None:
        raise ValueError(
            "output must be computed from a tensor that needs a gradient, outside of torch.no_grad"
        )
    length: dict[Any, int] = {}
    stack = [output.grad_fn]
    while stack:  # a loop: a long chain is deeper than Python's functions may be
        node = stack[-1]
        needed = [before for before, _ in node.next_functions if before is not None]
        if waiting := [before for before in needed if before not in length]:
            stack += waiting
            continue
        length[node] = 1 + max(length[before] for before in needed) if needed else 0
        stack.pop()
    return length[output.grad_fn]


def _key(module: nn.Module) -> int:
    """Which module it is: torch traces through proxies, which have the attributes of the module."""
    return id(vars(module))


def _apart(value: Any) -> Any:
    """The same, of tensors that nobody else holds: detached copies on the CPU."""
    if isinstance(value, Tensor):
        return value.detach().to("cpu", copy=True)
    if isinstance(value, dict):
        return type(value)((key, _apart(part)) for key, part in value.items())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_apart, value))
    if isinstance(value, tuple | list):
        return type(value)(map(_apart, value))
    return value


def paths(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Names and modules, each by every name it has; a compiled one by its name before, and last."""
    return [
        (".".join(part for part in name.split(".") if part != "_orig_mod"), module)
        for name, module in model.named_modules(remove_duplicate=False)
    ]


_exporting = getattr(torch.compiler, "is_exporting", torch.compiler.is_compiling)  # torch 2.7


def _uncompiled() -> AbstractContextManager[Any]:
    """A block in which what was compiled runs as it was written: nothing else can be recorded."""
    if "torch._dynamo" not in sys.modules or torch.compiler.is_compiling():
        return nullcontext()  # nothing was compiled yet, or this runs while torch compiles
    if not hasattr(torch.compiler, "set_stance"):
        raise RuntimeError("what torch compiles can be recorded from torch 2.6 on; install that")
    return torch.compiler.set_stance("force_eager")
