"""What the checks of ``the_transformer`` say of wrong answers and of shortcuts."""

import math

import pytest
import torch
from torch import nn

from tests.exercises.chapters import told


def centred(x, dim=-1):
    return x - x.mean(dim, keepdim=True)


def in_place(x, gain, offset):
    """Right, but it changes what it was given."""
    x.sub_(x.mean(-1, keepdim=True))
    return x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt() * gain + offset


def turned(count, features, base=10_000, first=0, step=2):
    made = torch.zeros(count, features)
    for p in range(count):
        for i in range(0, features, 2):
            angle = (p + first) / base ** (i * step / 2 / features)
            made[p, i], made[p, i + 1] = math.sin(angle), math.cos(angle)
    return made


WRONG = {
    "normalised": [
        (lambda x, g, b: torch.nn.functional.instance_norm(x) * g + b, "by torch's own"),
        (lambda x, g, b: centred(x) / (x.std(-1, keepdim=True) + 1e-5) * g + b, "D - 1"),
        (lambda x, g, b: centred(x) / (x.var(-1, keepdim=True) + 1e-5).sqrt() * g + b, "D - 1"),
        (
            lambda x, g, b: (
                centred(x) / (x.var(-1, correction=0, keepdim=True).sqrt() + 1e-5) * g + b
            ),
            "inside the root",
        ),
        (lambda x, g, b: nn.functional.layer_norm(x, x.shape[-1:]), "then times the gain"),
        (lambda x, g, b: nn.functional.layer_norm(x, x.shape[-2:]) * g + b, "each word"),
        (lambda x, g, b: nn.functional.layer_norm(x, x.shape[-1:], g), "plus the offset"),
        (lambda x, g, b: nn.functional.layer_norm(x, x.shape[-1:], b, g), "times the gain"),
        (lambda x, g, b: nn.functional.rms_norm(x, x.shape[-1:], g) + b, "mean 0"),
        (lambda x, g, b: centred(x) * g + b, "variance 1"),
        (lambda x, g, b: centred(x, 1) / x.std(1, keepdim=True) * g + b, ""),
        (lambda x, g, b: (nn.functional.layer_norm(x, x.shape[-1:]) + b) * g, "plus the offset"),
        (in_place, "changes"),
        (lambda x, g, b: nn.functional.layer_norm(x, x.shape[-1:], g, b), "by torch's own"),
        (lambda x, g, b: torch.native_layer_norm(x, x.shape[-1:], g, b, 1e-5)[0], "torch's own"),
    ],
    "mask_with_cache": [
        (lambda n, t: torch.ones(n, t + n).tril(t), "of bool"),
        (lambda n, t: torch.ones(n, n).tril().bool(), "(3, 5)"),
        (lambda n, t: torch.ones(n, t + n).tril().bool(), "each word reads itself"),
        (lambda n, t: torch.ones(n, t + n).tril(t - 1).bool(), "each word reads itself"),
        (lambda n, t: torch.ones(n, t + n).triu(t).bool(), "a later word"),
        (lambda n, t: ~torch.ones(n, t + n).tril(t).bool(), "the other way round"),
        (lambda n, t: torch.ones(n, t + n).bool(), "a later word"),
        (lambda n, t: torch.eye(n, t + n).bool(), "every word before"),
        (lambda n, t: torch.ones(1, n, t + n).tril(t).bool(), "not (1, 4, 4)"),
        (lambda n, t: torch.ones(n, t + n).tril(t).bool().tolist(), "give a tensor"),
        (
            lambda n, t: torch.cat([torch.zeros(n, t), torch.ones(n, n).tril()], 1).bool(),
            "every word before",
        ),
    ],
    "places": [
        (lambda n, d: turned(n, d, first=1), "off by"),
        (lambda n, d: turned(n, d, step=4), "off by"),
        (lambda n, d: turned(n, d, step=1), "off by"),
        (lambda n, d: turned(n, d, base=1000), "off by"),
        (lambda n, d: torch.cat([turned(n, d)[:, ::2], turned(n, d)[:, 1::2]], 1), "take turns"),
        (lambda n, d: turned(n, d).flip(1), "off by"),
        (lambda n, d: turned(n, d).T, "(5, 8)"),
        (lambda n, d: turned(n, d) * d**0.5, "off by"),
        (lambda n, d: turned(min(n, 50), d), "(60, 6)"),
        (lambda n, d: turned(n, d).round(decimals=2), "off by"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)
