"""What an image classifier sees in a drawing: normalised as MNIST, or as it was drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from lecture_utils.data import digits
from lecture_utils.recording import trace


def see_of(
    model: nn.Module,
    places: Mapping[str, str],
    size: tuple[int, int] = digits.SIZE,
    box: int | None = digits.BOX,
    values: tuple[float, float] = (0.0, 1.0),
    grids: Mapping[str, Sequence[int]] | None = None,
) -> Callable[..., dict[str, Any]]:
    """What answers a view in a notebook, as the page's kernel does: drawing -> all that it shows.

    Args:
        model: takes images (1, C, H, W), gives scores (1, N).
        places: what is shown, by the name that it has in the view: a place in the model, as
            `recording.trace` names it.
        size: H and W.
        box: pixels of the longer side of what is drawn, once it is normalised; None: it never is.
        values: what the model takes for paper and for ink.
        grids: how the places of an address lie, by its name in the view, (h, w, h', w'); its
            weights (N, S) come in that shape.

    Returns:
        ``see(drawing, normalise=True)``: a drawing (h, w) from 0, paper, to 1, ink, or (C, h, w),
        to ``image`` (C, H, W), ``maps`` by name, ``scores`` (N,) and ``frame``, where in the
        drawing the image lies. A drawing that is not normalised has the proportions of the image.
    """

    @torch.no_grad()
    def see(drawing: Any, normalise: bool = True) -> dict[str, Any]:
        whole = digits.Frame(0.0, 0.0, drawing.shape[-2] / size[0])
        part = digits.frame(drawing, size, box) if normalise and box else whole
        channels = drawing if drawing.ndim == 3 else drawing[None]
        image = torch.cat([digits.framed(one, part, size) for one in channels])
        low, high = values
        device = next(model.parameters()).device
        with trace(model, places.values()) as flow:
            scores = model((low + (high - low) * image)[None].to(device))
        maps = {name: flow[place][0][0] for name, place in places.items()}
        maps |= {name: maps[name].reshape(*sides) for name, sides in (grids or {}).items()}
        return {"image": image, "maps": maps, "scores": scores[0], "frame": part}

    return see
