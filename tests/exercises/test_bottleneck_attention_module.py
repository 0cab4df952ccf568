"""What the checks of ``bottleneck_attention_module`` say of wrong answers and shortcuts."""

import pytest
import torch

from tests.exercises.chapters import SOLUTIONS, told

refined, open_by = SOLUTIONS["refined"], SOLUTIONS["open_by"]
reach_of, weights_of_module = SOLUTIONS["reach_of"], SOLUTIONS["weights_of_module"]


def masked(mask):
    """F (1 + mask of the two scores), laid out."""
    return lambda F, c, s: F * (1 + mask(c[..., None, None], s[:, None]))


def in_place(F, c, s):
    return F.mul_(refined(F, c, s) / F)


def parts(C, r):
    """Weights of layers, of convolutions, of all norms, and a hidden layer's size."""
    k = C // r
    return 2 * C * k + k + C, C * k + k + 2 * (9 * k * k + k) + k + 1, 8 * k, k


REACHES = [(3, 5), (4, 2), (1, 2), (4, 1), (2, 3), (1, 1)]
COUNTS = [(256, 16), (512, 16), (1024, 16), (24, 4), (64, 8)]
"""What a reader may have read in the check, or met in the chapter."""


def tabled(solution, cases):
    """The solution's values for these cases, and nothing that is right for any other."""
    values = {case: solution(*case) for case in cases}
    return lambda *case: values.get(case, tuple(0 for _ in case) if solution is reach_of else 0)


WRONG = {
    "refined": [
        (lambda F, c, s: F * (c[..., None, None] + s[:, None]).sigmoid(), "missing: F + F"),
        (lambda F, c, s: F + (c[..., None, None] + s[:, None]).sigmoid(), "misprint"),
        (lambda F, c, s: 2 * F + (c[..., None, None] + s[:, None]).sigmoid(), "slide"),
        (masked(lambda c, s: (c * s).sigmoid()), "adds the branches"),
        (masked(lambda c, s: c + s), "sigmoid is missing"),
        (masked(lambda c, s: c.sigmoid() * s.sigmoid()), "one sigmoid"),
        (masked(lambda c, s: c.sigmoid() + s.sigmoid()), "one sigmoid"),
        (masked(lambda c, s: (c + s).tanh()), "between 0 and 1"),
        (masked(lambda c, s: c.sigmoid() + 0 * s), "spatial branch is missing"),
        (masked(lambda c, s: s.sigmoid() + 0 * c), "channel branch is missing"),
        (masked(lambda c, s: 1 - (c + s).sigmoid()), "1 is open"),
        (masked(lambda c, s: 2 * (c + s).sigmoid()), "once"),
        (lambda F, c, s: refined(F, c, s)[0], "shape"),
        (lambda F, c, s: 1.001 * refined(F, c, s), "off by"),
        (in_place, "changes"),
    ],
    "open_by": [
        (lambda c, s: open_by(c, s)[::-1], "sum first"),
        (lambda c, s: ((c > 0) & (s > 0), c * s > 0), "outweighs the other"),
        (lambda c, s: ((c > 0) | (s > 0), c * s > 0), "outweighs one above"),
        (lambda c, s: (c + s < 0, c * s > 0), "is open"),
        (lambda c, s: (c + s > 0.5, c * s > 0), "one half"),
        (lambda c, s: (c + s >= 0, c * s > 0), "not above it"),
        (lambda c, s: (c + s > 0, c * s >= 0), "not above it"),
        (lambda c, s: (c + s > 0, (c > 0) & (s > 0)), "two scores below 0"),
        (lambda c, s: (c + s > 0, c * s < 0), "is open"),
        (lambda c, s: (c + s > 0, c * s > 0.5), "one half"),
        (lambda c, s: (c + s > 0,) * 2, "not of the sum"),
        (lambda c, s: (c + s > 0, c == c), "two signs"),
        (lambda c, s: c + s > 0, "two tensors"),
        (lambda c, s: ((c + s).sigmoid(), (c * s).sigmoid()), "bool"),
    ],
    "reach_of": [
        (lambda d, n: (2 * d * n, (1 + 2 * n) ** 2), "itself"),
        (lambda d, n: (1 + d * n, (1 + 2 * n) ** 2), "both sides"),
        (lambda d, n: (1 + 2 * n, (1 + 2 * n) ** 2), "as long as"),
        (lambda d, n: (1 + 2 * d, (1 + 2 * n) ** 2), "further"),
        (lambda d, n: (1 + 2 * d**n, (1 + 2 * n) ** 2), "added"),
        (lambda d, n: (1 + 2 * d * n, (1 + 2 * d * n) ** 2), "gaps"),
        (lambda d, n: (1 + 2 * d * n, 9 * n), "nine of its own"),
        (lambda d, n: (1 + 2 * d * n, 9**n), "the same place"),
        (lambda d, n: (1 + 2 * d * n, 1 + 2 * n), "rows and columns"),
        (lambda d, n: 1 + 2 * d * n, "the side and"),
        (lambda d, n: tuple(map(float, reach_of(d, n))), "whole numbers"),
        (lambda d, n: (17, 25), "makes (9, 9)"),
        (lambda d, n: (3**n, (1 + 2 * n) ** 2), "does not multiply"),
        (lambda d, n: (1 + 2 * d * n, 3**n), "in a row"),
        (tabled(reach_of, REACHES), "makes (9, 9)"),
    ],
    "weights_of_module": [
        (lambda C, r: sum(parts(C, r)[:2]), "two a channel"),
        (lambda C, r: parts(C, r)[0] + 2 * parts(C, r)[3], "channel branch alone"),
        (lambda C, r: parts(C, r)[1] + 6 * parts(C, r)[3], "spatial branch alone"),
        (lambda C, r: weights_of_module(C, r) - C - 4 * parts(C, r)[3] - 1, "biases"),
        (lambda C, r: weights_of_module(C, r) - 4 * parts(C, r)[3], "two numbers"),
        (lambda C, r: weights_of_module(C, r) - 2 * parts(C, r)[3], "three norms"),
        (lambda C, r: weights_of_module(C, r) - 9 * (C // r) ** 2 - C // r, "two convolutions"),
        (lambda C, r: weights_of_module(C, r) - 16 * (C // r) ** 2, "nine weights"),
        (lambda C, r: weights_of_module(C, r) + (C // r + 1) * (C - 1), "one map"),
        (lambda C, r: sum(parts(C, r)[:2]) + 2 * C + 2, "not last"),
        (lambda C, r: float(weights_of_module(C, r)), "whole number"),
        (lambda C, r: weights_of_module(C, r) + 1, "wrong"),
        (lambda C, r: weights_of_module(C, r) + 8 * (C // r) + 4, "counts of batches"),
        (lambda C, r: weights_of_module(C, r) + 8 * (C // r), "nothing trains them"),
        (tabled(weights_of_module, COUNTS), "256, 16 make 17361"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)


def test_the_solutions_agree_with_the_book():
    assert reach_of(4, 2) == (17, 25)
    assert [weights_of_module(C, 16) for C in (256, 512, 1024)] == [17_361, 68_513, 272_193]
    c, s = torch.tensor([2.0, -1.0]), torch.tensor([-1.0, -3.0])
    assert [one.tolist() for one in open_by(c, s)] == [[True, False], [False, True]]
