"""Reading digits: shifts, batches, errors; and what is no digit."""

import pytest
import torch
from torch import nn

from lecture_utils.data import digits
from lecture_utils.data.digits import Digits
from lecture_utils.tasks import nonsense
from lecture_utils.tasks.digit_reading import (
    Prepared,
    answers,
    by_shift,
    digit_batches,
    digit_loss,
    halved_in_three,
    in_1998,
    misread,
    shifted,
)


class Reads(nn.Module):
    """Says the number of the column in which the ink begins."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images):
        columns = images.amax(dim=(1, 2))  # (B, W)
        return self.scale * nn.functional.one_hot(columns.argmax(dim=1), 28)[:, :10].float()


def strokes(*columns: int) -> Digits:
    images = torch.zeros(len(columns), 1, 28, 28)
    for image, column in zip(images, columns, strict=True):
        image[:, 10:18, column] = 1
    return Digits(images, torch.tensor(columns))


@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, 0), (-3, 1), (0, -27), (5, 6)])
def test_a_shift_moves_every_pixel_and_brings_paper(down, right):
    image = torch.rand(2, 3, 28, 28)
    moved = shifted(image, down, right)
    for r in range(28):
        for c in range(28):
            there = 0 <= r - down < 28 and 0 <= c - right < 28
            expected = image[..., r - down, c - right] if there else torch.zeros(2, 3)
            assert torch.equal(moved[..., r, c], expected)
    with pytest.raises(ValueError, match="less than the image"):
        shifted(image, 28, 0)


def test_an_epoch_holds_every_digit_once_in_another_order():
    data = Digits(torch.arange(12.0).view(12, 1, 1, 1).expand(12, 1, 28, 28), torch.arange(12))
    batches = digit_batches(data, seed=3, size=5)
    epochs = [torch.cat([next(batches)[1] for _ in range(2)]).tolist() for _ in range(2)]
    assert all(len({*epoch}) == 10 for epoch in epochs)
    assert epochs[0] != epochs[1]
    again = digit_batches(data, seed=3, size=5)
    assert next(again)[1].tolist() == epochs[0][:5]
    with pytest.raises(ValueError, match="size must be from 1 to 12; got 13"):
        next(digit_batches(data, seed=0, size=13))


def test_batches_are_moved_by_no_more_than_is_said():
    batches, found = digit_batches(strokes(*[5] * 4), seed=0, size=4, most=2), set()
    for _ in range(60):
        images, _ = next(batches)
        columns = images.amax(dim=(1, 2)).argmax(dim=1)
        assert len({*columns.tolist()}) == 1, "a batch is moved as a whole"
        found.add(columns[0].item())
    assert found == {3, 4, 5, 6, 7}


def test_what_is_misread_is_counted():
    model, data = Reads(), strokes(1, 2, 3, 4)
    assert misread(model, data) == 0
    assert misread(model, data, right=1) == 1
    assert misread(model, Digits(data.images, torch.tensor([1, 2, 3, 9]))) == 0.25
    right = by_shift(model, data, 2)
    assert right == [1, 0.5, 0.5]  # up and down changes nothing, left and right all
    assert answers(model, data.images).shape == (4, 10)
    assert digit_loss(model, data) == nn.functional.cross_entropy(model(data.images), data.digits)


def test_images_of_1998():
    made = in_1998(torch.ones(1, 1, 28, 28))
    assert made.shape == (1, 1, 32, 32)
    assert made.amin().item() == pytest.approx(-0.1)
    assert made.amax().item() == pytest.approx(1.175)
    assert Prepared(nn.Identity(), in_1998)(torch.ones(1, 1, 28, 28)).equal(made)


def test_letters_are_pictures_as_the_digits_are():
    made = nonsense.letters()
    assert made.shape == (len(nonsense.LETTERS) * len(nonsense.FONTS), 1, 28, 28)
    assert made.flatten(1).amax(dim=1).min() > 0.7
    assert made.min() >= 0
    inked = (made > 0).flatten(2)
    assert 60 < inked.sum(dim=-1).float().mean() < 300
    assert len({tuple(image.flatten().tolist()) for image in made}) > 90, "the letters differ"


def test_nonsense_of_digits():
    data = digits.load("dev").first(20)
    both = nonsense.overlaid(data)
    differ = data.digits != data.digits.roll(-1)
    assert len(both) == differ.sum()
    assert torch.equal(both, torch.maximum(data.images, data.images.roll(-1, 0))[differ])
    loose = nonsense.scattered(data)
    same = loose.flatten(1).sort(dim=1).values, data.images.flatten(1).sort(dim=1).values
    assert torch.equal(*same)
    assert not torch.equal(loose, data.images)


def test_what_is_accepted_is_what_doubts_less_than_the_threshold():
    class Says(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, images):
            high = self.scale * images.flatten(1).amax(dim=1, keepdim=True)
            return torch.cat([high, torch.zeros(len(images), 9)], dim=1)

    dev = torch.linspace(0.01, 1, 100).view(100, 1, 1, 1).expand(100, 1, 28, 28)
    kinds = {"high": torch.ones(4, 1, 28, 28), "low": torch.zeros(3, 1, 28, 28)}
    for by in (nonsense.sure, nonsense.near):
        assert nonsense.accepted(Says(), by, dev, {"dev": dev, **kinds}, refused=0.1) == {
            "dev": pytest.approx(0.9),
            "high": 1,
            "low": 0,
        }
    scores = torch.tensor([[2.0, 0, 0], [-1, -4, -2]])
    assert nonsense.near(scores).tolist() == [2, -1]
    torch.testing.assert_close(nonsense.sure(scores), scores.softmax(-1).amax(-1))


def test_halved_an_image_has_means_of_four_pixels_in_three_channels():
    images = torch.rand(2, 1, 28, 28)
    made = halved_in_three(images)
    assert made.shape == (2, 3, 14, 14)
    for channel in range(3):
        assert made[1, channel, 3, 5].item() == pytest.approx(
            images[1, 0, 6:8, 10:12].mean().item()
        )
