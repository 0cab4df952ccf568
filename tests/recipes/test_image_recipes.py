"""The recipes of the digits: what is trained, what judges, and what is written."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from lecture_utils import recipes
from lecture_utils.data import digits
from lecture_utils.data.digits.idx import write_idx
from lecture_utils.models.lenet import LeNet
from lecture_utils.models.lenet_controls import AnywhereLeNet, FullyConnected
from lecture_utils.recipes import activations, images, rejection, runs, shifted_digits


@pytest.fixture
def few(monkeypatch):
    """A few digits in the place of all."""
    all_of = digits.load

    def load(split="train", folder=None):
        return all_of(split, folder) if folder else all_of(split).first(128)

    monkeypatch.setattr(digits, "load", load)


def test_every_network_of_the_shifts_is_what_its_name_says():
    made = {name: variant.make() for name, variant in shifted_digits.VARIANTS.items()}
    weights = {name: sum(p.numel() for p in model.parameters()) for name, model in made.items()}
    assert weights["LeNet"] == weights["LeNet, mean of all places"] == 61_706
    assert isinstance(made["fully connected, 300 and 100"], FullyConnected)
    assert isinstance(made["LeNet, largest of four"].S2, nn.MaxPool2d)
    assert made["LeNet, largest of all places"].most
    assert isinstance(made["LeNet, mean of all places"], AnywhereLeNet)
    for name, variant in shifted_digits.VARIANTS.items():
        assert (variant.most > 0) == name.endswith("; trained on shifts")


def test_disorder_keeps_every_pixel():
    image = torch.arange(784.0).view(1, 1, 28, 28)
    made = shifted_digits.permuted(image)
    assert sorted(made.flatten().tolist()) == list(range(784))
    assert not torch.equal(made, image)
    assert torch.equal(made, shifted_digits.permuted(image)), "always the same order"


@pytest.mark.usefixtures("few")
def test_shifts_keep_the_rate_that_suits_the_development_digits(tmp_path, monkeypatch):
    monkeypatch.setattr(shifted_digits, "RATES", (1e-9, 3e-3))
    variant = shifted_digits.Variant(lambda: FullyConnected(16, 8))
    row = shifted_digits.row_of(variant, 0, steps=40)
    assert row["rate"] == 3e-3
    assert len(row["right by shift"]) == 7
    assert row["right by shift"][0] == pytest.approx(1 - row["test"], abs=1e-3)
    monkeypatch.setattr(shifted_digits, "row_of", lambda variant, seed: {"most": variant.most})
    told = shifted_digits.run(tmp_path, (3,), {"a": shifted_digits.Variant(LeNet, 2)})
    assert told["variants"] == {"a": [{"seed": 3, "most": 2}]}
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("shifted-digits") == json.loads(json.dumps(told))


@pytest.mark.usefixtures("few")
def test_activations_choose_on_other_digits_than_they_count(tmp_path, monkeypatch):
    asked = []

    def curve(unit, rate, seed, judged, steps):
        asked.append((unit, rate, seed, judged.digits.tolist()))
        if rate > 0.3:
            raise ValueError("the loss is nan")
        return [0.5 - rate, 0.2, 0.08]

    monkeypatch.setattr(activations, "curve", curve)
    told = activations.run(tmp_path, (0, 1), steps=3)
    assert told["rates"] == dict.fromkeys(activations.UNITS, 0.2)
    assert told["variants"]["tanh"][1]["epochs to"] == {"25%": 0.5, "10%": 0.75, "5%": None}
    dev, train = (digits.load(split).digits.tolist() for split in ("dev", "train"))
    for _, _, seed, judged in asked:
        assert judged == (dev if seed == activations.TUNING else train)
    assert {seed for _, _, seed, _ in asked} == {activations.TUNING, 0, 1}


def test_first_weights_are_those_that_are_named():
    for unit, scale in (("ReLU, He's start", 2 / 400), ("tanh, Glorot's start", 2 / 520)):
        model = activations.begun(unit)
        assert model.C5.weight.var().item() == pytest.approx(scale, rel=0.03)
        assert not model.C5.bias.any()
        assert isinstance(model.activation, activations.UNITS[unit][0])
    assert activations.begun("ReLU").C5.weight.abs().max() <= 400**-0.5


@pytest.mark.usefixtures("few")
def test_a_curve_is_of_the_unit_that_is_asked_for():
    errors = activations.curve("tanh", 0.05, 0, digits.load("dev"), 2 * activations.EPOCH // 4)
    assert len(errors) == 2
    assert 0 <= errors[-1] < errors[0] <= 1


@pytest.mark.usefixtures("few")
def test_rejection_tells_all_kinds_by_both_measures(tmp_path):
    told = rejection.run(tmp_path, (0,), steps=3)
    for rows in told["variants"].values():
        for how in ("by soft-max", "by nearness"):
            assert {*rows[0][how]} == {"digits", "letters", "two digits", "scattered ink"}
    assert [*told["variants"]] == ["today", "1998, its loss", "1998, plain loss"]


def test_all_of_mnist_trains_and_is_resumed(tmp_path):
    folder, split = tmp_path / "mnist", digits.load("dev")
    folder.mkdir()
    for name, count in (("train", 240), ("t10k", 60)):
        pixels = (split.images[:count, 0] * 255).byte().numpy()
        write_idx(folder / f"{name}-images-idx3-ubyte", pixels)
        write_idx(folder / f"{name}-labels-idx1-ubyte", split.digits[:count].byte().numpy())
    train, test = images.all_of(folder)
    assert (len(train.digits), len(test.digits)) == (240, 60)
    assert torch.equal(train.digits, split.digits[:240])
    few = {"today": images.Variant(lambda: FullyConnected(8, 8), images.digit_loss)}
    work = tmp_path / "work"
    told = images.run(tmp_path, folder, work, (0,), few, steps=3)
    (row,) = told["variants"]["today"]
    assert row["steps"] == 3
    assert 0 <= row["error"] <= 1
    kept = runs.kept_at(work, "today", 0)
    assert kept.is_file()
    before = kept.read_bytes()
    assert images.run(tmp_path, folder, work, (0,), few, steps=3)["variants"]["today"][0][
        "error"
    ] == pytest.approx(row["error"])
    assert kept.read_bytes() == before, "a training that has ended is not begun again"
