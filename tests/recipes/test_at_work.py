"""The recipe that looks into Transformers: what is trained, what is found, what is kept."""

from __future__ import annotations

import json

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.recipes import at_work as recipe
from lecture_utils.tasks import at_work


def test_every_kind_is_trained_and_looked_into(tmp_path, monkeypatch):
    told = recipe.run(tmp_path, seeds=(0,), count=4, steps=2)
    assert set(told["variants"]) == {"paper", "anywhere", "silent"}
    for name, (row,) in told["variants"].items():
        assert list(row["moved"]) == list(recipe.MOVED)
        assert ("said" in row) == (name == "paper")
    (row,) = told["variants"]["paper"]
    assert len(row["without"]) == len(row["mean"]) == 10
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("at-work") == json.loads(json.dumps(told))


def test_the_silent_encoder_reads_nothing():
    model = recipe.trained(0, steps=1, silent=True)
    words = torch.tensor([[4, 5, 6, 7]])
    other = torch.tensor([[4, 9, 9, 7]])
    with torch.no_grad():
        here, there = model.encoder(words), model.encoder(other)
    same = (here == there).all(dim=-1)[0]
    assert same.tolist() == [True, False, False, True]


@pytest.mark.parametrize("further", [0, 10])
def test_sentences_begin_where_it_is_said(monkeypatch, further):
    begun = []
    plain = at_work.moved

    def moved(model, source=0, target=0):
        begun.append((source, target))
        return plain(model, source, target)

    monkeypatch.setattr(at_work, "moved", moved)
    recipe.trained(0, steps=40, further=further)
    assert all(a == b for a, b in begun)
    assert {a for a, _ in begun} == (set(range(11)) if further else set())
