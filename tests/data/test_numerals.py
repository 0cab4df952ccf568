from __future__ import annotations

import contextlib
import doctest
import hashlib
import json
import re
from collections import Counter
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lecture_utils.data import numerals
from lecture_utils.data.numerals import (
    LANGUAGES,
    VALUES,
    links,
    orthography,
    pairs,
    read,
    read_list,
    reading,
    sample_list,
    spell,
    spell_list,
    spelling,
    stream,
    streams,
)
from tests.data.oracle import is_upstream_error, numbers, oracle_mismatches

COUNT = 20_000
languages = st.sampled_from(list(LANGUAGES))
any_number = st.integers(1, 10).flatmap(lambda digits: st.integers(0, min(10**digits, 10**9)))
steady = settings(deadline=None)  # a busy machine is not an error
each_language = pytest.mark.parametrize("language", LANGUAGES)


# --- spelling --------------------------------------------------------------------------------


@pytest.mark.no_cover  # tens of thousands of calls: to trace each costs as much as the test
@pytest.mark.parametrize("language", ["en", "fr", "ko"])
def test_agrees_with_the_oracle(language: str) -> None:
    pytest.importorskip("num2words", reason="num2words is the oracle")
    assert oracle_mismatches(language, COUNT) == []


@pytest.mark.no_cover
def test_agrees_with_the_oracle_in_german_but_for_its_known_error() -> None:
    pytest.importorskip("num2words", reason="num2words is the oracle")
    mismatches = oracle_mismatches("de", COUNT)
    errors = [number for number in numbers(COUNT) if is_upstream_error(number)]
    assert [number for number, _, _ in mismatches] == errors
    assert len(errors) > 100
    for _, ours, theirs in mismatches:
        right = theirs.replace("einstausend", "eintausend").replace("eins Mill", "eine Mill")
        assert ours == right


@pytest.mark.parametrize(
    ("number", "language", "words"),
    [
        (748_000, "en", "seven hundred forty eight thousand"),
        (748_000, "de", "sieben hundert acht und vierzig tausend"),
        (1, "de", "eins"),
        (1_101_001, "de", "eine million ein hundert ein tausend eins"),
        (2_000_000, "de", "zwei millionen"),
        (97, "fr", "quatre vingt dix sept"),
        (280_280, "fr", "deux cent quatre vingt mille deux cent quatre vingts"),
        (71_200, "fr", "soixante et onze mille deux cents"),
        (748_000, "ko", "칠 십 사 만 팔 천"),
        (110_010_000, "ko", "일 억 천 일 만"),
        (10**9, "ko", "십 억"),
    ],
)
def test_spells(number: int, language: str, words: str) -> None:
    assert spell(number, language) == tuple(words.split())


def test_orthography() -> None:
    assert orthography(748_000, "de") == "siebenhundertachtundvierzigtausend"
    assert orthography(1_000_001, "en") == "one million and one"
    assert orthography(np.int64(97), "fr") == "quatre-vingt-dix-sept"


def test_docstring_examples() -> None:
    results = [doctest.testmod(module) for module in (spelling, reading)]
    assert sum(result.attempted for result in results) >= 4
    assert not any(result.failed for result in results)


def test_values_are_json_and_cover_every_word() -> None:
    assert json.loads(json.dumps(VALUES)) == VALUES
    for language, values in VALUES.items():
        used = {word for number in numbers(6000) for word in spell(number, language)}
        assert used | {"and"} == set(values) | {"and"}


# --- reading ---------------------------------------------------------------------------------


@steady
@given(any_number, languages)
def test_read_is_the_inverse_of_spell(number: int, language: str) -> None:
    words = spell(number, language)
    value, morphemes = read(words, language)
    assert value == number
    assert tuple(morpheme.text for morpheme in morphemes) == words


@steady
@given(st.data(), languages)
def test_read_accepts_only_what_spell_writes(data: st.DataObject, language: str) -> None:
    words = data.draw(st.lists(st.sampled_from(list(VALUES[language])), min_size=1, max_size=5))
    value = None
    with contextlib.suppress(ValueError):
        value, _ = read(words, language)
    assert value is None or spell(value, language) == tuple(words)


@pytest.mark.parametrize(
    ("words", "language", "strange", "instead"),
    [
        ("hundred hundred", "en", "hundred", "two hundred"),
        ("forty thirty", "en", "forty", "seventy"),
        ("five six", "en", "five", "eleven"),
        ("thousand million", "en", "thousand", "one billion"),
        ("one hundred and two", "en", "and", "one hundred two"),
        ("zero one", "en", "zero", "one"),
        ("five zero", "en", "zero", "five"),
        ("ein", "de", "ein", "eins"),
        ("vierzig und acht", "de", "vierzig", "acht und vierzig"),
        ("zwei million", "de", "million", "zwei millionen"),
        ("deux cent", "fr", "cent", "deux cents"),
        ("quatre vingt", "fr", "vingt", "quatre vingts"),
        ("vingt un", "fr", "un", "vingt et un"),
        ("일 만", "ko", "일", "만"),
        ("two billion", "en", "two", "over 1000000000"),
        ("seven houndred", "en", "houndred", "not a number word in English"),
    ],
)
def test_read_names_the_word_and_says_what_to_write(
    words: str, language: str, strange: str, instead: str
) -> None:
    with pytest.raises(ValueError, match=rf"^'{strange}' .*{instead}"):
        read(words.split(), language)


@steady
@given(any_number, languages)
def test_every_word_but_a_joining_one_spells_something(number: int, language: str) -> None:
    for text, digits, marks in read(spell(number, language), language)[1]:
        assert bool(digits | marks) == (VALUES[language][text] is not None)


@steady
@given(any_number, languages)
def test_the_spelled_powers_are_those_of_the_digits(number: int, language: str) -> None:
    spelled = [power for m in read(spell(number, language), language)[1] for power in m.digits]
    powers = {power for power, digit in enumerate(reversed(str(number))) if digit != "0"}
    assert set(spelled) == (powers or {0})
    if language != "fr":  # only French says one digit with several words
        assert len(spelled) == len(set(spelled))


@steady
@given(any_number, st.sampled_from(["en", "de", "ko"]))
def test_the_number_can_be_rebuilt_from_its_digits(number: int, language: str) -> None:
    rebuilt = 0
    for text, digits, marks in read(spell(number, language), language)[1]:
        value = VALUES[language][text]
        if digits:
            rebuilt += value * 10 ** max(digits) // 10 ** (len(str(value)) - 1)
        if value is not None and value >= 10:
            assert len(marks) == 1
    assert rebuilt == number


@steady
@given(st.lists(any_number, min_size=1, max_size=5), languages)
def test_lists_read_back(list_of_numbers: list[int], language: str) -> None:
    assert read_list(spell_list(list_of_numbers, language), language) == tuple(list_of_numbers)


# --- links -----------------------------------------------------------------------------------


@steady
@given(st.lists(any_number, min_size=1, max_size=4))
def test_english_and_german_are_linked_one_to_one_but_for_und(list_of_numbers: list[int]) -> None:
    english, german = (spell_list(list_of_numbers, language) for language in ("en", "de"))
    found = links(list_of_numbers, "en", "de")
    assert sorted(s for _, s in found) == list(range(len(english)))
    assert sorted(t for t, _ in found) == [t for t, word in enumerate(german) if word != "und"]


@steady
@given(st.lists(any_number, min_size=1, max_size=3), languages, languages)
def test_links_turn_with_the_languages(numbers: list[int], source: str, target: str) -> None:
    turned = {(s, t) for t, s in links(numbers, target, source)}
    assert links(numbers, source, target) == turned


@pytest.mark.parametrize(
    ("number", "language", "expected"),
    [  # each word of the target, and the words of the English source that it is linked with
        (
            748_213,
            "de",
            "sieben=seven hundert=hundred acht=eight und= vierzig=forty tausend=thousand "
            "zwei=two hundert=hundred dreizehn=thirteen",
        ),
        (
            748_213,
            "ko",
            "칠=seven 십=hundred 사=forty 만=forty 팔=eight 천=thousand 이=two 백=hundred "
            "십=thirteen 삼=thirteen",
        ),
        (97, "fr", "quatre=ninety vingt=ninety dix=ninety sept=seven"),
        (95, "fr", "quatre=ninety vingt=ninety quinze=ninety+five"),
        (71, "fr", "soixante=seventy et= onze=seventy+one"),
        (10_000, "ko", "만=ten"),
        (100_000, "ko", "십=one+hundred 만="),
        (0, "ko", "영=zero"),
    ],
)
def test_links_by_hand(number: int, language: str, expected: str) -> None:
    english, words = spell(number, "en"), spell(number, language)
    linked = [[] for _ in words]
    for target, source in sorted(links([number], "en", language)):
        linked[target].append(english[source])
    assert " ".join(f"{w}={'+'.join(e)}" for w, e in zip(words, linked, strict=True)) == expected


def test_links_of_a_list_keep_the_items_apart() -> None:
    # vingt et un , quatre vingts  <-  twenty one , eighty
    assert links([21, 80], "en", "fr") == {(0, 0), (2, 1), (3, 2), (4, 3), (5, 3)}


# --- samples ---------------------------------------------------------------------------------


@each_language
def test_every_length_is_met_exactly(language: str) -> None:
    rng = np.random.default_rng(0)
    for length in range(1, 61):
        for largest in (100, 2026, 999_999, 10**9):
            sample = sample_list(rng, length, language, largest)
            assert len(spell_list(sample, language)) == length
            assert max(sample) <= largest


def test_all_numbers_of_digits_occur() -> None:
    rng = np.random.default_rng(0)
    digits = Counter(len(str(n)) for _ in range(1000) for n in sample_list(rng, 30, "en"))
    assert set(digits) == set(range(1, 10))
    assert max(digits.values()) < 4 * min(digits.values())


def test_a_small_range_is_covered() -> None:
    rng = np.random.default_rng(0)
    samples = [sample_list(rng, length, "en", 30) for length in range(1, 30) for _ in range(20)]
    assert {n for sample in samples for n in sample} == set(range(31))


def test_pairs_are_translations_with_the_lengths_asked_for() -> None:
    found = pairs(300, "de", "ko", seed=3, lengths=[4, 9], largest=999_999)
    assert {len(pair.source) for pair in found} == {4, 9}
    for pair in found:
        assert read_list(pair.source, "de") == read_list(pair.target, "ko")


def test_the_same_seed_gives_the_same_pairs_everywhere() -> None:
    found = pairs(500, "en", "ko", seed=7)
    assert found == list(islice(stream("en", "ko", seed=7), 500))
    assert found != pairs(500, "en", "ko", seed=8)
    text = "\n".join(" ".join(pair.source + pair.target) for pair in found)
    checksum = hashlib.sha256(text.encode()).hexdigest()
    assert checksum.startswith("1189f73abba204ea")


# --- bad input -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [True, 1.0, -1, 10**9 + 1, "7", None, np.float64(3)])
def test_refuses_what_is_no_number(number: object) -> None:
    for call in (spell, orthography):
        with pytest.raises(ValueError, match=r"number is .* from 0 to 1000000000"):
            call(number, "en")
    with pytest.raises(ValueError, match="number is"):
        spell_list([1, number], "en")
    with pytest.raises(ValueError, match="number is"):
        links([number], "en", "de")


@pytest.mark.parametrize("language", ["es", "EN", "", None, ["en"]])
def test_refuses_an_unknown_language_and_names_the_known_ones(language: object) -> None:
    rng = np.random.default_rng(0)
    for call in (
        lambda: spell(1, language),
        lambda: orthography(1, language),
        lambda: read(["one"], language),
        lambda: links([1], "en", language),
        lambda: sample_list(rng, 3, language),
        lambda: stream("en", language, seed=0),
        lambda: pairs(1, language, "en", seed=0),
    ):
        with pytest.raises(ValueError, match=r"'en' \(English\).*'ko' \(Korean\)"):
            call()


@pytest.mark.parametrize("words", [[], (), "one", ["on e"], [","], [None], [["one"]]])
def test_refuses_what_are_no_words(words: object) -> None:
    with pytest.raises(ValueError, match=r"words is|is not a number word"):
        read(words, "en")


@pytest.mark.parametrize("words", ["", ",", ", one", "one ,", "one , , two"])
def test_refuses_an_empty_item(words: str) -> None:
    with pytest.raises(ValueError, match=r"item \d is empty"):
        read_list(words.split(), "en")


def test_refuses_a_list_without_numbers() -> None:
    with pytest.raises(ValueError, match="numbers is empty"):
        spell_list([], "en")
    with pytest.raises(ValueError, match="numbers is empty"):
        links([], "en", "de")
    with pytest.raises(ValueError, match="pass a list"):
        read_list("one", "en")


@pytest.mark.parametrize("length", [0, -3, True, 2.0])
def test_refuses_a_length_that_is_none(length: object) -> None:
    with pytest.raises(ValueError, match=r"length is .* at least 1"):
        sample_list(np.random.default_rng(0), length, "en")
    with pytest.raises(ValueError, match=r"length is .* at least 1"):
        stream("en", "de", seed=0, lengths=[5, length])


def test_refuses_a_length_that_cannot_be() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="no list of numbers up to 99 has length 2"):
        sample_list(rng, 2, "de", 99)
    assert sample_list(rng, 2, "de", 100) == (100,)
    assert len(spell_list(sample_list(rng, 2, "en", 21), "en")) == 2


def test_refuses_other_bad_arguments_at_the_call() -> None:
    with pytest.raises(ValueError, match="lengths is empty"):
        stream("en", "de", seed=0, lengths=[])
    with pytest.raises(ValueError, match="seed is -1"):
        stream("en", "de", seed=-1)
    with pytest.raises(ValueError, match="seed is True"):
        pairs(1, "en", "de", seed=True)
    with pytest.raises(ValueError, match="count is -1"):
        pairs(-1, "en", "de", seed=0)
    with pytest.raises(ValueError, match="largest is 1000000001"):
        pairs(1, "en", "de", seed=0, largest=10**9 + 1)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("748 213, 95", (748_213, 95)),
        ("1'000", (1000,)),
        ("12\u202f345\u2019678", (12_345_678,)),
        ("Seven HUNDRED and forty-eight", (748,)),
        ("seven hundred forty–eight", (748,)),
        ("\u200b748\u00ad 213\ufeff", (748_213,)),
        ("７４８，forty", (748, 40)),
        ("0, zero", (0, 0)),
        (" 1000000000 ", (10**9,)),
    ],
)
def test_parse_reads_what_people_type(text, numbers):
    assert numerals.parse(text) == numbers


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The field is empty: write a number"),
        (",", "There is only a comma"),
        ("4,,5", "Number 2 of the list is empty"),
        ("1,000", "begins with a zero"),
        ("1000000001", "too large"),
        ("9" * 5000, "too large"),
        ("banana", "“banana” is not a number word"),
        ("<script>", "“<script>” is not a number word"),
        ("하나", "“하나” is in a script the model has not learnt: write digits or English"),
        ("five six", "“five six” does not form a number"),
        ("and", "“and” does not form a number"),
        ("-", "“-” does not form a number"),
        ("'", "is not a number"),
        ("-5", "“-5” is below zero"),
        ("\N{MINUS SIGN}5", "is below zero"),
        ("7 bananas", "“bananas” is not a number word"),
        ("3.5", "“3.5” is not a whole number: write one"),
        ("1 2", "“1 2” is not one number. A comma parts two numbers"),
    ],
)
def test_parse_says_what_is_wrong(text, message):
    with pytest.raises(ValueError, match=re.escape(message)) as refused:
        numerals.parse(text)
    assert str(refused.value).endswith(".")  # a reader sees it beside the field


@pytest.mark.parametrize("language", numerals.LANGUAGES)
def test_parse_reads_what_spell_writes(language):
    for number in (0, 21, 97, 10_000, 748_213, 10**9):
        assert numerals.parse(" ".join(numerals.spell(number, language)), language) == (number,)


def test_one_sentence_in_twenty_chooses_and_one_judges() -> None:
    everything = Counter(
        numerals.split_of(pair.source)
        for pair in numerals.pairs(5000, "en", "de", seed=3, lengths=range(5, 31))
    )
    assert set(everything) == set(numerals.SPLITS)
    for split in ("dev", "test"):
        assert 0.04 < everything[split] / 5000 < 0.06


@pytest.mark.parametrize(("language", "shortest"), [("en", 1), ("de", 3), ("fr", 3), ("ko", 3)])
@pytest.mark.parametrize("split", numerals.SPLITS)
def test_all_splits_have_sentences_of_every_length(language, shortest, split):
    for length in range(shortest, 8):
        (pair,) = numerals.pairs(1, language, "en", seed=0, lengths=[length], split=split)
        assert len(pair.source) == length


def test_a_split_without_a_sentence_is_said(monkeypatch):
    monkeypatch.setattr(streams, "SPLIT_TRIES", 50)
    assert numerals.held_out(["zero"])
    with pytest.raises(ValueError, match="no sentence of length 1 is in the split 'train'"):
        numerals.pairs(1, "en", "de", seed=0, lengths=[1], largest=0, split="train")
    with pytest.raises(ValueError, match='split is "train"'):
        numerals.pairs(1, "en", "de", seed=0, split="development")
