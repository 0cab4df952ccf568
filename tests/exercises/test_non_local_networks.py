"""What the checks of ``non_local_networks`` say of wrong answers and of shortcuts."""

import pytest
import torch

from lecture_utils import exercises
from tests.exercises.chapters import SOLUTIONS, told

read_of_places = SOLUTIONS["read_of_places"]
read_without_weights = SOLUTIONS["read_without_weights"]
products_in_both_orders = SOLUTIONS["products_in_both_orders"]
share_of_the_query = SOLUTIONS["share_of_the_query"]


def parts(x, *layers):
    """Queries, keys, values (B, N, C') and scores."""
    Q, K, V = (layer(x).flatten(2).transpose(1, 2) for layer in layers)
    return Q, K, V, Q @ K.transpose(1, 2)


def by(read):
    """An answer that reads by scores and Q, K, V."""

    def answer(x, theta, phi, g):
        Q, K, V, scores = parts(x, theta, phi, g)
        return read(scores, Q, K, V)

    return answer


def emptied(x, theta, phi, g):
    made = read_of_places(x, theta, phi, g)
    x.zero_()
    return made


def slow(Q, K, V):
    return Q @ K.transpose(1, 2) @ V / Q.shape[1]


def one_by_one(Q, K, V):
    """Right, but every weight at once, by sums of products."""
    return ((Q[:, :, None] * K[:, None]).sum(-1)[..., None] * V[:, None]).sum(2) / Q.shape[1]


def twice(weights, of=lambda own, whole: own / whole):
    mean, every = weights.mean(0), weights.mean()
    return of(((weights - mean) ** 2).sum(), ((weights - every) ** 2).sum()).item()


WRONG = {
    "read_of_places": [
        (by(lambda s, Q, K, V: s @ V), "without a softmax"),
        (by(lambda s, Q, K, V: s @ V / s.shape[-1]), "over N"),
        (by(lambda s, Q, K, V: s.softmax(1) @ V), "last axis"),
        (by(lambda s, Q, K, V: (s / Q.shape[-1] ** 0.5).softmax(-1) @ V), "Transformer"),
        (by(lambda s, Q, K, V: s.softmax(-1) @ K), "for finding"),
        (lambda x, theta, phi, g: read_of_places(x, phi, theta, g), "makes the queries"),
        (lambda x, *layers: read_of_places(x.transpose(2, 3), *layers), "row by row"),
        (by(lambda s, Q, K, V: V), "itself alone"),
        (by(lambda s, Q, K, V: V.mean(1, keepdim=True).expand_as(V)), "nobody asked"),
        (lambda x, *layers: read_of_places(x, *layers).transpose(1, 2), "shape"),
        (lambda x, *layers: 1.001 * read_of_places(x, *layers), "off by"),
        (emptied, "changes"),
    ],
    "read_without_weights": [
        (lambda Q, K, V: Q @ (K.transpose(1, 2) @ V), "over N"),
        (lambda Q, K, V: Q @ (K.transpose(1, 2) @ V) / Q.shape[2], "not of features"),
        (lambda Q, K, V: read_without_weights(Q, K, V) / Q.shape[0], "the batch"),
        (lambda Q, K, V: read_without_weights(Q, K, V) / Q.shape[1], "once"),
        (lambda Q, K, V: (Q @ K.transpose(1, 2)).softmax(-1) @ V, "no softmax"),
        (lambda Q, K, V: read_without_weights(K, Q, V), "outside"),
        (lambda Q, K, V: read_without_weights(Q, V, K), "not V^T K"),
        (slow, "meet first"),
        (one_by_one, "meet first"),
        (lambda Q, K, V: read_without_weights(Q, K, V)[0], "shape"),
        (lambda Q, K, V: 1.001 * read_without_weights(Q, K, V), "off by"),
    ],
    "products_in_both_orders": [
        (lambda N, C: products_in_both_orders(N, C)[::-1], "other way round"),
        (lambda N, C: (N * N * C, N * C * C), "two products of matrices"),
        (lambda N, C: (N * N * C, 2 * N * C * C), "meet the values"),
        (lambda N, C: (2 * N * N * C, N * C * C), "meet K^T V"),
        (lambda N, C: (2 * N * N, 2 * C * C), "sum of several"),
        (lambda N, C: (2 * N * N * C, 2 * N * N * C), "does not need"),
        (lambda N, C: (2 * N * C, 2 * N * C), "every query"),
        (lambda N, C: (2 * N * N * C + N * N, 2 * N * C * C), "left out"),
        (lambda N, C: (2.0 * N * N * C, 2.0 * N * C * C), "whole"),
        (lambda N, C: 2 * N * N * C, "two numbers"),
        (lambda N, C: (124416, 20736), "wrong"),
    ],
    "share_of_the_query": [
        (lambda w: 1 - share_of_the_query(w), "share"),
        (lambda w: share_of_the_query(w) ** 0.5, "no root"),
        (lambda w: share_of_the_query(w.T), "over the queries"),
        (
            lambda w: twice(w, lambda own, whole: own / (whole + w.mean() ** 2 * w.numel())),
            "not about 0",
        ),
        (lambda w: twice(w, lambda own, whole: own) / w.numel(), "divide by it"),
        (lambda w: 0.0, "not 0"),
        (lambda w: 1.0, "over the queries"),
        (lambda w: str(share_of_the_query(w)), "a number"),
        (lambda w: 0.99 * share_of_the_query(w) + 0.003, "wrong"),
        (lambda w: ((w - w.mean(0)) ** 2).sum() / ((w - 1 / w.shape[1]) ** 2).sum(), "wrong"),
    ],
}

MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)


def test_right_answers_of_another_form_pass():
    assert exercises.products_in_both_orders(lambda N, C: [2 * N * N * C, 2 * N * C * C])
    assert exercises.read_without_weights(
        lambda Q, K, V: torch.einsum("bnc,bcd->bnd", Q, K.mT @ V / K.shape[1])
    )
    assert exercises.share_of_the_query(lambda w: torch.tensor(share_of_the_query(w)))
    written_out = by(lambda scores, Q, K, V: scores.exp() / scores.exp().sum(-1, keepdim=True) @ V)
    assert exercises.read_of_places(written_out)
