"""Answer questions about stories with an end-to-end memory network.

Everything runs on the device where the model is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils.data import babi
from lecture_utils.models.memn2n import MemN2N
from lecture_utils.recording import record
from lecture_utils.scores import facts_found


def loss(model: nn.Module, batch: babi.Batch, reduction: str = "mean") -> Tensor:
    """-log P(answer), the mean over the questions, or with ``"sum"`` their sum."""
    logits = model(batch.sentences, batch.story, batch.question)
    return nn.functional.cross_entropy(logits, batch.answer, reduction=reduction)


@torch.no_grad()
def logits_of(model: nn.Module, batch: babi.Batch) -> Tensor:
    """Logits (B, V) of the answers, on the CPU."""
    device = next(model.parameters()).device
    return model(*(part.to(device) for part in batch[:3])).cpu()


def error(model: nn.Module, questions: babi.Questions, size: int = 1000) -> float:
    """Wrong answers to questions, in per cent; `size` of them are asked at a time."""
    wrong = 0
    for start in range(0, len(questions), size):
        batch = questions.batch(slice(start, start + size))
        wrong += (logits_of(model, batch).argmax(dim=-1) != batch.answer).sum().item()
    return 100 * wrong / len(questions)


def hop_weights(reads: Mapping[str, Tensor]) -> Tensor:
    """What the hops of a recorded `MemN2N` addressed: (B, K, N), all N slots."""
    names = [name for name in reads if name.startswith("hops.")]
    return torch.cat([reads[name] for name in names], dim=1)


def facts_read(reads: Mapping[str, Tensor], batch: babi.Batch) -> Tensor:
    """Whether all facts of a question are among the slots that its hops weigh most: bool (B,)."""
    weights = hop_weights(reads)
    behind = weights.shape[-1] - batch.story.shape[1]  # the story's slots are the last ones
    return facts_found(weights.argmax(dim=-1) - behind, batch.support)


def answer_of(
    model: MemN2N, tokens: Sequence[str], width: int, story: Sequence[str], question: str
) -> dict[str, Any]:
    """What `lecture_utils.views.MemoryHops` shows of a model's answer to a reader's story.

    Args:
        model: reads the last sentences, as many as it has slots.
        tokens: the words by number.
        width: words of a sentence, at most.
        story: sentences in the order told.
        question: about them.
    """
    slots = model.memory.slots
    example = babi.Example(tuple(story), question, tokens[1])  # any answer
    batch = babi.Questions([example], tokens, slots, width).batch([0])
    with record(model) as reads:
        chances = logits_of(model, batch)[0].softmax(dim=-1)
    best = chances.topk(4)
    return {
        "weights": hop_weights(reads)[0, :, -batch.story.shape[1] :].clamp(0, 1),
        "answers": [
            (tokens[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ],
        "dropped": max(0, len(story) - slots),
    }
