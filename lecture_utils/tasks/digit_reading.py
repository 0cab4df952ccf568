"""Reading handwritten digits: batches, shifts, and how much is misread.

Pictures are (B, 1, 28, 28), 0 is paper and 1 ink; all runs where the model is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from lecture_utils.data.digits import Digits

WAYS = ((0, 1), (0, -1), (1, 0), (-1, 0))
"""Right, left, down, up: rows and columns of a shift by one pixel."""


def shifted(images: Tensor, down: int, right: int) -> Tensor:
    """The images (B, C, H, W) moved by whole pixels; paper comes in, what leaves is lost."""
    height, width = images.shape[-2:]
    if abs(down) >= height or abs(right) >= width:
        raise ValueError(f"down and right must be less than the image; got {down} and {right}")
    moved = torch.zeros_like(images)
    (to_r, from_r), (to_c, from_c) = _spans(down, height), _spans(right, width)
    moved[..., to_r, to_c] = images[..., from_r, from_c]
    return moved


def _spans(by: int, size: int) -> tuple[slice, slice]:
    """Where something lands that is moved by so much, and where it was."""
    return slice(max(by, 0), size + min(by, 0)), slice(max(-by, 0), size - max(by, 0))


def digit_batches(
    digits: Digits, seed: int, size: int = 64, most: int = 0
) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches (images, digits); every epoch in another order.

    Args:
        digits: what is read.
        seed: of the orders and of the shifts.
        size: of a batch; what is left over at the end of an epoch is left out.
        most: each batch is moved by up to so many pixels, at random, in both directions.
    """
    made = torch.Generator().manual_seed(seed)
    if not 1 <= size <= len(digits.digits):
        raise ValueError(f"size must be from 1 to {len(digits.digits)}; got {size}")
    while True:
        for rows in torch.randperm(len(digits.digits), generator=made).split(size):
            if len(rows) < size:
                continue
            images = digits.images[rows]
            if most:
                down, right = torch.randint(-most, most + 1, (2,), generator=made).tolist()
                images = shifted(images, down, right)
            yield images, digits.digits[rows]


def digit_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Cross entropy of the scores with the digits."""
    images, digits = batch
    return nn.functional.cross_entropy(model(images), digits)


def in_1998(images: Tensor) -> Tensor:
    """As the paper gives them to its network: 32 x 32, paper -0.1 and ink 1.175.

    Source: LeCun et al. 1998, section II.B.
    """
    return nn.functional.pad(images, (2, 2, 2, 2)) * 1.275 - 0.1


def halved_in_three(images: Tensor) -> Tensor:
    """Means of 2 x 2 pixels, three times: (B, 3, 14, 14), for a network of small photographs."""
    return nn.functional.avg_pool2d(images, 2).expand(-1, 3, -1, -1)


@torch.no_grad()
def answers(model: nn.Module, images: Tensor) -> Tensor:
    """Scores (N, 10) of images (N, 1, H, W), on the CPU; the model is put to evaluation."""
    here = next(model.parameters()).device
    model.eval()
    return torch.cat([model(part.to(here)).cpu() for part in images.split(100)])


def misread(model: nn.Module, digits: Digits, down: int = 0, right: int = 0) -> float:
    """The part of the digits that is read as another, moved by so many pixels."""
    read = answers(model, shifted(digits.images, down, right)).argmax(dim=1)
    return (read != digits.digits).float().mean().item()


def by_shift(model: nn.Module, digits: Digits, most: int) -> list[float]:
    """The part that is read right, shifted by 0 to `most` pixels: the mean of four directions."""
    there = [1 - misread(model, digits)]
    for by in range(1, most + 1):
        wrong = [misread(model, digits, by * down, by * right) for down, right in WAYS]
        there.append(1 - sum(wrong) / len(wrong))
    return there


class Prepared(nn.Module):
    """A model behind a fixed change of what it is given, such as `in_1998`.

    Args:
        model: is given the changed images.
        prepare: images (B, 1, 28, 28) to what the model takes.
    """

    def __init__(self, model: nn.Module, prepare: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.model, self.prepare = model, prepare

    def forward(self, images: Tensor) -> Tensor:
        """What the model gives."""
        return self.model(self.prepare(images))
