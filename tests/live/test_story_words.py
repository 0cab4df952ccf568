"""The page's words of stories are the package's; what it refuses, and how it says so."""

from __future__ import annotations

from typing import Any

import pytest

from lecture_utils.data import babi
from tests.node import Node
from tests.views.fake_memory import SLOTS, WIDE, tokens


@pytest.fixture(scope="module")
def page(node: Node) -> Node:
    """What the page runs, in Node.js."""
    node.load("text", "lecture_utils/live/text.js")
    node.load("stories", "lecture_utils/live/story_memory.js")
    spec = {"tokens": tokens(), "limits": {"slots": SLOTS, "words": WIDE}}
    node.evaluate("spec => { globalThis.spec = spec }", spec)
    return node


def test_sentences_are_split_alike(page: Node) -> None:
    asked = [
        text
        for told in babi.simulate(range(1, 21), 20, seed=2)
        for text in (*told.story, told.question, told.answer)
    ]
    assert len(asked) > 3_000
    found = page.evaluate("asked => asked.map((sentence) => text.words(sentence))", asked)
    assert found == [babi.words(text) for text in asked]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "?", " . ", "?!.", "Where is Mary ?", "Where is Mary?  ", "Mary.. .", "a. b.",
        ".a", "apple,milk", "MARY went\tTO\nthe kitchen!", "a\xa0b", "a\u3000b\x1cc\x85d.",
        "\ufeffMary\ufeff", "ΟΔΟΣ.", "İstanbul?", "ǅ", "Ⅷ", "ß", "don't.", "a\u200bb",
        "\u2028a\u2029",
        "<script>alert(1)</script>", "칠백", "__proto__", "x" * 3000 + "?" * 3000 + " y",
    ],
    ids=lambda text: ascii(text)[:20],
)  # fmt: skip
def test_odd_text_is_split_alike(page: Node, text: str) -> None:
    assert page.evaluate("sentence => text.words(sentence)", text) == babi.words(text)


def test_every_question_of_the_tasks_is_taken_as_one(page: Node) -> None:
    asked = sorted({told.question for told in babi.simulate(range(1, 21), 100, seed=4)})
    for question in asked:
        assert parse(page, ["Mary went to the kitchen."], question)["message"] == "", question


def parse(page: Node, lines: list[str], question: str = "Where is Mary?") -> dict[str, Any]:
    return page.evaluate(
        """([lines, question]) => {
          try {
            return stories.parse({ story: lines, question }, spec);
          } catch ({ message, faults }) { return { error: message, faults } }
        }""",
        [lines, question],
    )


GOOD = "Mary went to the kitchen."


def test_words_become_their_numbers(page: Node) -> None:
    known = tokens()
    told = parse(page, [GOOD, "John moved  to the garden"])
    numbers = lambda text: [known.index(word) for word in babi.words(text)]  # noqa: E731
    assert told == {
        "story": [GOOD, "John moved  to the garden"],
        "lines": [numbers(GOOD), numbers("john moved to the garden")],
        "asked": numbers("where is mary"), "dropped": 0, "message": "",
    }  # fmt: skip


NONSENSE = {
    "no story": ([], "Where?", "The story is empty: write a sentence.", []),
    "only white space": (["", "  "], "Where?", "The story is empty: write a sentence.", []),
    "an empty line before": (
        ["", "Mary zzz."], "Where?", "The model does not know “zzz” (sentence 2).",
        [[1, "unknown word"]],
    ),
    "no question": ([GOOD], "", "There is no question: write one", [["question", "empty"]]),
    "only a mark": ([GOOD], "?", "There is no question: write one", [["question", "empty"]]),
    "unknown": (
        [GOOD, "Mary took the elephant."],
        "Where is Mary?",
        "The model does not know “elephant” (sentence 2).",
        [[1, "unknown word"]],
    ),
    "nearly known": (
        ["Mary went to the kichen."],
        "Where is Mary?",
        "The model does not know “kichen” (sentence 1): did you mean “kitchen”?",
        [[0, "unknown word"]],
    ),
    "several": (
        ["Ann went to the zoo.", "Bob fled."],
        "Where is Mary?",
        "The model does not know “ann” (sentence 1), “zoo” (sentence 1) and 2 more.",
        [[0, "unknown word"], [1, "unknown word"]],
    ),
    "long": (
        [GOOD, "mary " * 14],
        "Where is Mary?",
        "Sentence 2 has 14 words; the model reads 11 at most.",
        [[1, "too long"]],
    ),
    "long question": (
        [GOOD],
        "where is " + "mary " * 10,
        "The question has 12 words; the model reads 11 at most.",
        [["question", "too long"]],
    ),
    "all at once": (
        ["mary " * 12, "john " * 13, "Mary ate zebras."],
        "Where?",
        "Sentence 1 has 12 words; the model reads 11 at most. Sentence 2 has 13 words; the model "
        "reads 11 at most. And 1 more.",
        [[0, "too long"], [1, "too long"], [2, "unknown word"]],
    ),
    "markup": (
        ["<script>alert(1)</script>"],
        "Where?",
        "The model does not know “<script>alert(1)</script>” (sentence 1).",
        [[0, "unknown word"]],
    ),
    "script": (
        ["메리는 부엌에 갔다."],
        "Where?",
        "“메리는” (sentence 1) is in a script the model has not learnt.",
        [[0, "unknown word"]],
    ),
    "prototype": (
        ["__proto__ constructor"],
        "Where?",
        "The model does not know “__proto__” (sentence 1), “constructor” (sentence 1).",
        [[0, "unknown word"]],
    ),
    "endless": (
        ["x" * 100_000],
        "Where?",
        f"The model does not know “{'x' * 30}…” (sentence 1).",
        [[0, "unknown word"]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NONSENSE)
def test_nonsense_is_answered_in_words(page: Node, case: str) -> None:
    lines, question, words, faults = NONSENSE[case]
    told = parse(page, lines, question)
    assert words in told["error"]
    assert told["faults"] == faults


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (1, "The memory holds 50 sentences: the oldest one, sentence 1, is left out."),
        (350, "The memory holds 50 sentences: the oldest 350, sentences 1 to 350, are left out."),
    ],
)
def test_the_oldest_are_left_out_and_it_is_said(page: Node, extra: int, words: str) -> None:
    told = parse(page, ["Nobody knows these words."] * extra + [GOOD] * SLOTS)
    assert (told["dropped"], len(told["lines"]), told["message"]) == (extra, SLOTS, words)


def test_what_is_no_question_is_answered_all_the_same(page: Node) -> None:
    told = parse(page, [GOOD], "Mary went to the kitchen.")
    assert told["message"] == (
        "That does not begin like a question; the model answers it all the same."
    )
