"""The recipe of the ablation: what each variant lacks, and what is written."""

from __future__ import annotations

import json

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.data import babi
from lecture_utils.recipes import memn2n_ablation as recipe
from lecture_utils.recording import record


@pytest.fixture(scope="module")
def asked():
    made = babi.simulate(recipe.TASKS, 64, seed=0)
    return babi.Questions(made, babi.tokens(made))


def test_every_variant_is_trained_from_every_seed(tmp_path, monkeypatch):
    told = recipe.run(tmp_path, seeds=(0, 1), questions=64, steps=(2, 2))
    assert {name: len(rows) for name, rows in told["variants"].items()} == dict.fromkeys(
        recipe.VARIANTS, 2
    )
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("memn2n-ablation") == json.loads(json.dumps(told))
    errors = [row["errors"] for rows in told["variants"].values() for row in rows]
    assert all(set(found) == {"1", "2"} for found in errors)
    assert len({json.dumps(found) for found in errors}) > len(errors) / 2  # not one network


def test_each_variant_lacks_what_it_says(asked):
    made = {name: recipe.train(asked, 0, (1, 1), **v) for name, v in recipe.VARIANTS.items()}
    whole = made["as it is"].memory
    assert (whole.noise, whole.embed.position) == (0.1, True)
    assert made["without noise (RN)"].memory.noise == 0
    assert not made["without places of words (PE)"].memory.embed.position
    assert [len(made[name].hops) for name in ("as it is", "two hops", "one hop")] == [3, 2, 1]
    batch = asked.batch(slice(0, 8))
    for name in ("as it is", "empty slots not addressed", "without all four"):
        with record(made[name]) as reads:
            made[name](*batch[:3])
        behind = reads["hops.0.address"].shape[-1] - batch.story.shape[1]
        lost = reads["hops.0.address"][..., :behind].sum()
        assert (lost > 0.1) == (name == "as it is")


def test_the_linear_start_is_left_out(asked, monkeypatch):
    labels = []
    monkeypatch.setattr(recipe.training, "fit", lambda *a, **o: labels.append(o["label"]))
    recipe.train(asked, 0)
    recipe.train(asked, 0, linear=0)
    assert labels == ["linear", "softmax", "softmax"]


def test_reads_of_empty_slots_are_counted(asked):
    model = recipe.train(asked, 0, (1, 1))
    with torch.no_grad():
        model.memory.embed.words.weight.zero_()
        model.memory.times.weight.zero_()
    assert recipe.empty_reads(model, asked) == 100  # all scores equal: the first slot, an empty one
    told = recipe.train(asked, 0, (1, 1), empty=False)
    assert recipe.empty_reads(told, asked) == 0
