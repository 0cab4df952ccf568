"""Whether a picture is its model: every part, shape and arrow held against one run.

The run has a batch of one, so that a row, a chunk or one part of a joined vector is a contiguous
block of the whole: a tensor flows along an arrow if one end holds the other as such a block.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import torch
from torch import Tensor, nn

from lecture_utils.diagrams import Arrow, Part, Picture
from lecture_utils.recording import trace

MOMENT = 1
"""The step that is looked at: not the first, whose state is special."""


def _stretched(x: Tensor) -> Tensor:
    """Maps (B, C, H, W) of twice the size; the corners stay corners."""
    return nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)


BY = {
    "": lambda x: x,
    "forward": lambda x: x.chunk(2, dim=-1)[0],
    "backward": lambda x: x.chunk(2, dim=-1)[1],
    "tanh": torch.tanh,
    "one minus": lambda x: 1 - x,
    "first third": lambda x: x.chunk(3, dim=-1)[0],
    "second third": lambda x: x.chunk(3, dim=-1)[1],
    "last third": lambda x: x.chunk(3, dim=-1)[2],
    "first quarter": lambda x: x.chunk(4, dim=-1)[0],
    "second quarter": lambda x: x.chunk(4, dim=-1)[1],
    "third quarter": lambda x: x.chunk(4, dim=-1)[2],
    "last quarter": lambda x: x.chunk(4, dim=-1)[3],
    "softmax": lambda x: x.flatten().softmax(0),
    "ReLU": torch.relu,
    "squash": lambda x: 1.7159 * torch.tanh(2 / 3 * x),
    "minus": lambda x: -x,
    "mean": lambda x: x.mean(dim=(-2, -1)) if x.ndim > 2 else x,
    "stretched": lambda x: _stretched(x) if x.ndim == 4 else x,
}

DOES = {
    "sum": sum,
    "product": math.prod,
    "sigmoid": lambda given: torch.sigmoid(sum(given)),
    "tanh": lambda given: torch.tanh(sum(given)),
}


class Unbound(AssertionError):
    """What a picture says and its model does not do."""


class Run:
    """One run of a model, as its picture sees it.

    Args:
        picture: names the modules.
        model: is run.
        run: runs it, and gives the words that it has written, (T,) numbers.
        words: that it knows.
    """

    def __init__(
        self, picture: Picture, model: nn.Module, run: Callable[[], Tensor], words: int
    ) -> None:
        self.picture, self.words, self.arrows = picture, words, picture.arrows
        named = {path for part in picture.parts for path in (*part.of, part.at.partition("<")[0])}
        self.modules = modules = dict(model.named_modules())
        omitted = {told: [*_under(told, modules)] for told in picture.omits}
        nowhere = {told for told, paths in omitted.items() if not paths}
        if strange := sorted((named - {*modules, ""}) | nowhere):
            raise Unbound(f"there are no modules {strange}")
        if missing := sorted({*modules} - named - {""} - {*chain(*omitted.values())}):
            raise Unbound(f"neither drawn nor left out: {missing}")
        entered: dict[str, list[tuple[object, ...]]] = {}
        handles = [
            modules[path].register_forward_hook(
                lambda _, given, __, path=path: entered.setdefault(path, []).append(given)
            )
            for path in named - {""}
        ]
        with torch.no_grad(), trace(model, sorted({*named, *picture.places} - {""})) as flow:
            self.written = run()
        for handle in handles:
            handle.remove()
        self.flow, self.entered = flow, entered

    def leaves(self, part: Part, j: int | None) -> list[Tensor]:
        """The tensors that part `part` gives, of a row its j-th."""
        if part.does:
            into = [arrow for arrow in self.arrows if arrow.ends[1] == part.name]
            given = [self._goes(arrow, None) for arrow in into]
            if not all(given) or not _joins([one[0].shape for one in given]):
                return []  # nothing comes, or what cannot be joined
            return [DOES[part.does]([one[0] for one in given])]
        if part.at:
            return [self._tower(part, self._one(part, self.flow[part.at], j))]
        made = [path for path in part.of if path in self.flow]
        return [*_tensors(self._call(part, self.flow[made[-1]], j))] if made else []

    def enters(self, part: Part, j: int | None) -> list[Tensor]:
        """The tensors that go into part `part`, of a row into its j-th."""
        if part.form == "node" or part.does:  # what it adds comes by a fan
            return []
        if part.at and not (part.of and part.form == "operation"):
            return [self._one(part, self.flow[part.at], j)]
        calls = (
            (path, self._call(part, self.entered[path], j))
            for path in part.of
            if path in self.entered
        )
        return [self._tower(part, x, path) for path, given in calls for x in _tensors(given)]

    def _tower(self, part: Part, tensor: Tensor, enters: str = "") -> Tensor:
        """What a layer in two towers gives, or gets: half of the maps, where it sees no others."""
        if part.half is None or getattr(self.modules.get(enters), "groups", 2) == 1:
            return tensor
        return tensor.chunk(2, dim=1)[part.half]

    def _call(self, part: Part, calls: list, j: int | None) -> object:
        if len(calls) == 1:
            return calls[0]
        if j is not None and (part.counts == "call" or part.count == 1):
            return calls[j]
        return calls[0 if part.counts == "call" and part.count == 1 else MOMENT]

    def _one(self, part: Part, calls: list, j: int | None) -> Tensor:
        tensor = next(_tensors(self._call(part, calls, j)))
        sliced = len(calls) == 1 or part.counts == "slot"
        if j is None or part.count == 1 or not sliced:
            return tensor
        if part.form in ("planes", "gate"):  # one a channel
            return tensor.select(-3, part.which[j] if part.which else j)
        axis = -1 if part.form == "address" or not tensor.is_floating_point() else -2
        return tensor.select(axis, j)

    def check(self, sizes: Mapping[str, int], version: str = "") -> None:
        """Hold every shape and every arrow of a version against the run.

        Raises:
            Unbound: says which part or arrow is not so.
        """
        for part in self.picture.parts:
            if part.shape:
                given = next(_tensors(self._call(part, self.flow[part.at], 0)))
                there = tuple(self._tower(part, given).shape)
                told = tuple(_size(each, sizes) for each in part.shape.split(", "))
                if there != told:
                    raise Unbound(f"{part.name}: {part.shape} is {told}, measured {there}")
        for part in self.picture.parts:
            if part.form == "maps" and len(self.flow[part.at][0][0]) != part.count:
                raise Unbound(
                    f"{part.name}: {part.count} squares for {self.flow[part.at][0].shape}"
                )
        for arrow in self.picture.arrows:
            if arrow.only in ("", version) and not self.flows(arrow):
                raise Unbound(f"nothing flows from {arrow.start} to {arrow.end}")

    def flows(self, arrow: Arrow) -> bool:
        """Whether the very tensor that leaves the start enters the end, for each of a row."""
        last = self.picture[arrow.ends[1]]
        if last.does:  # what it does with it must be what goes on
            onward = [one for one in self.arrows if one.ends[0] == last.name]
            return bool(self.leaves(last, None)) and all(self.flows(one) for one in onward)
        pairs = [*self._pairs(arrow)]
        return bool(pairs) and all(self._flows(arrow, j, k) for j, k in pairs)

    def moved(self, arrow: Arrow, elsewhere: Arrow) -> bool:
        """Whether something flows along an arrow that stands elsewhere than it is drawn."""
        drawn, self.arrows = (
            self.arrows,
            [elsewhere if one is arrow else one for one in self.arrows],
        )
        try:
            return self.flows(elsewhere)
        except RecursionError:  # a circle
            return False
        finally:
            self.arrows = drawn

    def _flows(self, arrow: Arrow, j: int | None, k: int | None) -> bool:
        first, last = (self.picture[name] for name in arrow.ends)
        if arrow.fan:  # the sum of what leaves, each times its weight
            (weights,) = self.leaves(self.picture[arrow.fan], None)
            return any(
                _holds(weights @ v, out)
                for v in self.leaves(first, None)
                if v.shape[-2:-1] == weights.shape[-1:]
                for out in self.leaves(last, k)
            )
        left = self._goes(arrow, j)
        if last.shows == "row":  # words: the likeliest
            said = self.written[MOMENT if k is None or last.count == 1 else k]
            scores = [x for x in left if x.shape[-1] == self.words]
            return any(int(self._step(x, k).argmax()) == said for x in scores)
        return any(_holds(a, b) for a in left for b in self.enters(last, k))

    def _goes(self, arrow: Arrow, j: int | None) -> list[Tensor]:
        """What leaves the start of an arrow, as it arrives."""
        sizes = {"ward": 2, "quarter": 4, "third": 3}  # "third quarter" is a quarter
        parts = next((n for word, n in sizes.items() if word in arrow.by), 1)
        given = self.leaves(self.picture[arrow.ends[0]], j)
        return [BY[arrow.by](x) for x in given if x.ndim and x.shape[-1] % parts == 0]

    def _step(self, scores: Tensor, k: int | None) -> Tensor:
        return scores[0, MOMENT if k is None else k] if scores.ndim == 3 else scores[0]

    def _pairs(self, arrow: Arrow) -> Iterator[tuple[int | None, int | None]]:
        first, last = (self.picture[name] for name in arrow.ends)
        which = [re.search(r":(\d+)", end) for end in (arrow.start, arrow.end)]
        j, k = (int(found[1]) if found else None for found in which)
        if arrow.shift and first.count == 1:
            yield MOMENT, MOMENT + arrow.shift
        elif arrow.each or arrow.shift:
            pairs = ((n, n + arrow.shift) for n in range(first.count))
            yield from ((a, b) for a, b in pairs if 0 <= b < last.count)
        elif last.count > 1 and k is None and last.counts == "call":
            yield from ((j, n) for n in range(last.count))
        else:
            yield j, k


def moved(picture: Picture) -> Iterator[tuple[Arrow, Arrow]]:
    """Every arrow, with one of its ends at every other part."""
    for arrow in picture.arrows:
        for part in picture.parts:
            if part.name in arrow.ends or part.only not in ("", arrow.only):
                continue
            for end in ("start", "end"):
                side = getattr(arrow, end).partition(".")[2]
                yield arrow, replace(arrow, **{end: f"{part.name}.{side}"})


def _joins(shapes: Sequence[torch.Size]) -> bool:
    """Whether they have as many axes, each of one size, or of 1 where a gate speaks for all."""
    if len({len(shape) for shape in shapes}) != 1:
        return False
    return all(len({*sizes} - {1}) <= 1 for sizes in zip(*shapes, strict=True))


def _under(told: str, modules: Iterable[str]) -> Iterator[str]:
    """The modules that are left out by one name: ``"path"``, or ``"path.*"`` with all in it."""
    above = told.removesuffix(".*")
    within = f"{above}." if told.endswith(".*") else None
    return (path for path in modules if path == above or (within and path.startswith(within)))


def _tensors(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _tensors(part)


def _holds(a: Tensor, b: Tensor) -> bool:
    """Whether one is a contiguous block of the other."""
    short, long = sorted((a.flatten(), b.flatten()), key=len)
    if a.dtype != b.dtype or not len(short):
        return False
    if len(short) == 1 < len(long) and short.is_floating_point():
        return False
    most = int(short.abs().float().argmax())  # where that number stands, the block may begin
    here = long[most : most + len(long) - len(short) + 1]
    starts = torch.isclose(here, short[most], rtol=0, atol=1e-6).nonzero().flatten()
    return any(
        torch.allclose(long[i : i + len(short)], short, rtol=0, atol=1e-6) for i in starts.tolist()
    )


def _size(told: str, sizes: Mapping[str, int]) -> int:
    if told.isdigit():
        return int(told)
    times, letter = re.fullmatch(r"(\d*)(\w)", told).groups()
    return int(times or 1) * (1 if letter == "1" else sizes[letter])
