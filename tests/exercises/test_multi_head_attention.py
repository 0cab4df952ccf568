"""What the checks of ``multi_head_attention`` say of wrong answers and of shortcuts."""

import pytest
import torch

from lecture_utils import exercises
from tests.exercises.chapters import SOLUTIONS, told

multi_head = SOLUTIONS["multi_head"]
parts_of_heads = SOLUTIONS["parts_of_heads"]
without_head = SOLUTIONS["without_head"]


def split(y, heads):
    return y.unflatten(-1, (heads, -1)).transpose(1, 2)


def blocks(y, heads):
    """A view that gives each head some words."""
    return y.reshape(len(y), heads, -1, y.shape[-1] // heads)


def join(reads):
    return reads.transpose(1, 2).flatten(2)


def attends(
    split=split, join=join, root=lambda D, H: (D / H) ** 0.5, axis=-1, out=lambda y, W: y @ W
):
    """The right steps, with one of them exchanged."""

    def answer(x, memory, W_Q, W_K, W_V, W_O, heads):
        Q, K, V = split(x @ W_Q, heads), split(memory @ W_K, heads), split(memory @ W_V, heads)
        w = (Q @ K.mT / root(x.shape[-1], heads)).softmax(axis)
        return out(join(w @ V), W_O)

    return answer


def splits_the_words(x, memory, W_Q, W_K, W_V, W_O, heads):
    """Hands head i the i-th features of the words themselves, and a corner of its matrices."""
    d = x.shape[-1] // heads
    reads = []
    for i in range(heads):
        own = slice(i * d, (i + 1) * d)
        q, k, v = (y[..., own] @ W[own, own] for y, W in ((x, W_Q), (memory, W_K), (memory, W_V)))
        reads.append((q @ k.mT / d**0.5).softmax(-1) @ v)
    return torch.cat(reads, -1) @ W_O


def in_place(W_O, head, heads):
    d = len(W_O) // heads
    W_O[head * d : (head + 1) * d] = 0
    return W_O


def rows(W_O, head, heads, keep=False, columns=False, stride=False, scale=False, from_one=False):
    """The right answer, with one thing wrong."""
    W, d = W_O.clone(), len(W_O) // heads
    head = head - 1 if from_one else head
    own = slice(head, None, heads) if stride else slice(head * d, (head + 1) * d)
    if columns:
        W[:, own] = 0
        return W
    if keep:
        return W_O - rows(W_O, head, heads)
    W[own] = 0
    return W * heads / max(1, heads - 1) if scale else W


def moved_between(reads, W_O):
    """The sum is right: what is added to the first part is taken from the last."""
    parts = parts_of_heads(reads, W_O)
    parts[:, 0] += 1.0
    parts[:, -1] -= 1.0
    return parts


WRONG = {
    "multi_head": [
        (attends(out=lambda y, W: y), "missing"),
        (attends(out=lambda y, W: y @ W.T), "not transposed"),
        (attends(root=lambda D, H: D**0.5), "which is D"),
        (attends(root=lambda D, H: 1.0), "not divided"),
        (attends(root=lambda D, H: D / H), "off by"),
        (attends(split=lambda y, H: y.unsqueeze(1), root=lambda D, H: D**0.5), "one head"),
        (attends(join=lambda r: r.reshape(len(r), r.shape[2], -1)), "bring the heads"),
        (attends(split=blocks), "some words"),
        (attends(split=lambda y, H: y.unflatten(-1, (-1, H)).permute(0, 3, 1, 2)), "side by side"),
        (attends(axis=-2), "over the slots"),
        (attends(join=lambda r: r.mean(1)), "raised"),
        (attends(join=lambda r: join(r.flip(1))), "in their order"),
        (splits_the_words, "off by"),
        (lambda x, m, *more: multi_head(x, x, *more), "off by"),
        (lambda x, m, Q, K, *more: multi_head(x, m, K, Q, *more), "off by"),
        (lambda x, m, *more: multi_head(x, m.mul_(2), *more), "changes"),
        (lambda *given: multi_head(*given)[:, 0], "shape"),
    ],
    "parts_of_heads": [
        (lambda r, W: parts_of_heads(r, W) / r.shape[1], "not averaged"),
        (lambda r, W: parts_of_heads(r, W).flip(1), "in the order"),
        (lambda r, W: (join(r) @ W).unsqueeze(1).repeat(1, r.shape[1], 1, 1), "sum of all"),
        (
            lambda r, W: (join(r) @ W).unsqueeze(1).repeat(1, r.shape[1], 1, 1) / r.shape[1],
            "shared out",
        ),
        (
            lambda r, W: torch.stack([r[:, h] @ W[h :: r.shape[1]] for h in range(r.shape[1])], 1),
            "every H-th",
        ),
        (lambda r, W: parts_of_heads(r, W.flip(0)), "another output"),
        (lambda r, W: parts_of_heads(r, W).roll(1, 2), "another output"),
        (lambda r, W: parts_of_heads(r, W).sum(1), "shape"),
        (lambda r, W: parts_of_heads(r, W).transpose(1, 2), "shape"),
        (lambda r, W: parts_of_heads(r.mul_(2), W), "changes"),
        (moved_between, "part i"),
    ],
    "without_head": [
        (lambda W, h, H: W.clone(), "still adds"),
        (lambda W, h, H: rows(W, h, H, columns=True), "still adds"),
        (lambda W, h, H: rows(W, h, H, keep=True), "leaves that one"),
        (lambda W, h, H: rows(W, h, H, stride=True), "every H-th"),
        (lambda W, h, H: rows(W, h, H, scale=True), "as they are"),
        (lambda W, h, H: rows(W, h, H, from_one=True), "from 0"),
        (lambda W, h, H: rows(W, h, H) * 0, "must stay"),
        (lambda W, h, H: rows(W, h, H)[rows(W, h, H).abs().sum(1) > 0], "shape"),
        (in_place, "changes"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)


def summed(x, memory, W_Q, W_K, W_V, W_O, heads):
    """The chapter's second formula: each head times its own rows of W_O, one after another."""
    d = x.shape[-1] // heads
    total = torch.zeros_like(x)
    for i in range(heads):
        own = slice(i * d, (i + 1) * d)
        q, k, v = (x @ W_Q[:, own]) / d**0.5, memory @ W_K[:, own], memory @ W_V[:, own]
        total = total + (q @ k.mT).softmax(dim=-1) @ v @ W_O[own]
    return total


def of_torch(x, memory, W_Q, W_K, W_V, W_O, heads):
    """Torch's attention of one head, for all heads: only its module is forbidden."""
    Q, K, V = (split(y, heads) for y in (x @ W_Q, memory @ W_K, memory @ W_V))
    return join(torch.nn.functional.scaled_dot_product_attention(Q, K, V)) @ W_O


@pytest.mark.parametrize("answer", [summed, of_torch])
def test_right_answers_that_round_otherwise_pass(answer):
    verdict = exercises.multi_head(answer)
    assert verdict, verdict.message


def test_a_small_fault_is_refused():
    """A thousandth of the largest number: far more than rounding."""
    assert "off by" in told("multi_head", lambda *given: 1.001 * multi_head(*given))
