"""The checks of the chapter on hard and soft addressing."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import close, exercise, numbers, tensor


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
