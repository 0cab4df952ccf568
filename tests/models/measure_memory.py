"""The figures of the chapters on memory networks, by the chapters' own code or from a recipe."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

from lecture_utils import recipes
from tests.models.measured import chapter

SEEDS = (0, 1, 2)
NEAR = 5.0
"""How far, in points of error, training on the simulator may be from training on real data."""


@cache
def live_errors(seed: int) -> tuple[dict[int, float], float]:
    """Errors of tasks 1 and 2 after the training of the chapter, and its CPU seconds."""
    started = time.process_time()
    names = chapter("end_to_end_memory_networks", seed)
    model, _ = names["train"](3)
    return {task: names["error"](model, task) for task in (1, 2)}, time.process_time() - started


def measure_babi_live() -> list[dict[str, Any]]:
    """Tasks 1 and 2, trained live in the chapter: the worst of the seeds, in per cent."""
    spent = sum(live_errors(seed)[1] for seed in SEEDS)
    return [
        {
            "name": f"babi.live.task{task}.error",
            "value": round(max(live_errors(seed)[0][task] for seed in SEEDS), 2),
            "seeds": list(SEEDS),
            "cpu_s": round(spent, 1),
        }
        for task in (1, 2)
    ]


def measure_babi_joint() -> list[dict[str, Any]]:
    """What the recipes found: read from their results files."""
    joint, simulated, facts = (
        recipes.results(f"memn2n-{name}") for name in ("joint", "joint-simulated", "facts")
    )
    errors = [(joint["errors"][task], simulated["errors"][task]) for task in joint["errors"]]
    found = {
        "babi.joint1k.error": joint["error"],
        "babi.joint1k.failed": joint["failed"],
        "babi.joint1k.cpu_min": joint["cpu_min"],
        "babi.sim2real.within5": sum(b - a <= NEAR for a, b in errors),
        "babi.support.task1": joint["support"]["1"],
        "babi.support.task2": joint["support"]["2"],
    }
    three = {"babi.support.task3": facts["support"]["3"]}
    return [
        {
            "name": name,
            "value": value,
            "seeds": [row["seed"] for row in told["restarts"]],
            "cpu_s": round(60 * told["cpu_min"], 1),
        }
        for told, rows in ((joint, found), (facts, three))
        for name, value in rows.items()
    ]


def measure_memnn() -> list[dict[str, Any]]:
    """MemNN on the simulated task 2, in per cent: two hops and time; the others must fail."""
    names, started = chapter("memory_networks"), time.process_time()

    def right(hops: int, time_: bool, seed: int) -> float:
        model = names["train"](hops, time_, seed)
        return 100 * names["accuracy"](model, names["test_set"])

    value = min(right(2, True, seed) for seed in SEEDS)
    others = {f"k = {k}, time {t}": right(k, t, 0) for k, t in ((2, False), (1, True))}
    fault = "; ".join(f"{name} is right as well" for name, got in others.items() if got > 75)
    return [
        {
            "name": "memnn.k2_time.accuracy",
            "value": round(value, 2),
            "seeds": list(SEEDS),
            "cpu_s": round(time.process_time() - started, 1),
            "fault": fault,
        }
    ]
