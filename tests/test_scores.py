"""Numbers from predictions and truth."""

from functools import cache
from math import exp
from random import Random

import pytest
import torch

from lecture_utils import scores
from lecture_utils.scores import aligned, alignment_error_rate, bleu, exact_match, facts_found


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


def test_bleu_by_hand():
    truth = [["sieben", "und", "zwanzig", ",", "acht"]]
    assert bleu(truth, truth) == 100
    assert bleu([[*truth[0], "acht"]], truth) < 100  # a word too many
    assert bleu([["und", "zwanzig", ",", "und"]], truth, longest=2) == pytest.approx(
        100 * exp(1 - 5 / 4) * (3 / 4 * 2 / 3) ** 0.5  # "und" is clipped; four words for five
    )
    assert bleu([["sieben", "und"]], [["sieben", "und"]]) == 0  # no group of three or four
    assert bleu([[]], truth) == bleu([["neun"] * 5], truth) == 0
    assert bleu([[], truth[0]], [["neun"], truth[0]]) == pytest.approx(100 * exp(1 - 6 / 5))
    for wrong in (([], []), ([[]], []), ([["a"]], [["a"]], 0)):
        with pytest.raises(ValueError, match="pass one sequence for each"):
            bleu(*wrong)


def test_bleu_is_that_of_nltk():
    score = pytest.importorskip("nltk.translate.bleu_score", reason="needs nltk")
    drawn, compared = Random(0), 0
    for _ in range(300):
        size, longest = drawn.randrange(1, 6), drawn.randrange(1, 5)
        true, written = (
            [drawn.choices("ab,", k=drawn.randrange(longest, 12)) for _ in range(size)]
            for _ in range(2)
        )
        if ours := bleu(written, true, longest):  # where a part is 0, nltk warns
            theirs = score.corpus_bleu([[t] for t in true], written, [1 / longest] * longest)
            assert ours == pytest.approx(100 * theirs)
            compared += 1
    assert compared > 200


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


def test_area_under_curve_is_the_chance_of_the_right_order():
    generator = torch.Generator().manual_seed(0)
    values = torch.randint(0, 6, (8, 30), generator=generator).float()  # with many ties
    truth = torch.rand((8, 30), generator=generator) < 0.3
    found = scores.area_under_curve(values, truth)
    for row, yes, area in zip(values, truth, found, strict=True):
        pairs = row[yes][:, None] - row[~yes]
        expected = ((pairs > 0).double() + 0.5 * (pairs == 0)).mean()
        assert area.item() == pytest.approx(expected.item(), abs=1e-12)
    assert scores.area_under_curve(truth.float(), truth).tolist() == [1] * 8
    assert scores.area_under_curve(torch.zeros(8, 30), truth).tolist() == [0.5] * 8
    with pytest.raises(ValueError, match="no true place"):
        scores.area_under_curve(values, torch.zeros(8, 30, dtype=torch.bool))
    for wrong in (truth[:, :-1], truth.float()):
        with pytest.raises(ValueError, match=r"values .* and truth"):
            scores.area_under_curve(values, wrong)


def test_share_of_queries():
    same = torch.tensor([0.5, 0.25, 0.25]).expand(1, 4, 3)
    own = torch.eye(3)[None]
    even = torch.full((1, 4, 3), 1 / 3)
    assert scores.share_of_queries(same).item() == 0
    assert scores.share_of_queries(own).item() == pytest.approx(1)
    assert scores.share_of_queries(even + 1e-7 * torch.randn(1, 4, 3)).item() == 0
    half = torch.tensor([[[0.5, 0.5, 0, 0], [0.5, 0, 0.5, 0]]])
    # about 1/4: four sixteenths a query; about their mean (1/2, 1/4, 1/4, 0): two
    assert scores.share_of_queries(half).item() == pytest.approx(0.5)
    with pytest.raises(ValueError, match=r"weights must be \(B, T, S\)"):
        scores.share_of_queries(own[0])
