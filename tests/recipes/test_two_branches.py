"""The recipe of two branches: what each variant is, and what is measured."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from lecture_utils import recipes
from lecture_utils.models.bam import BAM
from lecture_utils.models.bam_controls import Off
from lecture_utils.recipes import two_branches
from lecture_utils.tasks.chosen_places import GATES
from tests.models.vision import parameters


@pytest.fixture
def few(monkeypatch):
    """Few scenes in the place of all."""
    monkeypatch.setattr(two_branches, "SCENES", dict.fromkeys(("train", "dev", "test"), 80))
    monkeypatch.setattr(two_branches, "LOOKED", 20)


def test_every_variant_is_what_its_name_says():
    nets = {name: make() for name, make in two_branches.VARIANTS.items()}
    middles, counts = (
        {name: change(net) for name, net in nets.items()}
        for change in (lambda net: net.middle, parameters)
    )
    assert isinstance(middles["plain"], nn.Identity)
    for name in ("product", "added", "times", "dilation 1"):
        assert counts[name] == counts["sum"]
    assert counts["one module, times"] == counts["one module"] < counts["sum"]
    assert middles["product"].gate.combine == "product"
    for name, other in (("channel", "spatial"), ("spatial", "channel")):
        assert isinstance(getattr(middles[name].gate, other), Off)
        assert not isinstance(getattr(middles[name].gate, name), Off)
    assert middles["sum"].gate.spatial.f_1.dilation == (4, 4)
    assert middles["dilation 1"].gate.spatial.f_1.dilation == (1, 1)
    assert isinstance(middles["sum"].gate.channel.norm, nn.Identity)
    assert isinstance(middles["norms at the end"].gate.channel.norm, nn.BatchNorm1d)
    blocks = {
        name: [type(block) for block in net.modules()].count(BAM) for name, net in nets.items()
    }
    assert (blocks["one module"], blocks["sum"], blocks["every layer"]) == (1, 2, 3)
    assert blocks["first module alone"] == 1
    first = nets["first module alone"]
    assert isinstance(first.below[1], BAM)
    assert isinstance(first.middle, nn.Identity)
    for name in ("plain", "dilated layers"):
        assert counts[f"{name}, longer"] == counts[name]
    assert middles["dilation 2"].gate.spatial.f_1.dilation == (2, 2)
    features = torch.rand(2, 24, 8, 8)
    mask = middles["times"].gate.eval()(features)
    torch.testing.assert_close(middles["times"].eval()(features), features * mask)
    scores = middles["added"].gate.eval().score(features)
    torch.testing.assert_close(middles["added"].eval()(features), features + scores)


@pytest.mark.parametrize("other", ["product", "added", "times", "dilation 1"])
def test_the_same_seed_begins_alike(other):
    made = []
    for name in ("sum", other):
        torch.manual_seed(0)
        made.append([*two_branches.VARIANTS[name]().parameters()])
    assert all(torch.equal(one, another) for one, another in zip(*made, strict=True))


@pytest.mark.usefixtures("few")
def test_a_row_tells_what_came_out(tmp_path, monkeypatch):
    whole, product, channel = (
        two_branches.row_of(name, 0, steps=3) for name in ("sum", "product", "channel")
    )
    assert {*channel} == {"weights", "right", "curve"}
    looked = {"frozen", "another picture's", "maps", "by the sum", "by the product"}
    assert {*product} == {*channel} | looked
    changed = {
        f"{branch} {how}"
        for branch in ("channel", "spatial")
        for how in ("off", "at its mean", *(f"at its mean, {gate}" for gate in GATES))
    }
    assert {*whole} == {*product} | changed
    longer = two_branches.row_of("plain, longer", 0, steps=3)
    assert (channel["curve"][-1]["step"], longer["curve"][-1]["step"]) == (3, 9)
    assert whole["by the sum"] == whole["right"]
    assert product["by the product"] == product["right"]
    maps = {f"{name}{more}" for name in ("activation", *GATES) for more in ("", " chooses")}
    assert {*whole["maps"]} == maps
    assert {*whole["curve"][-1]} == {"right", "step", *maps}
    assert {*channel["curve"][-1]} == {"right", "step"}
    monkeypatch.setattr(two_branches, "row_of", lambda name, seed: {"name": name})
    told = two_branches.run(tmp_path, (3,))
    assert told["variants"]["times"] == [{"seed": 3, "name": "times"}]
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("two-branches") == json.loads(json.dumps(told))
