"""What the checks of ``recurrent_networks`` say of wrong answers and shortcuts."""

import copy

import pytest
import torch
from torch import nn

from lecture_utils import exercises
from tests.exercises.chapters import told


def two(step, order=(0, 1)):
    """Two steps of `step(x, h, W, U, b)` on the inputs in this order."""

    def answer(x1, x2, h0, W, U, b):
        h = h0
        for i in order:
            h = step((x1, x2)[i], h, W, U, b)
        return h

    return answer


def true(x, h, W, U, b):
    return torch.tanh(x @ W.T + h @ U.T + b)


def in_place(x1, x2, h0, W, U, b):
    h = true(x2, true(x1, h0, W, U, b), W, U, b)
    h0.copy_(h)
    return h


def lstm(order="ifgo", new=True, squash=torch.tanh, biases=2):
    """An LSTM step with the blocks in this order."""

    def answer(x, h, c, cell):
        sums = x @ cell.weight_ih.T + h @ cell.weight_hh.T
        sums = sums + cell.bias_ih + (cell.bias_hh if biases == 2 else 0)
        part = dict(zip(order, sums.chunk(4, dim=-1), strict=True))
        i, f, o = (part[name].sigmoid() for name in "ifo")
        after = f * c + i * squash(part["g"])
        return o * torch.tanh(after if new else c), after

    return answer


def by_torch(x, h, c, cell):
    made = nn.LSTMCell(4, 5)
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(made, name).copy_(getattr(cell, name))
    return torch.stack(made(x, (h, c)))


def seeded(x, h, c, cell):
    torch.manual_seed(0)
    return nn.LSTMCell(x.shape[1], h.shape[1])(x, (h, c))


def cell_in_place(x, h, c, cell):
    h, new = lstm()(x, h, c, cell)
    return h, c.copy_(new)


def state_in_place(x, h, c, cell):
    new, c = lstm()(x, h, c, cell)
    return h.copy_(new), c


def bias_in_place(x, h, c, cell):
    cell.bias_ih += cell.bias_hh
    return lstm(biases=1)(x, h, c, cell)


def by_lstm(x, h, c, cell):
    made = nn.LSTM(x.shape[1], h.shape[1], batch_first=True)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(made, name + "_l0").copy_(getattr(cell, name))
    _, (h, c) = made(x[:, None], (h[None], c[None]))
    return h[0], c[0]


def for_five(x, h, c, cell):
    """As if there were always five units."""
    sums = x @ cell.weight_ih.T + h @ cell.weight_hh.T + cell.bias_ih + cell.bias_hh
    i, f, g, o = sums[:, :5], sums[:, 5:10], sums[:, 10:15], sums[:, 15:20]
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def coupled(x, h, c, cell):
    """Takes 1 - f for the input gate, as a GRU does."""
    sums = x @ cell.weight_ih.T + h @ cell.weight_hh.T + cell.bias_ih + cell.bias_hh
    _, f, g, o = sums.chunk(4, dim=-1)
    c = f.sigmoid() * c + (1 - f.sigmoid()) * g.tanh()
    return o.sigmoid() * c.tanh(), c


def no_squash(x, h, c, cell):
    sums = x @ cell.weight_ih.T + h @ cell.weight_hh.T + cell.bias_ih + cell.bias_hh
    i, f, g, o = sums.chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c, c


def gate_by_gate(x, h, c, cell):
    """A loop over the blocks of rows."""
    size, sums = c.shape[1], []
    for k in range(4):
        rows = slice(k * size, (k + 1) * size)
        own = nn.functional.linear(x, cell.weight_ih[rows], cell.bias_ih[rows])
        sums.append(own + nn.functional.linear(h, cell.weight_hh[rows], cell.bias_hh[rows]))
    i, f, o = (torch.sigmoid(sums[k]) for k in (0, 1, 3))
    c = torch.addcmul(f * c, i, torch.tanh(sums[2]))
    return torch.mul(o, torch.tanh(c)), c


def side_by_side(x, h, c, cell):
    """One product with input and state side by side."""
    weights = torch.cat([cell.weight_ih, cell.weight_hh], dim=1)
    sums = torch.einsum("bd,gd->bg", torch.cat([x, h], dim=1), weights)
    sums += (cell.bias_ih + cell.bias_hh).unsqueeze(0)
    i, f, g, o = sums.view(len(x), 4, cell.hidden_size).unbind(dim=1)
    c = c.clone().mul_(f.sigmoid()).add_(i.sigmoid() * g.tanh())
    return o.sigmoid() * c.tanh(), c


def columns(x, h, c, cell):
    """Sequences as columns, and no gate has a name."""
    sums = cell.weight_ih @ x.T + cell.weight_hh @ h.T
    sums = sums + cell.bias_ih[:, None] + cell.bias_hh[:, None]
    a, b, d, e = sums.split(h.shape[1])
    new = 1 / (1 + (-b).exp()) * c.T + 1 / (1 + (-a).exp()) * d.tanh()
    return (new.tanh() / (1 + (-e).exp())).T, new.T


WRONG = {
    "steps_until_forgotten": [
        (10, "is still"),
        (19, "is still"),
        (99, "fewer"),
        (21, "fewer"),
        (31.0, "whole number"),
        (True, "whole number"),
        (-5, "at least 1"),
        ("20", "whole number"),
    ],
    "two_steps": [
        (two(true, (0,)), "after x1 only"),
        (two(true, (1,)), "after x2 only"),
        (two(true, (1, 0)), "other order"),
        (lambda *a: torch.zeros(3, 5), "off by"),
        (two(lambda x, h, W, U, b: torch.tanh(x @ W.T + h @ U.T)), "off by"),
        (two(lambda x, h, W, U, b: torch.tanh(x @ W.T + h @ U + b)), "off by"),
        (two(lambda x, h, W, U, b: torch.sigmoid(x @ W.T + h @ U.T + b)), "off by"),
        (
            lambda x1, x2, h, W, U, b: true(x2, x1 @ W.T + h @ U.T + b, W, U, b),
            "through tanh, too",
        ),
        (lambda *a: two(true)(*a)[0], "shape"),
        (in_place, "in place"),
    ],
    "lstm_step": [
        (lambda x, h, c, cell: cell(x, (h, c)), "write the step out"),
        (lambda x, h, c, cell: copy.deepcopy(cell)(x, (h, c)), "write the step out"),
        (by_torch, "write the step out"),
        (seeded, "write the step out"),
        (by_lstm, "write the step out"),
        (lambda x, h, c, w: torch.lstm_cell(x, (h, c), *w.all()), "write the step out"),
        (lambda x, h, c, w: torch.ops.aten.lstm_cell(x, (h, c), *w.all()), "write the step out"),
        (cell_in_place, "changes the tensors"),
        (state_in_place, "changes the tensors"),
        (bias_in_place, "changes the tensors"),
        (for_five, "must match"),
        (coupled, "c = f * c + i * g"),
        (no_squash, "o * tanh(c)"),
        (lambda x, h, c, cell: lstm()(x, torch.zeros_like(h), c, cell), "off by"),
        (lambda x, h, c, cell: lstm()(torch.zeros_like(x), h, c, cell), "off by"),
        (lambda x, h, c, cell: lstm()(x, h, torch.zeros_like(c), cell), "off by"),
        (lambda *a: lstm()(*a)[0], "pair"),
        (lambda *a: lstm()(*a)[::-1], "exchanged"),
        (lstm("figo"), "order of gates"),
        (lstm("ifog"), "order of gates"),
        (lstm(new=False), "new c"),
        (lstm(squash=torch.sigmoid), "off by"),
        (lstm(biases=1), "off by"),
    ],
}

RIGHT = {
    "two_steps": [
        two(lambda x, h, W, U, b: (torch.cat([x, h], 1) @ torch.cat([W, U], 1).T + b).tanh()),
        two(lambda x, h, W, U, b: torch.tanh(W @ x.T + U @ h.T + b[:, None]).T),
        two(lambda x, h, W, U, b: torch.addmm(nn.functional.linear(x, W, b), h, U.T).tanh()),
    ],
    "lstm_step": [lstm(), gate_by_gate, side_by_side, columns],
}
"""True solutions in other styles, by check."""

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)


@pytest.mark.parametrize(
    ("check", "right"), [(check, one) for check, every in RIGHT.items() for one in every]
)
def test_a_true_solution_in_another_style_passes(check, right):
    verdict = getattr(exercises, check)(right)
    assert verdict.passed, verdict.message
