"""The checks of the chapter on training the Transformer."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched, without


@exercise("what is given, and what is to be told: shifted by one")
def shifted(answer: Callable[[Tensor], tuple[Tensor, Tensor]]) -> None:
    """``answer(target)``: what the decoder is given and what it is to tell, each (B, T - 1)."""
    for rows in ([[1, 7, 8, 2]], [[1, 5, 2, 0, 0], [1, 9, 6, 4, 2]], [[1, 2]]):
        target = torch.tensor(rows)
        made = untouched(answer, target)
        if made is None:
            raise Stub
        made = tuple(made) if isinstance(made, Tensor) and made.ndim == 3 else made  # stacked
        if not isinstance(made, tuple | list) or len(made) != 2:
            raise AssertionError("give two tensors: what is given, and what is to be told")
        shape = (target.shape[0], target.shape[1] - 1)
        given, told = (
            tensor(part, shape, name)
            for part, name in zip(made, ("what is given", "what is to be told"), strict=True)
        )
        for part, name in ((given, "what is given"), (told, "what is to be told")):
            assert part.dtype == target.dtype, f"{name} must be numbers of words, {target.dtype}"
        if torch.equal(given, told):
            raise AssertionError(
                "the word to be told is the word that is given: it need only be copied"
            )
        if torch.equal(given, target[:, 1:]) and torch.equal(told, target[:, :-1]):
            raise AssertionError("the other way round: from the words so far, tell the next")
        assert torch.equal(given, target[:, :-1]), "given is <start> and every word but the last"
        assert torch.equal(told, target[:, 1:]), "told is every word behind <start>, <end> too"


@exercise("torch's own, whatever the smoothing")
def smoothed_loss(answer: Callable[[Tensor, Tensor, float], Tensor]) -> None:
    """``answer(logits, words, smoothing)``: the mean over words, in nats; a scalar."""
    for n, size, smoothing, scale in (
        *((3, 4, 0.1, 3), (1, 2, 0.5, 3), (5, 7, 0.0, 3), (4, 30, 0.3, 3)),
        (6, 5, 0.1, 300),  # where exp of a score is infinite
    ):
        logits, words = scale * numbers(n, size), (3 * torch.arange(n) + 1) % size
        with without(["cross_entropy", "cross_entropy_loss"], "torch's own would do it: by hand"):
            made = untouched(lambda x, w, s=smoothing: answer(x, w, s), logits, words)
        given = tensor(made, (), "the loss")
        log = logits.log_softmax(dim=-1)
        true = log[torch.arange(n), words]
        others = (log.sum(dim=-1) - true) / (size - 1)
        spread = -((1 - smoothing) * true + smoothing * others).mean()
        wanted = -((1 - smoothing) * true + smoothing * log.mean(dim=-1)).mean()
        if smoothing and torch.allclose(given, spread, atol=1e-5):
            raise AssertionError(
                "you share the smoothing among the other words; here it is shared among all V, "
                "the true one among them"
            )
        if smoothing and torch.allclose(given, -true.mean(), atol=1e-5):
            raise AssertionError("nothing is smoothed: this is the plain cross-entropy")
        if torch.allclose(given, wanted / math.log(2), atol=1e-5):
            raise AssertionError("these are bits; give nats, with the natural logarithm")
        if n > 1 and torch.allclose(given, wanted * n, atol=1e-4):
            raise AssertionError("this is the sum over the words; give their mean")
        close(given, wanted, "-(1 - s) log p(true) - s times the mean of log p over all V words")


@exercise("it rises to the peak at the last step of the warm-up, then falls as one over the root")
def rate(answer: Callable[[int, int, int], float]) -> None:
    """``answer(step, features, warmup)``: the paper's learning rate at a step, from 1 on."""
    for features, warmup in ((512, 4000), (64, 100), (16, 1)):
        for step in (1, 2, 50, 99, 100, 101, 3999, 4000, 4001, 100_000):
            given = answer(step, features, warmup)
            if given is None:
                raise Stub
            given = float(given)
            wanted = min(step**-0.5, step * warmup**-1.5) / features**0.5
            told = f"at step {step} of a warm-up of {warmup}, {features} features"
            if math.isclose(given, wanted * features**0.5, rel_tol=1e-6):
                raise AssertionError(f"{told}: the root of the features is missing")
            if math.isclose(given, wanted / features**0.5, rel_tol=1e-6):
                raise AssertionError(f"{told}: over the root of the features, not over them")
            other = max(step**-0.5, step * warmup**-1.5) / features**0.5
            if other > 1.001 * wanted and math.isclose(given, other, rel_tol=1e-6):
                raise AssertionError(f"{told}: the smaller of the two, not the larger")
            assert math.isclose(given, wanted, rel_tol=1e-6), (
                f"{told}: {wanted:.3g}, not {given:.3g}"
            )
