"""The recipe of exchanged reads: which models it reads with, and what is written."""

from __future__ import annotations

import json

from lecture_utils import recipes
from lecture_utils.recipes import exchanged_reads as recipe
from lecture_utils.recipes import numerals

TINY = {
    "general": numerals.Variant("general", steps=2, hidden_size=8),
    "additive": numerals.Variant("additive", steps=2, hidden_size=8),
}


def test_every_model_is_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "VARIANTS", TINY)
    told = recipe.run(tmp_path, tmp_path / "kept", seeds=(0, 1), sentences=20)
    assert set(told["variants"]) == set(recipe.READ)
    for rows in told["variants"].values():
        assert [row["seed"] for row in rows] == [0, 1]
        assert {"seed", "beside", "exchanged"} == set(rows[0])
    assert len(list((tmp_path / "kept").glob("*.safetensors"))) == 4
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("exchanged-reads") == json.loads(json.dumps(told))


def test_the_models_are_those_of_the_other_recipe():
    assert set(recipe.READ) <= set(numerals.VARIANTS)
    assert [numerals.VARIANTS[name].score for name in recipe.READ] == ["general", "additive"]
