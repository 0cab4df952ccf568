r"""Train an end-to-end memory network on the twenty bAbI tasks together, as its paper does.

    python -m lecture_utils.recipes.memn2n --data FOLDER
    accelerate launch --multi_gpu --num_processes 2 -m lecture_utils.recipes.memn2n --data FOLDER

FOLDER holds the forty published files (1,000 questions of each task to train on, 1,000 to test).
The training starts several times from other weights and keeps the model with the smallest loss on
the training questions; the test questions decide nothing. It can be stopped at any time and goes on
where it was. Several processes share the batches; on CPUs too, with LECTURE_DEVICE=cpu, though the
launcher calls that --multi_gpu. It writes a results file and the weights of the model that it kept.

With ``--simulated SEED`` it trains on questions of the simulator and tests on the same published
files. The simulator never runs out, so `--questions` may be many. A network that reads all three
facts of task 3, and one of as many hops that is taught tasks 1 and 2 too and reads them less often:

    python -m lecture_utils.recipes.memn2n --data FOLDER --name memn2n-facts --simulated 1 \
        --tasks 3 --questions 100000 --hops 6 --linear-epochs 1 --linear-rate 0.001 \
        --epochs 4 --halved 2 --restarts 3
    python -m lecture_utils.recipes.memn2n --data FOLDER --name memn2n-three-tasks --simulated 1 \
        --tasks 1 2 3 --questions 100000 --hops 6 --linear-epochs 1 --linear-rate 0.001 \
        --epochs 4 --halved 2 --restarts 3

With ``--reread NAME`` it trains nothing. It takes the network that stands in the results under this
name and asks it the published test questions three times: as it was trained; with every hop hard,
all weight to the slot with the largest; and with no weight for empty slots:

    python -m lecture_utils.recipes.memn2n --data FOLDER --reread memn2n-joint

Source: Sukhbaatar et al. 2015, arXiv:1503.08895, section 4.2.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.addressing import Address, Dot, Hard
from lecture_utils.data import babi
from lecture_utils.models.memn2n import MemN2N, linear_start, memn2n
from lecture_utils.recipes import results, weights
from lecture_utils.recipes.runs import provenance
from lecture_utils.recording import record
from lecture_utils.tasks import question_answering
from lecture_utils.tasks.question_answering import facts_read

QUESTIONS = 1000
"""Questions of each task to train on."""

FAILED = 5.0
"""A task with a larger error, in per cent, counts as failed."""


@dataclass(frozen=True)
class Settings:
    """The paper's, where it says them; those marked with * are of its authors' released code.

    Attributes:
        features: of a vector, d.
        hops: K.
        slots: of the memory.
        noise: the greatest part of empty sentences in training.
        size: questions of a batch.
        linear_epochs: epochs without the softmax*; the paper waits for the validation loss.
        linear_rate: learning rate in them.
        epochs: epochs with the softmax.
        rate: learning rate at their beginning.
        halved: the learning rate is halved after so many epochs.
        clip: the greatest norm of the gradient of a batch's summed loss.
    """

    features: int = 50
    hops: int = 3
    slots: int = 50
    noise: float = 0.1
    size: int = 32
    linear_epochs: int = 30
    linear_rate: float = 0.005
    epochs: int = 60
    rate: float = 0.01
    halved: int = 15
    clip: float = 40.0


def build(settings: Settings, vocabulary_size: int) -> MemN2N:
    """A new network of these sizes."""
    return memn2n(
        vocabulary_size,
        features=settings.features,
        hops=settings.hops,
        slots=settings.slots,
        noise=settings.noise,
    )


def loss(model: nn.Module, batch: babi.Batch) -> Tensor:
    """-log P(answer), summed over the questions of a batch."""
    return question_answering.loss(model, batch, reduction="sum")


def train(
    model: MemN2N, questions: babi.Questions, seed: int, settings: Settings, folder: Path
) -> None:
    """Linear start, then the softmax; each goes on from its checkpoint in `folder`."""
    epoch = len(questions) // settings.size
    parts: list[tuple[str, int, float, Callable[[int], float]]] = [
        ("linear", settings.linear_epochs, settings.linear_rate, lambda step: 1.0),
        (
            "softmax",
            settings.epochs,
            settings.rate,
            lambda step: 0.5 ** (step // epoch // settings.halved),
        ),
    ]
    for number, (name, epochs, rate, schedule) in enumerate(parts):
        if not epochs:
            continue
        linear_start(model, name == "linear")
        training.fit(
            model,
            questions.batches(settings.size, seed=2 * seed + number),
            loss,
            steps=epochs * epoch,
            learning_rate=rate,
            lr_schedule=schedule,
            optimizer=torch.optim.SGD,
            clip=settings.clip,
            eval_every=5 * epoch,
            checkpoint=folder / f"restart-{seed}-{name}.safetensors",
            seed=2 * seed + number,
            label=f"restart {seed}, {name}",
        )
    linear_start(model, False)


@dataclass(frozen=True)
class Judged:
    """How a model answers some questions.

    Attributes:
        loss: -log P(answer), mean.
        errors: wrong answers of each task, in per cent.
        support: of the questions of a task that are answered right, the part whose facts are all
            among the slots that the hops weigh most, one slot a hop, in per cent.
    """

    loss: float
    errors: dict[str, float]
    support: dict[str, float]

    @property
    def error(self) -> float:
        """The mean of the tasks, in per cent."""
        return sum(self.errors.values()) / len(self.errors)

    @property
    def failed(self) -> int:
        """How many tasks have an error over `FAILED`."""
        return sum(error > FAILED for error in self.errors.values())


@torch.no_grad()
def judge(model: MemN2N, questions: babi.Questions, size: int = 500) -> Judged:
    """Ask a model all questions, on the device where it is."""
    device = next(model.parameters()).device
    model.eval()
    total, right, read = 0.0, [], []
    for start in range(0, len(questions), size):
        batch = questions.batch(slice(start, start + size))
        there = [part.to(device) for part in batch]
        with record(model) as reads:
            logits = model(*there[:3])
        total += nn.functional.cross_entropy(logits, there[3], reduction="sum").item()
        right.append((logits.argmax(dim=-1) == there[3]).cpu())
        read.append(facts_read(reads, batch))
    answered, found = torch.cat(right), torch.cat(read)
    tasks = torch.tensor([example.task for example in questions.examples])
    errors, support = {}, {}
    for task in sorted({*tasks.tolist()}):
        mine = tasks == task
        errors[f"{task}"] = round(100 * (1 - answered[mine].float().mean().item()), 2)
        both = found[mine & answered].float()
        support[f"{task}"] = round(100 * both.mean().item(), 2) if len(both) else 0.0
    return Judged(total / len(questions), errors, support)


def one_restart(
    seed: int,
    asked: tuple[babi.Questions, babi.Questions],
    settings: Settings,
    folder: Path,
    main: bool,
) -> dict[str, Any]:
    """Train from the weights of `seed`, or read what that gave before."""
    told, kept = folder / f"restart-{seed}.json", folder / f"restart-{seed}.safetensors"
    if told.is_file() and kept.is_file():
        return json.loads(told.read_text(encoding="utf-8"))
    training.set_seed(seed)
    model = build(settings, len(asked[0].tokens))
    begun = time.process_time()
    train(model, asked[0], seed, settings, folder)
    spent = time.process_time() - begun
    trained, tested = (judge(model, questions) for questions in asked)
    row = {
        "seed": seed,
        "train_loss": round(trained.loss, 5),
        "train_error": round(trained.error, 3),
        "test_error": round(tested.error, 3),
        "failed": tested.failed,
        "errors": tested.errors,
        "support": tested.support,
        "cpu_s": round(spent, 1),
    }
    if main:
        save_file({k: v.cpu().contiguous() for k, v in model.state_dict().items()}, kept)
        told.write_text(json.dumps(row), encoding="utf-8")
    return row


class Told(Address):
    """The dot product, among the slots that hold a sentence."""

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S); next to no weight is left for a slot of zeros."""
        empty = (projected == 0).all(dim=-1).unsqueeze(-2)
        return (queries @ projected.transpose(-2, -1)).masked_fill(empty, -1e9)


def reread(name: str, data: Path, output: Path) -> dict[str, Any]:
    """Ask a trained network the published test questions, with other addresses in its hops.

    Args:
        name: of its results, e.g. ``"memn2n-joint"``; its weights stay as they are.
        data: folder of the published files.
        output: folder for the results, ``NAME-reread.json``.

    Returns:
        The results, as written: for ``"soft"``, ``"hard"`` and ``"without_empty"`` the errors of
        each task, in per cent, their mean, and how many tasks failed.
    """
    told = results(name)
    model = build(Settings(**told["settings"]), len(told["tokens"]))
    model.load_state_dict(load_file(weights(name)))
    examples = [example for task in told["tasks"] for example in babi.load(data, task, "test")]
    asked = babi.Questions(examples, told["tokens"], told["settings"]["slots"], told["width"])
    found: dict[str, Any] = {
        "recipe": "lecture_utils.recipes.memn2n --reread",
        **provenance(),
        "network": name,
        "network_commit": told["commit"],
        "seed": told["kept"],
        "tested_on": told["tested_on"],
        "questions_of_a_task": len(examples) // len(told["tasks"]),
    }
    ways = {"soft": Dot, "hard": lambda: Hard(Dot()), "without_empty": Told}
    for way, address in ways.items():
        for hop in model.hops:
            hop.address = address()
        judged = judge(model, asked)
        mean = round(judged.error, 3)
        found[way] = {"error": mean, "failed": judged.failed, "errors": judged.errors}
        print(f"{way:13} mean error {mean} %, {judged.failed} tasks failed")
    output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (output / f"{name}-reread.json").write_text(text + "\n", encoding="utf-8")
    return found


def keep_to(plan: dict[str, Any], path: Path) -> None:
    """Note what is trained, or refuse to go on with what was trained otherwise."""
    if path.is_file() and json.loads(path.read_text(encoding="utf-8")) != plan:
        raise ValueError(f"{path} is of another training; pass another folder as --work")
    path.write_text(json.dumps(plan), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the published files")
    parser.add_argument("--simulated", type=int, metavar="SEED", help="train on the simulator")
    parser.add_argument("--name", help="of the results; by default it says what was trained on")
    parser.add_argument("--reread", metavar="NAME", help="train nothing; read in other ways")
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--output", type=Path, default=Path("_build/recipes"))
    parser.add_argument("--work", type=Path, help="for checkpoints; by default inside the output")
    parser.add_argument("--tasks", type=int, nargs="+", default=list(babi.TASKS))
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="of a task, to train on")
    for name, value in asdict(Settings()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    options = vars(parser.parse_args(arguments))
    if name := options.pop("reread"):
        reread(name, options["data"], options["output"])
        return
    settings = Settings(**{name: options[name] for name in asdict(Settings())})
    run(settings, **{name: options[name] for name in options if name not in asdict(settings)})


def run(
    settings: Settings,
    data: Path,
    output: Path,
    simulated: int | None = None,
    name: str | None = None,
    restarts: int = 10,
    work: Path | None = None,
    tasks: Sequence[int] = tuple(babi.TASKS),
    questions: int = QUESTIONS,
) -> dict[str, Any]:
    """Train, keep the best, write the results; give them.

    Args:
        settings: sizes and the course of the training.
        data: folder of the published files.
        output: folder for the results and the weights.
        simulated: seed of the simulator that gives the questions to train on; None: the files.
        name: of the files that are written; by default it says what was trained on.
        restarts: how often the training starts, from seed 0 on.
        work: folder for checkpoints.
        tasks: which of the twenty.
        questions: how many of each task to train on.
    """
    if restarts < 1:
        raise ValueError(f"restarts must be at least 1; got {restarts}")
    name = name or ("memn2n-joint" if simulated is None else "memn2n-joint-simulated")
    work = work or output / name
    work.mkdir(parents=True, exist_ok=True)
    published = {
        split: [example for task in tasks for example in babi.load(data, task, split)]
        for split in ("train", "test")
    }
    if simulated is None:
        learnt = [e for t in tasks for e in babi.load(data, t, "train")[:questions]]
    else:
        learnt = babi.simulate(tasks, questions, seed=simulated)
    words = babi.tokens([*learnt, *published["test"]])
    width = babi.Questions([*learnt, *published["test"]], words, settings.slots).width
    asked = (
        babi.Questions(learnt, words, settings.slots, width),
        babi.Questions(published["test"], words, settings.slots, width),
    )
    processes = PartialState(cpu=training.device().type == "cpu")
    first = processes.is_main_process
    plan = {
        "settings": asdict(settings),
        "trained_on": "published 1k" if simulated is None else f"simulator, seed {simulated}",
        "tested_on": "published 1k",
        "questions_of_a_task": questions,
        "tasks": list(tasks),
    }
    with processes.main_process_first():  # nobody reads what is half written
        keep_to(plan, work / "plan.json")
    rows = [one_restart(seed, asked, settings, work, first) for seed in range(restarts)]
    best = min(rows, key=lambda row: row["train_loss"])
    told = {
        "recipe": "lecture_utils.recipes.memn2n",
        **provenance(),
        **plan,
        "tokens": words,
        "width": width,
        "kept": best["seed"],
        "error": best["test_error"],
        "failed": best["failed"],
        "errors": best["errors"],
        "support": best["support"],
        "cpu_min": round(sum(row["cpu_s"] for row in rows) / 60, 2),
        "restarts": rows,
    }
    if first:
        output.mkdir(parents=True, exist_ok=True)
        text = json.dumps(told, ensure_ascii=False, indent=1)
        (output / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        save_file(
            load_file(work / f"restart-{best['seed']}.safetensors"), output / f"{name}.safetensors"
        )
        print(f"mean error {told['error']} %, {told['failed']} tasks failed, seed {told['kept']}")
    return told


if __name__ == "__main__":
    main()
