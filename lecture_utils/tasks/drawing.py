"""What an image classifier sees in a drawing: normalised as MNIST, or as it was drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from lecture_utils.data import digits
from lecture_utils.recording import trace


def see_of(
    model: nn.Module,
    places: Mapping[str, str],
    size: tuple[int, int] = digits.SIZE,
    box: int = digits.BOX,
    values: tuple[float, float] = (0.0, 1.0),
) -> Callable[..., dict[str, Any]]:
    """What answers a view in a notebook, as the page's kernel does: drawing -> all that it shows.

    Args:
        model: takes images (1, 1, H, W), gives scores (1, N).
        places: what is shown, by the name that it has in the view: a place in the model, as
            `recording.trace` names it.
        size: H and W.
        box: pixels of the longer side of what is drawn, once it is normalised.
        values: what the model takes for paper and for ink.

    Returns:
        ``see(drawing, normalise=True)``: a drawing (h, w) from 0, paper, to 1, ink, to ``image``
        (1, H, W), ``maps`` by name, ``scores`` (N,) and ``frame``, where in the drawing the image
        lies. A drawing that is not normalised has the proportions of the image.
    """

    @torch.no_grad()
    def see(drawing: Any, normalise: bool = True) -> dict[str, Any]:
        whole = digits.Frame(0.0, 0.0, len(drawing) / size[0])
        part = digits.frame(drawing, size, box) if normalise else whole
        image = digits.framed(drawing, part, size)
        low, high = values
        device = next(model.parameters()).device
        with trace(model, places.values()) as flow:
            scores = model((low + (high - low) * image)[None].to(device))
        maps = {name: flow[place][0][0] for name, place in places.items()}
        return {"image": image, "maps": maps, "scores": scores[0], "frame": part}

    return see
