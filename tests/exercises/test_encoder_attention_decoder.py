"""What the checks of ``encoder_attention_decoder`` say of typical mistakes."""

import pytest
import torch

from tests.exercises.chapters import told

MISTAKES = [
    ("weighted_average", lambda w, v: (w @ v).sum(1), "shape"),
    ("weighted_average", lambda w, v: 3, "is a int"),
    ("softmax_with_mask", lambda s, m: s.masked_fill(~m, -torch.inf).softmax(-1), "nan"),
    ("softmax_with_mask", lambda s, m: s.softmax(-1).masked_fill(~m, 0), "row 1 does not sum"),
    ("softmax_with_mask", lambda s, m: s.softmax(-1), "padding still has weight"),
    ("softmax_with_mask", lambda s, m: s.masked_fill(~m, -1e9).softmax(-1), "row 2"),
    (
        "softmax_with_mask",
        lambda s, m: (
            torch.nan_to_num(
                (s.exp() * m) / (s.exp() * m).sum(-1, keepdim=True), nan=0, posinf=torch.inf
            )
            if s.max() < 100
            else (s.exp() * m) / (s.exp() * m).sum(-1, keepdim=True)
        ),
        "overflow",
    ),
    ("general_score", lambda q, k, W: q @ k.transpose(-1, -2), "RuntimeError"),
]


@pytest.mark.parametrize(("check", "mistake", "word"), MISTAKES)
def test_a_mistake_is_told_in_words(check, mistake, word):
    assert word in told(check, mistake)
