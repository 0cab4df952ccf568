"""The page's number words are the package's: JavaScript against Python, on many numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lecture_utils.data import numerals
from tests.node import Node

SPEC = {
    "values": {"source": numerals.VALUES["en"]},
    "largest": 999_999_999,
    "most": 60,
}


@pytest.fixture(scope="module")
def page(node: Node) -> Node:
    """What the page runs, in Node.js."""
    node.load("numerals", "lecture_utils/live/numerals.js")
    node.evaluate("spec => { globalThis.spec = spec }", SPEC)
    return node


def numbers() -> list[int]:
    rng = np.random.default_rng(0)
    sizes = [rng.integers(10**d, 10 ** (d + 1), 150).tolist() for d in range(9)]
    edges = [0, 10**9, *(k * 10**d for d in range(9) for k in range(1, 10))]
    return sorted({*range(1_200), *edges, *(n for size in sizes for n in size)})


def test_english_is_spelled_alike(page: Node) -> None:
    asked = numbers()
    assert len(asked) > 2_000
    spelled = page.evaluate(
        "asked => asked.map((n) => numerals.spell(n, spec.values.source))", asked
    )
    assert spelled == [list(numerals.spell(n, "en")) for n in asked]


@pytest.mark.parametrize("language", numerals.LANGUAGES)
def test_every_language_is_read_alike(page: Node, language: str) -> None:
    asked = [list(numerals.spell(n, language)) for n in numbers()]
    found = page.evaluate(
        "([asked, values]) => asked.map((words) => numerals.read(words, values))",
        [asked, numerals.VALUES[language]],
    )
    for words, got in zip(asked, found, strict=True):
        number, morphemes = numerals.read(words, language)
        senses = [
            sorted([*(f"digit {p}" for p in m.digits), *(f"mark {p}" for p in m.marks)])
            for m in morphemes
        ]
        assert (got["number"], [sorted(s) for s in got["senses"]]) == (number, senses)


@pytest.mark.parametrize("target", numerals.LANGUAGES)
def test_links_are_the_gold_alignment(page: Node, target: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        listed = numerals.sample_list(rng, int(rng.integers(1, 30)), "en")
        rows, columns = (list(numerals.spell_list(listed, code)) for code in (target, "en"))
        values = {"source": numerals.VALUES["en"], "target": numerals.VALUES[target]}
        found = page.evaluate("([r, c, v]) => numerals.links(r, c, v)", [rows, columns, values])
        assert {tuple(link) for link in found} == numerals.links(listed, "en", target)


def parse(page: Node, text: str) -> dict[str, Any]:
    return page.evaluate(
        "text => { try { return numerals.parse(text, spec) }"
        " catch (error) { return { error: error.message } } }",
        text,
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("7", [7]),
        ("748 213, 95", [748_213, 95]),
        ("748\u202f213,95", [748_213, 95]),
        ("12'345'678", [12_345_678]),
        ("1’000", [1_000]),
        ("  0 , 999 999 999  ", [0, 999_999_999]),
        ("Seven Hundred AND Forty-Eight thousand", [748_000]),
        ("nineteen, twenty‑one", [19, 21]),
        ("one million and five", [1_000_005]),
        ("twenty–one", [21]),
        ("\u200b748\u00ad 213\ufeff", [748_213]),
        ("７４８，forty", [748, 40]),
    ],
)
def test_what_a_reader_may_type(page: Node, text: str, meant: list[int]) -> None:
    assert parse(page, text) == {"numbers": meant, "words": list(numerals.spell_list(meant, "en"))}


@pytest.mark.parametrize("number", [0, 7, 100, 101, 1_001, 48_312, 748_000, 999_999_999])
def test_orthography_is_understood(page: Node, number: int) -> None:
    """Without its commas: in the field, a comma parts two numbers."""
    text = numerals.orthography(number, "en").replace(",", " and")
    assert parse(page, text)["numbers"] == [number]


NONSENSE = {
    "": "The field is empty",
    "   ": "The field is empty",
    "seven bananas": "“bananas” is not a number word",
    "7 bananas": "“bananas” is not a number word",
    "2 000 000 000": "“2 000 000 000” is too large: the largest is 999\u202f999\u202f999",
    "one billion": "“one billion” is too large",
    "seven " * 500: "That is 500 words, commas counted; the model reads 60 at most",
    ", ".join(["748 213"] * 9): "That is 80 words, commas counted; the model reads 60 at most",
    ", ".join(["7"] * 31): "That is 61 words, commas counted",
    ", ".join(["seven"] * 100): "That is 199 words, commas counted",
    "7," * 400: "That is 800 words, commas counted",
    "seven " * 50: "“seven seven seven seven seven seven seve…” does not form a number",
    "칠백": "“칠백” is in a script the model has not learnt",
    "семь": "“семь” is in a script the model has not learnt",
    "७": "“७” is in a script the model has not learnt",
    "<script>alert(1)</script>": "“<script>alert(1)</script>” is not a number word",
    ",": "There is only a comma",
    "7,,8": "Number 2 of the list is empty",
    "7,": "Number 2 of the list is empty",
    "seven eight": "“seven eight” does not form a number",
    "hundred": "“hundred” does not form a number",
    "and": "“and” does not form a number",
    "1,000": "“000” begins with a zero. A comma parts two numbers: write 1 000",
    "7 thousand": "“7 thousand” does not form a number",
    "-5": "“-5” is below zero: the smallest number is 0",
    "−7 000": "“−7 000” is below zero",
    "constructor": "“constructor” is not a number word",
    "__proto__": "“__proto__” is not a number word",
}


@pytest.mark.parametrize(("text", "words"), NONSENSE.items(), ids=lambda text: text[:20])
def test_nonsense_is_answered_in_words(page: Node, text: str, words: str) -> None:
    error = parse(page, text).get("error", "")
    assert words in error
    assert len(error) < 240


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1e9", "“1e9” is not a whole number: write one"),
        ("7, 3.5", "“3.5” is not a whole number"),
        ("3.5 million", "“3.5” is not a whole number"),
        ("½", "“½” is not a whole number"),
        (".5", "“.5” is not a whole number"),
        ("21st", "“21st” is not a whole number"),
        ("21 32 43", "“21 32 43” is not one number. A comma parts two numbers"),
        ("1 2", "“1 2” is not one number"),
        ("100 00", "“100 00” is not one number"),
        ("1000'000", "“1000'000” is not one number"),
        ("5 hundred", "“5 hundred” does not form a number"),
    ],
)
def test_what_is_no_number_is_told_alike_in_page_and_notebook(
    page: Node, text: str, words: str
) -> None:
    error = parse(page, text)["error"]
    assert words in error
    assert refused(text) == error


def refused(text: str) -> str:
    """What the package says of a text that the page refuses."""
    with pytest.raises(ValueError) as said:  # noqa: PT011 - compared word by word
        numerals.parse(text, largest=SPEC["largest"], most=SPEC["most"])
    return str(said.value)


@pytest.mark.parametrize("text", NONSENSE, ids=lambda text: text[:20])
def test_a_notebook_answers_nonsense_in_the_same_words(page: Node, text: str) -> None:
    assert refused(text) == parse(page, text)["error"]


@pytest.mark.parametrize(
    ("rows", "meant", "told"),
    [
        ("sieben hundert acht und vierzig", [748], "✓ reads back as 748"),
        ("sieben tausend , neun", [7000, 9], "✓ reads back as 7\u202f000, 9"),
        ("sieben hundert", [748], "✗ reads back as 700; you wrote 748"),
        ("sieben sieben , neun", [77, 9], "✗ reads back as no number, 9; you wrote 77, 9"),
        (", neun", [1, 9], "✗ reads back as no number, 9; you wrote 1, 9"),
    ],
)
def test_the_answer_is_read_back(page: Node, rows: str, meant: list[int], told: str) -> None:
    values = {"target": numerals.VALUES["de"]}
    said = page.evaluate(
        "([r, n, v]) => numerals.readBack(r, { numbers: n }, v)", [rows.split(), meant, values]
    )
    assert said == told
    assert numerals.read_back(rows.split(), meant, "de") == told


def test_a_word_of_what_is_no_number_has_no_link(page: Node) -> None:
    rows, columns = ["sieben", "sieben", ",", "neun"], ["seventy", "seven", ",", "nine"]
    values = {"source": numerals.VALUES["en"], "target": numerals.VALUES["de"]}
    found = page.evaluate("([r, c, v]) => numerals.links(r, c, v)", [rows, columns, values])
    assert found == [[2, 2], [3, 3]]
    assert [*map(tuple, found)] == numerals.alike(rows, columns, "en", "de")


@pytest.mark.parametrize("number", [71, 75, 97, 71_095])
def test_a_french_number_that_spells_a_digit_twice_is_a_number(page: Node, number: int) -> None:
    rows = list(numerals.spell(number, "fr"))
    told = "✓ reads back as " + f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    assert numerals.read_back(rows, [number], "fr") == told
    values = {"target": numerals.VALUES["fr"]}
    asked = [rows, [number], values]
    said = page.evaluate("([r, n, v]) => numerals.readBack(r, { numbers: n }, v)", asked)
    assert said == told
    assert "no number" in numerals.read_back(rows, [number + 1], "fr")


@pytest.mark.parametrize("target", numerals.LANGUAGES)
def test_whatever_a_model_writes_is_understood_alike(page: Node, target: str) -> None:
    """Words in any order, right and wrong: the same links, and read back the same."""
    values = {"source": numerals.VALUES["en"], "target": numerals.VALUES[target]}
    rng = np.random.default_rng(5)
    words = [*numerals.VALUES[target], ",", ",", "<unknown>"]
    for _ in range(300):
        rows = [words[k] for k in rng.integers(len(words), size=rng.integers(1, 12))]
        meant = list(numerals.sample_list(rng, int(rng.integers(1, 8)), "en"))
        columns = list(numerals.spell_list(meant, "en"))
        said, links = page.evaluate(
            "([r, n, c, v]) => [numerals.readBack(r, { numbers: n }, v), numerals.links(r, c, v)]",
            [rows, meant, columns, values],
        )
        assert said == numerals.read_back(rows, meant, target), rows
        assert [tuple(link) for link in links] == numerals.alike(rows, columns, "en", target), rows
