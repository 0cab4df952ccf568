"""A system, drawn: a plain specification that a test holds against its model.

A picture imports no model: a part names the module that it stands for by its path, and a test runs
the model beside the picture (``tests/diagrams``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from lecture_utils.diagrams.draw import svg
from lecture_utils.diagrams.parts import WIDTH, Arrow, Note, Part, Step


@dataclass(frozen=True)
class Picture:
    """A system, drawn.

    Attributes:
        name: of the picture.
        title: of the picture, a line.
        height: of the canvas, in units of which it is 640 wide.
        parts: from back to front.
        arrows: between parts.
        steps: the way of the data; together their sentences explain the system.
        notes: other words.
        omits: modules that it leaves out, by path, each with what to call it; "" of one whose parts
            are drawn.
        versions: names of the versions between which a switch stands, the model's own first.
        focus: the place of weights (B, H, T, S): the slot that most is read of, on the mean of the
            heads, is the one that the parts of the slots show.

    Raises:
        ValueError: an arrow or a step names no part, a part belongs to no step, a frame is wider
            than half of the canvas, or something lies beyond the edge.
    """

    name: str
    title: str
    height: float
    parts: Sequence[Part]
    arrows: Sequence[Arrow]
    steps: Sequence[Step]
    notes: Sequence[Note] = ()
    omits: dict[str, str] = field(default_factory=dict)
    versions: tuple[str, ...] = ()
    focus: str = ""

    def __post_init__(self) -> None:
        names = [part.name for part in self.parts]
        used = [
            *(end for arrow in self.arrows for end in arrow.ends),
            *(arrow.fan for arrow in self.arrows if arrow.fan),
            *(name for step in self.steps for name in step.parts),
            *(note.near for note in self.notes if note.near),
        ]
        if strange := sorted({*used} - {*names}):
            raise ValueError(f"{self.name}: there are no parts {strange}")
        if len({*names}) < len(names):
            raise ValueError(f"{self.name}: two parts have one name")
        stepped = {name for step in self.steps for name in step.parts}
        if unseen := [name for name in names if name not in stepped]:
            raise ValueError(f"{self.name}: no step is about {unseen}")
        for step in self.steps:
            x, y, w, h = step.frame
            if w > WIDTH / 2 or x < 0 or y < 0 or x + w > WIDTH or y + h > self.height:
                raise ValueError(f"{self.name}: the frame {step.frame} is too wide or lies outside")
        for part in self.parts:
            right = part.x + (part.count - 1) * part.dx + part.w / 2
            if part.x - part.w / 2 < 0 or right > WIDTH or part.y + part.h / 2 > self.height:
                raise ValueError(f"{self.name}: {part.name!r} lies outside")
        if strange := sorted({p.only for p in self._things if p.only} - {*self.versions}):
            raise ValueError(f"{self.name}: there are no versions {strange}")

    @property
    def _things(self) -> Iterator[Part | Arrow | Note]:
        yield from (*self.parts, *self.arrows, *self.notes)

    def __getitem__(self, name: str) -> Part:
        """The part of that name."""
        return next(part for part in self.parts if part.name == name)

    @property
    def timed(self) -> bool:
        """Whether it shows one moment of several: what one part shows changes from word to word."""
        return any(
            part.form in ("address", "maps") or (part.count == 1 and (part.at or part.shows))
            for part in self.parts
        )

    @property
    def places(self) -> list[str]:
        """Where the numbers of a filled picture come from: what `recording.trace` is to keep.

        Those of the pictures below it are among them.
        """
        own = {part.at for part in self.parts} | {self.focus}
        return sorted(own.union(*(below.places for below in self.below)) - {""})

    @property
    def maps(self) -> list[str]:
        """Those of `places` where heads have their weights (B, H, T, S)."""
        own = {part.at for part in self.parts if part.form == "maps"}
        return sorted(own.union({self.focus} - {""}, *(below.maps for below in self.below)))

    @property
    def told(self) -> list[str]:
        """The places whose states are read out, also in the pictures below it."""
        own = {part.tells for part in self.parts if part.tells}
        return sorted(own.union(*(below.told for below in self.below)))

    @property
    def below(self) -> list[Picture]:
        """The pictures into which its parts open."""
        return [part.opens.of_layer(part.layer) for part in self.parts if part.opens]

    def of_layer(self, layer: int) -> Self:
        """The same picture of another layer than 0."""

        def there(path: str) -> str:
            return path.replace("layers.0", f"layers.{layer}")

        parts = [
            replace(p, of=tuple(map(there, p.of)), at=there(p.at), tells=there(p.tells))
            for p in self.parts
        ]
        omits = {there(path): words for path, words in self.omits.items()}
        return replace(self, parts=parts, omits=omits, focus=there(self.focus))

    @property
    def description(self) -> str:
        """The picture in words: its sentences, and what it leaves out."""
        sentences = " ".join(step.text for step in self.steps)
        return f"{sentences} {self.left_out}".strip()

    @property
    def left_out(self) -> str:
        """What is not drawn, in a sentence; empty where everything is."""
        names = list(dict.fromkeys(filter(None, self.omits.values())))
        return f"Not drawn: {', '.join(names)}." if names else ""

    @property
    def svg(self) -> str:
        """The picture as SVG, in the first of its versions."""
        return self.drawn(next(iter(self.versions), ""))

    def drawn(self, version: str) -> str:
        """The picture as SVG; it draws with the variables of the page that it stands in.

        Args:
            version: the one of `versions` that is shown; the others are there, hidden.
        """
        return svg(self, version)
