"""What the checks of ``hard_and_soft_addressing`` say of typical mistakes."""

import pytest
import torch

from tests.exercises.chapters import SOLUTIONS, told

reinforce = SOLUTIONS["reinforce"]
tempered_weights = SOLUTIONS["tempered_weights"]

MISTAKES = [
    ("slots_until_outweighed", 149, "still has weight"),
    ("slots_until_outweighed", 151, "already"),
    ("slots_until_outweighed", 0, "still has weight"),
    ("slots_until_outweighed", 150.0, "whole number"),
    ("tempered_weights", lambda s, t: (s * t).softmax(-1), "you multiply"),
    ("tempered_weights", lambda s, t: s.softmax(-1), "a softmax of scores / 0.5"),
    ("tempered_weights", lambda s, t: (s / t).softmax(-1), "case of its own"),
    ("tempered_weights", lambda s, t: (s / max(t, 1e-9)).softmax(-1), "largest score has"),
    (
        "tempered_weights",
        lambda s, t: (s == s.amax(-1, keepdim=True)).float() if t == 0 else (s / t).softmax(-1),
        "only the first",
    ),
    (
        "tempered_weights",
        lambda s, t: tempered_weights(-s, t) if t == 0 else tempered_weights(s, t),
        "largest score has weight 1",
    ),
    (
        "tempered_weights",
        lambda s, t: (s / t).exp() / (s / t).exp().sum(-1, keepdim=True),
        "off by nan",
    ),
    ("straight_through_gradient", lambda s, v, g: v @ g, "gradient of the weights"),
    ("straight_through_gradient", lambda s, v, g: s.softmax(-1) * (v @ g), "less weight elsewhere"),
    ("straight_through_gradient", lambda s, v, g: torch.zeros(4), "w the softmax"),
    ("reinforce", lambda s, i, x: -reinforce(s, i, x), "sign"),
    ("reinforce", lambda s, i, x: 5 * reinforce(s, i, x), "mean over the batch"),
    ("reinforce", lambda s, i, x: reinforce(s.detach(), i, x), "no gradient"),
    ("reinforce", lambda s, i, x: x.mean(), "detach them"),
    (
        "reinforce",
        lambda s, i, x: (x * s.log_softmax(-1).gather(-1, i[:, None])[:, 0]).mean(),
        "detach them",
    ),
    (
        "reinforce",
        lambda s, i, x: (x.detach() * s.gather(-1, i[:, None])[:, 0]).mean(),
        "log_softmax",
    ),
]


@pytest.mark.parametrize(("check", "mistake", "word"), MISTAKES)
def test_a_mistake_is_told_in_words(check, mistake, word):
    assert word in told(check, mistake)
