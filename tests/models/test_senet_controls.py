"""What squeeze and excitation is compared with: each differs in one thing from it."""

import torch

from lecture_utils.models import senet_controls as controls
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation
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
            controls.Added(ChannelGate(8, 2)),
        )
    }
    assert len(counts) == 1
