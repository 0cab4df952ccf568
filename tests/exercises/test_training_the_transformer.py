"""What the checks of ``training_the_transformer`` say of wrong answers and of shortcuts."""

import math

import pytest
import torch
from torch import nn

from lecture_utils import exercises
from tests.exercises.chapters import told


def by_exp(logits, words, s):
    """The smoothed loss, where exp of a score is finite."""
    log = (logits.exp() / logits.exp().sum(dim=-1, keepdim=True)).log()
    true = log[torch.arange(len(words)), words]
    return -((1 - s) * true + s * log.mean(dim=-1)).mean()


def smoothed(logits, words, s, share=None, base=1.0, total=torch.mean):
    """The smoothed loss; `share` of the others, or all V."""
    log = logits.log_softmax(dim=-1)
    true = log[torch.arange(len(words)), words]
    spread = log.mean(dim=-1) if share is None else (log.sum(dim=-1) - true) / share(log.shape[-1])
    return total(-((1 - s) * true + s * spread) / base)


def in_place(logits, words, s):
    """Right, but it changes what it was given."""
    logits.sub_(logits.logsumexp(dim=-1, keepdim=True))
    return smoothed(logits, words, s)


WRONG = {
    "shifted": [
        (lambda t: (t[:, :-1], t[:, :-1]), "need only be copied"),
        (lambda t: (t[:, 1:], t[:, 1:]), "need only be copied"),
        (lambda t: (t[:, 1:], t[:, :-1]), "the other way round"),
        (lambda t: (t, t), "must have shape"),
        (lambda t: (t[:, :-2], t[:, 2:]), "must have shape"),
        (lambda t: t[:, :-1], "two tensors"),
        (lambda t: (t[:, :-1], t.roll(1, dims=1)[:, 1:]), "need only be copied"),
        (lambda t: (t[:, :-1], t.roll(-2, dims=1)[:, :-1]), "told is every word behind"),
        (lambda t: (t[:, :-1].sort().values, t[:, 1:]), "given is <start>"),
        (lambda t: (t[:, :-1].where(t[:, :-1] != 2, 0), t[:, 1:]), "given is <start>"),
        (lambda t: (t[:, :-1], t[:, 1:].tolist()), "must be a tensor"),
        (lambda t: (t[:, :-1].float(), t[:, 1:].float()), "numbers of words"),
    ],
    "smoothed_loss": [
        (lambda x, w, s: smoothed(x, w, 0.0), "nothing is smoothed"),
        (lambda x, w, s: smoothed(x, w, s, share=lambda v: v - 1), "the true one among them"),
        (lambda x, w, s: smoothed(x, w, s, share=lambda v: v - 2), "log p"),
        (lambda x, w, s: smoothed(x, w, s, base=math.log(2)), "bits"),
        (lambda x, w, s: smoothed(x, w, s, total=torch.sum), "their mean"),
        (lambda x, w, s: -smoothed(x, w, s), "log p"),
        (lambda x, w, s: smoothed(x, w, 1 - s), "log p"),
        (lambda x, w, s: smoothed(x, w, 0.1), "log p"),
        (lambda x, w, s: smoothed(x, torch.arange(len(w)) % x.shape[1], s), "log p"),
        (by_exp, "log p"),
        (lambda x, w, s: (1 - s) * smoothed(x, w, 0.0), "log p"),
        (lambda x, w, s: smoothed(x, w, 0.0) + s, "log p"),
        (lambda x, w, s: nn.functional.cross_entropy(x, w, label_smoothing=s), "by hand"),
        (lambda x, w, s: nn.CrossEntropyLoss(label_smoothing=s)(x, w), "by hand"),
        (lambda x, w, s: smoothed(x, w, s).item(), "must be a tensor"),
        (lambda x, w, s: smoothed(x.softmax(-1), w, s), "log p"),
        (in_place, "changes"),
    ],
    "rate": [
        (lambda s, d, w: min(s**-0.5, s * w**-1.5), "root of the features is missing"),
        (lambda s, d, w: min(s**-0.5, s * w**-1.5) / d, "not over them"),
        (lambda s, d, w: max(s**-0.5, s * w**-1.5) / d**0.5, "the smaller of the two"),
        (lambda s, d, w: s**-0.5 / d**0.5, "the smaller of the two"),
        (lambda s, d, w: s * w**-1.5 / d**0.5, "at step 4001"),
        (lambda s, d, w: min(s**-0.5, s * w**-0.5) / d**0.5, "of a warm-up"),
        (lambda s, d, w: min(s**-0.5, (s - 1) * w**-1.5) / d**0.5, "at step 1 "),
        (lambda s, d, w: min((s + 1) ** -0.5, s * w**-1.5) / d**0.5, "of a warm-up"),
        (lambda s, d, w: min(1 / s, s / w**2) / d**0.5, "of a warm-up"),
        (lambda s, d, w: min(s**-0.5, s * 4000**-1.5) / 512**0.5, "of a warm-up"),
        (lambda s, d, w: min(1.0, s / w) * 1e-3, "of a warm-up"),
    ],
}


MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)


def test_the_two_may_be_stacked():
    assert exercises.shifted(lambda t: torch.stack([t[:, :-1], t[:, 1:]]))
    assert "the other way round" in told("shifted", lambda t: torch.stack([t[:, 1:], t[:, :-1]]))
