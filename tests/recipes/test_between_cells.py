"""The recipe from the LSTM to the GRU: what each cell is, and what is written."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from lecture_utils import recipes
from lecture_utils.recipes import between_cells as recipe


def test_every_variant_is_trained_from_every_seed(tmp_path, monkeypatch):
    told = recipe.run(tmp_path, seeds=(0, 1), delays=(2, 3), watched=(0, 1, 2))
    assert set(told["variants"]) == set(recipe.VARIANTS)
    for rows in told["variants"].values():
        assert [row["seed"] for row in rows] == [0, 1]
        for row in rows:
            assert {delay: [*row[delay]["kept"]] for delay in ("2", "3")} == {
                "2": ["0", "1", "2"],
                "3": ["0", "1", "2"],
            }
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("between-cells") == json.loads(json.dumps(told))


def test_the_whole_cell_is_the_lstm_of_torch():
    torch.manual_seed(0)
    ours = recipe.Cell(3, 4)
    theirs = nn.LSTMCell(3, 4)
    with torch.no_grad():
        theirs.weight_ih.copy_(ours.W.weight)
        theirs.bias_ih.copy_(ours.W.bias)
        theirs.weight_hh.copy_(ours.U.weight)
        theirs.bias_hh.copy_(ours.U.bias)
    x, h, c = torch.randn(2, 3), torch.randn(2, 4), torch.randn(2, 4)
    state = ours(x, torch.cat([h, c], dim=-1))
    assert torch.allclose(state, torch.cat(theirs(x, (h, c)), dim=-1), atol=1e-6)


@pytest.mark.parametrize("name", recipe.VARIANTS)
def test_each_cell_lacks_what_its_name_says(name):
    torch.manual_seed(0)
    cell = recipe.network(**recipe.VARIANTS[name]).recurrent.cell
    x = torch.randn(5, 16)
    if name == "GRU":
        state = torch.randn(5, 32)
        z = cell.kept(x, state)
        assert ((cell(x, state) - z * state) / (1 - z)).abs().max() <= 1  # a tanh
        return
    state = torch.randn(5, 64)
    c = state[:, 32:]
    f = cell.kept(x, state)
    after, kept = cell(x, state).chunk(2, dim=-1)
    sums = (cell.W(x) + cell.U(state[:, :32])).chunk(4, dim=-1)
    written = 1 - f if name == "LSTM, i = 1 - f" else sums[0].sigmoid()
    assert torch.allclose(kept, f * c + written * sums[2].tanh(), atol=1e-6)
    shown = kept if "h = c" in name else kept.tanh()
    gate = 1.0 if "without o" in name else sums[3].sigmoid()
    assert torch.allclose(after, gate * shown, atol=1e-6)
    assert (f.mean() > 0.9) == ("near 1" in name)


def test_the_gates_are_those_behind_the_signal(monkeypatch):
    model = recipe.network()
    opened = iter([1.0, 0.2, 0.4, 1.0])  # the signal, two noises, the question
    monkeypatch.setattr(
        recipe.Cell, "kept", lambda self, x, state: torch.full((len(x), 32), next(opened))
    )
    assert recipe.rounded(recipe.kept(model, 2)) == {"mean": 0.3, "most open": 0.3}
