"""Residual Attention Network: counts, an hourglass and a module written anew, fading, bad input."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as f

from lecture_utils.gating import Gate
from lecture_utils.models import residual_attention as models
from lecture_utils.models.residual_attention import (
    Attended,
    ResidualAttention,
    SoftMask,
    Unit,
    attention_module,
    residual_attention,
)
from lecture_utils.recording import record
from tests.models.vision import each_image_alone, filled, gmacs, images, on_meta, parameters


@pytest.mark.parametrize(("depth", "count"), [(56, 31_810_728), (92, 52_466_344)])
def test_counts(depth, count):
    model = on_meta(residual_attention, depth)
    assert parameters(model) == count
    if depth == 56:
        assert gmacs(model) == pytest.approx(6.27, rel=1e-3)
    trunk = [m for name, m in model.named_modules()
             if isinstance(m, nn.Conv2d | nn.Linear)
             and ".mask." not in name and not name.endswith("around")]  # fmt: skip
    assert len(trunk) == depth


def normed(x, norm):
    """Batch norm in evaluation, by the formula, and the ReLU that always stands behind it."""
    mean, var, weight, bias = (
        part[:, None, None]
        for part in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return ((x - mean) / (var + 1e-5).sqrt() * weight + bias).clamp(min=0)


def unit(block, x, stride=1):
    """A residual unit, from its definition."""
    ready = normed(x, block.norm)
    y = f.conv2d(ready, block.conv1.weight)
    y = f.conv2d(normed(y, block.conv2[0]), block.conv2[2].weight, stride=stride, padding=1)
    y = f.conv2d(normed(y, block.conv3[0]), block.conv3[2].weight)
    if block.around is None:
        return y + x
    return y + f.conv2d(ready, block.around.weight, stride=stride)


def stretched(x, height, width):
    """Bilinear: the corners stay corners, what is between is weighed by its distance."""
    out = x.new_zeros(*x.shape[:2], height, width)
    for r in range(height):
        for c in range(width):
            row = r * (x.shape[2] - 1) / (height - 1) if height > 1 else 0.0
            column = c * (x.shape[3] - 1) / (width - 1) if width > 1 else 0.0
            for i in {math.floor(row), math.ceil(row)}:
                for j in {math.floor(column), math.ceil(column)}:
                    near = (1 - abs(row - i)) * (1 - abs(column - j))
                    out[:, :, r, c] += near * x[:, :, i, j]
    return out


def pooled(x):
    """The maximum of 3 x 3 places, every second one, with nothing beyond the edge."""
    height, width = x.shape[2:]
    rows = [
        torch.stack(
            [
                x[:, :, max(0, r - 1) : r + 2, max(0, c - 1) : c + 2].amax(dim=(2, 3))
                for c in range(0, width, 2)
            ],
            dim=-1,
        )
        for r in range(0, height, 2)
    ]
    return torch.stack(rows, dim=-2)


def hourglass(net, x):
    """Depth by depth, from figure 2."""
    low = unit(net.down[1][0], pooled(x))
    if net.inner is not None:
        low = hourglass(net.inner, low) + unit(net.skip, low)
    return stretched(unit(net.up[0], low), *x.shape[-2:])


def soft_mask(gate, x):
    y = hourglass(gate.hourglass, x)
    for norm, _, layer in gate.mix:
        y = f.conv2d(normed(y, norm), layer.weight)
    return 1 / (1 + torch.exp(-y))


@torch.no_grad()
def it_is_the_formula(downs, naive, size=(7, 6)):
    module = filled(attention_module(8, downs, naive=naive)).double()
    x = images(2, 8, *size, dtype=torch.float64)
    y = unit(module[0][0], x)
    trunk = unit(module[1].trunk[1], unit(module[1].trunk[0], y))
    mask = soft_mask(module[1].mask, y)
    together = mask * trunk if naive else (1 + mask) * trunk
    with record(module) as reads:
        out = module(x)
    torch.testing.assert_close(out, unit(module[2][0], together), rtol=0, atol=1e-11)
    torch.testing.assert_close(reads["1.mask"], mask, rtol=0, atol=1e-12)
    assert mask.min() > 0
    assert mask.max() < 1
    assert mask.shape == x.shape
    assert mask.std() > 0.01


@pytest.mark.parametrize("downs", [1, 2, 3])
def test_it_is_the_formula(downs):
    it_is_the_formula(downs, naive=False)


def test_naive_learning_is_the_product_alone():
    it_is_the_formula(1, naive=True)


@torch.no_grad()
def test_a_unit_that_changes_the_shape():
    block, x = filled(Unit(4, 8, 2)).double(), images(2, 4, 5, 6, dtype=torch.float64)
    torch.testing.assert_close(block(x), unit(block, x, stride=2), rtol=0, atol=1e-12)
    assert block(x).shape == (2, 8, 3, 3)


class Half(Gate):
    """A mask of 1/2 everywhere."""

    def score(self, features):
        return torch.zeros_like(features)


def test_behind_many_modules_naive_learning_leaves_little_and_residual_learning_all():
    x = images(1, 4, 5, 5)
    for naive, factor in ((True, 0.5), (False, 1.5)):
        stack = nn.Sequential(*(Attended(nn.Identity(), Half(), naive) for _ in range(6)))
        torch.testing.assert_close(stack(x), x * factor**6)
    torch.manual_seed(0)
    for naive in (True, False):  # untrained masks, as in the first step of a training
        stack = [Attended(nn.Identity(), SoftMask(8, 2), naive) for _ in range(6)]
        y = start = images(2, 8, 8, 8)
        for module in stack:
            y = module(y)
        ratio = (y.abs().mean() / start.abs().mean()).item()
        assert ratio < 0.05 if naive else ratio > 5


def test_the_masks_of_a_network_are_recorded_by_stage():
    model = filled(ResidualAttention((1, 2), (8, 12, 16), 5, (2, 1), small=True)).double()
    x = images(3, 3, 13, 10, dtype=torch.float64)
    with record(model) as reads:
        scores = model(x)
    assert scores.shape == (3, 5)
    assert {name: tuple(mask.shape) for name, mask in reads.items()} == {
        "stages.0.1.1.mask": (3, 8, 13, 10),
        "stages.1.1.1.mask": (3, 12, 7, 5),
        "stages.1.2.1.mask": (3, 12, 7, 5),
    }
    each_image_alone(model, x)
    features = model.features(x)
    assert features.shape == (3, 16, 4, 3)
    assert features.min() == 0
    expected = features.mean(dim=(2, 3)) @ model.fc.weight.T + model.fc.bias
    torch.testing.assert_close(scores, expected, rtol=0, atol=1e-12)
    assert model.bfloat16()(x[:1].bfloat16()).dtype == torch.bfloat16


def test_a_picture_of_one_place_and_one_image_in_training():
    module = attention_module(8, 3)
    assert module.train()(images(1, 8, 16, 24)).isfinite().all()
    assert filled(module)(images(1, 8, 1, 1)).shape == (1, 8, 1, 1)
    with pytest.raises(ValueError, match="more than 1 value per channel when training"):
        ResidualAttention((1,), (8, 8), downs=(1,), small=True)(images(1, 3, 2, 2))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: residual_attention(50), r"depth must be one of \[56, 92\]; got 50"),
        (lambda: attention_module(8, 0), "downs, p, t and r must be at least 1; got 0, 1, 2 and 1"),
        (lambda: ResidualAttention((1, 1), (8, 8)), "widths must have one more than modules"),
        (lambda: ResidualAttention((1,), (8, 6), downs=(1,)), "widths must be multiples of 4"),
        (lambda: models.Hourglass(8, 0), "downs must be at least 1; got 0"),
    ],
)
def test_bad_input_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_bad_images_are_refused():
    model = on_meta(ResidualAttention, (1,), (8, 8), downs=(1,))
    with pytest.raises(ValueError, match=r"images must be \(B, 3, H, W\)"):
        model(torch.zeros(2, 1, 8, 8))
