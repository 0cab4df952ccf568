"""The checks of the chapter on recurrent neural networks."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched, without

READY = ("lstm_cell", "lstm", "thnn_fused_lstm_cell", "mkldnn_rnn_layer", "cudnn_rnn")
"""Functions of torch that compute an LSTM."""


@exercise("one cell, two inputs, the state carried on")
def two_steps(answer: Callable[..., Tensor]) -> None:
    """``answer(x1, x2, h0, W, U, b)``: the state after two steps of h' = tanh(W x + U h + b)."""
    x1, x2, h0 = numbers(3, 4), numbers(3, 4, seed=1), numbers(3, 5, seed=2)
    W, U, b = numbers(5, 4, seed=3), numbers(5, 5, seed=4) / 3, numbers(5, seed=5)
    h1 = torch.tanh(x1 @ W.T + h0 @ U.T + b)
    h2 = torch.tanh(x2 @ W.T + h1 @ U.T + b)
    before = [value.clone() for value in (x1, x2, h0, W, U, b)]
    given = tensor(answer(x1, x2, h0, W, U, b), (3, 5), "the state")
    if torch.allclose(given, h1, atol=1e-5):
        raise AssertionError("this is the state after x1 only; feed it back in, with x2")
    if torch.allclose(given, torch.tanh(x2 @ W.T + h0 @ U.T + b), atol=1e-5):
        raise AssertionError("this is the state after x2 only; the first input has to count")
    swapped = torch.tanh(x1 @ W.T + torch.tanh(x2 @ W.T + h0 @ U.T + b) @ U.T + b)
    if torch.allclose(given, swapped, atol=1e-5):
        raise AssertionError("the inputs come in the other order: x1 first, then x2")
    if torch.allclose(given, torch.tanh(x2 @ W.T + (x1 @ W.T + h0 @ U.T + b) @ U.T + b), atol=1e-5):
        raise AssertionError("the first state goes through tanh, too")
    close(given, h2, "is the first state the h of the second step, with the same W, U and b?")
    after = (x1, x2, h0, W, U, b)
    same = all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert same, "an argument has changed: make new tensors, change none in place"


class _Weights:
    """What `nn.LSTMCell` holds, by the same names, and nothing that computes a step."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, True
        rows = 4 * hidden_size
        self.weight_ih = numbers(rows, input_size, seed=11) / 2
        self.weight_hh = numbers(rows, hidden_size, seed=12) / 2
        self.bias_ih, self.bias_hh = numbers(rows, seed=13), numbers(rows, seed=14)

    def __call__(self, *arguments: object) -> None:
        raise AssertionError("write the step out: `cell` is here for its weights only")

    forward = __call__

    def all(self) -> tuple[Tensor, ...]:
        """The weights and biases, as torch's functions take them."""
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh


@exercise("three gates, and a cell that no matrix multiplies on its way")
def lstm_step(answer: Callable[..., tuple[Tensor, Tensor]]) -> None:
    """``answer(x, h, c, cell)``: one LSTM step with the weights of an `nn.LSTMCell`."""
    for batch, features, size in ((3, 4, 5), (1, 2, 3), (4, 4, 4)):
        cell = _Weights(features, size)
        x, h, c = (numbers(batch, n, seed=i) for i, n in enumerate((features, size, size)))
        wanted_h, wanted_c = torch.lstm_cell(x, (h, c), *cell.all())

        def asked(x: Tensor, h: Tensor, c: Tensor, *_: Tensor, cell: _Weights = cell) -> object:
            return answer(x, h, c, cell)

        sentence = "write the step out: sums, gates, c and h; torch's own LSTM is not the answer"
        with torch.no_grad(), without(READY, sentence):
            given = untouched(asked, x, h, c, *cell.all())
        if given is None:
            raise Stub
        pair = isinstance(given, tuple) and len(given) == 2
        assert pair, "return the pair (h, c)"
        new_h, new_c = (
            tensor(part, (batch, size), f"{name} of {batch} states with {size} features")
            for name, part in zip("hc", given, strict=True)
        )
        if torch.allclose(new_h, wanted_c, atol=1e-5):
            raise AssertionError("h first, then c: the two are exchanged")
        close(new_c, wanted_c, "c = f * c + i * g, in torch's order of gates: i, f, g, o")
        close(new_h, wanted_h, "the cell state is right; h = o * tanh(c), with the new c")


@exercise("the gradient shrinks by the same factor at every step")
def steps_until_forgotten(answer: int) -> None:
    """How many steps until 0.7 ** steps falls below 0.001."""
    whole = isinstance(answer, int) and not isinstance(answer, bool)
    assert whole, "pass a whole number of steps"
    assert answer > 0, "pass a number of steps that is at least 1"
    assert 0.7**answer < 0.001, f"0.7 ** {answer} is still {0.7**answer:.4f}"
    assert 0.7 ** (answer - 1) >= 0.001, f"it is enough after fewer than {answer} steps"
