"""The task of two places: what is asked, what is right, what a reader may type."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lecture_utils.tasks import two_places
from lecture_utils.tasks.two_places import DIGITS, LETTERS, TwoPlaces


class Finds(nn.Module):
    """Compares letters, and says the digits in the order that it is told to."""

    def __init__(self, order: tuple[int, int] = (0, 1)) -> None:
        super().__init__()
        self.order, self.weight = list(order), nn.Parameter(torch.ones(()))

    def forward(self, letters, digits, question):
        found = (letters.unsqueeze(1) == question.unsqueeze(2)).long()  # (B, 2, S)
        assert (found.sum(-1) == 1).all(), "a letter stands there once"
        said = (found * digits.unsqueeze(1)).sum(-1)[:, self.order]
        return 20 * self.weight * nn.functional.one_hot(said, DIGITS)


BATCH = next(two_places.question_batches(6, seed=0, size=2000))


def test_a_question_names_two_letters_of_the_row_and_its_answer_their_digits():
    assert BATCH.letters.shape == BATCH.digits.shape == (2000, 6)
    assert torch.equal(BATCH.letters.gather(1, BATCH.places), BATCH.question)
    assert (BATCH.question[:, 0] != BATCH.question[:, 1]).all()
    assert two_places.told(Finds(), BATCH) == (1.0, 1.0, 1.0)
    assert two_places.both_loss(Finds(), BATCH).item() < 1e-6
    assert two_places.first_loss(Finds(), BATCH).item() < 1e-6


def test_the_order_counts():
    first, second, both = two_places.told(Finds((1, 0)), BATCH)
    assert 0.05 < first == second == both < 0.15, "right by luck, where the digits are equal"
    assert two_places.told(Finds((0, 0)), BATCH)[0] == 1.0
    assert two_places.told(Finds((0, 0)), BATCH)[1] < 0.15
    assert two_places.first_loss(Finds((0, 0)), BATCH).item() < 1e-6
    assert two_places.both_loss(Finds((0, 0)), BATCH).item() > 5


def test_every_letter_digit_and_pair_of_places_is_asked():
    assert set(BATCH.letters.flatten().tolist()) == set(range(LETTERS))
    assert set(BATCH.answers.flatten().tolist()) == set(range(DIGITS))
    assert len({tuple(pair) for pair in BATCH.places.tolist()}) == 30
    counts = BATCH.answers.flatten().bincount()
    assert counts.min() > 300, "all digits are equally likely"


def test_a_seed_gives_the_same_rows_another_one_others():
    first, same, other = (
        next(two_places.question_batches(4, seed=seed, size=8)).digits for seed in (1, 1, 2)
    )
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    for words in (1, LETTERS + 1):
        with pytest.raises(ValueError, match="words must be from 2"):
            next(two_places.question_batches(words, seed=0))


def test_a_row_is_read_as_it_is_written():
    letters, digits = two_places.row_of("b3 e7, a0")
    assert letters.tolist() == [1, 4, 0]
    assert digits.tolist() == [3, 7, 0]
    assert two_places.spelled(letters, digits) == ["b3", "e7", "a0"]
    batch = two_places.questions_to(letters, digits, [(1, 2), (2, 0)])
    assert batch.question.tolist() == [[4, 0], [0, 1]]
    assert batch.answers.tolist() == [[7, 0], [0, 3]]
    assert two_places.told(Finds(), batch) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "two words"),
        ("a1", "two words"),
        ("a1 z9", "“z9”"),
        ("a1 b", "“b”"),
        ("a1 a2", "twice"),
    ],
)
def test_what_is_no_row_is_refused_in_words(text, told):
    with pytest.raises(ValueError, match=told):
        two_places.row_of(text)


@pytest.mark.parametrize("inner", [0, 5])
def test_without_an_inner_layer_the_scores_are_linear_in_what_is_read(inner):
    torch.manual_seed(0)
    model = TwoPlaces(2, 3, features=8, inner=inner)
    assert model(*BATCH[:3]).shape == (2000, 2, DIGITS)
    a, b = torch.randn(2, 4, 8)
    none = model.readout(torch.zeros(4, 8))
    apart = model.readout(a + b) - model.readout(a) - model.readout(b) + none
    assert (apart.abs().max() < 1e-5) == (inner == 0)
