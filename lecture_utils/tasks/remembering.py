"""Two tasks that ask a recurrent network what it has read: recall one symbol, copy them all.

Symbols are numbers. A network gives logits (B, T, V) of symbols (B, T) and its last state, as
`lecture_utils.models.recurrent.NextWord` does; everything runs on the device where it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn


def recall_batches(delay: int, seed: int, size: int = 64) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless (symbols (B, delay + 2), answer (B,)): 8 signals, 8 noises, 1 question mark."""
    made = torch.Generator().manual_seed(seed)
    while True:
        signal = torch.randint(0, 8, (size, 1), generator=made)
        noise = torch.randint(8, 16, (size, delay), generator=made)
        yield torch.cat([signal, noise, torch.full((size, 1), 16)], dim=1), signal[:, 0]


def recall_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Cross-entropy of the answer behind the last symbol."""
    symbols, answer = batch
    return nn.functional.cross_entropy(model(symbols)[0][:, -1], answer)


@torch.no_grad()
def recall_accuracy(model: nn.Module, delay: int) -> float:
    """Part of 1,000 fresh questions that are answered right; guessing gives 1/8."""
    symbols, answer = next(recall_batches(delay, seed=99, size=1000))
    device = next(model.parameters()).device
    given = model(symbols.to(device))[0][:, -1].argmax(dim=-1)
    return (given.cpu() == answer).float().mean().item()


def copy_batches(length: int, seed: int, size: int = 64) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless (symbols and question marks (B, 2 length), symbols (B, length))."""
    made = torch.Generator().manual_seed(seed)
    while True:
        symbols = torch.randint(0, 8, (size, length), generator=made)
        yield torch.cat([symbols, torch.full((size, length), 8)], dim=1), symbols


def copy_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Cross-entropy of the copied symbols."""
    inputs, symbols = batch
    logits = model(inputs)[0][:, symbols.shape[1] :]
    return nn.functional.cross_entropy(logits.flatten(0, 1), symbols.flatten())


@torch.no_grad()
def copied_whole(model: nn.Module, length: int) -> float:
    """Part of 1,000 fresh sequences that are copied without a fault."""
    inputs, symbols = next(copy_batches(length, seed=99, size=1000))
    device = next(model.parameters()).device
    copy = model(inputs.to(device))[0][:, length:].argmax(dim=-1).cpu()
    return (copy == symbols).all(dim=1).float().mean().item()
