"""The recipe of the translators: what each variant is, and what is written."""

from __future__ import annotations

import json

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.addressing import Additive, General
from lecture_utils.models.encoder_decoder import FixedContext
from lecture_utils.recipes import numerals as recipe

TINY = {
    "attention, short first": recipe.Variant("additive", short=1, steps=2, hidden_size=8),
    "fixed": recipe.Variant(steps=2, hidden_size=8),
}


def test_every_variant_is_trained_from_every_seed_and_judged(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "TESTED", (2, 3))
    told = recipe.run(tmp_path, tmp_path / "kept", (0, 1), TINY, sentences=2)
    assert {name: [row["seed"] for row in rows] for name, rows in told["variants"].items()} == {
        name: [0, 1] for name in TINY
    }
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("numerals") == json.loads(json.dumps(told))
    (first, _), (fixed, _) = (told["variants"][name] for name in TINY)
    assert set(first["exact"]) == {"2", "3"}
    assert {"aer", "beside", "parts", "moved", "lists", "written"} <= set(first)
    assert not {"aer", "parts"} & set(fixed)
    assert len(list((tmp_path / "kept").glob("*.safetensors"))) == 4


def test_a_kept_model_is_read_not_trained(tmp_path):
    kept = tmp_path / "kept.safetensors"
    first = recipe.train(TINY["fixed"], 0, kept).state_dict()
    assert all(
        torch.equal(first[name], value)
        for name, value in recipe.train(TINY["fixed"], 0, kept).state_dict().items()
    )
    other = recipe.train(TINY["fixed"], 1).state_dict()
    assert not torch.equal(first["decoder.embed.weight"], other["decoder.embed.weight"])


@pytest.mark.parametrize("name", recipe.VARIANTS)
def test_a_variant_is_what_it_is_called(name):
    variant = recipe.VARIANTS[name]
    context = recipe.made(variant, 0).context
    if "fixed" in name:
        assert isinstance(context, FixedContext)
    else:
        assert isinstance(context.address, General if name == "general" else Additive)
    assert bool(variant.short) == ("short first" in name)


def test_the_wider_context_has_more_weights_than_any_attention():
    sizes = {
        name: sum(p.numel() for p in recipe.made(variant, 0).parameters())
        for name, variant in recipe.VARIANTS.items()
    }
    assert sizes.pop("fixed, wider") > max(sizes.values())


def test_the_command_line_names_the_folders(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(recipe, "run", lambda *folders: asked.append(folders))
    recipe.main(["--output", str(tmp_path), "--work", str(tmp_path / "kept")])
    assert asked == [(tmp_path, tmp_path / "kept")]
