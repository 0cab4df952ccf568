"""The page's names, words and key hashing are the package's; what it refuses, and how."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from lecture_utils.data import facts
from lecture_utils.models.kv_memnn import hashed, inverted_index
from tests.node import Node

FREQUENT, MOST = 200, 160


@cache
def world() -> facts.Knowledge:
    return facts.load()


@cache
def parts() -> facts.Split:
    return facts.split(world().facts)


@cache
def encoder() -> facts.Encoder:
    return facts.Encoder(world(), facts.kb(world().facts), parts().train)


@pytest.fixture(scope="module")
def page(node: Node) -> Node:
    """What the page runs, in Node.js, with a memory."""
    node.load("knowledge", "lecture_utils/live/key_value_memory.js")
    names = world().names
    spec = {
        "words": encoder().tokens[: -2 * len(names)], "names": list(names),
        "aliases": world().aliases, "limits": {"frequent": FREQUENT, "slots": MOST},
    }  # fmt: skip
    base = {
        "slots": [[*slot.key, slot.value] for slot in facts.kb(world().facts)],
        "wordings": facts.WORDINGS,
    }
    node.evaluate("told => { globalThis.memory = knowledge.memory(...told) }", [spec, base])
    return node


ODD = [
    "", " ", "?", "???", "KENYA", "Kenya", "Kenya's", "x_Kenya", "Kenya_", "_", "don't’t", "a’b",
    "Guinea-Bissau or Guinea?", "Cote d'Ivoire.", "UK, US and Britain", "group 1", "group 13",
    "in 1963, 1964", "Saint John's", "naïve Ünïcode", "Ⅷ ½ ² ٣", "e\u0301", "ΟΔΟΣ.", "İstanbul",
    "칠백 Kenya 케냐", "\ufeffKenya\u200b", "𝟗𝟗 𐐀", "<script>alert(1)</script>",
    "__proto__ constructor",
    "Kenya " * 300, "x" * 10_000, "Kenya Uganda Tanzania United Kingdom France Spain Europe Africa",
    "Asia Europe Africa Oceania United Kingdom English French Spanish Portuguese Arabic 1960",
]  # fmt: skip


def asked() -> list[str]:
    """Every question of the data, a typing error in some, and what nobody should write."""
    texts = [question.text for part in parts() for question in part]
    cut = [text[: len(text) // 2] + text[len(text) // 2 + 1 :] for text in texts[::7]]
    return [*texts, *cut, *(text.lower() for text in texts[::7]), *ODD]


def test_questions_become_the_same_tokens(page: Node) -> None:
    texts = asked()
    assert len(texts) > 5_000
    found = page.evaluate("texts => texts.map(memory.tokenize)", texts)
    assert found == [world().tokenize(text) for text in texts]
    numbers = page.evaluate(
        "texts => texts.map((text) => memory.tokenize(text).map(memory.number))", texts
    )
    wanted = encoder().questions(texts).tolist()
    wide = len(wanted[0])
    assert [row + [0] * (wide - len(row)) for row in numbers] == wanted


def test_values_have_the_same_numbers(page: Node) -> None:
    names = list(world().names)
    found = page.evaluate("names => names.map(memory.value)", names)
    assert found == encoder().candidates.flatten().tolist()


@pytest.mark.parametrize(("frequent", "most"), [(FREQUENT, MOST), (3, 2), (40, 7), (1, 160)])
def test_hashing_finds_the_same_slots(page: Node, frequent: int, most: int) -> None:
    texts = asked()
    found = page.evaluate(
        """([texts, frequent, most]) => {
          const index = knowledge.invertedIndex(memory.slots, frequent);
          return texts.map((text) => knowledge.hashed(memory.tokenize(text), index, most));
        }""",
        [texts, frequent, most],
    )
    index = inverted_index(encoder().keys(facts.kb(world().facts)), frequent)
    slots, mask = hashed(encoder().questions(texts), index, most)
    wanted = [row[kept].tolist() for row, kept in zip(slots, mask, strict=True)]
    assert found == wanted
    assert any(found)


def test_unknown_words_are_told_alike(page: Node) -> None:
    texts = [text for text in asked()[::9] + ODD if len(text) < 500]
    texts += ["Urugay", "capitl of Kenia", "in 1999", "united arab emirates", "cote d'ivoire"]
    found = page.evaluate("texts => texts.map((text) => knowledge.unknown(text, memory))", texts)
    assert found == [encoder().unknown(text) for text in texts]
    assert sum("did you mean" in said for said in found) > 50


def parse(page: Node, question: str) -> dict[str, Any]:
    return page.evaluate(
        """(question) => {
          try { return knowledge.parse(question, memory) }
          catch ({ message, faults }) { return { error: message, faults } }
        }""",
        question,
    )


NOTHING = "No slot holds a word of this question; nothing was read."


@pytest.mark.parametrize(
    ("question", "error", "fault"),
    [
        (" ", "There is no question: write one.", "empty"),
        ("???", f"{NOTHING} Name something that the memory knows.", "nothing found"),
        ("What is the capital?", f"{NOTHING} Name something that the memory knows.",
         "nothing found"),
        ("Who is kenya", f"{NOTHING} The model does not know “kenya”: did you mean “Kenya”?",
         "nothing found"),
    ],
)  # fmt: skip
def test_nonsense_is_answered_in_words(page: Node, question: str, error: str, fault: str) -> None:
    assert parse(page, question) == {"error": error, "faults": [["question", fault]]}


def test_an_unknown_word_beside_a_name_is_left_out_and_it_is_said(page: Node) -> None:
    told = parse(page, "Please, what is the capital of Kenya?")
    assert len(told["found"]) == 7
    assert told["message"] == ("The model does not know “please”. The question was read without.")
    assert parse(page, "What is the capital of Kenya?")["message"] == ""
