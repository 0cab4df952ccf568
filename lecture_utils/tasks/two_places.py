"""Two places of a row at once: what stands at this letter, and what at that one?

A row of words, each a letter and a digit, such as ``b3 e7 a0 d7``, and a question of two letters,
such as ``e a``: the answer is ``7 0``. Words and letters are numbers; all runs where the model is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lecture_utils.models.multi_head import MultiHead

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


def spelled(letters: Tensor, digits: Tensor) -> list[str]:
    """The words (S,) of one row as they are read: ``b3``, ``e7``."""
    pairs = zip(letters.tolist(), digits.tolist(), strict=True)
    return [chr(ord("a") + letter) + str(digit) for letter, digit in pairs]


def row_of(text: str) -> tuple[Tensor, Tensor]:
    """Letters and digits (S,) of a row that is written out, such as ``b3 e7 a0``.

    Raises:
        ValueError: fewer than two words, what is no word, or a letter twice; says what to write.
    """
    last, words = chr(ord("a") + LETTERS - 1), text.replace(",", " ").split()
    if len(words) < 2:
        raise ValueError(f"Write two words or more, each a letter from a to {last} and a digit.")
    for word in words:
        if not re.fullmatch(rf"[a-{last}]\d", word):
            raise ValueError(f"“{word}” is no word: write a letter from a to {last} and a digit.")
    letters = torch.tensor([ord(word[0]) - ord("a") for word in words])
    if len(letters.unique()) < len(letters):
        raise ValueError("A letter stands there twice: which of the two is asked for?")
    return letters, torch.tensor([int(word[1]) for word in words])


def questions_to(letters: Tensor, digits: Tensor, pairs: Sequence[tuple[int, int]]) -> Asked:
    """Questions to one row (S,), each for two of its places: a batch with a question a row."""
    places = torch.tensor(pairs)
    return Asked(
        letters.expand(len(pairs), -1),
        digits.expand(len(pairs), -1),
        letters[places],
        digits[places],
        places,
    )


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
        self.attention = MultiHead(features, heads, size)
        hidden = [nn.Linear(features, inner), nn.ReLU()] if inner else []
        self.readout = nn.Sequential(*hidden, nn.Linear(inner or features, 2 * DIGITS))

    def forward(self, letters: Tensor, digits: Tensor, question: Tensor) -> Tensor:
        """Scores (B, 2, 10) of both digits, from words (B, S) and a question (B, 2)."""
        memory = self.letter(letters) + self.digit(digits)  # (B, S, D)
        query = self.first(question[:, :1]) + self.second(question[:, 1:])  # (B, 1, D)
        return self.readout(self.attention(query, memory)).unflatten(-1, (2, DIGITS)).squeeze(1)


def _scored(model: nn.Module, batch: Asked) -> tuple[Tensor, Tensor]:
    """Scores (B, 2, 10) and answers (B, 2), where the model is."""
    there = next(model.parameters()).device
    letters, digits, question, answers, _ = (part.to(there) for part in batch)
    return model(letters, digits, question), answers


def both_loss(model: nn.Module, batch: Asked) -> Tensor:
    """Cross-entropy of the two digits, in nats, a scalar: the mean of both."""
    scores, answers = _scored(model, batch)
    return nn.functional.cross_entropy(scores.flatten(0, 1), answers.flatten())


def first_loss(model: nn.Module, batch: Asked) -> Tensor:
    """Cross-entropy of the first digit alone, in nats, a scalar."""
    scores, answers = _scored(model, batch)
    return nn.functional.cross_entropy(scores[:, 0], answers[:, 0])


@torch.no_grad()
def told(model: nn.Module, batch: Asked) -> tuple[float, float, float]:
    """Part of the questions whose first digit, second digit and both are told right."""
    scores, answers = _scored(model, batch)
    right = scores.argmax(dim=-1) == answers  # (B, 2)
    first, second = right.float().mean(dim=0).tolist()
    return first, second, right.all(dim=1).float().mean().item()
