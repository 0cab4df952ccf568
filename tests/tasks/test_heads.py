"""Heads across, each scored against the truth."""

from __future__ import annotations

import pytest
import torch

from lecture_utils.data import numerals
from lecture_utils.models.transformer import transformer
from lecture_utils.tasks import heads
from lecture_utils.tasks.translation import encoded


@pytest.fixture
def model():
    torch.manual_seed(0)
    words = [len(numerals.vocabulary(language)) for language in ("en", "de")]
    return transformer(*words, 16, 2, 2, 16).eval()


PAIRS = numerals.pairs(5, "en", "de", seed=1, lengths=range(2, 6), split="dev")


def test_every_head_and_every_mean_looks(model):
    found = heads.looks(model, encoded(model, PAIRS))
    names = [f"layer {i}, {what}" for i in (1, 2) for what in ("head 1", "head 2", "mean")]
    assert list(found) == names
    both = (found["layer 2, head 1"] + found["layer 2, head 2"]) / 2
    torch.testing.assert_close(found["layer 2, mean"], both)


def test_a_head_that_looks_at_the_true_words_has_no_error(model, monkeypatch):
    """Where a word has one true link, that one; so some links may be missed, none is false."""
    batch = encoded(model, PAIRS)
    true = torch.zeros(len(PAIRS), batch.target.shape[1] - 1, batch.source.shape[1])
    for b, pair in enumerate(PAIRS):
        for row, column in numerals.links(numerals.read_list(pair.source, "en"), "en", "de"):
            true[b, row, column] = 1.0
    wrong = true.roll(1, dims=-1)
    monkeypatch.setattr(heads, "looks", lambda *_: {"right": true, "wrong": wrong})
    errors = heads.errors(model, PAIRS)
    assert errors["right"] < 0.2 < 0.6 < errors["wrong"]
