"""The visual cousin of the address: features -> a mask in (0, 1), and features through a mask.

An address chooses among slots, so its weights sum to 1. A gate opens or closes each place or
channel on its own: F' = F * M(F), with 0 < M < 1.

Shapes: features (B, C, H, W), or any other with the batch in front. A mask has as many axes as
the features, each of the same size or of size 1: (B, C, 1, 1) gates channels, (B, 1, H, W)
places. While a model runs, `held` keeps gates at values that you choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from lecture_utils.recording import note, paths


class Gate(nn.Module):
    """From features to a mask: M = sigmoid(score).

    A subclass gives `score`. A `record` block keeps the masks under the module's name, those of
    several calls joined along the batch.
    """

    _held: tuple[str, Tensor] | None = None  # in a block of `held`: its name, and its values

    def score(self, features: Tensor) -> Tensor:
        """Any real numbers, in the shape of the mask, from features (B, C, H, W)."""
        raise NotImplementedError

    def forward(self, features: Tensor) -> Tensor:
        """The mask in (0, 1), from features (B, C, H, W)."""
        mask = torch.sigmoid(self.score(features))
        return note(self, mask if self._held is None else _replaced(mask, *self._held), axis=0)


def gated(features: Tensor, mask: Tensor) -> Tensor:
    """Features through a mask: F' = F * M.

    Args:
        features: (B, C, H, W), or any other shape.
        mask: as many axes as features, each of the same size or of size 1.

    Raises:
        ValueError: the mask does not say for which axes it speaks.
    """
    sizes = zip(mask.shape, features.shape, strict=False)
    if mask.ndim != features.ndim or not all(here == size or here == 1 for here, size in sizes):
        raise ValueError(
            f"mask must have as many axes as the features, {tuple(features.shape)}, each of that "
            f"size or 1; got {tuple(mask.shape)}. Pass one (B, C) for channels as "
            "mask[:, :, None, None]"
        )
    return features * mask


@contextmanager
def held(model: nn.Module, values: Mapping[str, Tensor | float]) -> Iterator[None]:
    """Hold gates of `model` at `values` inside the block; `record` sees what they are held at.

    Take a channel away, or freeze a gate at its mean, and see what the model answers then::

        with held(model, {"layer1.0.attention.gate": means}):  # (C,)
            scores = model(images)

    Blocks may nest: the inner one decides about the gates that it names.

    Args:
        model: whatever calls the gates.
        values: by the name of the gate, as in ``model.named_modules()``: one number for all of it,
            a number for every channel, (C,) or (B, C), or as many axes as its mask, each of that
            size or 1. From 0, closed, to 1, open; what is below 0 stays as the gate computes it.

    Raises:
        ValueError: a name of no gate, what is no number up to 1, another shape than the mask's.
    """
    gates = {name: module for name, module in paths(model) if isinstance(module, Gate)}
    if strange := [name for name in values if name not in gates]:
        raise ValueError(f"values has {strange}, which are no gates; there are {[*gates]}")
    given = {name: torch.as_tensor(value) for name, value in values.items()}
    for name, value in given.items():
        if not torch.compiler.is_compiling() and not bool((value <= 1).all()):
            raise ValueError(
                f"values: {name!r} has NaN or what is above 1; pass numbers from 0, closed, to 1, "
                "open, and below 0 where the gate is as computed"
            )
    before = {name: gates[name]._held for name in given}
    try:
        for name, value in given.items():
            gates[name]._held = name, value
        yield
    finally:
        for name, one in before.items():
            gates[name]._held = one


def _replaced(mask: Tensor, name: str, values: Tensor) -> Tensor:
    """A mask with `values` in the place of its own, where they are not below 0."""
    shape, axes = mask.shape, values.ndim
    there = values[None] if axes == 1 else values
    there = there.reshape(*there.shape, *[1] * (mask.ndim - there.ndim))
    sizes = zip(there.shape, shape, strict=False)
    if axes not in (0, 1, 2, mask.ndim) or not all(n in (size, 1) for n, size in sizes):
        raise ValueError(
            f"values: {name!r} has shape {tuple(values.shape)}, and its mask {tuple(shape)}; pass "
            f"one number, ({shape[1]},), a number for each channel, or {tuple(shape[:2])}"
        )
    there = there.to(mask)
    return torch.where(there < 0, mask, there)
