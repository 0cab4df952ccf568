"""The checks of the chapter on which attention stands where."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched


@exercise("an address fetches from all places, a gate weighs what is there")
def fetched_or_weighed(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(features, weights)``: of features (B, C, H, W), what the weights make of them.

    Weights (B, N, N), N = H W, are an address of each place over all places, row by row; weights
    of four axes are a mask.
    """
    for B, C, H, W in ((2, 3, 2, 4), (1, 2, 3, 3), (3, 4, 2, 2)):
        features, shape = numbers(B, C, H, W), (B, C, H, W)
        address = numbers(B, H * W, H * W, seed=1).softmax(dim=-1)
        given = tensor(untouched(answer, features, address), shape, "what an address makes")
        slots = features.flatten(2)  # (B, C, N)
        right = (slots @ address.transpose(1, 2)).reshape(shape)
        for wrong, hint in (
            (features, "nothing is fetched: each place reads the sum of all, by its weights"),
            ((slots @ address).reshape(shape), "row i of the weights is the address of place i"),
            (
                (slots * address.diagonal(dim1=1, dim2=2)[:, None]).reshape(shape),
                "a place reads all places, not itself alone",
            ),
            ((slots * address.mean(dim=1)[:, None]).reshape(shape), "that weighs places: a gate"),
            (features + right, "the read alone; what goes around is not asked for"),
            (
                (address @ slots.transpose(1, 2)).reshape(shape),
                "put the channels in front again before you give places their rows",
            ),
        ):
            assert not torch.allclose(given, wrong, atol=1e-6), hint
        close(given, right, "each place reads the features of all places, by its row of weights")
        for axes in ((B, C, 1, 1), (B, 1, H, W), (B, C, H, W)):
            mask = numbers(*axes, seed=2).sigmoid()
            given = tensor(untouched(answer, features, mask), shape, "what a mask makes")
            for wrong, hint in (
                (features, "the mask multiplies the features"),
                (features + mask, "a mask multiplies, it is not added"),
                (features + features * mask, "the product alone; F + F M is what BAM makes of it"),
                (features * mask / mask.sum(dim=1, keepdim=True), "a mask need not sum to 1"),
                (features * (1 - mask), "1 is open, 0 closed"),
            ):
                assert not torch.allclose(given, wrong, atol=1e-6), hint
            close(given, features * mask, "a mask is multiplied with the features")


Curve = Sequence[tuple[float, float]]


@exercise("only what was judged by then counts")
def reached(answer: Callable[[Curve, float], float]) -> None:
    """``answer(curve, seconds)``: the best score that a training had reached after so many seconds.

    The curve has pairs of CPU seconds and score, in the order of time. 0 before the first.
    """
    curves = (
        [(10.0, 0.3), (20.0, 0.5), (31.0, 0.45), (40.0, 0.7)],
        [(5.0, 0.6), (6.0, 0.2), (50.0, 0.65)],
    )
    for curve in curves:
        for seconds in (1.0, 10.0, 19.0, 33.0, 45.0, 100.0):
            given = answer([*curve], seconds)
            if given is None:
                raise Stub
            given = float(given)
            before = [score for time, score in curve if time <= seconds]
            after = [score for time, score in curve if time > seconds]
            right = max(before, default=0.0)
            nearest = min(curve, key=lambda one: abs(one[0] - seconds))[1]
            for wrong, hint in (
                (max(score for _, score in curve), "what came later does not count"),
                (
                    right if before else curve[0][1],
                    "there is nothing before the first, which comes too late: 0",
                ),
                (before[-1] if before else 0.0, "the best so far, not the last"),
                (after[0] if after else right, "the next judgement comes too late"),
                (nearest, "the nearest may come too late"),
                (
                    max((s for t, s in curve if t < seconds), default=0.0),
                    "at that very second, too",
                ),
                (sum(before) / max(1, len(before)), "the best, not the mean"),
            ):
                told = f"{curve}, {seconds:g}: {given:g}; {hint}"
                assert abs(wrong - right) < 1e-9 or abs(given - wrong) > 1e-9, told
            assert abs(given - right) < 1e-9, f"{curve}, {seconds:g}: {given:g} is wrong"


@exercise("what seeds alone could have made is no finding")
def ahead(answer: Callable[[Sequence[float], Sequence[float]], bool]) -> None:
    """``answer(ours, theirs)``: whether every seed of `ours` is better than every one of `theirs`.

    Scores, more is better; as many seeds as there are, in any order.
    """
    for ours, theirs, hint in (
        ([0.9, 0.8, 0.85], [0.6, 0.5, 0.65], "the worst of ours is above the best of theirs"),
        ([0.9, 0.9, 0.6], [0.5, 0.5, 0.7], "a greater mean is not enough: look at the worst"),
        ([0.9, 0.7, 0.8], [0.6, 0.75, 0.5], "the worst of ours lies below the best of theirs"),
        ([0.8, 0.7, 0.6], [0.75, 0.65, 0.55], "seeds are no pairs: compare each with each"),
        ([0.9, 0.8], [0.8, 0.7], "equal is not better"),
        ([0.5, 0.6], [0.9, 0.8, 0.7], "these are worse in every seed"),
        ([0.81, 0.8, 0.82], [0.79, 0.1, 0.2], "a small difference counts where no seed crosses it"),
        ([0.3], [0.2, 0.1], "there may be another number of seeds"),
    ):
        given = answer([*ours], [*theirs])
        if given is None:
            raise Stub
        assert isinstance(given, bool), f"give True or False; it is {given!r}"
        assert given == (min(ours) > max(theirs)), f"{ours}, {theirs}: {given}; {hint}"
