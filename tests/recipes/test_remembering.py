"""The recipe of recall and copying: what each network is, and what is written."""

from __future__ import annotations

import json

import torch

from lecture_utils import recipes
from lecture_utils.models.recurrent import GRUCell
from lecture_utils.recipes import remembering as recipe


def test_every_network_is_trained_from_every_seed(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "COPIES", {"4 units, 2 steps": (4, 2)})
    told = recipe.run(tmp_path, seeds=(0, 1), delays=(2, 3), steps=(2, 4), length=2)
    assert set(told["recall"]) == set(recipe.NETWORKS)
    for found in told["recall"].values():
        assert {d: [row["seed"] for row in rows] for d, rows in found.items()} == {
            "2": [0, 1],
            "3": [0, 1],
        }
    assert set(told["recall_patient"]) == set(recipe.PATIENT)
    patient = told["recall_patient"]["plain RNN"]["2"]
    assert patient != told["recall"]["plain RNN"]["2"]
    assert [row["seed"] for row in told["copy"]["4 units, 2 steps"]] == [0, 1]
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("remembering") == json.loads(json.dumps(told))


def test_each_network_is_what_its_name_says():
    made = {name: make() for name, make in recipe.NETWORKS.items()}
    for stretch in (1, 2, 3):
        name = f"plain RNN, U {stretch} x orthogonal" if stretch > 1 else "plain RNN, U orthogonal"
        U = made[name].recurrent.cell.U.weight
        assert torch.allclose(U @ U.T, stretch**2 * torch.eye(32), atol=1e-4)
    assert made["plain RNN, 64 units"].recurrent.cell.hidden_size == 64
    closed, opened = (
        made[name].lstm.bias_ih_l0.detach().chunk(4) for name in ("LSTM", "LSTM, forget gate open")
    )
    assert closed[1].abs().max() < 1
    assert opened[1].min() > 2
    assert opened[0].abs().max() < 1  # no other gate
    sizes = {name: sum(p.numel() for p in model.parameters()) for name, model in made.items()}
    assert sizes["plain RNN, 64 units"] > sizes["GRU"] > sizes["plain RNN"]


def test_a_held_gate_is_held():
    x, h = torch.zeros(1, 16), torch.ones(1, 32)
    with torch.no_grad():
        for gates, kept in (({"always": 0.9}, 0.9), ({"most": 0.5}, 0.5)):
            cell = recipe.network(recipe.Held, **gates).recurrent.cell
            for part in (cell.W, cell.U):
                part.weight.zero_()
                part.bias.zero_()
            cell.U.bias[32:64] = 50.0  # z as far up as it goes
            assert torch.allclose(cell(x, h), torch.full_like(h, kept))
        free = recipe.Held(16, 32)
        same = GRUCell(16, 32)
        same.load_state_dict(free.state_dict())
        x, h = torch.randn(3, 16), torch.randn(3, 32)
        assert torch.allclose(free(x, h), same(x, h))
        leaky = recipe.Leaky(16, 32)
        leaky.W.weight.zero_()
        leaky.W.bias.zero_()
        leaky.U.weight.zero_()
        assert torch.allclose(leaky(x, h), 0.9 * h)


def test_the_command_line_names_the_folder(tmp_path, monkeypatch):
    folders = []
    monkeypatch.setattr(recipe, "run", folders.append)
    recipe.main(["--output", str(tmp_path)])
    assert folders == [tmp_path]
