"""The recipe of the translators: what each variant is, and what is written."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.addressing import Additive, General
from lecture_utils.models.encoder_decoder import FixedContext
from lecture_utils.recipes import numerals as recipe

TINY = {
    "attention, short first": recipe.Variant("additive", short=1, steps=2, hidden_size=8),
    "fixed": recipe.Variant(steps=2, hidden_size=8),
    "to Korean, short first": recipe.Variant("additive", short=1, steps=2, target="ko"),
}


def test_every_variant_is_trained_from_every_seed_and_judged(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "TESTED", (2, 3))
    told = recipe.run(tmp_path, tmp_path / "kept", (0, 1), TINY, sentences=2)
    assert {name: [row["seed"] for row in rows] for name, rows in told["variants"].items()} == {
        name: [0, 1] for name in TINY
    }
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("numerals") == json.loads(json.dumps(told))
    (first, _), (fixed, _), (korean, _) = (told["variants"][name] for name in TINY)
    assert set(first["exact"]) == {"2", "3"}
    assert {"aer", "beside", "exchanged", "parts", "moved", "lists", "written"} <= set(first)
    assert not {"aer", "parts"} & set(fixed)
    assert {"least_error", "kinds"} <= set(korean) & set(first)
    assert "parts" not in korean
    assert len(list((tmp_path / "kept").glob("*.safetensors"))) == 6


def test_one_variant_alone_keeps_the_others_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "TESTED", (2, 3))
    two = {name: TINY[name] for name in ("fixed", "attention, short first")}
    before = recipe.run(tmp_path, None, (0,), two, sentences=2)
    again = recipe.run(tmp_path, None, (0, 1), two, sentences=2, only=["fixed"])
    assert list(again["variants"]) == list(two)
    assert (
        again["variants"]["attention, short first"]
        == (before["variants"]["attention, short first"])
    )
    assert [row["seed"] for row in again["variants"]["fixed"]] == [0, 1]
    assert again["before"]["variants"] == ["attention, short first"]
    with pytest.raises(ValueError, match="no variant"):
        recipe.run(tmp_path, None, (0,), two, sentences=2, only=["other"])


def test_mixed_sentences_are_the_same_in_no_order():
    variant = recipe.Variant(short=2, steps=5)
    first = list(islice(recipe.sentences_of(variant, 3), 64 * 5))
    mixed = list(recipe.sentences_of(replace(variant, mixed=True), 3))
    assert max(len(pair.source) for pair in first[: 64 * 2]) <= 8
    assert max(len(pair.source) for pair in mixed[: 64 * 2]) > 8
    assert sorted(first) == sorted(mixed)


def test_half_the_length_is_never_exceeded():
    pairs = islice(recipe.sentences_of(recipe.VARIANTS["attention, up to 15"], 0), 500)
    assert max(len(pair.source) for pair in pairs) == 15


def test_how_far_looks_move_is_asked_with_a_control(monkeypatch):
    asked = []

    def shifted(model, pairs, extra, half, parts):
        assert {len(pair.source) for pair in pairs} == {20}
        asked.append((half, len(extra[0].source)))
        return {"told": [0.0, 1.0], "ahead": [0.0, -2.0]}

    monkeypatch.setattr(recipe, "shifted", shifted)
    found = recipe.further(None, 2)
    assert ("other words", 9) in asked
    assert {("forward", 1), ("backward", 9)} <= set(asked)
    assert found["forward, 10"] == {"told": 1.0, "ahead": -2.0}
    assert len(found) == 2 + 2 * len(recipe.FURTHER)


def test_what_is_carried_from_read_to_query_is_asked_with_a_control(monkeypatch):
    asked = []

    def shifted(model, pairs, extra, half, parts, of):
        assert {(len(pair.source), pair.source[16]) for pair in pairs} == {(20, ",")}
        asked.append((half, len(extra[0].source), of))
        return {"told": [0.0, 0.0, 1.0, 0.0], "ahead": [0.0, 0.0, -2.0, 0.0]}

    monkeypatch.setattr(recipe, "shifted", shifted)
    found = recipe.carried(None, 2)
    for of in ("states", "keys", "values"):
        assert ("other words behind", 3, of) in asked
        assert {("backward", by - 1, of) for by in recipe.FURTHER} <= set(asked)
    assert found["keys, 10"] == {"told": 1.0, "ahead": -2.0}
    assert len(found) == 3 * (1 + len(recipe.FURTHER))


def test_hidden_slots_are_not_read():
    model = recipe.made(recipe.VARIANTS["attention"], 0)
    assert recipe.hidden(model, 1, 2)["ahead"][-1] < -25, "the look can be at the first slot alone"
    assert recipe.hidden(model, None, 2)["ahead"] != recipe.hidden(model, 1, 2)["ahead"]


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
    assert bool(variant.short) == ("short" in name)
    assert variant.mixed == ("mixed" in name)
    assert (variant.longest == 15) == ("15" in name)
    assert (variant.target == "ko") == ("Korean" in name)


def test_the_wider_context_has_more_weights_than_any_attention():
    sizes = {
        name: sum(p.numel() for p in recipe.made(variant, 0).parameters())
        for name, variant in recipe.VARIANTS.items()
    }
    assert sizes.pop("fixed, wider") > max(sizes.values())
