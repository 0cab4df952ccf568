"""The kind "images": a model that says of an image which class it is of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils.live.graph import Graph, reals
from lecture_utils.live.kind import (
    Kind,
    check_count,
    check_known,
    check_places,
    check_size,
    check_tokens,
    passed,
)
from lecture_utils.recording import trace


@dataclass(frozen=True, kw_only=True)
class Images(Kind):
    """A classifier of images: graph ``see``.

    ``see``: ``images`` (B, C, H, W) to ``scores`` (B, N), the highest is the answer, and what
    passes each of `places`, named as the place: maps (B, C, H, W), vectors (B, D), the mask of a
    gate, or the weights (B, N, S) of an address.

    Args:
        model: takes the images, gives the scores.
        labels: names of the N classes, by number.
        size: H and W of an image.
        places: what a view shows, by the name that it has there: a place in the model, as
            `recording.trace` names it; ``{"C1": "C1", "C1, ReLU": "S2<0"}``.
        grids: of places that are addresses among places of the image, by the name in the view: how
            its N queries and its S slots lie, (h, w, h', w'); a page gives such weights in that
            shape.
        channels: C of an image.
        box: pixels of the longer side of what is drawn, once MNIST's own normalisation
            (`lecture_utils.data.digits.centred`) has scaled and moved it; None: there is none.
        values: what the model takes for paper and for ink; between them it is in proportion.
    """

    kind = "images"
    labels: Sequence[str]
    size: tuple[int, int]
    places: Mapping[str, str]
    channels: int = 1
    box: int | None = None
    values: tuple[float, float] = (0.0, 1.0)
    grids: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_tokens("labels", self.labels)
        check_count("channels", self.channels)
        for side in self.size:
            check_count("size", side)
        if self.box is not None:
            check_count("box", self.box)
        if self.box is not None and (self.box > min(self.size) or self.channels > 1):
            raise ValueError(
                f"box is {self.box}: pass at most {min(self.size)}, the side of an image, or None; "
                "it is for images of one channel"
            )
        check_places("places", [*self.places.values()], self.model)
        check_known("grids", self.grids, self.places, "places")
        for sides in self.grids.values():
            if len(sides) != 4:
                raise ValueError(f"grids must be (h, w, h', w') for each address; got {sides!r}")
            for side in sides:
                check_count("grids", side)

    def graphs(self) -> dict[str, Graph]:
        """``see``.

        Raises:
            ValueError: the model has other labels, what passes one of `places` is not one tensor,
                or what lies on one of `grids` has another size.
        """
        looking = partial(see, places=[*self.places.values()])
        images = reals(*self.values, images=("B", self.channels, *self.size))
        with torch.no_grad():  # what is no place for a page is told before a graph is traced
            made = looking(self.model, **images(B=1))
        check_size("labels", self.labels, made["scores"].shape[-1])
        for name, (h, w, *slots) in self.grids.items():
            _, *sizes = made[self.places[name]].shape
            if sizes != [h * w, math.prod(slots)]:
                raise ValueError(
                    f"grids: {name!r} has weights {tuple(sizes)}, of queries and slots, which do "
                    f"not lie on {h} x {w} and {' x '.join(map(str, slots))} places"
                )
        return {"see": Graph(self.model, looking, images, join=None, small=True)}

    def fields(self) -> dict[str, Any]:
        """Its fields; lists where they are tuples."""
        told = super().fields()
        listed = {name: list(told[name]) for name in ("labels", "size", "values")}
        told |= {**listed, "places": dict(self.places)}
        grids = {name: [*sides] for name, sides in told.pop("grids").items()}
        return {**told, "grids": grids} if grids else told


def see(model: nn.Module, images: Tensor, places: Sequence[str] = ()) -> dict[str, Tensor]:
    """The scores of images (B, C, H, W), and what passed `places`."""
    with trace(model, places) as flow:
        scores = model(images)
    return {"scores": scores, **passed(flow, places)}
