"""The recipe of the words that read each other: what its variants are, and what is written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.addressing import Additive, Dot, ScaledDot
from lecture_utils.models.recurrent import ReadsBothWays
from lecture_utils.recipes import among_words as recipe


def test_variants_are_what_their_names_say():
    for name, variant in recipe.VARIANTS.items():
        model = variant.make()
        if "GRU" in name:
            assert isinstance(model, ReadsBothWays)
            assert model.gru.hidden_size == (256 if "256" in name else 64)
            continue
        if "d =" in name:
            score, size = name.split(", d = ")
            kinds = {"additive": Additive, "dot": Dot, "scaled dot": ScaledDot}
            assert type(model.head.address) is kinds[score]
            assert model.head.W_V.out_features == int(size)
            more = int(size) if score == "additive" else 0  # the vector v
            asks = sum(p.numel() for p in model.head.parameters())
            assert asks == 3 * 64 * int(size) + more
            continue
        assert (len(model.layers), model.masked) == (int(name[0]), "causal" in name)


def test_a_row_is_that_of_the_rate_that_the_development_rows_choose(tmp_path, monkeypatch):
    few = {
        name: replace(recipe.VARIANTS[name], steps=2, rates=rates)
        for name, rates in (("1 layer, no mask", (0.1,)), ("GRU", (1e-3, 0.1)))
    }
    scores = iter([0.5, 0.25, 0.1, 0.4, 0.2])  # one of order; two chosen, then the better judged
    monkeypatch.setattr(recipe, "looked_up", lambda model, rows: next(scores))
    told = recipe.run(tmp_path, (7,), few)
    assert told["variants"]["1 layer, no mask"] == [{"seed": 7, "rate": 0.1, "right": 0.25}]
    assert told["variants"]["GRU"] == [{"seed": 7, "rate": 0.1, "right": 0.2}]
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("among-words") == json.loads(json.dumps(told))


@pytest.mark.parametrize("name", recipe.VARIANTS)
def test_what_judges_is_neither_trained_on_nor_what_chooses(name):
    batches = recipe.VARIANTS[name].batches
    dev, test = (next(batches(of, 1000)).words for of in (1_000_001, 2_000_002))
    assert dev.shape == test.shape == (1000, 12)
    trained = torch.cat([next(batches(seed, 64)).words for seed in (0, 1, 2)])
    rows = [set(map(tuple, words.tolist())) for words in (trained, dev, test)]
    assert not rows[2] & (rows[0] | rows[1])
