"""The checks of the chapter on content-based and location-based addressing."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from lecture_utils.exercises.check import close, exercise, numbers, tensor


@exercise("what comes in, less what goes out; over all slots nothing is gained or lost")
def change_of_a_shift(answer: Callable[[Tensor], Tensor]) -> None:
    """``answer(weights)``: the change of weights (T, S) that moves them one slot on, round."""
    weights = numbers(3, 5).softmax(-1)
    given = tensor(answer(weights), (3, 5), "the change")
    wanted = weights.roll(1, dims=-1) - weights
    if torch.allclose(given, weights + wanted, atol=1e-5):
        raise AssertionError("this is the new address; the change is the new one less the old")
    if torch.allclose(given, weights.roll(-1, dims=-1) - weights, atol=1e-5):
        raise AssertionError("this moves one slot back; ahead, slot i gets what slot i - 1 had")
    assert given.sum(dim=-1).abs().max() < 1e-5, (
        "the change of a row must sum to 0; does the last slot's weight come in at the first?"
    )
    close(given, wanted, "slot i gains what slot i - 1 had and loses what it had itself")


@exercise("every slot sees the weights around it, and zeros beyond the ends")
def place_features(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(previous, filters)``: f (S, k) of weights (S,) through k filters (k, r), r odd.

    ``f[j, k]`` is the sum over d of ``filters[k, d] * previous[j + d - r // 2]``.
    """

    def around(weights: Tensor, kernels: Tensor) -> Tensor:
        return nn.functional.conv1d(weights[None, None], kernels[:, None])[0].T

    previous = numbers(6).softmax(-1)
    for width in (5, 3):
        filters, ends = numbers(2, width, seed=1), width // 2
        given = tensor(answer(previous, filters), (6, 2), f"the features of {width} slots")
        padded = nn.functional.pad(previous, (ends, ends))
        if torch.allclose(given, around(padded, filters.flip(-1)), atol=1e-5):
            raise AssertionError("the filters are turned round; filters[:, 0] is for the leftmost")
        circle = torch.cat([previous[-ends:], previous, previous[:ends]])
        if torch.allclose(given, around(circle, filters), atol=1e-5):
            raise AssertionError("this goes round in a circle; beyond the ends there are zeros")
        middle = "the middle of a filter, d = r // 2, is slot j itself"
        close(given, around(padded, filters), middle)


@exercise("only what is near the last address can be read")
def window_around_median(answer: Callable[[Tensor, int], Tensor]) -> None:
    """``answer(previous, reach)``: True within `reach` slots of each row's median, (T, S) bool.

    The median is the first slot at which the weights up to it sum to at least a half.
    """
    previous = torch.tensor(
        [
            [0.0, 0.1, 0.8, 0.1, 0.0, 0.0],
            [0.4, 0.0, 0.0, 0.0, 0.3, 0.3],
            [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.25, 0.25, 0.25, 0.25, 0.0, 0.0],  # exactly a half at slot 1
        ]
    )
    wanted = torch.tensor(
        [[0, 1, 1, 1, 0, 0], [0, 0, 0, 1, 1, 1], [1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]]
    ).bool()
    given = tensor(answer(previous, 1), (4, 6), "the window")
    assert given.dtype == torch.bool, f"the window must be bool, as a mask; it is {given.dtype}"
    if given[1].tolist() == [True, True, False, False, False, False]:
        raise AssertionError("this is around the largest weight; the median of row 1 is slot 4")
    for row in range(4):
        here, right = given[row].int().tolist(), wanted[row].int().tolist()
        assert here == right, f"row {row}: the window is {right}, not {here}"
    assert answer(previous, 9).all(), "a window of 9 slots either way holds all six"
