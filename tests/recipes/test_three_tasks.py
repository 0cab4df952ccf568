"""One network on three tasks: what stands in its middle, and which maps are scored."""

from __future__ import annotations

import json

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.data import digits, scenes
from lecture_utils.models.bam import BAM
from lecture_utils.models.non_local import NonLocal
from lecture_utils.models.residual_attention import Attended
from lecture_utils.models.senet import SqueezeExcitation
from lecture_utils.recipes import three_tasks
from lecture_utils.recording import record
from tests.models.vision import filled, parameters


@pytest.fixture
def few(monkeypatch):
    """Few scenes in the place of all."""
    monkeypatch.setattr(three_tasks, "SCENES", dict.fromkeys(digits.SPLITS, 80))
    monkeypatch.setattr(three_tasks, "LOOKED", 20)


def test_only_the_middle_differs():
    for task in scenes.TASKS:
        made = {name: three_tasks.network(task, name) for name in three_tasks.MIDDLES}
        around = {parameters(net) - parameters(net.middle) for net in made.values()}
        assert len(around) == 1
        colours, height, width = scenes.SIZES[task]
        for net in made.values():
            scores = net.eval()(torch.rand(2, colours, height, width))
            assert scores.shape == (2, 2 if task == "same" else 10)
    kinds = {name: type(net.middle) for name, net in made.items()}
    assert kinds["SE"] is SqueezeExcitation
    assert kinds["BAM"] is BAM
    assert kinds["RAN"] is Attended
    assert kinds["non-local"] is NonLocal
    assert parameters(made["plain"].middle) == 0


def test_gates_may_stand_behind_every_layer():
    alone, every = (three_tasks.network("cue", "SE", below) for below in (False, True))
    with record(every) as reads, torch.no_grad():
        every.eval()(torch.rand(2, 3, 32, 32))
    assert {name: mask.shape[1] for name, mask in reads.items()} == {
        **{f"below.{layer}.4.gate": channels for layer, channels in enumerate((8, 24, 24))},
        "middle.gate": 24,
    }
    gates = sum(2 * (C * C + C) for C in (8, 24, 24))
    assert parameters(every) - parameters(alone) == gates


def test_a_map_is_what_the_middle_gives_each_place():
    made = scenes.load("clutter", "dev", 3)
    for name in three_tasks.MIDDLES:
        net = filled(three_tasks.network("clutter", name)).eval()
        found = three_tasks.looks(net, made.images)
        with record(net) as reads, torch.no_grad():
            net(made.images)
        if name in ("plain", "SE"):
            assert found is None, "one number for every channel is no map"
            continue
        (weights,) = reads.values()
        assert found.shape == (3, 8, 8)
        for row in range(8):
            for column in range(8):
                if name == "non-local":
                    here = weights[:, :, 8 * row + column].mean(dim=1)
                else:
                    here = weights[:, :, row, column].mean(dim=1)
                torch.testing.assert_close(found[:, row, column], here)


@pytest.mark.usefixtures("few")
def test_rows_tell_what_is_right_and_how_maps_score(tmp_path, monkeypatch):
    row = three_tasks.row_of("cue, BAM", 0, steps=3)
    assert {*row["maps"]} == {"activation", "map"}
    assert {*three_tasks.row_of("same, SE", 0, steps=2)["maps"]} == {"activation"}
    assert [step for step, _ in row["curve"]] == [3]
    assert 0 <= row["right"] <= 1
    assert row["CPU seconds"] > 0
    shares = three_tasks.row_of("cue, non-local", 0, steps=2)["asks"]
    for of_one in shares.values():
        assert sum(of_one.values()) <= 1.01
    assert "asks" not in row
    long = three_tasks.row_of("cue, SE, twice as long", 0, steps=2)
    assert long["curve"][-1][0] == 4
    monkeypatch.setattr(three_tasks, "row_of", lambda name, seed: {"is": name})
    told = three_tasks.run(tmp_path, (5,))
    every = [f"{task}, {name}" for task in scenes.TASKS for name in three_tasks.MIDDLES]
    more = ("SE, twice as long", "non-local, twice as long", "SE behind every layer")
    assert [*told["variants"]] == [*every, *(f"cue, {name}" for name in more)]
    assert told["variants"]["clutter, RAN"] == [{"seed": 5, "is": "clutter, RAN"}]
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("three-tasks") == json.loads(json.dumps(told))


def test_compared_digits_are_of_four_classes():
    assert {*three_tasks.scenes_of("same", "dev", 200).digits.unique().tolist()} == {0, 1, 4, 7}
    assert len(three_tasks.scenes_of("clutter", "dev", 200).digits.unique()) == 10
