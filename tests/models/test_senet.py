"""SENet: counts, torchvision's layer, the formula, gates recorded, bad input."""

import pytest
import torch
from torch import nn
from torchvision.ops import SqueezeExcitation as Theirs

from lecture_utils.models import senet
from lecture_utils.models.resnet import resnet, small_resnet
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation, se_resnet
from lecture_utils.recording import record
from tests.models.vision import each_image_alone, filled, gmacs, images, on_meta, parameters


def test_counts():
    for bias, count in ((True, 28_088_024), (False, 28_071_976)):
        assert parameters(on_meta(se_resnet, 50, bias=bias)) == count
    assert gmacs(on_meta(se_resnet, 50)) == pytest.approx(3.861, rel=1e-3)
    for ratio, millions in (
        (2, 45.68),
        (4, 35.62),
        (8, 30.59),
        (32, 26.81),
    ):  # the paper's table 10
        counted = parameters(on_meta(se_resnet, 50, ratio=ratio, bias=False)) / 1e6
        assert counted == pytest.approx(millions, abs=0.005)


@pytest.mark.parametrize(("dtype", "apart"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_it_is_torchvision_s(dtype, apart):
    ours, theirs = filled(SqueezeExcitation(ChannelGate(12, 3))).to(dtype), Theirs(12, 4).to(dtype)
    for mine, its in ((ours.gate.W_1, theirs.fc1), (ours.gate.W_2, theirs.fc2)):
        its.weight.data = mine.weight.data[..., None, None]
        its.bias.data = mine.bias.data
    x = images(3, 12, 5, 4, dtype=dtype)
    torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=apart)
    with record(ours) as reads:
        ours(x)
    torch.testing.assert_close(reads["gate"], theirs._scale(x).detach(), rtol=0, atol=apart)


def test_the_formula():
    layer, x = filled(SqueezeExcitation(ChannelGate(6, 2, bias=False))).double(), images(2, 6, 3, 2)
    x = x.double()
    W_1, W_2 = layer.gate.W_1.weight, layer.gate.W_2.weight
    for b in range(2):
        z = torch.stack([x[b, c].sum() / 6 for c in range(6)])
        s = 1 / (1 + torch.exp(-(W_2 @ (W_1 @ z).clamp(min=0))))
        for c in range(6):
            torch.testing.assert_close(layer(x)[b, c], s[c] * x[b, c], rtol=0, atol=1e-12)


def test_gates_stand_before_the_sum_and_are_recorded_by_block():
    model = filled(senet.insert(small_resnet(8, 3), ratio=4)).double()
    x = images(2, 3, 9, 8, dtype=torch.float64)
    with record(model) as reads:
        model(x)
    assert sorted(reads) == [f"layer{i}.0.attention.gate" for i in (1, 2, 3)]
    for name, mask in reads.items():
        assert mask.shape == (2, int(16 * 2 ** (int(name[5]) - 1)), 1, 1)
        assert mask.min() > 0
        assert mask.max() < 1
    block, features = model.layer1[0], images(2, 16, 4, 4, dtype=torch.float64)
    residual = block.residual(features)
    expected = torch.relu(residual * block.attention.gate(residual) + features)
    torch.testing.assert_close(block(features), expected, rtol=0, atol=1e-12)


def test_closed_gates_leave_the_shortcuts():
    """And open ones the ResNet that it was."""
    plain = filled(small_resnet(8, 3)).double()
    gated = small_resnet(8, 3).double().eval()
    gated.load_state_dict(plain.state_dict())
    senet.insert(gated, ratio=4).double()
    x = images(2, 3, 8, 8, dtype=torch.float64)
    for height, same in ((1e3, True), (-1e3, False)):
        for block in (gated.layer1[0], gated.layer2[0], gated.layer3[0]):
            nn.init.zeros_(block.attention.gate.W_2.weight)
            nn.init.constant_(block.attention.gate.W_2.bias, height)
        assert torch.equal(gated(x), plain(x)) == same
    first = torch.relu(gated.bn1(gated.conv1(x)))
    assert torch.equal(gated.layer1(first), first)


def test_one_image_odd_sizes_and_half_precision():
    model = filled(SqueezeExcitation(ChannelGate(8, 2))).double()
    each_image_alone(model, images(3, 8, 5, 1, dtype=torch.float64))
    trained = model.train()(images(1, 8, 1, 1, dtype=torch.float64))  # no norm: one is enough
    assert trained.shape == (1, 8, 1, 1)
    for dtype in (torch.bfloat16, torch.float16):
        assert model.to(dtype)(images(2, 8, 4, 4, dtype=dtype)).dtype == dtype


def test_bad_input_is_refused():
    for ratio in (0, 9, -1):
        with pytest.raises(ValueError, match="ratio must be between 1 and the 8 channels"):
            ChannelGate(8, ratio)
    with pytest.raises(ValueError, match="model has no residual block"):
        senet.insert(nn.Linear(2, 2))
    assert len(list(on_meta(resnet, 18).children())) == 8
