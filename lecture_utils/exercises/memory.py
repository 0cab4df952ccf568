"""The checks of part two, memory networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils.exercises.check import close, exercise, numbers, tensor

# Memory networks


@exercise("a memory of fixed size keeps what is newest")
def write_and_forget(answer: Callable[[list, Any], list]) -> None:
    """``answer(memory, features)``: the memory with features in the next slot."""
    cases = [
        ([None, None], "a", ["a", None], "the first free slot takes the features"),
        (["a", None, None], "b", ["a", "b", None], "the first free slot takes the features"),
        (["a", "b"], "c", ["b", "c"], "a full memory drops its oldest, the first, and appends"),
    ]
    for memory, features, wanted, hint in cases:
        before = list(memory)
        given = answer(memory, features)
        if given is None:
            raise NotImplementedError
        assert memory == before, "the old memory was changed; return a new list"
        assert given == wanted, f"{hint}: {before} and {features!r} give {wanted}, not {given}"


@exercise("only candidates within the margin cost something")
def ranking(answer: Callable[[Tensor, int, float], Tensor]) -> None:
    """``answer(scores, true, margin)``: the sum of max(0, margin - s_true + s_f) over f."""
    scores = torch.tensor([1.0, 0.95, 0.2, 1.3])
    given = answer(scores, 0, 0.1)
    if given is None:
        raise NotImplementedError
    value = float(given)
    assert abs(value - 0.55) > 1e-5, "the true memory counts itself; leave it out of the sum"
    assert abs(value - 0.45) < 1e-5, (
        f"scores {scores.tolist()}, the first is true, margin 0.1: 0.05 for the second and 0.4 "
        f"for the last make 0.45, not {value:.2f}"
    )
    second = torch.tensor([0.3, 1.2, 1.0, 1.35]).requires_grad_()
    given = tensor(answer(second, 1, 0.25), (), "the sum")
    assert abs(given.item() - 0.45) < 1e-5, (
        f"scores {second.tolist()}, the second is true, margin 0.25: 0.05 and 0.4 make 0.45, "
        f"not {given.item():.2f}"
    )
    assert given.requires_grad, "no gradient reaches the scores; keep the sum a tensor"


# End-to-end memory networks


@exercise("one look-up, weighted and added to the query")
def hop(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(u, m, c)``: u + sum_i softmax(u . m)_i c_i for u (D,), m and c (N, D)."""
    u, m, c = numbers(4), numbers(5, 4, seed=1), numbers(5, 4, seed=2)
    given = tensor(answer(u, m, c), (4,), "the next query")
    o = torch.softmax(m @ u, dim=0) @ c
    if torch.allclose(given, o, atol=1e-5):
        raise AssertionError("this is o; the next query is u + o")
    if torch.allclose(given, u + (m @ u) @ c, atol=1e-5):
        raise AssertionError("the weights do not sum to 1: take the softmax of the scores")
    close(given, u + o, "p = softmax(m u), o = sum p_i c_i, u + o")


@exercise("the first word counts most in the first features, the last one in the last")
def word_weights(answer: Callable[[int, int], Tensor]) -> None:
    """``answer(J, d)``: l (J, d) with l_jk = (1 - j/J) - (k/d)(1 - 2j/J), from 1."""
    for J, d in ((1, 2), (4, 3)):
        j, k = torch.arange(1, J + 1.0)[:, None], torch.arange(1, d + 1.0)
        given = tensor(answer(J, d), (J, d), "l")
        zero = (1 - (j - 1) / J) - ((k - 1) / d) * (1 - 2 * (j - 1) / J)
        if torch.allclose(given, zero, atol=1e-5):
            raise AssertionError("j and k count from 1, not from 0")
        close(given, (1 - j / J) - (k / d) * (1 - 2 * j / J), f"J = {J}, d = {d}")


@exercise("each hop adds one table, because its keys are the values of the hop before")
def tables_of_word_vectors(answer: int) -> None:
    """How many tables of word vectors adjacent tying has for three hops."""
    assert isinstance(answer, int), "a whole number, please"
    assert answer != 8, "untied: A and C of three hops, B and W; now tie them"
    assert answer == 4, (
        f"not {answer}: A^1 = B, A^2 = C^1, A^3 = C^2 and W = C^3; count what is left"
    )


# Key-value memory networks


@exercise("rare words find their slots, frequent words find none")
def slots_by_word(answer: Callable[..., dict[str, list[int]]]) -> None:
    """``answer(keys, frequent)``: for each word the slots whose key has it, if at most `frequent`.

    ``keys`` is a list of lists of words.
    """
    keys = [["who", "wrote", "Emma"], ["who", "read", "Emma", "Emma"], ["who", "slept"]]
    given = answer(keys, 2)
    if given is None:
        raise NotImplementedError
    assert isinstance(given, dict), "return a dict: word -> slots"
    found = {word: list(slots) for word, slots in given.items() if list(slots)}
    assert "who" not in found, "'who' is in three keys and 2 are allowed: leave it out"
    emma = found.get("Emma")
    assert emma != [0, 1, 1], "a word that is twice in one key still finds this slot once"
    assert emma == [0, 1], f"'Emma' is in the keys 0 and 1; yours finds {emma}"
    wanted = {"wrote": [0], "Emma": [0, 1], "read": [1], "slept": [2]}
    assert found == wanted, f"wanted {wanted}; yours is {found}"
    assert "who" in answer(keys, 3), "with `frequent` 3, 'who' is allowed: count slots, use <="


@exercise("found by the key, answered by the value")
def key_value_hop(answer: Callable[..., Tensor]) -> None:
    """``answer(q, keys, values, R)``: the query after one hop, (D,).

    ``q`` is (D,), ``keys`` and ``values`` are (N, D), ``R`` is (D, D).
    """
    q, keys, values = numbers(4), numbers(5, 4, seed=1), numbers(5, 4, seed=2)
    R = numbers(4, 4, seed=3)
    weights = torch.softmax(keys @ q, 0)
    given = tensor(answer(q, keys, values, R), (4,), "the new query")
    for wrong, hint in (
        (R @ (q + weights @ keys), "you read the keys; address the keys, read the values"),
        (weights @ values, "this is what was read, o; the new query is R (q + o)"),
        (R @ (weights @ values), "the old query is lost; add it to what was read"),
        (q + weights @ values, "q + o is right; now multiply by R"),
        (R.T @ (q + weights @ values), "this is the transposed R; R (q + o) is R @ (q + o)"),
    ):
        if torch.allclose(given, wrong, atol=1e-5):
            raise AssertionError(hint)
    close(given, R @ (q + weights @ values), "weights are softmax(keys @ q), over the slots")


@exercise("a slot for each name: the words around it find it")
def windows(answer: Callable[..., list[tuple[list[str], str]]]) -> None:
    """``answer(words, names, reach)``: pairs (window, centre), one for each name among the words.

    The window holds the centre and up to ``reach`` words on each side.
    """
    words = ["Lima", "is", "the", "capital", "of", "Peru", "since", "1821"]
    names = {"Lima", "Peru"}
    given = answer(words, names, 2)
    if given is None:
        raise NotImplementedError
    given = [(list(window), centre) for window, centre in given]
    centres = [centre for _, centre in given]
    assert centres == ["Lima", "Peru"], f"the centres are Lima and Peru, in order; not {centres}"
    assert given[1][0] != ["capital", "of", "since", "1821"], "the centre belongs to its window"
    assert given[0][0] == ["Lima", "is", "the"], (
        f"at the beginning the window is cut, not wrapped: Lima is the; yours is {given[0][0]}"
    )
    wanted = ["capital", "of", "Peru", "since", "1821"]
    assert given[1][0] == wanted, f"the window of Peru is {wanted}; yours is {given[1][0]}"
    twice = answer(["Peru", "and", "Lima", "and", "Peru"], names, 1)
    wanted = [["Peru", "and"], ["and", "Lima", "and"], ["and", "Peru"]]
    got = [list(window) for window, _ in twice]
    assert got == wanted, f"reach 1, and a name that comes twice: {wanted}; yours are {got}"


# Hard and soft addressing


@exercise("beyond that many slots the right one has less weight than the others together")
def slots_until_outweighed(answer: int) -> None:
    """The fewest slots N with exp(5) / (exp(5) + N - 1) < 1/2."""
    assert isinstance(answer, int), "pass a whole number of slots"
    weight = math.exp(5) / (math.exp(5) + answer - 1) if answer > 0 else 1.0
    assert weight < 0.5, f"with {answer} slots the right one still has weight {weight:.4f}"
    fewer = math.exp(5) / (math.exp(5) + answer - 2)
    assert fewer >= 0.5, f"with {answer - 1} slots it has less than a half already, {fewer:.4f}"


@exercise("one function from equal weights to a single slot")
def tempered_weights(answer: Callable[[Tensor, float], Tensor]) -> None:
    """``answer(scores, temperature)``: weights (T, S); at temperature 0 one-hot."""
    scores = torch.cat([numbers(2, 4), torch.tensor([[1.0, 3.0, 3.0, 0.0]])])
    for temperature in (1.0, 0.5, 4.0):
        given = tensor(answer(scores, temperature), (3, 4), "the weights")
        if temperature != 1 and torch.allclose(given, (scores * temperature).softmax(-1)):
            raise AssertionError("divide the scores by the temperature; you multiply")
        wanted = (scores / temperature).softmax(-1)
        close(given, wanted, f"a softmax of scores / {temperature:g} over the last axis")
    close(answer(scores * 1e4, 0.01).sum(-1), torch.ones(3), "large scores overflow in your code")
    hard = tensor(answer(scores, 0), (3, 4), "the weights at temperature 0")
    assert torch.isfinite(hard).all(), "temperature 0 divides by zero; give it a case of its own"
    assert abs(hard[2].sum() - 1) < 1e-5, "of two equal largest scores only the first is read"
    best = torch.eye(4)[scores.argmax(-1)]
    close(hard, best, "at temperature 0 the largest score has weight 1")


@exercise("the gradient of the softmax, whichever slot was read")
def straight_through_gradient(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(scores, values, g)``: the gradient (S,) that straight-through gives the scores.

    Scores (S,), values (S, D), and g (D,), the gradient of the loss with respect to the read.
    """
    scores, values, g = numbers(4).requires_grad_(), numbers(4, 3, seed=1), numbers(3, seed=2)
    given = tensor(answer(scores.detach(), values, g), (4,), "the gradient")
    weights, back = scores.softmax(-1), values @ g
    (wanted,) = torch.autograd.grad(weights @ back, scores)
    if torch.allclose(given, back, atol=1e-5):
        raise AssertionError("this is the gradient of the weights; go on to the scores")
    if torch.allclose(given, weights.detach() * back, atol=1e-5):
        raise AssertionError("more weight here is less weight elsewhere: something is missing")
    close(given, wanted, "with w the softmax: w_i (V g)_i - w_i sum_j w_j (V g)_j")


@exercise("drawn slots that did well become more probable, and no read needs a gradient")
def reinforce(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(scores, slots, losses)``: a scalar whose gradient estimates that of E[loss].

    Scores (B, S), drawn slots (B,) and their losses (B,): mean_b loss_b * log p_b(slot_b).
    """
    scores = numbers(5, 4).requires_grad_()
    slots = torch.tensor([0, 3, 1, 1, 2])
    losses = numbers(5, seed=1).requires_grad_()
    given = tensor(answer(scores, slots, losses), (), "the result")
    assert given.requires_grad, "no gradient reaches the scores; keep log p attached"
    grads = torch.autograd.grad(given, (scores, losses), allow_unused=True)
    reached = grads[1] is not None and bool(grads[1].abs().max() > 0)
    assert not reached, "the losses are numbers here, not a path for gradients: detach them"
    assert grads[0] is not None, "no gradient reaches the scores; keep log p attached"
    chances = scores.detach().softmax(-1)
    wanted = losses.detach()[:, None] * (torch.eye(4)[slots] - chances) / 5
    if torch.allclose(grads[0], -wanted, atol=1e-5):
        raise AssertionError("the sign is wrong: this is minimised, so a large loss must push down")
    if torch.allclose(grads[0], 5 * wanted, atol=1e-5):
        raise AssertionError("take the mean over the batch, not the sum")
    close(grads[0], wanted, "mean of losses times log_softmax(scores) at the drawn slots")


# Attention is reading a memory


@exercise("an address that is hard, and a read: a dictionary")
def look_up(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(queries, keys, values)``: the values (T, V) of the keys that equal the queries."""
    queries, keys = torch.tensor([7, 5, 9]), torch.tensor([8, 5, 7, 6])
    values = numbers(4, 3)
    given = tensor(answer(queries, keys, values), (3, 3), "what was read")
    close(given[:2], values[[2, 1]], "7 is the third key and 5 the second: read their values")
    close(given[2:], torch.zeros(1, 3), "9 is no key: its weights are all zero, and so is the read")


@exercise("one row of weights a read, one weight a slot")
def weights_computed(answer: tuple[int, int]) -> None:
    """How many weights a translator and a memory network compute."""
    assert isinstance(answer, tuple | list), "a pair of numbers, please"
    assert len(answer) == 2, "a pair of numbers, please"
    translator, memory = answer
    assert translator != 143, "13 words of 11 weights, and one read more: the end is written too"
    assert translator == 154, f"the translator makes 14 reads of 11 slots; not {translator}"
    assert memory == 150, f"three hops, each with a weight for every slot; not {memory}"


# Content-based and location-based addressing


@exercise("what comes in, less what goes out; over all slots nothing is gained or lost")
def change_of_a_shift(answer: Callable[[Tensor], Tensor]) -> None:
    """``answer(weights)``: the change of weights (T, S) that moves them one slot on, round."""
    weights = numbers(3, 5).softmax(-1)
    given = tensor(answer(weights), (3, 5), "the change")
    wanted = weights.roll(1, dims=-1) - weights
    if torch.allclose(given, weights + wanted, atol=1e-5):
        raise AssertionError("this is the new address; the change is the new one less the old")
    if torch.allclose(given, weights.roll(-1, dims=-1) - weights, atol=1e-5):
        raise AssertionError("this moves one slot back; ahead, slot i gets what slot i - 1 had")
    assert given.sum(dim=-1).abs().max() < 1e-5, (
        "the change of a row must sum to 0; does the last slot's weight come in at the first?"
    )
    close(given, wanted, "slot i gains what slot i - 1 had and loses what it had itself")


@exercise("every slot sees the weights around it, and zeros beyond the ends")
def place_features(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(previous, filters)``: f (S, k) of weights (S,) through k filters (k, r), r odd.

    ``f[j, k]`` is the sum over d of ``filters[k, d] * previous[j + d - r // 2]``.
    """

    def around(weights: Tensor, kernels: Tensor) -> Tensor:
        return nn.functional.conv1d(weights[None, None], kernels[:, None])[0].T

    previous = numbers(6).softmax(-1)
    for width in (5, 3):
        filters, ends = numbers(2, width, seed=1), width // 2
        given = tensor(answer(previous, filters), (6, 2), f"the features of {width} slots")
        padded = nn.functional.pad(previous, (ends, ends))
        if torch.allclose(given, around(padded, filters.flip(-1)), atol=1e-5):
            raise AssertionError("the filters are turned round; filters[:, 0] is for the leftmost")
        circle = torch.cat([previous[-ends:], previous, previous[:ends]])
        if torch.allclose(given, around(circle, filters), atol=1e-5):
            raise AssertionError("this goes round in a circle; beyond the ends there are zeros")
        middle = "the middle of a filter, d = r // 2, is slot j itself"
        close(given, around(padded, filters), middle)


@exercise("only what is near the last address can be read")
def window_around_median(answer: Callable[[Tensor, int], Tensor]) -> None:
    """``answer(previous, reach)``: True within `reach` slots of each row's median, (T, S) bool.

    The median is the first slot at which the weights up to it sum to at least a half.
    """
    previous = torch.tensor(
        [
            [0.0, 0.1, 0.8, 0.1, 0.0, 0.0],
            [0.4, 0.0, 0.0, 0.0, 0.3, 0.3],
            [1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.25, 0.25, 0.25, 0.25, 0.0, 0.0],  # exactly a half at slot 1
        ]
    )
    wanted = torch.tensor(
        [[0, 1, 1, 1, 0, 0], [0, 0, 0, 1, 1, 1], [1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0]]
    ).bool()
    given = tensor(answer(previous, 1), (4, 6), "the window")
    assert given.dtype == torch.bool, f"the window must be bool, as a mask; it is {given.dtype}"
    if given[1].tolist() == [True, True, False, False, False, False]:
        raise AssertionError("this is around the largest weight; the median of row 1 is slot 4")
    for row in range(4):
        here, right = given[row].int().tolist(), wanted[row].int().tolist()
        assert here == right, f"row {row}: the window is {right}, not {here}"
    assert answer(previous, 9).all(), "a window of 9 slots either way holds all six"
