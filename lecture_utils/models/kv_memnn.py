"""The Key-Value Memory Network: a slot is found by its key and gives its value.

Shapes: B questions, N slots for each of them, C candidates for the answer. Everything is a bag of
tokens, numbers from 1 on with 0 behind them: questions (B, T), keys (B, N, W), values (B, N, V),
candidates (C, Y). The mask (B, N) is True on slots.

With values that are the keys it is a memory network, to compare with.

Four things are ours: B is A, where the paper lets it be a matrix of its own or A's; each R_j begins
as twice the identity; a token may have a random vector in place of a learned one (`Bag`), so that a
name which no training question asks for is found all the same; and several answers may be right.

Source: Miller et al. 2016, "Key-value memory networks for directly reading documents",
arXiv:1606.03126.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from lecture_utils.addressing import Dot, attend


def inverted_index(keys: Tensor, frequent: int = 1000) -> dict[int, list[int]]:
    """For each token the slots whose key holds it, for the tokens that are not frequent.

    Source: Miller et al. 2016, arXiv:1606.03126, section 3.1, "key hashing".

    Args:
        keys: (S, W) long, the tokens of all S keys of a memory, 0 behind them.
        frequent: a token that is in more keys than this finds nothing.
    """
    if keys.ndim != 2 or keys.dtype != torch.long:
        raise ValueError(f"keys must be long and (S, W); got {keys.dtype} {tuple(keys.shape)}")
    if frequent < 1:
        raise ValueError(f"frequent must be at least 1; got {frequent}")
    index: dict[int, list[int]] = {}
    for slot, key in enumerate(keys.tolist()):
        for token in {*key} - {0}:
            index.setdefault(token, []).append(slot)
    return {token: slots for token, slots in index.items() if len(slots) <= frequent}


def hashed(
    questions: Tensor, index: Mapping[int, list[int]], most: int = 1000
) -> tuple[Tensor, Tensor]:
    """The slots that share a token with each question: (B, N), and a mask (B, N).

    Args:
        questions: (B, T) long.
        index: the slots of each token, from `inverted_index`.
        most: slots for one question, at most: those that share most tokens, then the first.
    """
    if questions.ndim != 2 or most < 1:
        raise ValueError(
            f"pass questions (B, T) and most of at least 1; got {tuple(questions.shape)} and {most}"
        )
    rows = []
    for question in questions.tolist():
        shared = Counter(slot for token in {*question} for slot in index.get(token, ()))
        best = sorted(shared, key=lambda slot: (-shared[slot], slot))[:most]
        rows.append(sorted(best))
    width = max([1, *map(len, rows)])
    slots = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    return slots, torch.arange(width) < torch.tensor([[len(row)] for row in rows])


class Bag(nn.Module):
    """Phi and its matrix A in one: the sum of the vectors of a bag's tokens; 0 counts nothing.

    Args:
        size: number of tokens, padding included.
        features: numbers in a vector, D.
        drawn: the last so many tokens have random vectors; `draw` gives them new ones.
    """

    def __init__(self, size: int, features: int, drawn: int = 0) -> None:
        super().__init__()
        if not 0 <= drawn < size:
            raise ValueError(f"drawn counts some of the {size} tokens; got {drawn}")
        self.learned = nn.Parameter(0.1 * torch.randn(size - drawn, features) / features**0.5)
        self.register_buffer("names", torch.zeros(drawn, features))
        self.draw()

    def draw(self) -> None:
        """New random vectors, each of length 1 or nearly, for the tokens that have them."""
        self.names.normal_(std=self.names.shape[1] ** -0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """Vectors (..., D) of bags (..., W)."""
        nothing = torch.zeros_like(self.learned[:1])
        table = torch.cat([nothing, self.learned[1:], self.names])
        return nn.functional.embedding(tokens, table).sum(dim=-2)  # (..., W, D) -> (..., D)


class KVMemNN(nn.Module):
    """Address the keys, read the values, ask again: q_{j+1} = R_j (q_j + o_j).

    The answer is the candidate y with the largest q_{H+1} . B Phi_Y(y); B is A.

    Args:
        size, features, drawn: of its `Bag`.
        hops: how often the memory is read, H.
    """

    def __init__(self, size: int, features: int = 64, hops: int = 2, drawn: int = 0) -> None:
        super().__init__()
        self.A, self.address = Bag(size, features, drawn), Dot()
        self.R = nn.ParameterList(2 * torch.eye(features) for _ in range(hops))

    def forward(
        self, questions: Tensor, keys: Tensor, values: Tensor, mask: Tensor, candidates: Tensor
    ) -> Tensor:
        """Scores (B, C) of the candidates as answers."""
        check(questions, keys, values, mask, candidates)
        if self.training:
            self.A.draw()  # so that no name is learned by heart
        q = self.A(questions).unsqueeze(1)  # (B, 1, D)
        keys, values = self.address.project(self.A(keys)), self.A(values)  # (B, N, D)
        for R in self.R:
            q = (q + attend(self.address, q, keys, values, mask.unsqueeze(1))) @ R.T
        return q.squeeze(1) @ self.A(candidates).T


def check(
    questions: Tensor, keys: Tensor, values: Tensor, mask: Tensor, candidates: Tensor
) -> None:
    """Refuse arguments of a `KVMemNN` that do not belong together.

    Raises:
        ValueError: names the argument, and says what to pass.
    """
    if questions.ndim != 2 or keys.ndim != 3 or len(keys) != len(questions):
        raise ValueError(
            "pass questions (B, T) and keys (B, N, W); "
            f"got {tuple(questions.shape)} and {tuple(keys.shape)}"
        )
    if values.ndim != 3 or values.shape[:2] != keys.shape[:2]:
        raise ValueError(
            f"values must be (B, N, V), one for each key; got {tuple(values.shape)} "
            f"for keys {tuple(keys.shape)}"
        )
    if mask.shape != keys.shape[:2]:
        raise ValueError(f"mask must be {tuple(keys.shape[:2])}, (B, N); got {tuple(mask.shape)}")
    if candidates.ndim != 2:
        raise ValueError(f"candidates must be (C, Y); got {tuple(candidates.shape)}")


def answer_loss(scores: Tensor, right: Tensor) -> Tensor:
    """-log of the probability of a right answer, where several may be right.

    Args:
        scores: (B, C) of the candidates.
        right: (B, C) bool, True on every right answer.

    Returns:
        The mean over the questions, a scalar.
    """
    if right.dtype != torch.bool or not right.any(dim=-1).all():
        raise ValueError("right must be bool, with at least one True for each question")
    logs = torch.log_softmax(scores, dim=-1)
    return -torch.logsumexp(logs.masked_fill(~right, -torch.inf), dim=-1).mean()
