"""The recipe of the address by place: what each variant lacks, and what is written."""

from __future__ import annotations

import json

import torch

from lecture_utils import recipes
from lecture_utils.data import numerals
from lecture_utils.recipes import by_place as recipe


def test_every_variant_is_trained_from_every_seed(tmp_path, monkeypatch):
    told = recipe.run(tmp_path, seeds=(0, 1), steps=1, tested={2: 3, 5: 2})
    assert {name: [row["seed"] for row in rows] for name, rows in told["variants"].items()} == {
        name: [0, 1] for name in recipe.VARIANTS
    }
    for name, (row, _) in told["variants"].items():
        windows = ["no window"] if name == "content only" else [*recipe.WINDOWS]
        assert [*row["exact"]] == windows
        assert all([*found] == [2, 5] for found in row["exact"].values())
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("by-place") == json.loads(json.dumps(told))


def test_each_variant_lacks_what_it_says():
    made = {name: recipe.train(0, 1, **parts) for name, parts in recipe.VARIANTS.items()}
    places = {name: getattr(model.context.address, "place", None) for name, model in made.items()}
    assert [name for name, place in places.items() if place is None] == ["content only"]
    assert places["with place"].F.weight.shape == (8, 1, 5)
    still = [name for name, place in places.items() if place and not place.F.weight.any()]
    assert still == ["filters of zeros"]


def test_the_probability_of_the_right_words_decides(monkeypatch):
    asked = {}
    monkeypatch.setattr(recipe.training, "fit", lambda model, *_, **given: asked.update(given))
    model = recipe.train(0)
    assert [*asked["evaluate"](model)] == ["log P", "exact"]


def test_a_window_is_only_for_judging(monkeypatch):
    torch.manual_seed(0)
    model, seen = recipe.made(), []

    def exact(model, _):
        seen.append(model.context.address.window)
        return 0.5

    monkeypatch.setattr(recipe, "exact", exact)
    found = recipe.judge(model, {2: numerals.pairs(2, "en", "de", seed=0, lengths=[2])})
    assert seen == [8, 2, None]
    assert model.context.address.window == 8
    assert found["exact"]["window of 2"] == {2: 0.5}
