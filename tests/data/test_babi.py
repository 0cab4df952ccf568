"""The bAbI simulator against an independent solver and the published files; the reader of those."""

from __future__ import annotations

import os
import re
import zlib
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path

import pytest

from lecture_utils.data import babi
from lecture_utils.data.babi.world import HOUSE, OBJECTS, TOWN
from tests.data.babi_oracle import answers

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("LECTURE_BABI") or ROOT.parent / "shared" / "data" / "babi")
TASKS = pytest.mark.parametrize("task", babi.TASKS)
needs_files = pytest.mark.skipif(
    not REAL.is_dir(), reason="the published files are not here; set LECTURE_BABI to their folder"
)

NAMES = (
    "Mary John Daniel Sandra Bill Fred Jeff Julie Sumit Antoine Yann Jason Emily Gertrude Jessica "
    "Winona Bernhard Brian Greg Julius Lily"
)
KINDS = {name: "A" for name in (NAMES + " " + NAMES.lower()).split()}
KINDS |= dict.fromkeys({*HOUSE, *TOWN}, "P")
KINDS |= dict.fromkeys({*OBJECTS, "pajamas"}, "O")

FAR = {  # how far two distributions may be apart, as the sum of what one has more than the other
    "words": 0.03,
    "statements": 0.05,
    "questions": 0.05,
    "answers": 0.08,
    "gaps": 0.06,
    "lengths": 0.08,
    "facts": 0.06,
    "ages": 0.05,
}
LARGE = {
    5: {"ages": 0.14},
    12: {"ages": 0.11},
    15: {"ages": 0.1},
    17: {"statements": 0.25, "questions": 0.16},
    18: {"statements": 0.08, "questions": 0.12, "ages": 0.11},
    19: {"ages": 0.12},
}
"""Where more is allowed: which of several possible questions is asked we don't know so exactly; and
of tasks 17 and 18 there are many templates and few stories, so chance alone is nearly as large."""


def real(task: int) -> list[list[babi.Line]]:
    files = [REAL / f"qa{task}_{babi.TASKS[task]}_{split}.txt" for split in ("train", "test")]
    return [story for file in files for story in babi.read(file)]


def template(text: str) -> str:
    return " ".join(KINDS.get(word, word) for word in re.findall(r"\w+", text))


def profile(stories: list[list[babi.Line]]) -> dict[str, Counter]:
    """What may be compared of two sets of stories."""
    found: dict[str, Counter] = defaultdict(Counter)
    for story in stories:
        gap, told, when = 0, 0, {}
        for number, line in enumerate(story, 1):
            found["words"].update(babi.words(line.text))
            if line.answer is None:
                gap, told = gap + 1, told + 1
                when[number] = told
                found["statements"][template(line.text)] += 1
                continue
            found["questions"][template(line.text)] += 1
            found["answers"][line.answer] += 1
            found["gaps"][min(gap, 30)] += 1
            found["lengths"][min(told, 60) // 3] += 1
            found["facts"][len(line.support)] += 1
            found["ages"].update(min(10, told - when[fact]) for fact in line.support)
            gap = 0
    return found


def apart(one: Counter, other: Counter) -> float:
    """The total variation distance."""
    keys = one.keys() | other.keys()
    return sum(abs(one[k] / one.total() - other[k] / other.total()) for k in keys) / 2


@TASKS
def test_answers_follow_from_the_text(task):
    made = babi.simulate(task, 1000, seed=3)
    assert len(made) == 1000
    wrong = [example for example in made if example.answer not in answers(example)]
    assert not wrong


# Of task 3 the facts leave out who picked the object up; that of task 16 is a guess, no proof.
@pytest.mark.parametrize("task", sorted({*babi.TASKS} - {3, 16}))
def test_the_facts_alone_are_enough(task):
    for example in babi.simulate(task, 300, seed=4):
        facts = tuple(example.story[fact] for fact in sorted(example.support))
        assert example.answer in answers(example._replace(story=facts)), example


@needs_files
@TASKS
def test_the_solver_answers_the_published_files(task):
    asked = [e for split in ("train", "test") for e in babi.load(REAL, task, split)]
    assert len(asked) == 2000
    wrong = sum(example.answer not in answers(example) for example in asked)
    assert wrong <= (5 if task == 5 else 0)  # there, of two gifts the earlier one may be meant


@needs_files
@TASKS
def test_it_tells_what_the_published_files_tell(task):
    theirs = real(task)
    ours = profile(list(islice(babi.stories(task, seed=5), 4 * len(theirs))))
    theirs = profile(theirs)
    assert ours["words"].keys() == theirs["words"].keys()
    assert {a for a, n in theirs["answers"].items() if n > 2} <= ours["answers"].keys()
    bounds = FAR | LARGE.get(task, {})
    far = {what: apart(ours[what], theirs[what]) for what in bounds}
    assert not {what: value for what, value in far.items() if value > bounds[what]}


@needs_files
@TASKS
def test_a_file_that_is_read_and_written_is_the_same(task):
    path = REAL / f"qa{task}_{babi.TASKS[task]}_train.txt"
    squeezed = re.sub(r" +\t", "\t", path.read_text(encoding="utf-8"))
    assert re.sub(r" +\n", "\n", squeezed) == babi.written(babi.read(path))


@TASKS
def test_what_is_written_is_read_again(task, tmp_path):
    told = list(islice(babi.stories(task, seed=1), 20))
    path = tmp_path / f"qa{task}_{babi.TASKS[task]}_train.txt"
    path.write_text(babi.written(told), encoding="utf-8")
    assert babi.read(path) == told
    made = [example for story in told for example in babi.examples(story, task)]
    assert babi.load(tmp_path, task, "train") == made


def test_the_same_seed_gives_the_same_stories_everywhere():
    made = [babi.written(islice(babi.stories(task, seed=0), 10)) for task in babi.TASKS]
    assert zlib.crc32("".join(made).encode()) == DIGEST


DIGEST = 1233692583


def test_another_seed_gives_other_stories():
    one, other = (babi.simulate(list(babi.TASKS), 50, seed=seed) for seed in (0, 1))
    assert len(one) == 1000
    assert len({*one} & {*other}) < 100  # short stories may meet by chance


def test_support_points_at_sentences():
    for example in babi.simulate(list(babi.TASKS), 100, seed=2):
        assert example.support
        assert all(0 <= fact < len(example.story) for fact in example.support)


def test_words_are_lower_case_without_marks():
    assert babi.words("Where is the football? ") == ["where", "is", "the", "football"]
    assert babi.words("Mary went back to the kitchen.")[-1] == "kitchen"


GOOD = "1 Mary moved to the bathroom.\n2 Where is Mary? \tbathroom\t1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (GOOD[:-5], "cut off"),
        (GOOD + "1 John went\n3 John left.\n", "line 4: line 2 of the story is missing"),
        (GOOD.replace("2 ", "two "), "line 2: a line is a number and a sentence"),
        (GOOD.replace("1 Mary", "4 Mary"), "line 1: a story begins with line 1"),
        (GOOD.replace("\tbathroom\t1", ""), "line 2: a question has an answer"),
        (
            GOOD.replace("\t", "   "),
            "line 2: a question has an answer and facts behind it, after tabs",
        ),
        (GOOD.replace("\t1\n", "\n"), "line 2: a question line is"),
        (GOOD.replace("\t1\n", "\tx\n"), "line 2: facts are line numbers"),
        (GOOD.replace("\t1\n", "\t2\n"), "line 2: its fact 2 is no sentence before it"),
        (GOOD + "3 Why? \tso\t2\n", "line 3: its fact 2 is no sentence before it"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path, text, message):
    path = tmp_path / "qa1_single-supporting-fact_train.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)) as raised:
        babi.read(path)
    assert str(path) in str(raised.value)


def test_a_file_without_questions_is_refused(tmp_path):
    path = tmp_path / "qa1_single-supporting-fact_train.txt"
    path.write_text("1 Mary moved to the bathroom.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"train.txt holds no question"):
        babi.load(tmp_path, 1, "train")


def test_a_fact_that_is_no_sentence_before_is_refused():
    lines = [babi.Line("Mary is here."), babi.Line("Where is Mary?", "here", (2,))]
    with pytest.raises(ValueError, match="lines: fact 2 of line 2 is no sentence before it"):
        list(babi.examples(lines))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "x.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is not a text file"):
        babi.read(tmp_path / "x.txt")


def test_bad_arguments_are_said(tmp_path):
    with pytest.raises(ValueError, match="task is a number from 1 to 20; got 21"):
        babi.simulate(21, 1, seed=0)
    with pytest.raises(ValueError, match="seed is -1; pass an integer of at least 0"):
        babi.stories(1, seed=-1)
    with pytest.raises(ValueError, match="count is 0; pass an integer of at least 1"):
        babi.simulate(1, 0, seed=0)
    with pytest.raises(ValueError, match="task is a number"):
        babi.load(tmp_path, 0, "train")
    with pytest.raises(ValueError, match='split is "train" or "test"'):
        babi.load(tmp_path, 1, "dev")
    with pytest.raises(FileNotFoundError, match="qa1_single-supporting-fact_test"):
        babi.load(tmp_path, 1, "test")
