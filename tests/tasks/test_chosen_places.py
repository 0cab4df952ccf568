"""Masks of a network, held and exchanged, and whether a map chooses."""

import pytest
import torch
from torch import nn

from lecture_utils.models.bam import BAM
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.tasks import chosen_places
from lecture_utils.tasks.chosen_places import asked, chosen, masks_of, right_with, scenes_of
from lecture_utils.tasks.digit_reading import misread
from tests.models.vision import filled

COUNT = 130
"""More than a batch of those that are looked at."""


@pytest.fixture(scope="module")
def model():
    return filled(PlaceNet(BAM(24, 4), 24, classes=10, colours=3))


def test_the_scenes_have_two_colours_and_fragments():
    made = scenes_of("dev", COUNT)
    assert made.digits.shape == (COUNT, chosen_places.COLOURS)
    assert {*made.labels.tolist()} <= {*chosen_places.CLASSES}
    bare = scenes_of("dev", COUNT, fragments=0)
    assert (
        made.images.sum(dim=(1, 2, 3)) > bare.images.sum(dim=(1, 2, 3)) + 5
    ).float().mean() > 0.9
    data = asked("dev", COUNT)
    assert torch.equal(data.images, made.images)
    assert torch.equal(data.digits, made.labels)


def test_held_at_its_own_masks_a_network_answers_as_before(model):
    data = asked("dev", COUNT)
    masks = masks_of(model, data.images)
    assert masks.shape == (COUNT, 24, 8, 8)
    assert right_with(model, data, masks) == pytest.approx(1 - misread(model, data))
    alone = masks_of(model, data.images[[COUNT - 1]])
    torch.testing.assert_close(masks[-1:], alone)


def test_held_at_another_mask_it_is_that_mask_that_counts(model):
    data, masks = asked("dev", COUNT), torch.zeros(COUNT, 24, 1, 1)
    bare = PlaceNet(nn.Identity(), 24, classes=10, colours=3)
    bare.load_state_dict(model.state_dict(), strict=False)
    assert right_with(model, data, masks) == pytest.approx(1 - misread(bare, data))


def test_a_map_chooses_where_it_is_higher_on_the_digit_that_is_meant():
    made = scenes_of("dev", COUNT, fragments=0)
    ink = nn.functional.avg_pool2d(made.masks[:, None].float(), 4)[:, 0]
    assert chosen(ink, made) == 1
    assert chosen(-ink, made) == 0
    assert chosen(torch.ones(COUNT, 8, 8), made) == 0, "one that is even does not choose"
    noise = torch.rand(COUNT, 8, 8, generator=torch.Generator().manual_seed(0))
    assert 0.3 < chosen(noise, made) < 0.7
