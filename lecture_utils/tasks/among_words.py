"""Three tasks for a sequence that reads itself: ask the partner, name the word before, go on.

Words are numbers. A model gives logits (B, S, V) of words (B, S), as
`lecture_utils.models.self_attention.SelfAttention` does; everything runs where the model is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

LETTERS, DIGITS = 10, 10
WORDS = 2 * LETTERS * DIGITS
"""Words of the first task: a letter, small or capital, and a digit; ``a0`` is 0, ``J9`` 199."""

NOTHING = -100
"""The answer of a word that is not asked."""


class Lookup(NamedTuple):
    """Words that each have something to look up in their own sequence.

    Attributes:
        words: (B, S) numbers.
        answers: (B, S) what each is to say; `NOTHING` where it is not asked.
        places: (B, S) where that stands, counted from 0; its own place where it is not asked.
    """

    words: Tensor
    answers: Tensor
    places: Tensor


def partner_batches(pairs: int, seed: int, size: int = 64) -> Iterator[Lookup]:
    """Endless batches of 2 `pairs` words: each says the digit of its partner.

    Each letter stands there twice, small and capital, each time with a digit of its own.

    Args:
        pairs: of letters in a sequence, at most `LETTERS`.
        seed: another one gives other words.
        size: sequences in a batch.
    """
    if not 1 <= pairs <= LETTERS:
        raise ValueError(f"pairs must be from 1 to {LETTERS}, one a letter; got {pairs}")
    made = torch.Generator().manual_seed(seed)
    while True:
        letters = torch.rand(size, LETTERS, generator=made).argsort(dim=-1)[:, :pairs]
        letters = torch.cat([letters, letters + LETTERS], dim=1)  # small, then capital
        digits = torch.randint(DIGITS, (size, 2 * pairs), generator=made)
        order = torch.rand(size, 2 * pairs, generator=made).argsort(dim=-1)
        partner = torch.arange(2 * pairs).roll(pairs).expand(size, -1)
        now_at = order.argsort(dim=-1)
        yield Lookup(
            (letters * DIGITS + digits).gather(1, order),
            digits.gather(1, partner).gather(1, order),
            now_at.gather(1, partner.gather(1, order)),
        )


def spelled(words: Tensor) -> list[str]:
    """The words (S,) of the first task as they are read: ``a4``, ``C7``."""
    told = [divmod(word, DIGITS) for word in words.tolist()]
    return [chr(ord("aA"[n >= LETTERS]) + n % LETTERS) + str(digit) for n, digit in told]


def numbered(text: str) -> Tensor:
    """The words of a text as numbers, (S,).

    Raises:
        ValueError: a word that is no letter with a digit; says which, and what to write.
    """
    words = text.replace(",", " ").split()
    last = chr(ord("a") + LETTERS - 1)
    if not words:
        told = f"a letter from a to {last} and a digit"
        raise ValueError(f"Write words, such as A4 c7 a9 C2: {told}.")
    for word in words:
        if not re.fullmatch(rf"[a-{last}A-{last.upper()}]\d", word):
            raise ValueError(f"“{word}” is no word: write a letter from a to {last} and a digit.")
    letters = [ord(word[0].lower()) - ord("a") + LETTERS * word[0].isupper() for word in words]
    return torch.tensor(letters) * DIGITS + torch.tensor([int(word[1]) for word in words])


def partner_links(words: Tensor) -> list[tuple[int, int]]:
    """True links (reads, is read) of words (S,) of the first task: one letter, small, capital."""
    letters = [word // DIGITS for word in words.tolist()]
    every = enumerate(letters)
    return [(i, j) for i, a in every for j, b in enumerate(letters) if abs(a - b) == LETTERS]


def before_batches(length: int, seed: int, size: int = 64, words: int = 26) -> Iterator[Lookup]:
    """Endless batches of `length` different words: each says the word before it; the first nothing.

    Args:
        length: of a sequence.
        seed: another one gives other words.
        size: sequences in a batch.
        words: that there are.
    """
    made = torch.Generator().manual_seed(seed)
    places = (torch.arange(length) - 1).clamp(min=0).expand(size, -1)
    while True:
        drawn = torch.rand(size, words, generator=made).argsort(dim=-1)[:, :length]
        nothing = torch.full((size, 1), NOTHING)
        yield Lookup(drawn, torch.cat([nothing, drawn[:, :-1]], dim=1), places)


def chain_batches(length: int, seed: int, size: int = 64, words: int = 8) -> Iterator[Tensor]:
    """Endless batches (B, length) in which one of two words follows, each as often: one bit a word.

    After word k comes k + 1 or k + 3, counted around.
    """
    made = torch.Generator().manual_seed(seed)
    while True:
        steps = 1 + 2 * torch.randint(2, (size, length), generator=made)
        steps[:, 0] = torch.randint(words, (size,), generator=made)
        yield steps.cumsum(dim=1) % words


def lookup_loss(model: nn.Module, batch: Lookup) -> Tensor:
    """Cross-entropy of the answers of the words that are asked."""
    logits = model(batch.words)
    return nn.functional.cross_entropy(
        logits.flatten(0, 1), batch.answers.flatten(), ignore_index=NOTHING
    )


@torch.no_grad()
def looked_up(model: nn.Module, batch: Lookup, mask: Tensor | None = None) -> float:
    """Part of the words that are asked whose answer is right.

    Args:
        model: gives logits (B, S, V) of words (B, S) and, where there is one, a mask.
        batch: what is asked.
        mask: bool (B, S or 1, S), True where a slot may be read.
    """
    device = next(model.parameters()).device
    given = [batch.words] if mask is None else [batch.words, mask]
    said = model(*(one.to(device) for one in given)).argmax(dim=-1).cpu()
    return (said == batch.answers)[batch.answers != NOTHING].float().mean().item()
