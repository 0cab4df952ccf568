"""What a bAbI story is, in memory and in the files of the published set.

Source: Weston et al. 2015, "Towards AI-complete question answering", arXiv:1502.05698.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

TASKS = {
    1: "single-supporting-fact",
    2: "two-supporting-facts",
    3: "three-supporting-facts",
    4: "two-arg-relations",
    5: "three-arg-relations",
    6: "yes-no-questions",
    7: "counting",
    8: "lists-sets",
    9: "simple-negation",
    10: "indefinite-knowledge",
    11: "basic-coreference",
    12: "conjunction",
    13: "compound-coreference",
    14: "time-reasoning",
    15: "basic-deduction",
    16: "basic-induction",
    17: "positional-reasoning",
    18: "size-reasoning",
    19: "path-finding",
    20: "agents-motivations",
}
"""The twenty tasks by number, named as in the published files."""


class Line(NamedTuple):
    """A line of a story: a sentence, or a question with its answer.

    Attributes:
        text: as written, with its full stop or question mark.
        answer: the answer of a question; None for a sentence.
        support: the numbers of the lines that the answer follows from, in the order in which
            they are used. Lines are counted from 1, questions too, as in the files.
    """

    text: str
    answer: str | None = None
    support: tuple[int, ...] = ()


class Example(NamedTuple):
    """A question, and all that was said before it.

    Attributes:
        story: the sentences before the question, without the questions among them.
        question: as written.
        answer: one word, or several joined by commas (tasks 8 and 19).
        support: positions in `story`, from 0, of the facts that the answer follows from, in the
            order in which they are used.
        task: 1 to 20; 0 for a story that belongs to none.
    """

    story: tuple[str, ...]
    question: str
    answer: str
    support: tuple[int, ...] = ()
    task: int = 0


def words(text: str) -> list[str]:
    """The words of a sentence or question, in lower case, without its last mark."""
    return text.strip().rstrip(".?!").lower().split()


def examples(lines: Iterable[Line], task: int = 0) -> Iterator[Example]:
    """One example for each question of a story.

    Raises:
        ValueError: the answer of a question follows from what is no sentence before it.
    """
    story: list[str] = []
    position: dict[int, int] = {}
    for number, line in enumerate(lines, 1):
        if line.answer is None:
            position[number] = len(story)
            story.append(line.text)
        else:
            if strange := [fact for fact in line.support or () if fact not in position]:
                raise ValueError(
                    f"lines: fact {strange[0]!r} of line {number} is no sentence before it"
                )
            support = tuple(position[fact] for fact in line.support or ())
            yield Example(tuple(story), line.text, line.answer, support, task)


SPLITS = ("train", "dev", "test")


def split_of(example: Example) -> str:
    """Which split of the simulated questions an example is in: "train", "dev" or "test".

    Of ten questions one is for development, to choose by, and one for the test, to judge by. The
    CRC-32 of story and question decides. So no question stands in two splits with the same story,
    whatever the seeds.
    """
    place = zlib.crc32("\n".join([*example.story, example.question]).encode()) % 10
    return {0: "dev", 5: "test"}.get(place, "train")


def written(stories: Iterable[Sequence[Line]]) -> str:
    """Stories as the text of a file of the published set."""
    return "".join(
        f"{number} {line.text}{_answer(line)}\n"
        for story in stories
        for number, line in enumerate(story, 1)
    )


def _answer(line: Line) -> str:
    if line.answer is None:
        return ""
    return f"\t{line.answer}\t{' '.join(map(str, line.support))}"


def read(path: str | Path) -> list[list[Line]]:
    """The stories of a file of the published set.

    Raises:
        ValueError: a line that is not of the format; the message names file, line and fault.
        OSError: the file cannot be read.
    """
    path, stories = Path(path), []
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not a text file: {error}") from error
    if text and not text.endswith("\n"):
        raise ValueError(f"{path} is cut off: its last line has no end")
    for at, row in enumerate(text.splitlines(), 1):
        try:
            number, line = _parse(row)
            if number == 1:
                stories.append([])
            elif not stories:
                raise ValueError("a story begins with line 1")
            if number != len(stories[-1]) + 1:
                raise ValueError(f"line {len(stories[-1]) + 1} of the story is missing")
            for fact in line.support:
                if not 1 <= fact < number or stories[-1][fact - 1].answer is not None:
                    raise ValueError(f"its fact {fact} is no sentence before it")
        except ValueError as error:
            raise ValueError(f"{path}, line {at}: {error}; got {row[:60]!r}") from error
        stories[-1].append(line)
    if not stories:
        raise ValueError(f"{path} is empty")
    return stories


def _parse(row: str) -> tuple[int, Line]:
    number, _, rest = row.partition(" ")
    if not number.isdecimal() or not rest.strip():
        raise ValueError("a line is a number and a sentence")
    parts = [part.strip() for part in rest.split("\t")]
    if len(parts) == 1:
        if "?" in parts[0]:
            raise ValueError("a question has an answer and facts behind it, after tabs")
        return int(number), Line(parts[0])
    if len(parts) != 3 or not all(parts) or not parts[0].endswith("?"):
        raise ValueError("a question line is a question, a tab, an answer, a tab, facts")
    facts = parts[2].split()
    if not all(fact.isdecimal() for fact in facts):
        raise ValueError("facts are line numbers")
    return int(number), Line(parts[0], parts[1], tuple(map(int, facts)))


def load(folder: str | Path, task: int, split: str) -> list[Example]:
    """The examples of a task from the published files.

    They have no part for development: choose by questions of the simulator, or by the training.

    Args:
        folder: holds files such as ``qa1_single-supporting-fact_train.txt``.
        task: 1 to 20.
        split: "train" or "test".

    Raises:
        ValueError: no such task or split, or a file that is damaged or holds no question.
        FileNotFoundError: the folder does not hold the file; the message says which.
    """
    if task not in TASKS:
        raise ValueError(f"task is a number from 1 to 20; got {task!r}")
    if split not in ("train", "test"):
        raise ValueError(f'split is "train" or "test"; got {split!r}')
    path = Path(folder) / f"qa{task}_{TASKS[task]}_{split}.txt"
    if not os.path.isfile(path):  # False, too, where the folder can be none
        raise FileNotFoundError(f"{path} is not there; pass the folder that holds the 40 files")
    found = [example for story in read(path) for example in examples(story, task)]
    if not found:
        raise ValueError(
            f"{path} holds no question; a question has an answer behind it, after a tab"
        )
    return found
