"""The checks of the chapter on attention is reading a memory."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import close, exercise, numbers, tensor


@exercise("an address that is hard, and a read: a dictionary")
def look_up(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(queries, keys, values)``: the values (T, V) of the keys that equal the queries."""
    queries, keys = torch.tensor([7, 5, 9]), torch.tensor([8, 5, 7, 6])
    values = numbers(4, 3)
    given = tensor(answer(queries, keys, values), (3, 3), "what was read")
    close(given[:2], values[[2, 1]], "7 is the third key and 5 the second: read their values")
    close(given[2:], torch.zeros(1, 3), "9 is no key: its weights are all zero, and so is the read")


@exercise("one row of weights a read, one weight a slot")
def weights_computed(answer: tuple[int, int]) -> None:
    """How many weights a translator and a memory network compute."""
    assert isinstance(answer, tuple | list), "a pair of numbers, please"
    assert len(answer) == 2, "a pair of numbers, please"
    translator, memory = answer
    assert translator != 143, "13 words of 11 weights, and one read more: the end is written too"
    assert translator == 154, f"the translator makes 14 reads of 11 slots; not {translator}"
    assert memory == 150, f"three hops, each with a weight for every slot; not {memory}"
