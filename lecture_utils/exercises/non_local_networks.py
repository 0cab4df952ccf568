"""The checks of the chapter on non-local networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched

Layer = Callable[[Tensor], Tensor]


def _layer(weight: Tensor) -> Layer:
    """A convolution of 1 x 1, weight (C', C)."""
    return lambda x: torch.einsum("dc,bchw->bdhw", weight, x)


@exercise("each place is a slot: its query meets all keys, and it reads all values")
def read_of_places(answer: Callable[[Tensor, Layer, Layer, Layer], Tensor]) -> None:
    """``answer(x, theta, phi, g)``: reads (B, H W, C') of x (B, C, H, W), embedded Gaussian.

    The three layers are convolutions of 1 x 1, (B, C, H, W) -> (B, C', H, W).
    """
    for shape, size in (((2, 4, 3, 5), 6), ((1, 3, 2, 2), 2)):
        layers = [_layer(numbers(size, shape[1], seed=seed)) for seed in (1, 2, 3)]
        x = numbers(*shape)
        given = untouched(lambda z, layers=layers: answer(z, *layers), x)
        count = shape[2] * shape[3]
        given = tensor(given, (shape[0], count, size), "what the places read")
        Q, K, V = (layer(x).flatten(2).transpose(1, 2) for layer in layers)
        scores = Q @ K.transpose(1, 2)
        across = x.transpose(2, 3).contiguous()
        q, k, v = (layer(across).flatten(2).transpose(1, 2) for layer in layers)
        for wrong, hint in (
            (scores @ V, "that is without a softmax: the weights of a place have to sum to 1"),
            (scores @ V / count, "that is the dot product over N; here it is a softmax"),
            (scores.softmax(1) @ V, "the softmax goes over the slots, the last axis of the scores"),
            (
                (scores / size**0.5).softmax(-1) @ V,
                "the paper does not divide by the root of C': that is the Transformer's",
            ),
            (scores.softmax(-1) @ K, "keys are for finding; what is read are the values g(x)"),
            (scores.transpose(1, 2).softmax(-1) @ V, "theta makes the queries, phi the keys"),
            ((q @ k.transpose(1, 2)).softmax(-1) @ v, "places are taken row by row"),
            (V, "that reads itself alone"),
            (V.mean(1, keepdim=True).expand_as(V), "that is the mean: nobody asked"),
        ):
            assert not torch.allclose(given, wrong, atol=1e-5), hint
        close(given, scores.softmax(-1) @ V, "softmax(Q K^T) V, with a row for each place")


class _Largest(TorchFunctionMode):
    """Keeps how many numbers the largest tensor has that is made while this runs."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = 0

    def __torch_function__(
        self, func: Callable, types: Any, args: Any = (), kwargs: dict | None = None
    ) -> Any:
        """Call the function, and look at what it gives."""
        made = func(*args, **(kwargs or {}))
        if isinstance(made, Tensor):
            self.numbers = max(self.numbers, made.numel())
        return made


@exercise("keys and values meet first: N x N is never there")
def read_without_weights(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(Q, K, V)``: Q K^T V / N without a tensor of N x N numbers; each is (B, N, C')."""
    for batch, count, size in ((2, 30, 3), (1, 50, 4)):
        Q, K, V = (numbers(batch, count, size, seed=seed) for seed in (1, 2, 3))
        with _Largest() as largest:
            given = untouched(answer, Q, K, V)
        given = tensor(given, (batch, count, size), "what is read")
        weights = Q @ K.transpose(1, 2)
        right = weights @ V / count
        for wrong, hint in (
            (weights @ V, "over N: the more places there are, the larger the sum"),
            (right * count / size, "N is the number of places, not of features"),
            (right / batch, "N is the number of places: the batch does not count"),
            (right / count, "divide by N once"),
            (weights.softmax(-1) @ V, "no softmax: with one the order could not be changed"),
            (K @ (Q.transpose(1, 2) @ V) / count, "the queries stand outside, the keys inside"),
            (Q @ (V.transpose(1, 2) @ K) / count, "K^T V, not V^T K: who is read is the value"),
        ):
            same = torch.allclose(right, wrong, atol=1e-5)  # where the batch is 1
            assert same or not torch.allclose(given, wrong, atol=1e-5), hint
        close(given, right, "Q (K^T V) / N")
        most = batch * count * count
        assert largest.numbers < most, (
            f"a tensor of {largest.numbers} numbers is made, {count} x {count} for each of the "
            "batch: let keys and values meet first"
        )


@exercise("the square of the places, or the square of the features")
def products_in_both_orders(answer: Callable[[int, int], tuple[int, int]]) -> None:
    """``answer(N, C)``: products of (Q K^T) V, and of Q (K^T V), for N places and C features."""
    for count, size in ((72, 12), (1024, 32), (10, 10), (4, 64)):
        given = answer(count, size)
        if given is None:
            raise Stub
        assert isinstance(given, tuple | list), f"give two numbers, as (a, b); it is {given!r}"
        assert len(given) == 2, f"give two numbers, as (a, b); it is {given!r}"
        whole = all(type(one) is int or isinstance(one, np.integer) for one in given)
        assert whole, f"both are whole numbers; it is {given!r}"
        given = tuple(int(one) for one in given)
        right = (2 * count * count * size, 2 * count * size * size)
        for wrong, hint in (
            (right[::-1], "that is the other way round: first (Q K^T) V"),
            ((right[0] // 2, right[1] // 2), "each order is two products of matrices"),
            ((right[0] // 2, right[1]), "the weights have to meet the values, too"),
            ((right[0], right[1] // 2), "the queries have to meet K^T V, too"),
            ((2 * count * count, 2 * size * size), "each entry is a sum of several products"),
            ((right[0], right[0]), "the second order does not need N x N weights"),
            ((2 * count * size, 2 * count * size), "every query meets every key"),
            (
                (right[0] + count * count, right[1]),
                "only products of numbers: dividing is left out",
            ),
        ):
            assert wrong == right or given != wrong, f"{count} places, {size} features: {hint}"
        assert given == right, (
            f"{count} places, {size} features: {given} is wrong; (a x b) times (b x c) takes a b c"
        )


@exercise("the mean row is what does not depend on who asks")
def share_of_the_query(answer: Callable[[Tensor], float]) -> None:
    """``answer(weights)``: the part of the variance of (T, S) weights in which queries differ."""
    for weights in (
        numbers(6, 5).softmax(-1),
        (3 * numbers(4, 7, seed=1)).softmax(-1),
        numbers(1, 5, seed=2).softmax(-1).expand(3, 5),
        torch.eye(4),
        numbers(5, 4, seed=3),  # weights over N: their sum is anything
    ):
        given = untouched(answer, weights)
        if given is None:
            raise Stub
        assert hasattr(given, "__float__"), f"a number is asked for; it is {given!r}"
        given = float(given)
        mean, every = weights.mean(0), weights.mean()
        whole = ((weights - every) ** 2).sum()
        right = (((weights - mean) ** 2).sum() / whole).item()
        across = ((weights - weights.mean(1, keepdim=True)) ** 2).sum() / whole
        for wrong, hint in (
            (1 - right, "that is the part that all queries share"),
            (right**0.5, "variances, not deviations: no root"),
            (across.item(), "the mean goes over the queries, the rows: what do all look at alike?"),
            (
                (((weights - mean) ** 2).sum() / (weights**2).sum()).item(),
                "the variance is about the mean of all weights, not about 0",
            ),
            (((weights - mean) ** 2).mean().item(), "a part of the whole variance: divide by it"),
            (0.0, "it is not 0 everywhere"),
        ):
            told = abs(given - wrong) < 1e-6
            assert abs(wrong - right) < 1e-6 or not told, f"{given:.4g}: {hint}"
        assert abs(given - right) < 1e-5, (
            f"{given:.4g} is wrong; squares about the mean row, over squares about the mean weight"
        )
