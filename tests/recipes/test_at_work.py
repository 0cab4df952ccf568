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
    assert set(told["variants"]) == {"paper", "anywhere", "apart", "silent"}
    for name, (row,) in told["variants"].items():
        assert list(row["moved"]) == list(recipe.MOVED)
        assert ("said" in row) == (name == "paper")
    (row,) = told["variants"]["paper"]
    assert len(row["without"]) == len(row["mean"]) == 10
    assert row["said_untrained"].keys() == row["said"].keys()
    assert [*row["by_length"]] == [*recipe.WITHOUT]
    assert {*row["by_length"][1]} == {"whole", "nothing", "mean", "first", "own"}
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


def test_the_encoder_says_its_own_mean_to_other_sentences_of_one_word(monkeypatch):
    """The mean is taken over all numbers of one word but the one that is judged."""
    asked = []
    plain = at_work.without

    def without(model, paths, mean_of=(), first=False):
        asked.append((len(mean_of), first))
        return plain(model, paths, mean_of, first)

    monkeypatch.setattr(at_work, "without", without)
    dev = recipe.of_length([5], 3, "dev")
    told = recipe.without_looks(recipe.untrained(0), 1, 5, dev)
    assert asked == [(0, False), (3, False), (3, True), *[(27, False)] * 28]
    assert told == dict.fromkeys(("whole", "nothing", "mean", "first", "own"), 0.0)


@pytest.mark.parametrize(("further", "apart"), [(0, False), (10, False), (10, True)])
def test_sentences_begin_where_it_is_said(monkeypatch, further, apart):
    begun = []
    plain = at_work.moved

    def moved(model, source=0, target=0):
        begun.append((source, target))
        return plain(model, source, target)

    monkeypatch.setattr(at_work, "moved", moved)
    recipe.trained(0, steps=60, further=further, apart=apart)
    assert all(a == b for a, b in begun) != apart
    for side in zip(*begun, strict=True):
        assert set(side) == set(range(11))
    assert bool(begun) == bool(further)
