"""What the checks of ``end_to_end_memory_networks`` say of typical mistakes."""

import pytest
import torch

from tests.exercises.chapters import told

MISTAKES = [
    ("hop", lambda u, m, c: torch.softmax(m @ u, 0) @ c, "this is o"),
    ("hop", lambda u, m, c: u + (m @ u) @ c, "sum to 1"),
    ("hop", lambda u, m, c: torch.zeros(4), "off by"),
    ("word_weights", lambda J, d: torch.ones(J, d), "off by"),
    (
        "word_weights",
        lambda J, d: (
            torch.ones(J, d)
            - torch.arange(float(J))[:, None] / J
            - torch.arange(float(d)) / d * (1 - 2 * torch.arange(float(J))[:, None] / J)
        ),
        "from 1, not from 0",
    ),
    ("tables_of_word_vectors", 8, "now tie them"),
    ("tables_of_word_vectors", 3, "not 3"),
    ("tables_of_word_vectors", "four", "whole number"),
]


@pytest.mark.parametrize(("check", "mistake", "word"), MISTAKES)
def test_a_mistake_is_told_in_words(check, mistake, word):
    assert word in told(check, mistake)
