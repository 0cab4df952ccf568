"""Pairs of sequences: words in, words out; a vocabulary; padded batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import torch
from torch import Tensor

from lecture_utils.data.check import integer

PAD, START, END, UNKNOWN = range(4)
SPECIALS = ("<pad>", "<start>", "<end>", "<unknown>")


class Pair(NamedTuple):
    """A source sequence and the target sequence that it should be turned into."""

    source: tuple[str, ...]
    target: tuple[str, ...]


class Batch(NamedTuple):
    """B pairs, padded.

    Attributes:
        source: (B, S) long, `PAD` behind each sequence.
        mask: (B, S) bool, True on the words.
        target: (B, T) long, each row ``<start> ... <end>``, `PAD` behind.
    """

    source: Tensor
    mask: Tensor
    target: Tensor


class Vocabulary:
    """Numbers for words. The four special tokens come first: pad, start, end, unknown.

    Args:
        tokens: the words, without the special ones; the order fixes the numbers.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = [*SPECIALS, *tokens]
        self._ids = {token: i for i, token in enumerate(self.tokens)}
        if len(self._ids) != len(self.tokens):
            twice = sorted({t for t in self.tokens if self.tokens.count(t) > 1})
            raise ValueError(f"tokens must differ from each other; twice: {twice}")

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, words: Iterable[str]) -> list[int]:
        """The number of each word; `UNKNOWN` for a word that is not in the vocabulary."""
        return [self._ids.get(word, UNKNOWN) for word in words]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The words up to the first `END`, without start and padding."""
        words = []
        for i in map(int, ids):
            if i == END:
                break
            if i not in (PAD, START):
                words.append(self.tokens[i])
        return words


def _pad(rows: Sequence[Sequence[int]]) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([[*row, *[PAD] * (width - len(row))] for row in rows])


def collate(pairs: Sequence[Pair], source: Vocabulary, target: Vocabulary) -> Batch:
    """Encode and pad B pairs into one `Batch`."""
    if not pairs:
        raise ValueError("pairs is empty; pass at least one pair")
    empty = next((i for i, pair in enumerate(pairs) if not pair.source), None)
    if empty is not None:
        raise ValueError(f"pairs[{empty}].source is empty; a source needs at least one word")
    sources = _pad([source.encode(pair.source) for pair in pairs])
    targets = _pad([[START, *target.encode(pair.target), END] for pair in pairs])
    return Batch(sources, sources != PAD, targets)


def batches(
    pairs: Iterable[Pair], source: Vocabulary, target: Vocabulary, size: int, pool: int = 20
) -> Iterator[Batch]:
    """Batches of similar source length, as in Bahdanau et al. 2015, appendix B.2.

    Of every `pool` x `size` pairs the sorted order fills `pool` batches, so that little is
    padding. The batches of a pool come in a fixed random order, not by length.

    Args:
        pairs: any iterable, endless or not; the last batches may be smaller.
        source: vocabulary of the sources.
        target: vocabulary of the targets.
        size: pairs in a batch.
        pool: batches that are sorted together.
    """
    integer("size", size, 1)
    integer("pool", pool, 1)
    stream = iter(pairs)
    while chunk := list(islice(stream, size * pool)):
        chunk.sort(key=lambda pair: (len(pair.source), len(pair.target)))
        groups = [chunk[i : i + size] for i in range(0, len(chunk), size)]
        order = torch.randperm(len(groups), generator=torch.Generator().manual_seed(len(chunk)))
        for i in order.tolist():
            yield collate(groups[i], source, target)
