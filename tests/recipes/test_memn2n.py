"""The recipe of the joint training: what it writes, what it resumes, several processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from lecture_utils import live, recipes
from lecture_utils.data import babi
from lecture_utils.models.memn2n import memn2n
from lecture_utils.recipes import memn2n as recipe

ROOT = Path(__file__).resolve().parents[2]
QUICK = recipe.Settings(features=8, linear_epochs=1, epochs=1, size=16)
TASKS = (1, 15)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder like that of the published files, made by the simulator."""
    folder = tmp_path_factory.mktemp("babi")
    for task in TASKS:
        for seed, split in enumerate(("train", "test")):
            told = babi.written(islice(babi.stories(task, seed=seed), 20))
            (folder / f"qa{task}_{babi.TASKS[task]}_{split}.txt").write_text(told, encoding="utf-8")
    return folder


def quick(data, output, **more):
    return recipe.run(QUICK, data, output, tasks=TASKS, questions=64, **{"restarts": 2, **more})


def test_the_best_by_training_loss_is_kept(data, tmp_path):
    told = quick(data, tmp_path)
    best = min(told["restarts"], key=lambda row: row["train_loss"])
    assert told["kept"] == best["seed"]
    assert told["error"] == best["test_error"]
    assert json.loads((tmp_path / "memn2n-joint.json").read_text(encoding="utf-8")) == told
    kept = load_file(tmp_path / "memn2n-joint.safetensors")
    same = load_file(tmp_path / "memn2n-joint" / f"restart-{best['seed']}.safetensors")
    assert all(torch.equal(kept[name], same[name]) for name in same)
    model = memn2n(len(told["tokens"]), features=8)
    live.load_weights(model, tmp_path / "memn2n-joint.safetensors")
    examples = [e for task in TASKS for e in babi.load(data, task, "test")]
    judged = recipe.judge(model, babi.Questions(examples, told["tokens"], width=told["width"]))
    assert judged.errors == told["errors"]
    assert judged.error == pytest.approx(told["error"], abs=1e-2)


def test_what_is_finished_is_not_trained_again(data, tmp_path, monkeypatch):
    first = quick(data, tmp_path, restarts=1)
    trained = []
    monkeypatch.setattr(recipe, "train", lambda *a: trained.append(a[2]))
    quick(data, tmp_path, restarts=2)
    assert trained == [1]
    assert quick(data, tmp_path, restarts=1)["errors"] == first["errors"]


def test_an_interrupted_restart_ends_as_if_it_had_not_been(data, tmp_path, monkeypatch):
    whole = quick(data, tmp_path / "whole", restarts=1)
    fit, calls = recipe.training.fit, []

    def interrupted(*arguments, **options):
        calls.append(options["label"])
        if len(calls) == 2:
            raise RuntimeError("power cut")
        return fit(*arguments, **options)

    monkeypatch.setattr(recipe.training, "fit", interrupted)
    with pytest.raises(RuntimeError, match="power cut"):
        quick(data, tmp_path / "cut", restarts=1)
    resumed = quick(data, tmp_path / "cut", restarts=1)
    assert resumed["restarts"][0]["train_loss"] == whole["restarts"][0]["train_loss"]


def test_checkpoints_of_another_training_are_refused(data, tmp_path):
    quick(data, tmp_path, restarts=1)
    with pytest.raises(ValueError, match="is of another training; pass another folder as --work"):
        recipe.run(QUICK, data, tmp_path, tasks=TASKS, questions=32, restarts=1)


def test_simulated_questions_are_tested_on_the_published_ones(data, tmp_path):
    told = quick(data, tmp_path, restarts=1, simulated=3)
    assert told["trained_on"] == "simulator, seed 3"
    assert (tmp_path / "memn2n-joint-simulated.json").is_file()


def test_results_may_have_a_name_of_their_own(data, tmp_path):
    quick(data, tmp_path, restarts=1, name="mine")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "mine.json", "mine.safetensors"]


def test_two_processes_train_together(data, tmp_path):
    command = [
        sys.executable,
        "-m",
        "accelerate.commands.launch",
        "--multi_gpu",
        "--num_processes",
        "2",
    ]
    command += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    command += ["-m", "lecture_utils.recipes.memn2n", "--data", str(data), "--restarts", "1"]
    command += ["--tasks", "1", "15", "--questions", "64", "--features", "8", "--size", "16"]
    command += ["--linear-epochs", "1", "--epochs", "1", "--output", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LECTURE_DEVICE": "cpu"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("mean error") == 1  # one of them tells
    together = json.loads((tmp_path / "memn2n-joint.json").read_text(encoding="utf-8"))
    alone = quick(data, tmp_path / "alone", restarts=1)
    assert together["settings"] == alone["settings"]
    assert together["restarts"][0]["train_loss"] != alone["restarts"][0]["train_loss"]


def test_a_trained_network_is_read_in_other_ways(data, tmp_path, monkeypatch):
    told = quick(data, tmp_path, restarts=1)
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    recipe.main(["--data", str(data), "--output", str(tmp_path), "--reread", "memn2n-joint"])
    found = recipes.results("memn2n-joint-reread")
    assert found["soft"]["errors"] == told["errors"]
    model = memn2n(len(told["tokens"]), features=8)
    live.load_weights(model.eval(), recipes.weights("memn2n-joint"))
    examples = [e for task in TASKS for e in babi.load(data, task, "test")]
    batch = babi.Questions(examples, told["tokens"], width=told["width"]).batch(slice(None))
    with torch.no_grad():
        memory = model.memory(batch.sentences, batch.story)
        first = model.memory.embed(batch.question)[:, model.question]
        filled = memory[0].abs().sum(dim=-1) > 0
        hard = soft = first
        for hop in model.hops:  # by hand
            scores = (memory[hop.keys] @ hard.unsqueeze(-1)).squeeze(-1)
            hard = hard + memory[hop.values][torch.arange(len(hard)), scores.argmax(dim=-1)]
            scores = (memory[hop.keys] @ soft.unsqueeze(-1)).squeeze(-1)
            weights = scores.exp() * filled
            weights = weights / weights.sum(dim=-1, keepdim=True)
            soft = soft + (weights.unsqueeze(-1) * memory[hop.values]).sum(dim=1)
    tasks = torch.tensor([example.task for example in examples])
    for way, query in (("hard", hard), ("without_empty", soft)):
        right = (model.respond(query).argmax(dim=-1) == batch.answer).float()
        by_hand = {f"{t}": 100 * (1 - right[tasks == t].mean().item()) for t in TASKS}
        assert found[way]["errors"] == pytest.approx(by_hand, abs=0.01)
        assert found[way]["errors"] != found["soft"]["errors"]


def test_bad_arguments_are_said(data, tmp_path):
    with pytest.raises(ValueError, match="restarts must be at least 1"):
        quick(data, tmp_path, restarts=0)
    with pytest.raises(FileNotFoundError, match="pass the folder that holds the 40 files"):
        recipe.run(QUICK, tmp_path, tmp_path / "out", restarts=1)


def test_results_that_are_not_there_are_said(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="no results 'nothing'"):
        recipes.results("nothing")
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    (tmp_path / "x.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.json is damaged"):
        recipes.results("x")


def test_the_command_line_reads_its_settings(data, tmp_path, monkeypatch):
    asked = {}
    monkeypatch.setattr(recipe, "run", lambda settings, **o: asked.update(o, settings=settings))
    recipe.main(["--data", str(data), "--features", "20", "--tasks", "1", "2", "--simulated", "7"])
    assert asked["settings"] == recipe.Settings(features=20)
    assert (asked["tasks"], asked["simulated"], asked["restarts"]) == ([1, 2], 7, 10)
