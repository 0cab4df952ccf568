"""The checks of the chapter on end-to-end memory networks."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import close, exercise, numbers, tensor


@exercise("one look-up, weighted and added to the query")
def hop(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(u, m, c)``: u + sum_i softmax(u . m)_i c_i for u (D,), m and c (N, D)."""
    u, m, c = numbers(4), numbers(5, 4, seed=1), numbers(5, 4, seed=2)
    given = tensor(answer(u, m, c), (4,), "the next query")
    o = torch.softmax(m @ u, dim=0) @ c
    if torch.allclose(given, o, atol=1e-5):
        raise AssertionError("this is o; the next query is u + o")
    if torch.allclose(given, u + (m @ u) @ c, atol=1e-5):
        raise AssertionError("the weights do not sum to 1: take the softmax of the scores")
    close(given, u + o, "p = softmax(m u), o = sum p_i c_i, u + o")


@exercise("the first word counts most in the first features, the last one in the last")
def word_weights(answer: Callable[[int, int], Tensor]) -> None:
    """``answer(J, d)``: l (J, d) with l_jk = (1 - j/J) - (k/d)(1 - 2j/J), from 1."""
    for J, d in ((1, 2), (4, 3)):
        j, k = torch.arange(1, J + 1.0)[:, None], torch.arange(1, d + 1.0)
        given = tensor(answer(J, d), (J, d), "l")
        zero = (1 - (j - 1) / J) - ((k - 1) / d) * (1 - 2 * (j - 1) / J)
        if torch.allclose(given, zero, atol=1e-5):
            raise AssertionError("j and k count from 1, not from 0")
        close(given, (1 - j / J) - (k / d) * (1 - 2 * j / J), f"J = {J}, d = {d}")


@exercise("each hop adds one table, because its keys are the values of the hop before")
def tables_of_word_vectors(answer: int) -> None:
    """How many tables of word vectors adjacent tying has for three hops."""
    assert isinstance(answer, int), "a whole number, please"
    assert answer != 8, "untied: A and C of three hops, B and W; now tie them"
    assert answer == 4, (
        f"not {answer}: A^1 = B, A^2 = C^1, A^3 = C^2 and W = C^3; count what is left"
    )
