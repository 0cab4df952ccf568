"""Stories and questions as tensors of word numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from lecture_utils.data.babi.stories import Example, words
from lecture_utils.data.check import integer


class Batch(NamedTuple):
    """B questions, each with its story.

    Sentences that several stories share stand here once.

    Attributes:
        sentences: (U, W) long, the word numbers of each different sentence, 0 behind the last
            word; row 0 is the empty sentence.
        story: (B, S) long, rows of `sentences` in the order told; 0 before the first.
        question: (B, W) long, word numbers, 0 behind the last word.
        answer: (B,) long, a word number.
        support: (B, F) long, places in `story` of the facts that the answer follows from, in the
            order in which they are used; -1 where there is none, or it is forgotten.
    """

    sentences: Tensor
    story: Tensor
    question: Tensor
    answer: Tensor
    support: Tensor


def tokens(examples: Iterable[Example]) -> list[str]:
    """All words of stories, questions and answers, sorted; the first is the empty word ``""``."""
    found = set()
    for example in examples:
        found.add(example.answer)
        for text in (*example.story, example.question):
            found.update(words(text))
    return ["", *sorted(found)]


class Questions:
    """Examples in tensors, to draw batches from.

    Args:
        examples: at least one; all their words must be among `tokens`.
        tokens: the words by number, ``""`` first.
        slots: the last sentences of a story that are kept.
        width: words of a sentence, W; by default as many as the longest has.

    Raises:
        ValueError: no examples, an empty story, a fact that is none of its sentences, a word
            without a number or with two, or a sentence that is too long.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        tokens: Sequence[str],
        slots: int = 50,
        width: int | None = None,
    ) -> None:
        if not examples:
            raise ValueError("examples is empty; pass at least one")
        if not tokens or tokens[0] != "":
            raise ValueError('tokens[0] must be "", the number of empty places')
        if twice := sorted(token for token, count in Counter(tokens).items() if count > 1):
            raise ValueError(f"tokens must differ from each other; twice: {twice}")
        integer("slots", slots, 1)
        if width is not None:
            integer("width", width, 1)
        for i, example in enumerate(examples):
            _check(i, example)
        self.examples, self.tokens = list(examples), list(tokens)
        self._ids = {token: i for i, token in enumerate(tokens)}
        rows: dict[str, int] = {"": 0}
        stories = [
            [rows.setdefault(text, len(rows)) for text in example.story[-slots:]]
            for example in examples
        ]
        asked = [rows.setdefault(example.question, len(rows)) for example in examples]
        told = [self._encode(text) for text in rows]
        longest = max(map(len, told))
        if width is not None and longest > width:
            raise ValueError(f"A sentence may have {width} words; one has {longest}.")
        self._rows = torch.tensor([[*t, *[0] * ((width or longest) - len(t))] for t in told])
        most = max(map(len, stories))
        self._stories = torch.tensor([[0] * (most - len(story)) + story for story in stories])
        facts = max(1, *(len(example.support) for example in examples))
        self._support = torch.full((len(examples), facts), -(10**9))
        for i, example in enumerate(examples):
            for k, fact in enumerate(example.support):  # places counted from the end: -1 is last
                self._support[i, k] = fact - len(example.story)
        self._asked = torch.tensor(asked)
        self._answers = torch.tensor([*self._encode_answers()])

    def _encode(self, text: str) -> list[int]:
        unknown = [word for word in words(text) if word not in self._ids]
        if unknown:
            raise ValueError(f"The word {unknown[0]!r} in {text!r} is none of the known words.")
        return [self._ids[word] for word in words(text)]

    def _encode_answers(self) -> Iterator[int]:
        for example in self.examples:
            if example.answer not in self._ids:
                raise ValueError(f"The answer {example.answer!r} is none of the known words.")
            yield self._ids[example.answer]

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def width(self) -> int:
        """Words of a sentence, W."""
        return self._rows.shape[1]

    def batch(self, which: Sequence[int] | Tensor | slice) -> Batch:
        """The examples with these numbers."""
        story = self._stories[which]
        longest = int((story != 0).sum(dim=-1).max())
        story = story[:, story.shape[1] - longest :]
        used, places = torch.cat([story.new_zeros(1), story.flatten()]).unique(return_inverse=True)
        question = self._rows[self._asked[which]]
        rows = self._rows[used]
        support = (self._support[which] + longest).clamp(min=-1)
        return Batch(rows, places[1:].view_as(story), question, self._answers[which], support)

    def batches(self, size: int, seed: int) -> Iterator[Batch]:
        """Batches without end: all examples in random order, then again in another.

        Args:
            size: examples of a batch; what is left of a round is left out.
            seed: of the orders; a non-negative integer below 2**63.
        """
        if integer("size", size, 1) > len(self):
            raise ValueError(f"size is from 1 to {len(self)}, the number of examples; got {size}")
        if integer("seed", seed, 0) >= 2**63:
            raise ValueError(f"seed is {seed}; pass an integer below 2**63")
        drawn = torch.Generator().manual_seed(seed)
        while True:
            order = torch.randperm(len(self), generator=drawn)
            for i in range(0, len(self) - size + 1, size):
                yield self.batch(order[i : i + size])


def _check(i: int, example: Example) -> None:
    """Refuse an example without a story, or whose facts are none of its sentences."""
    if not example.story:
        raise ValueError(f"examples[{i}] has an empty story; pass at least one sentence")
    for fact in example.support or ():
        if not isinstance(fact, int) or not 0 <= fact < len(example.story):
            raise ValueError(
                f"examples[{i}].support holds {fact!r}; pass positions in its story of "
                f"{len(example.story)} sentences, counted from 0"
            )
