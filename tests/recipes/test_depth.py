"""The recipe of depths: what each variant is, what is measured, and what is taken apart."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from lecture_utils import recipes
from lecture_utils.data import digits
from lecture_utils.models.resnet import Nothing, blocks, small_resnet
from lecture_utils.recipes import depth
from lecture_utils.tasks.digit_reading import Prepared, digit_loss, halved_in_three


@pytest.fixture
def few(monkeypatch):
    """A few digits in the place of all."""
    all_of = digits.load
    monkeypatch.setattr(digits, "load", lambda split="train": all_of(split).first(128))
    monkeypatch.setattr(depth, "SEEN", 64)


def made(variant):
    torch.manual_seed(0)
    return variant.changed(small_resnet(variant.depth, around=variant.around, width=depth.WIDTH))


def test_every_variant_is_what_its_name_says():
    for name, variant in depth.VARIANTS.items():
        model = made(variant)
        assert str(variant.depth) in name.split(", ")[1]
        shortcuts = [block.downsample for block in blocks(model)]
        assert all(isinstance(one, Nothing) for one in shortcuts) == name.startswith("plain")
        bare = not any(isinstance(part, nn.BatchNorm2d) for part in model.modules())
        assert bare == ("no norms" in name)
        assert (variant.steps == 3 * depth.STEPS) == name.endswith("three times as long")
    rates = {v.rate for n, v in depth.VARIANTS.items() if "rate" in n}
    assert rates == {0.03, 0.3}


def test_gradients_are_those_of_the_loss_and_nothing_is_changed():
    some = digits.load("dev").first(16)
    model = Prepared(made(depth.Variant(14)), halved_in_three)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = depth.gradients(model, some)
    assert len(found) == 6
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    weight = model.model.layer2[1].conv1.weight
    (grad,) = torch.autograd.grad(digit_loss(model.train(), (some.images, some.digits)), weight)
    assert found[3] == pytest.approx(grad.norm().item(), rel=0.01)


@pytest.mark.usefixtures("few")
def test_a_row_tells_errors_gradients_and_what_blocks_do(tmp_path, monkeypatch):
    variant = depth.Variant(14, steps=3, taken_apart=True)
    row = depth.row_of(variant, 0)
    apart = row["taken apart"]
    assert len(apart["without"]) == 3  # the first of each stage stays
    assert [*apart["without several"]] == ["2"]
    assert apart["whole"] == pytest.approx(row["dev"], abs=1e-3)
    assert {len(found) for found in row["gradients"].values()} == {6}
    assert 0 <= row["train"] <= 1
    monkeypatch.setattr(depth, "row_of", lambda variant, seed: {"depth": variant.depth})
    told = depth.run(tmp_path, (3,), {"a": depth.Variant(8)})
    assert told["variants"] == {"a": [{"seed": 3, "depth": 8}]}
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("depth") == json.loads(json.dumps(told))


@pytest.mark.usefixtures("few")
def test_a_training_that_breaks_is_told():
    row = depth.row_of(depth.Variant(8, rate=float("inf"), steps=3), 0)
    assert row["train"] is None
    assert "loss" in row["told"]
