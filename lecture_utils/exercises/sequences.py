"""The checks of part one, sequences and attention."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from lecture_utils.exercises.check import close, exercise, numbers, tensor

# Recurrent neural networks


@exercise("one cell, two inputs, the state carried on")
def two_steps(answer: Callable[..., Tensor]) -> None:
    """``answer(x1, x2, h0, W, U, b)``: the state after two steps of h' = tanh(W x + U h + b)."""
    x1, x2, h0 = numbers(3, 4), numbers(3, 4, seed=1), numbers(3, 5, seed=2)
    W, U, b = numbers(5, 4, seed=3), numbers(5, 5, seed=4) / 3, numbers(5, seed=5)
    h1 = torch.tanh(x1 @ W.T + h0 @ U.T + b)
    h2 = torch.tanh(x2 @ W.T + h1 @ U.T + b)
    given = tensor(answer(x1, x2, h0, W, U, b), (3, 5), "the state")
    if torch.allclose(given, h1, atol=1e-5):
        raise AssertionError("this is the state after x1 only; feed it back in, with x2")
    close(given, h2, "is the first state the h of the second step, with the same W, U and b?")


@exercise("three gates, and a cell that no matrix multiplies on its way")
def lstm_step(answer: Callable[..., tuple[Tensor, Tensor]]) -> None:
    """``answer(x, h, c, cell)``: one LSTM step with the weights of an `nn.LSTMCell`."""
    torch.manual_seed(0)
    cell = nn.LSTMCell(4, 5)
    x, h, c = numbers(3, 4), numbers(3, 5, seed=1), numbers(3, 5, seed=2)
    with torch.no_grad():
        given = answer(x, h, c, cell)
        if given is None:
            raise NotImplementedError
        pair = isinstance(given, tuple) and len(given) == 2
        assert pair, "return the pair (h, c)"
        wanted_h, wanted_c = cell(x, (h, c))
        new_h, new_c = tensor(given[0], (3, 5), "h"), tensor(given[1], (3, 5), "c")
        close(new_c, wanted_c, "c = f * c + i * g, in torch's order of gates: i, f, g, o")
        close(new_h, wanted_h, "the cell state is right; h = o * tanh(c)")


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
    weights, values = torch.softmax(numbers(2, 3, 4), -1), numbers(2, 4, 5, seed=1)
    given = tensor(answer(weights, values), (2, 3, 5), "the read")
    close(given, torch.einsum("bts,bsv->btv", weights, values), "sum over the slots, axis S")


@exercise("rows sum to one, padding weighs nothing, an empty row reads nothing")
def softmax_with_mask(answer: Callable[[Tensor, Tensor], Tensor]) -> None:
    """``answer(scores, mask)``: a softmax over the last axis among the slots that are True."""
    scores = numbers(3, 5)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]).bool()
    given = tensor(answer(scores, mask), (3, 5), "the weights")
    close(given[0], scores[0].softmax(-1), "row 0 has no padding: it is a plain softmax")
    assert not torch.isnan(given).any(), "an empty row gives nan: -inf - (-inf); make it zeros"
    assert given[1, 2:].abs().max() < 1e-6, "padding still has weight in row 1"
    assert abs(given[1].sum() - 1) < 1e-5, "row 1 does not sum to 1: mask before you normalise"
    assert given[2].abs().max() < 1e-6, "row 2 has no slot to read; its weights must be zeros"
    close(given[1, :2], scores[1, :2].softmax(-1), "mask the scores, then take the softmax")
    big = torch.tensor([[1000.0, 999.0, 0.0]])
    large = answer(big, torch.ones(1, 3).bool())
    assert torch.isfinite(large).all(), "scores of 1000 overflow; subtract the row's maximum"


@exercise("query and key meet in a matrix: Luong's 'general' score")
def general_score(answer: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """``answer(queries, keys, W)``: q W k for queries (B, T, D), keys (B, S, E), W (D, E)."""
    queries, keys, W = numbers(2, 3, 4), numbers(2, 5, 6, seed=1), numbers(4, 6, seed=2)
    given = tensor(answer(queries, keys, W), (2, 3, 5), "the scores")
    wanted = torch.einsum("btd,de,bse->bts", queries, W, keys)
    close(given, wanted, "multiply the queries by W, then by the transposed keys")


# Attention (Bahdanau)


@exercise("one score per source word, from one hidden layer")
def additive_score(answer: Callable[..., Tensor]) -> None:
    """``answer(s, h, W, U, v)``: e (B, S) for a state s (B, D) and states h (B, S, E)."""
    s, h = numbers(2, 4), numbers(2, 5, 6, seed=1)
    W, U, v = numbers(7, 4, seed=2), numbers(7, 6, seed=3), numbers(7, seed=4)
    given = tensor(answer(s, h, W, U, v), (2, 5), "the scores")
    wanted = torch.tanh((s @ W.T)[:, None] + h @ U.T) @ v
    if torch.allclose(given, wanted.softmax(-1), atol=1e-5):
        raise AssertionError("these are the weights; the scores e come before the softmax")
    close(given, wanted, "e_j = v . tanh(W s + U h_j): add first, then tanh, then v")


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
    given = tensor(answer(weights), (3,), "the entropy")
    assert not torch.isnan(given).any(), "0 log 0 counts as 0; torch.special.entr knows that"
    if abs(given[0] - 1.3863) < 1e-3:
        raise AssertionError("these are nats; divide by log 2, or use log2")
    close(given, torch.tensor([2.0, 1.0, 0.0]), "four equal weights have 2 bits")
