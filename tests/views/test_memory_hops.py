"""The Python side of the memory view."""

from __future__ import annotations

import base64
import html
import io
import re
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from lecture_utils.data import babi
from lecture_utils.views import MemoryHops
from lecture_utils.views.base import WIDGET_VIEW

from .memory_example import QUESTION, STORY, TASKS, WEIGHTS, hops
from .test_alignment import HOSTILE, html_of, state_of


def asked(story: list[str], question: str) -> dict[str, Any]:
    """A model that reads the last sentence, once."""
    if "elephant" in question:
        raise ValueError("The model does not know “elephant”.")
    return {
        "weights": np.eye(len(story))[-1:],
        "answers": {story[-1].split()[-1].rstrip("."): 0.9, "nowhere": 0.1},
        "message": f"{len(story)} read",
    }


# What is shown


def test_the_bundle_serves_three_homes() -> None:
    data, metadata = hops()._repr_mimebundle_()
    assert list(data) == [WIDGET_VIEW, "text/html", "image/png", "text/plain"]
    assert metadata == {}
    assert data["text/plain"] == hops().summary()
    again = hops()._repr_mimebundle_()[0]
    assert {k: v for k, v in data.items() if k != WIDGET_VIEW} == (
        {k: v for k, v in again.items() if k != WIDGET_VIEW}
    )


def test_the_summary_is_in_words_without_fragile_numbers() -> None:
    assert hops().summary() == (
        "5 sentences, then the question “Where is the milk?” The answer is “garden”, and it is "
        "right. Most weight: hop 1 reads sentence 2, hop 2 reads sentence 3, hop 3 reads "
        "sentence 3. Both gold facts were read."
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"truth": "office"}, "The answer is “garden”, not “office”."),
        ({"truth": None}, "The answer is “garden”. Most"),
        ({"gold": [0, 1]}, "1 of the 2 gold facts was read."),
        ({"gold": [0, 3, 4]}, "None of the 3 gold facts was read."),
        ({"gold": [0, 1, 2]}, "2 of the 3 gold facts were read."),
        ({"gold": [1]}, "The gold fact was read."),
        ({"gold": [4]}, "The gold fact was not read."),
        ({"gold": None}, "hop 3 reads sentence 3."),
        ({"gold": []}, "hop 3 reads sentence 3."),
        ({"weights": WEIGHTS / 3}, "hop 1 reads the empty slots, hop 2 reads the empty"),
        ({"weights": WEIGHTS[:, 1:], "dropped": 1}, "does not hold the oldest 1. Most weight: hop "
         "1 reads sentence 2"),
        ({"noun": "fact"}, "5 facts, then"),
    ],
)  # fmt: skip
def test_the_summary_follows_what_is_shown(changed: dict[str, Any], words: str) -> None:
    summary = hops(**changed).summary()
    assert words in summary
    assert ("gold" in summary) == bool({"gold": [1], **changed}["gold"])


def test_the_table_holds_the_numbers_beside_the_sentences() -> None:
    table = hops().table()
    row = '<tr><th scope="row">2</th><td>John picked up the milk there. <b>gold</b></td>'
    assert f"{row}<td>0.88</td><td>0.05</td><td>0.02</td></tr>" in table
    assert table.count("<tr>") == 1 + 5 + 1
    assert "<td>empty slots</td><td>0.01</td><td>0.02</td><td>0.02</td>" in table
    full = WEIGHTS / WEIGHTS.sum(axis=1, keepdims=True)
    assert "empty slots" not in hops(weights=full).table()


def test_a_long_table_holds_what_counts() -> None:
    story = [f"Mary went to room{i}." for i in range(200)]
    weights = np.zeros((1, 200))
    weights[0, 150] = 1
    table = hops(story=story, weights=weights, gold=[199]).table()
    assert table.count("<tr>") == 1 + 60 + 1
    assert "room150.</td><td>1.00</td>" in table
    assert "room199. <b>gold</b>" in table
    assert "and 140 more" in table


def test_the_picture_is_drawn_also_of_a_long_story() -> None:
    sizes = []
    for view in (hops(), hops(story=STORY * 40, weights=np.tile(WEIGHTS, 40) / 40, gold=[0])):
        data = base64.b64decode(view._repr_mimebundle_()[0]["image/png"])
        picture = Image.open(io.BytesIO(data))
        assert "Software" not in picture.info
        sizes.append(picture.size)
    assert sizes[0][1] < sizes[1][1] < 1200


def test_text_never_becomes_markup() -> None:
    view = MemoryHops(
        [[1.0]], [HOSTILE], HOSTILE, {HOSTILE: 1.0}, truth=HOSTILE, title=HOSTILE, noun=HOSTILE,
        message=HOSTILE, live=[(HOSTILE, HOSTILE)], tasks={1: HOSTILE},
    )  # fmt: skip
    text = html_of(view)
    assert text.count("</script>") == 1
    assert "<img src=x" not in text
    state = state_of(text)
    assert state["story"] == [HOSTILE]
    assert state["answers"] == [[HOSTILE, 1.0]]
    assert html.escape(HOSTILE) in view.table()


# What is sent


def test_the_state_is_bytes_and_words() -> None:
    state = hops(live="stories", tasks=TASKS, task=2).state
    sent = np.frombuffer(state["weights"], "<u2").reshape(state["shape"]) / 65535
    assert np.abs(sent - WEIGHTS).max() < 1e-5
    told = {k: v for k, v in state.items() if k not in ("weights", "packing")}
    assert told == {
        "title": "Two facts", "noun": "sentence", "who": "model", "kind": "task",
        "editable": True, "message": "",
        "asks": [], "tells": False, "tasks": [[1, "one fact"], [2, "two facts"]], "task": 2,
        "shape": [3, 5], "story": STORY, "question": QUESTION, "gold": [1, 2], "truth": "garden",
        "answers": [["garden", 0.97], ["hallway", 0.01], ["kitchen", 0.01]], "dropped": 0,
    }  # fmt: skip


def test_tensors_and_pairs_are_taken() -> None:
    weights = torch.tensor(WEIGHTS, requires_grad=True)
    pairs = [("kitchen", torch.tensor(0.01)), ("garden", torch.tensor(0.97))]
    view = hops(weights=weights, answers=pairs)
    assert view.state["weights"] == hops().state["weights"]
    assert view.state["answers"] == [["garden", 0.97], ["kitchen", 0.01]]


def test_the_first_task_is_chosen_unless_another_is() -> None:
    assert hops(live="stories", tasks=TASKS).state["task"] == 1
    assert hops(live="stories").state["tasks"] == []


# What is refused


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weights": WEIGHTS[0]}, r"weights: has shape \(5,\); pass \(K, S\)"),
        ({"weights": np.zeros((0, 5))}, r"weights: has shape \(0, 5\)"),
        ({"weights": WEIGHTS[:, 1:]}, r"weights: has 4 columns for a story of 5 sentences"),
        ({"dropped": 1}, r"weights: has 5 columns for a story of 5 sentences, 1 of them dropped"),
        ({"dropped": 5}, r"dropped: is 5; pass how many of the 5 sentences"),
        ({"dropped": -1}, r"dropped: is -1"),
        ({"weights": WEIGHTS + 0.04}, r"weights: hop 1 sums to 1\.190; pass at most 1"),
        ({"weights": WEIGHTS - 0.5}, r"weights: values lie in"),
        ({"story": "Mary went."}, r"story: pass a list of strings"),
        ({"story": []}, r"story: is empty"),
        ({"question": None}, r"question: pass a string"),
        ({"truth": 3}, r"truth: pass a list of strings"),
        ({"answers": {}}, r"answers: pass at least one word"),
        ({"answers": ["garden"]}, r"answers: pass a mapping word -> probability"),
        ({"answers": {"garden": 2}}, r"answers: values lie in"),
        ({"gold": [5]}, r"gold: 5 is none of the 5 sentences"),
        ({"gold": [-1]}, r"gold: -1 is none"),
        ({"gold": ["one"]}, r"gold: pass positions"),
        ({"live": 3}, r"live: pass the name"),
        ({"ask": "model"}, r"ask: pass a function of story and question"),
        ({"new_story": lambda task: None}, r"new_story: pass a function .* `ask` and `tasks` too"),
        ({"tasks": TASKS}, r"tasks: pass `live` or `new_story` too"),
        ({"tasks": {"1": "x"}, "live": "m"}, r"tasks: pass a mapping number -> name"),
        ({"tasks": TASKS, "live": "m", "task": 7}, r"task: 7 is none of `tasks`"),
    ],
)  # fmt: skip
def test_bad_input_is_named(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hops(**changed)


# The reader's own story, with a kernel


def test_an_edit_is_answered_with_a_new_state() -> None:
    view = hops(ask=asked, live="stories")
    assert view.state["asks"] == [""]
    view.request = {"n": 1, "story": [*STORY, " ", "Mary fled to Rome."], "question": " Where? "}
    state = view.state
    assert state["story"] == [*STORY, "Mary fled to Rome."], "empty lines are left out"
    assert state["question"] == "Where?"
    assert state["answers"][0] == ["Rome", 0.9]
    assert (state["gold"], state["truth"], state["dropped"]) == (None, None, 0)
    assert (state["message"], state["n"], state["title"]) == ("6 read", 1, "Two facts")
    assert view.summary().endswith("The answer is “Rome”. Most weight: hop 1 reads sentence 6.")


def test_the_kernel_may_know_the_truth_and_drop_sentences() -> None:
    answer = {"weights": [[0, 1]], "answers": [("x", 1)], "gold": [4], "truth": "x", "dropped": 3}
    view = hops(ask=lambda story, question: answer)
    view.request = {"n": 2, "story": STORY, "question": QUESTION}
    assert "error" not in view.reply
    assert view.summary().endswith("hop 1 reads sentence 5. The gold fact was read.")


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"story": [], "question": QUESTION}, "The story is empty: write a sentence."),
        ({"story": ["", "  "], "question": QUESTION}, "The story is empty: write a sentence."),
        ({"story": STORY, "question": " "}, "There is no question: write one."),
        ({"story": STORY, "question": "elephant?"}, "The model does not know “elephant”."),
        ({"task": 1}, "new_story: nobody tells stories here; pass a function of the task"),
    ],
)
def test_an_error_is_told_and_the_last_result_stays(request_: dict, error: str) -> None:
    view = hops(ask=asked)
    before = view.state
    view.request = {"n": 7, **request_}
    assert view.reply == {"n": 7, "error": error}
    assert view.state == before


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"weights": [[1, 0]]}, "ask: gave no answers"),
        ({**asked(STORY, ""), "colour": 1}, "ask: gave colour, which the view does not know"),
        ({**asked(STORY[1:], "")}, "weights: has 4 columns for a story of 5 sentences"),
    ],
)
def test_a_faulty_answer_reaches_the_reader(answer: dict[str, Any], error: str) -> None:
    view = hops(ask=lambda story, question: answer)
    view.request = {"n": 1, "story": STORY, "question": QUESTION}
    assert view.reply["error"] == error


def test_a_new_story_comes_with_its_facts_and_is_answered() -> None:
    tasks = {n: name for n, name in babi.TASKS.items() if n < 3}
    view = hops(ask=asked, new_story=lambda task: babi.simulate(task, 1, seed=5)[0], tasks=tasks)
    assert view.state["tells"]
    view.request = {"n": 3, "task": 2}
    told = babi.simulate(2, 1, seed=5)[0]
    state = view.state
    assert (tuple(state["story"]), state["question"]) == (told.story, told.question)
    assert (state["gold"], state["truth"]) == (sorted(told.support), told.answer)
    assert state["tasks"] == [[1, "single-supporting-fact"], [2, "two-supporting-facts"]]


def test_a_story_without_facts_is_told() -> None:
    view = hops(ask=asked, new_story=lambda task: (STORY, QUESTION), tasks=TASKS)
    view.request = {"n": 1, "task": 1}
    assert view.reply["error"] == "new_story: gave no (sentences, question, answer, positions)"


def test_the_reader_chooses_between_functions() -> None:
    other = lambda story, question: {**asked(story, question), "message": "other"}  # noqa: E731
    view = hops(ask={"one": asked, "two": other})
    assert view.state["asks"] == ["one", "two"]
    view.request = {"n": 1, "story": STORY, "question": QUESTION, "label": "two"}
    assert view.state["message"] == "other"


# A memory that is fixed


def slots(**changed: Any) -> MemoryHops:
    """Two slots that a question found, two of them gold."""
    told = {
        "weights": [[0.5, 0.4, 0.1]], "story": ["a + b → c", "a + b → d", "a + e → f"],
        "question": "B of a?", "answers": {"c": 0.6, "d": 0.4}, "gold": [0, 1],
        "truth": ["c", "d"], "noun": "slot", "editable": False,
    }  # fmt: skip
    return MemoryHops(**{**told, **changed})


def found(question: str) -> dict[str, Any]:
    """A memory that knows one thing."""
    if "x" in question:
        raise ValueError("No slot.")
    return {"story": [f"{question} → y"], "weights": [[1]], "answers": {"y": 1}, "truth": ["y"]}


def test_what_a_question_found_is_told() -> None:
    assert slots().summary() == (
        "3 slots, found by the question “B of a?” The answer is “c”, and it is right. "
        "Most weight: hop 1 reads slot 1. A gold fact was read; each of the 2 is an answer."
    )
    wrong = slots(answers={"f": 1}, weights=[[0, 0, 1]]).summary()
    assert "The answer is “f”, not “c” or “d”." in wrong
    assert wrong.endswith("None of the 2 gold facts was read.")


def test_every_question_brings_its_own_slots() -> None:
    view = slots(ask=found, new_question=lambda n: f"q{n}", tasks=TASKS)
    assert (view.state["editable"], view.state["tells"]) == (False, True)
    view.request = {"n": 1, "question": " why? "}
    assert (view.state["story"], view.state["question"]) == (["why? → y"], "why?")
    assert (view.state["truth"], view.state["noun"]) == (["y"], "slot")
    view.request = {"n": 2, "task": 2}
    assert (view.state["story"], view.state["question"]) == (["q2 → y"], "q2")
    before = view.state
    for question, error in (("x", "No slot."), (" ", "There is no question: write one.")):
        view.request = {"n": 3, "question": question}
        assert view.reply == {"n": 3, "error": error}
        view.reply = {}
    assert view.state == before
    unanswered = slots(ask=lambda question: {"weights": [[1]], "answers": {"y": 1}})
    unanswered.request = {"n": 1, "question": "why?"}
    assert unanswered.reply["error"] == "ask: gave no story"
    unanswered.request = {"n": 2, "task": 1}
    assert unanswered.reply["error"].startswith("new_question: nobody asks anything here")


@pytest.mark.parametrize(
    "changed", [{"new_story": lambda n: ()}, {"editable": True, "new_question": lambda n: ""}]
)
def test_what_is_drawn_suits_the_memory(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="new_story if the story is editable, else new_question"):
        slots(ask=found, tasks=TASKS, **changed)


def test_the_figure_holds_picture_caption_table_and_state() -> None:
    text = html_of(hops())
    assert text.startswith('<figure class="lecture-view" data-view="memory_hops"><script')
    assert re.findall(r"<(figcaption|details|summary|table|script)", text) == (
        ["script", "figcaption", "details", "summary", "table"]
    )
    assert " id=" not in text
