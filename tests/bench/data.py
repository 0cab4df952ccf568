"""Whether the data are right, and how fast they are made."""

from __future__ import annotations

import time

from lecture_utils.data import babi
from tests.bench.rows import row
from tests.data.oracle import is_upstream_error, oracle_mismatches

LANGUAGES = ("en", "de", "fr", "ko")
NUMBERS = 20_000
QUESTIONS = 2000


@row("numerals.oracle.mismatches", "numbers", "<= 0")
def oracle() -> float:
    """Numbers whose words differ from those of num2words, its documented errors aside."""
    return sum(
        not (language == "de" and is_upstream_error(number))
        for language in LANGUAGES
        for number, *_ in oracle_mismatches(language, NUMBERS)
    )


@row("babi.simulator.per_s", "questions", ">= 5000")
def simulator() -> float:
    """Questions made in a second of CPU time, when as many are made of each task."""
    started = time.process_time()
    made = babi.simulate(list(babi.TASKS), QUESTIONS, seed=0)
    return round(len(made) / (time.process_time() - started))
