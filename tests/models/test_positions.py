"""Positions: the paper's formula, and what a shift of all places may change."""

import math

import pytest
import torch

from lecture_utils.models.positions import Learned, Relative, Rotary, Sinusoidal, scattered


def words(places, features=8):
    made = torch.Generator().manual_seed(places)
    return torch.randn(2, places, features, generator=made, dtype=torch.float64)


def test_sinusoidal_is_the_formula():
    pe = Sinusoidal(8)(words(5), at=3)
    for p in range(5):
        for i in range(4):
            angle = (p + 3) / 10_000 ** (2 * i / 8)
            assert pe[p, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-12)
            assert pe[p, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-12)


@pytest.mark.parametrize("k", [1, 7, 40])
def test_a_place_further_on_is_a_linear_map_of_a_place(k):
    """One matrix takes PE(p) to PE(p + k) for every p."""
    here, there = Sinusoidal(8)(words(60)), Sinusoidal(8)(words(60), at=k)
    solved = torch.linalg.lstsq(here[:20], there[:20]).solution
    torch.testing.assert_close(here @ solved, there, rtol=0, atol=1e-8)
    turned = solved[:2, :2]
    torch.testing.assert_close(turned @ turned.T, torch.eye(2).double(), rtol=0, atol=1e-8)


def test_learned_is_a_table_with_an_end():
    learned = Learned(8, 6)
    assert torch.equal(learned(words(2), at=4), learned.table.weight[4:6])
    with pytest.raises(ValueError, match="a sequence of 7 words, but there are 6 learned places"):
        learned(words(2), at=5)


def test_rotary_scores_see_the_distance_alone():
    rotary, queries, keys = Rotary(8, 100.0), words(5), words(9)
    scores = rotary(queries, 2) @ rotary(keys).mT
    moved = rotary(queries, 13) @ rotary(keys, 11).mT
    torch.testing.assert_close(scores, moved, rtol=0, atol=1e-12)
    assert (scores - rotary(queries, 3) @ rotary(keys).mT).abs().max() > 0.1
    torch.testing.assert_close(rotary(queries, 7).norm(dim=-1), queries.norm(dim=-1))
    assert torch.equal(rotary(queries[:, :1]), queries[:, :1])  # place 0 is not turned


def test_relative_is_the_formula():
    torch.manual_seed(0)
    relative, queries, keys = Relative(8, reach=2).double(), words(3), words(5)
    scores = relative.score(queries, keys)
    for t in range(3):
        for s in range(5):
            distance = max(-2, min(2, s - (t + 2)))  # the queries are those of the last 3 slots
            key = keys[:, s] + relative.table.weight[distance + 2]
            by_hand = (queries[:, t] * key).sum(-1) / 8**0.5
            torch.testing.assert_close(scores[:, t, s], by_hand, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", [Sinusoidal, Rotary])
def test_odd_sizes_are_refused(kind):
    with pytest.raises(ValueError, match=r"come in pairs, so they must be even; got 7"):
        kind(7)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: Learned(8, 0), "most must be at least 1; got 0"),
        (lambda: Relative(8, reach=-1), "reach must be at least 0; got -1"),
        (lambda: Rotary(8, base=0.0), r"base must be at least 1; got 0\.0"),
        (lambda: Rotary(8, base=math.nan), "base must be at least 1; got nan"),
    ],
)
def test_sizes_that_cannot_be_are_refused(made, words):
    with pytest.raises(ValueError, match=words):
        made()


def test_scattered_places_are_different_ordered_and_below_most():
    made = torch.Generator().manual_seed(0)
    for words, most in ((1, 1), (5, 5), (5, 9), (30, 90)):
        for _ in range(20):
            places = scattered(words, most, made)
            assert places.shape == (words,)
            assert (places.diff() > 0).all()
            assert places[0] >= 0
            assert places[-1] < most
    assert len({tuple(scattered(3, 6, made).tolist()) for _ in range(500)}) == 20  # 6 choose 3
    with pytest.raises(ValueError, match="5 words need as many places; most is 4"):
        scattered(5, 4)


def test_words_that_are_said_to_stand_elsewhere_are_turned_as_there():
    rotary, x = Rotary(8), words(6)
    every = rotary(x)
    rotary.places = torch.tensor([0, 1, 2, 3, 4, 5])
    assert torch.equal(rotary(x), every)
    rotary.places = torch.tensor([0, 2, 3, 7, 8, 9])
    apart = torch.stack(
        [Rotary(8)(x[:, i : i + 1], at=int(p))[:, 0] for i, p in enumerate(rotary.places)], 1
    )
    torch.testing.assert_close(rotary(x), apart, rtol=0, atol=1e-12)
    torch.testing.assert_close(rotary(x[:, 3:], at=3), apart[:, 3:], rtol=0, atol=1e-12)


def test_angles_that_are_kept_are_those_of_the_call():
    """Each call is what a rotary that has kept nothing gives."""
    rotary, x = Rotary(8), words(5)
    calls = [(x, 0), (x, 3), (x[:, :2], 3), (x.float(), 3), (x.float(), 3), (x, 3), (x.half(), 3)]
    for given, at in calls:
        assert torch.equal(rotary(given, at), Rotary(8)(given, at))
    rotary.places = torch.tensor([4, 9, 11, 12, 20])
    moved = rotary(x)
    rotary.places = torch.tensor([4, 9, 11, 12, 21])
    assert not torch.equal(rotary(x), moved)
    rotary.places = None
    assert torch.equal(rotary(x), Rotary(8)(x))


def test_angles_from_inference_do_not_reach_training():
    rotary, x = Rotary(8), words(5)
    with torch.inference_mode():
        rotary(x)
    x.requires_grad_()
    rotary(x).square().sum().backward()  # torch refuses what was made in inference
    assert x.grad.isfinite().all()
