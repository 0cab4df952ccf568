"""What residual nets are compared with: each differs in what its name says, and in nothing else."""

import copy

import pytest
import torch
from torch import nn

from lecture_utils.models import resnet_controls as controls
from lecture_utils.models.resnet import blocks, small_resnet
from tests.models.vision import filled, images, on_meta, parameters

X = images(2, 3, 8, 8)


def net(around="A", depth=14):
    return filled(small_resnet(depth, 4, around=around, width=4))


def test_a_scaled_shortcut_is_added_with_its_factor():
    for factor in (0.5, 2.0):
        block = blocks(controls.scaled(net(), factor))[0]
        x = images(2, 4, 8, 8)
        torch.testing.assert_close(block(x), (block.residual(x) + factor * x).relu())


def test_without_norms_no_norm_is_left_and_all_else_stays():
    model, bare = net(), controls.without_norms(net())
    assert not [part for part in bare.modules() if isinstance(part, nn.BatchNorm2d)]
    kept = {name for name, _ in model.named_parameters() if ".bn" not in f".{name}"}
    assert {name for name, _ in bare.named_parameters()} == kept
    x = images(2, 4, 8, 8)
    block = blocks(bare)[0]
    assert torch.equal(block.residual(x), block.conv2(block.conv1(x).relu()))


def test_begun_at_zero_every_block_is_its_shortcut():
    for model in (net(), controls.without_norms(net())):
        for block in blocks(controls.begun_at_zero(model)):
            x = images(2, block.conv1.in_channels, 8, 8)
            block = block.train()
            if isinstance(block.bn2, nn.BatchNorm2d):
                nn.init.zeros_(block.bn2.bias)  # as it begins
            assert torch.equal(block(x), block.downsample(x).relu())
            assert block.conv1.weight.any()


def test_begun_as_identity_a_plain_block_passes_its_maps_on_nearly():
    torch.manual_seed(0)
    block = blocks(controls.begun_as_identity(small_resnet(8, around="none").eval()))[0]
    x = images(2, 16, 8, 8).relu()
    apart = (block(x) - x).norm() / x.norm()
    assert 0.01 < apart < 0.5
    torch.manual_seed(0)
    weight = blocks(small_resnet(8, around="none"))[0].conv1.weight
    one = torch.zeros_like(weight)
    one[range(16), range(16), 1, 1] = 1
    torch.testing.assert_close(block.conv1.weight, one + weight / 10)


def test_all_blocks_in_order_are_the_network_itself():
    model = net()
    assert torch.equal(controls.rearranged(model, [[0, 1]] * 3)(X), model(X))


def test_a_block_that_is_left_out_is_not_asked_and_the_network_stays_as_it_is():
    model = net()
    before = copy.deepcopy(model.state_dict())
    changed = controls.rearranged(model, [[0], [0, 1], [0, 1]])
    with torch.no_grad():
        for weight in model.layer1[1].parameters():
            weight.fill_(float("nan"))
    model.load_state_dict(before)
    by_hand = copy.deepcopy(model)
    by_hand.layer1[1] = nn.Identity()
    assert torch.equal(changed(X), by_hand(X))
    assert not torch.equal(changed(X), model(X))
    deep = net(depth=20)
    there = controls.rearranged(deep, [[0, 2, 1], [0, 1, 2], [0, 1, 2]])
    assert there.layer1[1].conv1.weight.equal(deep.layer1[2].conv1.weight)
    assert len(there.layer1) == len(deep.layer1) == 3


def test_cut_a_residual_net_is_the_plain_one_of_its_weights():
    model = net()
    plain = small_resnet(14, 4, around="none", width=4).eval()
    plain.load_state_dict(model.state_dict())
    assert torch.equal(controls.cut(model)(X), plain(X))
    assert not torch.equal(model(X), plain(X))


@pytest.mark.parametrize(
    "orders", [[[0, 1]] * 2, [[1], [0, 1], [0, 1]], [[], [0], [0]], [[0, 0]] * 3, [[0, 2]] * 3]
)
def test_orders_that_cannot_be_are_refused(orders):
    with pytest.raises(ValueError, match="orders: "):
        controls.rearranged(net(), orders)


def test_the_controls_have_as_many_weights():
    def count(around):
        return parameters(on_meta(small_resnet, 14, around=around))

    assert count("none") == count("A") == parameters(controls.scaled(on_meta(small_resnet, 14)))
