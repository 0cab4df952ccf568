"""What the checks of ``convolutional_networks`` say of wrong answers and of shortcuts."""

import pytest
import torch
from torch import nn

from lecture_utils import exercises
from tests.exercises.chapters import SOLUTIONS, told

slide, side_after = SOLUTIONS["slide"], SOLUTIONS["side_after"]
field_of, moves_along = SOLUTIONS["field_of"], SOLUTIONS["moves_along"]


def torchs(image, kernel):
    return nn.functional.conv2d(image[None, None], kernel[None, None])[0, 0]


def by_module(image, kernel):
    layer = nn.Conv2d(1, 1, len(kernel), bias=False)
    layer.weight.data = kernel[None, None]
    return layer(image[None, None])[0, 0].detach()


def padded(image, kernel):
    k = len(kernel) // 2
    return slide(nn.functional.pad(image, (k, k, k, k)), kernel)


def in_place(image, kernel):
    image *= 2
    return slide(image, kernel) / 2


def strides(layers, own=False, start=1):
    field, step = start, 1
    for k, stride in layers:
        if own:
            step *= stride
        field += (k - 1) * step
        if not own:
            step *= stride
    return field


def moved(layer, down=1, right=1, inside=slice(8, -8), image=None, tolerance=1e-4):
    """A test that shifts one image by so many rows and columns."""
    image = torch.randn(1, 1, 20, 20) if image is None else image
    first = layer(image.roll((down, right), (2, 3)))
    then = layer(image).roll((down, right), (2, 3))
    return bool((first - then)[..., inside, inside].abs().max() <= tolerance)


WRONG = {
    "slide": [
        (torchs, "torch's convolution"),
        (by_module, "torch's convolution"),
        (padded, "shape"),
        (lambda x, k: slide(x, k.flip(0, 1)), "turned round"),
        (lambda x, k: slide(x, k.T), "transposed"),
        (lambda x, k: slide(x, k.flip(0)), "first row"),
        (lambda x, k: slide(x, k.flip(1)), "first column"),
        (lambda x, k: slide(x, k) / k.numel(), "not averaged"),
        (lambda x, k: slide(x, torch.ones_like(k)), "without the kernel"),
        (lambda x, k: slide(x, k).relu(), "off by"),
        (lambda x, k: slide(x, k).roll(1, 0), "begins there"),
        (lambda x, k: slide(x, k)[None], "shape"),
        (lambda x, k: slide(x, k).tolist(), "must be a tensor"),
        (in_place, "changes"),
        (lambda x, k: 1.001 * slide(x, k), "off by"),
    ],
    "side_after": [
        (lambda s, k, t, p: (s + 2 * p - k) // t, "first place"),
        (lambda s, k, t, p: (s + p - k) // t + 1, "both sides"),
        (lambda s, k, t, p: (s - k) // t + 1, "larger"),
        (lambda s, k, t, p: -(-(s + 2 * p - k) // t) + 1, "left out"),
        (lambda s, k, t, p: (s + 2 * p) // t, "whole window"),
        (lambda s, k, t, p: s + 2 * p - k + 1, "stride"),
        (lambda s, k, t, p: (s + 2 * p - k) / t + 1, "whole number"),
        (lambda s, k, t, p: round((s + 2 * p - k) / t + 1), "wrong"),
        (lambda s, k, t, p: (s + 2 * p - k + 1) // t, "wrong"),
        (lambda s, k, t, p: side_after(s, k, t, p) if s != 12 else 4, "wrong"),
        (lambda s, k, t, p: s, "wrong"),
    ],
    "field_of": [
        (lambda layers: sum(k for k, _ in layers), "overlap"),
        (lambda layers: 1 + sum(k - 1 for k, _ in layers), "several pixels"),
        (lambda layers: strides(layers, own=True), "not for itself"),
        (lambda layers: torch.tensor([k for k, _ in layers]).prod().item(), "multiply"),
        (lambda layers: strides(layers[::-1]), "begin at the image"),
        (lambda layers: layers[-1][0], "layer below"),
        (lambda layers: field_of(layers) ** 2, "area"),
        (lambda layers: strides(layers, start=0), "16 pixels"),
        (lambda layers: 16, "wrong"),
        (lambda layers: field_of(layers) if len(layers) < 4 else 32, "wrong"),
    ],
    "moves_along": [
        (lambda layer: True, "says yes"),
        (lambda layer: False, "says no"),
        (lambda layer: moved(layer, 0, 0), "says yes"),
        (lambda layer: moved(layer, 1, 0), "says yes"),
        (lambda layer: moved(layer, 0, 1), "says yes"),
        (lambda layer: moved(layer, 2, 2), "says yes"),
        (lambda layer: moved(layer, image=torch.zeros(1, 1, 20, 20)), "says yes"),
        (lambda layer: moved(layer, inside=slice(None)), "says no"),
        (lambda layer: moved(layer, tolerance=-1), "says no"),
        (lambda layer: moved(layer, tolerance=100), "says yes"),
        (lambda layer: isinstance(layer, nn.Conv2d), "says no"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)


def by_unfolding(image, kernel):
    k = len(kernel)
    return image.unfold(0, k, 1).unfold(1, k, 1).mul(kernel).sum(dim=(-2, -1))


def by_shifts(image, kernel):
    """The sum of the kernel's numbers, each times the image moved."""
    k = len(kernel)
    height, width = image.shape[0] - k + 1, image.shape[1] - k + 1
    total = torch.zeros(height, width)
    for u in range(k):
        for v in range(k):
            total += kernel[u, v] * image[u : u + height, v : v + width]
    return total


@pytest.mark.parametrize("answer", [by_unfolding, by_shifts])
def test_other_ways_to_slide_pass(answer):
    verdict = exercises.slide(answer)
    assert verdict, verdict.message


def test_a_test_by_several_shifts_passes():
    verdict = exercises.moves_along(
        lambda layer: all(moved(layer, *by) for by in ((1, 0), (0, 1), (1, 1), (3, -2)))
    )
    assert verdict, verdict.message
