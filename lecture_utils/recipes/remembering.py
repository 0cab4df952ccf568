r"""Train recurrent networks to recall and to copy, from several seeds, one thing changed at a time.

    python -m lecture_utils.recipes.remembering

The tasks and the training are those of the chapter on recurrent networks: 32 units, Adam, 300
steps for recall. Every network is judged after its last step, by 1,000 questions that no training
saw: nothing is chosen. What clipping does is tried with plain gradient descent, at several learning
rates. Writes ``remembering.json``; takes about a quarter of an hour on one CPU core.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.models.recurrent import GRUCell, NextWord, NextWordLSTM, RNNCell
from lecture_utils.recipes.runs import command_line, provenance
from lecture_utils.tasks.remembering import (
    copied_whole,
    copy_batches,
    copy_loss,
    recall_accuracy,
    recall_batches,
    recall_loss,
)

FAR = 160
"""The delay at which every network is asked too, whatever it was trained on."""


class Leaky(RNNCell):
    """A plain cell without gates that keeps nine tenths of its state."""

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """The next state (B, H) from an input (B, D) and the state (B, H)."""
        return 0.9 * h + 0.1 * super().forward(x, h)


class Held(GRUCell):
    """A GRU whose update gate is not free.

    Attributes:
        most: z reaches only this in the place of 1.
        always: z is this at every step, or free where it is None.
    """

    most = 1.0
    always: float | None = None

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """The next state (B, H) from an input (B, D) and the state (B, H)."""
        x_r, x_z, x_n = self.W(x).chunk(3, dim=-1)  # three times (B, H)
        h_r, h_z, h_n = self.U(h).chunk(3, dim=-1)
        z = self.most * torch.sigmoid(x_z + h_z)
        if self.always is not None:
            z = torch.full_like(z, self.always)
        n = torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n)
        return (1 - z) * n + z * h


def network(
    cell: type[nn.Module] = RNNCell,
    hidden_size: int = 32,
    stretch: float | None = None,
    **gates: float,
) -> NextWord:
    """A network for recall.

    Args:
        cell: its class.
        hidden_size: features of the state, H.
        stretch: U is an orthogonal matrix times this at the start; as torch starts it if None.
        gates: attributes of a `Held` cell.
    """
    made = cell(16, hidden_size)
    for name, value in gates.items():
        setattr(made, name, value)
    if stretch is not None:
        with torch.no_grad():
            nn.init.orthogonal_(made.U.weight).mul_(stretch)
    return NextWord(17, made, embedding_size=16)


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "plain RNN": network,
    "plain RNN, 64 units": lambda: network(hidden_size=64),
    "plain RNN, U orthogonal": lambda: network(stretch=1.0),
    "plain RNN, U 2 x orthogonal": lambda: network(stretch=2.0),
    "plain RNN, U 3 x orthogonal": lambda: network(stretch=3.0),
    "leaky RNN, keeps 0.9": lambda: network(Leaky),
    "GRU": lambda: network(GRUCell),
    "GRU, z at most 0.5": lambda: network(Held, most=0.5),
    "GRU, z always 0.9": lambda: network(Held, always=0.9),
    "LSTM": lambda: NextWordLSTM(17, 32, 16),
    "LSTM, forget gate open": lambda: NextWordLSTM(17, 32, 16, opened=3.0),
    "LSTM, f always 1": lambda: NextWordLSTM(17, 32, 16, opened=60.0),
}
"""By name. A sigmoid of 60 is 1 in single precision and has no slope, so the last f stays 1."""

PATIENT = ("plain RNN", "plain RNN, U orthogonal")
"""Networks that are also trained for 2,000 steps."""

RATES = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Learning rates of plain gradient descent, with clipping and without."""

CLIPPED = ("plain RNN", "plain RNN, U 2 x orthogonal", "plain RNN, U 3 x orthogonal")
"""Networks that are trained with plain gradient descent."""

COPIES = {
    "32 units, 500 steps": (32, 500),
    "32 units, 3,000 steps": (32, 3000),
    "128 units, 500 steps": (128, 500),
}


def recall(
    make: Callable[[], nn.Module], delay: int, seed: int, steps: int, **options: Any
) -> dict[str, Any]:
    """Train one network to recall over `delay`; how often it is right there and farther.

    Args:
        make: gives the network, not trained.
        delay: of the training; the network is also asked at twice this, and at `FAR`.
        seed: of the weights and of the questions.
        steps: of the training.
        options: of `training.fit`, where they differ from the chapter's.
    """
    begun = time.process_time()
    torch.manual_seed(seed)
    model = make()
    usual = {"learning_rate": 1e-2, "seed": seed, "label": f"recall {delay}"}
    training.fit(
        model, recall_batches(delay, seed=seed), recall_loss, steps=steps, **usual | options
    )
    asked = {"right": delay, "twice": 2 * delay, "far": FAR}
    found = {name: round(recall_accuracy(model, d), 3) for name, d in asked.items()}
    return {"seed": seed, **found, "cpu_s": round(time.process_time() - begun, 1)}


def descent(name: str, rate: float, clip: float, seed: int, delay: int, steps: int) -> float:
    """Part right at `delay` after plain gradient descent; guessing is what a broken run gets."""
    options = {"optimizer": torch.optim.SGD, "learning_rate": rate, "clip": clip}
    return recall(NETWORKS[name], delay, seed, steps, **options)["right"]


def copy(hidden_size: int, length: int, seed: int, steps: int) -> dict[str, Any]:
    """Train a GRU to copy `length` symbols; how often it copies all of them."""
    begun = time.process_time()
    torch.manual_seed(seed)
    model = NextWord(9, GRUCell(16, hidden_size), embedding_size=16)
    training.fit(
        model,
        copy_batches(length, seed=seed),
        copy_loss,
        steps=steps,
        learning_rate=1e-2,
        seed=seed,
        label=f"copy {length}",
    )
    whole = round(copied_whole(model, length), 3)
    return {"seed": seed, "whole": whole, "cpu_s": round(time.process_time() - begun, 1)}


def run(
    output: Path,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    delays: Sequence[int] = (10, 20, 40),
    steps: tuple[int, int] = (300, 2000),
    length: int = 8,
) -> dict[str, Any]:
    """Train every network from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the trainings to recall; to copy, the first three of them.
        delays: to recall over; the patient networks, over the first two of them.
        steps: of the trainings to recall, and of the patient networks.
        length: of what is copied.
    """
    rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name, make in NETWORKS.items():
        rows[name] = {str(d): [recall(make, d, s, steps[0]) for s in seeds] for d in delays}
        print(name, {d: [row["right"] for row in found] for d, found in rows[name].items()})
    patient = {
        name: {str(d): [recall(NETWORKS[name], d, s, steps[1]) for s in seeds] for d in delays[:2]}
        for name in PATIENT
    }
    clipping = {
        name: {
            told_as: {
                str(rate): [descent(name, rate, clip, s, delays[0], steps[0]) for s in seeds[:3]]
                for rate in RATES
            }
            for told_as, clip in (("clipped to 1", 1.0), ("not clipped", math.inf))
        }
        for name in CLIPPED
    }
    copies = {
        name: [copy(size, length, seed, count) for seed in seeds[:3]]
        for name, (size, count) in COPIES.items()
    }
    told = {
        "recipe": "lecture_utils.recipes.remembering",
        **provenance(),
        "steps": list(steps),
        "far": FAR,
        "parameters": {
            name: sum(p.numel() for p in make().parameters()) for name, make in NETWORKS.items()
        },
        "recall": rows,
        "recall_patient": patient,
        "clipping": clipping,
        "copy_length": length,
        "copy": copies,
    }
    output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(told, indent=1)
    (output / "remembering.json").write_text(text + "\n", encoding="utf-8")
    return told


if __name__ == "__main__":
    command_line(run, __doc__)
