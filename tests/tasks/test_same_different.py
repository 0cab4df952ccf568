"""Same or different: what is asked, and that maps and looks are counted right."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lecture_utils.data import scenes
from lecture_utils.models.non_local import NonLocal
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.tasks import same_different as task
from tests.models.vision import filled


def test_what_is_asked_are_the_scenes():
    made = scenes.load("same", "dev", 30, 2, task.CLASSES)
    asked = task.asked("dev", 30, 2)
    assert torch.equal(asked.images, made.images)
    assert torch.equal(asked.digits, made.labels)
    others = task.asked("dev", 30, 2, task.OTHERS)
    assert not torch.equal(others.images, asked.images)
    assert {*task.OTHERS} | {*task.CLASSES} == {*range(10)}


def test_class_activation_adds_up_to_the_score():
    model = filled(PlaceNet(NonLocal(6), 6))
    images = task.asked("dev", 5).images
    scores = model(images)
    maps = task.class_activation(model, images)
    torch.testing.assert_close(
        maps.mean(dim=(1, 2)) + model.fc.bias[scores.argmax(1)], scores.amax(1)
    )


def test_addresses_are_those_of_the_block():
    model = filled(PlaceNet(NonLocal(6), 6))
    images = task.asked("dev", 120).images
    weights = task.addresses_of(model, images)
    assert weights.shape == (120, 72, 72)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(120, 72))
    torch.testing.assert_close(task.addresses_of(model, images[110:]), weights[110:])
    torch.testing.assert_close(
        task.received(weights, (6, 12))[:, 1, 2], weights[:, :, 14].mean(dim=1)
    )


def test_a_map_of_the_ink_is_nearly_perfect_and_its_contrary_is_not():
    masks = scenes.load("same", "dev", 40).masks
    ink = task.inked(masks, (6, 12))
    assert ink[3, 2, 1] == masks[3, 8:12, 4:8].float().mean()
    assert task.localised(ink, masks) > 0.95
    assert task.localised(-ink, masks) < 0.05
    assert task.localised(torch.zeros_like(ink), masks) == 0.5


def test_who_asks_as_all_do_is_not_apart():
    weights = torch.full((1, 6, 6), 1 / 6)
    weights[0, 4] = torch.eye(6)[2]
    found = task.apart(weights, (2, 3))
    assert found.shape == (1, 2, 3)
    assert found.flatten().argmax() == 4
    mean = weights.mean(1)[0]
    assert found[0, 0, 0].item() == pytest.approx((weights[0, 0] - mean).norm().item())


def test_looks_are_shares_of_each_side():
    masks = scenes.load("same", "dev", 10).masks
    ink = (task.inked(masks, (6, 12)) > 0).flatten(1)
    left = (torch.arange(12) < 6).expand(6, 12).flatten()
    own = torch.eye(72).expand(10, -1, -1)
    assert task.looks(own, masks, (6, 12)) == {"other": 0, "own": 1, "paper": 0}
    across = (ink[:, None, :] & (left[:, None] != left)).float()
    across = across / across.sum(dim=-1, keepdim=True)
    found = task.looks(across, masks, (6, 12))
    assert found["other"] == pytest.approx(1)
    even = task.looks(torch.full((10, 72, 72), 1 / 72), masks, (6, 12))
    assert even["paper"] == pytest.approx(1 - (even["own"] + even["other"]))
    counts = torch.stack([(ink & side).sum(1) for side in (left, ~left)]).double()
    assert even["own"] == pytest.approx(
        (counts.square().sum() / counts.sum() / 72).item(), rel=1e-4
    )


def test_right_counts():
    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.bias = nn.Parameter(torch.tensor([0.0, 1.0]))

        def forward(self, images):
            return self.bias.expand(len(images), 2)

    asked = task.asked("dev", 50)
    assert task.right(Fixed(), asked) == pytest.approx(asked.digits.float().mean().item())
