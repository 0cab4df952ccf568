"""The checks of the chapter on attention of queries, keys and values."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import torch
from torch import Tensor, nn

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched, without


@exercise("the slide's formula, with masks; a query with nothing to read reads zeros")
def attention(answer: Callable[..., Tensor]) -> None:
    """``answer(Q, K, V, mask)``: reads (B, T, d_v).

    Of Q (B, T, d), K (B, S, d), V (B, S, d_v) and a mask (B, T, S).
    """
    for b, t, s, d, v in ((2, 3, 5, 16, 4), (3, 4, 4, 9, 9), (1, 1, 6, 4, 2)):
        Q, K, V = 2 * numbers(b, t, d), 2 * numbers(b, s, d, seed=1), numbers(b, s, v, seed=2)
        mask = numbers(b, t, s, seed=3) > -0.5
        mask[..., 0] = True
        with without(["scaled_dot_product_attention"], "torch's own would do it: write the steps"):
            given = untouched(answer, Q, K, V, mask)
        given = tensor(given, (b, t, v), "the read")
        scores = Q @ K.transpose(-2, -1)

        def reads(e: Tensor, may: Tensor, V: Tensor = V) -> Tensor:
            return torch.nan_to_num(e.masked_fill(~may, -torch.inf).softmax(-1)) @ V

        for wrong, hint in (
            (reads(scores, mask), "the scores are not scaled: divide them by the root of d"),
            (reads(scores / d, mask), "divide by the root of d, not by d"),
            (reads(scores / v**0.5, mask), "d counts the features of a key, not of a value"),
            (reads(scores / s**0.5, mask), "d counts the features of a key, not the slots"),
            (reads(scores / d**0.5, ~mask), "the mask is True where a slot may be read"),
            (reads(scores / d**0.5, mask | True), "slots that may not be read have weight"),
            (
                scores.div(d**0.5).softmax(-1).masked_fill(~mask, 0) @ V,
                "mask before the softmax: the weights of a row must sum to 1",
            ),
        ):
            told = torch.allclose(given, wrong, atol=1e-5)
            right = torch.allclose(wrong, reads(scores / d**0.5, mask), atol=1e-5)
            assert right or not told, hint
        close(
            given,
            reads(scores / d**0.5, mask),
            "softmax(Q K^T / sqrt(d)) V: the softmax runs over the slots, the last axis; "
            "each sequence reads its own slots",
        )
    none = torch.zeros(1, 2, 3, dtype=torch.bool)
    given = tensor(
        answer(numbers(1, 2, 4), numbers(1, 3, 4), numbers(1, 3, 2), none), (1, 2, 2), ""
    )
    assert not given.isnan().any(), "a query with no slot gives nan: 0 / 0; make it read zeros"
    assert given.abs().max() < 1e-6, "a query with no slot to read must read zeros"
    Q, V = torch.tensor([[[40.0], [1.0]]]), torch.tensor([[[1.0], [2.0], [4.0]]])
    K, some = (
        torch.tensor([[[-5.0], [-4.0], [9.0]]]),
        torch.tensor([[[True, True, False], 3 * [False]]]),
    )
    given = tensor(answer(Q, K, V, some), (1, 2, 1), "the read")
    assert given.isfinite().all(), "large scores, or one query with no slot beside others, give nan"
    assert (given - torch.tensor([[[2.0], [0.0]]])).abs().max() < 1e-5, (
        "a closed slot with a large score is still read, or a query with no slot reads something"
    )


@exercise("rows read, columns are read: every row sums to 1")
def queries_in_rows(answer: Callable[[Tensor], Tensor]) -> None:
    """``answer(map)``: the map (S, S) with the readers in its rows, however it came."""
    for size, sharp, causal in ((3, 1.0, False), (5, 4.0, False), (4, 1.0, True), (2, 0.3, False)):
        scores = sharp * numbers(size, size, seed=size)
        if causal:
            scores = scores.masked_fill(torch.ones(size, size).triu(1).bool(), -torch.inf)
        right = scores.softmax(-1)
        for came, how in ((right, "the right way round"), (right.T.contiguous(), "transposed")):
            given = tensor(untouched(answer, came), (size, size), "the map")
            hint = f"this map came {how}; the weights that sum to 1 belong to one query"
            close(given, right, hint)
    even = [0.25, 0.25, 0.25, 0.25]
    right = torch.tensor([[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5], even, even])[:, [0, 2, 1, 3]]
    right[3] = torch.tensor([0.3, 0.2, 0.3, 0.2])
    for came in (right, right.T.contiguous()):
        close(
            tensor(answer(came), (4, 4), "the map"),
            right,
            "how large the largest weights are tells nothing; what do they sum to?",
        )
    for n, m in combinations(range(6), 2):  # all rows sum to 1, and all columns but these two
        shy = torch.full((6, 6), 1 / 6)
        shy[(n + m) % 6, [n, m]] += torch.tensor([0.1, -0.1])
        for came, some, every in (
            (shy, "columns", "rows"),
            (shy.T.contiguous(), "rows", "columns"),
        ):
            hint = f"only some of its {some} sum to 1, all of its {every} do: look at all of them"
            close(tensor(answer(came), (6, 6), "the map"), shy, hint)


@exercise("each word may read itself and those before it")
def may_read(answer: Callable[[int, int], Tensor]) -> None:
    """``answer(T, S)``: bool (T, S), for the last T of S words: True where it may be read."""
    for t, s in ((4, 4), (1, 1), (2, 5), (1, 3), (3, 4), (3, 40), (7, 9), (12, 12)):
        given = tensor(answer(t, s), (t, s), f"the mask of {t} queries on {s} slots")
        assert given.dtype == torch.bool, f"a mask is bool; yours is {given.dtype}"
        wanted = torch.ones(t, s).tril(s - t).bool()
        assert not torch.equal(given, ~wanted), "this is the other way round: True may be read"
        later = bool((given & ~wanted).any())
        assert not later or t == s, "the queries are the last T of the S words, not the first"
        assert not later, "a word reads one that comes later"
        own = given[torch.arange(t), torch.arange(s - t, s)]
        assert own.all(), "a word may read itself, too"
        assert torch.equal(given, wanted), "a word may read all words before it"


def _model(kind: str) -> Callable[[Tensor], Tensor]:
    """A model of words (B, S) in 0 to 9, with logits (B, S, 4), that looks as `kind` says."""
    table = numbers(10, 4)

    def run(words: Tensor) -> Tensor:
        x = table[words]
        steps = x.cumsum(1) / torch.arange(1, x.shape[1] + 1).unsqueeze(-1)  # those so far
        if kind == "everything":
            return x.mean(1, keepdim=True) + x
        if kind == "the next word":
            return steps + torch.cat([x[:, 1:], torch.zeros_like(x[:, :1])], 1)
        if kind == "the last word":
            return steps + 1e-4 * x[:, -1:]
        if kind == "the last word, in two features against each other":
            return steps + x[:, -1:, :1] * torch.tensor([1.0, -1.0, 0.0, 0.0])
        if kind == "the last word, where the first is 2":
            return steps + x[:, -1:] * (words[:, :1] == 2).unsqueeze(-1)
        if kind == "the ninth word":
            return steps + x[:, 8:9].sum(1, keepdim=True)  # 0 in a shorter row
        if kind == "the last word, at the first":
            return torch.cat([steps[:, :1] + x[:, -1:], steps[:, 1:]], 1)
        if kind == "the fourth word, at the third":
            ahead = torch.zeros_like(x)
            ahead[:, 2:3] = x[:, 3:4]
            return steps + ahead
        if kind == "a norm over time":
            return steps / x.norm(dim=1, keepdim=True)
        if kind == "itself alone":
            return nn.functional.gelu(x)
        return steps

    return run


@exercise("whatever a later word does to an earlier answer, you see it")
def leaks(answer: Callable[[Callable, Tensor], bool]) -> None:
    """``answer(model, words)``: does an answer of ``model(words)`` depend on a later word?

    The words are (B, S) numbers from 0 to 9; the logits (B, S, V).
    """
    words = torch.tensor([[3, 1, 4, 1, 5, 9], [2, 6, 5, 3, 5, 8], [0, 0, 0, 0, 0, 0]])
    rows = words, words[:1], words[2:], words[:, :2]
    long = torch.arange(20).view(2, 10) % 7
    for kind, wanted, asked in (
        ("the words so far", False, (*rows, long)),
        ("everything", True, rows),
        ("the next word", True, rows),
        ("the last word", True, rows),
        ("the last word, in two features against each other", True, rows),
        ("the last word, where the first is 2", True, (words, words[1:2])),
        ("the last word, at the first", True, rows),
        ("the fourth word, at the third", True, rows[:3]),
        ("the ninth word", True, (long,)),
        ("a norm over time", True, rows),
        ("itself alone", False, rows),
    ):
        for given in asked:
            said = untouched(lambda w, kind=kind: answer(_model(kind), w), given)
            if said is None:
                raise Stub
            found = bool(said)
            assert found or not wanted, f"a model that sees {kind} passes for one that does not"
            assert wanted or not found, f"a model that sees {kind} is accused"
