"""What the heads of a Transformer that translates numbers look at, scored against the truth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.hooks import RemovableHandle

from lecture_utils.data.pairs import PAD, Batch, Pair
from lecture_utils.models.multi_head import MultiHead
from lecture_utils.models.transformer import Transformer
from lecture_utils.recording import record
from lecture_utils.tasks.translation import MOST, asked, encoded, link_error


@torch.no_grad()
def looks(model: Transformer, batch: Batch) -> dict[str, Tensor]:
    """The weights (B, T-1, S) of every head across, and of every layer's mean, by name.

    The model is told the true words before. Names: ``"layer 1, head 1"``, ``"layer 1, mean"``.
    """
    with record(model) as reads:
        model(*batch)
    found = {}
    for i in range(len(model.decoder.layers)):
        weights = reads[f"decoder.layers.{i}.cross.address"]  # (B, H, T-1, S)
        for head, of_head in enumerate(weights.unbind(dim=1)):
            found[f"layer {i + 1}, head {head + 1}"] = of_head
        found[f"layer {i + 1}, mean"] = weights.mean(dim=1)
    return found


def errors(
    model: Transformer, pairs: Sequence[Pair], target: str = "de", source: str = "en"
) -> dict[str, float]:
    """Alignment error rate of the arg max links of each head across, and of each layer's mean."""
    return {
        name: link_error(weights.argmax(dim=-1), pairs, target, source)
        for name, weights in looks(model, encoded(model, pairs, target, source)).items()
    }


def reply_of(
    model: Transformer,
    target: str = "de",
    source: str = "en",
    most: tuple[int, int] = MOST,
) -> Callable[[str], dict[str, Any]]:
    """A function from a reader's text to what `lecture_utils.views.Alignment` shows, every head.

    Args as of `translation.asked`.
    """

    def reply(text: str, prefix: Sequence[str] = ()) -> dict[str, Any]:
        told, reads = asked(model, text, target, source, most, partial(record, model), prefix)
        names = [f"decoder.layers.{i}.cross.address" for i in range(len(model.decoder.layers))]
        weights = torch.cat([reads[name] for name in names])[:, :, : len(told.rows)]  # (L, H, T, S)
        return {**told._asdict(), "weights": weights}

    return reply


def attentions(model: Transformer) -> dict[str, MultiHead]:
    """Every attention of a Transformer by its path, such as ``"decoder.layers.0.cross"``."""
    return {path: part for path, part in model.named_modules() if isinstance(part, MultiHead)}


def without_heads(attention: MultiHead, heads: Sequence[int]) -> Tensor:
    """The matrix (H d, H d) that sets what these heads read to zero, and keeps the rest."""
    keep = torch.ones(attention.heads, attention.W_O.in_features // attention.heads)
    keep[list(heads)] = 0.0
    return keep.flatten().diag()


def without_directions(attention: MultiHead, count: int, seed: int) -> Tensor:
    """The matrix (H d, H d) that takes `count` directions at random out of what all heads read."""
    made = torch.Generator().manual_seed(seed)
    size = attention.W_O.in_features
    directions = torch.linalg.qr(torch.randn(size, count, generator=made)).Q
    return torch.eye(size) - directions @ directions.T


@contextmanager
def reads_through(
    attention: MultiHead, matrix: Tensor, mean: Tensor | None = None
) -> Iterator[None]:
    """While this runs, what the heads have read goes through `matrix` (H d, H d) before W^O.

    Args:
        attention: whose heads.
        matrix: on the right of what they have read, side by side.
        mean: (H d,) of what they read; what the matrix takes away of a read is then put back as
            that of the mean: a constant. None: nothing is put back.
    """
    matrix = matrix.to(attention.W_O.weight)
    constant = 0.0 if mean is None else mean.to(matrix) - mean.to(matrix) @ matrix
    hook = attention.W_O.register_forward_pre_hook(lambda _, given: (given[0] @ matrix + constant,))
    try:
        yield
    finally:
        hook.remove()


@torch.no_grad()
def mean_reads(model: Transformer, batch: Batch) -> dict[str, Tensor]:
    """The mean (H d,) of what the heads of each attention read, by path, over all true words.

    The model is told the true words before; rows of padding do not count.
    """
    given: dict[str, Tensor] = {}

    def keep(path: str) -> RemovableHandle:
        output = attentions(model)[path].W_O
        return output.register_forward_pre_hook(lambda _, x: given.update({path: x[0]}))

    hooks = [keep(path) for path in attentions(model)]
    try:
        model(*batch)
    finally:
        for hook in hooks:
            hook.remove()
    rows = {"encoder": batch.mask, "decoder": batch.target[:, :-1] != PAD}
    return {path: x[rows[path.partition(".")[0]]].mean(dim=0) for path, x in given.items()}


@torch.no_grad()
def spread(model: Transformer, batch: Batch) -> dict[str, list[dict[str, float]]]:
    """How each head looks while the model is told the true words, by path of its attention.

    Two means over the rows that are no padding: ``entropy``, in bits, and, of self-attention alone,
    ``distance``, how many places off it reads.
    """
    with record(model) as reads:
        model(*batch)
    rows = {"encoder": batch.mask, "decoder": batch.target[:, :-1] != PAD}
    found = {}
    for path in attentions(model):
        weights = reads[f"{path}.address"]  # (B, H, T, S)
        true = rows[path.partition(".")[0]].unsqueeze(1).to(weights)  # (B, 1, T)
        told = {"entropy": torch.special.entr(weights).sum(dim=-1) / math.log(2)}
        if not path.endswith("cross"):
            places = torch.arange(weights.shape[-1], device=weights.device)
            told["distance"] = (weights * (places - places.unsqueeze(-1)).abs()).sum(dim=-1)
        means = {k: (x * true).sum(dim=(0, 2)) / true.sum() for k, x in told.items()}
        found[path] = [
            {k: mean[head].item() for k, mean in means.items()} for head in range(weights.shape[1])
        ]
    return found
