"""What a beam finds against all sequences there are."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor, nn

from lecture_utils.models.encoder_decoder import beam


def assert_a_wide_beam_finds_the_best(
    model: nn.Module, source: Tensor, limit: int = 3, penalty: float = 0.0
) -> None:
    """Of the sequences of a vocabulary of nine words, to which `source` (1, S) may lead."""

    def log_probability(words: list[int]) -> float:
        target = torch.tensor([[1, *words]])
        steps = model(source, source != 0, target).log_softmax(-1)[0]
        return sum(steps[i, word].item() for i, word in enumerate(words))

    def score(words: list[int]) -> float:
        return log_probability(words) / ((5 + len(words)) / (5 + 1)) ** penalty

    ended = (
        [*body, 2]
        for length in range(limit)
        for body in itertools.product([0, 1, 3, 4, 5, 6, 7, 8], repeat=length)
    )
    with torch.no_grad():
        best = max(ended, key=score)
        found = beam(model, source, 9**limit, limit=limit, penalty=penalty)[0]
        assert found.words == best
        assert found.log_probability == pytest.approx(log_probability(best), abs=1e-4)
        assert found.score(penalty) == pytest.approx(score(best), abs=1e-4)


@torch.no_grad()
def beam_to_the_end(
    model: nn.Module, source: Tensor, width: int, limit: int, penalty: float
) -> list[list[int]]:
    """A beam that never stops before the limit and carries no state: the words, best first."""
    alive: list[tuple[float, list[int]]] = [(0.0, [])]
    finished: list[tuple[float, list[int]]] = []
    for _ in range(limit):
        targets = torch.tensor([[1, *words, 0] for _, words in alive])
        sources = source.expand(len(alive), -1)
        steps = model(sources, sources != 0, targets)[:, -1].log_softmax(-1).tolist()
        grown = [
            (told + step, [*words, word])
            for (told, words), by_word in zip(alive, steps, strict=True)
            for word, step in enumerate(by_word)
        ]
        kept = sorted(grown, reverse=True)[:width]
        finished += [one for one in kept if one[1][-1] == 2]
        alive = [one for one in kept if one[1][-1] != 2]
        if not alive:
            break
    best = sorted(finished, key=lambda one: -one[0] / ((5 + len(one[1])) / 6) ** penalty)
    return [words for _, words in best[:width] or alive]
