"""Masks of a network, held and exchanged, and whether a map chooses."""

import pytest
import torch
from torch import nn

from lecture_utils.models.bam import BAM
from lecture_utils.tasks import chosen_places
from lecture_utils.tasks.chosen_places import (
    GATES,
    among,
    asked,
    chosen,
    fragment_net,
    masks_of,
    right_with,
    scenes_of,
)
from lecture_utils.tasks.digit_reading import misread
from tests.models.vision import filled

COUNT = 130
"""More than a batch of those that are looked at."""


class Plain(nn.Identity):
    """Nothing, in the place of a module, so that the layers keep their numbers."""


@pytest.fixture(scope="module")
def model():
    return filled(fragment_net(lambda C: BAM(C, 4)))


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


def test_blocks_stand_where_the_maps_become_smaller_or_behind_every_layer():
    for behind, sides in (((), []), ((2,), [8]), ((0, 2), [16, 8]), ((0, 1, 2), [16, 16, 8])):
        net = filled(fragment_net(lambda C: BAM(C, 4), behind))
        masks = masks_of(net, torch.rand(2, 3, 32, 32))
        assert [mask.shape[-1] for mask in masks.values()] == sides
    assert tuple(masks) == ("below.1.gate", "below.3.gate", "middle.gate")
    assert [mask.shape[1] for mask in masks.values()] == [*chosen_places.CHANNELS]
    assert isinstance(fragment_net().middle, nn.Identity)


def test_among_some_digits_their_scores_are_what_they_were(model):
    images = asked("dev", 20).images
    few = among(model)
    torch.testing.assert_close(few(images), model(images)[:, [0, 1, 4, 7]])
    assert model(images).shape == (20, 10)
    assert few.fc.out_features == 4


def test_held_at_its_own_masks_a_network_answers_as_before(model):
    data = asked("dev", COUNT)
    masks = masks_of(model, data.images)
    assert {name: mask.shape for name, mask in masks.items()} == dict(
        zip(GATES, [(COUNT, 8, 16, 16), (COUNT, 24, 8, 8)], strict=True)
    )
    assert right_with(model, data, masks) == pytest.approx(1 - misread(model, data))
    alone = masks_of(model, data.images[[COUNT - 1]])
    for name, mask in masks.items():
        torch.testing.assert_close(mask[-1:], alone[name])


def test_held_at_another_mask_it_is_that_mask_that_counts(model):
    data = asked("dev", COUNT)
    shut = {name: torch.zeros(COUNT, 1, 1, 1) for name in GATES}
    bare = fragment_net(Plain)
    state = {k: v for k, v in model.state_dict().items() if ".gate." not in k}
    bare.load_state_dict(state)
    assert right_with(model, data, shut) == pytest.approx(1 - misread(bare, data))


def test_a_map_chooses_where_it_is_higher_on_the_digit_that_is_meant():
    made = scenes_of("dev", COUNT, fragments=0)
    ink = nn.functional.avg_pool2d(made.masks[:, None].float(), 4)[:, 0]
    assert chosen(ink, made) == 1
    assert chosen(-ink, made) == 0
    assert chosen(torch.ones(COUNT, 8, 8), made) == 0, "one that is even does not choose"
    noise = torch.rand(COUNT, 8, 8, generator=torch.Generator().manual_seed(0))
    assert 0.3 < chosen(noise, made) < 0.7
