"""The checks of the chapter on the bottleneck attention module."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched


@exercise("added, then one sigmoid; and the features once more: between 1 and 2 times")
def refined(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(F, M_c, M_s)``: what the module gives, of F (B, C, H, W).

    M_c (B, C) are the channel branch's scores, M_s (B, H, W) the spatial branch's.
    """
    for shape in ((2, 3, 4, 5), (3, 4, 4, 4), (1, 2, 2, 6)):
        batch, channels, height, width = shape
        features = numbers(*shape) + 0.5
        M_c, M_s = numbers(batch, channels, seed=1), numbers(batch, height, width, seed=2)
        given = tensor(untouched(answer, features, M_c, M_s), shape, "what the module gives")
        c, s = M_c[..., None, None], M_s[:, None]
        mask = (c + s).sigmoid()
        for wrong, hint in (
            (features * mask, "the features themselves are missing: F + F * M"),
            (features + mask, "the mask multiplies; the circled plus of the slide is a misprint"),
            (features + features + mask, "a product, F * M, where the slide has a circled plus"),
            (features * (1 + (c * s).sigmoid()), "the paper adds the branches; that is a product"),
            (features * (1 + c + s), "the sigmoid is missing"),
            (features * (1 + c.sigmoid() * s.sigmoid()), "one sigmoid, of the sum of the branches"),
            (features * (1 + c.sigmoid() + s.sigmoid()), "one sigmoid, of the sum of the branches"),
            (features * (1 + (c + s).tanh()), "a sigmoid: between 0 and 1"),
            (features * (1 + c.sigmoid() + 0 * s), "the spatial branch is missing"),
            (features * (1 + s.sigmoid() + 0 * c), "the channel branch is missing"),
            (features * (2 - mask), "1 is open, 0 closed"),
            (features * (1 + 2 * mask), "the mask once"),
        ):
            assert not torch.allclose(given, wrong, atol=1e-5), hint
        close(given, features * (1 + mask), "M = sigmoid(M_c + M_s), then F + F * M")


@exercise("the sum is open where both together are above 0, the product where the signs agree")
def open_by(answer: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]) -> None:
    """``answer(c, s)``: where the mask is above one half, by the sum and by the product.

    Of scores of two branches, each (N,); two tensors of bool (N,).
    """
    for seed in range(3):
        c, s = numbers(24, seed=seed), numbers(24, seed=seed + 10)
        given = untouched(answer, c, s)
        if given is None:
            raise Stub
        assert isinstance(given, tuple | list), "give two tensors, of the sum and of the product"
        assert len(given) == 2, "give two tensors, of the sum and of the product"
        by_sum, by_product = (tensor(one, (24,), "where it is open") for one in given)
        assert by_sum.dtype == by_product.dtype == torch.bool, "True where it is open: bool"
        agree = c * s > 0
        for one, wrong, hint in (
            (by_sum, agree, "the sum first, then the product"),
            (by_sum, (c > 0) & (s > 0), "one large score outweighs the other, also alone"),
            (by_sum, (c > 0) | (s > 0), "a score far below 0 outweighs one above"),
            (by_sum, ~(c + s > 0), "above one half is open"),
            (by_sum, c + s > 0.5, "the mask above one half, not its score: sigmoid(0) is one half"),
            (by_product, (c > 0) & (s > 0), "two scores below 0 have a product above"),
            (by_product, ~agree, "above one half is open"),
            (by_product, c * s > 0.5, "sigmoid(0) is one half"),
            (by_product, c + s > 0, "of the product, not of the sum"),
            (by_product, torch.ones(24, dtype=torch.bool), "scores of two signs shut it"),
        ):
            assert not torch.equal(one, wrong), hint
        assert torch.equal(by_sum, c + s > 0), "the sum is wrong in places"
        assert torch.equal(by_product, agree), "the product is wrong in places"


@exercise("twenty-five of 289 for the module: a wide field, full of gaps")
def reach_of(answer: Callable[[int, int], tuple[int, int]]) -> None:
    """``answer(dilation, layers)``: the field's side, and how many places of it are seen.

    Of so many convolutions of 3 x 3, one behind the other, all of that dilation.
    """
    for dilation, layers in ((4, 3), (4, 2), (1, 2), (4, 1), (2, 3), (1, 1)):
        given = answer(dilation, layers)
        if given is None:
            raise Stub
        assert isinstance(given, tuple | list), "give the side and the number of places"
        assert len(given) == 2, "give the side and the number of places"
        assert all(type(one) is int for one in given), f"two whole numbers; got {given!r}"
        side, seen = given
        right = 1 + 2 * dilation * layers, (1 + 2 * layers) ** 2
        told = f"dilation {dilation}, {layers} layers: {side}, {seen}; "
        for wrong, hint in (
            (2 * dilation * layers, "the place itself counts, too"),
            (1 + dilation * layers, "to both sides"),
            (1 + 2 * layers, "a step is as long as the dilation"),
            (1 + 2 * dilation, "each layer reaches further"),
            (1 + 2 * dilation**layers, "steps of equal layers are added"),
        ):
            assert wrong == right[0] or side != wrong, told + hint
        for wrong, hint in (
            (right[0] ** 2, "between the steps there are gaps"),
            (9 * layers, "each of the nine has nine of its own"),
            (9**layers, "many of them are the same place"),
            (1 + 2 * layers, "rows and columns"),
        ):
            assert wrong == right[1] or seen != wrong, told + hint
        assert tuple(given) == right, told + "4, 1 makes (9, 9)"


@exercise("a module for 256 channels has 17,361 weights: two layers, four convolutions, four norms")
def weights_of_module(answer: Callable[[int, int], int]) -> None:
    """``answer(channels, ratio)``: the weights of a module, norms where the released code has them.

    A norm behind each hidden layer, two numbers a channel; all layers have biases.
    """
    for channels, ratio in ((256, 16), (512, 16), (1024, 16), (24, 4), (64, 8)):
        given = answer(channels, ratio)
        if given is None:
            raise Stub
        assert type(given) is int, f"a number of weights is a whole number, an int; it is {given!r}"
        few = channels // ratio
        layers = (channels * few + few) + (few * channels + channels)
        convolutions = (channels * few + few) + 2 * (9 * few * few + few) + (few + 1)
        norms = 4 * 2 * few
        right = layers + convolutions + norms
        biases = few + channels + 3 * few + 1
        for wrong, hint in (
            (layers + convolutions, "the norms have weights, too: two a channel"),
            (layers + norms // 4, "that is the channel branch alone"),
            (convolutions + 3 * norms // 4, "that is the spatial branch alone"),
            (right - biases, "each layer has biases"),
            (right - norms // 2, "a norm has two numbers a channel"),
            (right - norms // 4, "three norms in the spatial branch, one in the channel branch"),
            (right - (9 * few * few + few), "there are two convolutions of 3 × 3"),
            (right - 16 * few * few, "a convolution of 3 × 3 has nine weights for each pair"),
            (right - few - 1 + few * channels + channels, "the last convolution gives one map"),
            (layers + convolutions + 2 * channels + 2, "norms behind the hidden layers, not last"),
        ):
            assert given != wrong, f"{channels}, {ratio}: {given}; {hint}"
        assert given == right, f"{channels}, {ratio}: {given} is wrong; 256, 16 make 17361"
