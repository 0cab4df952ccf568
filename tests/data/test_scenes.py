"""Scenes: what they are made of, that the masks and labels are theirs, what is refused."""

from __future__ import annotations

import pytest
import torch

from lecture_utils.data import digits, scenes

COUNT = 400


@pytest.mark.parametrize("task", scenes.TASKS)
def test_shapes_and_ranges(task):
    made = scenes.load(task, "dev", COUNT, seed=3)
    channels, height, width = scenes.SIZES[task]
    assert made.images.shape == (COUNT, channels, height, width)
    assert made.images.dtype == torch.float32
    assert made.images.min() == 0
    assert 0.9 < made.images.max() <= 1
    assert made.masks.shape == (COUNT, height, width)
    assert made.masks.dtype == torch.bool
    assert made.labels.shape == (COUNT,)
    assert made.labels.dtype == made.digits.dtype == torch.int64
    assert made.corners.shape == (*made.digits.shape, 2)
    few = made.first(7)
    assert all(torch.equal(part, vars(made)[name][:7]) for name, part in vars(few).items())


@pytest.mark.parametrize("task", scenes.TASKS)
def test_the_same_arguments_give_the_same_scenes(task):
    one, again, other = (scenes.load(task, "dev", 50, seed=seed) for seed in (1, 1, 2))
    assert all(torch.equal(part, vars(again)[name]) for name, part in vars(one).items())
    assert not torch.equal(one.images, other.images)


def stamped(made, k, n):
    """The window of scene n in which its digit k stands, (C, 14, 14)."""
    row, column = made.corners[n, k].tolist()
    return made.images[n, :, row : row + scenes.STAMP, column : column + scenes.STAMP]


@pytest.mark.parametrize("task", ["same", "cue"])
@pytest.mark.parametrize("split", digits.SPLITS)
def test_every_digit_is_one_of_its_split_and_of_its_class(task, split):
    """Where the digits do not touch, what stands at a corner is a halved digit, to the bit."""
    made = scenes.load(task, split, 40, seed=0)
    there = {
        picture.numpy().tobytes(): digit.item()
        for picture, digit in zip(*scenes.stamps(split), strict=True)
    }
    for n in range(40):
        for k, digit in enumerate(made.digits[n].tolist()):
            assert there[stamped(made, k, n).amax(dim=0).numpy().tobytes()] == digit


def test_a_whole_digit_lies_in_the_clutter():
    made = scenes.load("clutter", "test", 40, seed=0)
    pictures, classes = scenes.stamps("test")
    for n in range(40):
        window = stamped(made, 0, n)[0]
        inside = (pictures <= window + 1e-6).all(dim=(1, 2)) & (classes == made.labels[n])
        ink = pictures[inside].sum(dim=(1, 2))
        best = pictures[inside][ink.argmax()]  # nothing darker fits under what is seen
        row, column = made.corners[n, 0].tolist()
        mask = made.masks[n, row : row + scenes.STAMP, column : column + scenes.STAMP]
        assert torch.equal(mask, best >= scenes.INK)
        assert made.masks[n].sum() == mask.sum()
        assert (made.images[n, 0] >= scenes.INK).sum() > 1.5 * mask.sum()


def test_same_says_whether_the_two_are_of_one_class():
    made = scenes.load("same", "train", 4000, seed=0)
    left, right = made.digits.T
    assert torch.equal(made.labels, (left == right).long())
    assert 0.47 < made.labels.float().mean() < 0.53
    for digit in range(10):  # one digit alone tells nothing
        assert 0.4 < made.labels[left == digit].float().mean() < 0.6
        assert 0.4 < made.labels[right == digit].float().mean() < 0.6
        assert not (right[(left == digit) & (made.labels == 0)] == digit).any()
    assert torch.equal(made.masks, made.images[:, 0] >= scenes.INK)


def test_the_two_are_far_apart():
    made = scenes.load("same", "train", 4000, seed=0)
    free = ~made.masks.any(dim=1)  # (N, W): columns without ink
    middle = made.images.shape[-1] // 2
    gap = free[:, middle:].long().cumprod(1).sum(1) + free[:, :middle].flip(1).long().cumprod(
        1
    ).sum(1)
    assert gap.min() >= 16
    assert (gap >= 20).float().mean() > 0.9


def test_the_square_has_the_colour_of_the_digit_that_is_meant():
    made = scenes.load("cue", "train", 500, seed=0)
    half = made.images.shape[-1] // 2
    for n in range(500):
        quarters = {tuple((corner // half).tolist()) for corner in made.corners[n]}
        (empty,) = {(0, 0), (0, 1), (1, 0), (1, 1)} - quarters
        row, column = (half * part for part in empty)
        square = made.images[n, :, row : row + half, column : column + half]
        assert square.sum() == scenes.SQUARE**2
        colour = square.sum(dim=(1, 2)).argmax()
        colours = [stamped(made, k, n).sum(dim=(1, 2)) for k in range(3)]
        assert sorted(seen.argmax().item() for seen in colours) == [0, 1, 2]
        meant = [seen.argmax() for seen in colours].index(colour)
        assert made.labels[n] == made.digits[n, meant]
        window = stamped(made, meant, n)[colour] >= scenes.INK
        assert made.masks[n].sum() == window.sum()
        row, column = made.corners[n, meant].tolist()
        there = made.masks[n, row : row + scenes.STAMP, column : column + scenes.STAMP]
        assert torch.equal(there, window)


@pytest.mark.parametrize("task", scenes.TASKS)
def test_only_the_classes_that_are_asked_for_occur(task):
    made = scenes.load(task, "dev", COUNT, seed=0, classes=[7, 2, 2, 9])
    assert set(made.digits.flatten().tolist()) == {2, 7, 9}
    if task == "same":
        assert torch.equal(made.labels, (made.digits[:, 0] == made.digits[:, 1]).long())


@pytest.mark.parametrize("fragments", [0, 3])
def test_a_cue_of_two_colours_among_fragments(fragments):
    made = scenes.load("cue", "dev", 200, seed=0, colours=2, fragments=fragments)
    assert made.digits.shape == (200, 2)
    assert made.images[:, 2].max() == 0, "there is no blue"
    bare = scenes.load("cue", "dev", 200, seed=0, colours=2)
    more = made.images - bare.images  # where two lie on each other the darker stays
    assert torch.equal(made.masks, bare.masks)
    assert torch.equal(made.labels, bare.labels)
    assert more.min() >= 0
    side = scenes.FRAGMENT
    assert (more.amax(dim=1) > 0).sum(dim=(1, 2)).max() <= fragments * side * side
    assert bool((more.sum(dim=(1, 2, 3)) > 0).float().mean() > 0.9) == bool(fragments)
    if fragments:
        assert (more.sum(dim=(2, 3)) > 0)[:, :2].float().mean() > 0.5, "in both colours"


def test_clutter_has_as_many_fragments_as_are_asked_for():
    usual = scenes.load("clutter", "dev", 50, seed=0)
    seven = scenes.load("clutter", "dev", 50, seed=0, fragments=scenes.FRAGMENTS)
    assert torch.equal(usual.images, seven.images)
    none = scenes.load("clutter", "dev", 50, seed=0, fragments=0)
    assert torch.equal(none.masks, none.images[:, 0] >= scenes.INK)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"task must be one of \('same', 'cue', 'clutter'\)"):
        scenes.load("other")
    with pytest.raises(ValueError, match=r"split must be one of \('train', 'dev', 'test'\)"):
        scenes.load("same", "valid")
    with pytest.raises(ValueError, match=r"split must be one of \('train', 'dev', 'test'\)"):
        scenes.stamps("valid")
    for count in (0, 2.0, True):
        with pytest.raises(ValueError, match="count is"):
            scenes.load("same", count=count)
    with pytest.raises(ValueError, match="seed is -1"):
        scenes.load("same", seed=-1)
    for classes in ([3], [4, 4], [1, 10]):
        with pytest.raises(ValueError, match=r"classes is .* pass at least two different digits"):
            scenes.load("same", classes=classes)
    for task, colours in (("cue", 4), ("cue", 1), ("same", 2)):
        with pytest.raises(ValueError, match=f"colours must be 3, or 2 .* got {colours} of"):
            scenes.load(task, colours=colours)
    with pytest.raises(ValueError, match='fragments lie in no scene of "same"; pass None'):
        scenes.load("same", fragments=2)
    for fragments in (-1, 2.5, True):
        with pytest.raises(ValueError, match="fragments is"):
            scenes.load("clutter", fragments=fragments)
    with pytest.raises(ValueError, match="count is 6; there are 5 scenes"):
        scenes.load("cue", "dev", 5).first(6)
