"""Naming what is in a small photograph: batches, shifts and reflections, and how much is right.

Pictures are those of `data.cifar`, bytes (N, 3, 32, 32); a network is given floats (B, 3, 32, 32).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from lecture_utils.data.cifar import Pictures

MEAN, SPREAD = (0.491, 0.482, 0.447), (0.247, 0.243, 0.262)
"""Of red, green and blue over the training pictures of CIFAR-10, where white is 1."""
MOST = 4
"""Pixels by which a picture is moved at most."""

Loss = Callable[[nn.Module, tuple[Tensor, Tensor]], Tensor]


def normed(images: Tensor) -> Tensor:
    """Bytes (N, 3, H, W) as floats whose channels have about mean 0 and spread 1."""
    mean, spread = (torch.tensor(one).view(1, 3, 1, 1) for one in (MEAN, SPREAD))
    return (images.float() / 255 - mean) / spread


def moved_and_mirrored(images: Tensor, made: torch.Generator) -> Tensor:
    """Each picture (N, C, H, W) by itself: moved by up to `MOST` pixels, half of them mirrored.

    Black comes in, what leaves is lost.

    Source: He, Zhang, Ren and Sun 2016, arXiv:1512.03385, section 4.2.
    """
    (count, _, height, width), most = images.shape, 2 * MOST + 1
    padded = nn.functional.pad(images, (MOST,) * 4)
    top, left = torch.randint(most, (2, count, 1), generator=made)
    mirrored = torch.randint(2, (count, 1), generator=made).bool()
    columns = torch.arange(width).expand(count, -1)
    columns = left + torch.where(mirrored, columns.flip(1), columns)  # (N, W)
    rows = top + torch.arange(height)  # (N, H)
    every = torch.arange(count)[:, None, None]
    return padded[every, :, rows[:, :, None], columns[:, None]].permute(0, 3, 1, 2)


def photograph_batches(data: Pictures, seed: int, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches (images, labels), every epoch in another order, moved and mirrored.

    Args:
        data: what is seen.
        seed: of the orders, shifts and reflections.
        size: of a batch; what is left over at the end of an epoch is left out.
    """
    if not 1 <= size <= len(data.labels):
        raise ValueError(f"size must be from 1 to {len(data.labels)}; got {size}")
    made = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(len(data.labels), generator=made)
        for rows in order[: len(order) // size * size].split(size):
            yield normed(moved_and_mirrored(data.images[rows], made)), data.labels[rows]


def in_bfloat16(model: nn.Module, images: Tensor) -> Tensor:
    """Scores (B, classes) in float32, the layers in bfloat16 where torch holds that to be safe.

    A CPU that multiplies matrices of bfloat16 takes half the time.
    """
    with torch.autocast(images.device.type, torch.bfloat16):
        return model(images.to(memory_format=torch.channels_last)).float()


def photograph_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Cross entropy of the scores with the labels."""
    images, labels = batch
    return nn.functional.cross_entropy(in_bfloat16(model, images), labels)


@torch.no_grad()
def named_right(model: nn.Module, data: Pictures) -> float:
    """The part of the pictures whose class is told; the model is put to evaluation."""
    here, right = next(model.parameters()).device, 0
    model.eval()
    for images, labels in zip(data.images.split(200), data.labels.split(200), strict=True):
        answers = in_bfloat16(model, normed(images).to(here)).argmax(dim=1)
        right += int((answers.cpu() == labels).sum())
    return right / len(data.labels)
