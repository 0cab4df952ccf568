"""The checks behind "try it yourself".

A check takes the reader's own function or number, tries it on cases, and says what is wrong in
words: ``exercises.softmax_with_mask(my_function)``. It never raises; its `Verdict` says whether
the exercise is solved. A check holds its own reference, so it needs no other module.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes:
        passed: whether the exercise is solved.
        message: what holds, or what is wrong and where to look.
    """

    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"{'Solved' if self.passed else 'Not yet'}: {self.message}"


def exercise(praise: str) -> Callable[[Callable[..., None]], Callable[..., Verdict]]:
    """Turn a function of assertions into a check: its first failure becomes the verdict."""

    def decorate(check: Callable[..., None]) -> Callable[..., Verdict]:
        @functools.wraps(check)
        def verdict(answer: Any) -> Verdict:
            try:
                if answer is None or answer is Ellipsis:
                    raise NotImplementedError
                check(answer)
            except NotImplementedError:
                return Verdict(False, "this is still the empty stub; write your answer")
            except AssertionError as error:
                return Verdict(False, str(error))
            except Exception as error:  # whatever a reader's code may raise is news for them
                return Verdict(False, f"your code raised {type(error).__name__}: {error}")
            return Verdict(True, praise)

        return verdict

    return decorate


def _tensor(value: Any, shape: tuple[int, ...], what: str) -> Tensor:
    """`value`, if it is a tensor of this shape; else say what it is."""
    if value is None:
        raise NotImplementedError
    assert isinstance(value, Tensor), f"{what} must be a tensor; it is a {type(value).__name__}"
    assert value.shape == shape, f"{what} must have shape {shape}; it has {tuple(value.shape)}"
    return value


def _close(value: Tensor, wanted: Tensor, hint: str) -> None:
    error = (value - wanted).abs().max().item()
    assert error < 1e-5, f"off by {error:.2g} at most; {hint}"


def _numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# Recurrent neural networks


@exercise("one cell, two inputs, the state carried on")
def two_steps(answer: Callable[..., Tensor]) -> None:
    """``answer(x1, x2, h0, W, U, b)``: the state after two steps of h' = tanh(W x + U h + b)."""
    x1, x2, h0 = _numbers(3, 4), _numbers(3, 4, seed=1), _numbers(3, 5, seed=2)
    W, U, b = _numbers(5, 4, seed=3), _numbers(5, 5, seed=4) / 3, _numbers(5, seed=5)
    h1 = torch.tanh(x1 @ W.T + h0 @ U.T + b)
    h2 = torch.tanh(x2 @ W.T + h1 @ U.T + b)
    given = _tensor(answer(x1, x2, h0, W, U, b), (3, 5), "the state")
    if torch.allclose(given, h1, atol=1e-5):
        raise AssertionError("this is the state after x1 only; feed it back in, with x2")
    _close(given, h2, "is the first state the h of the second step, with the same W, U and b?")


@exercise("three gates, and a cell that no matrix multiplies on its way")
def lstm_step(answer: Callable[..., tuple[Tensor, Tensor]]) -> None:
    """``answer(x, h, c, cell)``: one LSTM step with the weights of an `nn.LSTMCell`."""
    torch.manual_seed(0)
    cell = nn.LSTMCell(4, 5)
    x, h, c = _numbers(3, 4), _numbers(3, 5, seed=1), _numbers(3, 5, seed=2)
    with torch.no_grad():
        given = answer(x, h, c, cell)
        if given is None:
            raise NotImplementedError
        pair = isinstance(given, tuple) and len(given) == 2
        assert pair, "return the pair (h, c)"
        wanted_h, wanted_c = cell(x, (h, c))
        new_h, new_c = _tensor(given[0], (3, 5), "h"), _tensor(given[1], (3, 5), "c")
        _close(new_c, wanted_c, "c = f * c + i * g, in torch's order of gates: i, f, g, o")
        _close(new_h, wanted_h, "the cell state is right; h = o * tanh(c)")


@exercise("the gradient shrinks by the same factor at every step")
def steps_until_forgotten(answer: int) -> None:
    """How many steps until 0.7 ** steps falls below 0.001."""
    assert isinstance(answer, int), "pass a whole number of steps"
    assert 0.7**answer < 0.001, f"0.7 ** {answer} is still {0.7**answer:.4f}"
    assert 0.7 ** (answer - 1) >= 0.001, f"it is enough after fewer than {answer} steps"


# Encoder-decoder models


@exercise("greedy decoding: read off, feed back, stop at the end")
def greedy_words(answer: Callable[..., list[int]]) -> None:
    """``answer(step, state, start, end, limit)``: words chosen greedily, without start and end.

    ``step(word, state)`` gives a list of scores, one per word, and the next state.
    """

    def step(word: int, state: int) -> tuple[list[float], int]:
        plan = [3, 4, 3, 2]  # then, whatever is fed, the end
        after = {1: 3, 3: 4 if state == 1 else 2, 4: 3}[word]
        wanted = plan[min(state, 3)] if after == plan[min(state, 3)] else 0
        return [float(i == wanted) for i in range(5)], state + 1

    given = answer(step, 0, 1, 2, 10)
    if given is None:
        raise NotImplementedError
    given = list(given)
    assert 2 not in given, "stop at the end token, and leave it out of the answer"
    assert 1 not in given, "leave the start token out of the answer"
    assert 0 not in given, "feed the word you have just chosen into the next step"
    assert given == [3, 4, 3], f"the words are [3, 4, 3]; yours are {given}"
    assert len(answer(lambda w, s: ([0, 0, 0, 1, 0], s), 0, 1, 2, 10)) == 10, (
        "a model that never says the end must be stopped after `limit` words"
    )


@exercise("yes: the greedy path is locally best only")
def beam_beats_greedy(answer: Sequence[Sequence[float]]) -> None:
    """A 2 x 2 table: P(first word), then rows of P(second | first) on which greedy loses.

    Pass ``(first, second)`` with ``first`` two probabilities and ``second`` two rows of two.
    """
    first, second = answer
    rows = [first, *second]
    for row in rows:
        proper = len(row) == 2 and abs(sum(row) - 1) < 1e-6 and min(row) >= 0
        assert proper, f"each distribution has two probabilities with sum 1; {list(row)} has not"
    greedy = max(first) * max(second[list(first).index(max(first))])
    best = max(p * max(row) for p, row in zip(first, second, strict=True))
    assert best > greedy + 1e-9, (
        f"greedy finds {greedy:.2f}, the best sequence has {best:.2f}; "
        "make the better first word lead to an undecided second"
    )


# Encoder-attention-decoder models


@exercise("a weighted average of the states, one for each query")
def weighted_average(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(weights, values)``: weights (B, T, S), values (B, S, V) -> reads (B, T, V)."""
    weights, values = torch.softmax(_numbers(2, 3, 4), -1), _numbers(2, 4, 5, seed=1)
    given = _tensor(answer(weights, values), (2, 3, 5), "the read")
    _close(given, torch.einsum("bts,bsv->btv", weights, values), "sum over the slots, axis S")


@exercise("rows sum to one, padding weighs nothing, an empty row reads nothing")
def softmax_with_mask(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(scores, mask)``: a softmax over the last axis among the slots that are True."""
    scores = _numbers(3, 5)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]).bool()
    given = _tensor(answer(scores, mask), (3, 5), "the weights")
    _close(given[0], scores[0].softmax(-1), "row 0 has no padding: it is a plain softmax")
    assert not torch.isnan(given).any(), "an empty row gives nan: -inf - (-inf); make it zeros"
    assert given[1, 2:].abs().max() < 1e-6, "padding still has weight in row 1"
    assert abs(given[1].sum() - 1) < 1e-5, "row 1 does not sum to 1: mask before you normalise"
    assert given[2].abs().max() < 1e-6, "row 2 has no slot to read; its weights must be zeros"
    _close(given[1, :2], scores[1, :2].softmax(-1), "mask the scores, then take the softmax")
    big = torch.tensor([[1000.0, 999.0, 0.0]])
    large = answer(big, torch.ones(1, 3).bool())
    assert torch.isfinite(large).all(), "scores of 1000 overflow; subtract the row's maximum"


@exercise("query and key meet in a matrix: Luong's 'general' score")
def general_score(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(queries, keys, W)``: q W k for queries (B, T, D), keys (B, S, E), W (D, E)."""
    queries, keys, W = _numbers(2, 3, 4), _numbers(2, 5, 6, seed=1), _numbers(4, 6, seed=2)
    given = _tensor(answer(queries, keys, W), (2, 3, 5), "the scores")
    wanted = torch.einsum("btd,de,bse->bts", queries, W, keys)
    _close(given, wanted, "multiply the queries by W, then by the transposed keys")


# Attention (Bahdanau)


@exercise("one score per source word, from one hidden layer")
def additive_score(answer: Callable[..., Tensor]) -> None:
    """``answer(s, h, W, U, v)``: e (B, S) for a state s (B, D) and states h (B, S, E)."""
    s, h = _numbers(2, 4), _numbers(2, 5, 6, seed=1)
    W, U, v = _numbers(7, 4, seed=2), _numbers(7, 6, seed=3), _numbers(7, seed=4)
    given = _tensor(answer(s, h, W, U, v), (2, 5), "the scores")
    wanted = torch.tanh((s @ W.T)[:, None] + h @ U.T) @ v
    if torch.allclose(given, wanted.softmax(-1), atol=1e-5):
        raise AssertionError("these are the weights; the scores e come before the softmax")
    _close(given, wanted, "e_j = v . tanh(W s + U h_j): add first, then tanh, then v")


@exercise("the same figure as the chapter's")
def alignment_error(answer: Callable[..., float]) -> None:
    """``answer(predicted, gold)``: 1 - 2 |A & S| / (|A| + |S|) of two sets of links."""
    cases = [
        ({(0, 0), (1, 1)}, {(0, 0), (1, 1)}, 0.0, "equal sets have no error"),
        ({(0, 1), (1, 0)}, {(0, 0), (1, 1)}, 1.0, "sets without a common link are all error"),
        ({(0, 0), (1, 0)}, {(0, 0), (1, 1), (2, 2)}, 0.6, "one of 2 links is among 3 gold ones"),
    ]
    for predicted, gold, wanted, hint in cases:
        given = answer(predicted, gold)
        if given is None:
            raise NotImplementedError
        assert abs(float(given) - wanted) < 1e-6, f"{hint}: {wanted}, not {float(given):.3f}"


@exercise("a sharp address reads one state, a flat one reads their mean")
def entropy_in_bits(answer: Callable[[Tensor], Tensor]) -> None:
    """``answer(weights)``: -sum_j w_j log2 w_j of weights (T, S), one number per row (T,)."""
    weights = torch.tensor([[0.25] * 4, [0.5, 0.5, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    given = _tensor(answer(weights), (3,), "the entropy")
    assert not torch.isnan(given).any(), "0 log 0 counts as 0; torch.special.entr knows that"
    if abs(given[0] - 1.3863) < 1e-3:
        raise AssertionError("these are nats; divide by log 2, or use log2")
    _close(given, torch.tensor([2.0, 1.0, 0.0]), "four equal weights have 2 bits")


# Content-based and location-based addressing


@exercise("what comes in, less what goes out; over all slots nothing is gained or lost")
def change_of_a_shift(answer: Callable[[Tensor], Tensor]) -> None:
    """``answer(weights)``: the change of weights (T, S) that moves them one slot on, round."""
    weights = _numbers(3, 5).softmax(-1)
    given = _tensor(answer(weights), (3, 5), "the change")
    wanted = weights.roll(1, dims=-1) - weights
    if torch.allclose(given, weights + wanted, atol=1e-5):
        raise AssertionError("this is the new address; the change is the new one less the old")
    if torch.allclose(given, weights.roll(-1, dims=-1) - weights, atol=1e-5):
        raise AssertionError("this moves one slot back; ahead, slot i gets what slot i - 1 had")
    assert given.sum(dim=-1).abs().max() < 1e-5, (
        "the change of a row must sum to 0; does the last slot's weight come in at the first?"
    )
    _close(given, wanted, "slot i gains what slot i - 1 had and loses what it had itself")


@exercise("every slot sees the weights around it, and zeros beyond the ends")
def place_features(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(previous, filters)``: f (S, k) of weights (S,) through k filters (k, r), r odd.

    ``f[j, k]`` is the sum over d of ``filters[k, d] * previous[j + d - r // 2]``.
    """
    previous, filters = _numbers(6).softmax(-1), _numbers(2, 5, seed=1)
    given = _tensor(answer(previous, filters), (6, 2), "the features")

    def around(weights: Tensor, kernels: Tensor) -> Tensor:
        return nn.functional.conv1d(weights[None, None], kernels[:, None])[0].T

    padded = nn.functional.pad(previous, (2, 2))
    if torch.allclose(given, around(padded, filters.flip(-1)), atol=1e-5):
        raise AssertionError("the filters are turned round; filters[:, 0] meets the leftmost slot")
    circle = torch.cat([previous[-2:], previous, previous[:2]])
    if torch.allclose(given, around(circle, filters), atol=1e-5):
        raise AssertionError("this goes round in a circle; beyond the ends there are zeros")
    _close(given, around(padded, filters), "the middle of a filter, d = r // 2, is slot j itself")


@exercise("only what is near the last address can be read")
def window_around_median(answer: Callable[[Tensor, int], Tensor]) -> None:
    """``answer(previous, reach)``: True within `reach` slots of each row's median, (T, S) bool.

    The median is the first slot at which the weights up to it sum to at least a half.
    """
    previous = torch.tensor(
        [[0.0, 0.1, 0.8, 0.1, 0.0, 0.0], [0.4, 0.0, 0.0, 0.0, 0.3, 0.3], [1.0, 0, 0, 0, 0, 0]]
    )
    wanted = torch.tensor([[0, 1, 1, 1, 0, 0], [0, 0, 0, 1, 1, 1], [1, 1, 0, 0, 0, 0]]).bool()
    given = _tensor(answer(previous, 1), (3, 6), "the window")
    assert given.dtype == torch.bool, f"the window must be bool, as a mask; it is {given.dtype}"
    if given[1].tolist() == [True, True, False, False, False, False]:
        raise AssertionError("this is around the largest weight; the median of row 1 is slot 4")
    for row in range(3):
        here, right = given[row].int().tolist(), wanted[row].int().tolist()
        assert here == right, f"row {row}: the window is {right}, not {here}"
    assert answer(previous, 9).all(), "a window of 9 slots either way holds all six"
