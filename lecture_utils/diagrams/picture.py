"""The language in which the book draws a system: parts on a plane, arrows, and steps.

A picture is a plain specification. It imports no model: a part names the module that it stands for
by its path, and a test runs the model beside the picture (``tests/diagrams``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self

WIDTH = 640
"""Units of every canvas from left to right; a step's frame is at most half of it."""

FORMS = ("operation", "tensor", "query", "node", "words", "address", "gate", "maps", "list")
ROLES = ("", "query", "key", "value")
BY = (
    *("", "softmax", "tanh", "one minus", "forward", "backward"),
    *("first third", "second third", "last third"),
)
SIDES = ("top", "bottom", "left", "right")


@dataclass(frozen=True)
class Part:
    """A thing on the canvas, or a row of `count` like ones.

    Attributes:
        name: by which arrows, steps and tests know it; no dot in it.
        form: how it is drawn. An ``operation`` has round corners, a ``tensor`` sharp ones and a
            strip for its numbers, a ``query`` is a pill, a ``node`` a circle with a sign, ``words``
            are words alone, an ``address`` is a row of bars, a ``gate`` a bar from 0 to 1; ``maps``
            are one square a head, its weights (T, S), the row of the moment outlined; a ``list``
            has the likeliest words, one below the other.
        x: of the centre, of the first of a row.
        y: of the centre.
        w: width.
        h: height; of an address, that of a bar of weight 1.
        label: with mathematics between dollars, ``$s_{i-1}$``.
        role: whose colour it has: query (and address), key, or value (and read).
        says: what it is, in words, with every abbreviation spelled out.
        count: how many stand in the row.
        dx: from one to the next.
        of: paths of the modules that compute it, as in ``model.named_modules()``.
        does: of an operation that is no module, what it does with what comes in: the sum, the
            product, or a function of the sum; tested.
        at: where its numbers are: ``"path"``, what that module returns (of an address or a gate,
            its weights), or ``"path<1"``, what enters it as its second argument.
        counts: what a row counts: ``slot``, the last axis but one of one tensor (of an address, the
            last), or ``call``, one call of the module after another; of maps, their rows.
        shape: of the tensor in the book's letters, such as ``"B, S, 2H"``; tested.
        shows: words that a filled picture puts here: ``slot`` (the words that are read),
            ``before`` or ``row`` (the word before this moment, and the one that it gives); of maps,
            the words of their columns.
        learned: whether it has weights of its own: drawn with a pale fill.
        only: the version of the picture that has it; "" for all.
        example: what an unfilled picture shows: words, or weights.
        ends: of a row that is too short for what fills it: the last place shows the last slot,
            the one before it dots. Else a window is shown.
        begins: whether it belongs to the first step alone, and goes where that is not drawn.
        asks: of a row, the place at which what asks at the moment stands; what is not there, before
            or after it, is not drawn.
        tells: the place whose states are read out: of words, the likeliest word there.
        holds: whether other parts stand inside; its label is at the top then.
        opens: the picture below, of what is inside it; its paths say ``layers.0``.
        layer: the layer of which that one is shown.
    """

    name: str
    form: Literal[
        "operation", "tensor", "query", "node", "words", "address", "gate", "maps", "list"
    ]
    x: float
    y: float
    w: float
    h: float
    label: str = ""
    role: str = ""
    says: str = ""
    count: int = 1
    dx: float = 0
    of: tuple[str, ...] = ()
    does: Literal["", "sum", "product", "sigmoid", "tanh"] = ""
    at: str = ""
    counts: Literal["slot", "call"] = "slot"
    shape: str = ""
    shows: Literal["", "slot", "before", "row"] = ""
    learned: bool = False
    only: str = ""
    example: tuple[str | float, ...] = ()
    ends: bool = False
    begins: bool = False
    asks: int | None = None
    tells: str = ""
    holds: bool = False
    opens: Picture | None = None
    layer: int = 0

    def __post_init__(self) -> None:
        if self.form not in FORMS or self.role not in ROLES or "." in self.name or not self.name:
            raise ValueError(f"{self.name!r}: no such form or role, or a dot in the name")
        if self.form != "words" and not self.says:
            raise ValueError(f"{self.name!r}: says nothing; tell in words what it is")
        if any(sign in self.name for sign in ":<"):
            raise ValueError(f"{self.name!r}: a name has no sign")
        if self.example and len(self.example) != self.count:
            raise ValueError(f"{self.name!r}: {len(self.example)} examples for {self.count}")

    def side(self, side: str, j: int = 0) -> tuple[float, float]:
        """The middle of a side of the j-th of the row.

        ``"top+12"`` lies 12 units further right; of the left and right sides, lower.
        """
        side, sign, by = side.partition("+") if "+" in side else side.partition("-")
        if side not in SIDES:
            raise ValueError(f"{self.name!r} has no side {side!r}; there are {SIDES}")
        off = float(f"{sign}{by}") if by else 0.0
        x, y = self.x + j * self.dx, self.y
        if side in ("top", "bottom"):
            return x + off, y + self.h / 2 * (-1 if side == "top" else 1)
        return x + self.w / 2 * (-1 if side == "left" else 1), y + off


@dataclass(frozen=True)
class Arrow:
    """What flows from a part to another; the test holds that this very tensor leaves and enters.

    Attributes:
        start: part and side, such as ``"before.bottom"``, of a row also ``"memory:0.top"``.
        end: the same.
        role: whose colour it has.
        via: corners on the way, of a row those of the first; None: as at the corner before.
        bus: the height at which the arrows of a row run together.
        each: for rows: from the j-th to the j-th, or, with `shift`, to the j + shift-th.
        shift: 1 to the next of the row, -1 to the one before.
        fan: the address by whose weights the lines are thick: width means weight.
        by: what happens on the way: ``"softmax"``, ``"tanh"``, ``"one minus"``, or that one part
            alone goes on, such as ``"first third"``, or that of the ``"forward"`` reading.
        only: the version of the picture that has it; "" for all.
        wide: drawn as a broad line: the way that carries a state on.
    """

    start: str
    end: str
    role: str = ""
    via: tuple[tuple[float | None, float | None], ...] = ()
    bus: float | None = None
    each: bool = False
    shift: int = 0
    fan: str = ""
    by: str = ""
    only: str = ""
    wide: bool = False

    def __post_init__(self) -> None:
        if self.by not in BY:
            raise ValueError(f"{self.start} to {self.end}: no such way as {self.by!r}")

    @property
    def ends(self) -> tuple[str, str]:
        """Names of the parts at its start and end."""
        return tuple(re.split("[:.]", end)[0] for end in (self.start, self.end))


@dataclass(frozen=True)
class Note:
    """Words on the canvas that are no part of the system."""

    x: float
    y: float
    text: str
    role: str = ""
    anchor: Literal["start", "middle", "end"] = "start"
    near: str = ""  # the part with which it appears
    only: str = ""
    more: Literal["", "left", "right"] = ""  # shown where a filled row goes on, on this side


@dataclass(frozen=True)
class Step:
    """One step of the way of the data.

    Attributes:
        text: one sentence.
        parts: what it is about: lit; the parts of later steps are pale.
        frame: x, y, width and height of what a narrow screen shows; at most 320 wide.
    """

    text: str
    parts: tuple[str, ...]
    frame: tuple[float, float, float, float]


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
        from lecture_utils.diagrams.draw import svg  # draw.py needs the classes above

        return svg(self, version)
