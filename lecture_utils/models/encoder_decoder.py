"""The encoder-decoder: read a sequence, write another; and two ways to decode.

The model has three parts: an encoder, a context (what the decoder is given of the encoder's
states at a step) and a decoder. Here the context is fixed; `lecture_utils.models.bahdanau`
puts attention in its place and changes nothing else.

Shapes: source (B, S) and target (B, T) hold word numbers; the mask (B, S) is True on words.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

START, END = 1, 2
"""Numbers of the tokens that begin and end a target."""

State = tuple[Tensor, ...]
"""What a decoder carries from step to step, each tensor with the batch in front: here s_i alone."""


def count_words(mask: Tensor, source: Tensor) -> Tensor:
    """How many words each row of source (B, S) has: (B,), by a mask (B, S) that is True on them.

    Raises:
        ValueError: the mask does not fit, a row has no word, or words stand behind padding.
    """
    if mask.dtype != torch.bool or mask.shape != source.shape:
        raise ValueError(
            f"mask must be bool and {tuple(source.shape)}, True on the words of source; "
            f"got {mask.dtype} {tuple(mask.shape)}"
        )
    lengths = mask.sum(dim=1)
    first = torch.arange(mask.shape[1], device=mask.device) < lengths.unsqueeze(1)  # (B, S)
    faults = (~mask.any(dim=1) | (mask != first).any(dim=1)).nonzero().flatten().tolist()
    if faults:
        raise ValueError(
            f"mask must be True on the first words of each row, at least one, and False behind "
            f"them; rows {faults} are not: put padding at the end, and leave out empty sources"
        )
    return lengths


class Encoder(nn.Module):
    """Read the source in both directions: h_j = [forward state; backward state].

    Source: Bahdanau, Cho and Bengio 2015, arXiv:1409.0473, section 3.2.
    """

    def __init__(self, vocabulary_size: int, embedding_size: int, hidden_size: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary_size, embedding_size)
        self.gru = nn.GRU(embedding_size, hidden_size, batch_first=True, bidirectional=True)

    def forward(self, source: Tensor, mask: Tensor | None = None) -> Tensor:
        """States (B, S, 2H) of source (B, S); zeros behind the end of a sequence."""
        embedded = self.embed(source)  # (B, S, E)
        if mask is None:
            return self.gru(embedded)[0]
        lengths = count_words(mask, source).cpu()
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(
            self.gru(packed)[0], batch_first=True, total_length=mask.shape[1]
        )
        return states


class Memory(NamedTuple):
    """What the encoder hands to the decoder.

    Attributes:
        states: (B, S, 2H), one encoder state h_j per source word.
        keys: what the context computes once from the states, for all steps.
        mask: (B, S) bool, True on words; None where every slot is a word.
    """

    states: Tensor
    keys: Tensor
    mask: Tensor | None

    def expand(self, times: int) -> Self:
        """The memory of one source, for so many beginnings of its translation; no copy."""
        states, keys = (part.expand(times, -1, -1) for part in self[:2])
        return self._replace(states=states, keys=keys)


class FixedContext(nn.Module):
    """One vector for the whole source, the same at every step: [last forward; first backward].

    Source: Cho et al. 2014, arXiv:1406.1078, with an encoder of both directions.
    """

    def keys(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """The context (B, 1, 2H): the state of each direction that has read everything."""
        forward, backward = states.chunk(2, dim=-1)  # twice (B, S, H)
        if mask is None:
            last = forward[:, -1]
        else:
            last = forward[torch.arange(len(mask), device=mask.device), mask.sum(dim=1) - 1]
        return torch.cat([last, backward[:, 0]], dim=-1).unsqueeze(1)

    def forward(self, state: Tensor, memory: Memory) -> Tensor:
        """c_i (B, 2H), whatever the state s_{i-1} (B, H) asks for."""
        return memory.keys[:, 0]


class Readout(nn.Module):
    """The scores of the next word, from s_{i-1}, y_{i-1} and c_i, by maxout.

    Source: Bahdanau, Cho and Bengio 2015, arXiv:1409.0473, appendix A.2.2.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_size: int,
        hidden_size: int,
        context_size: int,
        maxout_size: int,
    ) -> None:
        super().__init__()
        self.U = nn.Linear(hidden_size, 2 * maxout_size)
        self.V = nn.Linear(embedding_size, 2 * maxout_size, bias=False)
        self.C = nn.Linear(context_size, 2 * maxout_size, bias=False)
        self.W = nn.Linear(maxout_size, vocabulary_size)

    def forward(self, state: Tensor, word: Tensor, context: Tensor) -> Tensor:
        """Logits (B, V): of each pair of units the larger goes on to the words."""
        pairs = self.U(state) + self.V(word) + self.C(context)  # (B, 2l)
        return self.W(pairs.unflatten(-1, (-1, 2)).amax(dim=-1))  # (B, l, 2) -> (B, l) -> (B, V)


class Decoder(nn.Module):
    """Write the target: s_i = f(s_{i-1}, y_{i-1}, c_i), where f is torch's GRU."""

    def __init__(
        self,
        vocabulary_size: int,
        embedding_size: int,
        hidden_size: int,
        context_size: int,
        maxout_size: int,
    ) -> None:
        super().__init__()
        self.first = nn.Linear(hidden_size, hidden_size)
        self.embed = nn.Embedding(vocabulary_size, embedding_size)
        self.cell = nn.GRUCell(embedding_size + context_size, hidden_size)
        self.readout = Readout(
            vocabulary_size, embedding_size, hidden_size, context_size, maxout_size
        )

    def forward(self, token: Tensor, state: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, V) of y_i, and s_i (B, H), from y_{i-1} (B,), s_{i-1} and c_i (B, C)."""
        word = self.embed(token)  # (B, E)
        logits = self.readout(state, word, context)
        return logits, self.cell(torch.cat([word, context], dim=-1), state)


class EncoderDecoder(nn.Module):
    """An encoder, a decoder, and between them a context: fixed, or read by attention."""

    def __init__(self, encoder: Encoder, context: nn.Module, decoder: Decoder) -> None:
        super().__init__()
        self.encoder, self.context, self.decoder = encoder, context, decoder

    def encode(self, source: Tensor, mask: Tensor | None = None) -> tuple[Memory, State]:
        """The memory of source (B, S), and the state: s_0 = tanh(W backward h_1) (B, H)."""
        states = self.encoder(source, mask)
        backward = states[:, 0].chunk(2, dim=-1)[1]  # (B, H), has read the whole source
        memory = Memory(states, self.context.keys(states, mask), mask)
        return memory, (torch.tanh(self.decoder.first(backward)),)

    def step(self, token: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
        """Logits (B, V) of the next word, and s_i, from word numbers (B,) and s_{i-1}."""
        (before,) = state
        logits, after = self.decoder(token, before, self.context(before, memory))
        return logits, (after,)

    def forward(self, source: Tensor, mask: Tensor, target: Tensor) -> Tensor:
        """Logits (B, T-1, V) of target[:, 1:], each step given the true word before it."""
        memory, state = self.encode(source, mask)
        logits = []
        for token in target[:, :-1].unbind(dim=1):
            scores, state = self.step(token, state, memory)
            logits.append(scores)
        return torch.stack(logits, dim=1)


def build(
    context: nn.Module,
    source_size: int,
    target_size: int,
    embedding_size: int = 48,
    hidden_size: int = 96,
    maxout_size: int = 32,
) -> EncoderDecoder:
    """An encoder-decoder around a context that gives vectors of 2H features.

    Args:
        context: `FixedContext`, or attention over states of 2H features.
        source_size: number of source words.
        target_size: number of target words, V.
        embedding_size: features of an embedded word, E.
        hidden_size: features of a state, H.
        maxout_size: maxout units of the output layer.
    """
    return EncoderDecoder(
        Encoder(source_size, embedding_size, hidden_size),
        context,
        Decoder(target_size, embedding_size, hidden_size, 2 * hidden_size, maxout_size),
    )


@torch.no_grad()
def greedy(
    model: EncoderDecoder,
    source: Tensor,
    mask: Tensor | None = None,
    limit: int = 100,
) -> Tensor:
    """Write the most probable word at each step: (B, T) numbers for source (B, S).

    `START` is left out; behind the `END` of a row stands `END`.
    """
    memory, state = model.encode(source, mask)
    token = torch.full((len(source),), START, device=source.device)
    done = torch.zeros_like(token, dtype=torch.bool)
    written = []
    while len(written) < limit and not done.all():
        logits, state = model.step(token, state, memory)
        token = logits.argmax(dim=-1).masked_fill(done, END)
        done |= token == END
        written.append(token)
    return torch.stack(written, dim=1)


class Hypothesis(NamedTuple):
    """A translation that beam search is considering: its words and log P(words | source)."""

    words: list[int]
    log_probability: float

    def score(self, penalty: float = 0.0, length: int | None = None) -> float:
        """The score log P / ((5 + length) / 6)^penalty: a penalty helps long ones.

        Source: Wu et al. 2016, arXiv:1609.08144, section 7, without coverage.
        """
        length = len(self.words) if length is None else length
        return self.log_probability / ((5 + length) / 6) ** penalty


@torch.no_grad()
def beam(
    model: EncoderDecoder, source: Tensor, width: int = 4, limit: int = 100, penalty: float = 0.0
) -> list[Hypothesis]:
    """Keep the `width` most probable beginnings of a translation of source (1, S).

    Returns:
        Up to `width` hypotheses, the best score first; each ends with `END` if it fitted.
    """
    if len(source) != 1 or width < 1 or not penalty >= 0:
        told = f"{len(source)}, {width}, {penalty}"
        raise ValueError(f"pass one source (1, S), width >= 1 and penalty >= 0; got {told}")
    memory, state = model.encode(source)
    alive, finished = [Hypothesis([], 0.0)], []
    for _ in range(limit):
        token = torch.tensor([(h.words or [START])[-1] for h in alive], device=source.device)
        logits, state = model.step(token, state, memory.expand(len(alive)))
        alive, parents = extend(alive, logits.log_softmax(dim=-1), width)
        going = [i for i, h in enumerate(alive) if h.words[-1] != END]
        finished = best_of([*finished, *(h for h in alive if h.words[-1] == END)], width, penalty)
        state = tuple(part[[parents[i] for i in going]] for part in state)
        alive = [alive[i] for i in going]
        full = len(finished) == width
        if not alive or (full and alive[0].score(penalty, limit) <= finished[-1].score(penalty)):
            break
    return finished or alive


def extend(
    alive: list[Hypothesis], scores: Tensor, width: int
) -> tuple[list[Hypothesis], list[int]]:
    """The `width` best continuations by one word, best first, and which each continues."""
    total = scores + scores.new_tensor([[h.log_probability] for h in alive])  # (alive, V)
    best, flat = total.flatten().topk(min(width, total.numel()))
    parents, words = (flat // total.shape[1]).tolist(), (flat % total.shape[1]).tolist()
    grown = zip(parents, words, best.tolist(), strict=True)
    return [Hypothesis([*alive[p].words, word], score) for p, word, score in grown], parents


def best_of(hypotheses: list[Hypothesis], width: int, penalty: float = 0.0) -> list[Hypothesis]:
    """The `width` hypotheses of the highest score, the best first."""
    return sorted(hypotheses, key=lambda h: -h.score(penalty))[:width]
