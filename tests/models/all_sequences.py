"""What a beam finds against all sequences there are."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor, nn

from lecture_utils.models.encoder_decoder import beam


def assert_a_wide_beam_finds_the_best(model: nn.Module, source: Tensor, limit: int = 3) -> None:
    """Of the sequences of a vocabulary of nine words, to which `source` (1, S) may lead."""

    def score(words: list[int]) -> float:
        target = torch.tensor([[1, *words]])
        steps = model(source, source != 0, target).log_softmax(-1)[0]
        return sum(steps[i, word].item() for i, word in enumerate(words))

    ended = (
        [*body, 2]
        for length in range(limit)
        for body in itertools.product([0, 1, 3, 4, 5, 6, 7, 8], repeat=length)
    )
    with torch.no_grad():
        best = max(ended, key=score)
        found = beam(model, source, 9**2, limit=limit)[0]
        assert found.words == best
        assert found.log_probability == pytest.approx(score(best), abs=1e-4)
