"""AlexNet: counts, towers as two halves, response norms by the formula, torchvision's weights."""

import pytest
import torch
import torchvision
from torch import nn

from lecture_utils.models import alexnet as models
from lecture_utils.models.alexnet import alexnet, one_tower_of_2014
from tests.models.vision import filled, gmacs, images, on_meta, parameters


def test_counts():
    assert parameters(on_meta(alexnet)) == 60_965_224
    assert parameters(on_meta(alexnet, towers=1)) == 62_378_344
    assert parameters(on_meta(one_tower_of_2014)) == 61_100_840
    assert gmacs(on_meta(one_tower_of_2014)) == pytest.approx(0.7142, rel=1e-3)
    assert parameters(on_meta(one_tower_of_2014, 10)) == 61_100_840 - 990 * 4097


def test_it_takes_torchvision_s_weights():
    theirs = filled(on_meta(torchvision.models.alexnet))
    ours = on_meta(one_tower_of_2014).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    x = images(1, 3, 224, 224)
    assert torch.equal(ours(x), theirs(x))
    assert ours(images(1, 3, 63, 90)).shape == (1, 1000)


def test_response_norm_is_the_formula():
    a = images(1, 9, 2, 2, dtype=torch.float64) * 30
    b = torch.empty_like(a)
    for i in range(9):
        around = [a[:, j] ** 2 for j in range(max(0, i - 2), min(8, i + 2) + 1)]
        b[:, i] = a[:, i] / (2 + 1e-4 * sum(around)) ** 0.75
    torch.testing.assert_close(models.response_norm()(a), b, rtol=0, atol=1e-12)


def test_each_tower_sees_only_itself_but_in_the_third_convolution():
    features = filled(on_meta(alexnet).features)
    layers = [layer for layer in features if isinstance(layer, nn.Conv2d)]
    assert [layer.groups for layer in layers] == [1, 2, 1, 2, 2]
    for layer in layers:
        x = images(1, layer.in_channels, 7, 7).requires_grad_()
        half = layer.out_channels // 2
        layer(x)[:, :half].square().sum().backward()
        touched = x.grad.abs().sum(dim=(0, 2, 3)) > 0
        assert touched[: layer.in_channels // 2].all()
        assert bool(touched[layer.in_channels // 2 :].any()) == (layer.groups == 1)


def test_the_layers_stand_in_the_paper_s_order():
    kinds = [type(layer).__name__ for layer in on_meta(alexnet, activation=nn.Tanh).features]
    norm, pool = "LocalResponseNorm", "MaxPool2d"
    assert kinds == [
        *("Conv2d", "Tanh", norm, pool, "Conv2d", "Tanh", norm, pool),
        *("Conv2d", "Tanh", "Conv2d", "Tanh", "Conv2d", "Tanh", pool),
    ]
    sizes, x = [], torch.empty(1, 3, 224, 224, device="meta")
    for layer in on_meta(alexnet).features:
        x = layer(x)
        if isinstance(layer, nn.Conv2d):
            sizes.append(tuple(x.shape[1:]))
    assert sizes == [(96, 55, 55), (256, 27, 27), (384, 13, 13), (384, 13, 13), (256, 13, 13)]
    assert x.shape == (1, 256, 6, 6)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="towers must be 1 or 2; got 3"):
        alexnet(towers=3)
    net = on_meta(alexnet)
    with pytest.raises(ValueError, match="images must be at least 63 x 63; got 62 x 80"):
        net(torch.zeros(1, 3, 62, 80))
    with pytest.raises(ValueError, match=r"images must be \(B, 3, H, W\).*expand"):
        net(torch.zeros(1, 1, 224, 224))
