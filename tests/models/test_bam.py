"""BAM: counts, both branches in numpy, sum and product, the slide's sign, bad input."""

import numpy as np
import pytest
import torch
from torch import nn

from lecture_utils.models import bam
from lecture_utils.models.bam import BAM
from lecture_utils.models.resnet import resnet, small_resnet
from lecture_utils.recording import record
from tests.models.vision import each_image_alone, filled, gmacs, images, on_meta, parameters


def test_counts():
    for norms, count in (("hidden", 25_915_099), ("end", 25_917_793)):
        model = on_meta(resnet, 50)
        bam.insert(model, norms=norms)
        assert parameters(model) == count
    assert gmacs(model) == pytest.approx(4.1713, rel=1e-3)
    assert [parameters(on_meta(BAM, c, norms="hidden")) for c in (256, 512, 1024)] == [
        *(17_361, 68_513, 272_193)
    ]


def normed(x, norm, axis):
    """Batch norm in evaluation, of an array whose channels are on `axis`."""
    if isinstance(norm, nn.Identity):
        return x
    shape = [1] * x.ndim
    shape[axis] = -1
    mean, var, weight, bias = (
        part.detach().numpy().reshape(shape)
        for part in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return (x - mean) / np.sqrt(var + 1e-5) * weight + bias


def convolved(x, layer, dilation):
    """A convolution that keeps the size, tap by tap."""
    kernel, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    height, width = x.shape[1:]
    out = np.zeros((len(kernel), height, width)) + bias[:, None, None]
    reach = kernel.shape[-1] // 2
    for r in range(height):
        for c in range(width):
            for i in range(-reach, reach + 1):
                for j in range(-reach, reach + 1):
                    row, column = r + i * dilation, c + j * dilation
                    if 0 <= row < height and 0 <= column < width:
                        out[:, r, c] += kernel[:, :, i + reach, j + reach] @ x[:, row, column]
    return out


def written_anew(layer, x, dilation):
    """The mask's two halves for each image, in numpy."""
    channel, spatial = layer.gate.channel, layer.gate.spatial
    W_0, b_0, W_1, b_1 = (p.detach().numpy() for p in [*channel.W_0.parameters(),
                                                       *channel.W_1.parameters()])  # fmt: skip
    halves = []
    for image in x.numpy():
        z = np.array([plane.mean() for plane in image])
        hidden = np.maximum(normed(W_0 @ z + b_0, channel.hidden_norm, 0), 0)
        m_c = normed(W_1 @ hidden + b_1, channel.norm, 0)
        maps = image
        for name, norm in zip(("f_0", "f_1", "f_2"), spatial.hidden_norms, strict=True):
            step = convolved(maps, getattr(spatial, name), 1 if name == "f_0" else dilation)
            maps = np.maximum(normed(step, norm, 0), 0)
        m_s = normed(convolved(maps, spatial.f_3, 1), spatial.norm, 0)
        halves.append((m_c[:, None, None], m_s))
    return halves


def it_is_the_formula(norms, combine, dilation=2):
    layer = filled(BAM(12, 3, dilation, norms, combine)).double()
    x = images(2, 12, 6, 7, dtype=torch.float64)
    expected = []
    for image, (m_c, m_s) in zip(x.numpy(), written_anew(layer, x, dilation), strict=True):
        score = m_c + m_s if combine == "sum" else m_c * m_s
        expected.append(image + image / (1 + np.exp(-score)))
    torch.testing.assert_close(
        layer(x).detach(), torch.tensor(np.array(expected)), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("norms", ["end", "hidden"])
@pytest.mark.parametrize("combine", ["sum", "product"])
def test_it_is_the_formula(norms, combine):
    it_is_the_formula(norms, combine)


def test_with_the_same_weights_sum_and_product_are_two_models():
    one, other = filled(BAM(8, 2)), filled(BAM(8, 2, combine="product"))
    assert one.state_dict().keys() == other.state_dict().keys()
    x = images(2, 8, 5, 5)
    assert (one(x) - other(x)).abs().max() > 0.1


def test_the_mask_is_what_is_added_over_what_was_there():
    """Between 0 and 1; with the slide's circled plus it is not."""
    layer, x = filled(BAM(8, 2, dilation=1)).double(), images(2, 8, 5, 4, dtype=torch.float64)
    with record(layer) as reads:
        out = layer(x).detach()
    mask = reads["gate"]
    assert mask.shape == (2, 8, 5, 4)
    assert mask.min() > 0
    assert mask.max() < 1
    torch.testing.assert_close((out - x) / x, mask, rtol=0, atol=1e-9)
    as_printed = x + (x + mask)
    implied = (as_printed - x) / x
    assert implied.min() < 0
    assert implied.max() > 1
    assert (mask.amax(dim=(2, 3)) - mask.amin(dim=(2, 3))).min() > 0  # it differs by place
    assert (mask.amax(dim=1) - mask.amin(dim=1)).min() > 0  # and by channel


def test_it_stands_behind_every_stage_but_the_last():
    model = bam.insert(small_resnet(8, 3), ratio=4)
    with record(model) as reads:
        filled(model)(images(2, 3, 16, 12))
    assert {name: tuple(mask.shape) for name, mask in reads.items()} == {
        "layer1.1.gate": (2, 16, 16, 12),
        "layer2.1.gate": (2, 32, 8, 6),
    }


def test_one_image_odd_sizes_and_half_precision():
    model = filled(BAM(8, 4)).double()
    each_image_alone(model, images(3, 8, 3, 7, dtype=torch.float64))
    assert model(images(1, 8, 1, 1, dtype=torch.float64)).shape == (1, 8, 1, 1)
    assert model.bfloat16()(images(2, 8, 4, 5, dtype=torch.bfloat16)).dtype == torch.bfloat16
    assert model.float().train()(images(2, 8, 3, 5)).isfinite().all()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: BAM(8, 16), "ratio must be between 1 and the 8 channels"),
        (lambda: BAM(8, 0), "ratio must be between 1 and the 8 channels"),
        (lambda: BAM(8, 2, dilation=0), "dilation must be at least 1; got 0"),
        (lambda: BAM(8, 2, norms="both"), r"norms must be one of \('end', 'hidden'\)"),
        (lambda: BAM(8, 2, combine="max"), 'combine must be "sum" or "product"; got \'max\''),
        (lambda: BAM(8, 2)(torch.zeros(1, 8, 4, 4)), "features holds one image.*at least 2"),
        (lambda: bam.insert(nn.Linear(2, 2)), "model must be a ResNet.*got Linear"),
    ],
)
def test_bad_input_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()
