"""Five networks at equal CPU seconds: what each is, what judges, and what is written."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from lecture_utils import recipes
from lecture_utils.data import cifar
from lecture_utils.gating import Gate
from lecture_utils.models.bam import BottleneckGate
from lecture_utils.models.non_local import NonLocal
from lecture_utils.models.residual_attention import Attended
from lecture_utils.models.senet import ChannelGate
from lecture_utils.recipes import cifar_matched
from lecture_utils.recipes.cifar_matched import prepared
from tests.models.vision import parameters

MADE = np.random.default_rng(0)


def pictures(count: int) -> cifar.Pictures:
    images = MADE.integers(0, 256, (count, 32, 32, 3), np.uint8)
    return cifar.pictures(images, np.arange(count) % 2, ["cat", "dog"])


def test_every_network_is_what_its_name_says():
    made = {name: make() for name, make in cifar_matched.VARIANTS.items()}
    gates = {
        name: [type(one).__name__ for one in model.modules() if isinstance(one, Gate)]
        for name, model in made.items()
    }
    assert gates == {
        "plain": [],
        "SE": [ChannelGate.__name__] * 9,
        "BAM": [BottleneckGate.__name__] * 2,
        "RAN": ["SoftMask"] * 3,
        "non-local": [],
    }
    assert parameters(made["plain"]) == 269_722
    assert all(parameters(model) > 269_722 for name, model in made.items() if name != "plain")
    blocks = [name for name, one in made["non-local"].named_modules() if isinstance(one, NonLocal)]
    assert blocks == ["layer2.2"], "in front of the last block of the last stage but one"
    stages = [getattr(made["RAN"], name)[1] for name in made["RAN"].names]
    assert all(isinstance(stage, Attended) and len(stage.trunk) == 2 for stage in stages)
    assert not any(stage.naive for stage in stages)
    for mask, side in zip((stage.mask.hourglass for stage in stages), (32, 16, 8), strict=True):
        while mask is not None:
            side, mask = side // 2, mask.inner
        assert side == 4, "places of a side in the middle of each hourglass"


def test_products_are_counted_also_of_an_address():
    counts = {
        name: cifar_matched.multiplications(prepared(make())) for name, make in VARIANTS.items()
    }
    assert counts["plain"] == 40_551_040
    places, inner, channels = 16 * 16, 16, 32
    assert counts["non-local"] - counts["plain"] == (
        places * 4 * inner * channels + 2 * places**2 * inner
    )
    assert counts["SE"] - counts["plain"] == 3 * sum(2 * C * C // 4 for C in (16, 32, 64))


VARIANTS = cifar_matched.VARIANTS


def test_as_many_pictures_of_each_class_are_watched(monkeypatch):
    monkeypatch.setattr(cifar_matched, "WATCHED", 6)
    data = pictures(20)
    some = cifar_matched.watched(data)
    assert some.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert torch.equal(some.images[3:], data.images[1:6:2])
    monkeypatch.setattr(cifar_matched, "WATCHED", 100)
    assert len(cifar_matched.watched(data).labels) == 20


@pytest.fixture
def few(monkeypatch):
    """A few pictures in the place of all; steps that cost little."""
    parts = {"train": pictures(8), "dev": pictures(4), "test": pictures(10)}
    asked = []

    def load(split, folder):
        asked.append((split, folder))
        return parts[split]._replace(source="JPEG copies")

    monkeypatch.setattr(cifar, "load", load)
    monkeypatch.setattr(cifar_matched, "TURNS", 1)
    monkeypatch.setattr(cifar_matched, "SIZE", 4)
    return asked


def test_a_run_is_written_and_resumed(tmp_path, few, monkeypatch):
    work, names = tmp_path / "work", ("plain", "RAN")
    monkeypatch.setattr(cifar_matched, "VARIANTS", {name: VARIANTS[name] for name in names})
    told = cifar_matched.run(tmp_path, "some folder", work, seeds=(3,), seconds=0.2)
    assert {*few} == {(split, "some folder") for split in cifar.SPLITS}
    assert told["tested_on"] == "the 10 test pictures of CIFAR-10, JPEG copies"
    assert {*told["CPU ms a step"]} == {*names}
    for name in names:
        (row,) = told["variants"][name]
        assert row["CPU seconds"] >= 0.2
        assert row["weights"] == parameters(VARIANTS[name]())
        assert row["curve"][-1][0] == row["CPU seconds"]
        assert row["best"] <= row["steps"]
        assert 0 <= row["error"] <= 1
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("cifar-matched") == json.loads(json.dumps(told))
    kept = {path.name: path.read_bytes() for path in work.iterdir()}
    assert {*kept} == {"plain-3.safetensors", "RAN-3.safetensors"}
    again = cifar_matched.run(tmp_path, "some folder", work, seeds=(3,), seconds=0.2)
    assert again["variants"] == told["variants"], "trainings that have ended are not begun again"
    assert {path.name: path.read_bytes() for path in work.iterdir()} == kept


def test_the_test_pictures_judge_alone(few, monkeypatch):
    """What chooses weights never sees them: the error is theirs, the curve the others'."""
    parts = {split: cifar.load(split, ".") for split in cifar.SPLITS}
    judged = []
    monkeypatch.setattr(
        cifar_matched,
        "named_right",
        lambda model, data: judged.append(len(data.labels)) or (0.75 if len(judged) < 2 else 0.5),
    )
    row = cifar_matched.row_of("plain", 0, parts, seconds=0.01)
    assert judged == [4, 4, 10]
    assert (row["curve"][0][1], row["dev"], row["error"]) == (0.75, 0.5, 0.5)
