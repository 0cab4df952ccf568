r"""From the LSTM to the GRU: which difference decides whether a delay is learned.

    python -m lecture_utils.recipes.between_cells

Both cells keep half of what they hold at the start. One is taken towards the other, one change at a
time: the output gate off, the tanh before it off too, so that h is c, or the input gate tied to the
forget gate. The task and the training are those of `lecture_utils.recipes.remembering`; every
network is judged after its last step: nothing is chosen. Writes ``between-cells.json`` after each
seed; takes about four minutes on one CPU core for five.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.models.recurrent import GRUCell, NextWord
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.remembering import recall_accuracy, recall_batches, recall_loss

HIDDEN = 32
WATCHED = (0, 100, 200, 300)
"""Steps of the training after which the gates are looked at."""


class Cell(nn.Module):
    """An LSTM whose parts can be taken away; its state is h beside c.

    Args:
        input_size: features of an input, D.
        hidden_size: features of h, and of c, H.
        output_gate: without it, h = tanh(c).
        squash: without it, the tanh is left out too.
        tied: the input gate is 1 - f.
        opened: is added to the bias of the forget gate.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        output_gate: bool = True,
        squash: bool = True,
        tied: bool = False,
        opened: float = 0.0,
    ) -> None:
        super().__init__()
        like = nn.LSTMCell(input_size, hidden_size)  # starts as torch's
        self.W = nn.Linear(input_size, 4 * hidden_size)
        self.U = nn.Linear(hidden_size, 4 * hidden_size)
        with torch.no_grad():
            for layer, weight, bias in (
                (self.W, like.weight_ih, like.bias_ih),
                (self.U, like.weight_hh, like.bias_hh),
            ):
                layer.weight.copy_(weight)
                layer.bias.copy_(bias)
            self.W.bias[hidden_size : 2 * hidden_size] += opened  # rows are stacked i, f, g, o
        self.hidden_size = 2 * hidden_size
        self.output_gate, self.squash, self.tied = output_gate, squash, tied

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        """The next h and c side by side (B, 2H), from an input (B, D) and those before."""
        h, c = state.chunk(2, dim=-1)
        i, f, g, o = (self.W(x) + self.U(h)).chunk(4, dim=-1)  # four times (B, H)
        f = f.sigmoid()
        c = f * c + (1 - f if self.tied else i.sigmoid()) * g.tanh()
        h = c.tanh() if self.squash else c
        return torch.cat([o.sigmoid() * h if self.output_gate else h, c], dim=-1)

    def kept(self, x: Tensor, state: Tensor) -> Tensor:
        """The forget gate f (B, H), the part of c that is kept."""
        h, _ = state.chunk(2, dim=-1)
        return (self.W(x) + self.U(h)).chunk(4, dim=-1)[1].sigmoid()


class Gated(GRUCell):
    """The GRU, with its update gate in view."""

    def kept(self, x: Tensor, h: Tensor) -> Tensor:
        """The update gate z (B, H), the part of h that is kept."""
        return (self.W(x) + self.U(h)).chunk(3, dim=-1)[1].sigmoid()


class Reads(nn.Module):
    """An output layer that is given h and c, and reads h."""

    def __init__(self, hidden_size: int, vocabulary_size: int) -> None:
        super().__init__()
        self.layer = nn.Linear(hidden_size, vocabulary_size)

    def forward(self, states: Tensor) -> Tensor:
        """Scores (..., V) from h and c side by side (..., 2H)."""
        return self.layer(states.chunk(2, dim=-1)[0])


VARIANTS: dict[str, dict[str, Any]] = {
    "LSTM": {},
    "LSTM, f starts near 1": {"opened": 3.0},
    "LSTM without o": {"output_gate": False},
    "LSTM without o and tanh: h = c": {"output_gate": False, "squash": False},
    "LSTM, i = 1 - f": {"tied": True},
    "GRU": {"gru": True},
}


def network(*, gru: bool = False, **parts: Any) -> NextWord:
    """A network for recall around a GRU, or around a `Cell` with these `parts`."""
    if gru:
        return NextWord(17, Gated(16, HIDDEN), embedding_size=16)
    made = NextWord(17, Cell(16, HIDDEN, **parts), embedding_size=16)
    made.output = Reads(HIDDEN, 17)
    return made


@torch.no_grad()
def kept(model: NextWord, delay: int) -> dict[str, float]:
    """The gate that keeps, behind the signal: mean of all units, and of the unit most open.

    Of each unit the mean over the noise of 1,000 fresh questions.
    """
    symbols, _ = next(recall_batches(delay, seed=99, size=1000))
    cell, inputs = model.recurrent.cell, model.embed(symbols)
    state = inputs.new_zeros(len(inputs), cell.hidden_size)
    gates = []
    for x in inputs.unbind(dim=1):
        gates.append(cell.kept(x, state))
        state = cell(x, state)
    units = torch.stack(gates[1:-1]).mean(dim=(0, 1))  # (H,)
    return {"mean": units.mean().item(), "most open": units.max().item()}


def train(
    make: Callable[[], NextWord], delay: int, seed: int, watched: Sequence[int] = WATCHED
) -> tuple[NextWord, dict[str, dict[str, float]]]:
    """A network trained to recall, and what `kept` finds after the steps of `watched`.

    Args:
        make: gives the network, not trained.
        delay: of the training.
        seed: of the weights and of the questions.
        watched: steps, the last of them that of the training.
    """
    torch.manual_seed(seed)
    model, gates = make(), {}

    def loss(model: NextWord, batch: tuple[Tensor, Tensor]) -> Tensor:
        if loss.step in watched:
            gates[str(loss.step)] = rounded(kept(model, delay))
        loss.step += 1
        return recall_loss(model, batch)

    loss.step = 0
    training.fit(
        model,
        recall_batches(delay, seed=seed),
        loss,
        steps=watched[-1],
        learning_rate=1e-2,
        seed=seed,
        label=f"recall {delay}",
    )
    return model, gates | {str(watched[-1]): rounded(kept(model, delay))}


def run(
    output: Path,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    delays: Sequence[int] = (10, 20),
    watched: Sequence[int] = WATCHED,
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the trainings.
        delays: to recall over.
        watched: steps after which the gates are looked at, the last of them that of the training.
    """

    def row(name: str, seed: int) -> Row:
        begun, found = time.process_time(), {}
        for delay in delays:
            model, gates = train(lambda: network(**VARIANTS[name]), delay, seed, watched)
            found[str(delay)] = {"right": round(recall_accuracy(model, delay), 3), "kept": gates}
        return {**found, "cpu_s": round(time.process_time() - begun, 1)}

    told = {"recipe": "lecture_utils.recipes.between_cells", **provenance(), "steps": watched[-1]}
    return run_all(output / "between-cells.json", told, list(VARIANTS), seeds, row)


if __name__ == "__main__":
    command_line(run, __doc__)
