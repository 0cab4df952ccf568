"""Addresses that know where they were: loops, special cases, windows, decoding, the copy task."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from lecture_utils.addressing import (
    Additive,
    LocationAddress,
    LocationSensitive,
    Place,
    ReadHead,
    near,
    one_hot,
    read,
    shift,
)
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.encoder_decoder import beam, greedy
from lecture_utils.models.location import location_sensitive
from lecture_utils.models.turing import TapeReader
from lecture_utils.recording import record
from tests.models.all_sequences import assert_a_wide_beam_finds_the_best

SIZES = dict(source_size=12, target_size=9, embedding_size=6, hidden_size=8, maxout_size=4)


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def some_weights(*shape, seed=9):
    return numbers(*shape, seed=seed).softmax(-1)


def sensitive(query_size, key_size, hidden_size, filters=8, width=5, window=None):
    content, place = Additive(query_size, key_size, hidden_size), Place(hidden_size, filters, width)
    return LocationSensitive(content, place, window)


def make(seed=0, **more):
    torch.manual_seed(seed)
    return location_sensitive(**{**SIZES, **more}).eval()


def batch():
    source = torch.tensor([[5, 6, 7, 8], [9, 4, 0, 0]])
    target = torch.tensor([[1, 4, 5, 6, 2], [1, 7, 2, 0, 0]])
    return source, source != 0, target


def addresses():
    torch.manual_seed(0)
    return [sensitive(6, 6, 5, filters=3, width=3), ReadHead(6, 6)]


@pytest.mark.parametrize("address", addresses(), ids=lambda a: type(a).__name__)
class TestEveryLocationAddress:
    def test_rows_sum_to_one_and_padding_weighs_nothing(self, address):
        mask = torch.tensor([[True, True, True, False], [True] * 4]).unsqueeze(1)
        given = numbers(2, 3, 6), numbers(2, 4, 6, seed=1), mask
        for previous in (None, some_weights(2, 3, 4)):
            weights = address(*given, previous)
            torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3))
            assert weights[0, :, 3].abs().max() == 0

    def test_no_previous_weights_are_zeros(self, address):
        given = numbers(2, 3, 6), numbers(2, 4, 6, seed=1)
        zeros = torch.zeros(2, 3, 4)
        torch.testing.assert_close(address(*given), address(*given, previous=zeros))

    def test_place_matters_and_so_does_the_order_of_the_slots(self, address):
        queries, keys, order = numbers(2, 3, 6), numbers(2, 5, 6, seed=1), [3, 1, 4, 0, 2]
        here, there = some_weights(2, 3, 5), some_weights(2, 3, 5, seed=8)
        weights = address(queries, keys, previous=here)
        assert (weights - address(queries, keys, previous=there)).abs().max() > 1e-3
        shuffled = address(queries, keys[:, order], previous=here[..., order])
        assert (weights[..., order] - shuffled).abs().max() > 1e-3

    def test_among_equal_slots_only_the_place_tells_them_apart(self, address):
        queries, keys = numbers(1, 1, 6), numbers(1, 1, 6, seed=1).expand(1, 7, 6)
        torch.testing.assert_close(address(queries, keys), torch.full((1, 1, 7), 1 / 7))
        before = one_hot(torch.tensor([[[0.0, 0, 0, 1, 0, 0, 0]]]))
        assert address(queries, keys, previous=before).std() > 1e-3

    def test_heads_and_batches_broadcast(self, address):
        queries, keys = numbers(2, 8, 3, 6), numbers(2, 8, 5, 6, seed=1)
        previous = some_weights(2, 8, 3, 5)
        weights = address(queries, keys, previous=previous)
        assert weights.shape == (2, 8, 3, 5)
        alone = address(queries[1, 7], keys[1, 7], previous=previous[1, 7])
        torch.testing.assert_close(weights[1, 7], alone)

    def test_is_recorded(self, address):
        with record(nn.ModuleDict({"a": address})) as reads:
            weights = address(numbers(2, 3, 6), numbers(2, 4, 6, seed=1))
        assert torch.equal(reads["a"], weights.detach())


def test_location_sensitive_is_the_papers_equation_in_loops():
    torch.manual_seed(1)
    address = sensitive(4, 6, 5, filters=3, width=5)
    queries, keys, previous = numbers(2, 3, 4), numbers(2, 7, 6, seed=1), some_weights(2, 3, 7)
    W, U, v = address.content.W.weight, address.content.U.weight, address.content.v.weight[0]
    weights = address(queries, keys, previous=previous)
    for b, i in itertools.product(range(2), range(3)):
        powers = []
        for j in range(7):
            f = torch.zeros(3)
            for k, step in itertools.product(range(3), range(-2, 3)):
                if 0 <= j + step < 7:
                    f[k] += address.place.F.weight[k, 0, step + 2] * previous[b, i, j + step]
            place = address.place.L.weight @ f + address.place.L.bias
            hidden = torch.tanh(W @ queries[b, i] + U @ keys[b, j] + place)
            powers.append(math.exp((v @ hidden).item()))
        wanted = torch.tensor(powers) / sum(powers)
        torch.testing.assert_close(weights[b, i], wanted, rtol=0, atol=1e-6)


def test_filters_of_zeros_leave_the_additive_address():
    address = sensitive(4, 6, 5)
    given = numbers(2, 3, 4), numbers(2, 7, 6, seed=1)
    previous = some_weights(2, 3, 7)
    assert not torch.allclose(address(*given, previous=previous), address.content(*given))
    nn.init.zeros_(address.place.F.weight)
    nn.init.zeros_(address.place.L.bias)
    torch.testing.assert_close(address(*given, previous=previous), address.content(*given))


def softplus(x):
    return np.log1p(np.exp(x))


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def test_the_head_is_the_papers_five_equations_in_numpy():
    torch.manual_seed(2)
    head = ReadHead(4, 6)
    query, keys, previous = numbers(1, 4), numbers(5, 6, seed=1), some_weights(1, 5)
    key = head.key(query)[0].detach().numpy()
    beta, g, gamma, *kernel = head.controls(query)[0].tolist()
    M, w = keys.numpy(), np.zeros(5)
    for i in range(5):  # equations 5 and 6
        angle = key @ M[i] / np.linalg.norm(key) / np.linalg.norm(M[i])
        w[i] = softplus(beta) * angle
    gate = 1 / (1 + np.exp(-g))
    w = gate * softmax(w) + (1 - gate) * previous[0].numpy()  # equation 7
    s, moved = softmax(kernel), np.zeros(5)
    for i, j in itertools.product(range(5), range(5)):  # equation 8
        for step in (-1, 0, 1):
            moved[i] += w[j] * s[step + 1] * ((i - j) % 5 == step % 5)
    moved = moved ** (1 + softplus(gamma))  # equation 9
    wanted = torch.tensor(moved / moved.sum(), dtype=torch.float32)
    torch.testing.assert_close(head(query, keys, previous=previous)[0], wanted, rtol=0, atol=1e-6)


def set_controls(head, *, gate, kernel):
    """A head whose controls are the same for every query; its power is far above 1."""
    nn.init.zeros_(head.controls.weight)
    with torch.no_grad():
        head.controls.bias.copy_(torch.tensor([0.0, gate, 9.0, *kernel]))


def test_a_head_that_only_shifts_goes_round_and_comes_home():
    head = ReadHead(4, 6)
    set_controls(head, gate=-50.0, kernel=[-50.0, -50.0, 50.0])
    weights = one_hot(torch.tensor([[0.0, 1, 0, 0, 0]]))
    for step in range(1, 6):
        weights = head(numbers(1, 4, seed=step), numbers(5, 6, seed=step), previous=weights)
        assert weights.argmax().item() == (1 + step) % 5
    torch.testing.assert_close(weights, one_hot(torch.tensor([[0.0, 1, 0, 0, 0]])))


def test_a_full_circle_of_shifts_is_no_shift():
    weights, ahead = some_weights(2, 3, 6), torch.tensor([0.0, 0.0, 1.0])
    moved = weights
    for _ in range(6):
        moved = shift(moved, ahead)
    assert torch.equal(moved, weights)


def test_what_a_head_moves_into_padding_is_lost_and_the_rest_scaled_up():
    head = ReadHead(4, 6)
    set_controls(head, gate=-50.0, kernel=[-50.0, -50.0, 50.0])
    mask = torch.tensor([[True, True, True, False]])
    weights = head(numbers(1, 4), numbers(4, 6), mask, torch.tensor([[0.0, 0.5, 0.5, 0]]))
    torch.testing.assert_close(weights, torch.tensor([[0.0, 0, 1, 0]]))


class TestWindow:
    def test_is_around_the_median(self):
        previous = torch.tensor([[0.0, 0, 0.6, 0.4, 0, 0, 0], [0.4, 0, 0, 0, 0.3, 0.3, 0]])
        assert near(previous, 1).int().tolist() == [[0, 1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1, 0]]
        assert near(previous, 9).all()

    def test_is_open_where_nothing_was_read(self):
        assert near(torch.zeros(2, 5), 1).all()

    def test_is_kept_in_evaluation_only(self):
        address = sensitive(4, 6, 5, window=1)
        given = numbers(1, 4), numbers(7, 6, seed=1)
        previous = one_hot(torch.tensor([[0.0, 0, 1, 0, 0, 0, 0]]))
        assert address(*given, previous=previous).gt(0).all()
        weights = address.eval()(*given, previous=previous)
        assert weights.gt(0).int().tolist() == [[0, 1, 1, 1, 0, 0, 0]]
        torch.testing.assert_close(weights.sum(), torch.tensor(1.0))
        mask = torch.tensor([[True, True, True, False, True, True, True]])
        masked = address(*given, mask, previous)
        assert masked.gt(0).int().tolist() == [[0, 1, 1, 0, 0, 0, 0]]

    def test_that_holds_all_slots_changes_nothing(self):
        address = sensitive(4, 6, 5, window=7).eval()
        given = numbers(2, 3, 4), numbers(2, 7, 6, seed=1), None, some_weights(2, 3, 7)
        there = address(*given)
        address.window = None
        torch.testing.assert_close(there, address(*given))


class TestEncoderDecoder:
    def test_padding_changes_nothing(self):
        model, (source, mask, target) = make(), batch()
        together = model(source, mask, target)
        alone = model(source[1:, :2], mask[1:, :2], target[1:, :3])
        torch.testing.assert_close(together[1:, :2], alone, rtol=0, atol=1e-6)

    def test_stepping_with_the_true_words_is_the_forward_pass(self):
        model, (source, mask, target) = make(), batch()
        logits = model(source, mask, target)
        memory, state = model.encode(source, mask)
        for i in range(target.shape[1] - 1):
            step, state = model.step(target[:, i], state, memory)
            torch.testing.assert_close(step, logits[:, i], rtol=0, atol=1e-6)

    def test_each_step_is_given_the_weights_of_the_last(self):
        model, (source, mask, target) = make(), batch()
        with record(model) as reads:
            model(source, mask, target)
        recorded = reads["context.address"]  # (2, 4, 4)
        memory, state = model.encode(source, mask)
        assert [tuple(part.shape) for part in state] == [(2, 8), (2, 4)]
        assert state[1].abs().max() == 0
        for i in range(4):
            _, state = model.step(target[:, i], state, memory)
            torch.testing.assert_close(state[1], recorded[:, i])
        torch.testing.assert_close(recorded.sum(-1), torch.ones(2, 4))
        assert recorded[1, :, 2:].abs().max() == 0

    def test_filters_of_zeros_leave_bahdanaus_model(self):
        located, plain = make(), bahdanau(**SIZES)
        nn.init.zeros_(located.context.address.place.F.weight)
        nn.init.zeros_(located.context.address.place.L.bias)
        weights = {
            n.replace("address.content", "address"): p for n, p in located.state_dict().items()
        }
        plain.load_state_dict({n: weights[n] for n in plain.state_dict()})
        torch.testing.assert_close(located(*batch()), plain(*batch()), rtol=0, atol=1e-6)

    def test_only_the_address_has_more_parameters(self):
        located = {n for n, _ in make().named_parameters() if "context" not in n}
        plain = {n for n, _ in bahdanau(**SIZES).named_parameters() if "context" not in n}
        assert located == plain

    def test_every_parameter_gets_a_gradient(self):
        model = make()
        model(*batch()).square().sum().backward()
        without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
        assert without == []

    @pytest.mark.parametrize("window", [None, 1])
    def test_beam_of_width_one_is_greedy(self, window):
        for seed in range(5):
            model, source = make(seed, window=window), batch()[0][:1]
            words = greedy(model, source, limit=12)[0].tolist()
            assert beam(model, source, 1, limit=12)[0].words == words

    def test_a_wide_beam_finds_the_best_of_all_sequences(self):
        assert_a_wide_beam_finds_the_best(make(3), batch()[0][:1])


class TestTapeReader:
    def test_reads_what_its_address_says(self):
        torch.manual_seed(0)
        model, memory = TapeReader(ReadHead(6, 6), 6), numbers(2, 5, 6)
        with record(model) as reads:
            logits = model(memory, 4)
        weights = reads["address"]
        assert weights.shape == (2, 4, 5)
        torch.testing.assert_close(logits, model.output(read(weights, memory)))
        query = read(weights[:, 1:2], memory)
        again = model.address(query, memory, previous=weights[:, 1:2])
        torch.testing.assert_close(again, weights[:, 2:3])

    def test_a_head_that_only_shifts_copies_any_length(self):
        torch.manual_seed(0)
        head = ReadHead(6, 6)
        set_controls(head, gate=-50.0, kernel=[-50.0, -50.0, 50.0])
        model = TapeReader(head, 6)
        for length in (3, 40):
            memory = torch.zeros(1, length + 1, 6)
            memory[0, 1:, :5] = numbers(length, 5)
            torch.testing.assert_close(model(memory, length), model.output(memory[:, 1:]))


def test_bad_input_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="width must be odd"):
        sensitive(4, 6, 5, width=4)
    with pytest.raises(ValueError, match="reach must be at least 1 slot; got 0"):
        near(torch.ones(1, 3), 0)
    with pytest.raises(ValueError, match="reach must be at least 1 slot; got 0"):
        sensitive(4, 6, 5, window=0).eval()(numbers(1, 4), numbers(5, 6))
    for address in (sensitive(4, 6, 5), ReadHead(4, 6)):
        with pytest.raises(ValueError, match=r"previous must be weights \(1, 5\); got \(1, 4\)"):
            address(numbers(1, 4), numbers(5, 6), previous=torch.ones(1, 4) / 4)
    with pytest.raises(ValueError, match="steps must be at least 1"):
        TapeReader(ReadHead(6, 6), 6)(numbers(1, 3, 6), 0)
    with pytest.raises(NotImplementedError):
        LocationAddress()(numbers(2, 4), numbers(3, 4))
