"""Every data set has three splits: what trains, what chooses, what judges."""

from __future__ import annotations

from itertools import combinations

import pytest

from lecture_utils.data import babi, digits, facts, numerals, pronunciations, scenes
from lecture_utils.data.pairs import Pair


def splits_of_numerals() -> dict[str, set]:
    return {
        split: {p.source for p in numerals.pairs(1500, "en", "de", seed=seed, split=split)}
        for seed, split in enumerate(numerals.SPLITS)
    }


def splits_of_babi() -> dict[str, set]:
    """Questions with their stories; of task 1, where two seeds often make the same one."""
    return {
        split: {(e.story, e.question) for e in babi.simulate(1, 2000, seed=seed, split=split)}
        for seed, split in enumerate(babi.SPLITS)
    }


def splits_of_facts() -> dict[str, set]:
    """The facts that are asked for: every subject has one object, so a pair names them."""
    told = [facts.Fact(f"land {i}", "has capital", f"town {i}") for i in range(400)]
    return {
        split: {frozenset((q.name, *q.answers)) for q in questions}
        for split, questions in facts.split(told)._asdict().items()
    }


def splits_of_pronunciations() -> dict[str, set]:
    words = [Pair(tuple(f"{i}"), ("T",)) for i in range(2000)]
    parts = pronunciations.split(words, seed=0)
    return dict(zip(("train", "dev", "test"), map(set, parts), strict=True))


def splits_of_digits() -> dict[str, set]:
    return {
        split: {picture.tobytes() for picture in digits.load(split).images.numpy()}
        for split in digits.SPLITS
    }


def splits_of_scenes() -> dict[str, set]:
    return {
        split: {picture.tobytes() for picture in scenes.stamps(split).images.numpy()}
        for split in digits.SPLITS
    }


@pytest.mark.parametrize(
    "splits",
    [
        *(splits_of_numerals, splits_of_babi, splits_of_facts, splits_of_pronunciations),
        splits_of_digits,
        splits_of_scenes,
    ],
)
def test_three_splits_have_nothing_in_common(splits) -> None:
    parts = splits()
    assert set(parts) == {"train", "dev", "test"}
    for one, other in combinations(parts, 2):
        assert parts[one]
        assert parts[other]
        assert not parts[one] & parts[other], f"{one} and {other}"


def test_without_splits_the_simulator_repeats_itself() -> None:
    first, second = (
        {(e.story, e.question) for e in babi.simulate(1, 3000, seed=s)} for s in (0, 1)
    )
    assert first & second  # so the test above can fail


def test_the_splits_are_all_there_is() -> None:
    assert set().union(*splits_of_facts().values()) == {
        frozenset((f"land {i}", f"town {i}")) for i in range(400)
    }
    assert len(set().union(*splits_of_pronunciations().values())) == 2000
    for pair in numerals.pairs(500, "en", "de", seed=0):
        assert numerals.split_of(pair.source) in numerals.SPLITS
        assert numerals.held_out(pair.source) == (numerals.split_of(pair.source) != "train")
    together = babi.simulate(2, 300, seed=4)
    parts = [e for split in babi.SPLITS for e in babi.simulate(2, 300, seed=4, split=split)]
    assert set(together) <= set(parts)


def test_a_split_of_the_simulator_is_what_it_says() -> None:
    for split in babi.SPLITS:
        for example in babi.simulate([1, 20], 50, seed=0, split=split):
            assert babi.split_of(example) == split
    with pytest.raises(ValueError, match='split is "train"'):
        babi.simulate(1, 1, seed=0, split="held out")
