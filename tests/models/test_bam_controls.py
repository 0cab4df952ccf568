"""What BAM is compared with differs from it in what it names."""

import pytest
import torch
from torch import nn

from lecture_utils.models import bam_controls
from lecture_utils.models.bam import BAM
from lecture_utils.models.bam_controls import (
    DilatedBlock,
    with_branch_at_mean,
    with_branch_off,
    with_rule,
    without,
)
from lecture_utils.recording import record
from tests.models.vision import filled, images


@pytest.mark.parametrize(
    ("branch", "kept", "shape"),
    [("spatial", "channel", (2, 8, 1, 1)), ("channel", "spatial", (2, 1, 5, 6))],
)
def test_with_a_branch_off_the_other_alone_makes_the_mask(branch, kept, shape):
    whole, x = filled(nn.Sequential(BAM(8, 2))), images(2, 8, 5, 6)
    alone = with_branch_off(whole, branch)
    with record(alone) as reads:
        out = alone(x)
    expected = torch.sigmoid(getattr(whole[0].gate, kept)(x))
    assert reads["0.gate"].shape == shape
    torch.testing.assert_close(reads["0.gate"], expected.detach())
    torch.testing.assert_close(out, x * (1 + expected))
    assert isinstance(getattr(whole[0].gate, branch), nn.Module), "the network itself is changed"
    assert not isinstance(getattr(whole[0].gate, branch), bam_controls.Off)


@pytest.mark.parametrize(("branch", "kept"), [("spatial", "channel"), ("channel", "spatial")])
def test_a_branch_at_its_mean_says_the_same_of_every_picture(branch, kept):
    whole, x, other = filled(nn.Sequential(BAM(8, 2))), images(3, 8, 5, 6), images(2, 8, 5, 6)
    gate = whole[0].gate
    mean = getattr(gate, branch)(x).mean(dim=0, keepdim=True)
    expected = torch.sigmoid(mean + getattr(gate, kept)(other))
    at_mean = with_branch_at_mean(whole, branch, x)
    torch.testing.assert_close(at_mean(other), other * (1 + expected))
    assert getattr(whole[0].gate, branch) is not getattr(at_mean[0].gate, branch)
    torch.testing.assert_close(whole(other), other * (1 + gate(other)))


def test_a_branch_is_at_its_mean_in_the_gates_that_are_named():
    whole, x = filled(nn.Sequential(BAM(8, 2), BAM(8, 2))), images(3, 8, 5, 6)
    held = with_branch_at_mean(whole, "channel", x, ["1.gate"])
    fixed = [isinstance(block.gate.channel, bam_controls.Fixed) for block in held]
    assert fixed == [False, True]
    with pytest.raises(ValueError, match=r"no gate \['2.gate'\]; there are \['0.gate', '1.gate'\]"):
        with_branch_at_mean(whole, "channel", x, ["2.gate"])
    with pytest.raises(ValueError, match="branch must be one of"):
        with_branch_at_mean(whole, "temporal", x)


def test_a_class_of_the_same_kind_loses_its_branch_too():
    class Copied(nn.Module):
        """As a chapter's cell has it."""

        def __init__(self) -> None:
            super().__init__()
            self.gate = BAM(8, 2).gate

    alone = with_branch_off(nn.Sequential(Copied()), "spatial")
    assert isinstance(alone[0].gate.spatial, bam_controls.Off)


def test_an_unknown_branch_is_refused():
    with pytest.raises(ValueError, match=r"branch must be one of \('channel', 'spatial'\)"):
        without(BAM(8, 2), "temporal")


def test_by_the_other_rule_the_weights_stay():
    whole, x = filled(BAM(8, 2)), images(2, 8, 5, 6)
    other = with_rule(whole, "product")
    expected = torch.sigmoid(whole.gate.channel(x) * whole.gate.spatial(x))
    torch.testing.assert_close(other(x), x * (1 + expected))
    assert whole.gate.combine == "sum"
    with pytest.raises(ValueError, match='combine must be "sum" or "product"'):
        with_rule(whole, "max")


def test_dilated_layers_are_the_spatial_branch_with_a_number_for_each_channel():
    block, x = filled(DilatedBlock(8, 2, dilation=2)), images(2, 8, 6, 5)
    branch = filled(BAM(8, 2, dilation=2, norms="hidden")).gate.spatial
    shared = {k: v for k, v in block.layers.state_dict().items() if not k.startswith("f_3")}
    branch.load_state_dict(shared, strict=False)
    branch.f_3 = block.layers.f_3
    torch.testing.assert_close(block(x), x + branch(x))
    x = x.requires_grad_()
    block(x)[0, 3, 0, 0].backward()
    assert {*x.grad[0].abs().sum(0).nonzero()[:, 0].tolist()} == {0, 2, 4}, "two steps of two"
