"""What a module with a soft mask is compared with: each differs from it in one thing."""

import pytest
import torch

from lecture_utils.models import residual_attention_controls as controls
from lecture_utils.models.residual_attention import Attended, SoftMask, units
from lecture_utils.recording import record
from tests.models.vision import filled, images, parameters


def module(kind=Attended, mask=SoftMask, **how):
    torch.manual_seed(0)
    return filled(kind(units(8, 2), mask(8, 2), **how))


@torch.no_grad()
def parts(made, x):
    return made.trunk(x), made.mask(x)


def test_doubled_is_the_naive_product_times_two():
    x, made = images(2, 8, 6, 7), module(controls.Doubled)
    trunk, mask = parts(made, x)
    torch.testing.assert_close(made(x), 2 * mask * trunk)
    torch.testing.assert_close(made(x), 2 * module(naive=True)(x))


def test_added_is_a_sum_with_the_score():
    x, made = images(2, 8, 6, 7), module(controls.AddedScore)
    trunk, mask = parts(made, x)
    torch.testing.assert_close(made(x), trunk + torch.logit(mask), rtol=1e-4, atol=1e-4)


def test_local_has_as_many_weights_and_no_pooling():
    made = controls.local(SoftMask(8, 2), 8)
    assert parameters(made) == parameters(SoftMask(8, 2))
    x = torch.zeros(1, 8, 13, 13, requires_grad=True)
    filled(made)(x)[0, :, 0, 0].sum().backward()
    reached = x.grad.abs().sum(dim=1)[0].nonzero().amax(dim=0)
    assert reached.tolist() == [5, 5]  # five units, a place further each
    x.grad = None
    filled(SoftMask(8, 2))(x)[0, :, 0, 0].sum().backward()
    assert x.grad.abs().sum(dim=1)[0].nonzero().amax() > 9


def test_one_map_speaks_for_all_channels():
    x, made = images(2, 8, 6, 7), module(mask=controls.OneMap)
    with record(made) as reads:
        out = made(x)
    assert reads["mask"].shape == (2, 1, 6, 7)
    torch.testing.assert_close(out, made.trunk(x) * (1 + reads["mask"]))
    score = SoftMask.score(made.mask, x)
    torch.testing.assert_close(reads["mask"][:, 0], score.mean(dim=1).sigmoid())


def test_across_places_every_map_has_the_same_mean():
    x, made = images(2, 8, 6, 7), module(mask=controls.AcrossPlaces)
    score = made.mask.score(x)
    torch.testing.assert_close(score.mean(dim=(2, 3)), torch.zeros(2, 8), rtol=0, atol=1e-5)
    deviation = score.std(dim=(2, 3), correction=0)
    torch.testing.assert_close(deviation, torch.ones(2, 8), rtol=1e-3, atol=1e-3)


def test_across_channels_every_place_has_length_one():
    x, made = images(2, 8, 6, 7), module(mask=controls.AcrossChannels)
    with record(made) as reads:
        out = made(x)
    mask = reads["mask"]
    torch.testing.assert_close(mask.norm(dim=1), torch.ones(2, 6, 7))
    assert mask.min() < 0
    torch.testing.assert_close(out, made.trunk(x) * (1 + mask))


@pytest.mark.parametrize("kind", [controls.OneMap, controls.AcrossPlaces, controls.AcrossChannels])
def test_all_have_as_many_weights(kind):
    assert parameters(kind(8, 2)) == parameters(SoftMask(8, 2))
