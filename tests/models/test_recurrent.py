"""Recurrent cells: equal to torch's, or to the papers' equations written out."""

import numpy as np
import pytest
import torch
from torch import nn

from lecture_utils.models.recurrent import (
    GRUCell,
    LSTMCell,
    NextWord,
    NextWordLSTM,
    PaperGRUCell,
    ReadsBothWays,
    Recurrent,
    RNNCell,
)


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_rnn_cell_equals_torchs():
    ours, theirs = RNNCell(4, 5), nn.RNNCell(4, 5)
    with torch.no_grad():
        ours.W.weight.copy_(theirs.weight_ih)
        ours.W.bias.copy_(theirs.bias_ih + theirs.bias_hh)
        ours.U.weight.copy_(theirs.weight_hh)
    x, h = numbers(3, 4), numbers(3, 5, seed=1)
    torch.testing.assert_close(ours(x, h), theirs(x, h), rtol=0, atol=1e-6)


def same_weights(ours, theirs, layer=""):
    with torch.no_grad():
        ours.W.weight.copy_(getattr(theirs, f"weight_ih{layer}"))
        ours.W.bias.copy_(getattr(theirs, f"bias_ih{layer}"))
        ours.U.weight.copy_(getattr(theirs, f"weight_hh{layer}"))
        ours.U.bias.copy_(getattr(theirs, f"bias_hh{layer}"))


def test_gru_cell_equals_torchs():
    ours, theirs = GRUCell(4, 5), nn.GRUCell(4, 5)
    same_weights(ours, theirs)
    x, h = numbers(3, 4), numbers(3, 5, seed=1)
    torch.testing.assert_close(ours(x, h), theirs(x, h), rtol=0, atol=1e-6)


def test_a_whole_gru_equals_torchs_with_its_gradients():
    ours, theirs = Recurrent(GRUCell(4, 5)), nn.GRU(4, 5, batch_first=True)
    same_weights(ours.cell, theirs, "_l0")
    x = numbers(3, 7, 4)
    states, last = ours(x)
    wanted, wanted_last = theirs(x)
    torch.testing.assert_close(states, wanted, rtol=0, atol=1e-6)
    torch.testing.assert_close(last, wanted_last[0], rtol=0, atol=1e-6)
    states.sum().backward()
    wanted.sum().backward()
    torch.testing.assert_close(ours.cell.U.weight.grad, theirs.weight_hh_l0.grad, rtol=0, atol=1e-5)


def test_paper_gru_is_appendix_a11_in_numpy():
    cell = PaperGRUCell(4, 5).double()
    x, h = numbers(4).double(), numbers(5, seed=1).double()
    W, b = cell.W.weight.detach().numpy(), cell.W.bias.detach().numpy()
    U_r, U_z = cell.U_gates.weight.detach().numpy().reshape(2, 5, 5)
    U = cell.U.weight.detach().numpy()
    W_r, W_z, W_n = W.reshape(3, 5, 4)
    b_r, b_z, b_n = b.reshape(3, 5)

    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    s, e = h.numpy(), x.numpy()
    z = sigmoid(W_z @ e + b_z + U_z @ s)
    r = sigmoid(W_r @ e + b_r + U_r @ s)
    new = np.tanh(W_n @ e + b_n + U @ (r * s))
    wanted = (1 - z) * s + z * new
    ours = cell(x[None], h[None])[0].detach().numpy()
    np.testing.assert_allclose(ours, wanted, atol=1e-12)


def test_the_two_grus_differ_as_the_docstring_says():
    paper, torchs = PaperGRUCell(4, 5), GRUCell(4, 5)
    with torch.no_grad():
        torchs.W.weight.copy_(paper.W.weight)
        torchs.W.bias.copy_(paper.W.bias)
        torchs.U.weight.copy_(torch.cat([paper.U_gates.weight, paper.U.weight]))
        torchs.U.bias.zero_()
    x, h = numbers(3, 4), numbers(3, 5, seed=1)
    assert (paper(x, h) - torchs(x, h)).abs().max() > 0.05
    with torch.no_grad():  # turn z round, and take the reset gate away: now they agree
        for weight in (torchs.W.weight, torchs.W.bias, torchs.U.weight):
            weight[5:10] *= -1
        for cell in (paper, torchs):
            cell.W.bias[:5] = 40.0
    torch.testing.assert_close(paper(x, h), torchs(x, h), rtol=0, atol=1e-6)


def test_the_lstm_cell_is_torchs() -> None:
    torch.manual_seed(0)
    ours, theirs = LSTMCell(4, 5), nn.LSTMCell(4, 5)
    with torch.no_grad():
        ours.W.weight.copy_(theirs.weight_ih)
        ours.W.bias.copy_(theirs.bias_ih)
        ours.U.weight.copy_(theirs.weight_hh)
        ours.U.bias.copy_(theirs.bias_hh)
    x, h, c = torch.randn(3, 4), torch.randn(3, 5), torch.randn(3, 5)
    for one, other in zip(ours(x, h, c), theirs(x, (h, c)), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("cell", [RNNCell, GRUCell, PaperGRUCell])
def test_a_sequence_in_two_parts_is_the_sequence(cell):
    recurrent, x = Recurrent(cell(4, 5)), numbers(3, 7, 4)
    states, last = recurrent(x)
    first, middle = recurrent(x[:, :3])
    second, end = recurrent(x[:, 3:], middle)
    torch.testing.assert_close(torch.cat([first, second], dim=1), states)
    torch.testing.assert_close(end, last)


def test_the_future_does_not_reach_the_past():
    recurrent, x = Recurrent(GRUCell(4, 5)), numbers(1, 7, 4).requires_grad_()
    recurrent(x)[0][0, 3].sum().backward()
    assert x.grad[0, 4:].abs().max() == 0
    assert (x.grad[0, :4].abs().amax(dim=-1) > 0).all()


def test_next_word_shapes_and_bad_input():
    model = NextWord(11, GRUCell(4, 5), 4)
    logits, state = model(torch.randint(0, 11, (3, 6)))
    assert logits.shape == (3, 6, 11)
    assert state.shape == (3, 5)
    with pytest.raises(ValueError, match=r"\(B, T, D\) with T >= 1"):
        Recurrent(GRUCell(4, 5))(numbers(3, 0, 4))


@pytest.mark.parametrize("opened", [0.0, 3.0])
def test_the_lstm_is_its_equations_step_by_step(opened):
    torch.manual_seed(0)
    model = NextWordLSTM(9, 5, 4, opened)
    words = torch.randint(9, (3, 6))
    torch.manual_seed(0)
    plain = NextWordLSTM(9, 5, 4)
    h = c = torch.zeros(3, 5)
    for x in model.embed(words).unbind(dim=1):
        sums = x @ plain.lstm.weight_ih_l0.T + h @ plain.lstm.weight_hh_l0.T
        i, f, g, o = (sums + plain.lstm.bias_ih_l0 + plain.lstm.bias_hh_l0).chunk(4, dim=-1)
        c = torch.sigmoid(f + opened) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    logits, (last_h, last_c) = model(words)
    assert logits.shape == (3, 6, 9)
    assert torch.allclose(last_h[0], h, atol=1e-6)
    assert torch.allclose(last_c[0], c, atol=1e-6)
    assert torch.allclose(logits[:, -1], plain.output(h), atol=1e-6)


def test_a_gru_both_ways_lets_every_word_hear_of_every_other():
    torch.manual_seed(0)
    model = ReadsBothWays(9, 4, features=8)
    words = torch.randint(9, (1, 6))
    said = model(words)
    assert said.shape == (1, 6, 4)
    for place in range(6):
        other = words.clone()
        other[:, place] = (other[:, place] + 1) % 9
        assert (model(other) - said)[0].abs().amax(dim=-1).min() > 0
