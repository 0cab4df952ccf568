"""What is no digit, and whether a network knows: pictures, and how many of them it accepts.

Pictures are (N, 1, 28, 28), 0 is paper and 1 ink, as those of digits.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor, nn

from lecture_utils.data.digits import Digits, centred
from lecture_utils.tasks.digit_reading import answers

LETTERS = "AEFHJKMNPRTUVWXY"
"""Capitals that resemble no digit."""
FONTS = ("Sans", "Sans-Bold", "SansMono", "SansMono-Bold", "Serif", "Serif-Bold")
"""Of the typeface DejaVu, which comes with matplotlib."""


def letters() -> Tensor:
    """Printed capitals, normalised as the digits are: 16 letters in 6 fonts."""
    drawn = [_letter(letter, font) for font in FONTS for letter in LETTERS]
    return torch.stack([centred(drawing) for drawing in drawn])


def _letter(letter: str, font: str) -> np.ndarray:
    """A letter in black on white, (112, 112), ink is 1."""
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"DejaVu{font}.ttf"
    paper = Image.new("L", (112, 112))
    place = {"anchor": "mm", "font": ImageFont.truetype(str(path), 80)}
    ImageDraw.Draw(paper).text((56, 56), letter, fill=255, **place)
    return np.asarray(paper) / 255


def overlaid(digits: Digits) -> Tensor:
    """Every digit with the next one that is another, one laid over the other."""
    other = digits.images.roll(-1, dims=0)
    differ = digits.digits != digits.digits.roll(-1)
    return torch.maximum(digits.images, other)[differ]


def scattered(digits: Digits, seed: int = 0) -> Tensor:
    """The pixels of every digit in an order of its own: as much ink, and no stroke."""
    made = torch.Generator().manual_seed(seed)
    flat = digits.images.flatten(1)
    order = torch.rand(flat.shape, generator=made).argsort(dim=1)
    return flat.gather(1, order).view_as(digits.images)


def sure(scores: Tensor) -> Tensor:
    """How sure a network is: the probability of the likeliest digit, (N,), of scores (N, 10)."""
    return scores.softmax(dim=-1).amax(dim=-1)


def near(scores: Tensor) -> Tensor:
    """How near the nearest drawing is: the highest score, a penalty with a minus, (N,)."""
    return scores.amax(dim=-1)


def accepted(
    model: nn.Module,
    by: Callable[[Tensor], Tensor],
    dev: Tensor,
    pictures: dict[str, Tensor],
    refused: float = 0.02,
) -> dict[str, float]:
    """The part of the pictures of each kind that a network takes for digits.

    Args:
        model: images to scores.
        by: scores to what must be high, such as `sure` or `near`.
        dev: digits that say how high: so that the part `refused` of them is not.
        pictures: of each kind, by name.
        refused: part of the digits of dev.
    """
    least = torch.quantile(by(answers(model, dev)), refused)
    return {
        name: (by(answers(model, images)) >= least).float().mean().item()
        for name, images in pictures.items()
    }
