"""The checks of the chapter on the Transformer at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from lecture_utils.exercises.check import close, exercise, numbers, tensor, untouched


@exercise("any state can be scored by the output matrix")
def lens(answer: Callable[[Tensor, Tensor, int], tuple[Tensor, Tensor]]) -> None:
    """``answer(x, W, k)``: the k likeliest words (k,), as numbers, and their probabilities (k,)."""
    for features, words, k in ((3, 5, 2), (4, 4, 4), (6, 9, 1), (5, 5, 3)):
        x, W = numbers(features, seed=1), numbers(words, features, seed=2)
        made = untouched(lambda x, W, k=k: answer(x, W, k), x, W)
        if made is None:
            raise NotImplementedError
        if not isinstance(made, tuple | list) or len(made) != 2:
            raise AssertionError("give two tensors: the words, and their probabilities")
        told, sure = tensor(made[0], (k,), "the words"), tensor(made[1], (k,), "the probabilities")
        if told.is_floating_point():
            raise AssertionError("the words come first, as whole numbers, then the probabilities")
        p, best = (W @ x).softmax(dim=-1).topk(k)
        if k < words and torch.equal(told, (W @ x).topk(k, largest=False).indices):
            raise AssertionError("these are the least likely words")
        if set(told.tolist()) == set(best.tolist()) and not torch.equal(told, best):
            raise AssertionError("the right words, but the likeliest comes first")
        assert torch.equal(told, best), f"the likeliest are {best.tolist()}, not {told.tolist()}"
        if k < words and torch.allclose(sure, p / p.sum(), atol=1e-5):
            raise AssertionError("the softmax goes over all words, not over the k likeliest")
        if torch.allclose(sure, (W @ x)[best], atol=1e-5):
            raise AssertionError("these are scores; give probabilities")
        close(sure, p, "the softmax of W x, at these words")


@exercise("each sublayer reads the state that the one before has left")
def stream_of(answer: Callable[[Tensor, Sequence[Callable]], Sequence[Tensor]]) -> None:
    """``answer(x, sublayers)``: the states (T, D) after each sublayer, a list."""

    def normed(x: Tensor) -> Tensor:
        return nn.functional.layer_norm(x, x.shape[-1:])

    matrices = [numbers(6, 6, seed=k) for k in (1, 2, 3)]
    sublayers = [lambda x, m=m: torch.tanh(x @ m) for m in matrices]
    for many, words in ((3, 4), (1, 2), (2, 1)):
        x = 2 * numbers(words, 6, seed=5) + 1
        made = untouched(lambda x, n=many: answer(x, sublayers[:n]), x)
        if made is None:
            raise NotImplementedError
        if not isinstance(made, tuple | list) or len(made) != many:
            raise AssertionError(f"give a list with one state for each of {many} sublayers")
        post, pre, bare, alone, state, first = [], [], [], [], x, x
        for sublayer in sublayers[:many]:
            alone.append(normed(sublayer(alone[-1] if alone else x)))
            pre.append((pre[-1] if pre else x) + sublayer(normed(pre[-1] if pre else x)))
            bare.append((bare[-1] if bare else x) + sublayer(bare[-1] if bare else x))
            state = normed(state + sublayer(state))
            post.append(state)
        last = tensor(made[-1], (words, 6), "a state")
        for wrong, told in (
            (pre, "the norm stands before the sublayer; here it is after the sum"),
            (bare, "nothing is normalised"),
            ([normed(first + s(first)) for s in sublayers[:many]], "each reads the first state"),
            (alone, "the state itself is not added: where is the sum?"),
        ):
            if many > 1 and torch.allclose(last, wrong[-1], atol=1e-5):
                raise AssertionError(told)
        for k, (given, wanted) in enumerate(zip(made, post, strict=True)):
            close(
                tensor(given, (words, 6), "a state"),
                wanted,
                f"state {k}: the norm of the state before plus what the sublayer makes of it",
            )


@exercise("a test of cause: one part of a run in another")
def exchange(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(states, another, which)``: (B, S, D), the slots of `which` (S,) from `another`."""
    for batch, which in ((1, [True, False, False]), (2, [False, True, True, False]), (3, [False])):
        slots = torch.tensor(which)
        mine, other = numbers(batch, len(which), 4, seed=1), numbers(batch, len(which), 4, seed=2)
        made = tensor(untouched(answer, mine, other, slots), mine.shape, "the states")
        told = slots.unsqueeze(-1)
        if slots.any() and torch.equal(made, torch.where(told, mine, other)):
            raise AssertionError("the other way round: only the slots that `which` names")
        if slots.any() and torch.equal(made, mine):
            raise AssertionError("nothing is exchanged")
        assert torch.allclose(made, torch.where(told, other, mine), atol=1e-5), (
            "the slots that `which` names come from the other run, all others stay as they are"
        )
