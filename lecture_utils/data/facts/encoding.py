"""Numbers for tokens: what a model reads of questions and slots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from lecture_utils.data.facts.knowledge import Knowledge, Question, Slot


class Encoder:
    """Numbers for words, for names, and for names as values, in this order; 0 is padding.

    A name has two numbers, one where it is found and one where it is given, as the centre of a
    window in Miller et al. 2016, section 3.2.

    Args:
        knowledge: gives the names; every name is a candidate for the answer.
        slots: of the memory; all tokens of their keys get numbers.
        questions: for training; all their words get numbers.
    """

    def __init__(
        self, knowledge: Knowledge, slots: Iterable[Slot], questions: Iterable[Question]
    ) -> None:
        self.tokenize, names = knowledge.tokenize, knowledge.names
        words = {token for slot in slots for token in slot.key}
        words |= {token for question in questions for token in self.tokenize(question.text)}
        self.tokens = ["<pad>", *sorted(words - {*names}), *names, *names]
        self.names = names
        self.size, self.drawn = len(self.tokens), 2 * len(names)
        self._ids = {token: i for i, token in enumerate(self.tokens[: -len(names)])}
        self._value = {name: self.size - len(names) + i for i, name in enumerate(names)}

    @property
    def candidates(self) -> Tensor:
        """All names as values, (C, 1)."""
        return torch.tensor([[self._value[name]] for name in self.names])

    def questions(self, questions: Sequence[Question] | Sequence[str]) -> Tensor:
        """Tokens (B, T) of questions; words without a number are left out."""
        texts = [q if isinstance(q, str) else q.text for q in questions]
        return _pad([[self._ids.get(t, 0) for t in self.tokenize(text)] for text in texts])

    def unknown(self, text: str) -> str:
        """Which words of a text have no number, and what may be meant: a sentence, or nothing.

        "The model does not know “kenia”: did you mean “Kenya”?"
        """
        strange = [token for token in dict.fromkeys(self.tokenize(text)) if token not in self._ids]
        if not strange:
            return ""
        said = ", ".join(f"“{w[:30]}…”" if len(w) > 30 else f"“{w}”" for w in strange[:2])
        more = f" and {len(strange) - 2} more" if len(strange) > 2 else ""
        meant = self._meant(text, strange)
        hint = "." if meant is None else f": did you mean “{meant}”?"
        return f"The model does not know {said}{more}{hint}"

    def _meant(self, text: str, strange: list[str]) -> str | None:
        """The longest name that stands in the text in other letters, or what is spelt nearly so."""
        told = f" {' '.join(_words(text))} "
        spelled = {" ".join(_words(name)): name for name in self.names}
        for plain in sorted(spelled, key=len, reverse=True):
            if f" {plain} " in told and {*plain.split()} & {*strange}:
                return spelled[plain]
        (word, *others) = strange
        if others or not word.isalpha() or len(word) > 20:
            return None
        lower = {token.lower(): token for token in self._ids if token != "<pad>"}
        nearest = min(lower, key=lambda token: _distance(word, token))
        return lower[nearest] if _distance(word, nearest) <= min(2, (len(word) + 1) // 4) else None

    def right(self, questions: Sequence[Question]) -> Tensor:
        """Which candidates are right, bool (B, C)."""
        place = {name: i for i, name in enumerate(self.names)}
        right = torch.zeros(len(questions), len(self.names), dtype=torch.bool)
        for row, question in enumerate(questions):
            right[row, [place[answer] for answer in question.answers]] = True
        return right

    def keys(self, slots: Sequence[Slot]) -> Tensor:
        """Tokens (S, W) of the keys."""
        return _pad([[self._ids[token] for token in slot.key] for slot in slots])

    def values(self, slots: Sequence[Slot]) -> Tensor:
        """Tokens (S, 1) of the values."""
        return torch.tensor([[self._value[slot.value]] for slot in slots])


def _pad(rows: list[list[int]]) -> Tensor:
    width = max([1, *map(len, rows)])
    return torch.tensor([row + [0] * (width - len(row)) for row in rows])


def _words(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text)]


def _distance(a: str, b: str) -> int:
    """How many letters must change, come or go between two words."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        following = [i]
        for j, other in enumerate(b, 1):
            changed = row[j - 1] + (letter != other)
            following.append(min(row[j] + 1, following[-1] + 1, changed))
        row = following
    return row[-1]
