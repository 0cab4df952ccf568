"""A drawing becomes a picture as MNIST made its own, and MNIST's own stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lecture_utils.data import digits
from tests.data.strokes import SIDE, drawn, rastered


def larger(picture: np.ndarray, times: int) -> np.ndarray:
    """Each pixel as a square of them."""
    return np.kron(picture, np.ones((times, times)))


def test_mnist_is_as_it_is_said_to_be() -> None:
    images = digits.load("train").images[:, 0]
    inked = images > 0
    sides = [
        28 - lines.int().argmax(1) - lines.flip(1).int().argmax(1)  # from the first to the last
        for lines in (inked.any(1), inked.any(2))
    ]
    assert (torch.maximum(*sides) == digits.BOX).sum() == 9996
    levels = (255 * images).round().long()
    for axis in (1, 2):
        mass = levels.sum(axis)
        middle = (mass * (2 * torch.arange(28) + 1)).sum(1) / (2 * mass.sum(1).double())
        assert (middle.floor() == 14).all()


def square(height: int, width: int, top: int = 3, left: int = 5) -> np.ndarray:
    """A drawing of 112 x 112 with a full rectangle in it."""
    drawing = np.zeros((112, 112))
    drawing[top : top + height, left : left + width] = 1
    return drawing


@pytest.mark.parametrize("times", [1, 3, 4])
def test_a_digit_of_mnist_is_in_its_place_already(times: int) -> None:
    """But for the 4 of 10,000 whose longer side is not 20 pixels."""
    images = digits.load("train").images[::9, 0]
    kept = [
        torch.allclose(digits.centred(larger(one.numpy(), times))[0], one, atol=1e-6)
        for one in images
    ]
    assert len(kept) == 1112
    assert sum(kept) >= 1110


@pytest.mark.parametrize(("row", "column"), [(0, 0), (30, 2), (84, 84)])
def test_where_and_how_large_it_was_drawn_changes_nothing(row: int, column: int) -> None:
    one = digits.load("test").images[3, 0].numpy()
    there = np.zeros((112, 112))
    there[row : row + 28, column : column + 28] = one
    assert torch.allclose(digits.centred(there), digits.centred(larger(one, 3)), atol=1e-6)


def test_the_longer_side_becomes_the_box_and_proportions_stay() -> None:
    image = digits.centred(square(80, 40))[0]
    assert image.shape == (28, 28)
    inked = image > 0
    assert (inked.any(1).sum(), inked.any(0).sum()) == (20, 10)
    assert image.max() == 1
    wide = digits.centred(square(20, 40), size=(32, 30), box=12)[0] > 0
    assert wide.shape == (32, 30)
    assert (wide.any(1).sum(), wide.any(0).sum()) == (6, 12)


def test_its_mass_comes_to_the_middle() -> None:
    drawing = square(40, 40) + square(40, 20, left=45)
    drawing[:, 25:] *= 0.2  # the mass lies on the left
    image = digits.centred(drawing)[0].numpy()
    at = [(image.sum(axis=1 - axis) * np.arange(28)).sum() / image.sum() for axis in (0, 1)]
    assert np.floor(np.array(at) + 0.5).tolist() == [14, 14]


def test_what_is_averaged_on_the_way_is_grey() -> None:
    drawing = square(100, 1) + square(100, 1, left=9)  # a pixel of the picture covers both
    assert digits.centred(drawing).max() == pytest.approx(2 / 5)


def test_ink_that_is_heavy_at_one_end_stays_in_the_picture() -> None:
    drawing = square(100, 1, top=0, left=50) * 0.004 + square(5, 60, top=0, left=20)
    image = digits.centred(drawing.clip(0, 1))
    assert image.sum() == pytest.approx((np.rint(255 * drawing.clip(0, 1)) / 255).sum() / 25)


def test_the_frame_is_what_the_picture_shows() -> None:
    drawing = square(60, 30, top=11, left=70)
    top, left, step = digits.frame(drawing)
    assert step == 3
    assert (top, left) == (11 - 4 * 3, 70 - 9 * 3)
    part = digits.framed(drawing, digits.Frame(0, 0, 4))
    assert torch.allclose(part[0], torch.tensor(drawing).view(28, 4, 28, 4).mean((1, 3)).float())


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        (np.zeros((28, 28)), "drawing is empty: there is nothing to read"),
        (np.full((28, 28), 0.001), "drawing is empty"),
        (np.full((28, 28), 200.0), r"they lie in \[200, 200\]: divide by 255"),
        (np.full((28, 28), -0.5), r"they lie in \[-0.5, -0.5\]$"),
        (np.full((28, 28), 1000.0), r"they lie in \[1000, 1000\]$"),
        (np.full((28, 28), np.nan), "it holds NaN or infinity"),
        (np.ones((1, 28, 28)), r"drawing must be \(h, w\).*; got shape \(1, 28, 28\)"),
        (np.ones((0, 28)), r"got shape \(0, 28\)"),
        ("a digit", r"drawing must be \(h, w\), numbers from 0"),
        ([[1, 0], [1]], r"drawing must be \(h, w\), numbers from 0"),
    ],
)
def test_what_is_no_drawing_is_refused(drawing: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        digits.centred(drawing)


@pytest.mark.parametrize(("box", "message"), [(0, "box is 0"), (29, "box is 29; pass at most 28")])
def test_a_box_fits_into_the_picture(box: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        digits.centred(np.ones((28, 28)), box=box)


@pytest.mark.parametrize("size", [28, (28,), (28, 28, 28), (28, 0), (28, 1.5)])
def test_a_size_is_height_and_width(size: object) -> None:
    with pytest.raises(ValueError, match="size is "):
        digits.centred(np.ones((28, 28)), size=size)


def test_there_are_ten_recorded_drawings_of_each_digit_and_no_two_are_alike() -> None:
    every = drawn()
    assert [one.digit for one in every] == [k // 10 for k in range(100)]
    assert {one.width for one in every} == {4.5, 9.0, 12.5}
    points = [point for one in every for stroke in one.strokes for point in stroke]
    assert 0 <= min(map(min, points)) <= max(map(max, points)) <= SIDE
    shown = [digits.centred(rastered(one)) for one in every]
    apart = [(a - b).abs().mean() for k, a in enumerate(shown) for b in shown[:k]]
    assert min(apart) > 0.005


def test_a_stroke_is_as_wide_as_its_pen() -> None:
    upright = next(one for one in drawn() if one.digit == 1)
    drawing = rastered(upright, 200)
    assert drawing[100].sum() == pytest.approx(2 * upright.width, rel=0.01)
    assert drawing[:, 100].sum() == pytest.approx(2 * (82 - 18 + upright.width), rel=0.01)
