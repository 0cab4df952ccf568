"""What the checks of ``bahdanau_attention`` say of wrong answers and of shortcuts."""

import pytest
import torch

from tests.exercises.chapters import SOLUTIONS, told

additive_score = SOLUTIONS["additive_score"]


def emptied(a, s):
    """Right, but it takes the links out of the caller's set."""
    both, sizes = len(a & s), len(a) + len(s)
    a.difference_update(s)
    return 1 - 2 * both / sizes


def places(links):
    """The links with their places in order: two sets of them meet only place by place."""
    return set(enumerate(sorted(links)))


WRONG = {
    "additive_score": [
        (lambda *a: additive_score(*a).softmax(-1), "the weights"),
        (lambda s, h, W, U, v: torch.tanh(s @ W.T + (h @ U.T)) @ v, "own s"),
        (lambda s, h, W, U, v: ((s @ W.T).unsqueeze(1) + h @ U.T) @ v, "then tanh"),
        (lambda s, h, W, U, v: torch.tanh(((s @ W.T)[:, None] + h @ U.T) @ v), "then tanh"),
        (
            lambda s, h, W, U, v: (torch.tanh(s @ W.T)[:, None] + torch.tanh(h @ U.T)) @ v,
            "add first",
        ),
        (lambda s, h, W, U, v: torch.tanh((s @ W.T)[:, None] + h @ U.T).sum(-1), "then v"),
        (lambda s, h, W, U, v: torch.tanh((s @ W.T)[:, None] - h @ U.T) @ v, "add first"),
        (lambda s, h, W, U, v: torch.sigmoid((s @ W.T)[:, None] + h @ U.T) @ v, "then tanh"),
        (lambda s, h, W, U, v: additive_score(s, h, U, W, v), "off by"),
        (lambda s, h, W, U, v: additive_score(s[:1], h, W, U, v), "own s"),
        (lambda s, h, W, U, v: torch.tanh(h @ U.T) @ v, "add first"),
    ],
    "alignment_error": [
        (lambda a, s: 1 - len(a & s) / max(1, len(a)), "not"),
        (lambda a, s: 1 - len(a & s) / len(s), "not"),
        (lambda a, s: 1 - len(a & s) / len(a | s), "not"),
        (lambda a, s: 1 - len(a & s) / max(len(a), len(s)), "not"),
        (lambda a, s: 1 - 2 * len(a & s) / (2 * len(s)), "not"),
        (lambda a, s: 1 - (len(a & s) / max(1, len(a)) + len(a & s) / len(s)) / 2, "not"),
        (lambda a, s: 2 * len(a & s) / (len(a) + len(s)), "no error"),
        (
            lambda a, s: 1 - 2 * len({*map(frozenset, a)} & {*map(frozenset, s)}) / len([*a, *s]),
            "in this order",
        ),
        (lambda a, s: 1 - 2 * len({i for i, _ in a} & {i for i, _ in s}) / len([*a, *s]), "all"),
        (lambda a, s: round(1 - 2 * len(a & s) / (len(a) + len(s)), 1), "do not round"),
        (
            lambda a, s: 1 - 2 * len(places(a) & places(s)) / (len(a) + len(s)),
            "the first is missing",
        ),
        (emptied, "changes the sets"),
    ],
    "entropy_in_bits": [
        (lambda w: torch.special.entr(w).sum(-1), "nats"),
        (lambda w: -(w * w.log2()).sum(-1), "0 log 0"),
        (lambda w: (w > 0).sum(-1).float().log2(), "1.75"),
        (lambda w: -(w**2).sum(-1).log2(), "1.75"),
        (lambda w: -w.amax(-1).log2(), "1.75"),
        (lambda w: torch.special.entr(w).sum(0) / torch.tensor(2.0).log(), "off by"),
        (lambda w: torch.special.entr(w).mean(-1) / torch.tensor(2.0).log(), "1.75"),
        (lambda w: torch.special.entr(w).sum(-1) / torch.tensor(4.0).log(), "1.75"),
        (lambda w: 2 ** (torch.special.entr(w).sum(-1) / torch.tensor(2.0).log()), "1.75"),
        (lambda w: -(w * (w + 0.01).log2()).sum(-1), "1.75"),
        (lambda w: torch.special.entr(w).sum() / torch.tensor(2.0).log(), "shape"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)
