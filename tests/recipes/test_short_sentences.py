"""The recipe of short sentences: what each variant lacks, and what is written."""

from __future__ import annotations

import json

import pytest
import torch

from lecture_utils import recipes
from lecture_utils.data import numerals
from lecture_utils.data.pairs import END, PAD
from lecture_utils.models.encoder_decoder import Encoder, FixedContext
from lecture_utils.recipes import short_sentences as recipe
from lecture_utils.tasks import translation


def pairs(*lengths):
    return numerals.pairs(4, "en", "de", seed=0, lengths=lengths)


def test_every_variant_is_trained_from_every_seed(tmp_path, monkeypatch):
    told = recipe.run(tmp_path, seeds=(0, 1), steps=1, sentences=3)
    assert set(told["variants"]) == set(recipe.VARIANTS)
    for rows in told["variants"].values():
        assert [row["seed"] for row in rows] == [0, 1]
        for row in rows:
            for kind in ("exact", "words", "endless"):
                assert [*row[kind]] == [str(n) for n in recipe.TESTED]
            assert {len(ways) for ways in row["word_by_word"].values()} == {recipe.LONGEST}
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("short-sentences") == json.loads(json.dumps(told))


def test_the_usual_loss_is_that_of_the_task():
    model = recipe.train(0, 1)
    batch = translation.encoded(model, pairs(2, 9))
    assert torch.allclose(recipe.loss_of()(model, batch), translation.loss(model, batch))


def test_what_is_ignored_teaches_nothing():
    model = recipe.train(0, 1)
    batch = translation.encoded(model, pairs(2, 9))

    def taught(*ignored):
        """Words whose output bias is pushed up."""
        model.zero_grad()
        recipe.loss_of(ignored)(model, batch).backward()
        return model.decoder.readout.W.bias.grad < 0

    assert taught(PAD)[END]
    assert not taught(PAD)[PAD]
    assert not taught(PAD, END)[END]
    assert taught()[PAD]
    counted = recipe.losses(model, pairs(2, 9))
    assert counted["words"] == pytest.approx(recipe.loss_of()(model, batch).item())
    assert counted["words"] != counted["words and padding"]


def test_own_words_come_in_by_and_by():
    model = recipe.train(0, 1)
    given = []
    step = model.step
    model.step = lambda token, *rest: (given.append(token), step(token, *rest))[1]
    batch = translation.encoded(model, pairs(9))
    loss = recipe.loss_of(own=1.0, steps=1)

    def differ():
        given.clear()
        loss(model, batch)
        return (torch.stack(given, dim=1) != batch.target[:, :-1]).float().mean().item()

    assert differ() == 0  # the first step of the training
    assert differ() > 0.5  # the last one: what an untrained model would have written


def test_one_way_reads_one_way():
    torch.manual_seed(0)
    both = Encoder(9, 4, 3)
    source, mask = torch.tensor([[4, 5, 6], [7, 8, 0]]), torch.tensor([[1, 1, 1], [1, 1, 0]]) > 0
    forward, backward = both(source, mask).chunk(2, dim=-1)
    for direction, last in (
        ("left to right", torch.stack([forward[0, 2], forward[1, 1]])),
        ("right to left", backward[:, 0]),
    ):
        states = recipe.OneWay(both, direction)(source, mask)
        context = FixedContext().keys(states, mask)[:, 0]
        assert torch.equal(context, torch.cat([last, last], dim=-1))
        assert torch.equal(states[:, 0].chunk(2, dim=-1)[1], last)  # of which s_0 is made
    with pytest.raises(ValueError, match="direction: 'up'; pass 'left to right' or"):
        recipe.OneWay(both, "up")


def test_what_has_no_end_is_counted():
    model = recipe.train(0, 1)
    with torch.no_grad():
        for ends, part in ((9.0, 0.0), (-9.0, 1.0)):  # its word 7, over and over, or the end
            model.decoder.readout.W.weight.zero_()
            model.decoder.readout.W.bias.zero_()
            model.decoder.readout.W.bias[7] = 1.0
            model.decoder.readout.W.bias[END] = ends
            assert recipe.unfinished(model, pairs(2, 5)) == part
