"""The tasks of a sequence that reads itself: what is asked, where it stands, what is right."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from lecture_utils.tasks import among_words
from lecture_utils.tasks.among_words import Lookup


class Oracle(nn.Module):
    """Says of each word what it is told to; has a weight, so it has a device."""

    def __init__(self, says, words: int) -> None:
        super().__init__()
        self.says, self.words = says, words
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, words, mask=None):
        return 20 * self.weight * nn.functional.one_hot(self.says(words, mask), self.words)


def partner(words, mask=None):
    """The digit of the other word with the same letter, found by comparing."""
    letters = words // 10
    same = (letters.unsqueeze(-1) - letters.unsqueeze(-2)).abs() == 10
    assert (same.sum(-1) == 1).all()
    return (same * (words % 10).unsqueeze(-2)).sum(-1)


def test_each_word_has_one_partner_whose_digit_it_says():
    batch = next(among_words.partner_batches(6, seed=0, size=200))
    assert batch.words.shape == batch.answers.shape == batch.places.shape == (200, 12)
    assert torch.equal(batch.answers, partner(batch.words))
    there = batch.words.gather(1, batch.places)
    assert torch.equal(there % 10, batch.answers)
    assert ((there // 10 - batch.words // 10).abs() == 10).all()
    assert set(batch.words.flatten().tolist()) == set(range(200))
    assert among_words.looked_up(Oracle(partner, 10), batch) == 1.0
    assert among_words.looked_up(Oracle(lambda w, _: 0 * w, 10), batch) < 0.2
    assert among_words.lookup_loss(Oracle(partner, 10), batch).item() < 1e-6


def test_another_seed_gives_other_words_and_the_same_seed_the_same():
    first, same, other = (
        next(among_words.partner_batches(3, seed=seed, size=8)).words for seed in (1, 1, 2)
    )
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_the_word_before_is_asked_of_all_but_the_first():
    batch = next(among_words.before_batches(7, seed=0, size=50))
    assert (batch.answers[:, 0] == among_words.NOTHING).all()
    assert torch.equal(batch.answers[:, 1:], batch.words[:, :-1])
    assert torch.equal(batch.words.gather(1, batch.places)[:, 1:], batch.answers[:, 1:])
    assert all(len(set(row)) == 7 for row in batch.words.tolist())
    before = Oracle(lambda w, _: w.roll(1, dims=1), 26)
    assert among_words.looked_up(before, batch) == 1.0
    assert among_words.lookup_loss(before, batch).item() < 1e-6


def test_a_chain_has_one_bit_a_word():
    words = next(among_words.chain_batches(9, seed=0, size=4000))
    steps = (words[:, 1:] - words[:, :-1]) % 8
    assert set(steps.flatten().tolist()) == {1, 3}
    part = (steps == 1).float().mean().item()
    bits = -part * math.log2(part) - (1 - part) * math.log2(1 - part)
    assert bits > 0.999
    assert (torch.corrcoef(steps.float().T) - torch.eye(8)).abs().max() < 0.1


def test_a_mask_reaches_the_model():
    seen = []

    def says(words, mask):
        seen.append(mask)
        return words % 10

    batch = next(among_words.partner_batches(2, seed=0, size=3))
    among_words.looked_up(Oracle(says, 10), batch, torch.ones(3, 1, 4, dtype=torch.bool))
    assert seen[0].shape == (3, 1, 4)


def test_words_are_spelled_and_read():
    text = "a0 A4 c7 j9 J9"
    assert among_words.numbered(text).tolist() == [0, 104, 27, 99, 199]
    assert " ".join(among_words.spelled(among_words.numbered(text))) == text
    every = torch.arange(among_words.WORDS)
    assert torch.equal(among_words.numbered(" ".join(among_words.spelled(every))), every)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: among_words.numbered(" , "), "Write words"),
        (lambda: among_words.numbered("a4 k7"), "“k7” is no word"),
        (lambda: among_words.numbered("a44"), "“a44” is no word"),
        (lambda: next(among_words.partner_batches(11, seed=0)), "from 1 to 10"),
    ],
)
def test_what_cannot_be_asked_is_refused(call, told):
    with pytest.raises(ValueError, match=told):
        call()


def test_a_lookup_is_a_tuple_of_three():
    assert Lookup._fields == ("words", "answers", "places")


def test_links_lead_from_each_word_to_its_partner():
    batch = next(among_words.partner_batches(4, seed=3, size=5))
    for words, places in zip(batch.words, batch.places, strict=True):
        links = among_words.partner_links(words)
        assert dict(links) == dict(enumerate(places.tolist()))
        assert len(links) == len(words)
    assert among_words.partner_links(among_words.numbered("A4 c7 a9 A5")) == [
        (0, 2),
        (2, 0),
        (2, 3),
        (3, 2),
    ]
    assert among_words.partner_links(among_words.numbered("J0 b1")) == []  # 19 and 1, not partners
