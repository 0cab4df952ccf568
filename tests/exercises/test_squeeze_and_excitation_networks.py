"""What the checks of ``squeeze_and_excitation_networks`` say of wrong answers and shortcuts."""

import pytest
import torch

from tests.exercises.chapters import SOLUTIONS, told

recalibrated, weights_of_gate = SOLUTIONS["recalibrated"], SOLUTIONS["weights_of_gate"]
moved, between_classes = SOLUTIONS["moved"], SOLUTIONS["between_classes"]


def with_gate(function, squeeze=lambda u: u.mean(dim=(-2, -1)), bent=torch.relu):
    """A block whose gate is another one."""

    def block(u, W_1, W_2):
        return u * function(bent(squeeze(u) @ W_1.T) @ W_2.T)[..., None, None]

    return block


def in_place(u, W_1, W_2):
    return u.mul_(recalibrated(u, W_1, W_2) / u)


def squares(gates, classes):
    """The sums of squares between the classes, and in all, by channel."""
    at = torch.stack([gates[classes == k].mean(0) for k in range(int(classes.max()) + 1)])[classes]
    every = gates.mean(0)
    return (at - every).square().sum(0), (gates - every).square().sum(0)


def softer(scores, channel, by):
    gates, address = moved(scores, channel, by)
    return gates, address * (torch.arange(len(scores)) == channel)


WRONG = {
    "recalibrated": [
        (lambda u, a, b: u, "multiply"),
        (with_gate(lambda s: s), "sigmoid is missing"),
        (with_gate(lambda s: s.softmax(1)), "an address"),
        (with_gate(torch.relu), "not a ReLU"),
        (with_gate(torch.tanh), "not a tanh"),
        (with_gate(torch.sigmoid, bent=lambda h: h), "stands a ReLU"),
        (with_gate(torch.sigmoid, lambda u: u.amax((-2, -1))), "is a mean"),
        (with_gate(torch.sigmoid, lambda u: u.sum((-2, -1))), "not a sum"),
        (with_gate(lambda s: 1 + s.sigmoid()), "alone"),
        (with_gate(lambda s: 1 - s.sigmoid()), "1 is open"),
        (with_gate(torch.sigmoid, lambda u: u.mean((0, 2, 3))[None]), "each picture"),
        (lambda u, a, b: u + recalibrated(u, a, b) / u, "not added"),
        (lambda u, a, b: recalibrated(u, a, b)[0], "shape"),
        (lambda u, a, b: 1.001 * recalibrated(u, a, b), "off by"),
        (in_place, "changes"),
    ],
    "weights_of_gate": [
        (lambda c, r, b: c * (c // r), "two layers"),
        (lambda c, r, b: 2 * c * c, "C / r units"),
        (lambda c, r, b: 2 * (c // r) ** 2, "C numbers"),
        (lambda c, r, b: 2 * c * (c // r), "both layers"),
        (lambda c, r, b: 2 * c * (c // r) + c + c // r, "there are none"),
        (lambda c, r, b: 2 * c * (c // r) + 2 * c * b, "C / r biases"),
        (lambda c, r, b: 2 * c * (c // r) + 2 * (c // r) * b, "C biases"),
        (lambda c, r, b: 2 * c * (c // r) + c * b, "first layer has biases"),
        (lambda c, r, b: 18 * c * (c // r), "3 × 3"),
        (lambda c, r, b: float(weights_of_gate(c, r, b)), "whole number"),
        (lambda c, r, b: weights_of_gate(c, r, b) + 1, "wrong"),
        (lambda c, r, b: 2 * c * c // r + (c // r + c) * b, "wrong"),
        (lambda c, r, b: 2 * c * max(4, c // r) + (max(4, c // r) + c) * b, "wrong"),
    ],
    "moved": [
        (lambda s, c, by: moved(s, c, by)[::-1], "gates first"),
        (lambda s, c, by: tuple(-x for x in moved(s, c, by)), "after minus before"),
        (lambda s, c, by: (moved(s, c, by)[0], -moved(s, c, by)[1]), "after minus before"),
        (lambda s, c, by: (moved(s, c, by)[0],) * 2, "softmax"),
        (lambda s, c, by: ((s + by).sigmoid() - s.sigmoid(), 0 * s), "not all"),
        (lambda s, c, by: (0 * s, moved(s, c, by)[1]), "itself moves"),
        (lambda s, c, by: (moved(s, c, by)[0], 0 * s), "not all"),
        (softer, "give way"),
        (lambda s, c, by: moved(s, c, by)[0], "two tensors"),
        (lambda s, c, by: tuple(1.01 * x for x in moved(s, c, by)), "off by"),
        (lambda s, c, by: tuple(x[:-1] for x in moved(s, c, by)), "shape"),
    ],
    "between_classes": [
        (lambda g, c: 1 - between_classes(g, c), "within"),
        (lambda g, c: 0.0, "differ"),
        (lambda g, c: between_classes(g, c) ** 0.5, "no root"),
        (lambda g, c: (squares(g, c)[0] / squares(g, c)[1]).mean(), "channels first"),
        (
            lambda g, c: squares(g, c)[0].sum() / (squares(g, c)[1] - squares(g, c)[0]).sum(),
            "total",
        ),
        (lambda g, c: squares(g, c)[0].sum() / g.numel(), "divide by all"),
        (lambda g, c: between_classes(g, c) + 0.01, "wrong"),
        (lambda g, c: between_classes(g[:, :1], c), "wrong"),
        (lambda g, c: between_classes(g, c.flip(0)), "wrong"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)
