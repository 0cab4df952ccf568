"""The Transformer: torch's own, the paper's counts, what holds always, and bad input."""

import copy

import pytest
import torch
from torch import nn

from lecture_utils.models.encoder_decoder import beam, greedy
from lecture_utils.models.transformer import POSITIONS, causal, transformer
from lecture_utils.recording import record
from tests.models import plain_transformer, torch_twins
from tests.models.transformer_properties import PROPERTIES

LENGTHS = torch.tensor([[6], [2], [4]])


def batch():
    made = torch.Generator().manual_seed(5)
    source = torch.randint(3, 12, (3, 6), generator=made)
    return source, torch.arange(6) < LENGTHS, torch.randint(3, 9, (3, 5), generator=made)


def small(seed=0, **more):
    torch.manual_seed(seed)
    model = transformer(12, 9, 16, 4, 2, 32, **more).eval()
    for part in model.modules():  # else every norm is the same
        if isinstance(part, nn.LayerNorm):
            nn.init.normal_(part.weight, 1.0, 0.2)
            nn.init.normal_(part.bias, 0.0, 0.2)
    return model


@torch.no_grad()
def apart(dtype, norm_first, bias):
    """How far the encoder's states and the decoder's are from torch's, on words and padding."""
    model = small(norm_first=norm_first, bias=bias).to(dtype)
    theirs = torch_twins.whole(model)
    source, mask, target = batch()
    memory, nothing = model.encode(source, mask)
    x = model.encoder.embed(source)
    states = theirs.encoder(x, src_key_padding_mask=~mask)
    found = [(memory.states - states)[mask].abs().max().item()]
    model.decoder.readout = nn.Identity()
    y = model.decoder.embed(target)
    ours = model.decoder(target, memory, nothing)[0]
    over = {"tgt_mask": ~causal(y)[0], "memory_key_padding_mask": ~mask}
    found.append((ours - theirs.decoder(y, memory.states, **over)).abs().max().item())
    whole = theirs(
        x, y, tgt_mask=~causal(y)[0], src_key_padding_mask=~mask, memory_key_padding_mask=~mask
    )
    return [*found, (ours - whole).abs().max().item()]


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("norm_first", [False, True])
def test_encoder_decoder_and_both_are_torchs(norm_first, bias):
    assert max(apart(torch.float64, norm_first, bias)) <= 1e-12
    assert max(apart(torch.float32, norm_first, bias)) <= 1e-5


def test_it_is_the_papers_formulas_in_plain_tensor_operations():
    """Logits, loss and gradients, on words and padding; what the bench measures is the same."""
    ours = small(norm_first=True, bias=True).double()
    plain, (source, mask, target) = copy.deepcopy(ours), batch()
    target[1, 3:] = 0
    scores = ours(source, mask, target)
    told = nn.functional.cross_entropy(
        scores.flatten(0, 1), target[:, 1:].flatten(), ignore_index=0, label_smoothing=0.1
    )
    theirs = plain_transformer.logits(plain, source, mask, target)
    torch.testing.assert_close(scores, theirs, rtol=0, atol=1e-6)
    loss = plain_transformer.loss(theirs, target[:, 1:], smoothing=0.1)
    assert loss.item() == pytest.approx(told.item(), abs=1e-6)
    told.backward()
    loss.backward()
    for mine, its in zip(ours.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, its.grad, rtol=0, atol=1e-6)


def test_the_norm_is_the_slides_and_not_bessels():
    """LayerNorm divides by the standard deviation of D features, not of D - 1."""
    x = torch.randn(4, 8, dtype=torch.float64)
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    by_hand = centred / (variance + 1e-5).sqrt()
    torch.testing.assert_close(nn.LayerNorm(8).double()(x), by_hand, rtol=0, atol=1e-12)
    other = centred / (x.std(dim=-1, keepdim=True) + 1e-5)
    assert (by_hand - other).abs().max() > 0.05


@pytest.mark.parametrize("name", PROPERTIES)
def test_it_holds_on_random_models_and_inputs(name):
    broken = [seed for seed in range(25) if not PROPERTIES[name](seed)]
    assert broken == []


@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("norm_first", [False, True])
def test_every_parameter_gets_a_gradient(positions, norm_first):
    model = small(positions=positions, norm_first=norm_first)
    model(*batch()).square().sum().backward()
    without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []


@pytest.mark.parametrize("positions", POSITIONS)
def test_without_positions_alone_a_source_is_a_bag_of_words(positions):
    model, (source, _, target) = small(positions=positions), batch()
    turned = source[:1].flip(1)
    same = torch.allclose(
        model(source[:1], None, target[:1]), model(turned, None, target[:1]), atol=1e-6
    )
    assert same == (positions == "none")


def test_recording_sees_every_head_of_every_layer_and_changes_nothing():
    model, given = small(), batch()
    plain = model(*given)
    with record(model) as reads:
        recorded = model(*given)
    torch.testing.assert_close(recorded, plain, rtol=0, atol=1e-6)
    shapes = {name: tuple(weights.shape) for name, weights in reads.items()}
    assert shapes == {
        f"{side}.layers.{i}.{part}.address": (3, 4, *sizes)
        for i in range(2)
        for side, part, sizes in (
            ("encoder", "attention", (6, 6)),
            ("decoder", "attention", (4, 4)),
            ("decoder", "cross", (4, 6)),
        )
    }
    for name, weights in reads.items():
        torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]))
        if "decoder.layers.0.attention" in name:
            assert not weights.triu(1).any()
        elif "cross" in name:
            assert not weights[1, :, :, 2:].any()


def test_dropout_drops_in_training_only():
    model, given = small(dropout=0.5), batch()
    torch.testing.assert_close(model(*given), small()(*given), rtol=0, atol=0)
    model.train()
    assert (model(*given) - model(*given)).abs().max() > 1e-3


TABLE_3 = {  # rows of the paper's table 3, and the parameters that it prints, in millions
    "base": ({}, 65),
    "B, d_k 16": ({"size": 16}, 58),
    "B, d_k 32": ({"size": 32}, 60),
    "C, 2 layers": ({"layers": 2}, 36),
    "C, 4 layers": ({"layers": 4}, 50),
    "C, 8 layers": ({"layers": 8}, 80),
    "C, d_model 256": ({"features": 256, "size": 32}, 28),
    "C, d_model 1024": ({"features": 1024, "size": 128}, 168),
    "C, d_ff 1024": ({"inner": 1024}, 53),
    "C, d_ff 4096": ({"inner": 4096}, 90),
    "big": ({"features": 1024, "heads": 16, "inner": 4096}, 213),
}


def millions(words, **sizes):
    """Parameters of the Transformer of table 3 with one vocabulary of so many words."""
    base = {"features": 512, "heads": 8, "layers": 6, "inner": 2048}
    with torch.device("meta"):
        model = transformer(words, words, **{**base, **sizes}, tied=True)
    return sum(p.numel() for p in model.parameters()) / 1e6


def test_one_vocabulary_gives_every_row_of_table_3_but_the_last():
    for words in (41_004, 41_208):
        counted = {row: round(millions(words, **sizes)) for row, (sizes, _) in TABLE_3.items()}
        printed = {row: count for row, (_, count) in TABLE_3.items()}
        assert {row for row in printed if counted[row] != printed[row]} == {"big"}
    assert round(millions(37_000)) == 63  # the paper's own number of words, about 37,000
    assert round(millions(36_000, **TABLE_3["big"][0])) == 213


def test_the_base_model_has_44_million_weights_beside_its_embeddings():
    with torch.device("meta"):
        model = transformer(1, 1, 512, 8, 6, 2048)
    words = 3 * 512  # two embeddings and the readout, of one word each
    ours = sum(p.numel() for p in model.parameters()) - words
    attention, norm = 4 * 512**2, 2 * 512
    feed_forward = 2 * 512 * 2048 + 2048 + 512
    assert ours == 6 * (3 * attention + 2 * feed_forward + 5 * norm)
    with torch.device("meta"):
        theirs = nn.Transformer(512, 8, 6, 6, 2048, batch_first=True)
    biases = 18 * 4 * 512  # of the attentions' matrices; and torch norms behind both stacks
    assert sum(p.numel() for p in theirs.parameters()) == ours + biases + 2 * norm == 44_140_544


class TestBadInput:
    def test_more_words_than_learned_places(self):
        model, (source, mask, target) = small(positions="learned", most=5), batch()
        with pytest.raises(ValueError, match=r"6 words, but there are 5 learned places.*most=6"):
            model(source, mask, target)
        assert small()(source.repeat(1, 40), mask.repeat(1, 40), target).isfinite().all()

    def test_heads_and_positions(self):
        with pytest.raises(ValueError, match="one vocabulary, but the sizes are 12 and 9"):
            transformer(12, 9, tied=True)
        with pytest.raises(ValueError, match="3 heads cannot share 16 features"):
            transformer(12, 9, 16, 3)
        with pytest.raises(ValueError, match=r"positions must be one of .*got 'absolute'"):
            transformer(12, 9, positions="absolute")
        for positions in ("sinusoidal", "rotary"):
            with pytest.raises(ValueError, match=r"come in pairs.*got 3"):
                transformer(12, 9, 3, 1, positions=positions)

    @pytest.mark.parametrize("name", ["source_size", "target_size", "layers", "inner"])
    def test_sizes_below_one(self, name):
        with pytest.raises(ValueError, match=f"{name} must be at least 1; got 0"):
            transformer(**{"source_size": 12, "target_size": 9, name: 0})

    def test_more_words_written_than_learned_places(self):
        """With a cache the limit is that of all words, not of the new one."""
        model, (source, mask, _) = small(positions="learned", most=6), batch()
        memory, state = model.encode(source, mask)
        for _ in range(6):
            _, state = model.step(torch.tensor([4, 4, 4]), state, memory)
        with pytest.raises(ValueError, match=r"sequence of 7 words, but there are 6 learned.*=7"):
            model.step(torch.tensor([4, 4, 4]), state, memory)

    @pytest.mark.parametrize("mask", [torch.ones(3, 6), torch.ones(6).bool(), torch.ones(3, 1, 6)])
    def test_masks(self, mask):
        source, _, target = batch()
        with pytest.raises(ValueError, match=r"mask must be bool and \(3, 6\).*; got"):
            small()(source, mask, target)

    @pytest.mark.parametrize(
        ("mask", "words"),
        [
            (torch.ones(3, 5).bool(), r"axes as the scores, \(3, 5, 5\).*by mask.unsqueeze\(1\)"),
            (torch.ones(3, 1, 4).bool(), r"each of that size or 1; got \(3, 1, 4\)"),
            (torch.ones(3, 1, 5), "must be bool, True where a slot may be read"),
            (torch.ones(3, 4, 5, 5).bool(), r"axes as the scores, \(3, 5, 5\)"),
        ],
    )
    def test_masks_of_a_layer(self, mask, words):
        """Of self-attention, and of cross-attention on as many slots."""
        model, x = small(), torch.randn(3, 5, 16)
        with pytest.raises(ValueError, match=words):
            model.encoder.layers[0](x, mask)
        layer = model.decoder.layers[0]
        slots = layer.cross.project(x)
        with pytest.raises(ValueError, match=words):
            layer(x, slots, mask, tuple(part[:, :, :0] for part in slots))

    @pytest.mark.parametrize("norm_first", [False, True])
    def test_a_row_of_padding_alone_is_no_nan(self, norm_first):
        model, (source, mask, target) = small(norm_first=norm_first), batch()
        mask[1] = False
        plain = model(source, mask, target)
        with record(model) as reads:
            recorded = model(source, mask, target)
        torch.testing.assert_close(recorded, plain, rtol=0, atol=1e-6)
        assert plain.isfinite().all()
        assert not reads["decoder.layers.0.cross.address"][1].any()
        for out in (plain, recorded):
            model.zero_grad()
            out.square().sum().backward()
            assert all(p.grad.isfinite().all() for p in model.parameters())

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
    @pytest.mark.parametrize("positions", POSITIONS)
    def test_half_precision(self, dtype, positions):
        """Fused and recorded, with padding and with a row of nothing else; and with a cache."""
        model, (source, mask, target) = small(positions=positions), batch()
        mask[1] = False
        exact = model(source, mask, target)
        model.to(dtype)
        half = model(source, mask, target)
        assert half.dtype == dtype
        torch.testing.assert_close(half.float(), exact, rtol=0.05, atol=0.05)
        with record(model):
            recorded = model(source, mask, target)
        torch.testing.assert_close(recorded.float(), exact, rtol=0.05, atol=0.05)
        memory, state = model.encode(source, mask)
        for i, token in enumerate(target[:, :-1].unbind(dim=1)):
            logits, state = model.step(token, state, memory)
            torch.testing.assert_close(logits.float(), exact[:, i], rtol=0.05, atol=0.05)

    @pytest.mark.parametrize("positions", POSITIONS)
    @pytest.mark.parametrize("norm_first", [False, True])
    def test_one_word_and_one_sentence(self, positions, norm_first):
        """They read what they read in a batch, beside longer ones."""
        model, (source, mask, target) = small(positions=positions, norm_first=norm_first), batch()
        alone = model(source[1:2, :1], None, target[1:2, :2])
        assert alone.shape == (1, 1, 9)
        mask[1, 1:] = False
        beside = model(source, mask, target)[1:2, :1]
        torch.testing.assert_close(alone, beside, rtol=0, atol=1e-6)
        with record(model) as reads:
            assert torch.allclose(model(source[1:2, :1], None, target[1:2, :2]), alone, atol=1e-6)
        assert all(torch.equal(weights, torch.ones(1, 4, 1, 1)) for weights in reads.values())
        assert greedy(model, source[1:2, :1], limit=3).shape[0] == 1
        assert beam(model, source[1:2, :1], 2, limit=1)[0].words
        assert model(source[1:2, :1], None, target[1:2, :1]).shape == (1, 0, 9)  # the start alone
