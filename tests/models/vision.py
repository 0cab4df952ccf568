"""What the tests of the models of images share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode


def images(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    """Random images or features."""
    made = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=made, dtype=torch.float64).to(dtype)


def on_meta(make: Callable[..., nn.Module], *args: Any, **kwargs: Any) -> nn.Module:
    """A model without numbers, in no time."""
    with torch.device("meta"):
        return make(*args, **kwargs)


def filled(model: nn.Module, seed: int = 0) -> nn.Module:
    """The model in evaluation, all its numbers drawn anew.

    Norms have means, variances, weights and biases of their own, so that none can be left out.
    """
    model = model.to_empty(device="cpu") if next(model.parameters()).is_meta else model
    made = torch.Generator().manual_seed(seed)
    for name, value in model.state_dict().items():
        with torch.no_grad():
            if not value.is_floating_point():
                value.zero_()
            elif name.endswith("running_var") or (value.ndim == 1 and name.endswith("weight")):
                value.uniform_(0.5, 1.5, generator=made)
            elif value.ndim > 1:
                value.normal_(std=value[0].numel() ** -0.5, generator=made)
            else:
                value.normal_(std=0.3, generator=made)
    return model.eval()


def parameters(model: nn.Module) -> int:
    """How many numbers are learned."""
    return sum(parameter.numel() for parameter in model.parameters())


def gmacs(model: nn.Module, size: int = 224) -> float:
    """Billions of products of an image, counted on the meta device."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.eval()(torch.empty(1, 3, size, size, device="meta"))
    return counter.get_total_flops() / 2e9


def each_image_alone(model: nn.Module, batch: Tensor) -> None:
    """In evaluation an image does not see the others of its batch; a batch of one is enough."""
    together = model.eval()(batch)
    alone = torch.cat([model(image.unsqueeze(0)) for image in batch])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-10)
