"""The recipe of recall and copying: what each network is, and what is written."""

from __future__ import annotations

import json
import math

import torch

from lecture_utils import recipes
from lecture_utils.models.recurrent import GRUCell
from lecture_utils.recipes import remembering as recipe


def test_every_network_is_trained_from_every_seed(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "COPIES", {"4 units, 2 steps": (4, 2)})
    monkeypatch.setattr(recipe, "RATES", (0.1, 1.0))
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
    assert set(told["clipping"]) == set(recipe.CLIPPED)
    for found in told["clipping"].values():
        assert {len(parts) for rates in found.values() for parts in rates.values()} == {2}
        assert all(set(rates) == set(map(str, recipe.RATES)) for rates in found.values())
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


def test_a_network_is_asked_at_its_delay_at_twice_that_and_far(monkeypatch):
    asked = []
    monkeypatch.setattr(recipe, "recall_accuracy", lambda _, delay: asked.append(delay) or 0.5)
    row = recipe.recall(recipe.network, 3, seed=0, steps=1)
    assert asked == [3, 6, recipe.FAR]
    assert {"right", "twice", "far"} <= set(row)


def test_descent_is_plain_and_clips_what_it_is_told(monkeypatch):
    asked = []
    monkeypatch.setattr(recipe.training, "fit", lambda *_, **options: asked.append(options))
    for clip in (1.0, math.inf):
        recipe.descent("plain RNN", 0.3, clip, seed=0, delay=2, steps=1)
    assert [options["clip"] for options in asked] == [1.0, math.inf]
    assert all(options["optimizer"] is torch.optim.SGD for options in asked)
    assert all(options["learning_rate"] == 0.3 for options in asked)


def test_an_f_of_one_stays_one():
    model = recipe.NETWORKS["LSTM, f always 1"]()
    kept = model.lstm.bias_ih_l0.detach().clone()
    loss = recipe.recall_loss(model, next(recipe.recall_batches(5, seed=0)))
    loss.backward()
    f = slice(32, 64)
    for weight in model.lstm.parameters():
        assert not weight.grad[f].any()  # nothing teaches the gate
        assert weight.grad[:32].any()
    assert torch.equal(torch.sigmoid(kept[f] - 10), torch.ones(32))  # whatever x and h add


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
