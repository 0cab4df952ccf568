"""The recipes of soft masks, alone and stacked: what each variant is, and what is told of it."""

import json

import pytest
from torch import nn

from lecture_utils import recipes
from lecture_utils.models import residual_attention_controls as controls
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.models.residual_attention import Attended, SoftMask
from lecture_utils.recipes import soft_masks as recipe
from lecture_utils.recipes import stacked_masks as stacks
from lecture_utils.tasks.soft_masks import CHANNELS
from tests.models.vision import parameters


def test_every_middle_is_what_its_name_says():
    made = {name: make() for name, make in recipe.MIDDLES.items()}
    assert made["naive"].naive
    assert not made["residual"].naive
    assert type(made["added"]) is controls.AddedScore
    assert isinstance(made["local"].mask.hourglass, nn.Sequential)
    for name in ("residual", "naive", "added"):
        assert type(made[name].mask) is SoftMask
    for name, kind in (
        ("one map", controls.OneMap),
        ("across places", controls.AcrossPlaces),
        ("across channels", controls.AcrossChannels),
    ):
        assert type(made[name].mask) is kind
    assert not any(isinstance(part, Attended) for part in made["plain"].modules())


def test_all_networks_have_as_many_weights_to_five_per_cent():
    counts = {name: parameters(PlaceNet(make(), CHANNELS)) for name, make in recipe.MIDDLES.items()}
    alone = counts.pop("trunk")
    assert max(counts.values()) < 1.05 * min(counts.values())
    assert alone < 0.75 * min(counts.values())


def test_every_stack_is_what_its_name_says():
    nets = {name: stacks.stacked(name, 0) for name in stacks.VARIANTS}
    modules = {name: net.middle for name, net in nets.items()}
    assert all(len(middle) == stacks.MODULES for middle in modules.values())
    kinds = {name: type(middle[5][1]) for name, middle in modules.items()}
    assert kinds["naive, doubled"] is controls.Doubled
    assert not issubclass(kinds["no masks"], Attended)
    assert modules["naive"][0][1].naive
    assert modules["naive, no norms"][0][1].naive
    assert not modules["residual"][0][1].naive
    for name, middle in modules.items():
        norms = any(isinstance(part, nn.BatchNorm2d) for part in middle.modules())
        assert norms == (not name.endswith("no norms"))


@pytest.fixture
def few(monkeypatch):
    """A few scenes, a few batches."""
    monkeypatch.setattr(recipe, "SCENES", {"train": 128, "dev": 40, "test": 40})
    monkeypatch.setattr(recipe, "STEPS", {"same": 1, "clutter": 1})
    monkeypatch.setattr(recipe, "LOOKED", 20)
    names = ("residual", "clutter, plain, wrong labels")
    monkeypatch.setattr(recipe, "VARIANTS", {name: recipe.VARIANTS[name] for name in names})


@pytest.mark.usefixtures("few")
def test_a_row_tells_what_is_right_and_where_the_mask_lies(tmp_path):
    told = recipe.run(tmp_path, seeds=(0,))
    assert told == json.loads((tmp_path / "soft-masks.json").read_text(encoding="utf-8"))
    row = told["variants"]["residual"][0]
    assert {*row["held"]} == {"mean over pictures", "mean over places", "mean over channels"}
    assert {*row["maps"]} == {*row["maps before training"]}
    assert row["curve"][0]["step"] == 1
    assert "held" not in told["variants"]["clutter, plain, wrong labels"][0]


def test_wrong_labels_are_in_the_training_set_alone(monkeypatch):
    monkeypatch.setattr(recipe, "SCENES", {"train": 200, "dev": 100, "test": 100})
    clean, wrong = (recipe.VARIANTS[f"clutter, plain{told}"] for told in ("", ", wrong labels"))
    for split, differ in (("train", True), ("dev", False), ("test", False)):
        labels = [recipe.data_of(one, split).digits for one in (clean, wrong)]
        assert (labels[0] != labels[1]).any() == differ


def test_a_row_of_a_stack_tells_what_is_kept_before_training(monkeypatch):
    monkeypatch.setattr(stacks, "right", lambda model, data: len(data.digits) / 10_000)
    row = stacks.row_of("naive, no norms", 0, steps=1)
    kept = row["before training"]
    assert len(kept["size"]) == len(kept["correlation"]) == stacks.MODULES + 1
    assert kept["size"][-1] < 0.05 * kept["size"][0]
    assert row["curve"] == [[1, 0.1]]  # a thousand development digits choose
    assert row["right"] == 0.5  # five thousand judge


@pytest.mark.parametrize(("name", "of"), [("soft-masks", recipe), ("stacked-masks", stacks)])
def test_the_results_files_hold_every_variant_from_three_seeds(name, of):
    told = recipes.results(name)
    assert [*told["variants"]] == [*of.VARIANTS]
    assert "dirty" not in told["commit"]
    for rows in told["variants"].values():
        assert [row["seed"] for row in rows] == [0, 1, 2]
