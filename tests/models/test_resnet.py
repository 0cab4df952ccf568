"""ResNet: counts, torchvision's weights and outputs, blocks written anew, shortcuts, bad input."""

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as f

from lecture_utils.models import resnet as models
from lecture_utils.models.resnet import Basic, Bottleneck, resnet, shortcut, small_resnet
from tests.models.vision import each_image_alone, filled, gmacs, images, on_meta, parameters

COUNTS = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}


@pytest.mark.parametrize("depth", COUNTS)
def test_counts(depth):
    model = on_meta(resnet, depth)
    assert parameters(model) == COUNTS[depth]
    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    projections = sum(isinstance(b.downsample, nn.Sequential) for b in models.blocks(model))
    assert len(layers) - projections == depth


def test_the_paper_s_version_costs_less_and_counts_the_same():
    assert parameters(on_meta(resnet, 50, version=1)) == COUNTS[50]
    assert gmacs(on_meta(resnet, 18)) == pytest.approx(1.8141, rel=1e-3)
    for version, cost in ((1, 3.858), (1.5, 4.0892)):
        assert gmacs(on_meta(resnet, 50, version=version)) == pytest.approx(cost, rel=1e-3)


def test_counts_of_small_images():
    counts = {20: (269_722, 272_474), 56: (853_018, 855_770), 110: (1_727_962, 1_730_714)}
    for depth, both in counts.items():
        for around, count in zip("AB", both, strict=True):
            model = on_meta(small_resnet, depth, around=around)
            assert parameters(model) == count
            weighted = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
            assert len(weighted) == depth + 2 * (around == "B")
    assert gmacs(on_meta(small_resnet, 20, around="B"), 32) == pytest.approx(0.04081, rel=1e-3)
    assert parameters(on_meta(small_resnet, 20, around="none")) == 269_722


def it_takes_torchvision_s_weights(depth, dtype=torch.float32, size=65):
    theirs = filled(on_meta(getattr(torchvision.models, f"resnet{depth}"))).to(dtype)
    ours = on_meta(resnet, depth).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    x = images(2, 3, size, size - 20, dtype=dtype)
    mine, its = ours(x), theirs(x)
    assert its.isfinite().all()
    assert (its[0] - its[1]).abs().max() > 1e-3 * its.abs().max()  # it says something of x
    assert torch.equal(mine, its)


@pytest.mark.parametrize("depth", [18, 50, 152])
def test_it_takes_torchvision_s_weights(depth):
    it_takes_torchvision_s_weights(depth, size=33 if depth == 152 else 65)


def test_in_training_it_is_torchvision_s_too():
    theirs = filled(on_meta(torchvision.models.resnet18, num_classes=3)).train()
    ours = on_meta(resnet, 18, 3)
    state = {name: value.clone() for name, value in theirs.state_dict().items()}
    ours.load_state_dict(state, strict=True, assign=True)
    x = images(2, 3, 64, 64)
    for model in (ours, theirs):
        model(x).square().sum().backward()
    assert torch.equal(ours.conv1.weight.grad, theirs.conv1.weight.grad)
    assert torch.equal(ours.layer4[1].bn2.running_var, theirs.layer4[1].bn2.running_var)


def batch_norm(x, norm):
    """In evaluation, by the formula."""
    mean, var, weight, bias = (
        part[:, None, None]
        for part in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return (x - mean) / (var + 1e-5).sqrt() * weight + bias


@pytest.mark.parametrize("version", [1, 1.5])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_bottleneck_written_anew(version, stride):
    around = shortcut("B", 6, 16, stride)
    block = filled(Bottleneck(6, 4, stride, around, version)).double()
    x = images(2, 6, 7, 5, dtype=torch.float64)
    first, second = (stride, 1) if version == 1 else (1, stride)
    y = batch_norm(f.conv2d(x, block.conv1.weight, stride=first), block.bn1).clamp(min=0)
    y = f.conv2d(y, block.conv2.weight, stride=second, padding=1)
    y = batch_norm(y, block.bn2).clamp(min=0)
    y = batch_norm(f.conv2d(y, block.conv3.weight), block.bn3)
    projected = x[..., ::stride, ::stride].movedim(1, -1) @ around[0].weight[..., 0, 0].T
    y = (y + batch_norm(projected.movedim(-1, 1), around[1])).clamp(min=0)
    torch.testing.assert_close(block(x), y, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ["A", "none"])
def test_a_basic_block_written_anew(kind):
    block = filled(Basic(3, 5, 2, shortcut(kind, 3, 5, 2))).double()
    x = images(2, 3, 7, 6, dtype=torch.float64)
    y = batch_norm(f.conv2d(x, block.conv1.weight, stride=2, padding=1), block.bn1).clamp(min=0)
    y = batch_norm(f.conv2d(y, block.conv2.weight, padding=1), block.bn2)
    if kind == "A":
        for channel in range(3):
            for r in range(4):
                for c in range(3):
                    y[:, channel, r, c] += x[:, channel, 2 * r, 2 * c]
    torch.testing.assert_close(block(x), y.clamp(min=0), rtol=0, atol=1e-12)


def test_where_the_shape_stays_the_shortcut_is_x_itself():
    x = images(1, 4, 3, 3)
    for kind in "AB":
        assert shortcut(kind, 4, 4, 1)(x) is x
    assert not shortcut("none", 4, 4, 1)(x).any()
    assert models.Pad(4, 4, 2)(x).shape == (1, 4, 2, 2)


def test_a_plain_net_forgets_its_input_where_a_residual_net_keeps_it():
    """With the last norm of each block at 0, a residual block is the identity."""
    x = images(2, 3, 16, 16)
    for around, alive in (("A", True), ("none", False)):
        torch.manual_seed(0)
        model = small_resnet(20, around=around).eval()
        for block in models.blocks(model):
            nn.init.zeros_(block.bn2.weight)
        assert bool(model.features(x).any()) == alive


def test_one_image_odd_sizes_and_half_precision():
    model = filled(small_resnet(8, 4)).double()
    each_image_alone(model, images(3, 3, 13, 10, dtype=torch.float64))
    assert model.features(images(1, 3, 13, 10, dtype=torch.float64)).shape == (1, 64, 4, 3)
    half = model.bfloat16()(images(1, 3, 32, 32, dtype=torch.bfloat16))
    assert half.dtype == torch.bfloat16
    assert half.isfinite().all()


def test_the_scores_are_of_the_mean_over_the_places():
    model = filled(small_resnet(8, 4)).double()
    x = images(2, 3, 9, 8, dtype=torch.float64)
    features = model.features(x)
    places = features.shape[-2] * features.shape[-1]
    expected = features.sum(dim=(2, 3)) / places @ model.fc.weight.T + model.fc.bias
    torch.testing.assert_close(model(x), expected, rtol=0, atol=1e-12)


def test_first_weights_keep_the_variance():
    torch.manual_seed(0)
    weight = small_resnet(8).layer3[0].conv2.weight  # 64 maps of 9 weights each
    assert weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: resnet(20), r"depth must be one of \[18, 34, 50, 101, 152\]; got 20"),
        (lambda: resnet(50, version=2), "version must be 1 or 1.5; got 2"),
        (lambda: resnet(18, around="C"), 'shortcut must be "A", "B" or "none"; got \'C\''),
        (lambda: small_resnet(18), r"depth must be 6 n \+ 2.*got 18"),
        (lambda: small_resnet(2), r"depth must be 6 n \+ 2"),
        (lambda: small_resnet(20, width=0), "width must be at least 1; got 0"),
        (lambda: models.Pad(4, 2, 1), "4 channels cannot become 2"),
        (lambda: small_resnet(8)(torch.zeros(1, 1, 32, 32)), r"images must be \(B, 3, H, W\)"),
        (lambda: small_resnet(8)(torch.zeros(0, 3, 32, 32)), "images holds none"),
    ],
)
def test_bad_input_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()
