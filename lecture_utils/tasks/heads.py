"""What the heads of a Transformer that translates numbers look at, scored against the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from lecture_utils.data.pairs import Batch, Pair
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

    def reply(text: str) -> dict[str, Any]:
        told, reads = asked(model, text, target, source, most, partial(record, model))
        names = [f"decoder.layers.{i}.cross.address" for i in range(len(model.decoder.layers))]
        weights = torch.cat([reads[name] for name in names])[:, :, : len(told.rows)]  # (L, H, T, S)
        return {**told._asdict(), "weights": weights}

    return reply
