"""One head and two on the task of two places, trained by the chapter's own function."""

from __future__ import annotations

from tests.bench.chapters import chapter
from tests.bench.rows import Row, row

SEEDS = (0, 1, 2)


@row("transformer.one_head.task", "%", "<= 20")
@row("transformer.two_heads.task", "%", ">= 99")
def two_places() -> list[Row]:
    """The digit that is told worse of the two, by a linear readout: worst of three seeds.

    One head as wide as both of the two has as many weights; at best it guesses one of 10 digits.
    """
    names = chapter("multi_head_attention")
    worse = {}
    for name, heads, size in (("one_head", 1, 32), ("two_heads", 2, 16)):
        models = [names["train"](heads, size, seed=seed)[0] for seed in SEEDS]
        worse[name] = [100 * min(names["told"](model, names["test"])[:2]) for model in models]
    return [
        Row("transformer.one_head.task", max(worse["one_head"]), seeds=[*SEEDS]),
        Row("transformer.two_heads.task", min(worse["two_heads"]), seeds=[*SEEDS]),
    ]
