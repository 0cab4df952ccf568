r"""Take the parts of an end-to-end memory network away, one at a time, and train it again.

    python -m lecture_utils.recipes.memn2n_ablation

The network and the training are those of the chapter: 32 features, three hops, 5,000 simulated
questions of each of the tasks 1 and 2, a linear start of 400 steps and 3,000 steps with the
softmax. Every variant is trained from the same three seeds, and judged by 1,000 new questions of
each task after its last step: nothing is chosen. Writes ``memn2n-ablation.json``; takes about five
minutes on one CPU core.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from lecture_utils import training
from lecture_utils.data import babi
from lecture_utils.models.memn2n import MemN2N, linear_start, memn2n
from lecture_utils.recipes.memn2n import Told, judge, loss
from lecture_utils.recipes.runs import command_line, provenance, run_all
from lecture_utils.recording import record

TASKS = (1, 2)

VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "without linear start (LS)": {"linear": 0},
    "without noise (RN)": {"noise": 0.0},
    "without places of words (PE)": {"position": False},
    "empty slots not addressed": {"empty": False},
    "without all four": {"linear": 0, "noise": 0.0, "position": False, "empty": False},
    "two hops": {"hops": 2},
    "one hop": {"hops": 1},
}


def train(
    questions: babi.Questions,
    seed: int,
    steps: tuple[int, int] = (400, 3000),
    *,
    linear: int | None = None,
    noise: float = 0.1,
    position: bool = True,
    empty: bool = True,
    hops: int = 3,
) -> MemN2N:
    """Train one variant.

    Args:
        questions: to train on.
        seed: of the weights and of the order of the questions.
        steps: of the linear start, and with the softmax.
        linear: steps of the linear start; by default as many as `steps` says.
        noise: the greatest part of empty sentences put among the others in training.
        position: whether the order of the words matters.
        empty: whether empty slots are addressed.
        hops: K.
    """
    training.set_seed(seed)
    words = len(questions.tokens)
    model = memn2n(words, features=32, hops=hops, noise=noise, position=position)
    before = steps[0] if linear is None else linear
    for part, count, rate in ((0, before, 5e-3), (100, steps[1], 1e-2)):
        linear_start(model, part == 0)
        if part and not empty:
            for hop in model.hops:
                hop.address = Told()
        if count:
            training.fit(
                model,
                questions.batches(32, seed + part),
                lambda model, batch: loss(model, batch) / len(batch.answer),
                steps=count,
                learning_rate=rate,
                seed=seed,
                label="softmax" if part else "linear",
            )
    return model.eval()


@torch.no_grad()
def empty_reads(model: MemN2N, questions: babi.Questions) -> float:
    """Of all reads the part that weighs an empty slot most, in per cent."""
    batch = questions.batch(slice(0, len(questions)))
    device = next(model.parameters()).device
    with record(model) as reads:
        model(*(part.to(device) for part in batch[:3]))
    weights = torch.cat([reads[f"hops.{k}.address"] for k in range(len(model.hops))], dim=1)
    place = weights.argmax(dim=-1) - (weights.shape[-1] - batch.story.shape[1])  # (B, K)
    told = batch.story.gather(1, place.clamp(min=0)) != 0
    return round(100 * (~told | (place < 0)).float().mean().item(), 2)


def run(
    output: Path,
    seeds: Sequence[int] = (0, 1, 2),
    questions: int = 5000,
    steps: tuple[int, int] = (400, 3000),
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the trainings.
        questions: of each task, to train on.
        steps: of the linear start, and with the softmax.
        only: names of the variants that are trained, as `run_all` takes them.
    """
    made = babi.simulate(TASKS, questions, seed=0, split="train")
    words = babi.tokens(made)
    learnt = babi.Questions(made, words)
    fresh = babi.simulate(TASKS, 1000, seed=1, split="test")
    new = babi.Questions(fresh, words, width=learnt.width)

    def row(name: str, seed: int) -> dict[str, Any]:
        begun = time.process_time()
        model = train(learnt, seed, steps, **VARIANTS[name])
        spent = round(time.process_time() - begun, 1)
        errors = {task: round(error, 2) for task, error in judge(model, new).errors.items()}
        return {"errors": errors, "empty_reads": empty_reads(model, new), "cpu_s": spent}

    told = {
        "recipe": "lecture_utils.recipes.memn2n_ablation",
        **provenance(),
        "trained_on": f"simulator, seed 0, {questions} questions of each task",
        "tested_on": "simulator, seed 1, 1000 questions of each task",
        "tasks": list(TASKS),
        "steps": list(steps),
    }
    return run_all(output / "memn2n-ablation.json", told, list(VARIANTS), seeds, row, only)


if __name__ == "__main__":
    command_line(run, __doc__)
