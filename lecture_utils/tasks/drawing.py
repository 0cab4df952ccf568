"""What an image classifier sees in a drawing: normalised as MNIST, or as it was drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils.data import digits
from lecture_utils.gating import held as holding
from lecture_utils.recording import Flow, trace


def see_of(
    model: nn.Module,
    places: Mapping[str, str],
    size: tuple[int, int] = digits.SIZE,
    box: int | None = digits.BOX,
    values: tuple[float, float] = (0.0, 1.0),
    grids: Mapping[str, Sequence[int]] | None = None,
    gates: Mapping[str, str] | None = None,
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
        gates: those whose channels a reader may hold: the name in the view, that of the module.

    Returns:
        ``see(drawing, normalise=True)``: a drawing (h, w) from 0, paper, to 1, ink, or (C, h, w),
        to ``image`` (C, H, W), ``maps`` by name, ``scores`` (N,) and ``frame``, where in the
        drawing the image lies. A drawing that is not normalised has the proportions of the image.
        Of a model with `gates` also ``gates`` by name, (C,); and where gates are ``held``, by name
        at numbers (C,) as of `gating.held`, the scores and gates ``after`` that.
    """
    gates = gates or {}

    @torch.no_grad()
    def see(
        drawing: Any, normalise: bool = True, held: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        whole = digits.Frame(0.0, 0.0, drawing.shape[-2] / size[0])
        part = digits.frame(drawing, size, box) if normalise and box else whole
        channels = drawing if drawing.ndim == 3 else drawing[None]
        image = torch.cat([digits.framed(one, part, size) for one in channels])
        low, high = values
        device = next(model.parameters()).device
        given = (low + (high - low) * image)[None].to(device)
        with trace(model, [*places.values(), *gates.values()]) as flow:
            scores = model(given)
        maps = {name: flow[place][0][0] for name, place in places.items()}
        maps |= {name: maps[name].reshape(*sides) for name, sides in (grids or {}).items()}
        made = {"image": image, "maps": maps, "scores": scores[0], "frame": part}
        if not gates:
            return made
        after = None
        if held:
            instead = {gates[name]: torch.as_tensor(one) for name, one in held.items()}
            with holding(model, instead), trace(model, gates.values()) as changed:
                after = {"scores": model(given)[0], "gates": _channels(changed, gates)}
        return {**made, "gates": _channels(flow, gates), "after": after}

    return see


def _channels(flow: Flow, gates: Mapping[str, str]) -> dict[str, Tensor]:
    """What stood in the gates for the first image: (C,), of masks of places the mean over them."""
    return {name: flow[place][0][0].flatten(1).mean(dim=-1) for name, place in gates.items()}
