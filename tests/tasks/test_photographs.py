"""Photographs: how they are moved and mirrored, batched, and judged."""

import pytest
import torch
from torch import nn

from lecture_utils.data import cifar
from lecture_utils.data.cifar import Pictures
from lecture_utils.tasks import photographs
from lecture_utils.tasks.photographs import (
    MOST,
    moved_and_mirrored,
    named_right,
    normed,
    photograph_batches,
    photograph_loss,
)


def some(count: int = 12) -> Pictures:
    """Pictures, each of one level, which is its number and its label."""
    images = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 32, 32)
    return cifar.pictures(images, torch.arange(count), [str(k) for k in range(count)])


class Levels(nn.Module):
    """Says which level a picture has in its middle."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(8.0))

    def forward(self, images):
        mean, spread = photographs.MEAN[0], photographs.SPREAD[0]
        level = (images[:, 0, 16, 16] * spread + mean) * 255
        return -self.scale * (level[:, None] - torch.arange(12)).abs()


def test_each_picture_is_moved_and_mirrored_by_itself():
    """Every result is one of the 2 x 81 that a loop makes, and all of them occur."""
    image = torch.randint(1, 256, (1, 3, 6, 5), dtype=torch.uint8)
    found = moved_and_mirrored(image.expand(4_000, -1, -1, -1), torch.Generator().manual_seed(0))
    assert found.dtype == torch.uint8
    wanted = set()
    for mirrored in (image[0], image[0].flip(-1)):
        padded = torch.zeros(3, 6 + 2 * MOST, 5 + 2 * MOST, dtype=torch.uint8)
        padded[:, MOST : MOST + 6, MOST : MOST + 5] = mirrored
        for top in range(2 * MOST + 1):
            for left in range(2 * MOST + 1):
                wanted.add(bytes(padded[:, top : top + 6, left : left + 5].flatten().tolist()))
    assert {bytes(one.flatten().tolist()) for one in found} == wanted


def test_the_levels_are_normed():
    bytes_of = torch.tensor([0, 255], dtype=torch.uint8)[:, None, None, None].expand(2, 3, 1, 1)
    black, white = normed(bytes_of)
    for channel, (mean, spread) in enumerate(
        zip(photographs.MEAN, photographs.SPREAD, strict=True)
    ):
        assert black[channel].item() == pytest.approx(-mean / spread)
        assert white[channel].item() == pytest.approx((1 - mean) / spread)


def test_an_epoch_has_every_picture_once_and_labels_stay_theirs():
    batches = photograph_batches(some(), seed=1, size=4)
    orders = []
    for _ in range(2):
        labels = []
        for _ in range(3):
            images, batch = next(batches)
            middle = (images[:, 0, 16, 16] * photographs.SPREAD[0] + photographs.MEAN[0]) * 255
            assert torch.equal(middle.round().long(), batch)
            labels += batch.tolist()
        assert sorted(labels) == [*range(12)]
        orders.append(labels)
    assert orders[0] != orders[1]
    again = photograph_batches(some(), seed=1, size=4)
    assert torch.equal(next(again)[1], torch.tensor(orders[0][:4]))
    for size in (0, 13):
        with pytest.raises(ValueError, match="size must be from 1 to 12"):
            next(photograph_batches(some(), 0, size))


def test_what_is_right_is_counted():
    data = some()
    assert named_right(Levels(), data) == 1
    wrong = data._replace(labels=data.labels.roll(1).where(data.labels < 3, data.labels))
    assert named_right(Levels(), wrong) == 0.75


def test_the_loss_is_the_cross_entropy_and_teaches():
    data, model = some(), nn.Sequential(nn.Conv2d(3, 12, 32), nn.Flatten())
    batch = normed(data.images), data.labels
    wanted = nn.functional.cross_entropy(model(batch[0]), data.labels)
    found = photograph_loss(model, batch)
    assert found.item() == pytest.approx(wanted.item(), rel=0.02)
    assert found.dtype == torch.float32
    found.backward()
    assert model[0].weight.grad.abs().sum() > 0
