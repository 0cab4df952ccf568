"""What the checks of ``bahdanau_attention`` say of typical mistakes."""

import pytest
import torch

from tests.exercises.chapters import SOLUTIONS, told

additive_score = SOLUTIONS["additive_score"]

MISTAKES = [
    ("additive_score", lambda *a: additive_score(*a).softmax(-1), "the weights"),
    ("alignment_error", lambda a, s: 1 - len(a & s) / len(a), "not"),
    ("entropy_in_bits", lambda w: torch.special.entr(w).sum(-1), "nats"),
    ("entropy_in_bits", lambda w: -(w * w.log2()).sum(-1), "0 log 0"),
]


@pytest.mark.parametrize(("check", "mistake", "word"), MISTAKES)
def test_a_mistake_is_told_in_words(check, mistake, word):
    assert word in told(check, mistake)
