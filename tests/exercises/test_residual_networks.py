"""What the checks of ``residual_networks`` say of wrong answers and of shortcuts."""

from math import prod

import pytest
import torch
from torch.nn import functional as f

from tests.exercises.chapters import SOLUTIONS, told

residual, zeros_added = SOLUTIONS["residual"], SOLUTIONS["zeros_added"]
layers_counted, gradient_through = SOLUTIONS["layers_counted"], SOLUTIONS["gradient_through"]


def in_place(x, layers):
    x += layers(x)
    return x.relu()


def padded(x, maps):
    """What stands in the first maps; zeros behind."""
    return torch.cat([x, x.new_zeros(len(x), maps - x.shape[1], *x.shape[2:])], dim=1)


def zeroed(x, maps):
    x[..., 1::2, :] = 0
    return zeros_added(x, maps)


WRONG = {
    "residual": [
        (lambda x, layers: layers(x), "F(x) alone"),
        (lambda x, layers: layers(x).relu(), "plain block"),
        (lambda x, layers: layers(x) + x, "behind the sum is missing"),
        (lambda x, layers: layers(x).relu() + x, "not before it"),
        (lambda x, layers: layers(x).relu() + x.relu(), "one ReLU"),
        (lambda x, layers: (layers(x) - x).relu(), "not a difference"),
        (lambda x, layers: (layers(x) * x).relu(), "a gate"),
        (lambda x, layers: (layers(x) + 2 * x).relu(), "around once"),
        (lambda x, layers: (layers(x.relu()) + x).relu(), "x itself"),
        (lambda x, layers: x + residual(x, layers), "before the ReLU"),
        (lambda x, layers: x.relu(), "have to be asked"),
        (lambda x, layers: residual(x, layers)[0], "shape"),
        (lambda x, layers: 1.001 * residual(x, layers), "off by"),
        (in_place, "changes"),
    ],
    "zeros_added": [
        (lambda x, maps: zeros_added(x, maps).roll(maps - x.shape[1], 1), "come first"),
        (lambda x, maps: padded(x[..., 1::2, 1::2], maps), "first place"),
        (
            lambda x, maps: padded(x[..., : x.shape[2] // 2, : x.shape[3] // 2], maps),
            "first half",
        ),
        (lambda x, maps: padded(f.avg_pool2d(x, 2), maps), "no means"),
        (lambda x, maps: padded(f.max_pool2d(x, 2), maps), "largest of four"),
        (lambda x, maps: x[..., ::2, ::2].repeat(1, maps, 1, 1)[:, :maps], "again"),
        (lambda x, maps: 0 * zeros_added(x, maps), "missing"),
        (lambda x, maps: padded(x, maps), "shape"),
        (lambda x, maps: x[..., ::2, ::2], "shape"),
        (lambda x, maps: 1.001 * zeros_added(x, maps), "off by"),
        (lambda x, maps: zeros_added(x, maps).numpy(), "must be a tensor"),
        (zeroed, "changes"),
    ],
    "layers_counted": [
        (lambda blocks, inside: sum(blocks) * inside, "have weights, too"),
        (lambda blocks, inside: sum(blocks) * inside + 1, "both"),
        (lambda blocks, inside: sum(blocks), "several layers"),
        (lambda blocks, inside: sum(blocks) + 2, "several layers"),
        (lambda blocks, inside: sum(blocks) * (inside + 1) + 2, "no weights"),
        (lambda blocks, inside: sum(blocks) * inside + 1 + len(blocks), "projections"),
        (lambda blocks, inside: len(blocks) * inside + 2, "several blocks"),
        (lambda blocks, inside: prod(blocks) * inside + 2, "add up"),
        (lambda blocks, inside: float(layers_counted(blocks, inside)), "whole number"),
        (lambda blocks, inside: 152, "wrong"),
        (lambda blocks, inside: layers_counted(blocks, 3), "counted"),
    ],
    "gradient_through": [
        (prod, "plain net"),
        (lambda slopes: 1 + prod(slopes), "not around all at once"),
        (lambda slopes: 1 + sum(slopes), "multiply it out"),
        (sum, "multiply"),
        (lambda slopes: len(slopes) + sum(slopes), "multiply"),
        (lambda slopes: prod(1 - a for a in slopes), "1 + a"),
        (lambda slopes: prod(1 + a for a in slopes[:-1]), "the last one too"),
        (lambda slopes: 1.0, "own slopes"),
        (lambda slopes: prod(max(0.0, 1 + a) for a in slopes) + 1e-6, "wrong"),
        (lambda slopes: str(gradient_through(slopes)), "a number"),
        (lambda slopes: gradient_through(slopes) if slopes else 0.0, "[]"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)
