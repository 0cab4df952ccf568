"""Looking into a Transformer: what is read out, taken away, exchanged and moved is what is said."""

from __future__ import annotations

import pytest
import torch

from lecture_utils.data import numerals
from lecture_utils.data.pairs import Pair
from lecture_utils.models.transformer import Transformer, transformer
from lecture_utils.recording import trace
from lecture_utils.tasks import at_work
from lecture_utils.tasks.translation import encoded
from tests.live.committed import torch_model


@pytest.fixture(scope="module")
def model() -> Transformer:
    """The model of the chapter, as it is exported."""
    return torch_model("numerals-en-de-paper").eval()


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return numerals.pairs(20, "en", "de", seed=9, lengths=range(3, 9), split="test")


def small(seed: int = 0) -> Transformer:
    words = [len(numerals.vocabulary(language)) for language in ("en", "de")]
    torch.manual_seed(seed)
    return transformer(*words, features=16, heads=4, layers=2, inner=20).eval()


def test_the_last_stage_says_what_the_model_says(model: Transformer, pairs: list[Pair]) -> None:
    said = at_work.said(model, pairs, pairs)
    assert list(said) == at_work.stages(model)
    batch = encoded(model, pairs)
    with torch.no_grad():
        right = model(*batch).argmax(dim=-1) == batch.target[:, 1:]
    words = batch.target[:, 1:] != 0
    last = said[at_work.stages(model)[-1]]
    assert last["right"] == pytest.approx(right[words].float().mean().item())
    assert last["fitted"] >= 0.95
    assert said["decoder.embed"]["right"] < 0.5, "the source has not been read"


def test_a_readout_that_is_fitted_finds_what_is_there() -> None:
    """Next words that a state tells by a matrix that is not the model's own."""
    model = small()
    turned = torch.linalg.qr(torch.randn(16, 16)).Q
    states = torch.randn(400, 16)
    words = (states @ turned)[:, :7].argmax(dim=-1) + 3
    matrix = at_work._readout(states, words, model)
    told = (states @ matrix.T).argmax(dim=-1)
    assert (told == words).float().mean() > 0.95
    own = (states @ model.decoder.readout.weight.T).argmax(dim=-1)
    assert (own == words).float().mean() < 0.5


@pytest.mark.parametrize("path", at_work.sublayers(small()))
def test_a_sublayer_that_is_taken_away_adds_nothing_or_its_mean(path: str) -> None:
    model = small()
    pairs = numerals.pairs(6, "en", "de", seed=1, lengths=range(2, 7), split="dev")
    batch = encoded(model, pairs)
    last = f"{path}.W_O" if "feed" not in path else path
    with torch.no_grad():
        before = model(*batch)
        with at_work.without(model, [path]), trace(model, [last]) as flow:
            silent = model(*batch)
        assert not flow[last][0].any()
        assert not torch.allclose(silent, before, atol=1e-3)
        with trace(model, [last]) as flow:
            assert torch.allclose(model(*batch), before, atol=1e-5), "the hook is left behind"
        words = batch.mask if path.startswith("encoder") else batch.target[:, :-1] != 0
        there = flow[last][0]
        for first, mean in ((False, there[words].mean(dim=0)), (True, there[:, 0].mean(dim=0))):
            with at_work.without(model, [path], pairs, first), trace(model, [last]) as flow:
                model(*batch)
            assert torch.allclose(flow[last][0], mean.expand_as(there), atol=1e-6)


def test_all_sublayers_are_named() -> None:
    assert len(at_work.sublayers(small())) == 10
    assert len(at_work.stages(small())) == 7
    assert at_work.looks(small()) == [f"encoder.layers.{i}.attention" for i in (0, 1)]


def test_the_numbers_of_one_word_are_all() -> None:
    values = numerals.VALUES["en"]
    words = {(word,) for word, value in values.items() if value is not None and value < 100}
    assert {pair.source for pair in at_work.of_one_word()} == words


def test_another_digit_changes_one_word() -> None:
    made = torch.Generator().manual_seed(0)
    for pair in numerals.pairs(30, "en", "de", seed=2, lengths=range(1, 9), split="dev"):
        changed = at_work.another_digit(pair, made)
        digits = [j for j, word in enumerate(pair.source) if word in at_work.DIGITS]
        assert (changed is None) == (not digits)
        if changed is None:
            continue
        j, other = changed
        assert [
            k for k, (a, b) in enumerate(zip(pair.source, other.source, strict=True)) if a != b
        ] == [j]
        assert j in digits
        assert len([1 for a, b in zip(pair.target, other.target, strict=True) if a != b]) == 1


def test_slots_are_exchanged_where_it_is_said(model: Transformer, pairs: list[Pair]) -> None:
    """With the embedding the other sentence is exchanged, word for word, by construction."""
    for stage in ("encoder.embed", "encoder"):
        told = at_work.exchanged(model, pairs, stage)
        assert told["n"] >= 10
    told = at_work.exchanged(model, pairs, "encoder.embed")
    assert told["follows"] == told["stays"] == 1.0


def test_an_exchange_of_nothing_changes_nothing(model: Transformer, pairs: list[Pair]) -> None:
    stage, pair = "encoder.layers.0", pairs[0]
    other = at_work.another_digit(pairs[0], torch.Generator().manual_seed(1))
    assert other is not None
    with torch.no_grad(), trace(model, [stage]) as flow:
        model(*encoded(model, [other[1]]))
    there = flow[stage][0]
    nothing = torch.zeros(len(pair.source), dtype=torch.bool)
    with torch.no_grad():
        same = at_work._written(model, pair, stage, there, nothing)
        all_ = at_work._written(model, pair, stage, there, ~nothing)
    assert same == list(pair.target)
    assert all_ == list(other[1].target)


def test_a_sentence_is_put_together_of_others(model: Transformer, pairs: list[Pair]) -> None:
    others = numerals.pairs(2000, "en", "de", seed=5, lengths=range(3, 9), split="train")
    here, moved = (at_work.put_together(model, pairs, others, by) for by in (0, 1))
    assert here["n"] >= 5
    assert here["same"] > moved["same"]
    itself = at_work.put_together(model, pairs, pairs)
    assert itself["n"] < here["n"], "a sentence's own states are no other sentence's"


def test_moved_words_stand_further_on() -> None:
    model = small()
    batch = encoded(model, numerals.pairs(2, "en", "de", seed=1, lengths=[5], split="dev"))
    with torch.no_grad():
        plain = model.encoder.embed(batch.source), model.decoder.embed(batch.target)
        with at_work.moved(model, 3, 2):
            there = model.encoder.embed(batch.source), model.decoder.embed(batch.target)
        again = model.encoder.embed(batch.source)
        for now, before, side, tokens, by in (
            (there[0], plain[0], model.encoder.embed, batch.source, 3),
            (there[1], plain[1], model.decoder.embed, batch.target, 2),
        ):
            assert not torch.allclose(now, before)
            assert torch.allclose(now, side(tokens, by))
    assert torch.equal(again, plain[0])


def test_how_far_a_translation_goes() -> None:
    pairs = [Pair(("two",), ("a", "b", "c", "d"))] * 4
    told = at_work.begun([["a", "b"], [], ["a", "b", "c", "d"], ["a", "x"]], pairs)
    assert told == {"right": 0.5, "words": 0.5}
