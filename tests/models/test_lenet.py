"""LeNet: the paper's counts, its layers as loops, bad input."""

import math

import pytest
import torch
from torch import nn

from lecture_utils.models import lenet
from lecture_utils.models.lenet import RBF, LeNet, LeNet5, Squash, Subsample, TableConv
from tests.models.vision import each_image_alone, filled, images, on_meta, parameters


def test_the_paper_s_weights_layer_by_layer():
    layers = {name: parameters(layer) for name, layer in on_meta(LeNet5).named_children()}
    assert layers == {
        **{"C1": 156, "S2": 12, "C3": 1516, "S4": 32, "C5": 48120, "F6": 10164},
        **{"squash": 0, "output": 0},
    }
    assert parameters(on_meta(LeNet5)) == 60_000
    assert parameters(on_meta(LeNet)) == 61_706


def test_each_map_of_c3_sees_the_maps_of_table_1():
    torch.manual_seed(0)
    layer, x = TableConv(6).double(), images(2, 6, 9, 8, dtype=torch.float64)
    with torch.no_grad():
        layer.bias.normal_()
    kernels = iter(layer.weight)
    seen = [3] * 6 + [4] * 9 + [6]  # the paper's text: three, four, all
    assert [len(row) for row in lenet.C3_TABLE] == seen
    maps = []
    for row, bias in zip(lenet.C3_TABLE, layer.bias, strict=True):
        total = torch.full((2, 5, 4), bias.item(), dtype=torch.float64)
        for i in row:
            kernel = next(kernels)
            for r in range(5):
                for c in range(4):
                    total[:, r, c] += (x[:, i, r : r + 5, c : c + 5] * kernel).sum(dim=(1, 2))
        maps.append(total)
    torch.testing.assert_close(layer(x), torch.stack(maps, dim=1), rtol=0, atol=1e-12)
    assert lenet.C3_TABLE[4] == (0, 4, 5)  # read off the printed table
    assert lenet.C3_TABLE[14] == (0, 2, 3, 5)
    assert all(sum(i in row for row in lenet.C3_TABLE) == 10 for i in range(6))


def test_subsampling_is_the_sum_of_four_times_a_coefficient_plus_a_bias():
    layer, x = filled(Subsample(3).double()), images(1, 3, 5, 4, dtype=torch.float64)
    for m in range(3):
        for r, c in ((0, 0), (1, 1), (0, 1)):
            four = x[0, m, 2 * r : 2 * r + 2, 2 * c : 2 * c + 2].sum()
            expected = layer.coefficient[m, 0, 0] * four + layer.bias[m, 0, 0]
            torch.testing.assert_close(layer(x)[0, m, r, c], expected)
    assert layer(x).shape == (1, 3, 2, 2)


def test_squash_is_the_paper_s():
    a = torch.tensor([-1.0, 0.0, 1.0, 50.0], dtype=torch.float64)
    expected = torch.tensor([1.7159 * math.tanh(2 * x / 3) for x in a.tolist()]).double()
    torch.testing.assert_close(Squash()(a), expected, rtol=0, atol=1e-6)
    torch.testing.assert_close(Squash()(a[:3]), a[:3], rtol=0, atol=1e-4)


def test_the_network_is_its_layers_and_the_nearest_drawing_wins():
    net, x = filled(LeNet5()).double(), images(2, 1, 32, 32, dtype=torch.float64)
    net.output = RBF().double()
    s, convolve = Squash(), nn.functional.conv2d
    y = s(convolve(x, net.C1.weight, net.C1.bias))
    y = s(net.C3(s(net.S2(y))))
    y = s(convolve(s(net.S4(y)), net.C5.weight, net.C5.bias)).flatten(1)
    code = s(y @ net.F6.weight.T + net.F6.bias)
    torch.testing.assert_close(net.code(x), code, rtol=0, atol=1e-12)
    scores = net(x)
    for b in range(2):
        for i in range(10):
            far = sum((code[b, j] - net.output.points[i, j]) ** 2 for j in range(84))
            torch.testing.assert_close(scores[b, i], -far)
    points = lenet.prototypes()
    assert points.shape == (10, 84)
    assert set(points.flatten().tolist()) == {-1.0, 1.0}
    assert torch.equal((-RBF()(points)).argmax(dim=1), torch.arange(10))
    assert torch.cdist(points, points).add(torch.eye(10) * 99).min() ** 2 >= 4 * 4
    assert not any(parameter is net.output.points for parameter in net.parameters())


def test_first_weights_are_within_the_paper_s_bounds():
    torch.manual_seed(0)
    net = LeNet5()
    inputs = {"C1": 25, "C5": 400, "F6": 120}
    for name, count in inputs.items():
        largest = getattr(net, name).weight.abs().max()
        assert 0.9 * 2.4 / count < largest <= 2.4 / count
    assert 0.9 * 2.4 / 75 < net.C3.weight.abs().max() <= 2.4 / 75
    assert net.C3.weight[-6:].abs().max() <= 2.4 / 150  # the last map sees all six


def test_the_loss_is_the_paper_s():
    scores = -images(4, 10, dtype=torch.float64).square()
    digits = torch.tensor([3, 0, 9, 3])
    for rubbish in (0.5, 2.0):
        expected = 0.0
        for b, digit in enumerate(digits.tolist()):
            among = math.exp(-rubbish) + sum(math.exp(float(y)) for y in scores[b])
            expected += (float(-scores[b, digit]) + math.log(among)) / 4
        assert abs(float(lenet.rejecting_loss(scores, digits, rubbish)) - expected) < 1e-12
    with pytest.raises(ValueError, match="rubbish must be greater than 0"):
        lenet.rejecting_loss(scores, digits, 0)


def test_today_s_lenet_is_its_layers():
    net, x = filled(LeNet()).double(), images(3, 1, 28, 28, dtype=torch.float64)
    f = nn.functional
    y = f.avg_pool2d(f.relu(f.conv2d(x, net.C1.weight, net.C1.bias, padding=2)), 2)
    y = f.avg_pool2d(f.relu(f.conv2d(y, net.C3.weight, net.C3.bias)), 2).flatten(1)
    y = f.relu(y @ net.C5.weight.T + net.C5.bias)
    y = f.relu(y @ net.F6.weight.T + net.F6.bias) @ net.output.weight.T + net.output.bias
    torch.testing.assert_close(net(x), y, rtol=0, atol=1e-12)
    other = LeNet(nn.Tanh, nn.MaxPool2d)
    assert isinstance(other.activation, nn.Tanh)
    assert isinstance(other.S4, nn.MaxPool2d)


@pytest.mark.parametrize(("make", "size"), [(LeNet5, 32), (LeNet, 28)])
def test_one_image_and_half_precision(make, size):
    torch.manual_seed(0)
    net = make()
    each_image_alone(net.double(), images(3, 1, size, size, dtype=torch.float64))
    half = net.bfloat16()(images(1, 1, size, size, dtype=torch.bfloat16))
    assert half.shape == (1, 10)
    assert half.dtype == torch.bfloat16
    assert half.isfinite().all()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (torch.zeros(1, 28, 28), r"images must be \(B, 1, H, W\).*unsqueeze\(0\)"),
        (torch.zeros(2, 3, 32, 32), r"images must be \(B, 1, H, W\); got \(2, 3, 32, 32\)"),
        (torch.zeros(2, 1, 31, 32), "must be .* x .*; got 31 x 32. Pad them"),
        (torch.zeros(2, 1, 32, 32, dtype=torch.uint8), r"images must be floats.*\.float\(\) / 255"),
        (torch.zeros(0, 1, 32, 32), "images holds none"),
    ],
)
def test_bad_images_are_refused(wrong, says):
    for net in (LeNet5(), LeNet()):
        with pytest.raises(ValueError, match=says):
            net(wrong)


def test_a_bad_table_is_refused():
    for table in (((0, 6),), ((1, 0),), ((),)):
        with pytest.raises(ValueError, match="table must name maps from 0 to 5 in order"):
            TableConv(6, table)
