"""Two places of a row at once: what stands at this letter, and what at that one?

A row of words, each a letter and a digit, such as ``b3 e7 a0 d7``, and a question of two letters,
such as ``e a``: the answer is ``7 0``. Words and letters are numbers; all runs where the model is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lecture_utils.models.multi_head import HeadByHead

LETTERS, DIGITS = 8, 10


class Asked(NamedTuple):
    """Rows of words, and a question of two letters to each.

    Attributes:
        letters: (B, S) of the words, no letter twice in a row.
        digits: (B, S) of the words.
        question: (B, 2) letters that stand in the row, two different ones.
        answers: (B, 2) the digits that stand there, in the order of the question.
        places: (B, 2) where they stand, counted from 0.
    """

    letters: Tensor
    digits: Tensor
    question: Tensor
    answers: Tensor
    places: Tensor


def question_batches(words: int, seed: int, size: int = 128) -> Iterator[Asked]:
    """Endless batches of rows and questions; all letters, digits and orders are equally likely.

    Args:
        words: in a row, from 2 to `LETTERS`.
        seed: another one gives other rows.
        size: rows in a batch.
    """
    if not 2 <= words <= LETTERS:
        raise ValueError(f"words must be from 2 to {LETTERS}, one a letter; got {words}")
    made = torch.Generator().manual_seed(seed)
    while True:
        letters = torch.rand(size, LETTERS, generator=made).argsort(dim=-1)[:, :words]
        digits = torch.randint(DIGITS, (size, words), generator=made)
        places = torch.rand(size, words, generator=made).argsort(dim=-1)[:, :2]
        question, answers = letters.gather(1, places), digits.gather(1, places)
        yield Asked(letters, digits, question, answers, places)


class TwoPlaces(nn.Module):
    """One query reads the row with some heads; a readout tells both digits from what they read.

    Args:
        heads: how many, H.
        size: features of a head, d.
        features: of words and queries, D.
        inner: units of a layer with a ReLU before the scores; 0: the scores are linear in the read.
    """

    def __init__(self, heads: int, size: int, features: int = 32, inner: int = 0) -> None:
        super().__init__()
        self.letter, self.digit = nn.Embedding(LETTERS, features), nn.Embedding(DIGITS, features)
        self.first, self.second = nn.Embedding(LETTERS, features), nn.Embedding(LETTERS, features)
        self.attention = HeadByHead(features, heads, size)
        hidden = [nn.Linear(features, inner), nn.ReLU()] if inner else []
        self.readout = nn.Sequential(*hidden, nn.Linear(inner or features, 2 * DIGITS))

    def forward(self, letters: Tensor, digits: Tensor, question: Tensor) -> Tensor:
        """Scores (B, 2, 10) of both digits, from words (B, S) and a question (B, 2)."""
        memory = self.letter(letters) + self.digit(digits)  # (B, S, D)
        query = self.first(question[:, :1]) + self.second(question[:, 1:])  # (B, 1, D)
        return self.readout(self.attention(query, memory)).unflatten(-1, (2, DIGITS)).squeeze(1)


def both_loss(model: nn.Module, batch: Asked) -> Tensor:
    """Cross-entropy of the two digits, in nats, a scalar: the mean of both."""
    scores = model(batch.letters, batch.digits, batch.question)
    return nn.functional.cross_entropy(scores.flatten(0, 1), batch.answers.flatten())


def first_loss(model: nn.Module, batch: Asked) -> Tensor:
    """Cross-entropy of the first digit alone, in nats, a scalar."""
    scores = model(batch.letters, batch.digits, batch.question)
    return nn.functional.cross_entropy(scores[:, 0], batch.answers[:, 0])


@torch.no_grad()
def told(model: nn.Module, batch: Asked) -> tuple[float, float, float]:
    """Part of the questions whose first digit, second digit and both are told right."""
    device = next(model.parameters()).device
    given = (batch.letters, batch.digits, batch.question)
    said = model(*(one.to(device) for one in given)).argmax(dim=-1).cpu()
    right = said == batch.answers  # (B, 2)
    first, second = right.float().mean(dim=0).tolist()
    return first, second, right.all(dim=1).float().mean().item()
