"""Vocabularies, padding, batches."""

from itertools import count, islice

import pytest
import torch

from lecture_utils.data.pairs import END, PAD, START, UNKNOWN, Pair, Vocabulary, batches, collate

WORDS = Vocabulary(["a", "b", "c"])


def test_encode_and_decode():
    assert WORDS.encode(["c", "a", "x"]) == [6, 4, UNKNOWN]
    assert WORDS.decode([START, 6, 4, PAD, END, 5]) == ["c", "a"]
    assert len(WORDS) == 7
    with pytest.raises(ValueError, match=r"twice: \['a'\]"):
        Vocabulary(["a", "b", "a"])


def test_collate():
    batch = collate([Pair(("a",), ("b", "c")), Pair(("b", "c"), ())], WORDS, WORDS)
    assert batch.source.tolist() == [[4, PAD], [5, 6]]
    assert batch.mask.tolist() == [[True, False], [True, True]]
    assert batch.target.tolist() == [[START, 5, 6, END], [START, END, PAD, PAD]]
    with pytest.raises(ValueError, match="pairs is empty"):
        collate([], WORDS, WORDS)
    with pytest.raises(ValueError, match=r"pairs\[1\].source is empty"):
        collate([Pair(("a",), ()), Pair((), ("a",))], WORDS, WORDS)


def pairs():
    for i in count():
        yield Pair(("a",) * (1 + i * 7 % 10), ("b",))


def test_batches_hold_every_pair_once_and_waste_little():
    made = list(batches(islice(pairs(), 203), WORDS, WORDS, size=10))
    assert sum(len(b.source) for b in made) == 203
    assert sum(b.mask.sum().item() for b in made) == sum(
        len(p.source) for p in islice(pairs(), 203)
    )
    filled = sum(b.mask.sum() for b in made) / sum(b.mask.numel() for b in made)
    assert filled > 0.9
    lengths = [b.source.shape[1] for b in made]
    assert lengths != sorted(lengths)


def test_batches_are_endless_and_deterministic():
    first = next(batches(pairs(), WORDS, WORDS, size=4))
    again = next(batches(pairs(), WORDS, WORDS, size=4))
    assert torch.equal(first.source, again.source)
    with pytest.raises(ValueError, match="at least 1"):
        next(batches(pairs(), WORDS, WORDS, size=0))
