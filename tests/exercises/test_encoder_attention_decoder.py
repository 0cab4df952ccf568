"""What the checks of ``encoder_attention_decoder`` say of wrong answers and of shortcuts."""

import pytest
import torch
from torch import softmax

from tests.exercises.chapters import SOLUTIONS, told

solution = SOLUTIONS["softmax_with_mask"]


def powers(s, m):
    return torch.nan_to_num((s.exp() * m) / (s.exp() * m).sum(-1, keepdim=True), nan=0)


def filled_in_place(s, m):
    return torch.nan_to_num(s.masked_fill_(~m, -torch.inf).softmax(-1))


def first_words(s, m):
    """Takes the mask for a number of words, as if padding always stood at the end."""
    return solution(s, torch.arange(s.shape[-1]) < m.sum(-1, keepdim=True))


def over_all(s, m):
    """Subtracts the maximum of padding too."""
    powers = torch.exp(s - s.amax(-1, keepdim=True)) * m
    return powers / powers.sum(-1, keepdim=True).clamp(min=1e-30)


def clamped(s, m):
    return solution(s.clamp(-80, 80), m)


WRONG = {
    "weighted_average": [
        (lambda w, v: w @ v, "do without"),
        (lambda w, v: torch.einsum("bts,bsv->btv", w, v), "do without"),
        (lambda w, v: torch.bmm(w, v), "do without"),
        (lambda w, v: (w @ v).sum(1), "do without"),
        (lambda w, v: 3, "is a int"),
        (lambda w, v: (w.unsqueeze(-1) * v.unsqueeze(1)).sum(1), "shape"),
        (lambda w, v: (w.unsqueeze(-1) * v.unsqueeze(1)).mean(2), "sum over the slots"),
        (lambda w, v: (w.unsqueeze(-1) * v[0]).sum(2), "its own values"),
        (
            lambda w, v: ((w / w.sum(-1, keepdim=True)).unsqueeze(-1) * v.unsqueeze(1)).sum(2),
            "reads nothing",
        ),
        (lambda w, v: (softmax(w, -1).unsqueeze(-1) * v.unsqueeze(1)).sum(2), "off by"),
        (
            lambda w, v: v.gather(1, w.argmax(-1, keepdim=True).expand(-1, -1, v.shape[-1])),
            "off by",
        ),
        (lambda w, v: sum(w[..., j : j + 1] * v[:, None, j] for j in range(4)), "IndexError"),
        (lambda w, v: (w.unsqueeze(-1).mul_(v.unsqueeze(1)[..., :1])).sum(2), "changes"),
    ],
    "softmax_with_mask": [
        (lambda s, m: s.masked_fill(~m, -torch.inf).softmax(-1), "nan"),
        (lambda s, m: s.softmax(-1).masked_fill(~m, 0), "row 1 does not sum"),
        (lambda s, m: s.softmax(-1), "padding still has weight"),
        (lambda s, m: (s * m).softmax(-1), "padding still has weight"),
        (lambda s, m: s.masked_fill(~m, -1e9).softmax(-1), "row 2"),
        (powers, "differ by 1"),
        (lambda s, m: (s.exp() * m) / (s.exp() * m).sum(-1, keepdim=True), "nan"),
        (filled_in_place, "changes the tensors"),
        (first_words, "may stand anywhere"),
        (over_all, "not even be the maximum"),
        (clamped, "differ by 1"),
        (lambda s, m: solution(s.clamp(min=-80), m), "-1000"),
        (lambda s, m: solution(s, m[:1].expand_as(m)), "padding still has weight"),
        (lambda s, m: solution(s.T, m.T).T, "plain softmax"),
    ],
    "general_score": [
        (lambda q, k, W: q @ k.transpose(-1, -2), "off by"),
        (lambda q, k, W: q @ W.T @ k.transpose(-1, -2), "off by"),
        (lambda q, k, W: (q @ W @ k.transpose(-1, -2)).softmax(-1), "before the softmax"),
        (lambda q, k, W: q @ W @ k.transpose(-1, -2) / q.shape[-1] ** 0.5, "not divided"),
        (lambda q, k, W: (q @ W @ k.transpose(-1, -2)).transpose(1, 2), "not the reverse"),
        (lambda q, k, W: (q @ W) @ k[0].T, "off by"),
        (lambda q, k, W: torch.tanh(q @ W) @ k.transpose(-1, -2), "off by"),
        (lambda q, k, W: q[:, :1] @ W @ k.transpose(-1, -2), "shape"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)
