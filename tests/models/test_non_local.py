"""Non-local nets: the paper's formula by loops, addresses recorded, identity, costs, bad input."""

import math

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lecture_utils.addressing import Dot
from lecture_utils.models import non_local
from lecture_utils.models.non_local import PAIRWISE, Concat, NonLocal, OverN, read_first
from lecture_utils.models.resnet import resnet, small_resnet
from lecture_utils.recording import record
from tests.models.vision import each_image_alone, filled, images, on_meta, parameters


def test_counts():
    counts = {"gaussian": 4_320, "embedded": 8_480, "dot": 8_480, "concat": 8_544}
    assert {name: parameters(on_meta(NonLocal, 64, name)) for name in PAIRWISE} == counts
    model = on_meta(resnet, 50)
    non_local.insert(model)
    inner, channels = 512, 1024
    block = 3 * (channels * inner + inner) + inner * channels + channels + 2 * channels
    assert parameters(model) == 25_557_032 + block


def at(layer, x):
    """A convolution of 1 x 1 at one place x (C,)."""
    return x if isinstance(layer, nn.Identity) else layer.weight[..., 0, 0] @ x + layer.bias


def slots(layer, x, subsample):
    """Keys or values by place, each a vector; the maximum of 2 x 2 if subsampled."""
    height, width = x.shape[1:]
    all_places = [[at(layer, x[:, r, c]) for c in range(width)] for r in range(height)]
    if not subsample:
        return [vector for row in all_places for vector in row]
    return [
        torch.stack([all_places[r + i][c + j] for i in (0, 1) for j in (0, 1)]).amax(dim=0)
        for r in range(0, height - 1, 2)
        for c in range(0, width - 1, 2)
    ]


def written_anew(block, x, pairwise, subsample):
    """The output z and the weights of one image (C, H, W), place by place."""
    keys, values = slots(block.phi, x, subsample), slots(block.g, x, subsample)
    z, rows = torch.empty_like(x), []
    for r in range(x.shape[1]):
        for c in range(x.shape[2]):
            query = at(block.theta, x[:, r, c])
            scores = []
            for key in keys:
                if pairwise == "concat":
                    scores.append(max(0.0, (block.address.inner.w.weight[0]
                                            @ torch.cat([query, key])).item()))  # fmt: skip
                else:
                    scores.append((query @ key).item())
            softmax = pairwise in ("gaussian", "embedded")
            f = [math.exp(score) for score in scores] if softmax else scores
            normaliser = sum(f) if softmax else len(keys)
            rows.append([value / normaliser for value in f])
            y = sum(w * value for w, value in zip(rows[-1], values, strict=True))
            wy = at(block.W_z, y)
            norm = block.norm
            wy = (wy - norm.running_mean) / (norm.running_var + 1e-5).sqrt()
            z[:, r, c] = wy * norm.weight + norm.bias + x[:, r, c]
    return z, torch.tensor(rows, dtype=x.dtype)


@torch.no_grad()
def it_is_the_formula(pairwise, subsample, dtype=torch.float64, apart=1e-12):
    block = filled(NonLocal(6, pairwise, 4, subsample)).to(dtype)
    x = images(2, 6, 5, 4, dtype=dtype) * 0.7
    expected, rows = zip(
        *(written_anew(block, image, pairwise, subsample) for image in x), strict=True
    )
    expected, rows = torch.stack(expected), torch.stack(rows)
    torch.testing.assert_close(block(x), expected, rtol=0, atol=apart)
    with record(block) as reads:
        looked = block(x)
    torch.testing.assert_close(looked, expected, rtol=0, atol=apart)
    torch.testing.assert_close(reads["address"], rows, rtol=0, atol=apart)
    assert reads["address"].shape == (2, 20, 4 if subsample else 20)


@pytest.mark.parametrize("subsample", [False, True])
@pytest.mark.parametrize("pairwise", PAIRWISE)
def test_it_is_the_formula(pairwise, subsample):
    it_is_the_formula(pairwise, subsample)
    it_is_the_formula(pairwise, subsample, torch.float32, 1e-5)


@pytest.mark.parametrize("pairwise", PAIRWISE)
def test_at_the_start_it_is_the_identity_and_not_for_ever(pairwise):
    torch.manual_seed(0)
    block, x = NonLocal(6, pairwise), images(2, 6, 4, 3)
    assert torch.equal(block(x), x)
    assert torch.equal(block.eval()(x), x)
    block(x).square().sum().backward()
    assert block.norm.weight.grad.abs().max() > 0
    assert sorted(filled(block).state_dict()) == sorted(NonLocal(6, pairwise).state_dict())
    assert (block(x) - x).abs().max() > 0.1


def test_softmax_and_1_over_n_are_two_normalisations_of_the_same_scores():
    one, other = filled(NonLocal(6)), filled(NonLocal(6, "dot"))
    assert one.state_dict().keys() == other.state_dict().keys()
    x = images(1, 6, 3, 3)
    with record(one) as soft, record(other) as plain:
        one(x), other(x)
    torch.testing.assert_close((plain["address"] * 9).softmax(dim=-1), soft["address"])


def test_another_order_of_the_places_moves_what_they_read_and_changes_nothing():
    """It knows no places: so it is a read of a memory, not a convolution."""
    block, x = filled(NonLocal(6)).double(), images(1, 6, 4, 5, dtype=torch.float64)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(0))
    moved = block(x.flatten(2)[..., order].unflatten(-1, (4, 5)))
    torch.testing.assert_close(
        moved, block(x).flatten(2)[..., order].unflatten(-1, (4, 5)), rtol=0, atol=1e-12
    )


def test_the_cheaper_order_is_the_same_sum_and_cheaper():
    q, k, v = images(3, 2, 50, 4, dtype=torch.float64)
    expected = (q @ k.mT / 50) @ v
    torch.testing.assert_close(read_first(q, k, v), expected, rtol=0, atol=1e-12)
    block, x = on_meta(NonLocal, 16, "dot").eval(), torch.empty(1, 16, 32, 32, device="meta")
    counts = []
    for softly in (False, True):
        block.address = Dot() if softly else OverN(Dot())
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            block.read(x)
        counts.append(counter.get_total_flops() / 2 - 3 * 16 * 8 * 1024)
    assert counts == [2 * 1024 * 8 * 8, 2 * 1024 * 1024 * 8]


def test_a_masked_slot_counts_for_nothing_and_n_counts_the_others():
    address = OverN(Dot())
    q, k = images(2, 1, 3, 4)
    mask = torch.tensor([[[True, False, True]]])
    weights = address(q, k, mask)
    torch.testing.assert_close(weights, q @ k.mT * mask / 2)
    assert not address(q, k, torch.zeros(1, 1, 3, dtype=torch.bool)).any()
    with pytest.raises(ValueError, match="mask must have as many axes"):
        address(q, k, torch.ones(1, 3, dtype=torch.bool))


def test_it_is_put_in_front_of_the_last_block_and_changes_nothing_at_first():
    model = filled(small_resnet(20, 3)).double()
    x = images(2, 3, 16, 12, dtype=torch.float64)
    before = model(x)
    block = non_local.insert(model, "layer2").double().eval()
    assert model.layer2[2] is block
    assert len(model.layer2) == 4
    with record(model) as reads:
        torch.testing.assert_close(model(x), before, rtol=0, atol=1e-12)
    assert {name: tuple(w.shape) for name, w in reads.items()} == {"layer2.2.address": (2, 48, 48)}
    torch.testing.assert_close(reads["layer2.2.address"].sum(dim=-1), torch.ones(2, 48).double())


def test_one_image_odd_sizes_and_half_precision():
    for pairwise in PAIRWISE:
        model = filled(NonLocal(6, pairwise, subsample=True)).double()
        each_image_alone(model, images(3, 6, 5, 3, dtype=torch.float64))
        assert model.bfloat16()(images(1, 6, 4, 4, dtype=torch.bfloat16)).dtype == torch.bfloat16
        half = model.half()(images(1, 6, 4, 4, dtype=torch.float16))
        assert half.isfinite().all()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: NonLocal(6, "cosine"), r"pairwise must be one of \('gaussian', .*got 'cosine'"),
        (lambda: NonLocal(1), "size must be at least 1 feature of the 1 channels; got 0"),
        (lambda: NonLocal(6, subsample=True)(torch.zeros(2, 6, 1, 4)), "x must be at least 2 x 2"),
        (lambda: non_local.insert(small_resnet(8)), "layer3 has one block only"),
        (lambda: non_local.insert(small_resnet(20), "layer4"), "stage must be one of"),
        (lambda: non_local.insert(nn.Linear(2, 2)), "stage must be one of the stages of a ResNet"),
        (lambda: Concat(3)(torch.zeros(1, 2, 4), torch.zeros(1, 2, 4)), "3 features"),
    ],
)
def test_bad_input_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()
