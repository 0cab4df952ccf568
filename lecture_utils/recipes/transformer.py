r"""Translate numbers with Transformers, from several seeds: one thing changed at a time.

    python -m lecture_utils.recipes.transformer --work FOLDER [--only VARIANT ...]

Bahdanau's model with the training of its chapter and with that of the Transformers, and
Transformers that differ in positions, in the place of the norms, in heads, or in how they are
trained. Every model meets the same sentences; what chose heads and weights is not what judges.
FOLDER keeps the trained models; a second run goes on where the first was stopped. Writes
``transformer.json``; about 80 CPU seconds a model. With ``--only`` the rows of the other variants
are kept from the file that is there.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lecture_utils import training
from lecture_utils.data import numerals
from lecture_utils.data.pairs import PAD, Batch, Pair, batches
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.positions import Rotary, scattered, standing
from lecture_utils.models.transformer import AddNorm, transformer
from lecture_utils.recipes.numerals import TESTED
from lecture_utils.recipes.runs import Row, command_line, kept_at, provenance, rounded, run_all
from lecture_utils.tasks import heads
from lecture_utils.tasks.translation import encoded, exact, short_first

SEEDS = (0, 1, 2)
STEPS, SHORT = 1040, 360


@dataclass(frozen=True)
class Variant:
    """One model and its training.

    Attributes:
        positions: of a Transformer; empty for Bahdanau's model.
        norm_first: whether norms stand before the sublayers.
        norms: whether there are any.
        sums: whether what comes into a sublayer is added to what it gives.
        heads: of a Transformer.
        rate: the highest learning rate.
        warmup: the part of the steps in which it rises.
        smoothing: the part of the probability that is taken from the true word.
        short: batches of short sentences that come first.
        across: whether rotary places turn queries and keys across, too.
        scatter: in training the n words of a sequence stand at n of at most so many times n places,
            in order and else at random (`positions.scattered`); 1: at 0, 1, 2, ...
        stretch: in training all places are multiplied by one number between the first and 1,
            another for every batch, and in use by the second.
        layers: of a Transformer's encoder, and of its decoder.
        features: of its states, D.
        inner: units of its feed-forward networks.
        base: of rotary places.
        steps: of the training.
        adamw: whether AdamW trains it, at a rate that stays and falls over the second half; else
            Adam, at one that falls as a cosine, as in the chapter on Bahdanau's model.
    """

    positions: str = "rotary"
    norm_first: bool = True
    norms: bool = True
    sums: bool = True
    heads: int = 4
    rate: float = 3e-3
    warmup: float = 0.1
    smoothing: float = 0.0
    short: int = SHORT
    across: bool = True
    scatter: int = 1
    stretch: tuple[float, float] = (1.0, 1.0)
    layers: int = 2
    features: int = 64
    inner: int = 256
    base: float = 100.0
    steps: int = STEPS
    adamw: bool = True


VARIANTS = {
    "bahdanau": Variant("", warmup=0.35, adamw=False),
    "bahdanau, AdamW": Variant(""),
    "rotary": Variant(),
    "rotary, Adam": Variant(warmup=0.35, adamw=False),
    "rotary, small": Variant(layers=1, features=32, inner=64),
    "rotary, base 10000": Variant(base=10_000.0),
    "rotary, longer": Variant(steps=1300),
    "rotary, scattered": Variant(scatter=3, steps=1300),
    "rotary, stretched": Variant(stretch=(0.25, 0.3), steps=1300),
    "rotary, not across": Variant(across=False),
    "relative": Variant("relative"),
    "rotary, no norms": Variant(norms=False),
    "rotary, no norms, rate 0.001": Variant(norms=False, rate=1e-3),
    "rotary, no sums": Variant(sums=False),
    "sinusoidal": Variant("sinusoidal"),
    "sinusoidal, rate 0.001": Variant("sinusoidal", rate=1e-3),
    "learned": Variant("learned"),
    "paper": Variant("sinusoidal", norm_first=False, rate=1e-3, smoothing=0.1),
    "rotary, smoothed": Variant(smoothing=0.1),
    "rotary, no warm-up": Variant(warmup=0.0),
    "rotary, norms behind": Variant(norm_first=False, rate=1e-3),
    "rotary, norms behind, rate 0.003": Variant(norm_first=False),
    "rotary, norms behind, rate 0.003, no warm-up": Variant(norm_first=False, warmup=0.0),
    "rotary, norms behind, no warm-up": Variant(norm_first=False, rate=1e-3, warmup=0.0),
    "deep": Variant(rate=1e-3, layers=6, steps=520),
    "deep, no norms": Variant(norms=False, rate=1e-3, layers=6, steps=520),
    "deep, no warm-up": Variant(rate=1e-3, warmup=0.0, layers=6, steps=520),
    "deep, norms behind": Variant(norm_first=False, rate=1e-3, layers=6, steps=520),
    "deep, norms behind, no warm-up": Variant(
        norm_first=False, rate=1e-3, warmup=0.0, layers=6, steps=520
    ),
}


class NormAlone(AddNorm):
    """A sublayer of what is normed, and nothing added: the control for the sum."""

    def forward(self, x: Tensor, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        """What the sublayer gives."""
        return self.dropout(sublayer(self.norm(x)))


def made(variant: Variant, seed: int) -> nn.Module:
    """The model of a variant, not trained, English to German."""
    words = [len(numerals.vocabulary(language)) for language in ("en", "de")]
    torch.manual_seed(seed)
    if not variant.positions:
        return bahdanau(*words)
    model = transformer(
        *words,
        variant.features,
        variant.heads,
        variant.layers,
        variant.inner,
        positions=variant.positions,
        norm_first=variant.norm_first,
        base=variant.base,
        most=512,
    )
    for part in [*model.modules()]:
        if isinstance(part, AddNorm) and not variant.sums:
            part.__class__ = NormAlone
        for name, inside in part.named_children():
            if isinstance(inside, nn.LayerNorm) and not variant.norms:
                setattr(part, name, nn.Identity())
    if not variant.across:
        for layer in model.decoder.layers:
            layer.cross.rotary = None
    if variant.stretch != (1, 1):
        for part in model.modules():
            if isinstance(part, Rotary):
                part.places = squeezed(variant.stretch[1])
    return model


def squeezed(by: float) -> Tensor:
    """The places 0, 1, 2, ... of sequences of up to 512 words, each times `by`."""
    return by * torch.arange(512)


def loss(model: nn.Module, batch: Batch, smoothing: float = 0.0) -> Tensor:
    """-log P(target | source) per word, a scalar; with labels that are smoothed."""
    logits = model(batch.source, batch.mask, batch.target)  # (B, T-1, V)
    words = batch.target[:, 1:].flatten()
    return nn.functional.cross_entropy(
        logits.flatten(0, 1), words, ignore_index=PAD, label_smoothing=smoothing
    )


def elsewhere(
    model: nn.Module, batch: Batch, variant: Variant, made: torch.Generator, smoothing: float = 0.0
) -> Tensor:
    """`loss` while the words stand elsewhere than at 0, 1, 2, ..., another where every batch."""
    words = max(batch.source.shape[1], batch.target.shape[1])
    if variant.scatter > 1:
        most = int(torch.randint(words, variant.scatter * words + 1, (), generator=made))
        places = scattered(words, most, made)
    else:
        part = torch.rand((), generator=made)
        least, _ = variant.stretch
        places = squeezed(least + (1 - least) * part.item())[:words]
    with standing(model, places):
        return loss(model, batch, smoothing)


def loss_of(variant: Variant, seed: int) -> Callable[[nn.Module, Batch], Tensor]:
    """What the training of a variant makes small."""
    if variant.scatter == 1 and variant.stretch == (1, 1):
        return partial(loss, smoothing=variant.smoothing)
    made = torch.Generator().manual_seed(seed)
    return partial(elsewhere, variant=variant, made=made, smoothing=variant.smoothing)


def schedule(step: int, steps: int, warmup: float) -> float:
    """The part of the learning rate: it rises, stays, and falls to 0 over the second half."""
    return min(1.0, (step + 1) / max(1.0, warmup * steps), 2 * (steps - step) / steps)


def train(
    variant: Variant, seed: int, steps: int | None = None
) -> tuple[nn.Module, dict[str, Any]]:
    """A trained model, and its curve: CPU seconds of training, and sentences right (dev split)."""
    steps = variant.steps if steps is None else steps
    model, english, german = made(variant, seed), *map(numerals.vocabulary, ("en", "de"))
    dev = numerals.pairs(200, "en", "de", seed=1_000_001, lengths=range(1, 31), split="dev")
    begun, judging, curve = time.process_time(), 0.0, []

    def evaluate(model: nn.Module) -> dict[str, float]:
        nonlocal judging
        here = time.process_time()
        part = exact(model, dev)
        curve.append([here - begun - judging, part])
        judging += time.process_time() - here
        return {"exact": part}

    how: dict[str, Any] = {"warmup": variant.warmup}  # Adam and a cosine
    if variant.adamw:
        optimizer = partial(torch.optim.AdamW, betas=(0.9, 0.98))
        rates = partial(schedule, steps=steps, warmup=variant.warmup)
        how = {"optimizer": optimizer, "lr_schedule": rates}
    training.fit(
        model,
        batches(short_first(variant.short, seed), english, german, size=64),
        loss_of(variant, seed),
        steps=steps,
        learning_rate=variant.rate,
        **how,
        evaluate=evaluate,
        eval_every=65,
        seed=seed,
        label=f"{variant.positions or 'bahdanau'}, seed {seed}",
    )
    spent = time.process_time() - begun - judging
    return model.cpu(), {"seed": seed, "steps": steps, "cpu_seconds": spent, "curve": curve}


def judge(model: nn.Module, variant: Variant, sentences: int = 200) -> dict[str, Any]:
    """Whole sentences right by length, how sure of a word, and what the heads across look at."""
    tests = {n: _pairs([n], 3, sentences, "test") for n in TESTED}
    found: dict[str, Any] = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "exact": {str(n): exact(model, pairs) for n, pairs in tests.items()},
        **surely(model, _pairs(range(1, 31), 4, sentences, "test")),
    }
    if variant.positions == "rotary" and variant.stretch == (1, 1):
        with standing(model, squeezed(0.5)):  # without a training for it
            found["squeezed"] = {str(n): exact(model, pairs) for n, pairs in tests.items()}
    if variant.positions:
        chosen_on = heads.errors(model, _pairs(range(1, 31), 4, sentences, "dev"))
        found["chosen"] = min(chosen_on, key=lambda name: chosen_on[name])
        found["aer"] = heads.errors(model, _pairs(range(1, 31), 4, sentences, "test"))
    return found


@torch.no_grad()
def surely(model: nn.Module, pairs: Sequence[Pair]) -> dict[str, float]:
    """Of true words, told those before: ``millibits`` a word, and ``top``, of the likeliest."""
    batch = encoded(model, pairs, "de", "en")
    logits = model(batch.source, batch.mask, batch.target)  # (B, T-1, V)
    words = batch.target[:, 1:]
    nats = nn.functional.cross_entropy(logits.mT, words, ignore_index=PAD)
    top = logits.softmax(dim=-1).amax(dim=-1)[words != PAD].mean()
    return {"millibits": 1000 * nats.item() / math.log(2), "top": top.item()}


def _pairs(lengths: Sequence[int], seed: int, count: int, split: str) -> list[Pair]:
    return numerals.pairs(count, "en", "de", seed=seed, lengths=lengths, split=split)


def run(
    output: Path,
    work: Path | None = None,
    seeds: Sequence[int] = SEEDS,
    variants: dict[str, Variant] = VARIANTS,
    steps: int | None = None,
    sentences: int = 200,
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Train every variant from every seed; write what came out, and give it.

    Args:
        output: folder for the results.
        work: folder for the trained models and their curves; without one they are forgotten.
        seeds: of the weights and of the sentences.
        variants: by name.
        steps: of every training; None: each variant's own.
        sentences: that judge, of each length.
        only: names of those that are run, see `run_all`; by default all are.
    """

    def row(name: str, seed: int) -> Row:
        kept = kept_at(work, name, seed)
        if kept and kept.with_suffix(".json").is_file():
            return json.loads(kept.with_suffix(".json").read_text(encoding="utf-8"))
        model, found = train(variants[name], seed, steps)
        found |= judge(model, variants[name], sentences)
        chosen = {"chosen": found.pop("chosen")} if "chosen" in found else {}  # a name, no number
        found = rounded(found) | chosen
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            state = {key: value.contiguous() for key, value in model.state_dict().items()}
            save_file(state, kept)
            kept.with_suffix(".json").write_text(json.dumps(found), encoding="utf-8")
        return found

    told = {
        "recipe": "lecture_utils.recipes.transformer",
        **provenance(),
        "tested_on": f"{sentences} sentences of each length, split test",
    }
    return run_all(output / "transformer.json", told, tuple(variants), seeds, row, only)


def load(work: Path, name: str, seed: int) -> nn.Module:
    """A model that `run` has kept in the folder `work`."""
    model = made(VARIANTS[name], seed)
    model.load_state_dict(load_file(kept_at(work, name, seed)))
    return model.eval()


if __name__ == "__main__":
    command_line(run, __doc__)
