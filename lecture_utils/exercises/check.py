"""What every check is made of: a verdict, and assertions about what a reader's answer gave."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes:
        passed: whether the exercise is solved.
        message: what holds, or what is wrong and where to look.
    """

    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"{'Solved' if self.passed else 'Not yet'}: {self.message}"


class Stub(Exception):
    """Nothing was given: the answer is still the stub."""


def exercise(praise: str) -> Callable[[Callable[..., None]], Callable[..., Verdict]]:
    """Turn a function of assertions into a check: its first failure becomes the verdict."""

    def decorate(check: Callable[..., None]) -> Callable[..., Verdict]:
        @functools.wraps(check)
        def verdict(answer: Any) -> Verdict:
            try:
                if answer is None or answer is Ellipsis:
                    raise Stub
                check(answer)
            except Stub:
                return Verdict(False, "this is still the empty stub; write your answer")
            except AssertionError as error:
                return Verdict(False, str(error))
            except Exception as error:  # whatever a reader's code may raise is news for them
                return Verdict(False, f"your code raised {type(error).__name__}: {error}")
            return Verdict(True, praise)

        return verdict

    return decorate


def tensor(value: Any, shape: tuple[int, ...], what: str) -> Tensor:
    """`value`, if it is a tensor of this shape; else say what it is."""
    if value is None:
        raise Stub
    assert isinstance(value, Tensor), f"{what} must be a tensor; it is a {type(value).__name__}"
    assert value.shape == shape, f"{what} must have shape {shape}; it has {tuple(value.shape)}"
    return value


def close(value: Tensor, wanted: Tensor, hint: str) -> None:
    """Assert that two tensors are equal to 1e-5; `hint` says where to look."""
    error = (value - wanted).abs().max().item()
    assert error < 1e-5, f"off by {error:.2g} at most; {hint}"


def numbers(*shape: int, seed: int = 0) -> Tensor:
    """Random numbers of this shape, the same at every call."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


class without(TorchFunctionMode):
    """While this runs, an answer that calls one of these functions of torch fails its check.

    Args:
        names: of functions, such as ``matmul``; a tensor's methods, its operators and torch's
            operations of that name count too.
        sentence: what the check then says.
    """

    def __init__(self, names: Iterable[str], sentence: str) -> None:
        super().__init__()
        self.names, self.sentence = frozenset(names), sentence

    def __torch_function__(
        self, func: Callable, types: Any, args: Any = (), kwargs: dict | None = None
    ) -> Any:
        """Let every other function pass."""
        name = getattr(func, "__name__", "").partition(".")[0]  # an operation is "bmm.default"
        assert name.strip("_") not in self.names, self.sentence
        return func(*args, **(kwargs or {}))


def untouched(answer: Callable, *given: Tensor) -> Any:
    """What the answer gives, if it leaves the tensors that it is given as they are."""
    before = [tensor.clone() for tensor in given]
    result = answer(*given)
    same = all(torch.equal(a, b) for a, b in zip(before, given, strict=True))
    assert same, "your code changes the tensors that it is given; leave them as they are"
    return result
