"""Soft masks: what they lie on, and what is answered with another one in their place."""

import pytest
import torch

from lecture_utils.data import scenes
from lecture_utils.data.digits import Digits
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.models.residual_attention import Attended
from lecture_utils.tasks import soft_masks as task
from lecture_utils.tasks.same_different import CLASSES, localised
from tests.models.vision import filled


@pytest.fixture(scope="module")
def net():
    return filled(task.masked_net())


@pytest.fixture(scope="module")
def made():
    return scenes.load("same", "dev", 120, classes=CLASSES)


def answers(model, images):
    with torch.no_grad():
        return model(images).argmax(dim=1)


def test_masks_are_those_of_the_module(net, made):
    masks = task.masks_of(net, made.images)
    assert masks.shape == (120, 24, 6, 12)
    with torch.no_grad():
        alone = net.middle.mask(net.below(made.images[110:]))
    torch.testing.assert_close(masks[110:], alone)


def test_with_its_own_mask_a_picture_is_answered_as_before(net, made):
    masks = task.masks_of(net, made.images)
    assert torch.equal(task.answered_with(net, made.images, masks), answers(net, made.images))
    one = task.answered_with(net, made.images, masks[:1])
    assert torch.equal(one, task.answered_with(net, made.images, masks[:1].expand(120, -1, -1, -1)))
    with pytest.raises(ValueError, match="masks are 3 for 120 images; pass one for each"):
        task.answered_with(net, made.images, masks[:3])


def test_summed_up_takes_out_what_it_says():
    masks = torch.rand(5, 4, 3, 6)
    found = task.summed_up(masks)
    assert {name: part.shape for name, part in found.items()} == dict.fromkeys(found, masks.shape)
    assert torch.equal(found["mean over pictures"][0], found["mean over pictures"][3])
    torch.testing.assert_close(found["mean over places"][2, 1, 2, 5], masks[2, 1].mean())
    torch.testing.assert_close(found["mean over channels"][2, 3, 1, 4], masks[2, :, 1, 4].mean())


class FromMask(Attended):
    """What goes on is the mask alone, so that the answer is the mask's."""

    def forward(self, x):
        return self.mask(x)


class FromTrunk(Attended):
    """What goes on is the trunk alone; the mask is there, and without effect."""

    def forward(self, x):
        self.mask(x)
        return self.trunk(x)


@pytest.mark.parametrize(("kind", "follows"), [(FromMask, True), (FromTrunk, False)])
def test_exchanged_tells_whose_answer_is_given(made, kind, follows):
    net = filled(task.masked_net())
    net.middle = filled(kind(net.middle.trunk, net.middle.mask))
    with torch.no_grad():  # some of the answers are of each kind
        scores = net(made.images)
        net.fc.bias -= (scores[:, 1] - scores[:, 0]).median() * torch.tensor([-0.5, 0.5])
    said = answers(net, made.images)
    assert 0.2 < said.float().mean() < 0.8
    answered = scenes.Scenes(**{**vars(made), "labels": said})
    own, others = task.exchanged(net, answered, task.masks_of(net, made.images))
    assert (own, others) == ((0, 1) if follows else (1, 0))


def test_maps_are_scored_on_the_ink_that_matters(net, made):
    found = task.maps_scored(net, made)
    masks = task.masks_of(net, made.images)
    assert found["mask"] == pytest.approx(localised(masks.mean(dim=1), made.masks))
    assert found["ink"] > 0.95
    assert {*found} == {"mask", "apart", "trunk", "activation", "activation, size", "ink"}


def test_wrong_labels_are_as_many_as_asked_for_and_all_wrong():
    data = Digits(torch.zeros(5000, 1, 2, 2), torch.arange(5000) % 10)
    wrong = task.with_wrong_labels(data, 0.4)
    differ = wrong.digits != data.digits
    assert differ.float().mean().item() == pytest.approx(0.4, abs=0.03)
    assert {*wrong.digits[differ].tolist()} == {*range(10)}
    assert torch.equal(task.with_wrong_labels(data, 0.0).digits, data.digits)
    assert torch.equal(task.with_wrong_labels(data, 0.4).digits, wrong.digits)
    with pytest.raises(ValueError, match=r"part must be from 0 to 1; got 40"):
        task.with_wrong_labels(data, 40)


def test_what_is_kept_is_measured_module_by_module():
    class Half(torch.nn.Module):
        def forward(self, x):
            return x / 2

    class Other(torch.nn.Module):
        def forward(self, x):
            return x.flip(0)

    net = PlaceNet(torch.nn.Sequential(Half(), Half(), Other()), 8)
    found = task.kept(net, torch.rand(64, 1, 28, 28))
    assert found["size"][2] == pytest.approx(found["size"][0] / 4)
    assert found["correlation"][:3] == pytest.approx([1, 1, 1])
    assert found["correlation"][3] < 0.9
