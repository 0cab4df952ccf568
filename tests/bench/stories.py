"""The figures of the chapters on memory networks, by the chapters' own code or from a recipe."""

from __future__ import annotations

import time
from functools import cache

from lecture_utils import recipes
from tests.bench.chapters import chapter
from tests.bench.rows import Row, row

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


@row("babi.live.task1.error", "%", "<= 1")
@row("babi.live.task2.error", "%", "<= 15")
def babi_live() -> list[Row]:
    """Tasks 1 and 2, trained live in the chapter: the worst of the seeds, in per cent."""
    spent = round(sum(live_errors(seed)[1] for seed in SEEDS), 1)
    worst = {task: max(live_errors(seed)[0][task] for seed in SEEDS) for task in (1, 2)}
    return [
        Row(f"babi.live.task{task}.error", round(error, 2), seeds=list(SEEDS), cpu_s=spent)
        for task, error in worst.items()
    ]


@row("babi.joint1k.error", "%", "<= 13.3")
@row("babi.joint1k.failed", "tasks", "<= 11")
@row("babi.joint1k.cpu_min", "min", "<= 60")
@row("babi.sim2real.within5", "tasks", ">= 17")
@row("babi.support.task1", "%", ">= 95")
@row("babi.support.task2", "%", ">= 85")
@row("babi.support.task3", "%", ">= 60")
def babi_joint() -> list[Row]:
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
        Row(
            name,
            value,
            seeds=[restart["seed"] for restart in told["restarts"]],
            cpu_s=round(60 * told["cpu_min"], 1),
        )
        for told, values in ((joint, found), (facts, three))
        for name, value in values.items()
    ]


@row("memnn.k2_time.accuracy", "%", ">= 99")
def memnn() -> list[Row]:
    """MemNN on the simulated task 2, in per cent: two hops and time; the others must fail."""
    names = chapter("memory_networks")

    def right(hops: int, time_: bool, seed: int) -> float:
        model = names["train"](hops, time_, seed)
        return 100 * names["accuracy"](model, names["test_set"])

    value = min(right(2, True, seed) for seed in SEEDS)
    others = {f"k = {k}, time {t}": right(k, t, 0) for k, t in ((2, False), (1, True))}
    fault = "; ".join(f"{name} is right as well" for name, got in others.items() if got > 75)
    return [Row("memnn.k2_time.accuracy", round(value, 2), seeds=list(SEEDS), fault=fault)]
