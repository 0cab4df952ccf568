"""Self-attention: the head in steps is the head, and a sequence that reads itself."""

import math

import pytest
import torch
from torch import nn

from lecture_utils.models.multi_head import Head
from lecture_utils.models.positions import Sinusoidal
from lecture_utils.models.self_attention import HeadInSteps, Layers, SelfAttention
from lecture_utils.models.transformer import causal
from lecture_utils.recording import record, trace

B, T, S, D, d = 2, 3, 5, 12, 8


def heads():
    torch.manual_seed(0)
    whole, steps = Head(D, d).double(), HeadInSteps(D, d).double()
    steps.load_state_dict(whole.state_dict())
    made = torch.Generator().manual_seed(1)
    queries, memory = (torch.randn(B, n, D, generator=made, dtype=torch.float64) for n in (T, S))
    return whole, steps, queries, memory


MASKS = {
    "none": None,
    "padding": torch.arange(S) < torch.tensor([[[S]], [[2]]]),  # (B, 1, S)
    "a query with no slot": (torch.arange(S) < torch.tensor([[[4]], [[0]]])).expand(B, T, S),
}


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
def test_the_head_in_steps_is_the_head_and_torchs(mask):
    whole, steps, queries, memory = heads()
    made = steps(queries, memory, mask)
    torch.testing.assert_close(made, whole(queries, memory, mask), rtol=0, atol=1e-12)
    parts = steps.W_Q(queries), steps.W_K(memory), steps.W_V(memory)
    torchs = nn.functional.scaled_dot_product_attention(*parts, attn_mask=mask)
    torch.testing.assert_close(made, torchs, rtol=0, atol=1e-12)


def test_a_trace_sees_every_step():
    _, steps, queries, memory = heads()
    mask = MASKS["padding"]
    places = ["W_Q", "W_K", "W_V", "scores", "scale", "mask", "softmax", "read"]
    with trace(steps, places) as flow:
        given = steps(queries, memory, mask)
    (scores,), (scaled,), (weights,) = flow["scores"], flow["scale"], flow["softmax"]
    torch.testing.assert_close(scaled, scores / math.sqrt(d))
    assert (flow["mask"][0] == -math.inf).equal((~mask).expand(B, T, S))
    torch.testing.assert_close(weights.sum(-1), torch.ones(B, T, dtype=torch.float64))
    assert torch.equal(flow["read"][0], given)


def test_a_query_with_no_slot_reads_zeros():
    _, steps, queries, memory = heads()
    made = steps(queries, memory, MASKS["a query with no slot"])
    assert made[0].abs().min() > 0
    assert torch.equal(made[1], torch.zeros(T, d, dtype=torch.float64))


def test_words_in_another_order_give_the_same_answers_in_that_order_unless_told():
    words, order = torch.tensor([[3, 1, 4, 5, 9]]), torch.tensor([2, 0, 4, 1, 3])
    torch.manual_seed(0)
    for positions, same in ((None, True), (Sinusoidal(64), False)):
        model = SelfAttention(10, 6, positions=positions)
        plain, moved = model(words)[:, order], model(words[:, order])
        assert plain.shape == (1, 5, 6)
        assert torch.allclose(plain, moved, atol=1e-6) == same


def test_a_causal_mask_hides_what_comes_later():
    torch.manual_seed(0)
    model = SelfAttention(10, 6, positions=Sinusoidal(64))
    words, other = torch.tensor([[3, 1, 4, 5, 9]]), torch.tensor([[3, 1, 4, 2, 0]])
    mask = causal(words.unsqueeze(-1))
    assert torch.equal(model(words, mask)[:, :3], model(other, mask)[:, :3])
    assert not torch.allclose(model(words)[:, :3], model(other)[:, :3])
    with record(model) as reads:
        model(words, mask)
    assert not reads["head.address"].triu(1).any()


def last(layers, masked, order):
    """What the last of six words says, the first five in some order."""
    torch.manual_seed(0)
    model = Layers(9, 4, layers, masked, features=8, heads=2).double()
    words = torch.tensor([[*(order), 5]])
    with torch.no_grad():
        return model(words)[0, -1]


@pytest.mark.parametrize("masked", [False, True], ids=["no mask", "causal mask"])
@pytest.mark.parametrize("layers", [1, 2])
def test_only_two_masked_layers_see_in_which_order_words_stand(layers, masked):
    one, other = last(layers, masked, (0, 1, 2, 3, 4)), last(layers, masked, (3, 1, 0, 4, 2))
    sees = (one - other).abs().max() > 1e-3
    assert sees == (masked and layers == 2)


def test_masked_layers_do_not_see_what_comes():
    torch.manual_seed(0)
    words = torch.randint(9, (2, 6))
    changed = words.clone()
    changed[:, 4] = (changed[:, 4] + 1) % 9
    for masked in (True, False):
        model = Layers(9, 4, 2, masked, features=8, heads=2)
        same = torch.equal(model(words)[:, :4], model(changed)[:, :4])
        assert same == masked
