"""What the checks of ``attention_is_reading_a_memory`` say of typical mistakes."""

import pytest
import torch

from tests.exercises.chapters import told

MISTAKES = [
    ("look_up", lambda q, k, v: torch.softmax((q[:, None] == k).float(), -1) @ v, "third key"),
    ("look_up", lambda q, k, v: v[(q[:, None] == k).int().argmax(1)], "9 is no key"),
    ("look_up", lambda q, k, v: v, "shape"),
    (
        "look_up",
        lambda q, k, v: (
            (k[(at := torch.searchsorted(k, q).clamp(max=3))] == q).float()[:, None] * v[at]
        ),
        "5 the second",
    ),
    ("weights_computed", (143, 150), "the end is written too"),
    ("weights_computed", (154, 3), "not 3"),
    ("weights_computed", 154, "a pair"),
    ("weights_computed", (1, 2, 3), "a pair"),
    ("weights_computed", (100, 150), "not 100"),
]


@pytest.mark.parametrize(("check", "mistake", "word"), MISTAKES)
def test_a_mistake_is_told_in_words(check, mistake, word):
    assert word in told(check, mistake)
