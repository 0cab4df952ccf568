"""What the checks of ``recurrent_networks`` say of wrong answers and shortcuts."""

import pytest
import torch
from torch import nn

from tests.exercises.chapters import told


def two(step, order=(0, 1)):
    """Two steps of `step(x, h, W, U, b)` on the inputs in this order."""

    def answer(x1, x2, h0, W, U, b):
        h = h0
        for i in order:
            h = step((x1, x2)[i], h, W, U, b)
        return h

    return answer


def true(x, h, W, U, b):
    return torch.tanh(x @ W.T + h @ U.T + b)


def in_place(x1, x2, h0, W, U, b):
    h = true(x2, true(x1, h0, W, U, b), W, U, b)
    h0.copy_(h)
    return h


def lstm(order="ifgo", new=True, squash=torch.tanh, biases=2):
    """An LSTM step with the blocks in this order."""

    def answer(x, h, c, cell):
        sums = x @ cell.weight_ih.T + h @ cell.weight_hh.T
        sums = sums + cell.bias_ih + (cell.bias_hh if biases == 2 else 0)
        part = dict(zip(order, sums.chunk(4, dim=-1), strict=True))
        i, f, o = (part[name].sigmoid() for name in "ifo")
        after = f * c + i * squash(part["g"])
        return o * torch.tanh(after if new else c), after

    return answer


def by_torch(x, h, c, cell):
    made = nn.LSTMCell(4, 5)
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(made, name).copy_(getattr(cell, name))
    return torch.stack(made(x, (h, c)))


WRONG = {
    "steps_until_forgotten": [
        (10, "is still"),
        (19, "is still"),
        (99, "fewer"),
        (21, "fewer"),
        (31.0, "whole number"),
        (True, "whole number"),
        (-5, "at least 1"),
        ("20", "whole number"),
    ],
    "two_steps": [
        (two(true, (0,)), "after x1 only"),
        (two(true, (1,)), "after x2 only"),
        (two(true, (1, 0)), "other order"),
        (lambda *a: torch.zeros(3, 5), "off by"),
        (two(lambda x, h, W, U, b: torch.tanh(x @ W.T + h @ U.T)), "off by"),
        (two(lambda x, h, W, U, b: torch.tanh(x @ W.T + h @ U + b)), "off by"),
        (two(lambda x, h, W, U, b: torch.sigmoid(x @ W.T + h @ U.T + b)), "off by"),
        (
            lambda x1, x2, h, W, U, b: true(x2, x1 @ W.T + h @ U.T + b, W, U, b),
            "through tanh, too",
        ),
        (lambda *a: two(true)(*a)[0], "shape"),
        (in_place, "in place"),
    ],
    "lstm_step": [
        (lambda x, h, c, cell: cell(x, (h, c)), "write the step out"),
        (by_torch, "pair"),
        (lambda *a: lstm()(*a)[0], "pair"),
        (lambda *a: lstm()(*a)[::-1], "exchanged"),
        (lstm("figo"), "order of gates"),
        (lstm("ifog"), "order of gates"),
        (lstm(new=False), "new c"),
        (lstm(squash=torch.sigmoid), "off by"),
        (lstm(biases=1), "off by"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)
