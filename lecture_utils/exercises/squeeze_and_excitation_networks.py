"""The checks of the chapter on squeeze-and-excitation networks."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched


@exercise("squeeze, excite, recalibrate: every channel times one number of its own")
def recalibrated(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(U, W_1, W_2)``: what a block gives, of U (B, C, H, W); layers without biases.

    W_1 is (C / r, C), W_2 (C, C / r).
    """
    for shape, hidden in (((2, 6, 3, 5), 2), ((3, 4, 4, 4), 4), ((1, 8, 2, 6), 3)):
        features = numbers(*shape) + 0.3
        W_1, W_2 = numbers(hidden, shape[1], seed=1), numbers(shape[1], hidden, seed=2)
        given = tensor(untouched(answer, features, W_1, W_2), shape, "what the block gives")

        def scores(z: Tensor, W_1: Tensor = W_1, W_2: Tensor = W_2) -> Tensor:
            return (z @ W_1.T).relu() @ W_2.T

        z = features.mean(dim=(-2, -1))
        s, linear = scores(z), z @ W_1.T @ W_2.T

        def gated(mask: Tensor, features: Tensor = features) -> Tensor:
            return features * mask[..., None, None]

        for wrong, hint in (
            (features, "the maps are as they came in: multiply them"),
            (gated(s), "the sigmoid is missing: a gate is between 0 and 1"),
            (gated(s.softmax(dim=1)), "that is an address, which sums to 1; a gate is a sigmoid"),
            (gated(s.relu()), "a sigmoid at the end, not a ReLU"),
            (gated(s.tanh()), "a sigmoid at the end, not a tanh"),
            (gated(linear.sigmoid()), "between the two layers stands a ReLU"),
            (gated(scores(features.amax(dim=(-2, -1))).sigmoid()), "the squeeze is a mean"),
            (gated(scores(features.sum(dim=(-2, -1))).sigmoid()), "a mean over places, not a sum"),
            (features + s.sigmoid()[..., None, None], "the gate multiplies, it is not added"),
            (features + s[..., None, None], "the gate multiplies, it is not added"),
            (gated(1 + s.sigmoid()), "the gated maps alone; what goes around is not asked for"),
            (gated(1 - s.sigmoid()), "1 is open, 0 closed"),
            (gated(scores(z.mean(dim=0, keepdim=True)).sigmoid()), "each picture has its gates"),
        ):
            same = len(features) == 1 and hint.startswith("each picture")
            assert same or not torch.allclose(given, wrong, atol=1e-5), hint
        close(given, gated(s.sigmoid()), "z is the mean, then W_1, ReLU, W_2, sigmoid, product")


@exercise("two layers, C to C / r and back")
def weights_of_gate(answer: Callable[[int, int, bool], int]) -> None:
    """``answer(channels, ratio, bias)``: the weights of one gate."""
    for channels, ratio, bias in (
        (64, 16, False),
        (64, 16, True),
        (2048, 16, True),
        (256, 4, False),
        (8, 1, True),
        (100, 16, False),
        (8, 4, False),
    ):
        given = answer(channels, ratio, bias)
        if given is None:
            raise Stub
        assert type(given) is int, f"a number of weights is a whole number, an int; it is {given!r}"
        hidden = channels // ratio
        without = 2 * channels * hidden
        right = without + (hidden + channels) * bias
        for wrong, hint in (
            (channels * hidden, "there are two layers"),
            (2 * channels * channels, "the layer between has C / r units"),
            (2 * hidden * hidden, "C numbers come in, and C go out"),
            (without + 2 * channels * bias, "the first layer has C / r biases"),
            (without + 2 * hidden * bias, "the second layer has C biases"),
            (without + channels * bias, "the first layer has biases, too"),
            (without + hidden * bias, "the second layer has biases, too"),
            (without, "with bias, both layers have some"),
            (without + hidden + channels, "without bias there are none"),
            (9 * without, "the layers see one number a channel: nothing of 3 × 3"),
        ):
            told = f"{channels}, {ratio}, {bias}: {given}; {hint}"
            assert wrong == right or given != wrong, told
        assert given == right, f"{channels}, {ratio}, {bias}: {given} is wrong; 8, 1, True make 144"


@exercise("a gate moves alone; in an address all others give way")
def moved(answer: Callable[[Tensor, int, float], tuple[Tensor, Tensor]]) -> None:
    """``answer(scores, channel, by)``: how gates and address change when one score rises.

    Of scores (C,) two tensors (C,): the sigmoids' change, then the softmax's.
    """
    for size, channel, by in ((4, 1, 2.0), (5, 4, -1.0), (3, 0, 0.5)):
        scores = numbers(size)
        given = untouched(lambda s, c=channel, by=by: answer(s, c, by), scores)
        if given is None:
            raise Stub
        assert isinstance(given, tuple | list), "give two tensors"
        assert len(given) == 2, "give two tensors"
        gates, address = (tensor(one, (size,), "each change") for one in given)
        after = scores.clone()
        after[channel] += by
        sigmoids, softmaxes = (
            f(after) - f(scores) for f in (torch.sigmoid, lambda s: s.softmax(dim=0))
        )
        for one, wrong, hint in (
            (gates, softmaxes, "gates first, then the address"),
            (gates, -sigmoids, "after minus before"),
            (gates, after.sigmoid(), "the change: take away what was there before"),
            (gates, (scores + by).sigmoid() - scores.sigmoid(), "one score rises, not all"),
            (gates, torch.zeros(size), "the gate of the channel itself moves"),
            (address, -softmaxes, "after minus before"),
            (address, after.softmax(0), "the change: take away what was there before"),
            (address, sigmoids, "an address is a softmax"),
            (address, torch.zeros(size), "one score rises, not all: then an address moves"),
            (
                address,
                softmaxes * (torch.arange(size) == channel),
                "the others give way: the sum stays 1",
            ),
        ):
            assert not torch.allclose(one, wrong, atol=1e-6), hint
        close(gates, sigmoids, "the sigmoid of the scores after, minus before")
        close(address, softmaxes, "the softmax of the scores after, minus before")


@exercise("between the classes, over all: 0 for gates that are the same for every class")
def between_classes(answer: Callable[[Tensor, Tensor], float]) -> None:
    """``answer(gates, classes)``: the part of the gates' variance between the classes' means.

    Of gates (N, C) and classes (N,); the sum over all pictures and channels.
    """
    for n, channels, most, seed in ((12, 3, 3, 0), (20, 1, 2, 1), (9, 4, 2, 2)):
        classes = torch.arange(n) % most
        classes[: n // 3] = 0  # not as many of each
        gates = (numbers(n, channels, seed=seed) + classes[:, None]).sigmoid()
        gates = gates * torch.linspace(0.2, 1, channels)
        given = untouched(answer, gates, classes)
        if given is None:
            raise Stub
        given = float(given)
        every = gates.mean(dim=0)
        rows = [gates[classes == k] for k in range(most)]
        means = torch.stack([one.mean(dim=0) for one in rows])
        at = means[classes]
        total = (gates - every).square().sum()
        right = ((at - every).square().sum() / total).item()
        for wrong, hint in (
            (1 - right, "that is the part within the classes"),
            (((at - every).square().sum() / (gates - at).square().sum()).item(), "over the total"),
            (((means - every).square().sum() / total).item(), "each picture counts"),
            (
                ((at - every).square().sum(0) / (gates - every).square().sum(0)).mean().item(),
                "sum over the channels first, then divide",
            ),
            (((at - every).abs().sum() / (gates - every).abs().sum()).item(), "squares"),
            (((at - gates.mean()).square().sum() / total).item(), "each channel has its own mean"),
            ((at - every).square().mean().item(), "a part: divide by all of the variance"),
            (right**0.5, "no root: a part of the variance"),
            (0.0, "here the classes differ"),
        ):
            assert abs(wrong - right) < 1e-6 or abs(given - wrong) > 1e-6, hint
        assert abs(given - right) < 1e-5, f"{given:.4g} is wrong; take the means of each class"
