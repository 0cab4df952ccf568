"""The recipe of the Transformers: what each variant is, how it is trained, and what is written."""

from __future__ import annotations

import json

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.models.encoder_decoder import EncoderDecoder
from lecture_utils.models.positions import Learned, Relative, Sinusoidal
from lecture_utils.recipes import transformer as recipe


def test_variants_are_what_their_names_say():
    made = {name: recipe.made(variant, 0) for name, variant in recipe.VARIANTS.items()}
    for name, model in made.items():
        assert recipe.VARIANTS[name].adamw == (name not in ("bahdanau", "rotary, Adam"))
        if name.startswith("bahdanau"):
            assert isinstance(model, EncoderDecoder)
            continue
        first = name.partition(",")[0]
        embedded = {"sinusoidal": Sinusoidal, "paper": Sinusoidal, "learned": Learned}
        assert isinstance(model.encoder.embed.positions, embedded.get(first, type(None)))
        last = model.decoder.layers[-1]
        among, across = last.attention, last.cross
        turned = "rotary" in name or "deep" in name
        assert (among.rotary is not None) == turned
        assert (across.rotary is not None) == (turned and "not across" not in name)
        if turned:
            assert among.rotary.base == (10_000 if "base" in name else 100)
        layers = 6 if "deep" in name else 1 if "small" in name else 2
        assert (len(model.encoder.layers), len(model.decoder.layers)) == (layers, layers)
        assert model.decoder.readout.in_features == (32 if "small" in name else 64)
        assert isinstance(among.address, Relative) == (name == "relative")
        behind = "behind" in name or name == "paper"
        assert model.decoder.layers[0].add_cross.norm_first != behind
        variant = recipe.VARIANTS[name]
        normed = sum(isinstance(part, torch.nn.LayerNorm) for part in model.modules())
        assert (normed == 0) == ("no norms" in name)
        stream = torch.ones(1, 2, model.decoder.readout.in_features)
        passed = model.encoder.layers[0].add_feed_forward(stream, torch.zeros_like)
        assert passed.any() == ("no sums" not in name and not behind)
        rises = 0 if "no warm-up" in name else 0.35 if name == "rotary, Adam" else 0.1
        assert variant.warmup == rises
        assert (variant.smoothing > 0) == (name == "paper" or "smoothed" in name)
        low = "deep" in name or "rate 0.001" in name or (behind and "rate 0.003" not in name)
        assert variant.rate == (1e-3 if low else 3e-3)


def test_scattered_places_are_there_for_one_loss_only():
    model = recipe.made(recipe.VARIANTS["rotary, scattered"], 0).eval()
    words = torch.tensor([[4, 5, 6, 7]])
    batch = recipe.Batch(words, torch.ones(1, 4).bool(), torch.tensor([[1, 4, 5, 2]]))
    plain = recipe.loss(model, batch)
    of = recipe.loss_of(recipe.VARIANTS["rotary, scattered"], 0)
    others = {round(of(model, batch).item(), 5) for _ in range(8)}
    assert len(others) > 3  # other places every time
    assert recipe.loss(model, batch) == plain
    once = recipe.loss_of(recipe.VARIANTS["rotary"], 0)
    assert once(model, batch) == plain
    again = recipe.loss_of(recipe.VARIANTS["rotary, scattered"], 0)
    assert round(again(model, batch).item(), 5) in others


def test_both_trainings_are_given_to_either_model(monkeypatch):
    given = {}

    def fit(model, batches, loss, *, label, **how):
        given[label] = how

    monkeypatch.setattr(recipe.training, "fit", fit)
    for name in ("bahdanau", "bahdanau, AdamW", "rotary", "rotary, Adam"):
        recipe.train(recipe.VARIANTS[name], 0)
        (how,) = given.values()
        given.clear()
        adam = name in ("bahdanau", "rotary, Adam")
        assert ("optimizer" in how, "lr_schedule" in how) == (not adam, not adam), name
        assert how["learning_rate"] == 3e-3
        assert not adam or how["warmup"] == 0.35


def test_the_rate_rises_stays_and_falls():
    rates = [recipe.schedule(step, 100, 0.1) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:51] == [1.0] * 42
    assert rates[75] == pytest.approx(0.5)
    assert rates[99] == pytest.approx(0.02)
    assert recipe.schedule(0, 100, 0.0) == 1.0


def test_a_run_is_written_kept_and_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "TESTED", (2, 3))
    two = {name: recipe.VARIANTS[name] for name in ("bahdanau", "paper")}
    told = recipe.run(tmp_path, tmp_path / "kept", (0, 1), two, steps=2, sentences=2)
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("transformer") == json.loads(json.dumps(told))
    first, second = told["variants"]["paper"]
    assert (first["seed"], second["seed"], set(first["exact"])) == (0, 1, {"2", "3"})
    assert first["chosen"] in first["aer"]
    assert len(first["aer"]) == 2 * 5
    assert "aer" not in told["variants"]["bahdanau"][0]
    again = recipe.run(tmp_path, tmp_path / "kept", (0, 1), two, steps=99, sentences=2)
    assert again["variants"] == told["variants"]  # nothing was trained anew
    one, other = (recipe.load(tmp_path / "kept", "paper", seed) for seed in (0, 1))
    once_more = recipe.run(tmp_path, None, (0,), two, steps=2, sentences=2, only=["paper"])
    assert once_more["variants"]["bahdanau"] == told["variants"]["bahdanau"]
    assert once_more["before"]["variants"] == ["bahdanau"]
    words = torch.tensor([[4, 5, 6]])
    assert not torch.equal(one(words, None, words), other(words, None, words))


def test_smoothed_labels_take_probability_from_the_true_word():
    batch = recipe.Batch(
        torch.tensor([[4, 5]]), torch.ones(1, 2).bool(), torch.tensor([[1, 4, 2, 0]])
    )
    logits = torch.full((1, 3, 9), -20.0)
    logits[0, [0, 1], [4, 2]] = 20.0
    model = lambda *_: logits  # noqa: E731 - sure of every word
    assert recipe.loss(model, batch) < 1e-6
    assert recipe.loss(model, batch, smoothing=0.1) > 1
