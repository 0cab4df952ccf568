"""Keys and values apart against one bag: hits@1 on the test questions, for five seeds.

By the chapter's own code: its cells that are tagged ``measured`` are executed as they stand, but
for the seed. Sizes, rounds and limits were chosen on the development questions.

    python -m tests.bench.facts        print the whole table
"""

from __future__ import annotations

import time
from functools import cache
from statistics import mean
from typing import Any

from tests.bench.chapters import chapter
from tests.bench.rows import Row, row

SEEDS = (0, 1, 2, 3, 4)
SOURCES = ("KB", "Doc", "IE")


@cache
def compared(seed: int) -> dict[str, Any]:
    """Hits@1 of (source, kind), with `seed`, and what it cost."""
    started = time.process_time()
    names = chapter("key_value_memory_networks", seed)
    questions, found = names["parts"].test, {}
    for source, slots in names["sources"].items():
        for whole in (True, False):
            memory = names["remember"](slots, whole=whole)
            model, _ = names["train"](memory, f"{source}, seed {seed}", names["ROUNDS"][source])
            found[source, whole] = names["hits"](model, memory, questions)
    return {"hits": found, "cpu_s": time.process_time() - started}


@row("facts.kv_minus_mem.kb", "hits@1", "> 0")
@row("facts.kv_minus_mem.doc", "hits@1", "> 0")
@row("facts.kv_minus_mem.ie", "hits@1", "> 0")
def gains() -> list[Row]:
    """How much keys and values apart gain over one bag, the mean over the seeds, per source."""
    spent = round(sum(compared(seed)["cpu_s"] for seed in SEEDS) / len(SOURCES), 1)
    rows = []
    for source in SOURCES:
        hits = [compared(seed)["hits"] for seed in SEEDS]
        gain = mean(found[source, False] - found[source, True] for found in hits)
        name = f"facts.kv_minus_mem.{source.lower()}"
        rows.append(Row(name, round(gain, 4), seeds=list(SEEDS), cpu_s=spent))
    return rows


if __name__ == "__main__":
    for gain in gains():
        print(gain.name, gain.value)
    for source in SOURCES:
        for whole, kind in ((True, "key = value"), (False, "key, value")):
            hits = [compared(seed)["hits"][source, whole] for seed in SEEDS]
            print(f"{source:4} {kind:12} mean {mean(hits):.3f}", *(f"{h:.3f}" for h in hits))
