"""Numbers from what was predicted and what is true; no model and no data set."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor


def exact_match(predicted: Sequence[Sequence[Any]], truth: Sequence[Sequence[Any]]) -> float:
    """The part of the sequences that are predicted without a single fault, 0 to 1.

    Args:
        predicted: B sequences.
        truth: the B true ones, in the same order.
    """
    if len(predicted) != len(truth) or not truth:
        raise ValueError(
            f"predicted has {len(predicted)} sequences and truth {len(truth)}; pass one for each, "
            "and at least one"
        )
    return sum(list(p) == list(t) for p, t in zip(predicted, truth, strict=True)) / len(truth)


def aligned(written: Sequence[Any], true: Sequence[Any]) -> list[bool]:
    """Which of the true words are written, a shift forgiven: one bool for each true word.

    The two sequences are laid beside each other with the fewest edits (words left out, added or
    replaced; Levenshtein 1966); a true word counts where it lies beside its like.
    """
    rows, columns = len(written) + 1, len(true) + 1
    edits = [[i + j for j in range(columns)] for i in range(rows)]  # right where i or j is 0
    for i in range(1, rows):
        for j in range(1, columns):
            replaced = edits[i - 1][j - 1] + (written[i - 1] != true[j - 1])
            edits[i][j] = min(replaced, edits[i - 1][j] + 1, edits[i][j - 1] + 1)
    found, i, j = [False] * len(true), len(written), len(true)
    while i and j:
        same = written[i - 1] == true[j - 1]
        if edits[i][j] == edits[i - 1][j - 1] + (not same):
            i, j = i - 1, j - 1
            found[j] = same
        elif edits[i][j] == edits[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return found


def bleu(
    written: Sequence[Sequence[Any]], true: Sequence[Sequence[Any]], longest: int = 4
) -> float:
    """How many groups of neighbouring words stand in the truth as well: BLEU, from 0 to 100.

    ``100 min(1, exp(1 - t / w)) (p_1 ... p_n)^(1/n)``, where of the groups of k words that are
    written the part p_k is true, each at most as often as its sentence has it, counted over all
    sentences together; t and w are the words in truth and written. With one true translation a
    sentence: Papineni et al. 2002, "BLEU", https://doi.org/10.3115/1073083.1073135.

    Args:
        written: B sequences of words.
        true: the B true ones, in the same order.
        longest: words in the longest groups, n.
    """
    if len(written) != len(true) or not true or longest < 1:
        raise ValueError(
            f"written has {len(written)} sequences, true {len(true)}, longest is {longest}; pass "
            "one sequence for each, and at least one, and longest >= 1"
        )

    def groups(words: Sequence[Any], size: int) -> Counter[tuple[Any, ...]]:
        return Counter(zip(*(words[start:] for start in range(size)), strict=False))

    precisions = []
    for size in range(1, longest + 1):
        pairs = [(groups(w, size), groups(t, size)) for w, t in zip(written, true, strict=True)]
        found = sum((ours & theirs).total() for ours, theirs in pairs)
        precisions.append(found / max(1, sum(ours.total() for ours, _ in pairs)))
    if not all(precisions):
        return 0.0
    brevity = min(1.0, math.exp(1 - sum(map(len, true)) / sum(map(len, written))))
    return 100 * brevity * math.prod(precisions) ** (1 / longest)


def alignment_error_rate(
    predicted: Iterable[tuple[Any, ...]], gold: Iterable[tuple[Any, ...]]
) -> float:
    """How far predicted links are from the true ones: 0 is perfect, 1 is nothing in common.

    ``1 - 2 |A & S| / (|A| + |S|)`` with predicted links A and sure links S: Och and Ney, "A
    Systematic Comparison of Various Statistical Alignment Models", Computational Linguistics
    29(1), 2003, where all links are sure (P = S).

    Args:
        predicted: links, e.g. (target index, source index); leave out the words you do not judge.
        gold: the true links, of the same form.
    """
    predicted, gold = frozenset(predicted), frozenset(gold)
    if not gold:
        raise ValueError("gold is empty; pass at least one true link")
    return 1 - 2 * len(predicted & gold) / (len(predicted) + len(gold))


def facts_found(places: Tensor, facts: Tensor) -> Tensor:
    """Whether all facts of a question are among the places that were read: bool (B,).

    Args:
        places: (B, K), where each of K hops has read.
        facts: (B, F), the places of the facts; a negative one is no fact.
    """
    found = (facts.unsqueeze(-1) == places.unsqueeze(-2)).any(dim=-1)  # (B, F)
    return (found | (facts < 0)).all(dim=-1)


def area_under_curve(values: Tensor, truth: Tensor) -> Tensor:
    """How well values tell the true places from the others: the area under the ROC curve.

    It is the chance that a true place has a higher value than another one; of two equal values
    half is counted. 1 is perfect, 0.5 chance.

    Args:
        values: (B, N), any real numbers.
        truth: bool (B, N), with at least one true and one other place in every row.

    Returns:
        (B,), one for each row.

    Source: Hanley and McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747.
    """
    if values.shape != truth.shape or truth.ndim != 2 or truth.dtype != torch.bool:
        raise ValueError(
            f"values {tuple(values.shape)} and truth {tuple(truth.shape)}, {truth.dtype}; pass "
            "numbers (B, N) and a bool for each"
        )
    yes = truth.sum(dim=1)
    no = truth.shape[1] - yes
    if not (yes * no).all():
        raise ValueError("truth has a row with no true place, or with no other; leave it out")
    ordered, places = values.double().sort(dim=1)
    first = torch.searchsorted(ordered, ordered)  # of equal values, the first rank and the last
    last = torch.searchsorted(ordered, ordered, right=True)
    ranks = torch.empty_like(ordered).scatter(1, places, (first + last + 1).double() / 2)
    return ((ranks * truth).sum(dim=1) - yes * (yes + 1) / 2) / (yes * no)


def share_of_queries(weights: Tensor) -> Tensor:
    """How much of an address depends on who asks: a part of its variance, 0 to 1.

    The weights of a query are compared with even ones, 1 / S each (or the mean weight, where they
    do not sum to 1): the mean over all queries has a part of that variance, the rest is what the
    queries differ in. Addresses that are all even have none; of them it is 0.

    Args:
        weights: (B, T, S).

    Returns:
        (B,), one for each memory.
    """
    if weights.ndim != 3:
        raise ValueError(f"weights must be (B, T, S); got {tuple(weights.shape)}")
    mean, even = weights.mean(dim=1, keepdim=True), weights.mean(dim=(1, 2), keepdim=True)
    own = (weights - mean).square().sum(dim=(1, 2))
    whole = (weights - even).square().sum(dim=(1, 2))
    least = 1e-10 * weights.square().sum(dim=(1, 2))  # what is less is rounding
    return torch.where(whole > least, own / whole, 0.0)
