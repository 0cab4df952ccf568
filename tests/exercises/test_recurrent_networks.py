"""What the checks of ``recurrent_networks`` say of typical mistakes."""

import pytest
import torch

from tests.exercises.chapters import told

MISTAKES = [
    ("two_steps", lambda x1, x2, h, W, U, b: torch.tanh(x1 @ W.T + h @ U.T + b), "after x1 only"),
    ("two_steps", lambda *a: torch.zeros(3, 5), "off by"),
    ("steps_until_forgotten", 10, "is still"),
    ("steps_until_forgotten", 99, "fewer"),
    ("steps_until_forgotten", 31.0, "whole number"),
    ("lstm_step", lambda x, h, c, cell: cell(x, (h, c))[0], "pair"),
    ("lstm_step", lambda x, h, c, cell: cell(x, (h, c))[::-1], "c = f"),
]


@pytest.mark.parametrize(("check", "mistake", "word"), MISTAKES)
def test_a_mistake_is_told_in_words(check, mistake, word):
    assert word in told(check, mistake)
