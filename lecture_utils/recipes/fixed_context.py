r"""Train the encoder-decoder with one context vector again, with one thing changed at a time.

    python -m lecture_utils.recipes.fixed_context

The model, the sentences and the training are those of the chapter: 800 steps on English numbers of
up to 30 morphemes, into German. Every variant is trained from the same seeds, and judged after its
last step, by 200 sentences of the test split of each length: nothing is chosen. One of them is
followed word by word, through 400 sentences of 26 to 30 morphemes. Writes
``fixed-context.json`` after each seed; takes about half an hour on one CPU core for three.
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
from lecture_utils.recipes.runs import command_line, provenance, run_all
from lecture_utils.tasks.translation import (
    LENGTHS,
    encoded,
    exact,
    translate,
    word_by_word,
    words_right,
)

TESTED = (5, 10, 15, 20, 25, 30)
"""Lengths of the sentences that judge, in morphemes."""

VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "48 units": {"hidden_size": 48},
    "192 units": {"hidden_size": 192},
    "encoder as it began": {"reader_learns": False},
    "last word not fed back": {"fed_back": False},
    "2,400 steps": {"times": 3},
    "end not taught": {"ignored": (PAD, END)},
    "padding counts": {"ignored": ()},
    "left to right": {"direction": "left to right"},
    "right to left": {"direction": "right to left"},
    "own words mixed in": {"own": 0.5},
}


FOLLOWED = ("as it is", "left to right", "right to left", "own words mixed in")
"""Variants whose long translations are counted word by word."""

PARTS = {
    "words 1 to 3": slice(0, 3),
    "6 to 10": slice(5, 10),
    "11 to 15": slice(10, 15),
    "16 to 20": slice(15, 20),
}
"""The places in a long translation at which its words are counted."""


class OneWay(nn.Module):
    """An encoder whose two halves are the reading in one direction; the other is not used.

    Its last state stands in both halves where `FixedContext` and the decoder's first state look
    for it. To read from right to left is to reverse the source (Sutskever et al. 2014,
    arXiv:1409.3215, section 3.3) before reading on from left to right.

    Args:
        both: reads in both directions.
        direction: that is used, ``"left to right"`` or ``"right to left"``.
    """

    def __init__(self, both: Encoder, direction: str) -> None:
        super().__init__()
        if direction not in ("left to right", "right to left"):
            raise ValueError(f"direction is 'left to right' or 'right to left'; got {direction!r}")
        self.both, self.forwards = both, direction == "left to right"

    def forward(self, source: Tensor, mask: Tensor) -> Tensor:
        """States (B, S, 2H) of source (B, S): of the one direction, beside its last."""
        forward, backward = self.both(source, mask).chunk(2, dim=-1)  # twice (B, S, H)
        if self.forwards:
            last = forward[torch.arange(len(mask)), mask.sum(dim=1) - 1]
            return torch.cat([forward, last.unsqueeze(1).expand_as(forward)], dim=-1)
        return torch.cat([backward[:, :1].expand_as(backward), backward], dim=-1)


def loss_of(
    ignored: Sequence[int] = (PAD,), own: float = 0.0, steps: int = 1
) -> Callable[[EncoderDecoder, Batch], Tensor]:
    """-log P(target | source) per word; with the numbers, one of a kind.

    Args:
        ignored: words of the target that do not count.
        own: the part of the words before that are the model's own at the end of the training; it
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
            token = torch.where(mine, scores.argmax(dim=-1), true) if own else true
        taught = batch.target[:, 1:]
        for word in ignored:
            taught = taught.masked_fill(taught == word, -100)  # as cross_entropy leaves out
        return nn.functional.cross_entropy(
            torch.stack(logits, dim=1).flatten(0, 1), taught.flatten()
        )

    return loss


@torch.no_grad()
def losses(model: EncoderDecoder, pairs: Sequence[Pair]) -> dict[str, float]:
    """The loss of a padded batch, counted with its padding and without."""
    batch = encoded(model, pairs)
    counted = {"words": (PAD,), "words and padding": ()}
    return {
        name: round(loss_of(ignored)(model, batch).item(), 3) for name, ignored in counted.items()
    }


def unfinished(model: EncoderDecoder, pairs: Sequence[Pair]) -> float:
    """Part of the translations that have no end before the limit of `translate`."""
    limit = 3 * max(len(pair.source) for pair in pairs) + 1
    return round(sum(len(words) == limit for words in translate(model, pairs)) / len(pairs), 3)


def followed(model: EncoderDecoder, pairs: Sequence[Pair]) -> dict[str, dict[str, float]]:
    """Part right of the words in each of `PARTS`, counted the ways of `word_by_word`."""
    return {
        name: {
            part: round(sum(right[places]) / len(right[places]), 3)
            for part, places in PARTS.items()
        }
        for name, right in word_by_word(model, pairs).items()
    }


def train(
    seed: int,
    steps: int = 800,
    *,
    hidden_size: int = 96,
    reader_learns: bool = True,
    fed_back: bool = True,
    times: int = 1,
    direction: str | None = None,
    ignored: Sequence[int] = (PAD,),
    own: float = 0.0,
) -> EncoderDecoder:
    """Train one variant.

    Args:
        seed: of the weights and of the sentences.
        steps: of the training as it is.
        hidden_size: features of a state, H; the context has twice as many.
        reader_learns: whether the weights of the encoder are trained.
        fed_back: whether the decoder is told the word before; if not, its embedding is zeros.
        times: how many times the steps.
        direction: the only one in which the source is read, see `OneWay`; None: both.
        ignored: as of `loss_of`.
        own: as of `loss_of`.
    """
    training.set_seed(seed)
    words = [numerals.vocabulary(language) for language in ("en", "de")]
    model = build(FixedContext(), *map(len, words), hidden_size=hidden_size)
    model.encoder.requires_grad_(reader_learns)
    if not fed_back:
        nn.init.zeros_(model.decoder.embed.weight)
        model.decoder.embed.requires_grad_(False)
    if direction is not None:
        model.encoder = OneWay(model.encoder, direction)
    pairs = numerals.stream("en", "de", seed=1 + seed, lengths=LENGTHS, split="train")
    training.fit(
        model,
        batches(pairs, *words, size=64),
        loss_of(ignored, own, times * steps),
        steps=times * steps,
        learning_rate=5e-3,
        seed=seed,
        label="fixed context",
    )
    return model


def run(
    output: Path,
    seeds: Sequence[int] = (0, 1, 2),
    steps: int = 800,
    sentences: int = 200,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        seeds: of the trainings.
        steps: of the training as it is.
        sentences: that judge, of each length.
        only: names of the variants that are run; by default all.
    """
    tests = {
        n: numerals.pairs(sentences, "en", "de", seed=3, lengths=[n], split="test") for n in TESTED
    }
    mixed = numerals.pairs(sentences, "en", "de", seed=3, lengths=range(1, 31), split="test")
    long = numerals.pairs(2 * sentences, "en", "de", seed=13, lengths=range(26, 31), split="test")

    def row(name: str, seed: int) -> dict[str, Any]:
        begun = time.process_time()
        model = train(seed, steps, **VARIANTS[name])
        spent = round(time.process_time() - begun, 1)
        found: dict[str, Any] = {
            "exact": {n: round(exact(model, pairs), 3) for n, pairs in tests.items()},
            "words": {n: round(words_right(model, pairs), 3) for n, pairs in tests.items()},
            "unfinished": {n: unfinished(model, pairs) for n, pairs in tests.items()},
            "losses": losses(model, mixed),
        }
        if name in FOLLOWED:
            found["word_by_word"] = followed(model, long)
        return {**found, "cpu_s": spent}

    told = {
        "recipe": "lecture_utils.recipes.fixed_context",
        **provenance(),
        "steps": steps,
        "tested_on": f"{sentences} sentences of each length, split test",
    }
    return run_all(output / "fixed-context.json", told, list(VARIANTS), seeds, row, only)


if __name__ == "__main__":
    command_line(run, __doc__)
