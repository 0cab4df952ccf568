"""The checks of the chapter on the Transformer at work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched


@exercise("any state can be scored by the output matrix")
def lens(answer: Callable[[Tensor, Tensor, int], tuple[Tensor, Tensor]]) -> None:
    """``answer(x, W, k)``: the k likeliest words (k,), as numbers, and their probabilities (k,)."""
    for features, words, k in ((3, 5, 2), (4, 4, 4), (6, 9, 1), (5, 5, 3)):
        x, W = numbers(features, seed=1), numbers(words, features, seed=2)
        made = untouched(lambda x, W, k=k: answer(x, W, k), x, W)
        if made is None:
            raise Stub
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
            raise Stub
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


@exercise("a memory can be put together, and the same word one place further on is the control")
def slots_from(answer: Callable[[tuple[str, ...], list[tuple[str, ...]]], list]) -> None:
    """``answer(source, others)``: of which of the others each slot can be taken, or None."""
    source = ("seven", "hundred", ",", "seven", "five")
    others = [("hundred", "seven"), source, ("seven",), ("two", "hundred", ",", "seven", "six")]
    others.append(("seven", "hundred", "three"))
    for words, there in (
        (source, others),
        (source, [*others[:1], source, *others[:2]]),
        (source, [source, ("one", ",", "hundred", "five", "five"), *others[::-1]]),
        (others[0], [*others[::-1], ("hundred", "six")]),
        (("five",), []),
    ):
        _slots(words, there, answer(words, list(there)))


def _slots(words: tuple[str, ...], there: list[tuple[str, ...]], made: object) -> None:
    """Assert that each slot comes from the first that can give it, or from none."""
    if made is None:
        raise Stub
    if not isinstance(made, list) or len(made) != len(words):
        raise AssertionError(f"give a list: for each of {len(words)} words a number, or None")
    for place, (word, k) in enumerate(zip(words, made, strict=True)):
        fits = [
            n
            for n, other in enumerate(there)
            if other != words and place < len(other) and other[place] == word
        ]
        slot = f"“{word}” at place {place} of “{' '.join(words)}”"
        if k is None:
            assert not fits, f"{slot} stands in another sentence too: others[{fits[0]}]"
            continue
        if isinstance(k, bool) or not isinstance(k, int) or not 0 <= k < len(there):
            raise AssertionError(f"{slot}: {k!r} is the number of no sentence; None for none")
        if there[k] == words:
            raise AssertionError(f"others[{k}] is the sentence itself: nothing would be exchanged")
        if word not in there[k]:
            raise AssertionError(f"{slot}: others[{k}] has no such word")
        if not fits or k not in fits:
            raise AssertionError(f"{slot}: in others[{k}] that word stands at another place")
        assert k == fits[0], f"{slot}: the first that has it is others[{fits[0]}], not {k}"


@exercise("of the same lengths, a model now meets later places too")
def anywhere(answer: Callable[[Tensor, Tensor, int, torch.Generator], Tensor]) -> None:
    """``answer(E, PE, most, made)``: words E (T, D) that begin at a place from 0 to most, drawn."""
    E, PE, most = numbers(3, 4, seed=1), numbers(12, 4, seed=2), 3

    def draw(made: torch.Generator) -> Tensor:
        return tensor(untouched(lambda E, PE: answer(E, PE, most, made), E, PE), E.shape, "states")

    made = torch.Generator().manual_seed(0)
    drawn = [_begins(draw(made), E, PE) for _ in range(2000)]
    if len({*drawn}) == 1:
        raise AssertionError(f"it always begins at place {drawn[0]}: draw anew at each call")
    if max(drawn) > most:
        raise AssertionError(f"it begins at place {max(drawn)}; {most} is the last")
    if never := [place for place in range(most + 1) if place not in drawn]:
        raise AssertionError(f"it never begins at place {never[0]}; from 0 to {most}, both can be")
    rare = min(range(most + 1), key=drawn.count)
    if drawn.count(rare) < 420:
        raise AssertionError(f"place {rare} is drawn too rarely; all are to be equally likely")
    one, two = (torch.Generator().manual_seed(7) for _ in range(2))
    same = all(torch.equal(draw(one), draw(two)) for _ in range(20))
    assert same, "draw with the generator that is given, so that the same seed draws the same"


def _begins(states: Tensor, E: Tensor, PE: Tensor) -> int:
    """The place at which a sentence begins; else say what its states are."""
    words, features = E.shape
    for by in range(len(PE) - words + 1):
        places = PE[by : by + words]
        if torch.allclose(states, features**0.5 * E + places, atol=1e-5):
            return by
        for wrong, told in (
            (E + places, "the vectors of the words are multiplied by the root of D"),
            (features * E + places, "by the root of D, not by D"),
            (features**0.5 * (E + places), "the root of D stands before E alone"),
        ):
            assert not torch.allclose(states, wrong, atol=1e-5), told
    left = states - features**0.5 * E
    if all(torch.isclose(PE, row, atol=1e-5).all(dim=-1).any() for row in left):
        raise AssertionError("the words stand side by side: one place is drawn, for the first")
    raise AssertionError("the states are the root of D times E, and the rows of PE from a place on")
