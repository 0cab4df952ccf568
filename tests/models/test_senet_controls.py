"""What squeeze and excitation is compared with: each differs in one thing from it."""

import torch

from lecture_utils.gating import held
from lecture_utils.models import senet_controls as controls
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation
from lecture_utils.recording import record
from tests.models.vision import images


def alike(make):
    """A control with the weights of a gate, and that gate."""
    torch.manual_seed(0)
    gate = ChannelGate(6, 2)
    other = make(6, 2)
    other.load_state_dict(gate.state_dict())
    return gate, other


def test_without_a_squeeze_all_pictures_have_the_same_gates():
    gate, same = alike(controls.NoSqueeze)
    x, y = images(2, 6, 4, 5), images(2, 6, 4, 5) + 1
    assert torch.equal(same(x), same(y))
    assert not torch.equal(gate(x), gate(y))
    torch.testing.assert_close(same(x), gate(torch.ones_like(x)))


def test_the_greatest_number_is_squeezed():
    gate, greatest = alike(controls.MaxSqueeze)
    x = images(2, 6, 4, 5)
    wanted = gate(x.amax(dim=(-2, -1), keepdim=True))
    torch.testing.assert_close(greatest(x), wanted)
    assert not torch.allclose(greatest(x), gate(x))


def test_another_function_stands_in_the_place_of_the_sigmoid():
    x = images(2, 6, 4, 5)
    for function in (torch.relu, torch.tanh, controls.softmax):
        gate, bent = alike(lambda C, r, function=function: controls.Bent(C, r, function))
        with record(bent) as reads:
            mask = bent(x)
        torch.testing.assert_close(mask, function(gate.score(x)))
        assert torch.equal(reads[""], mask)
    torch.testing.assert_close(mask.sum(dim=1).flatten(), torch.ones(2))


def test_what_is_added_is_the_score_and_closes_nothing():
    gate, _ = alike(ChannelGate)
    x = images(2, 6, 4, 5)
    torch.testing.assert_close(controls.Added(gate)(x) - x, gate.score(x).expand_as(x))


def test_a_control_counts_as_many_weights():
    counts = {
        sum(p.numel() for p in block.parameters())
        for block in (
            SqueezeExcitation(ChannelGate(8, 2)),
            SqueezeExcitation(controls.NoSqueeze(8, 2)),
            SqueezeExcitation(controls.MaxSqueeze(8, 2)),
            SqueezeExcitation(controls.Bent(8, 2, torch.tanh)),
            controls.Added(ChannelGate(8, 2)),
        )
    }
    assert len(counts) == 1


def test_a_gate_that_sees_maxima_can_be_held():
    block = SqueezeExcitation(controls.MaxSqueeze(6, 2))
    x = images(2, 6, 4, 5)
    with held(block, {"gate": 0.0}):
        assert not block(x).any()
