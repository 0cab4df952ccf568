"""The recipe of channel gates: what each variant is, and what is told of it."""

import json

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.data import scenes
from lecture_utils.models import senet_controls as controls
from lecture_utils.models.resnet import blocks
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation
from lecture_utils.recipes import channel_gates as recipe


@pytest.fixture
def few(monkeypatch):
    """A few scenes, a few batches."""
    monkeypatch.setattr(recipe, "SCENES", {"train": 128, "dev": 60, "test": 400})
    monkeypatch.setattr(recipe, "STEPS", 2)
    monkeypatch.setattr(recipe.trained, "__defaults__", (2,))
    two = {name: recipe.VARIANTS[name] for name in ("gates", "plain")}
    monkeypatch.setattr(recipe, "VARIANTS", two)


def gates(name):
    return [block.attention for block in blocks(recipe.VARIANTS[name]())]


def test_every_variant_is_what_its_name_says():
    assert all(isinstance(one, torch.nn.Identity) for one in gates("plain"))
    assert all(isinstance(one, controls.Added) for one in gates("added"))
    for name, kind in {"gates": ChannelGate, "no squeeze": controls.NoSqueeze}.items():
        assert all(isinstance(one, SqueezeExcitation) for one in gates(name))
        assert all(type(one.gate) is kind for one in gates(name))


def test_all_have_as_many_weights_to_one_per_cent():
    counts = [sum(p.numel() for p in make().parameters()) for make in recipe.VARIANTS.values()]
    assert max(counts) < 1.01 * min(counts)


@pytest.mark.usefixtures("few")
def test_a_row_tells_what_is_read_and_what_gates_tell(tmp_path):
    told = recipe.run(tmp_path, seeds=(0,))
    assert told == json.loads((tmp_path / "channel-gates.json").read_text(encoding="utf-8"))
    row = told["variants"]["gates"][0]
    assert [step for step, _ in row["curve"]] == [2]
    assert {*row["frozen"]} == {"all", "digit", "colour", "colour and digit"}
    assert len(row["between"]) == 3
    assert 0 <= row["before training"]["colour"] <= 1
    assert "frozen" not in told["variants"]["plain"][0]


def test_scenes_that_judge_are_made_of_other_digits():
    test, dev = (scenes.load("cue", split, 50) for split in ("test", "dev"))
    assert not torch.equal(test.images, dev.images)


def test_the_results_file_holds_every_variant_from_three_seeds():
    told = recipes.results("channel-gates")
    assert [*told["variants"]] == [*recipe.VARIANTS]
    for rows in told["variants"].values():
        assert [row["seed"] for row in rows] == [0, 1, 2]
