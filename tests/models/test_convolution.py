"""Convolution by loops and in the steps of its picture, against torch's; LeNet's controls."""

import pytest
import torch
from torch import nn

from lecture_utils.models.convolution import OneMap, Windows, by_loops
from lecture_utils.models.lenet import LeNet
from lecture_utils.models.lenet_controls import (
    AnywhereLeNet,
    Corner,
    FullyConnected,
    Unshared,
    padded_lenet,
    unshared_lenet,
)
from tests.models.vision import each_image_alone, images, on_meta, parameters


def test_loops_are_torchs_convolution():
    x, kernels = images(2, 3, 9, 7, dtype=torch.float64), images(4, 3, 5, 5, dtype=torch.float64)
    bias = torch.arange(4.0, dtype=torch.float64)
    theirs = nn.functional.conv2d(x, kernels, bias)
    torch.testing.assert_close(by_loops(x, kernels, bias), theirs, rtol=0, atol=1e-12)
    with pytest.raises(ValueError, match="images must be at least 5 x 5; got 4 x 9"):
        by_loops(torch.zeros(1, 3, 4, 9), kernels, bias)
    with pytest.raises(ValueError, match=r"images must be \(B, 3, H, W\)"):
        by_loops(torch.zeros(1, 1, 9, 9), kernels, bias)


def test_the_steps_of_the_picture_are_torchs_convolution():
    torch.manual_seed(0)
    model, x = OneMap(3).double(), images(2, 1, 6, 8, dtype=torch.float64)
    nn.init.constant_(model.match.bias, 0.7)
    theirs = nn.functional.conv2d(x, model.detector.weight[None], model.match.bias[None])
    torch.testing.assert_close(model(x), theirs, rtol=0, atol=1e-12)
    windows = Windows(3)(x)
    assert windows.shape == (2, 24, 3, 3)
    assert torch.equal(windows[1, 7], x[1, 0, 1:4, 1:4])  # row by row, six in a row


def test_weights_of_the_controls():
    assert parameters(on_meta(FullyConnected)) == 266_610
    assert parameters(on_meta(FullyConnected, 76, 24)) == 61_758
    assert parameters(on_meta(AnywhereLeNet)) == parameters(on_meta(LeNet)) == 61_706
    assert parameters(unshared_lenet()) == 423_038
    assert parameters(padded_lenet()) == 107_786


def test_without_sharing_every_place_has_a_kernel_of_its_own():
    torch.manual_seed(0)
    layer, x = Unshared(2, 3, 4, padding=1).double(), images(2, 2, 6, 6, dtype=torch.float64)
    padded, out = nn.functional.pad(x, (1, 1, 1, 1)), layer(x)
    for r, c in ((0, 0), (1, 3), (3, 2)):
        window = padded[:, :, r : r + 5, c : c + 5].flatten(1)
        expected = window @ layer.weight[4 * r + c] + layer.bias[:, r, c]
        torch.testing.assert_close(out[:, :, r, c], expected, rtol=0, atol=1e-12)
    shared = Unshared(2, 3, 4, padding=1).double()
    with torch.no_grad():
        shared.weight.copy_(shared.weight[:1].expand_as(shared.weight))
        shared.bias.copy_(shared.bias[:, :1, :1].expand_as(shared.bias))
        kernel = shared.weight[0].T.reshape(3, 2, 5, 5)
    theirs = nn.functional.conv2d(x, kernel, shared.bias[:, 0, 0], padding=1)
    torch.testing.assert_close(shared(x), theirs, rtol=0, atol=1e-12)


def test_a_corner_is_one_of_four():
    x = images(1, 2, 4, 6)
    assert torch.equal(Corner(2)(x), x[:, :, [0, 2]][..., [0, 2, 4]])


@pytest.mark.parametrize("most", [False, True])
def test_where_a_map_found_something_does_not_count(most):
    torch.manual_seed(0)
    model, x = AnywhereLeNet(most).double(), torch.zeros(1, 1, 120, 120, dtype=torch.float64)
    x[..., 52:64, 52:64] = torch.rand(12, 12, dtype=torch.float64)
    moved = x.roll((4, -8), (2, 3))
    torch.testing.assert_close(model(moved), model(x), rtol=0, atol=1e-12)
    assert (model(x.roll(1, 3)) - model(x)).abs().max() > 1e-6  # subsampling has a grid of 4


def test_each_image_is_read_alone():
    torch.manual_seed(0)
    for make in (FullyConnected, unshared_lenet, padded_lenet, AnywhereLeNet):
        each_image_alone(make().double(), images(3, 1, 28, 28, dtype=torch.float64))


def test_bad_images_are_refused():
    for make in (FullyConnected, unshared_lenet):
        with pytest.raises(ValueError, match="images must be 28 x 28"):
            make()(torch.zeros(1, 1, 27, 28))
    with pytest.raises(ValueError, match="images must be at least 4 x 4"):
        AnywhereLeNet()(torch.zeros(1, 1, 3, 28))
