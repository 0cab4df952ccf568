"""What every check is made of: a verdict, and assertions about what a reader's answer gave."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


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


def exercise(praise: str) -> Callable[[Callable[..., None]], Callable[..., Verdict]]:
    """Turn a function of assertions into a check: its first failure becomes the verdict."""

    def decorate(check: Callable[..., None]) -> Callable[..., Verdict]:
        @functools.wraps(check)
        def verdict(answer: Any) -> Verdict:
            try:
                if answer is None or answer is Ellipsis:
                    raise NotImplementedError
                check(answer)
            except NotImplementedError:
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
        raise NotImplementedError
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
