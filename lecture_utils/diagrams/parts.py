"""The language in which the book draws a system: parts on a plane, arrows, and steps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, Protocol

WIDTH = 640
"""Units of every canvas from left to right; a step's frame is at most half of it."""

FORMS = (
    *("operation", "tensor", "query", "node", "words", "address", "gate", "maps", "list"),
    *("planes", "frame"),
)
ROLES = ("", "query", "key", "value")
BY = (
    *("", "softmax", "tanh", "one minus", "forward", "backward"),
    *("first third", "second third", "last third"),
    *("first quarter", "second quarter", "third quarter", "last quarter"),
    *("ReLU", "squash", "minus", "mean", "stretched"),
)
SIDES = ("top", "bottom", "left", "right")


class Inside(Protocol):
    """The picture below, into which a part opens."""

    name: str

    def of_layer(self, layer: int) -> Any:
        """The same picture of another layer than 0."""


@dataclass(frozen=True)
class Part:
    """A thing on the canvas, or a row of `count` like ones.

    Attributes:
        name: by which arrows, steps and tests know it; no dot in it.
        form: how it is drawn. An ``operation`` has round corners, a ``tensor`` sharp ones and a
            strip for its numbers, a ``query`` is a pill, a ``node`` a circle with a sign, ``words``
            are words alone, an ``address`` is a row of bars, a ``gate`` a bar from 0 to 1; ``maps``
            are one square a head, its weights (T, S), the row of the moment outlined; a ``list``
            has the likeliest words, one below the other; ``planes`` are the maps of an image, one
            rectangle each, with their values (H, W); a ``frame`` is a line around a part of one.
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
        which: of planes, the maps that stand there, by number; empty: the first ones.
        half: of a layer in two towers, the one of 0 and 1 that it is; None: there is one.
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
        *("operation", "tensor", "query", "node", "words", "address", "gate", "maps", "list"),
        *("planes", "frame"),
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
    which: tuple[int, ...] = ()
    half: int | None = None
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
    opens: Inside | None = None
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
        if self.which and len(self.which) != self.count:
            raise ValueError(f"{self.name!r}: names {len(self.which)} maps for {self.count}")

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
        by: what happens on the way: ``"softmax"``, ``"tanh"``, ``"one minus"``, that maps are
            ``"stretched"`` to twice the size, or that one part alone goes on, such as
            ``"first third"``, or that of the ``"forward"`` reading.
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
