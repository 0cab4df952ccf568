"""The recipe of the fixed context: what each variant lacks, and what is written."""

from __future__ import annotations

import json

import torch

from lecture_utils import recipes
from lecture_utils.data import numerals
from lecture_utils.recipes import fixed_context as recipe


def test_every_variant_is_trained_from_every_seed(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "TESTED", (2, 5))
    told = recipe.run(tmp_path, seeds=(0, 1), steps=1, sentences=4)
    assert set(told["variants"]) == set(recipe.VARIANTS)
    for rows in told["variants"].values():
        assert [row["seed"] for row in rows] == [0, 1]
        assert all(set(row["exact"]) == set(row["words"]) == {2, 5} for row in rows)
    for name, rows in told["variants"].items():
        assert all(("word_by_word" in row) == (name in recipe.FOLLOWED) for row in rows)
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("fixed-context") == json.loads(json.dumps(told))


def test_each_variant_lacks_what_it_says():
    torch.manual_seed(0)
    made = {name: recipe.train(0, 1, **parts) for name, parts in recipe.VARIANTS.items()}
    whole = made["as it is"]
    assert made["48 units"].encoder.gru.hidden_size == 48
    assert made["192 units"].decoder.cell.hidden_size == 192
    still = made["encoder as it began"].encoder.state_dict()
    moved = whole.encoder.state_dict()
    assert any(not torch.equal(still[name], moved[name]) for name in still)
    again = recipe.train(0, 3, reader_learns=False).encoder.state_dict()
    assert all(torch.equal(still[name], again[name]) for name in still)
    assert not made["last word not fed back"].decoder.embed.weight.any()
    assert whole.decoder.embed.weight.any()


def test_words_are_counted_without_padding():
    model = recipe.train(0, 1)
    pairs = numerals.pairs(3, "en", "de", seed=0, lengths=[2, 9])
    with torch.no_grad():
        model.decoder.readout.W.weight.zero_()
        model.decoder.readout.W.bias.zero_()
        model.decoder.readout.W.bias[2] = 1.0  # says the end, always
    words = sum(len(pair.target) + 1 for pair in pairs)
    assert recipe.words_right(model, pairs) == torch.tensor(3 / words).item()


def test_words_are_followed_in_parts(monkeypatch):
    right = [float(place) for place in range(1, 21)]
    monkeypatch.setattr(recipe, "word_by_word", lambda *_: {"told": right})
    found = recipe.followed(None, [])
    assert found == {"told": {"words 1 to 3": 2, "6 to 10": 8, "11 to 15": 13, "16 to 20": 18}}
