"""The checks of the chapter on convolutional networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched, without

_TORCHS = ("conv1d", "conv2d", "conv3d", "conv_transpose2d", "convolution", "conv_tbc")


def _map(image: Tensor, kernel: Tensor) -> Tensor:
    return nn.functional.conv2d(image[None, None], kernel[None, None])[0, 0]


@exercise("one detector, every window: that is all that a convolution is")
def slide(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(image, kernel)``: the map (H - k + 1, W - k + 1) of (H, W) and (k, k)."""
    for height, width, k in ((4, 4, 2), (7, 5, 3), (6, 9, 5), (3, 8, 1), (5, 5, 5)):
        image, kernel = numbers(height, width), numbers(k, k, seed=1)
        with without(_TORCHS, "torch's convolution would do it: cut the windows yourself"):
            given = untouched(answer, image, kernel)
        shape = (height - k + 1, width - k + 1)
        given = tensor(given, shape, f"the map of {height} x {width} and a kernel of {k} x {k}")
        right = _map(image, kernel)
        for wrong, hint in (
            (_map(image, kernel.flip(0, 1)), "the kernel is not turned round here"),
            (_map(image, kernel.T), "rows of the kernel meet rows of the window: it is transposed"),
            (_map(image, kernel.flip(0)), "the first row of the kernel meets the window's first"),
            (_map(image, kernel.flip(1)), "the first column of the kernel meets the window's"),
            (right / k**2, "the products are summed, not averaged"),
            (_map(image, torch.ones(k, k)), "the window is summed without the kernel"),
        ):
            told = torch.allclose(given, wrong, atol=1e-4)
            assert torch.allclose(wrong, right, atol=1e-4) or not told, hint
        close(given, right, "at (r, c) stands the window that begins there, times the kernel")


@exercise("so many places")
def side_after(answer: Callable[[int, int, int, int], int]) -> None:
    """``answer(side, k, stride, padding)``: the side of the map."""
    lenet, alexnet = ((28, 5, 1, 2), (28, 5, 1, 0), (14, 2, 2, 0)), ((224, 11, 4, 2), (55, 3, 2, 0))
    others = ((13, 3, 2, 1), (10, 3, 3, 0), (7, 7, 1, 0), (12, 4, 3, 0))
    for side, k, stride, padding in (*lenet, *alexnet, *others):
        given = answer(side, k, stride, padding)
        if given is None:
            raise Stub
        assert type(given) is int, f"the side must be a whole number, an int; it is {given!r}"
        right = (side + 2 * padding - k) // stride + 1
        here = f"side {side}, kernel {k}, stride {stride}, padding {padding}"
        for wrong, hint in (
            ((side + 2 * padding - k) // stride, "count the first place, too"),
            ((side + padding - k) // stride + 1, "padding lies on both sides"),
            ((side - k) // stride + 1, "padding makes the image larger"),
            (-(-(side + 2 * padding - k) // stride) + 1, "a window that does not fit is left out"),
            ((side + 2 * padding) // stride, "the whole window must lie in the padded image"),
            (side + 2 * padding - k + 1, "with a stride, only every so many places are taken"),
        ):
            assert wrong == right or given != wrong, f"{here}: {given} is wrong; {hint}"
        assert given == right, f"{here}: {given} is wrong; how many windows begin inside?"


def _field(layers: Sequence[tuple[int, int]]) -> int:
    field, step = 1, 1
    for k, stride in layers:
        field, step = field + (k - 1) * step, step * stride
    return field


@exercise("how far a unit sees grows with every stride below it")
def field_of(answer: Callable[[list[tuple[int, int]]], int]) -> None:
    """``answer(layers)``: pixels that a unit sees, of (k, stride) from the image upwards."""
    lenet, alexnet = [(5, 1), (2, 2), (5, 1), (2, 2)], [(11, 4), (3, 2), (5, 1), (3, 2)]
    for layers in ([(5, 1)], [(3, 1), (3, 1)], lenet, alexnet, [(2, 2)] * 3):
        given = answer(list(layers))
        if given is None:
            raise Stub
        right = _field(layers)
        own, steps = 1, 1
        for k, stride in layers:
            steps *= stride
            own += (k - 1) * steps
        product = 1
        for k, _ in layers:
            product *= k
        for wrong, hint in (
            (sum(k for k, _ in layers), "neighbouring windows overlap: the sides do not add up"),
            (1 + sum(k - 1 for k, _ in layers), "behind a stride, one step is several pixels"),
            (own, "a layer's stride counts for the layers above it, not for itself"),
            (product, "the sides do not multiply either"),
            (_field(layers[::-1]), "begin at the image: the layers below come first"),
            (layers[-1][0], "that is what it sees of the layer below, not of the image"),
            (right**2, "one side of it, not its area"),
        ):
            assert wrong == right or given != wrong, f"{layers}: {given} is wrong; {hint}"
        assert given == right, f"{layers}: {given} is wrong; LeNet's S4 sees 16 pixels"


class _Reversed(nn.Module):
    """Turns the image round, left to right."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flip(-1)


class _OwnWeights(nn.Module):
    """A weight of its own at every place; by `only`, along one axis alone."""

    def __init__(self, only: int | None = None) -> None:
        super().__init__()
        weights = numbers(1, 1, 20, 20, seed=2)
        keep = weights if only is None else weights.mean(dim=only, keepdim=True)
        self.weights = keep.expand(1, 1, 20, 20)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weights


class _Every(nn.Module):
    """Every second value, each of them twice: of the size that came in."""

    def forward(self, x: Tensor) -> Tensor:
        return x[..., ::2, ::2].repeat_interleave(2, -1).repeat_interleave(2, -2)


def _convolution() -> nn.Module:
    layer = nn.Conv2d(1, 1, 5, padding=2)
    with torch.no_grad():
        layer.weight.copy_(numbers(1, 1, 5, 5, seed=3))
    return layer


@exercise("your test tells what moves along from what does not")
def moves_along(answer: Callable[[nn.Module], bool]) -> None:
    """``answer(layer)``: whether a shift of the image (1, 1, 20, 20) only shifts what it gives."""
    cases = (
        ("a convolution", _convolution(), True),
        ("a ReLU", nn.ReLU(), True),
        ("two convolutions", nn.Sequential(_convolution(), nn.Tanh(), _convolution()), True),
        ("the largest of 3 x 3 around each place", nn.MaxPool2d(3, 1, 1), True),
        ("a weight of its own for every place", _OwnWeights(), False),
        ("a weight of its own for every row", _OwnWeights(3), False),
        ("a weight of its own for every column", _OwnWeights(2), False),
        ("the image turned round", _Reversed(), False),
        ("every second value, twice", _Every(), False),
    )
    for name, layer, right in cases:
        with torch.no_grad():
            given = answer(layer)
        if given is None:
            raise Stub
        given = bool(given)
        if right:
            assert given, (
                f"{name} moves along, but your test says no; near the edge the windows see paper "
                "that was not there before: compare the middle, with a small tolerance"
            )
        else:
            assert not given, (
                f"{name}: it does not move along, but your test says yes; try an image at random, "
                "down and to the right, also by one pixel"
            )
