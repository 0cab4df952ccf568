"""Recurrent neural networks: one state, updated by every input.

Shapes: a cell takes inputs (B, D) and a state (B, H) and gives the next state (B, H);
`Recurrent` runs a cell along a sequence (B, T, D).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RNNCell(nn.Module):
    """The simple recurrent cell, h' = tanh(W x + U h + b).

    After Elman 1990, https://doi.org/10.1207/s15516709cog1402_1, whose units were logistic.
    Equals `torch.nn.RNNCell`.

    Args:
        input_size: features of an input, D.
        hidden_size: features of the state, H.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.W = nn.Linear(input_size, hidden_size)
        self.U = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """The next state (B, H) from an input (B, D) and the state (B, H)."""
        return torch.tanh(self.W(x) + self.U(h))


class GRUCell(nn.Module):
    """The gated recurrent unit, as torch computes it.

    The reset gate r closes on U h *after* the product, and z says how much of the old state to
    keep. Equals `torch.nn.GRUCell`; `PaperGRUCell` is the one of Bahdanau et al.

    Args:
        input_size: features of an input, D.
        hidden_size: features of the state, H.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.W = nn.Linear(input_size, 3 * hidden_size)
        self.U = nn.Linear(hidden_size, 3 * hidden_size)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """The next state (B, H) from an input (B, D) and the state (B, H)."""
        x_r, x_z, x_n = self.W(x).chunk(3, dim=-1)  # three times (B, H)
        h_r, h_z, h_n = self.U(h).chunk(3, dim=-1)
        r = torch.sigmoid(x_r + h_r)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * h_n)
        return (1 - z) * n + z * h


class PaperGRUCell(nn.Module):
    """The gated recurrent unit, as Bahdanau et al. print it.

    Two differences from torch's: r closes on h *before* the product with U, and z says how much
    of the *new* state to take.

    Source: Bahdanau, Cho and Bengio 2015, arXiv:1409.0473, appendix A.1.1. Cho et al. 2014,
    arXiv:1406.1078, share the first difference from version 3 on, and the second never.

    Args:
        input_size: features of an input, D.
        hidden_size: features of the state, H.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.W = nn.Linear(input_size, 3 * hidden_size)
        self.U_gates = nn.Linear(hidden_size, 2 * hidden_size, bias=False)
        self.U = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """The next state (B, H) from an input (B, D) and the state (B, H)."""
        x_r, x_z, x_n = self.W(x).chunk(3, dim=-1)  # three times (B, H)
        h_r, h_z = self.U_gates(h).chunk(2, dim=-1)
        r = torch.sigmoid(x_r + h_r)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + self.U(r * h))
        return (1 - z) * h + z * n


class LSTMCell(nn.Module):
    """The long short-term memory: a cell c that keeps, a state h that shows some of it.

    Equals `torch.nn.LSTMCell`.

    Source: Hochreiter and Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735; the
    forget gate is of Gers, Schmidhuber and Cummins 2000.

    Args:
        input_size: features of an input, D.
        hidden_size: features of h, and of c, H.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.W = nn.Linear(input_size, 4 * hidden_size)
        self.U = nn.Linear(hidden_size, 4 * hidden_size)
        self.show = nn.Tanh()

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """The next h and c, each (B, H), from an input (B, D) and those before."""
        i, f, g, o = (self.W(x) + self.U(h)).chunk(4, dim=-1)  # four times (B, H)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * self.show(c), c


class Recurrent(nn.Module):
    """Run a cell along a sequence: the same weights at every step.

    Args:
        cell: maps an input (B, D) and a state (B, H) to the next state (B, H).
    """

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, inputs: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """All states (B, T, H) and the last one (B, H) of inputs (B, T, D)."""
        if inputs.ndim != 3 or inputs.shape[1] == 0:
            raise ValueError(f"inputs must be (B, T, D) with T >= 1; got {tuple(inputs.shape)}")
        if state is None:
            state = inputs.new_zeros(len(inputs), self.cell.hidden_size)
        states = []
        for x in inputs.unbind(dim=1):
            state = self.cell(x, state)
            states.append(state)
        return torch.stack(states, dim=1), state


class ReadsBothWays(nn.Module):
    """A GRU from either end, and what each word says from the two states beside it.

    Args:
        words: how many there are.
        answers: how many a word can give, V.
        features: of an embedded word, and of a state in either direction.
    """

    def __init__(self, words: int, answers: int, features: int = 64) -> None:
        super().__init__()
        self.embed = nn.Embedding(words, features)
        self.gru = nn.GRU(features, features, batch_first=True, bidirectional=True)
        self.readout = nn.Linear(2 * features, answers)

    def forward(self, words: Tensor) -> Tensor:
        """Logits (B, S, V), one answer for each of the words (B, S)."""
        return self.readout(self.gru(self.embed(words))[0])


class NextWord(nn.Module):
    """Predict each next word from all words before it.

    Args:
        vocabulary_size: number of words, V.
        cell: the recurrent cell; its inputs have `embedding_size` features.
        embedding_size: features of an embedded word.
    """

    def __init__(self, vocabulary_size: int, cell: nn.Module, embedding_size: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary_size, embedding_size)
        self.recurrent = Recurrent(cell)
        self.output = nn.Linear(cell.hidden_size, vocabulary_size)

    def forward(self, words: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Logits (B, T, V) of the word behind each of words (B, T), and the last state (B, H)."""
        states, state = self.recurrent(self.embed(words), state)
        return self.output(states), state


class NextWordLSTM(nn.Module):
    """`NextWord` with torch's LSTM: the output reads h, and c passes beside it.

    Source: Hochreiter and Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735; the
    forget gate is of Gers, Schmidhuber and Cummins 2000.

    Args:
        vocabulary_size: number of words, V.
        hidden_size: features of h, and of c, H.
        embedding_size: features of an embedded word.
        opened: is added to the bias of the forget gate; 0 leaves it as torch starts it.
    """

    def __init__(
        self, vocabulary_size: int, hidden_size: int, embedding_size: int, opened: float = 0.0
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary_size, embedding_size)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True)
        self.output = nn.Linear(hidden_size, vocabulary_size)
        with torch.no_grad():  # the rows of the bias are stacked i, f, g, o
            self.lstm.bias_ih_l0[hidden_size : 2 * hidden_size] += opened

    def forward(self, words: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Logits (B, T, V) of the word behind each of words (B, T), and the last h and c."""
        states, last = self.lstm(self.embed(words))
        return self.output(states), last
