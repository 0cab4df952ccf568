"""The checks of the chapter on memory networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lecture_utils.exercises.check import Stub, exercise, tensor


@exercise("a memory of fixed size keeps what is newest")
def write_and_forget(answer: Callable[[list, Any], list]) -> None:
    """``answer(memory, features)``: the memory with features in the next slot."""
    cases = [
        ([None, None], "a", ["a", None], "the first free slot takes the features"),
        (["a", None, None], "b", ["a", "b", None], "the first free slot takes the features"),
        (["a", "b"], "c", ["b", "c"], "a full memory drops its oldest, the first, and appends"),
    ]
    for memory, features, wanted, hint in cases:
        before = list(memory)
        given = answer(memory, features)
        if given is None:
            raise Stub
        assert memory == before, "the old memory was changed; return a new list"
        assert given == wanted, f"{hint}: {before} and {features!r} give {wanted}, not {given}"


@exercise("only candidates within the margin cost something")
def ranking(answer: Callable[[Tensor, int, float], Tensor]) -> None:
    """``answer(scores, true, margin)``: the sum of max(0, margin - s_true + s_f) over f."""
    scores = torch.tensor([1.0, 0.95, 0.2, 1.3])
    given = answer(scores, 0, 0.1)
    if given is None:
        raise Stub
    value = float(given)
    assert abs(value - 0.55) > 1e-5, "the true memory counts itself; leave it out of the sum"
    assert abs(value - 0.45) < 1e-5, (
        f"scores {scores.tolist()}, the first is true, margin 0.1: 0.05 for the second and 0.4 "
        f"for the last make 0.45, not {value:.2f}"
    )
    second = torch.tensor([0.3, 1.2, 1.0, 1.35]).requires_grad_()
    given = tensor(answer(second, 1, 0.25), (), "the sum")
    assert abs(given.item() - 0.45) < 1e-5, (
        f"scores {second.tolist()}, the second is true, margin 0.25: 0.05 and 0.4 make 0.45, "
        f"not {given.item():.2f}"
    )
    assert given.requires_grad, "no gradient reaches the scores; keep the sum a tensor"
