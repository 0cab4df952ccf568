"""Numbers from predictions and truth."""

import pytest
import torch

from lecture_utils.scores import alignment_error_rate, exact_match, facts_found


def test_exact_match():
    assert exact_match([["a", "b"], ["c"]], [("a", "b"), ("c",)]) == 1
    assert exact_match([["a", "b"], ["c"], [], ["d"]], [("a",), ("c",), ("x",), ("d",)]) == 0.5
    for predicted, truth in (([], []), ([["a"]], []), ([["a"]], [["a"], ["b"]])):
        with pytest.raises(ValueError, match="pass one for each, and at least one"):
            exact_match(predicted, truth)


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
