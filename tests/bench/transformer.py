"""The Transformer against torch's own, the paper's counts, and what its recipe found."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

from lecture_utils import recipes
from lecture_utils.models.multi_head import MultiHead
from lecture_utils.models.transformer import Transformer, transformer
from lecture_utils.recording import record
from tests.bench.rows import Row, row
from tests.models import plain_transformer, torch_twins, transformer_mutants
from tests.models.test_transformer import TABLE_3, apart, millions
from tests.models.transformer_properties import PROPERTIES

KINDS = [(norm_first, bias) for norm_first in (False, True) for bias in (False, True)]


def _attention(dtype: torch.dtype) -> tuple[float, float]:
    """How far our heads are from torch's, and the fused path from the recorded one."""
    torch.manual_seed(0)
    ours = MultiHead(64, 4, bias=True).to(dtype)
    x, mask = torch.randn(8, 16, 64, dtype=dtype), torch.rand(8, 1, 16) < 0.7
    mask[:, :, 0] = True
    theirs = torch_twins.attention(ours)(x, x, x, key_padding_mask=~mask[:, 0])[0]
    with torch.no_grad(), record(ours):
        slow = ours(x, x, mask)
    fast = ours(x, x, mask)
    return (fast - theirs).abs().max().item(), (fast - slow).abs().max().item()


@row("transformer.parity.mha", "", "<= 1e-12")
@row("transformer.parity.fused", "", "<= 1e-12")
@row("transformer.parity.encoder", "", "<= 1e-12")
@row("transformer.parity.decoder", "", "<= 1e-12")
@row("transformer.parity.whole", "", "<= 1e-12")
@row("transformer.parity.single", "", "<= 1e-5")
def parity() -> list[Row]:
    """Largest difference from torch's modules in double precision, and of all in single."""
    double = [apart(torch.float64, *kind) for kind in KINDS]
    single = [apart(torch.float32, *kind) for kind in KINDS]
    (mha, fused), few_bits = _attention(torch.float64), _attention(torch.float32)
    encoder, decoder, whole = (max(values) for values in zip(*double, strict=True))
    worst = max(*map(max, single), *few_bits)
    values = {"mha": mha, "fused": fused, "encoder": encoder, "decoder": decoder}
    values |= {"whole": whole, "single": worst}
    return [Row(f"transformer.parity.{name}", value) for name, value in values.items()]


@row("transformer.table3.rows", "rows of 10", ">= 10")
def table3() -> int:
    """Rows of the paper's table 3, without the big model, met to the digit by 41,100 words."""
    counted = {name: round(millions(41_100, **sizes)) for name, (sizes, _) in TABLE_3.items()}
    met = [name for name, (_, told) in TABLE_3.items() if counted[name] == told]
    return len(met)


@row("transformer.leak", "broken of 1,000", "<= 0")
def leak() -> int:
    """Future, padding, order, step by step, cache: broken on random models and inputs."""
    with torch.no_grad():
        return sum(not holds(seed) for holds in PROPERTIES.values() for seed in range(200))


@row("transformer.mutants", "errors", ">= 20")
@row("transformer.mutants_passed", "errors", "<= 0")
def mutants() -> list[Row]:
    """Errors that keep every shape, in models and pictures, and how many of them no test sees."""
    planted = [*transformer_mutants.IN_MODELS, *transformer_mutants.IN_PICTURES]
    unseen = transformer_mutants.passed()
    return [
        Row("transformer.mutants", len(planted)),
        Row("transformer.mutants_passed", len(unseen), fault=", ".join(unseen)),
    ]


def _ratio(
    theirs: Callable[[], object], ours: Callable[[], object], calls: int, turns: int = 15
) -> float:
    """CPU time of theirs over that of ours: the median of turns, each of which changes who begins.

    The first turn is not counted.
    """
    ratios = []
    for turn in range(turns + 1):
        took = {}
        for run in (theirs, ours) if turn % 2 else (ours, theirs):
            begun = time.process_time()
            for _ in range(calls):
                run()
            took[run] = time.process_time() - begun
        ratios.append(took[theirs] / took[ours])
    return round(statistics.median(ratios[1:]), 2)


def _decoding(model: Transformer, batch: int, cached: bool, words: int = 60) -> Callable[[], None]:
    """What writes so many words for a batch of sources of 30 words, which are read before."""
    source = torch.randint(3, 30, (batch, 30), generator=torch.manual_seed(0))
    memory, nothing = model.encode(source)

    def run() -> None:
        token, state, before = torch.ones(batch, dtype=torch.long), nothing, []
        for _ in range(words):
            before.append(token)
            if cached:
                logits, state = model.step(token, state, memory)
            else:
                logits = model.decoder(torch.stack(before, dim=1), memory, nothing)[0][:, -1]
            token = logits.argmax(dim=-1)

    return run


@row("transformer.cache.ratio.1", "times", ">= 1.8")
@row("transformer.cache.ratio.64", "times", ">= 10")
@torch.no_grad()
def cache() -> list[Row]:
    """CPU time of 60 words without the cache over that with it: the median of some pairs."""
    model = transformer(41, 41, positions="rotary", norm_first=True).eval()
    found = []
    for batch, turns in ((1, 25), (64, 7)):
        kinds = (_decoding(model, batch, cached) for cached in (False, True))
        found.append(Row(f"transformer.cache.ratio.{batch}", _ratio(*kinds, calls=1, turns=turns)))
    return found


@row("transformer.block.ratio.mha", "times", ">= 1.2")
@row("transformer.block.ratio.layer", "times", ">= 1.2")
def block() -> list[Row]:
    """Forward and backward, torch's time over ours: (8, 16, 64), four heads, 256 inner units."""
    torch.manual_seed(0)
    x = torch.randn(8, 16, 64, requires_grad=True)
    ours, theirs = MultiHead(64, 4), nn.MultiheadAttention(64, 4, bias=False, batch_first=True)
    layer = transformer(1, 1, 64, 4, 1, 256, bias=True, dropout=0.1).encoder.layers[0]
    torchs = nn.TransformerEncoderLayer(64, 4, 256, 0.1, batch_first=True)
    pairs = {
        "mha": (lambda: theirs(x, x, x, need_weights=False)[0], lambda: ours(x, x)),
        "layer": (lambda: torchs(x), lambda: layer(x)),
    }
    return [
        Row(
            f"transformer.block.ratio.{name}",
            _ratio(*(lambda run=run: run().sum().backward() for run in pair), calls=50),
        )
        for name, pair in pairs.items()
    ]


@row("transformer.step.ratio.annotated", "times", ">= 1.4")
def step() -> float:
    """Tokens per second of a training step, ours over the formulas in plain tensor operations.

    Both have the same weights, dropout, smoothed labels and Adam: 64 sentences of 16 words.
    """
    made = torch.Generator().manual_seed(1)
    source, target = (torch.randint(3, 41, (64, n), generator=made) for n in (16, 17))
    mask = torch.arange(16) < torch.randint(8, 17, (64, 1), generator=made)
    torch.manual_seed(0)
    ours = transformer(41, 41, 64, 4, 2, 256, norm_first=True, bias=True, dropout=0.1)
    runs = []
    for model, logits in ((copy.deepcopy(ours), plain_transformer.logits), (ours, None)):
        adam = torch.optim.Adam(model.parameters(), 1e-3, betas=(0.9, 0.98), eps=1e-9)

        def train(model=model, logits=logits, adam=adam) -> None:
            adam.zero_grad()
            if logits is None:
                scores = model(source, mask, target).flatten(0, 1)
                smoothed = {"ignore_index": 0, "label_smoothing": 0.1}
                loss = nn.functional.cross_entropy(scores, target[:, 1:].flatten(), **smoothed)
            else:
                scores = logits(model, source, mask, target)
                loss = plain_transformer.loss(scores, target[:, 1:], smoothing=0.1)
            loss.backward()
            adam.step()

        runs.append(train)
    return _ratio(*runs, calls=4)


def _recipe(name: str) -> list[dict]:
    return recipes.results("transformer")["variants"][name]


@row("length30.transformer.exact", "share", ">= 0.98")
@row("transformer.length2x.exact", "share", ">= 0")
@row("transformer.cpu_ratio", "times", ">= 1.5")
@row("transformer.aer", "share", "<= 0.01")
@row("transformer.aer_worst_head", "share", ">= 0")
def translated() -> list[Row]:
    """From the recipe, the worst of three seeds; what chose heads and weights did not judge.

    The first to 95 % is the one with plain places, the best in the end that with scattered ones.
    """
    ours, theirs, longest = map(_recipe, ("rotary", "bahdanau", "rotary, scattered"))
    seeds = [one["seed"] for one in ours]

    def seconds(one: dict) -> float:
        return next(spent for spent, right in one["curve"] if right >= 0.95)

    ratios = [seconds(b) / seconds(a) for a, b in zip(ours, theirs, strict=True)]
    values = {
        "length30.transformer.exact": min(one["exact"]["30"] for one in longest),
        "transformer.length2x.exact": min(one["exact"]["60"] for one in longest),
        "transformer.cpu_ratio": round(min(ratios), 2),
        "transformer.aer": max(one["aer"][one["chosen"]] for one in longest),
        "transformer.aer_worst_head": max(max(one["aer"].values()) for one in longest),
    }
    return [Row(name, value, seeds=seeds) for name, value in values.items()]
