"""The recipe of decoding: what is looked into, and where the models come from."""

from __future__ import annotations

import json

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.recipes import decoding as recipe
from lecture_utils.recipes import transformer


def test_every_model_is_looked_into(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "TESTED", (4,))
    monkeypatch.setattr(recipe, "DAMAGED", ((6, 1),))
    told = recipe.run(
        tmp_path, seeds=(0,), names=("rotary", "bahdanau, AdamW"), steps=2, sentences=4
    )
    for (row,) in told["variants"].values():
        assert set(row["search"]["4"]) >= {"greedy", "beam", "beam, 0.6"}
        assert set(row["faults"]["4"]) == {"wrong", "told", "free"}
        assert list(row["damaged"]["6, 1"]) == list(recipe.writing.DAMAGES)
    assert "displaced" in told["variants"]["rotary"][0]
    assert "displaced" not in told["variants"]["bahdanau, AdamW"][0], "it is told no places"
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("decoding") == json.loads(json.dumps(told))


def test_a_model_that_was_kept_is_not_trained_again(tmp_path, monkeypatch):
    given = {"steps": 2, "sentences": 2, "variants": {"rotary": transformer.VARIANTS["rotary"]}}
    transformer.run(tmp_path / "results", tmp_path / "kept", seeds=(0,), **given)
    monkeypatch.setattr(transformer, "train", lambda *_: pytest.fail("it is there already"))
    model = recipe.translator("rotary", 0, tmp_path / "kept")
    words = torch.tensor([[4, 5, 6]])
    assert torch.equal(
        model.encoder(words), transformer.load(tmp_path / "kept", "rotary", 0).encoder(words)
    )


@pytest.mark.parametrize("name", recipe.MODELS)
def test_the_models_are_those_of_the_other_recipe(name):
    assert name in transformer.VARIANTS
