"""The recipe of far places: what each variant is, and what is measured."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from lecture_utils import recipes
from lecture_utils.data import digits
from lecture_utils.models.non_local import PAIRWISE, NonLocal
from lecture_utils.models.non_local_controls import Even, Itself, MeanQuery, OneQuery
from lecture_utils.recipes import far_places
from tests.models.vision import parameters


@pytest.fixture
def few(monkeypatch):
    """Few scenes and digits in the place of all."""
    all_of = digits.load
    monkeypatch.setattr(digits, "load", lambda split="train": all_of(split).first(256))
    monkeypatch.setattr(far_places, "SCENES", dict.fromkeys(digits.SPLITS, 80))
    monkeypatch.setattr(far_places, "LOOKED", 20)


def test_every_variant_is_what_its_name_says():
    middles = {name: make().middle for name, make in far_places.COMPARING.items()}
    assert all(isinstance(middles[name], NonLocal) for name in (*PAIRWISE, "itself", "even"))
    assert isinstance(middles["itself"].address, Itself)
    assert isinstance(middles["even"].address, Even)
    counts = {name: parameters(make()) for name, make in far_places.COMPARING.items()}
    assert counts["itself"] == counts["even"] == counts["embedded"] == counts["dot"]
    assert 0.98 < counts["gate"] / counts["embedded"] < 1
    assert min(counts["wide"], counts["hidden layer"]) > counts["embedded"]
    assert not isinstance(far_places.COMPARING["wide"]().fc, nn.Sequential)
    assert isinstance(far_places.COMPARING["hidden layer"]().fc, nn.Sequential)
    assert isinstance(middles["asks by the mean"].address, MeanQuery)
    assert counts["asks by the mean"] == counts["embedded"]
    assert isinstance(middles["one query for all"].address, OneQuery)
    for longer, name in far_places.LONGER.items():
        assert counts[longer] == counts[name]
    embedded, itself = (make() for make in far_places.READING.values())
    assert parameters(embedded) == parameters(itself)
    assert isinstance(itself.middle.address, Itself)


@pytest.mark.usefixtures("few")
def test_a_row_tells_what_came_out(tmp_path, monkeypatch):
    rows = {name: far_places.row_of(name, 0, steps=3) for name in ("dot", "wide")}
    maps = {"received", "apart", "activation", "activation, size"}
    assert {*rows["dot"]["maps"]} == maps
    assert {*rows["dot"]["curve"][-1]} == {"step", "right", *maps}
    assert sum(rows["dot"]["looks"].values()) == pytest.approx(1, abs=0.002)
    assert 0 <= rows["dot"]["share of queries"] <= 1
    assert "maps" not in rows["wide"]
    assert all(0 <= row["right"] <= 1 for row in rows.values())
    reading = far_places.row_of("digits, itself", 0, steps=3)
    assert {*reading} == {"weights", "right", "loss", "best", "curve"}
    monkeypatch.setattr(far_places, "row_of", lambda name, seed: {"name": name})
    told = far_places.run(tmp_path, (3,))
    assert told["variants"]["even"] == [{"seed": 3, "name": "even"}]
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("far-places") == json.loads(json.dumps(told))


@pytest.mark.parametrize("other", ["itself", "even", "asks by the mean"])
def test_the_same_seed_begins_alike(other):
    made = []
    for name in ("embedded", other):
        torch.manual_seed(0)
        made.append(far_places.COMPARING[name]().state_dict())
    assert all(torch.equal(value, made[1][key]) for key, value in made[0].items())
