"""Memory networks with hard reads: input, generalization, output, response.

The model is told which sentences an answer follows from, and learns to find them.

Shapes: `sentences` (U, W) holds word numbers, 0 behind the last word, and row 0 is the empty
sentence; a `story` (B, S) holds rows of `sentences` in the order told, 0 before the first; a
`question` (B, W) holds word numbers; `support` (B, K) holds places in the story.

Source: Weston, Chopra and Bordes 2014, "Memory networks", arXiv:1410.3916.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lecture_utils.addressing import read
from lecture_utils.recording import note


class Match(nn.Module):
    """How well y fits x: s(x, y) = Phi_x(x) . U'U Phi_y(y), with bags of words as features.

    A word has three features: in y, in the question, and in a memory that has already been
    found. So U is three tables of word vectors (V, n), and U Phi a sum of them.

    Source: Weston et al. 2014, arXiv:1410.3916, section 3.1, equation 5.
    """

    def __init__(self, vocabulary_size: int, features: int) -> None:
        super().__init__()
        self.candidate, self.question, self.found = (
            nn.Embedding(vocabulary_size, features, padding_idx=0) for _ in range(3)
        )
        for table in (self.candidate, self.question, self.found):
            nn.init.normal_(table.weight, std=0.1)
            with torch.no_grad():
                table.weight[0] = 0

    def query(self, question: Tensor, found: Sequence[Tensor] = ()) -> Tensor:
        """U Phi_x (B, n), of a question (B, W) and the memories found so far, each (B, W)."""
        return self.question(question).sum(dim=-2) + sum(self.found(m).sum(dim=-2) for m in found)

    def key(self, candidate: Tensor) -> Tensor:
        """U Phi_y (..., n) of candidates (..., W)."""
        return self.candidate(candidate).sum(dim=-2)


class Timed(nn.Module):
    """Which of two memories fits the query better, where their order in time may matter.

    s(x, y, y') = U Phi_x . (U Phi_y - U Phi_y' + U Phi_t); above 0 means y. Phi_t says whether x is
    older than y, x is older than y', and y is older than y', by -1 or 1 (the paper: 0 or 1).

    Source: Weston et al. 2014, arXiv:1410.3916, section 3.4.
    """

    def __init__(self, features: int, time: bool = True) -> None:
        super().__init__()
        self.time = nn.Parameter(0.1 * torch.randn(3, features)) if time else None  # U of Phi_t

    def forward(self, query: Tensor, keys: Tensor, last: Tensor | None) -> Tensor:
        """Which fits better: s (B, S, S), of U Phi_x (B, n) and U Phi_y (B, S, n).

        `last` (B,) is the place of the memory found last; None dates x after all of them.
        """
        scores = (keys @ query.unsqueeze(-1)).squeeze(-1)  # (B, S)
        pairs = scores.unsqueeze(-1) - scores.unsqueeze(-2)  # (B, S, S)
        if self.time is None:
            return pairs
        place = torch.arange(keys.shape[1], device=keys.device)
        dated = keys.shape[1] if last is None else last.unsqueeze(-1)
        older = (dated < place).expand_as(scores)  # x than each one
        bits = older.unsqueeze(-1), older.unsqueeze(-2), place.unsqueeze(-1) < place
        counts = (query @ self.time.T)[..., None, None].unbind(1)  # three of (B, 1, 1)
        return pairs + sum(count * (2.0 * bit - 1) for count, bit in zip(counts, bits, strict=True))


def winner(pairs: Tensor, filled: Tensor) -> Tensor:
    """The memory that is left when each in turn is compared with the best so far.

    Source: Weston et al. 2014, arXiv:1410.3916, algorithm 1.

    Args:
        pairs: (B, S, S), above 0 where the first of two memories fits better.
        filled: (B, S) bool, True where a slot holds a sentence; at least one a row.

    Returns:
        A hard address (B, 1, S): 1 at the winner, 0 elsewhere.
    """
    rows = torch.arange(len(pairs), device=pairs.device)
    best = filled.long().argmax(dim=-1)  # the first that was told
    for i in range(pairs.shape[1]):
        better = filled[:, i] & (pairs[rows, i, best] > 0)
        best = torch.where(better, i, best)
    return nn.functional.one_hot(best, pairs.shape[1]).to(pairs.dtype).unsqueeze(1)


class Generalization(nn.Module):
    """G: how new features change the memory. Here they go into the next slots, as they are."""

    def forward(self, memory: Tensor, features: Tensor) -> Tensor:
        """The memory (B, S + s, W), from a memory (B, S, W) and features (B, s, W)."""
        return torch.cat([memory, features], dim=1)


class Output(nn.Module):
    """O: find `hops` memories, one after the other, each by the question and those before it.

    Args:
        vocabulary_size: number of words, V.
        features: of a vector, n.
        hops: how many memories are found for a question, k.
        time: whether the order of the memories counts.
    """

    def __init__(self, vocabulary_size: int, features: int, hops: int, time: bool) -> None:
        super().__init__()
        self.hops = hops
        self.match, self.compare = Match(vocabulary_size, features), Timed(features, time)

    def pairs(self, question: Tensor, memory: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """Which comes next, when `weights` have found the others: s (B, S, S)."""
        query = self.match.query(question, found(weights, memory))
        last = weights[-1].squeeze(1).argmax(dim=-1) if weights else None
        return self.compare(query, self.match.key(memory), last)

    def forward(self, question: Tensor, memory: Tensor) -> list[Tensor]:
        """Hard addresses, k of (B, 1, S), for a question (B, W) and a memory (B, S, W)."""
        filled, weights = (memory != 0).any(dim=-1), []
        if not filled.any(dim=-1).all():
            raise ValueError("memory holds no sentence for some question; tell one first")
        for _ in range(self.hops):
            weights.append(note(self, winner(self.pairs(question, memory, weights), filled)))
        return weights


class Response(nn.Module):
    """R: the word that fits the question and what was found.

    Args:
        vocabulary_size: number of words, V; answers are words too.
        features: of a vector, n.
    """

    def __init__(self, vocabulary_size: int, features: int) -> None:
        super().__init__()
        self.match = Match(vocabulary_size, features)

    def forward(self, question: Tensor, memory: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """A score (B, V) for every word, of a question (B, W) and a memory (B, S, W)."""
        query = self.match.query(question, found(weights, memory))
        return query @ self.match.candidate.weight.T


class MemNN(nn.Module):
    """A memory network: I, G, O and R.

    Args:
        vocabulary_size: number of words, V; answers are words too.
        features: of a vector, n.
        hops: how many memories are found for a question, k.
        time: whether the order of the memories counts.
    """

    def __init__(
        self, vocabulary_size: int, features: int = 32, hops: int = 2, time: bool = True
    ) -> None:
        super().__init__()
        if hops < 1:
            raise ValueError(f"hops must be at least 1; got {hops}")
        self.I, self.G = nn.Identity(), Generalization()  # what is stored of a text is its words
        self.O = Output(vocabulary_size, features, hops, time)
        self.R = Response(vocabulary_size, features)

    def forward(self, story: Tensor, question: Tensor) -> Tensor:
        """Scores (B, V) of the answer to a question (B, W) about a story (B, S, W)."""
        memory = self.G(story[:, :0], self.I(story))
        features = self.I(question)
        return self.R(features, memory, self.O(features, memory))


def found(weights: Sequence[Tensor], memory: Tensor) -> list[Tensor]:
    """What hard addresses read: for each (B, 1, S) the words (B, W) of its slot."""
    return [read(w.float(), memory.float()).squeeze(1).long() for w in weights]


def margin_loss(
    model: MemNN,
    memory: Tensor,
    question: Tensor,
    answer: Tensor,
    support: Tensor,
    margin: float = 0.1,
) -> Tensor:
    """How far the true memories and the true answer are from winning by `margin`, a scalar.

    Memories (B, S, W), questions (B, W), answers (B,), places of the true memories (B, k).

    Source: Weston et al. 2014, arXiv:1410.3916, equations 6 to 8, with all wrong candidates.
    """
    if (support[:, : model.O.hops] < 0).any():
        raise ValueError(f"support must name {model.O.hops} places for every question")
    rows, loss = torch.arange(len(memory), device=memory.device), 0.0
    filled, features = (memory != 0).any(dim=-1), model.I(question)
    true = nn.functional.one_hot(support, memory.shape[1]).float().split(1, dim=1)
    for hop in range(model.O.hops):
        pairs, place = model.O.pairs(features, memory, true[:hop]), support[:, hop]
        wrong = filled & ~true[hop].squeeze(1).bool()  # (B, S)
        lost = (margin - pairs[rows, place]).relu() + (margin + pairs[rows, :, place]).relu()
        loss = loss + (lost * wrong).sum(dim=-1).mean()
    scores = model.R(features, memory, true[: model.O.hops])  # (B, V)
    lost = (margin - scores[rows, answer].unsqueeze(-1) + scores).relu()
    return loss + lost.sum(dim=-1).mean() - margin
