"""Encoder-decoder and Bahdanau: special cases, padding, decoding, gradients, bad input."""

import pytest
import torch

from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.encoder_decoder import FixedContext, beam, build, greedy
from lecture_utils.recording import record
from tests.models.all_sequences import assert_a_wide_beam_finds_the_best

SIZES = dict(source_size=12, target_size=9, embedding_size=6, hidden_size=8, maxout_size=4)


def fixed(**sizes):
    return build(FixedContext(), **sizes)


MODELS = [fixed, bahdanau]


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

    def test_beam_of_width_one_is_greedy(self, kind):
        for seed in range(5):
            model = make(kind, seed)
            source = batch()[0][:1]
            words = greedy(model, source, limit=12)[0].tolist()
            assert beam(model, source, 1, limit=12)[0].words == words

    def test_a_wide_beam_finds_the_best_of_all_sequences(self, kind):
        assert_a_wide_beam_finds_the_best(make(kind, 3), batch()[0][:1])

    def test_bad_beams_are_refused(self, kind):
        model = make(kind)
        with pytest.raises(ValueError, match="one source"):
            beam(model, batch()[0], 2)
        with pytest.raises(ValueError, match="width >= 1"):
            beam(model, batch()[0][:1], 0)


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
