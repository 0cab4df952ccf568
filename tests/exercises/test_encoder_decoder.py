"""What the checks of ``encoder_decoder`` say of typical mistakes."""

import pytest

from tests.exercises.chapters import SOLUTIONS, told

greedy_words = SOLUTIONS["greedy_words"]

MISTAKES = [
    ("beam_beats_greedy", ([0.6, 0.4], [[0.9, 0.1], [0.5, 0.5]]), "undecided"),
    ("beam_beats_greedy", ([0.6, 0.6], [[0.9, 0.1], [0.5, 0.5]]), "sum 1"),
    ("greedy_words", lambda *a: [*greedy_words(*a), 2], "leave it out"),
]


@pytest.mark.parametrize(("check", "mistake", "word"), MISTAKES)
def test_a_mistake_is_told_in_words(check, mistake, word):
    assert word in told(check, mistake)
