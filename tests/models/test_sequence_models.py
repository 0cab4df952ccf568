"""Encoder-decoder and Bahdanau: special cases, padding, decoding, gradients, bad input."""

import math

import pytest
import torch
from torch import nn

from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.encoder_decoder import (
    FixedContext,
    Hypothesis,
    Memory,
    beam,
    build,
    greedy,
)
from lecture_utils.models.transformer import POSITIONS, transformer
from lecture_utils.recording import record
from tests.models.all_sequences import assert_a_wide_beam_finds_the_best, beam_to_the_end

SIZES = dict(source_size=12, target_size=9, embedding_size=6, hidden_size=8, maxout_size=4)


def fixed(**sizes):
    return build(FixedContext(), **sizes)


MODELS = [fixed, bahdanau]


def transformers(**sizes):
    """With a bias against a short end, so that the beam has something to choose."""
    model = transformer(sizes["source_size"], sizes["target_size"], 8, 2, 2, 16, positions="rotary")
    nn.init.normal_(model.decoder.readout.weight, std=0.6)
    return model


WRITERS = [*MODELS, transformers]


def make(kind, seed=0, **more):
    torch.manual_seed(seed)
    return kind(**{**SIZES, **more}).eval()


def batch():
    source = torch.tensor([[5, 6, 7, 8], [9, 4, 0, 0]])
    target = torch.tensor([[1, 4, 5, 6, 2], [1, 7, 2, 0, 0]])
    return source, source != 0, target


@pytest.mark.parametrize("kind", MODELS)
class TestBoth:
    def test_padding_changes_nothing(self, kind):
        model = make(kind)
        source, mask, target = batch()
        together = model(source, mask, target)
        alone = model(source[1:, :2], mask[1:, :2], target[1:, :3])
        torch.testing.assert_close(together[1:, :2], alone, rtol=0, atol=1e-6)

    def test_a_full_mask_is_no_mask(self, kind):
        model = make(kind)
        source, mask, _ = batch()
        with_mask, state = model.encode(source[:1], mask[:1])
        without, same = model.encode(source[:1])
        torch.testing.assert_close(with_mask.states, without.states, rtol=0, atol=1e-6)
        torch.testing.assert_close(with_mask.keys, without.keys, rtol=0, atol=1e-6)
        torch.testing.assert_close(state, same, rtol=0, atol=1e-6)

    def test_stepping_with_the_true_words_is_the_forward_pass(self, kind):
        model = make(kind)
        source, mask, target = batch()
        logits = model(source, mask, target)
        memory, state = model.encode(source, mask)
        assert [tuple(part.shape) for part in state] == [(2, 8)]
        for i in range(target.shape[1] - 1):
            step, state = model.step(target[:, i], state, memory)
            torch.testing.assert_close(step, logits[:, i], rtol=0, atol=1e-6)

    def test_later_target_words_do_not_reach_earlier_logits(self, kind):
        model = make(kind)
        source, mask, target = batch()
        other = target.clone()
        other[0, 3] = 8
        same = model(source, mask, target)[0, :3]
        torch.testing.assert_close(model(source, mask, other)[0, :3], same, rtol=0, atol=0)

    def test_every_parameter_gets_a_gradient(self, kind):
        model = make(kind)
        model(*batch()).square().sum().backward()
        without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
        assert without == []


@pytest.mark.parametrize("kind", WRITERS)
class TestBeam:
    @pytest.mark.parametrize("penalty", [0.0, 0.6])
    def test_width_one_is_greedy(self, kind, penalty):
        for seed in range(5):
            model = make(kind, seed)
            source = batch()[0][:1]
            words = greedy(model, source, limit=12)[0].tolist()
            assert beam(model, source, 1, limit=12, penalty=penalty)[0].words == words

    @pytest.mark.parametrize("penalty", [0.0, 0.6, 4.0])
    @pytest.mark.parametrize("seed", [3, 4])
    def test_a_wide_one_finds_the_best_of_all_sequences(self, kind, seed, penalty):
        assert_a_wide_beam_finds_the_best(make(kind, seed), batch()[0][:1], penalty=penalty)

    @pytest.mark.parametrize("penalty", [0.0, 0.6, 4.0])
    def test_to_stop_early_loses_nothing(self, kind, penalty):
        for seed in range(10):
            model, source = make(kind, seed), batch()[0][:1]
            for width in (2, 4):
                found = beam(model, source, width, limit=8, penalty=penalty)
                told = beam_to_the_end(model, source, width, 8, penalty)
                assert [h.words for h in found] == told

    def test_scores_fall_and_say_how_probable_the_words_are(self, kind):
        model, source = make(kind, 5), batch()[0][:1]
        for penalty in (0.0, 0.6, 2.0):
            found = beam(model, source, 5, limit=8, penalty=penalty)
            scores = [h.score(penalty) for h in found]
            assert scores == sorted(scores, reverse=True)
            for words, told in found:
                target = torch.tensor([[1, *words]])
                steps = model(source, source != 0, target).log_softmax(-1)[0]
                true = sum(steps[i, word].item() for i, word in enumerate(words))
                assert told == pytest.approx(true, abs=1e-4)

    def test_a_penalty_makes_room_for_longer_ones(self, kind):
        """Never shorter on any of some models, and longer on some."""
        lengths = []
        for seed in range(12):
            model, source = make(kind, seed), batch()[0][:1]
            lengths.append(
                [len(beam(model, source, 6, 12, penalty)[0].words) for penalty in (0.0, 0.6, 4.0)]
            )
        assert all(a <= b <= c for a, b, c in lengths)
        assert any(a < c for a, _, c in lengths)

    def test_bad_ones_are_refused(self, kind):
        model, (source, _, _) = make(kind), batch()
        with pytest.raises(ValueError, match="one source"):
            beam(model, source, 2)
        with pytest.raises(ValueError, match="width >= 1"):
            beam(model, source[:1], 0)
        for penalty in (-0.1, float("nan")):
            with pytest.raises(ValueError, match="penalty >= 0"):
                beam(model, source[:1], 2, penalty=penalty)


def test_the_length_penalty_is_the_papers():
    """It is (5 + length)^alpha over (5 + 1)^alpha; alpha is 0.6 in Vaswani et al. 2017."""
    assert Hypothesis([4], -3.0).score(0.6) == -3.0
    assert Hypothesis([4] * 7, -3.0).score(0.6) == pytest.approx(-3.0 / 2**0.6)
    assert Hypothesis([4] * 7, -3.0).score() == -3.0
    assert Hypothesis([4], -3.0).score(1.0, length=13) == pytest.approx(-1.0)


class Told(nn.Module):
    """Writes word 0 again and again, and ends with the probability told for each step."""

    def __init__(self, *ends):
        super().__init__()
        self.ends = ends

    def encode(self, source):
        return Memory(torch.zeros(1, 1, 1), torch.zeros(1, 1, 1), None), (torch.zeros(1, 1),)

    def step(self, token, state, memory):
        ends = self.ends[int(state[0][0])]
        scores = torch.tensor([1 - ends, 0.0, ends]).log()
        return scores.expand(len(token), -1), (state[0] + 1,)


def test_what_a_longer_one_may_still_gain_keeps_the_search_open():
    """Two have ended, the third is behind them; its length brings it to the front."""
    found = beam(Told(0.5, 0.6, 0.99), torch.zeros(1, 1), 2, limit=3, penalty=4.0)
    assert [h.words for h in found] == [[0, 0, 2], [0, 2]]
    assert found[0].score(4.0) == pytest.approx(math.log(0.5 * 0.4 * 0.99) / (8 / 6) ** 4)


class Uncached(nn.Module):
    """A Transformer that keeps the words instead of their keys and values."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def encode(self, source, mask=None):
        memory, self.nothing = self.model.encode(source, mask)
        return memory, (source[:, :0],)

    def step(self, token, state, memory):
        words = torch.cat([state[0], token.unsqueeze(1)], dim=1)
        nothing = [part.expand(len(words), -1, -1, -1) for part in self.nothing]
        return self.model.decoder(words, memory, tuple(nothing))[0][:, -1], (words,)


@pytest.mark.parametrize("positions", POSITIONS)
def test_a_beam_with_a_cache_is_that_without(positions):
    source = batch()[0][:1]
    for seed in range(3):
        torch.manual_seed(seed)
        model = transformer(12, 9, 8, 2, 2, 16, positions=positions).eval()
        nn.init.normal_(model.decoder.readout.weight, std=0.6)
        kept = beam(model, source, 4, limit=8, penalty=0.6)
        anew = beam(Uncached(model), source, 4, limit=8, penalty=0.6)
        assert [h.words for h in kept] == [h.words for h in anew]
        assert [h.log_probability for h in kept] == pytest.approx(
            [h.log_probability for h in anew], abs=1e-4
        )


def test_bahdanau_with_its_context_fixed_is_the_encoder_decoder():
    plain, attending = make(fixed), make(bahdanau, 1)
    attending.load_state_dict(plain.state_dict(), strict=False)
    source, mask, target = batch()
    assert (attending(source, mask, target) - plain(source, mask, target)).abs().max() > 1e-3
    attending.context = FixedContext()
    assert torch.equal(attending(source, mask, target), plain(source, mask, target))


def test_bahdanau_of_one_source_word_is_the_encoder_decoder():
    plain, attending = make(fixed), make(bahdanau, 1)
    attending.load_state_dict(plain.state_dict(), strict=False)
    source = torch.tensor([[5], [8]])
    mask, target = source != 0, batch()[2]
    torch.testing.assert_close(
        attending(source, mask, target), plain(source, mask, target), rtol=0, atol=1e-6
    )


def test_the_two_models_differ_in_the_attention_only():
    plain = dict(make(fixed).named_parameters())
    attending = dict(make(bahdanau).named_parameters())
    assert {n.split(".")[0] for n in set(attending) - set(plain)} == {"context"}
    assert set(plain) < set(attending)


def test_attention_is_recorded_and_pays_none_to_padding():
    model = make(bahdanau)
    source, mask, target = batch()
    with record(model) as reads:
        model(source, mask, target)
    weights = reads["context.address"]
    assert weights.shape == (2, 4, 4)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4))
    assert weights[1, :, 2:].abs().max() == 0
    with record(make(fixed)) as reads:
        make(fixed)(source, mask, target)
    assert not reads


def test_the_papers_sizes_give_the_papers_number_of_parameters():
    """80.4 M was computed from the shapes of appendix A.2; ours differs in stated ways only.

    Those: one bias per GRU gate and direction more (torch has two), biases of the first state
    and the output; and the decoder's own embedding, as in the paper.
    """
    n, m, vocabulary, maxout = 1000, 620, 30_000, 500
    with torch.device("meta"):
        model = bahdanau(vocabulary, vocabulary, m, n, maxout)
    ours = sum(p.numel() for p in model.parameters())
    weights = sum(p.numel() for name, p in model.named_parameters() if "bias" not in name)
    encoder = vocabulary * m + 2 * 3 * (n * m + n * n)
    decoder = vocabulary * m + 3 * (n * m + n * n + n * 2 * n) + n * n
    attention = n + n * n + n * 2 * n
    output = 2 * maxout * (n + m + 2 * n) + vocabulary * maxout
    assert weights == encoder + decoder + attention + output
    assert 80.3e6 < weights < 80.5e6
    assert ours - weights == 2 * 2 * 3 * n + 2 * 3 * n + n + 2 * maxout + vocabulary
