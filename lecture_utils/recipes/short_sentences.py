r"""Train the encoder-decoder with one context vector on short sentences, one change at a time.

    python -m lecture_utils.recipes.short_sentences

What the loss counts (the end of a target, the padding behind it), in which direction the source is
read, and whose words the decoder is given in training. The model is that of
`lecture_utils.recipes.fixed_context`, on English numbers of up to 12 morphemes into German, for 400
steps. Every variant is judged after its last step, by sentences of the test split: nothing is
chosen. Writes ``short-sentences.json`` after each seed; takes about four minutes on one CPU core
for three.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.data import numerals
from lecture_utils.data.pairs import END, PAD, Batch, Pair, batches
from lecture_utils.models.encoder_decoder import Encoder, EncoderDecoder, FixedContext, build
from lecture_utils.recipes.runs import Row, command_line, provenance, rounded, run_all
from lecture_utils.tasks.translation import (
    encoded,
    exact,
    translate,
    word_by_word,
    words_right,
)

LONGEST = 12
TESTED = (5, 8, 12)
"""Lengths of the sentences that judge, in morphemes."""

VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "end not taught": {"ignored": (PAD, END)},
    "padding counts": {"ignored": ()},
    "left to right": {"direction": "left to right"},
    "right to left": {"direction": "right to left"},
    "own words mixed in": {"own": 0.5},
}


class OneWay(nn.Module):
    """An encoder that reads in one direction; its last state stands in both halves.

    So `FixedContext` and the decoder's first state find it where they look. To read from right to
    left is to reverse the source before reading it (Sutskever et al. 2014, arXiv:1409.3215,
    section 3.3).

    Args:
        both: reads in both directions; the other one is not used.
        direction: ``"left to right"`` or ``"right to left"``.
    """

    def __init__(self, both: Encoder, direction: str) -> None:
        super().__init__()
        if direction not in ("left to right", "right to left"):
            raise ValueError(f"direction: {direction!r}; pass 'left to right' or 'right to left'")
        self.both, self.rightwards = both, direction == "left to right"

    def forward(self, source: Tensor, mask: Tensor) -> Tensor:
        """States (B, S, 2H) of source (B, S): of the one direction, beside its last."""
        forward, backward = self.both(source, mask).chunk(2, dim=-1)  # twice (B, S, H)
        if self.rightwards:
            last = forward[torch.arange(len(mask)), mask.sum(dim=1) - 1]
            return torch.cat([forward, last.unsqueeze(1).expand_as(forward)], dim=-1)
        return torch.cat([backward[:, :1].expand_as(backward), backward], dim=-1)


def loss_of(
    ignored: Sequence[int] = (PAD,), own: float = 0.0, steps: int = 1
) -> Callable[[EncoderDecoder, Batch], Tensor]:
    """-log P(target | source) per word, counted and taught in one of several ways.

    Args:
        ignored: words of the target that do not count.
        own: which part of the words before is the model's own at the end of the training; it
            rises from 0 (scheduled sampling, Bengio et al. 2015, arXiv:1506.03099).
        steps: of the training.
    """
    begun = count()

    def loss(model: EncoderDecoder, batch: Batch) -> Tensor:
        share = own * next(begun) / steps
        memory, state = model.encode(batch.source, batch.mask)
        token, logits = batch.target[:, 0], []
        for true in batch.target[:, 1:].unbind(dim=1):
            scores, state = model.step(token, state, memory)
            logits.append(scores)
            mine = torch.rand(len(true), device=true.device) < share
            token = torch.where(mine, scores.argmax(dim=-1), true)
        taught = batch.target[:, 1:]
        for word in ignored:
            taught = taught.masked_fill(taught == word, -100)  # what cross_entropy leaves out
        scores = torch.stack(logits, dim=1)  # (B, T-1, V)
        return nn.functional.cross_entropy(scores.flatten(0, 1), taught.flatten())

    return loss


@torch.no_grad()
def losses(model: EncoderDecoder, pairs: Sequence[Pair]) -> dict[str, float]:
    """The loss of a padded batch, counted over its words alone and with its padding."""
    batch = encoded(model, pairs)
    counted = {"words": (PAD,), "words and padding": ()}
    return {name: loss_of(ignored)(model, batch).item() for name, ignored in counted.items()}


def unfinished(model: EncoderDecoder, pairs: Sequence[Pair]) -> float:
    """Part of the translations that have no end before the limit of `translate`."""
    limit = 3 * max(len(pair.source) for pair in pairs) + 1
    return sum(len(words) == limit for words in translate(model, pairs)) / len(pairs)


def train(
    seed: int,
    steps: int,
    *,
    direction: str | None = None,
    ignored: Sequence[int] = (PAD,),
    own: float = 0.0,
) -> EncoderDecoder:
    """Train one variant.

    Args:
        seed: of the weights and of the sentences.
        steps: of the training.
        direction: the only one in which the source is read, see `OneWay`; None: both.
        ignored: as of `loss_of`.
        own: as of `loss_of`.
    """
    training.set_seed(seed)
    words = [numerals.vocabulary(language) for language in ("en", "de")]
    model = build(FixedContext(), *map(len, words))
    if direction is not None:
        model.encoder = OneWay(model.encoder, direction)
    lengths = [n for n in range(1, LONGEST + 1) for _ in range(n)]
    pairs = numerals.stream("en", "de", seed=1 + seed, lengths=lengths, split="train")
    training.fit(
        model,
        batches(pairs, *words, size=64),
        loss_of(ignored, own, steps),
        steps=steps,
        learning_rate=5e-3,
        seed=seed,
        label="short sentences",
    )
    return model


def run(
    output: Path,
    seeds: Sequence[int] = (0, 1, 2),
    steps: int = 400,
    sentences: int = 200,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the trainings.
        steps: of each.
        sentences: that judge, of each length.
        only: names of the variants that are run; by default all.
    """

    def of(*lengths: int) -> list[Pair]:
        return numerals.pairs(sentences, "en", "de", seed=3, lengths=lengths, split="test")

    tests, mixed = {n: of(n) for n in TESTED}, of(*range(1, LONGEST + 1))

    def row(name: str, seed: int) -> Row:
        begun = time.process_time()
        model = train(seed, steps, **VARIANTS[name])
        spent = round(time.process_time() - begun, 1)
        found: Row = {"losses": losses(model, mixed)}
        for kind, measure in (("exact", exact), ("words", words_right), ("endless", unfinished)):
            found[kind] = {str(n): measure(model, pairs) for n, pairs in tests.items()}
        found["word_by_word"] = word_by_word(model, tests[LONGEST], LONGEST)
        return {**rounded(found), "cpu_s": spent}

    told = {
        "recipe": "lecture_utils.recipes.short_sentences",
        **provenance(),
        "steps": steps,
        "tested_on": f"{sentences} sentences of each length, split test",
    }
    return run_all(output / "short-sentences.json", told, list(VARIANTS), seeds, row, only)


if __name__ == "__main__":
    command_line(run, __doc__)
