"""What the checks of ``encoder_attention_decoder`` say of wrong answers and of shortcuts."""

import math

import numpy as np
import pytest
import torch
from torch import nn, softmax

from lecture_utils import exercises
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


def divided(w, v):
    """Divides by the sum of the weights, and takes care of a sum of 0."""
    shares = w / w.sum(-1, keepdim=True).clamp(min=1e-9)
    return (shares.unsqueeze(-1) * v.unsqueeze(1)).sum(2)


def by_addmm(w, v):
    zeros = torch.zeros(w.shape[1], v.shape[2])
    return torch.stack([torch.addmm(zeros, a, b) for a, b in zip(w, v, strict=True)])


def by_conv(w, v):
    """A convolution of width 1: slots are channels."""
    rows = [nn.functional.conv1d(b[None], a.unsqueeze(-1)) for a, b in zip(w, v, strict=True)]
    return torch.cat(rows)


def by_bags(w, v):
    """A bag of embeddings, weighted."""
    places = torch.arange(w.shape[2]).expand(w.shape[1:])
    bag = nn.functional.embedding_bag
    pairs = zip(w, v, strict=True)
    return torch.stack([bag(places, b, per_sample_weights=a, mode="sum") for a, b in pairs])


def by_numpy(w, v):
    return torch.from_numpy(np.einsum("bts,bsv->btv", w.numpy(), v.numpy()))


def query_by_query(w, v):
    rows = [[a @ memory for a in address] for address, memory in zip(w, v, strict=True)]
    return torch.stack([torch.stack(row) for row in rows])


def in_loops(w, v):
    read = torch.zeros(w.shape[0], w.shape[1], v.shape[2])
    for b in range(w.shape[0]):
        for t in range(w.shape[1]):
            for j in range(w.shape[2]):
                read[b, t] += w[b, t, j] * v[b, j]
    return read


def numbers_only(w, v):
    reads = torch.zeros(w.shape[0], w.shape[1], v.shape[2])
    for b, (address, memory) in enumerate(zip(w.tolist(), v.mT.tolist(), strict=True)):
        for t, row in enumerate(address):
            for f, feature in enumerate(memory):
                reads[b, t, f] = math.fsum(x * y for x, y in zip(row, feature, strict=True))
    return reads


def filled(number, after=True):
    """A softmax with a number in the place of -inf; the padding is made 0 after it, or not."""

    def answer(s, m):
        weights = s.masked_fill(~m, number).softmax(-1)
        return weights * m if after else weights

    return answer


def whole_maximum(s, m):
    """Subtracts the maximum of the whole matrix."""
    powers = (s - s[m].max()).exp() * m
    return powers / powers.sum(-1, keepdim=True).clamp(min=1e-30)


def last_row_empty(s, m):
    """Makes zeros of the last row only, and only where it is empty."""
    weights = s.masked_fill(~m, -torch.inf).softmax(-1)
    weights[-1] = torch.where(m[-1].any(), weights[-1], torch.zeros_like(weights[-1]))
    return weights


def divided_later(s, m):
    """A softmax of all, padding made 0, and divided again."""
    weights = s.softmax(-1) * m
    return weights / weights.sum(-1, keepdim=True).clamp(min=1e-30)


def row_by_row(s, m):
    weights = torch.zeros_like(s)
    for row, (scores, slots) in enumerate(zip(s, m, strict=True)):
        if slots.any():
            weights[row, slots] = scores[slots].softmax(0)
    return weights


def by_logarithms(s, m):
    return torch.where(m, s, -torch.inf).log_softmax(-1).exp().nan_to_num()


WRONG = {
    "weighted_average": [
        (lambda w, v: w @ v, "do without"),
        (lambda w, v: torch.einsum("bts,bsv->btv", w, v), "do without"),
        (lambda w, v: torch.bmm(w, v), "do without"),
        (lambda w, v: (w @ v).sum(1), "do without"),
        (lambda w, v: torch.ops.aten.bmm.default(w, v), "do without"),
        (lambda w, v: torch.baddbmm(torch.zeros(1, 1, 1), w, v), "do without"),
        (by_addmm, "do without"),
        (by_conv, "do without"),
        (by_bags, "do without"),
        (query_by_query, "do without"),
        (lambda w, v: torch.tensordot(w[0], v[0], 1).unsqueeze(0), "do without"),
        (by_numpy, "stay in torch"),
        (lambda w, v: torch.tensor(np.asarray(w) @ np.asarray(v)), "stay in torch"),
        (divided, "divide by nothing"),
        (lambda w, v: (w.abs().unsqueeze(-1) * v.unsqueeze(1)).sum(2), "divide by nothing"),
        (lambda w, v: v.mean(1, keepdim=True).expand(-1, w.shape[1], -1), "off by"),
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
        (filled(-150), "fill in -inf"),
        (filled(-1e4), "fill in -inf"),
        (filled(-150, after=False), "row 2"),
        (filled(0), "row 1 does not sum"),
        (whole_maximum, "of the whole matrix"),
        (last_row_empty, "may stand anywhere"),
        (divided_later, "not even be the maximum"),
        (lambda s, m: solution(s, m).round(decimals=2), "plain softmax"),
        (lambda s, m: solution(s, m | ~m.any(-1, keepdim=True)), "row 2"),
        (lambda s, m: (s + m.log()).softmax(-1), "nan"),
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
        (lambda q, k, W: q @ (W + W.mT) @ k.mT if W.shape[0] == W.shape[1] else 0, "off by"),
        (lambda q, k, W: (q @ W) * k if q.shape == k.shape else q @ W, "shape"),
    ],
}

RIGHT = {
    "weighted_average": [
        in_loops,
        numbers_only,
        lambda w, v: sum(w[..., j : j + 1] * v[:, None, j] for j in range(w.shape[2])),
        lambda w, v: (w[..., None] * v[:, None]).sum(-2),
        lambda w, v: torch.stack([(w * f[:, None]).sum(-1) for f in v.unbind(-1)], -1),
        lambda w, v: (w.transpose(1, 2)[..., None] * v[:, :, None]).sum(1),
    ],
    "softmax_with_mask": [
        row_by_row,
        by_logarithms,
        lambda s, m: torch.nan_to_num(s.masked_fill(~m, -torch.inf).softmax(-1)),
        filled(torch.finfo(torch.float32).min),
        lambda s, m: s.masked_fill(~m, -torch.inf).softmax(-1).masked_fill(~m, 0),
    ],
    "general_score": [
        lambda q, k, W: torch.einsum("btd,de,bse->bts", q, W, k),
        lambda q, k, W: torch.bmm(q, (k @ W.T).mT),
        lambda q, k, W: ((q @ W).unsqueeze(2) * k.unsqueeze(1)).sum(-1),
        lambda q, k, W: nn.functional.bilinear(
            q.unsqueeze(2).expand(-1, -1, k.shape[1], -1).contiguous(),
            k.unsqueeze(1).expand(-1, q.shape[1], -1, -1).contiguous(),
            W.unsqueeze(0),
        ).squeeze(-1),
    ],
}
"""True solutions in other styles, by check."""

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)


@pytest.mark.parametrize(
    ("check", "right"), [(check, one) for check, every in RIGHT.items() for one in every]
)
def test_a_true_solution_in_another_style_passes(check, right):
    verdict = getattr(exercises, check)(right)
    assert verdict.passed, verdict.message
