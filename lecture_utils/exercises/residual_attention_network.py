"""The checks of the chapter on the Residual Attention Network."""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched


@exercise("a mask of 0 leaves the trunk as it is, in naive learning it leaves nothing")
def attended(answer: Callable[[Tensor, Tensor, bool], Tensor]) -> None:
    """``answer(T, scores, naive)``: what a module gives, of a trunk and scores (B, C, H, W)."""
    for shape in ((2, 3, 4, 5), (1, 4, 3, 3)):
        trunk, scores = numbers(*shape) + 0.5, numbers(*shape, seed=1)
        mask = scores.sigmoid()
        both = {False: (1 + mask) * trunk, True: mask * trunk}
        for naive, right in both.items():
            given = tensor(
                untouched(lambda t, s, naive=naive: answer(t, s, naive), trunk, scores),
                shape,
                "what the module gives",
            )
            residual = 0 if naive else trunk
            for wrong, hint in (
                (trunk, "the mask multiplies the trunk"),
                (mask, "the mask multiplies the trunk"),
                (both[not naive], f"naive is {naive}: (1 + M) T, or M T where it is naive"),
                (residual + scores * trunk, "the sigmoid is missing: a mask is between 0 and 1"),
                (
                    residual + scores.flatten(2).softmax(-1).reshape(shape) * trunk,
                    "that is an address over the places, which sums to 1; a mask is a sigmoid",
                ),
                (residual + scores.softmax(1) * trunk, "that sums to 1; a mask is a sigmoid"),
                (residual + mask, "the mask multiplies, it is not added"),
                (residual + scores, "the mask multiplies, it is not added"),
                (residual + (1 - mask) * trunk, "1 is open, 0 closed"),
                (
                    residual + mask.mean(dim=1, keepdim=True) * trunk,
                    "each channel has a mask of its own",
                ),
                (
                    residual + mask.mean(dim=(2, 3), keepdim=True) * trunk,
                    "each place has a number of its own",
                ),
            ):
                assert not torch.allclose(given, wrong, atol=1e-5), hint
            close(given, right, "the mask is the sigmoid of the scores")


@exercise("by a half each time, or half as much again each time")
def left_behind(answer: Callable[[int, float, bool], float]) -> None:
    """``answer(modules, mask, naive)``: by what x is multiplied, where all trunks pass it on."""
    for modules, mask, naive in (
        (6, 0.5, True),
        (6, 0.5, False),
        (1, 0.2, True),
        (4, 0.9, False),
        (12, 0.75, True),
        (3, 0.0, False),
    ):
        given = answer(modules, mask, naive)
        if given is None:
            raise Stub
        given = float(given)
        factor = mask if naive else 1 + mask
        right = factor**modules
        for wrong, hint in (
            (modules * factor, "each module multiplies what the one before has given"),
            (1 + modules * mask, "each module multiplies what the one before has given"),
            ((1 + mask) ** modules, "naive: M T, and no sum with T"),
            (mask**modules, "residual: (1 + M) T"),
            (1 + mask**modules, "the 1 stands in each module, not behind them all"),
            (factor, "there is more than one module"),
            (factor ** (modules - 1), "count the modules again"),
            (factor ** (modules + 1), "count the modules again"),
            ((1 - mask) ** modules, "1 is open, 0 closed"),
        ):
            told = f"{modules}, {mask}, {naive}: {given:.4g}; {hint}"
            assert abs(wrong - right) < 1e-9 or abs(given - wrong) > 1e-9, told
        assert abs(given - right) < 1e-6 * max(1, right), (
            f"{modules}, {mask}, {naive}: {given:.4g} is wrong; 2, 0.5, True make 0.25"
        )


@exercise("three halvings and two small convolutions see 47 places: that is why it goes down")
def places_seen(answer: Callable[[int, int], int]) -> None:
    """``answer(downs, convolutions)``: places of x on a side that one place far down sees.

    `downs` maxima of 3 x 3 in steps of two, then `convolutions` of 3 x 3.
    """
    drawn = (random.randint(4, 6), random.randint(3, 9))  # no list of answers has it
    for downs, convolutions in ((3, 2), (1, 1), (2, 1), (3, 1), (2, 0), (0, 2), (2, 4), drawn):
        given = answer(downs, convolutions)
        if given is None:
            raise Stub
        assert type(given) is int, f"a number of places is a whole number, an int; it is {given!r}"
        step = 2**downs
        pooled = 2 * step - 1
        right = pooled + 2 * step * convolutions
        for wrong, hint in (
            (1 + 2 * (downs + convolutions), "each halving doubles the steps of what follows"),
            (step * (1 + 2 * convolutions), "the maxima overlap: each sees 3 x 3, in steps of two"),
            (3**downs + 2 * step * convolutions, "a second maximum sees three that overlap"),
            (pooled + 2 * convolutions, "a convolution behind k halvings goes in steps of 2^k"),
            (pooled + step * convolutions, "a convolution sees one place further to both sides"),
            (1 + 2 * step * convolutions, "the maxima see something, too"),
            (pooled, "the convolutions are missing"),
            (right**2, "on a side, not in all"),
        ):
            told = f"{downs}, {convolutions}: {given}; {hint}"
            assert wrong == right or given != wrong, told
        assert given == right, f"{downs}, {convolutions}: {given} is wrong; 1, 1 make 7"


@exercise("the one says how much of each channel and not where, the other where and not what")
def halves_of_masks(answer: Callable[[Tensor], tuple[Tensor, Tensor]]) -> None:
    """``answer(masks)``: of (N, C, h, w) the gates of the channels, and one map of the places.

    Two tensors that may stand in the place of the mask: (N, C, 1, 1) and (N, 1, h, w).
    """
    for shape in ((3, 4, 2, 5), (2, 3, 3, 3)):
        masks = numbers(*shape).sigmoid()
        given = untouched(answer, masks)
        if given is None:
            raise Stub
        assert isinstance(given, tuple | list), "give two tensors"
        assert len(given) == 2, "give two tensors"
        count, channels, height, width = shape
        swapped = getattr(given[0], "shape", None) == (count, 1, height, width)
        assert not swapped, "the gates of the channels first, then the map"
        flat = getattr(given[0], "shape", None) == (count, channels)
        assert not flat, "as many axes as the mask: keepdim=True"
        gates = tensor(given[0], (count, channels, 1, 1), "the gates")
        places = tensor(given[1], (count, 1, height, width), "the map")
        for one, axes in ((gates, (2, 3)), (places, (1,))):
            for wrong, hint in (
                (masks.amax(dim=axes, keepdim=True), "a mean, not the largest"),
                (masks.sum(dim=axes, keepdim=True), "a mean, not a sum"),
                (
                    masks.mean(dim=(0, *axes), keepdim=True).expand_as(one),
                    "each picture has its own",
                ),
                (
                    masks.logit().mean(dim=axes, keepdim=True).sigmoid(),
                    "the mean of the mask, not of its scores",
                ),
                (masks.mean(dim=(1, 2, 3), keepdim=True).expand_as(one), "one axis too many"),
            ):
                assert not torch.allclose(one, wrong, atol=1e-6), hint
        close(gates, masks.mean(dim=(2, 3), keepdim=True), "the mean over the places")
        close(places, masks.mean(dim=1, keepdim=True), "the mean over the channels")
