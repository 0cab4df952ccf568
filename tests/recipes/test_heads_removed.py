"""The recipe that takes heads away: what is taken away, what is found, what is kept."""

from __future__ import annotations

import json

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.recipes import heads_removed as recipe
from lecture_utils.recipes import transformer


def test_every_head_is_taken_away(tmp_path, monkeypatch):
    told = recipe.run(tmp_path, tmp_path / "kept", seeds=(0, 1), sentences=4, steps=2)
    (rows,) = told["variants"].values()
    assert [row["seed"] for row in rows] == [0, 1]
    for found in rows[0]["attentions"].values():
        assert len(found["without"]) == len(found["without_mean"]) == len(found["heads"]) == 4
        assert len(found["random"]) == len(found["random_mean"]) == recipe.DRAWS
        assert found["best"] in range(4)
    assert len(rows[0]["attentions"]) == 6
    assert len(list((tmp_path / "kept").glob("*.safetensors"))) == 2
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("heads-removed") == json.loads(json.dumps(told))


def test_a_model_that_is_kept_is_not_trained_again(tmp_path, monkeypatch):
    first = recipe.trained(0, tmp_path, steps=2)
    monkeypatch.setattr(recipe, "train", pytest.fail)
    again = recipe.trained(0, tmp_path)
    for a, b in zip(first.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_what_is_taken_away_is_what_is_said(monkeypatch):
    """The sentences that are right, told from the matrix that the reads go through."""
    torch.manual_seed(0)
    model = transformer.made(transformer.VARIANTS[recipe.MODEL], 0)
    attention = model.decoder.layers[0].cross
    seen = []

    def exact(model, pairs):
        with torch.no_grad():
            left = attention.W_O(torch.ones(1, 64))[0]
        seen.append(torch.linalg.solve(attention.W_O.weight, left))  # what W_O was given
        return seen[-1].sum().item() / 64

    words = iter([0.2, 0.9, 0.1, 0.3])
    monkeypatch.setattr(recipe, "exact", exact)
    monkeypatch.setattr(recipe, "words_right", lambda *_: next(words))
    found = recipe.removed(model, attention, [], [], torch.full((64,), 3.0))
    assert found["without"] == pytest.approx([0.75] * 4, abs=1e-3)
    assert found["without_mean"] == pytest.approx([0.75 + 0.25 * 3] * 4, abs=1e-3)
    assert found["best"] == 1
    assert found["alone"] == pytest.approx(0.25, abs=1e-3)
    assert found["none"] == pytest.approx(0.0, abs=1e-3)
    for head, left in enumerate(seen[:4]):
        assert left[16 * head : 16 * (head + 1)].abs().max() < 1e-3
    for head, left in enumerate(seen[4:8]):
        assert torch.allclose(left[16 * head : 16 * (head + 1)], torch.tensor(3.0), atol=1e-3)
    assert seen[8][16:32].min() > 0.99, "the head that is left is the best one"
