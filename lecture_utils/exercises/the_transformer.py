"""The checks of the chapter on the Transformer."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor, untouched, without

_NORMS = (
    *("layer_norm", "native_layer_norm", "group_norm", "native_group_norm", "rms_norm"),
    *("instance_norm", "batch_norm", "native_batch_norm"),
)


@exercise("equal to torch's, at every size")
def normalised(answer: Callable[..., Tensor]) -> None:
    """``answer(x, gain, offset)``: layer normalisation of x (B, T, D), with 1e-5 in the root."""
    for shape, spread in (
        ((2, 3, 4), 1.0),
        ((1, 1, 2), 1.0),
        ((3, 2, 8), 0.003),
        ((2, 2, 6), 30.0),
    ):
        x = numbers(*shape) * spread + spread
        gain, offset = numbers(shape[-1], seed=1), numbers(shape[-1], seed=2)
        given = tensor(untouched(answer, x, gain, offset), shape, "what is normalised")
        centred = x - x.mean(-1, keepdim=True)
        bessel = centred / (centred.square().sum(-1, keepdim=True) / (shape[-1] - 1) + 1e-5).sqrt()
        if torch.allclose(given, bessel * gain + offset, atol=1e-5):
            raise AssertionError("you divide by D - 1; the variance here is a mean over D features")
        outside = centred / (centred.square().mean(-1, keepdim=True).sqrt() + 1e-5)
        if spread < 1 and torch.allclose(given, outside * gain + offset, atol=1e-5):
            raise AssertionError("1e-5 is added to the variance, inside the root")
        wanted = nn.functional.layer_norm(x, shape[-1:], gain, offset)
        close(
            given,
            wanted,
            "each word by itself: mean 0 and variance 1 over its D features, "
            "then times the gain, plus the offset",
        )
    with without(_NORMS, "right, but by torch's own: write the mean and the variance"):
        answer(x, gain, offset)


@exercise("the past may be read, the future may not")
def mask_with_cache(answer: Callable[[int, int], Tensor]) -> None:
    """``answer(words, before)``: bool (words, before + words), True where a word may be read."""
    for words, before in ((4, 0), (1, 0), (3, 2), (1, 5), (2, 1), (2, 12)):
        given = answer(words, before)
        if given is None:
            raise Stub
        shape = (words, before + words)
        asked = f"{words} new words after {before}"
        assert isinstance(given, Tensor), f"give a tensor of {shape}, not {type(given).__name__}"
        assert given.dtype == torch.bool, f"give a mask of bool, not {given.dtype}"
        assert tuple(given.shape) == shape, f"{asked}: {shape}, not {tuple(given.shape)}"
        wanted = torch.ones(shape).tril(before).bool()
        if torch.equal(given, ~wanted):
            raise AssertionError("True is where a slot may be read: yours is the other way round")
        itself = given[torch.arange(words), before + torch.arange(words)]
        assert itself.all(), f"{asked}: each word reads itself too"
        assert not (given & ~wanted).any(), f"{asked}: a later word is read, it is not written yet"
        assert torch.equal(given, wanted), f"{asked}: every word before may be read"


@exercise("sine and cosine in turn, for any place")
def places(answer: Callable[[int, int], Tensor]) -> None:
    """``answer(count, features)``: PE (count, features) of the first `count` places."""
    for count, features in ((5, 8), (1, 2), (60, 6), (3, 4)):
        given = tensor(answer(count, features), (count, features), "the places").float()
        at = torch.arange(count).unsqueeze(-1)
        angle = at / 10_000 ** (torch.arange(0, features, 2) / features)
        wanted = torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-2)
        if torch.allclose(given, torch.cat([angle.sin(), angle.cos()], -1), atol=1e-5) and (
            features > 2
        ):
            raise AssertionError("sine and cosine take turns: features 0, 2, 4 ... are the sines")
        close(given, wanted, "PE(p, 2i) = sin(p / 10000^(2i/D)), 2i + 1 the cosine of it")
