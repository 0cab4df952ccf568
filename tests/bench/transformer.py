"""The Transformer against torch's own, the paper's counts, and what its recipe found."""

from __future__ import annotations

import time

import torch
from torch import nn

from lecture_utils import recipes
from lecture_utils.models.multi_head import MultiHead
from lecture_utils.models.transformer import Transformer, transformer
from lecture_utils.recording import record
from tests.bench.rows import Row, row
from tests.models import torch_twins
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


def _decoding(model: Transformer, batch: int, cached: bool, words: int = 60) -> float:
    """CPU seconds to write so many words for a batch of sources of 30 words."""
    source = torch.randint(3, 30, (batch, 30), generator=torch.manual_seed(0))
    memory, nothing = model.encode(source)
    token, state, before = torch.ones(batch, dtype=torch.long), nothing, []
    begun = time.process_time()
    for _ in range(words):
        before.append(token)
        if cached:
            logits, state = model.step(token, state, memory)
        else:
            logits = model.decoder(torch.stack(before, dim=1), memory, nothing)[0][:, -1]
        token = logits.argmax(dim=-1)
    return time.process_time() - begun


@row("transformer.cache.ratio.1", "times", ">= 1.8")
@row("transformer.cache.ratio.64", "times", ">= 10")
@torch.no_grad()
def cache() -> list[Row]:
    """CPU time of 60 words without the cache over that with it: the median of five pairs."""
    model = transformer(41, 41, positions="rotary", norm_first=True).eval()
    found = []
    for batch in (1, 64):
        pairs = [[_decoding(model, batch, cached) for cached in (False, True)] for _ in range(5)]
        ratio = sorted(without / with_it for without, with_it in pairs)[2]
        found.append(Row(f"transformer.cache.ratio.{batch}", round(ratio, 2)))
    return found


@row("transformer.block.ratio.mha", "times", ">= 1.2")
def block() -> float:
    """Forward and backward of self-attention, torch's time over ours: (8, 16, 64), four heads."""
    torch.manual_seed(0)
    ours, theirs = MultiHead(64, 4), nn.MultiheadAttention(64, 4, bias=False, batch_first=True)
    x = torch.randn(8, 16, 64, requires_grad=True)
    kinds = (lambda: theirs(x, x, x, need_weights=False)[0], lambda: ours(x, x))
    ratios = []
    for _ in range(9):
        times = []
        for run in kinds:
            begun = time.process_time()
            for _ in range(50):
                run().sum().backward()
            times.append(time.process_time() - begun)
        ratios.append(times[0] / times[1])
    return round(sorted(ratios)[4], 2)


def _recipe(name: str) -> list[dict]:
    return recipes.results("transformer")["variants"][name]


@row("length30.transformer.exact", "share", ">= 0.98")
@row("transformer.cpu_ratio", "times", ">= 1.5")
@row("transformer.aer", "share", "<= 0.01")
@row("transformer.aer_worst_head", "share", ">= 0")
def translated() -> list[Row]:
    """From the recipe, the worst of three seeds; what chose heads and weights did not judge."""
    ours, theirs = _recipe("rotary"), _recipe("bahdanau")
    seeds = [one["seed"] for one in ours]

    def seconds(one: dict) -> float:
        return next(spent for spent, right in one["curve"] if right >= 0.95)

    ratios = [seconds(b) / seconds(a) for a, b in zip(ours, theirs, strict=True)]
    values = {
        "length30.transformer.exact": min(one["exact"]["30"] for one in ours),
        "transformer.cpu_ratio": round(min(ratios), 2),
        "transformer.aer": max(one["aer"][one["chosen"]] for one in ours),
        "transformer.aer_worst_head": max(max(one["aer"].values()) for one in ours),
    }
    return [Row(name, value, seeds=seeds) for name, value in values.items()]
