"""The tasks of recall and copying: what is asked, what is right, what is learned."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lecture_utils.tasks import remembering


class Oracle(nn.Module):
    """Says what stands `back` places before each symbol; has a weight, so it has a device."""

    def __init__(self, back: int, vocabulary_size: int = 17) -> None:
        super().__init__()
        self.back, self.size = back, vocabulary_size
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, symbols):
        said = symbols.roll(self.back, dims=1)
        return 20 * self.weight * nn.functional.one_hot(said, self.size), None


def test_recall_asks_for_the_first_symbol():
    symbols, answer = next(remembering.recall_batches(5, seed=0, size=200))
    assert symbols.shape == (200, 7)
    assert torch.equal(symbols[:, 0], answer)
    assert set(answer.tolist()) == set(range(8))
    assert set(symbols[:, 1:-1].flatten().tolist()) == set(range(8, 16))
    assert (symbols[:, -1] == 16).all()


def test_copy_asks_for_all_symbols_in_order():
    inputs, symbols = next(remembering.copy_batches(4, seed=0, size=200))
    assert torch.equal(inputs[:, :4], symbols)
    assert (inputs[:, 4:] == 8).all()
    assert set(symbols.flatten().tolist()) == set(range(8))


@pytest.mark.parametrize("made", [remembering.recall_batches, remembering.copy_batches])
def test_a_seed_gives_the_same_batches_and_another_others(made):
    one, again, other = (next(made(6, seed=seed))[0] for seed in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_who_knows_the_answer_is_right_and_who_does_not_guesses():
    assert remembering.recall_accuracy(Oracle(11), 10) == 1
    assert remembering.recall_accuracy(Oracle(10), 10) == 0  # a noise is never a signal
    assert remembering.recall_accuracy(Oracle(1), 10) == 0
    assert remembering.copied_whole(Oracle(4, 9), 4) == 1
    assert remembering.copied_whole(Oracle(3, 9), 4) < 0.01


def test_losses_count_the_asked_places_alone():
    recall = next(remembering.recall_batches(10, seed=0))
    assert remembering.recall_loss(Oracle(11), recall) < 1e-6
    assert remembering.recall_loss(Oracle(10), recall) > 10
    copy = next(remembering.copy_batches(4, seed=0))
    assert remembering.copy_loss(Oracle(4, 9), copy) < 1e-6
    assert remembering.copy_loss(Oracle(3, 9), copy) > 5
