"""End-to-end memory networks: a question reads a story in several hops, trained by answers alone.

Shapes: `sentences` (U, W) holds word numbers, 0 behind the last word, and row 0 is the empty
sentence; a `story` (B, N) holds rows of `sentences` in the order told, 0 where the memory is
empty; a `question` (B, W) holds word numbers.

Source: Sukhbaatar, Szlam, Weston and Fergus 2015, "End-to-end memory networks",
arXiv:1503.08895.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from lecture_utils.addressing import Address, Dot, Unnormalised, attend


def position_encoding(words: Tensor, features: int) -> Tensor:
    """How much each word counts in each feature, so that the order of the words matters.

    l_jk = (1 - j/J) - (k/d)(1 - 2j/J) for word j of J and feature k of d.

    Source: Sukhbaatar et al. 2015, arXiv:1503.08895, section 4.1.

    Args:
        words: (..., W) word numbers, 0 behind the last word.
        features: d.

    Returns:
        (..., W, d).
    """
    count = (words != 0).sum(dim=-1, keepdim=True).clamp(min=1)  # J (..., 1)
    j = torch.arange(1, words.shape[-1] + 1, device=words.device) / count  # j/J (..., W)
    k = torch.arange(1, features + 1, device=words.device) / features  # k/d (d,)
    return (1 - j).unsqueeze(-1) - k * (1 - 2 * j).unsqueeze(-1)


class SentenceEmbedding(nn.Module):
    """Sentences as vectors, by several tables of word vectors at once: m = sum_j 2 l_j * A x_j.

    (Twice the paper's l, so that the weights average 1, as in its authors' released code.)

    Args:
        vocabulary_size: number of words, V; the vector of word 0, the empty one, stays zero.
        features: of a vector, D.
        tables: how many tables, L.
        position: whether the order of the words matters.
    """

    def __init__(
        self, vocabulary_size: int, features: int, tables: int, position: bool = True
    ) -> None:
        super().__init__()
        self.features, self.tables, self.position = features, tables, position
        self.words = nn.Embedding(vocabulary_size, tables * features, padding_idx=0)
        nn.init.normal_(self.words.weight.data[1:], std=0.1)

    def forward(self, words: Tensor) -> Tensor:
        """Vectors (U, L, D) of sentences (U, W)."""
        vectors = self.words(words).unflatten(-1, (self.tables, self.features))  # (U, W, L, D)
        if self.position:
            vectors *= 2 * position_encoding(words, self.features).to(vectors).unsqueeze(-2)
        return vectors.sum(dim=-3)

    def table(self, number: int) -> Tensor:
        """The word vectors (V, D) of one table."""
        return self.words.weight[:, number * self.features : (number + 1) * self.features]


def ages(story: Tensor) -> Tensor:
    """How many sentences were told after each one: (B, N) of a story (B, N); 0 is the last."""
    behind = (story != 0).long().flip(-1).cumsum(dim=-1).flip(-1)
    return (behind - 1).clamp(min=0)


def random_ages(story: Tensor, noise: float) -> Tensor:
    """Ages (B, N) with gaps, as if empty sentences stood among the others.

    Among the n sentences of every story 0 to `noise` * n (rounded up) empty ones are put at random
    places, so that the model cannot learn a story by heart by its times.

    Source: Sukhbaatar et al. 2015, arXiv:1503.08895, section 4.1 ("random noise").

    Args:
        story: (B, N) rows of sentences, 0 where the memory is empty.
        noise: the greatest part of empty sentences, from 0.
    """
    told = (story != 0).sum(dim=-1, keepdim=True)  # n (B, 1)
    most = (noise * told).ceil()
    empty = (torch.rand(told.shape, device=story.device) * (most + 1)).long()  # 0 ... most
    places = torch.rand(len(story), 2 * story.shape[-1], device=story.device)
    there = torch.arange(places.shape[-1], device=story.device)
    places = places.masked_fill(there >= told + empty, 2.0)
    chosen = places.argsort(dim=-1).argsort(dim=-1) < told  # n of n + empty places
    gaps = there.masked_fill(~chosen, places.shape[-1]).sort(dim=-1).values  # rising
    return gaps.gather(-1, ages(story))


class StoryMemory(nn.Module):
    """The memory: one slot a sentence, m_i = sum_j l_j * A x_ij + T_A(i), by every table at once.

    The memory has a fixed number of slots. Those that the story leaves empty hold zeros and are
    addressed like the others, as in the paper: a hop that looks for nothing can look there.

    Args:
        embed: turns sentences into vectors.
        slots: N; of a longer story the last N sentences are kept.
        noise: the greatest part of empty sentences put among the others in training.
    """

    def __init__(self, embed: SentenceEmbedding, slots: int, noise: float) -> None:
        super().__init__()
        self.embed, self.slots, self.noise = embed, slots, noise
        self.times = nn.Embedding(slots, embed.tables * embed.features)
        nn.init.normal_(self.times.weight, std=0.1)

    def forward(self, sentences: Tensor, story: Tensor) -> tuple[Tensor, ...]:
        """By every table (B, N, D): empty slots first, then the story in the order told."""
        story = story[:, -self.slots :]
        noisy = self.training and self.noise > 0
        age = random_ages(story, self.noise) if noisy else ages(story)  # (B, S)
        vectors = self.embed(sentences).flatten(1)  # (U, L D)
        told = (story != 0).unsqueeze(-1)
        memory = nn.functional.embedding(story, vectors)  # (B, S, L D)
        memory = memory + told * self.times(age.clamp(max=self.slots - 1))
        memory = nn.functional.pad(memory, (0, 0, self.slots - story.shape[1], 0))  # (B, N, L D)
        return memory.unflatten(-1, (self.embed.tables, -1)).unbind(-2)


class Hop(nn.Module):
    """Read the memory once: p = softmax(u . m_i), o = sum_i p_i c_i, and the next u is H u + o.

    Args:
        keys: number of the table that gives m.
        values: number of the table that gives c.
        carry: H; none, where the next u is u + o.
    """

    def __init__(self, keys: int, values: int, carry: nn.Module | None = None) -> None:
        super().__init__()
        self.keys, self.values = keys, values
        self.address: Address = Dot()
        self.carry = carry or nn.Identity()

    def forward(self, query: Tensor, memory: Sequence[Tensor]) -> Tensor:
        """The next query (B, D), from u (B, D) and a memory (B, N, D) by every table."""
        m, c = self.address.project(memory[self.keys]), memory[self.values]
        o = attend(self.address, query.unsqueeze(1), m, c).squeeze(1)  # (B, D)
        return self.carry(query) + o


class MemN2N(nn.Module):
    """An end-to-end memory network: embed story and question, read, answer with a word.

    Args:
        memory: holds the tables; `hops` read it, one after the other.
        question: number of the table that embeds the question, B.
        answer: W, or None where it is the table of the last values.
    """

    def __init__(
        self, memory: StoryMemory, hops: list[Hop], question: int, answer: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.memory, self.question, self.answer = memory, question, answer
        self.hops = nn.ModuleList(hops)

    def forward(self, sentences: Tensor, story: Tensor, question: Tensor) -> Tensor:
        """Logits (B, V) of the answer to a question (B, W) about a story (B, S)."""
        memory = self.memory(sentences, story)  # of each table (B, N, D)
        query = self.memory.embed(question)[:, self.question]  # u^1 (B, D)
        for hop in self.hops:
            query = hop(query, memory)
        return self.respond(query)

    def respond(self, query: Tensor) -> Tensor:
        """Logits (B, V) from the last query u (B, D): W u."""
        if self.answer is not None:
            return self.answer(query)
        words = self.memory.embed.table(self.hops[-1].values)
        return nn.functional.pad(query @ words[1:].T, (1, 0))  # the empty word stays zero


def linear_start(model: MemN2N, linear: bool) -> None:
    """Take the softmax out of every hop, or put it back.

    Source: Sukhbaatar et al. 2015, arXiv:1503.08895, section 4.2 ("linear start").
    """
    for hop in model.hops:
        hop.address = Unnormalised() if linear else Dot()


def memn2n(
    vocabulary_size: int,
    features: int = 50,
    hops: int = 3,
    slots: int = 50,
    tying: Literal["adjacent", "layer-wise"] = "adjacent",
    position: bool = True,
    noise: float = 0.1,
) -> MemN2N:
    """The model of the paper.

    Args:
        vocabulary_size: number of words, V; answers are words too.
        features: of a vector, D (d in the paper).
        hops: how often the memory is read, K.
        slots: of the memory, N.
        tying: ``"adjacent"``: the values of a hop are the keys of the next, A^{k+1} = C^k, and
            B = A^1, W^T = C^K. ``"layer-wise"``: all hops share A and C, and H lies between them.
        position: whether the order of the words matters (PE in the paper's table).
        noise: the greatest part of empty sentences put into a story in training (RN).
    """
    if tying not in ("adjacent", "layer-wise"):
        raise ValueError(f'tying is "adjacent" or "layer-wise"; got {tying!r}')
    if hops < 1 or slots < 1:
        raise ValueError(f"hops and slots must be at least 1; got {hops} and {slots}")
    adjacent = tying == "adjacent"
    tables = hops + 1 if adjacent else 3
    embed = SentenceEmbedding(vocabulary_size, features, tables, position)
    memory = StoryMemory(embed, slots, noise)
    if adjacent:
        return MemN2N(memory, [Hop(k, k + 1) for k in range(hops)], question=0)
    carry = nn.Linear(features, features, bias=False)
    answer = nn.Linear(features, vocabulary_size, bias=False)
    for matrix in (carry, answer):
        nn.init.normal_(matrix.weight, std=0.1)
    return MemN2N(memory, [Hop(0, 1, carry) for _ in range(hops)], question=2, answer=answer)
