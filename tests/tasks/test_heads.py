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


def test_every_attention_is_found(model):
    paths = [f"encoder.layers.{i}.attention" for i in (0, 1)]
    paths += [f"decoder.layers.{i}.{what}" for i in (0, 1) for what in ("attention", "cross")]
    assert sorted(heads.attentions(model)) == sorted(paths)


def test_a_head_that_is_taken_away_adds_nothing_and_the_others_what_they_did(model):
    attention, x = model.encoder.layers[0].attention, torch.randn(2, 5, 16)
    with torch.no_grad():
        whole = attention(x, x)
        parts = []
        for head in (0, 1):
            with heads.reads_through(attention, heads.without_heads(attention, [head])):
                parts.append(attention(x, x))
        with heads.reads_through(attention, heads.without_heads(attention, [0, 1])):
            assert not attention(x, x).any(), "without all heads nothing is left"
        torch.testing.assert_close(sum(parts), whole)
        W_O = attention.W_O.weight
        kept = W_O.clone()
        W_O[:, :8] = 0.0
        torch.testing.assert_close(attention(x, x), parts[0])
        W_O.copy_(kept)
        torch.testing.assert_close(attention(x, x), whole, msg="the hook was left behind")


def test_directions_at_random_are_as_many_and_others_with_another_seed(model):
    attention = model.encoder.layers[0].attention
    first, other = (heads.without_directions(attention, 5, seed) for seed in (0, 1))
    assert torch.linalg.matrix_rank(first) == 16 - 5
    torch.testing.assert_close(first @ first, first)
    torch.testing.assert_close(first, first.T)
    assert (first - other).abs().max() > 0.1


def test_entropy_and_distance_are_those_of_the_rows_that_are_no_padding(model, monkeypatch):
    batch = encoded(model, PAIRS)
    found = heads.spread(model, batch)
    assert {path: len(rows) for path, rows in found.items()} == dict.fromkeys(found, 2)
    assert "distance" not in found["decoder.layers.0.cross"][0]
    with heads.record(model) as reads:
        model(*batch)
    weights = reads["encoder.layers.0.attention.address"]  # (B, H, S, S)
    rows = [(b, i) for b in range(len(PAIRS)) for i in range(batch.mask[b].sum())]
    bits = [-(w * w.clamp_min(1e-30).log2()).sum() for b, i in rows for w in [weights[b, 1, i]]]
    away = [(weights[b, 1, i] * (torch.arange(weights.shape[-1]) - i).abs()).sum() for b, i in rows]
    told = found["encoder.layers.0.attention"][1]
    assert told["entropy"] == pytest.approx(sum(bits).item() / len(rows), rel=1e-4)
    assert told["distance"] == pytest.approx(sum(away).item() / len(rows), rel=1e-4)


def test_the_mean_of_the_reads_is_put_back(model):
    """With all reads taken away, W_O is given the mean at every place, and that of true words."""
    attention, path = model.decoder.layers[1].cross, "decoder.layers.1.cross"
    batch = encoded(model, PAIRS)
    given = []
    hook = attention.W_O.register_forward_hook(lambda _, x, __: given.append(x[0]))
    means = heads.mean_reads(model, batch)
    assert list(means) == list(heads.attentions(model))
    true = batch.target[:, :-1] != 0
    assert not true.all(), "some row has padding, which must not count"
    torch.testing.assert_close(means[path], given[0][true].mean(dim=0))
    with heads.reads_through(attention, torch.zeros(16, 16), means[path]), torch.no_grad():
        model(*batch)
    hook.remove()
    torch.testing.assert_close(given[1], means[path].expand_as(given[1]))
