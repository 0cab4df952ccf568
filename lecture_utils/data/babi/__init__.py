"""The twenty bAbI tasks: stories and questions, made here or read from the published files.

`simulate` makes as many questions of a task as you like, each with the facts that its answer
follows from. `load` reads the published files, for those who have them. Both give `Example`.

Source: Weston et al. 2015, "Towards AI-complete question answering: a set of prerequisite toy
tasks", arXiv:1502.05698.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lecture_utils.data.babi.archive import download
from lecture_utils.data.babi.batches import Batch, Questions, tokens
from lecture_utils.data.babi.stories import (
    SPLITS,
    TASKS,
    Example,
    Line,
    examples,
    load,
    read,
    split_of,
    words,
    written,
)
from lecture_utils.data.babi.tasks import STORIES
from lecture_utils.data.babi.world import Chance
from lecture_utils.data.check import integer

__all__ = [
    "SPLITS",
    "TASKS",
    "Batch",
    "Example",
    "Line",
    "Questions",
    "download",
    "examples",
    "load",
    "read",
    "simulate",
    "split_of",
    "stories",
    "tokens",
    "words",
    "written",
]


def stories(task: int, *, seed: int) -> Iterator[list[Line]]:
    """Stories of a task without end, the same for the same seed on every machine.

    Args:
        task: 1 to 20.
        seed: a non-negative integer.
    """
    if not isinstance(task, int) or task not in TASKS:
        raise ValueError(f"task is a number from 1 to 20; got {task!r}")
    seed = integer("seed", seed, 0)
    chance = Chance(seed * len(TASKS) + task - 1)
    return iter(lambda: STORIES[task - 1](chance), None)


def simulate(
    tasks: int | Sequence[int], count: int, *, seed: int, split: str | None = None
) -> list[Example]:
    """The first `count` questions of a task, or of each of several.

    Args:
        tasks: one of 1 to 20, or several.
        count: questions of each task.
        seed: a non-negative integer; another seed gives other stories.
        split: "train", "dev" or "test" for the questions of this split only, see `split_of`; None
            for all.
    """
    if split not in (None, *SPLITS):
        raise ValueError(f'split is "train", "dev", "test" or None; got {split!r}')
    integer("count", count, 1)
    if not isinstance(tasks, int | Iterable):
        raise ValueError(f"tasks is a number from 1 to 20, or several; got {tasks!r}")
    wanted = [tasks] if isinstance(tasks, int) else list(tasks)
    made: list[Example] = []
    for task in wanted:
        told = stories(task, seed=seed)
        asked = (example for story in told for example in examples(story, task))
        made += islice((e for e in asked if split in (None, split_of(e))), count)
    return made
