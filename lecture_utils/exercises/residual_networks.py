"""The checks of the chapter on residual networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import torch
from torch import Tensor

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched

Layers = Callable[[Tensor], Tensor]


@exercise("the layers make what is added; the ReLU comes after the sum")
def residual(answer: Callable[[Tensor, Layers], Tensor]) -> None:
    """``answer(x, layers)``: what a residual block gives, of x (B, C, H, W) and its layers F."""

    def layers(x: Tensor) -> Tensor:
        return 0.7 * x.roll(1, dims=1) - 0.5

    for x in (numbers(2, 3, 4, 5), numbers(1, 4, 3, 3, seed=1)):
        given = tensor(untouched(lambda z: answer(z, layers), x), tuple(x.shape), "the block's H")
        right = (layers(x) + x).relu()
        for wrong, hint in (
            (layers(x), "that is F(x) alone: a plain block without its ReLU; where is x?"),
            (layers(x).relu(), "that is a plain block: x does not go around the layers"),
            (layers(x) + x, "the ReLU behind the sum is missing"),
            (layers(x).relu() + x, "the ReLU stands behind the sum, not before it"),
            (layers(x).relu() + x.relu(), "one ReLU, behind the sum"),
            ((layers(x) - x).relu(), "F is what is added to x: a sum, not a difference"),
            ((layers(x) * x).relu(), "a sum, not a product: that would be a gate"),
            ((layers(x) + 2 * x).relu(), "x goes around once"),
            ((layers(x.relu()) + x).relu(), "the layers are given x itself"),
            (x + (layers(x) + x).relu(), "x is added once, before the ReLU"),
            (x.relu(), "the layers have to be asked"),
        ):
            assert not torch.allclose(given, wrong, atol=1e-5), hint
        close(given, right, "first F(x) + x, then the ReLU")


@exercise("x goes on as far as it fits, and no weight is needed for it")
def zeros_added(answer: Callable[[Tensor, int], Tensor]) -> None:
    """``answer(x, maps)``: option A, (B, maps, H / 2, W / 2) of x (B, C, H, W), maps >= C."""
    for shape, maps in (((2, 3, 6, 4), 6), ((1, 2, 4, 4), 5), ((1, 3, 2, 8), 3)):
        x = numbers(*shape) + 3  # no zero among them
        given = untouched(lambda z, maps=maps: answer(z, maps), x)
        size = (shape[0], maps, shape[2] // 2, shape[3] // 2)
        given = tensor(given, size, f"the shortcut of {shape} with {maps} maps")
        right = torch.zeros(size)
        right[:, : shape[1]] = x[..., ::2, ::2]
        behind = right.roll(maps - shape[1], dims=1)
        for wrong, hint in (
            (behind, "the maps of x come first, the zeros behind them"),
            (_first(x[..., 1::2, 1::2], size), "begin with the first place, not the second"),
            (_first(x[..., : size[2], : size[3]], size), "every second place, not the first half"),
            (
                _first(torch.nn.functional.avg_pool2d(x, 2), size),
                "every second place as it is: no means",
            ),
            (
                _first(torch.nn.functional.max_pool2d(x, 2), size),
                "every second place as it is, not the largest of four",
            ),
            (x[..., ::2, ::2].repeat(1, maps, 1, 1)[:, :maps], "zeros, not the maps of x again"),
            (torch.zeros(size), "the maps of x are missing"),
        ):
            told = torch.allclose(given, wrong, atol=1e-5)
            assert torch.allclose(wrong, right, atol=1e-5) or not told, hint
        close(given, right, "every second row and column of x, then maps of zeros")


def _first(x: Tensor, size: tuple[int, ...]) -> Tensor:
    """Maps of zeros, the first of them x."""
    made = torch.zeros(size)
    made[:, : x.shape[1]] = x
    return made


@exercise("the first convolution, those of the blocks, and the last layer")
def layers_counted(answer: Callable[[Sequence[int], int], int]) -> None:
    """``answer(blocks, inside)``: layers with weights; blocks of each stage, layers of a block."""
    for blocks, inside in (
        ((3, 4, 6, 3), 3),
        ((3, 4, 6, 3), 2),
        ((2, 2, 2, 2), 2),
        ((3, 8, 36, 3), 3),
        ((7, 7, 7), 2),
        ((1,), 1),
    ):
        given = answer(list(blocks), inside)
        if given is None:
            raise Stub
        assert type(given) is int, f"a number of layers is a whole number, an int; it is {given!r}"
        right = sum(blocks) * inside + 2
        for wrong, hint in (
            (sum(blocks) * inside, "the first convolution and the last layer have weights, too"),
            (sum(blocks) * inside + 1, "both: the first convolution, and the last layer"),
            (sum(blocks), "a block has several layers"),
            (sum(blocks) + 2, "a block has several layers"),
            (sum(blocks) * (inside + 1) + 2, "sums and shortcuts have no weights that are counted"),
            (sum(blocks) * inside + 2 + len(blocks) - 1, "projections are not counted"),
            (len(blocks) * inside + 2, "a stage has several blocks"),
            (prod(blocks) * inside + 2, "the blocks stand one behind the other: they add up"),
        ):
            assert wrong == right or given != wrong, f"{[*blocks]}, {inside}: {given}; {hint}"
        assert given == right, f"{[*blocks]}, {inside}: {given} is wrong; 3, 8, 36, 3 make 152"


@exercise("each block multiplies by 1 + its slope: no product of small numbers")
def gradient_through(answer: Callable[[Sequence[float]], float]) -> None:
    """``answer(slopes)``: dy/dx through residual blocks x + a x, without ReLU, of slopes a."""
    for slopes in ((0.1, -0.2, 0.4), (0.5,), (0.01,) * 20, (-0.5, 0.5, 2.0), (-1.0, 0.3), ()):
        given = answer(list(slopes))
        if given is None:
            raise Stub
        assert isinstance(given, int | float), f"a number is asked for; it is {given!r}"
        right, summed = prod(1 + a for a in slopes), sum(slopes)
        for wrong, hint in (
            (prod(slopes), "that is the plain net's: each block has x beside a x"),
            (1 + prod(slopes), "the shortcut goes around each block, not around all at once"),
            (1 + summed, "that leaves out the products of several slopes: multiply it out"),
            (summed, "blocks behind one another multiply"),
            (len(slopes) + summed, "blocks behind one another multiply"),
            (prod(1 - a for a in slopes), "a sum has the slope 1 + a"),
            (prod(max(0.0, 1 + a) for a in slopes[:-1]), "every block counts, the last one too"),
            (1.0, "the blocks' own slopes count, too"),
        ):
            told = abs(given - wrong) < 1e-9
            assert abs(wrong - right) < 1e-9 or not told, f"{[*slopes]}: {given:.4g}; {hint}"
        assert abs(given - right) < 1e-9, f"{[*slopes]}: {given:.4g} is wrong; begin with one block"
