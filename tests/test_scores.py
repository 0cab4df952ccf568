"""Numbers from predictions and truth."""

from functools import cache
from random import Random

import pytest
import torch

from lecture_utils.scores import aligned, alignment_error_rate, exact_match, facts_found


def test_exact_match():
    assert exact_match([["a", "b"], ["c"]], [("a", "b"), ("c",)]) == 1
    assert exact_match([["a", "b"], ["c"], [], ["d"]], [("a",), ("c",), ("x",), ("d",)]) == 0.5
    for predicted, truth in (([], []), ([["a"]], []), ([["a"]], [["a"], ["b"]])):
        with pytest.raises(ValueError, match="pass one for each, and at least one"):
            exact_match(predicted, truth)


def test_a_shift_is_forgiven():
    assert aligned("abcd", "abcd") == [True] * 4
    assert aligned("xabcd", "abcd") == [True] * 4  # a word too many
    assert aligned("bcd", "abcd") == [False, True, True, True]  # one too few
    assert aligned("axcd", "abcd") == [True, False, True, True]
    assert aligned("", "ab") == [False, False]
    assert aligned("ab", "") == []
    assert aligned([1, 3], (1, 2, 3)) == [True, False, True]


def test_an_alignment_has_the_fewest_edits():
    """Against Levenshtein's recursion: what is right, and what is not, adds up to its distance."""
    drawn = Random(0)

    @cache
    def distance(one, other):
        if not one or not other:
            return len(one) + len(other)
        replaced = distance(one[1:], other[1:]) + (one[0] != other[0])
        return min(replaced, distance(one[1:], other) + 1, distance(one, other[1:]) + 1)

    @cache
    def possible(one, other):
        """The most words that an alignment with the fewest edits can have right."""
        if not one or not other:
            return 0
        best, ways = distance(one, other), []
        if best == distance(one[1:], other[1:]) + (one[0] != other[0]):
            ways.append(possible(one[1:], other[1:]) + (one[0] == other[0]))
        if best == distance(one[1:], other) + 1:
            ways.append(possible(one[1:], other))
        if best == distance(one, other[1:]) + 1:
            ways.append(possible(one, other[1:]))
        return max(ways)

    for _ in range(300):
        one, other = ("".join(drawn.choices("abc", k=drawn.randrange(9))) for _ in range(2))
        right = sum(aligned(one, other))
        assert max(len(one), len(other)) - right <= distance(one, other)
        assert right <= possible(one, other)


def test_alignment_error_rate():
    gold = {(0, 0), (1, 1), (1, 2)}
    assert alignment_error_rate(gold, gold) == 0
    assert alignment_error_rate([], gold) == 1
    assert alignment_error_rate([(0, 0), (1, 2), (1, 0), (2, 0), (2, 1)], gold) == 0.5
    with pytest.raises(ValueError, match="gold is empty"):
        alignment_error_rate(gold, [])


def test_facts_found():
    places = torch.tensor([[2, 0, 2], [1, 1, 1], [0, 3, 1], [5, 5, 5]])
    facts = torch.tensor([[0, 2], [1, 2], [3, -1], [-1, -1]])
    assert facts_found(places, facts).tolist() == [True, False, True, True]
