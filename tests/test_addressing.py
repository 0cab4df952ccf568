"""Addressing: parity with loops and with torch, masks, properties, bad input."""

import math

import pytest
import torch
from torch import nn

from lecture_utils.addressing import (
    Additive,
    Address,
    Cosine,
    Dot,
    General,
    Hard,
    Sampled,
    ScaledDot,
    StraightThrough,
    Tempered,
    interpolate,
    masked_softmax,
    one_hot,
    read,
    sharpen,
    shift,
)

MODULES = [
    *(Dot(), ScaledDot(), General(6, 6), Additive(6, 6, 5), Cosine(3.0), Tempered(Dot(), 0.5)),
    *(StraightThrough(General(6, 6)), Sampled(Additive(6, 6, 5)).eval()),
]


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("address", MODULES, ids=lambda m: type(m).__name__)
class TestEveryAddress:
    def test_rows_sum_to_one_and_padding_weighs_nothing(self, address):
        mask = torch.tensor([[True, True, False, False], [True, True, True, True]]).unsqueeze(1)
        weights = address(numbers(2, 3, 6), numbers(2, 4, 6, seed=1), mask)
        torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3))
        assert weights[0, :, 2:].abs().max() == 0

    def test_padding_does_not_change_the_other_weights(self, address):
        queries, keys = numbers(2, 3, 6), numbers(2, 4, 6, seed=1)
        longer = torch.cat([keys, numbers(2, 2, 6, seed=2)], dim=1)
        mask = torch.tensor([True] * 4 + [False] * 2)[None, None]
        torch.testing.assert_close(
            address(queries, longer, mask)[..., :4], address(queries, keys), rtol=0, atol=1e-6
        )

    def test_a_row_without_a_slot_reads_zeros_and_has_finite_gradients(self, address):
        queries, keys = numbers(1, 2, 6).requires_grad_(), numbers(1, 4, 6, seed=1)
        mask = torch.tensor([[[True] * 4, [False] * 4]])
        result = read(address(queries, keys, mask), keys)
        assert result[0, 1].abs().max() == 0
        result.sum().backward()
        assert torch.isfinite(queries.grad).all()

    def test_slots_in_another_order_are_read_alike(self, address):
        queries, keys = numbers(2, 3, 6), numbers(2, 5, 6, seed=1)
        order = torch.tensor([3, 1, 4, 0, 2])
        here = read(address(queries, keys), keys)
        there = read(address(queries, keys[:, order]), keys[:, order])
        torch.testing.assert_close(here, there, rtol=0, atol=1e-6)

    def test_heads_and_batches_broadcast(self, address):
        queries, keys = numbers(2, 8, 3, 6), numbers(2, 8, 5, 6, seed=1)
        weights = address(queries, keys)
        assert weights.shape == (2, 8, 3, 5)
        torch.testing.assert_close(weights[1, 7], address(queries[1, 7], keys[1, 7]))


def test_additive_is_the_papers_equation_in_loops():
    address = Additive(4, 6, 5)
    queries, keys = numbers(2, 3, 4), numbers(2, 7, 6, seed=1)
    weights = address(queries, keys)
    for b in range(2):
        for i in range(3):
            scores = [
                address.v.weight[0]
                @ torch.tanh(address.W.weight @ queries[b, i] + address.U.weight @ keys[b, j])
                for j in range(7)
            ]
            powers = [math.exp(e.item()) for e in scores]
            wanted = torch.tensor([p / sum(powers) for p in powers])
            torch.testing.assert_close(weights[b, i], wanted, rtol=0, atol=1e-6)


def test_general_is_a_matrix_between_query_and_key():
    address = General(4, 6)
    queries, keys = numbers(2, 3, 4), numbers(2, 7, 6, seed=1)
    wanted = torch.einsum("btd,de,bse->bts", queries, address.W.weight, keys).softmax(-1)
    torch.testing.assert_close(address(queries, keys), wanted, rtol=0, atol=1e-6)


@pytest.mark.parametrize("address", [Additive(4, 6, 5), General(4, 6)])
def test_projecting_once_is_the_same(address):
    queries, keys = numbers(2, 3, 4), numbers(2, 7, 6, seed=1)
    torch.testing.assert_close(
        address(queries, keys), address.weights(queries, address.project(keys))
    )


@pytest.mark.parametrize("masked", [False, True])
def test_scaled_dot_and_read_equal_torchs_attention(masked):
    queries, keys, values = numbers(2, 8, 3, 6), numbers(2, 8, 5, 6, seed=1), numbers(2, 8, 5, 7)
    mask = numbers(2, 1, 3, 5, seed=3) > -0.5 if masked else None
    wanted = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    ours = read(ScaledDot()(queries, keys, mask), values)
    torch.testing.assert_close(ours, wanted, rtol=0, atol=1e-6)


def test_dot_and_scaled_dot_differ_by_the_root_of_d():
    queries, keys = numbers(2, 3, 16), numbers(2, 5, 16, seed=1)
    torch.testing.assert_close(Dot().score(queries, keys) / 4, ScaledDot().score(queries, keys))


def test_large_scores_do_not_overflow():
    weights = masked_softmax(torch.tensor([[1e4, 0.0], [-1e4, -1e4]]))
    torch.testing.assert_close(weights, torch.tensor([[1.0, 0.0], [0.5, 0.5]]))


def test_a_one_hot_address_reads_the_slot_itself():
    values = numbers(4, 3)
    torch.testing.assert_close(read(torch.eye(4), values), values)


def test_cosine_counts_the_angle_alone():
    queries, keys = numbers(2, 3, 6), numbers(2, 5, 6, seed=1)
    wanted = 4 * nn.functional.cosine_similarity(queries[:, :, None], keys[:, None], dim=-1)
    torch.testing.assert_close(Cosine(4.0).score(queries, keys), wanted, rtol=0, atol=1e-6)
    torch.testing.assert_close(Cosine(4.0)(10 * queries, keys), Cosine(4.0)(queries, keys))
    assert Cosine().score(torch.zeros(1, 6), keys[0]).abs().max() == 0


def test_temperature_goes_from_hard_to_equal():
    queries, keys = numbers(2, 3, 6), numbers(2, 5, 6, seed=1)
    torch.testing.assert_close(Tempered(Dot(), 1.0)(queries, keys), Dot()(queries, keys))
    torch.testing.assert_close(Tempered(Dot(), 1e-4)(queries, keys), Hard(Dot())(queries, keys))
    even = torch.full((2, 3, 5), 0.2)
    torch.testing.assert_close(Tempered(Dot(), 1e6)(queries, keys), even, rtol=0, atol=1e-4)


class TestHard:
    def test_reads_one_slot_whole(self):
        queries, keys = numbers(2, 3, 6), numbers(2, 5, 6, seed=1)
        weights = Hard(Dot())(queries, keys)
        best = (queries @ keys.mT).argmax(dim=-1)
        assert set(weights.unique().tolist()) == {0.0, 1.0}
        assert torch.equal(weights.argmax(dim=-1), best)
        wanted = torch.stack([keys[b, best[b]] for b in range(2)])
        assert torch.equal(read(weights, keys), wanted)

    def test_reads_no_padding_and_nothing_where_there_is_nothing(self):
        scores = torch.tensor([[1.0, 5.0, 3.0], [1.0, 5.0, 3.0]])
        mask = torch.tensor([[True, False, True], [False] * 3])
        assert one_hot(scores, mask).tolist() == [[0, 0, 1], [0, 0, 0]]
        with pytest.raises(ValueError, match="mask must be bool"):
            one_hot(scores, mask.float())

    def test_of_equal_scores_takes_the_first(self):
        assert one_hot(torch.zeros(1, 3)).tolist() == [[1, 0, 0]]

    def test_has_no_gradient_and_straight_through_has_the_softmaxs(self):
        keys, values = numbers(5, 6, seed=1), numbers(5, 4, seed=2)
        gradients = []
        for address in (Dot(), StraightThrough(Dot())):
            queries = numbers(3, 6).requires_grad_()
            read(address(queries, keys), values).sum().backward()
            gradients.append(queries.grad)
        torch.testing.assert_close(*gradients)
        queries = numbers(3, 6).requires_grad_()
        assert not Hard(Dot())(queries, keys).requires_grad
        straight = StraightThrough(Dot())(queries, keys)
        assert torch.equal(straight.detach(), Hard(Dot())(queries, keys))

    def test_sampled_draws_with_the_soft_weights_as_chances(self):
        torch.manual_seed(0)
        query, keys = numbers(1, 6) / 2, numbers(4, 6, seed=1)
        address = Sampled(Dot(), temperature=0.5)
        drawn = address(query.expand(20_000, -1), keys)
        assert torch.equal(drawn.detach().sum(dim=-1), torch.ones(20_000))
        chances = Dot()(query, keys)[0]
        torch.testing.assert_close(drawn.mean(dim=0), chances, rtol=0, atol=0.015)
        masked = address(query.expand(500, -1), keys, torch.tensor([[True, False, True, True]]))
        assert masked[:, 1].abs().max() == 0
        address.eval()
        assert torch.equal(address(query, keys).detach(), Hard(Dot())(query, keys))

    def test_sampled_learns(self):
        torch.manual_seed(0)
        address = Sampled(Dot())
        query, keys = nn.Parameter(torch.zeros(1, 4)), torch.eye(4)
        optimizer = torch.optim.Adam([query], lr=0.1)
        for _ in range(100):
            loss = -read(address(query.expand(32, -1), keys), torch.tensor([[0.0], [0], [1], [0]]))
            optimizer.zero_grad()
            loss.mean().backward()
            optimizer.step()
        assert Hard(Dot())(query, keys).tolist() == [[0, 0, 1, 0]]


class TestLocation:
    weights = masked_softmax(numbers(2, 3, 6))

    def test_the_gate_goes_from_the_step_before_to_the_content(self):
        before = masked_softmax(numbers(2, 3, 6, seed=1))
        for gate, wanted in ((0.0, before), (1.0, self.weights)):
            assert torch.equal(interpolate(self.weights, before, torch.tensor(gate)), wanted)
        half = interpolate(self.weights, before, torch.full((2, 3, 1), 0.5))
        torch.testing.assert_close(half, (self.weights + before) / 2)

    def test_a_shift_is_the_papers_sum(self):
        kernel = masked_softmax(numbers(2, 3, 3, seed=2))
        shifted = shift(self.weights, kernel)
        wanted = torch.zeros(2, 3, 6)
        for i in range(6):
            for j in range(6):
                step = (i - j + 3) % 6 - 3  # the shorter way round
                if -1 <= step <= 1:
                    wanted[..., i] += self.weights[..., j] * kernel[..., step + 1]
        torch.testing.assert_close(shifted, wanted, rtol=0, atol=1e-6)
        torch.testing.assert_close(shifted.sum(dim=-1), torch.ones(2, 3))

    def test_a_whole_step_moves_everything_round(self):
        ahead = shift(self.weights, torch.tensor([0.0, 0.0, 1.0]))
        assert torch.equal(ahead, self.weights.roll(1, dims=-1))

    def test_sharpening_keeps_the_order_and_the_sum(self):
        torch.testing.assert_close(sharpen(self.weights, 1.0), self.weights)
        wanted = self.weights**3 / (self.weights**3).sum(dim=-1, keepdim=True)
        torch.testing.assert_close(sharpen(self.weights, 3.0), wanted)
        powers = torch.tensor([1.0, 3.0, 2000.0]).unsqueeze(-1)
        hardest = sharpen(self.weights, powers)[:, 2]
        torch.testing.assert_close(hardest, one_hot(self.weights)[:, 2])
        assert sharpen(torch.zeros(1, 4), 5.0).tolist() == [[0, 0, 0, 0]]

    def test_a_kernel_that_does_not_fit_is_refused(self):
        for width in (2, 7):
            with pytest.raises(ValueError, match=f"got {width} for 6 slots"):
                shift(self.weights, torch.ones(width) / width)


def test_bad_input_is_refused_with_the_way_out():
    for make in (lambda: Tempered(Dot(), 0.0), lambda: Sampled(Dot(), -1.0)):
        with pytest.raises(ValueError, match="temperature must be greater than 0"):
            make()
    with pytest.raises(ValueError, match="strength must be greater than 0"):
        Cosine(0.0)
    with pytest.raises(ValueError, match="mask must be bool"):
        masked_softmax(numbers(2, 3), torch.ones(2, 3))
    with pytest.raises(ValueError, match="4 slots but values has 5"):
        read(numbers(2, 4), numbers(5, 3))
    with pytest.raises(NotImplementedError):
        Address()(numbers(2, 4), numbers(3, 4))
    with pytest.raises(ValueError, match="queries have 4 features and keys 6"):
        Dot()(numbers(2, 4), numbers(3, 6))
