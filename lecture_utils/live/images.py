"""The kind "images": a model that says of an image which class it is of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils.gating import Gate, held
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

    Where a reader may hold gates, ``see`` takes ``held`` (B, G), a number for every channel of all
    `gates`, one gate behind the other, below 0 where it stays as computed, and gives ``gates``
    (B, G), what then stood there; of a gate with a number for each place, the mean over them.

    Args:
        model: takes the images, gives the scores.
        labels: names of the N classes, by number.
        size: H and W of an image.
        places: what a view shows, by the name that it has there: a place in the model, as
            `recording.trace` names it; ``{"C1": "C1", "C1, ReLU": "S2<0"}``.
        grids: of places that are addresses among places of the image, by the name in the view: how
            its N queries and its S slots lie, (h, w, h', w'); a page gives such weights in that
            shape.
        gates: of the model, by the name that each has in the view, the name of its module: those
            whose channels a reader can hold; ``{"stage 1": "layer1.0.attention.gate"}``.
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
    gates: Mapping[str, str] = field(default_factory=dict)

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
        gates = [name for name, part in self.model.named_modules() if isinstance(part, Gate)]
        check_tokens("gates", [*self.gates.values()])
        check_known("gates", self.gates.values(), gates, "the names of the model's gates")

    def graphs(self) -> dict[str, Graph]:
        """``see``.

        Raises:
            ValueError: the model has other labels, what passes one of `places` is not one tensor,
                or what lies on one of `grids` has another size.
        """
        counts = self._counts()
        looking = partial(see, places=[*self.places.values()], gates=counts)
        images = reals(*self.values, images=("B", self.channels, *self.size))
        holding = reals(-1.0, 1.0, held=("B", sum(counts.values())))

        def example(B: int) -> dict[str, Tensor]:
            return {**images(B=B), **(holding(B=B) if counts else {})}

        with torch.no_grad():  # what is no place for a page is told before a graph is traced
            made = looking(self.model, *example(1).values())
        check_size("labels", self.labels, made["scores"].shape[-1])
        for name, (h, w, *slots) in self.grids.items():
            _, *sizes = made[self.places[name]].shape
            if sizes != [h * w, math.prod(slots)]:
                raise ValueError(
                    f"grids: {name!r} has weights {tuple(sizes)}, of queries and slots, which do "
                    f"not lie on {h} x {w} and {' x '.join(map(str, slots))} places"
                )
        return {"see": Graph(self.model, looking, example, join=None, small=True)}

    def fields(self) -> dict[str, Any]:
        """Its fields; lists where they are tuples."""
        told = super().fields()
        listed = {name: list(told[name]) for name in ("labels", "size", "values")}
        told |= {**listed, "places": dict(self.places)}
        grids = {name: [*sides] for name, sides in told.pop("grids").items()}
        if grids:
            told["grids"] = grids
        gates = told.pop("gates")
        if gates:
            counts = self._counts()
            told["gates"] = {
                name: {"place": place, "channels": counts[place]} for name, place in gates.items()
            }
        return told

    def _counts(self) -> dict[str, int]:
        """How many channels each of the `gates` has, by the name of its module."""
        if not self.gates:
            return {}
        places = [*self.gates.values()]
        with torch.no_grad(), trace(self.model, places) as flow:
            self.model(torch.zeros(1, self.channels, *self.size))
        return {place: mask.shape[1] for place, mask in passed(flow, places).items()}


def see(
    model: nn.Module,
    images: Tensor,
    holding: Tensor | None = None,
    *,
    places: Sequence[str] = (),
    gates: Mapping[str, int] | None = None,
) -> dict[str, Tensor]:
    """The scores of images (B, C, H, W), and what passed `places`.

    Args:
        model: gives the scores.
        images: (B, C, H, W).
        holding: (B, G), at what the channels of the `gates` are held; below 0 as computed.
        places: as of `Images`.
        gates: how many channels each has, by the name of its module; what is given for them is
            (B, G), as `holding`.
    """
    gates = gates or {}
    parts = holding.split([*gates.values()], dim=1) if gates else ()
    values = dict(zip(gates, parts, strict=True))
    with trace(model, [*places, *gates]) as flow, held(model, values):
        scores = model(images)
    found = {"scores": scores, **passed(flow, places)}
    if gates:
        masks = passed(flow, gates).values()  # (B, C, ...) each
        found["gates"] = torch.cat([mask.flatten(2).mean(dim=-1) for mask in masks], dim=1)
    return found
