"""Multi-head attention: the formula, the fused form, torch's own module, and bad input."""

import pytest
import torch

from lecture_utils.addressing import Dot
from lecture_utils.models.multi_head import HeadByHead, MultiHead, size_of_head
from lecture_utils.models.positions import Rotary
from lecture_utils.recording import record
from tests.models import torch_twins

B, T, S, D, H = 3, 5, 7, 12, 4


def inputs(dtype=torch.float64):
    made = torch.Generator().manual_seed(1)
    queries, memory = (torch.randn(B, n, D, generator=made, dtype=dtype) for n in (T, S))
    return queries, memory, torch.arange(S) < torch.tensor([[[S]], [[2]], [[5]]])  # (B, 1, S)


def pair(size=None):
    """The formula and the fused form, with the same weights."""
    torch.manual_seed(0)
    slow, fast = HeadByHead(D, H, size).double(), MultiHead(D, H, size).double()
    for name in ("W_Q", "W_K", "W_V"):
        weights = torch.cat([getattr(head, name).weight for head in slow.heads])
        getattr(fast, name).weight.data = weights
    fast.W_O.load_state_dict(slow.W_O.state_dict())
    return slow, fast


@pytest.mark.parametrize("size", [None, 2, 5])
def test_all_heads_at_once_are_the_heads_one_by_one(size):
    slow, fast = pair(size)
    queries, memory, mask = inputs()
    for allowed in (None, mask, mask & (torch.rand(B, T, S) < 0.6)):
        torch.testing.assert_close(
            fast(queries, memory, allowed), slow(queries, memory, allowed), rtol=0, atol=1e-12
        )


def test_the_fast_path_is_the_recorded_one():
    _, fast = pair()
    queries, memory, mask = inputs()
    with record(fast) as reads:
        slow = fast(queries, memory, mask)
    assert reads["address"].shape == (B, H, T, S)
    torch.testing.assert_close(slow, fast(queries, memory, mask), rtol=0, atol=1e-12)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("dtype", "apart"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_it_is_torchs(bias, dtype, apart):
    torch.manual_seed(0)
    ours = MultiHead(D, H, bias=bias).to(dtype)
    theirs = torch_twins.attention(ours)
    queries, memory, mask = inputs(dtype)
    mine = ours(queries, memory, mask)
    its, weights = theirs(
        queries, memory, memory, key_padding_mask=~mask[:, 0], average_attn_weights=False
    )
    torch.testing.assert_close(mine, its, rtol=0, atol=apart)
    with record(ours) as reads:
        ours(queries, memory, mask)
    torch.testing.assert_close(reads["address"], weights, rtol=0, atol=apart)


def test_a_query_with_no_slot_reads_zeros_where_torch_gives_nan():
    ours, (queries, memory, _) = pair()[1], inputs()
    nothing = torch.zeros(B, 1, S, dtype=torch.bool)
    assert torch.equal(ours(queries, memory, nothing), torch.zeros(B, T, D, dtype=torch.float64))
    with record(ours) as reads:
        ours(queries, memory, nothing)
    assert not reads["address"].any()
    its = torch_twins.attention(ours)(queries, memory, memory, key_padding_mask=~nothing[:, 0])[0]
    assert its.isnan().all()


def test_slots_in_another_order_change_nothing_and_queries_carry_theirs():
    _, fast = pair()
    queries, memory, _ = inputs()
    order = torch.randperm(S, generator=torch.Generator().manual_seed(3))
    here = fast(queries, memory)
    torch.testing.assert_close(fast(queries, memory[:, order]), here, rtol=0, atol=1e-12)
    among = fast(memory, memory)
    moved = fast(memory[:, order], memory[:, order])
    torch.testing.assert_close(moved, among[:, order], rtol=0, atol=1e-12)


def test_rotary_places_reach_queries_and_keys_alone():
    """To move all places alike changes nothing, so no place is in a value; one side alone does."""
    torch.manual_seed(0)
    turned, (queries, memory, mask) = MultiHead(D, 3, rotary=Rotary(4)).double(), inputs()
    here = turned.attend(queries, *turned.project(memory, 1), mask, 4)
    there = turned.attend(queries, *turned.project(memory, 8), mask, 11)
    torch.testing.assert_close(here, there, rtol=0, atol=1e-12)
    assert (turned.attend(queries, *turned.project(memory, 1), mask, 5) - here).abs().max() > 1e-3
    assert (turned.attend(queries, *turned.project(memory, 2), mask, 4) - here).abs().max() > 1e-3


def test_the_scale_is_that_of_a_head():
    torch.manual_seed(0)
    scaled, plain = MultiHead(D, H).double(), MultiHead(D, H, address=Dot()).double()
    plain.load_state_dict(scaled.state_dict())
    plain.W_Q.weight.data /= (D / H) ** 0.5
    queries, memory, mask = inputs()
    torch.testing.assert_close(
        scaled(queries, memory, mask), plain(queries, memory, mask), rtol=0, atol=1e-12
    )


def test_the_papers_sizes():
    assert size_of_head(512, 8) == 64
    with torch.device("meta"):
        many, one = MultiHead(512, 8), MultiHead(512, 1)
    assert sum(p.numel() for p in many.parameters()) == 4 * 512**2
    assert sum(p.numel() for p in one.parameters()) == 4 * 512**2  # the cost of one wide head


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((12, 5), r"5 heads cannot share 12 features; .*\(1, 2, 3, 4, 6, 12\)"),
        ((12, 0), "at least 1; got 0"),
        ((12, 3, 0), "at least 1; got 3 and 0"),
    ],
)
def test_heads_that_do_not_fit_are_refused(arguments, words):
    for kind in (MultiHead, HeadByHead):
        with pytest.raises(ValueError, match=words):
            kind(*arguments)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (
            torch.ones(B, S).bool(),
            r"as many axes as the scores, \(3, 5, 7\).*by mask.unsqueeze\(1\)",
        ),
        (torch.ones(B, 1, S), "must be bool"),
        (torch.ones(B, T, S - 1).bool(), "each of that size or 1"),
    ],
)
def test_masks_that_do_not_fit_are_refused(mask, words):
    queries, memory, _ = inputs()
    with pytest.raises(ValueError, match=words):
        pair()[1](queries, memory, mask)
