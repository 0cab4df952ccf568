"""From a picture to SVG: one renderer for the page, the notebook, a slide and paper.

A part is a ``<g data-part>``, in a row with one ``<g data-j>`` for each; what a filled picture
changes is marked by ``data-fill``: the bars of an address, the widths of a fan, strips and words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Protocol

from lecture_utils.diagrams.parts import WIDTH, Arrow, Note, Part

FAN = 14
"""Units that a line is wide whose weight is 1."""

_HEAD = 8  # length of an arrow's head
_MOST = 12  # cells that a strip has room for
_SYMBOL = {"query": "q", "key": "k", "value": "v", "": "i"}

STYLE = (
    ".lvd{--q:var(--query,#b3430b);--k:var(--key,#1f5f99);--v:var(--value,#00796b);"
    "--i:var(--ink,#1c2024);--s:var(--soft,#59636e);--p:var(--paper,#fff);"
    "font:15px var(--pst-font-family-base,system-ui,sans-serif);display:block;width:100%}"
    ".lvd text{fill:var(--i);text-anchor:middle}"
    ".lvd .m{font:italic 17px STIX Two Text,Georgia,serif}"
    ".lvd .n{font-size:12px}.lvd .b{font-weight:600}.lvd .ts{fill:var(--s)}"
    ".lvd>g{stroke:var(--i);fill:none;stroke-width:1.5}"
    ".lvd>.q{stroke:var(--q)}.lvd>.k{stroke:var(--k)}.lvd>.v{stroke:var(--v)}"
    ".lvd text,.lvd .bar,.lvd .head,.lvd .pale{stroke:none}"
    ".lvd .tq,.lvd .q>.head{fill:var(--q)}.lvd .tk,.lvd .k>.head{fill:var(--k)}"
    ".lvd .tv,.lvd .v>.head{fill:var(--v)}"
    ".lvd .head{fill:var(--i)}.lvd rect,.lvd .paper{fill:var(--p)}"
    ".lvd .pale{fill:var(--i);fill-opacity:.1}.lvd .q>.pale{fill:var(--q)}"
    ".lvd .bar{fill:var(--q)}.lvd .fan path{stroke-opacity:.85}"
    ".lvd .now text{text-decoration:underline}.lvd .now>rect{stroke-width:3}"
    ".lvd .frame{fill:none;stroke-width:2.5}"
    ".lvd .thin{stroke-width:1}"
    ".lvd .strip{stroke-width:12;stroke-opacity:.2;stroke-dasharray:.8 .2;stroke-dashoffset:-.1}"
)
"""Colours by role, as variables of the page or, where there are none, for white paper."""


class Sheet(Protocol):
    """What is drawn: parts, arrows between them, and notes, on a canvas."""

    title: str
    height: float
    parts: Sequence[Part]
    arrows: Sequence[Arrow]
    notes: Sequence[Note]

    def __getitem__(self, name: str) -> Part:
        """The part of that name."""


def svg(picture: Sheet, version: str) -> str:
    """A version of the picture as one ``<svg>`` element without ids, 640 units wide."""
    arrows = "".join(_arrow(picture, arrow, version) for arrow in picture.arrows)
    parts = "".join(_part(part, version) for part in picture.parts)
    notes = "".join(_note(picture, note, version) for note in picture.notes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lvd" viewBox="0 0 {WIDTH} '
        f'{_n(picture.height)}" role="img" aria-label="{escape(picture.title)}">'
        f"<style>{STYLE}</style>{arrows}{parts}{notes}</svg>"
    )


# --- text -----------------------------------------------------------------------------------------
def _text(x: float, y: float, label: str, classes: str = "", anchor: str = "middle") -> str:
    """A line of words around (x, y); between dollars, mathematics with _{..} and ^{..}."""
    spans = [
        _math(piece) if odd % 2 else escape(piece) for odd, piece in enumerate(label.split("$"))
    ]
    kind = f' class="{classes}"' if classes else ""
    place = "" if anchor == "middle" else f' style="text-anchor:{anchor}"'
    return f'<text x="{_n(x)}" y="{_n(y + 5)}"{kind}{place}>{"".join(spans)}</text>'


def _math(source: str) -> str:
    """Letters in italics; what is raised or lowered, small."""
    made = []
    for base, sign, braced, single in re.findall(r"([^_^]+)|([_^])(?:\{([^}]*)\}|(.))", source):
        if base:
            made.append(f'<tspan class="m"{_back(made)}>{escape(base)}</tspan>')
        else:
            by = "4" if sign == "_" else "-6"
            small = escape(braced or single)
            made.append(f'<tspan class="m n" dy="{by}">{small}</tspan>')
    last = _back(made)
    return "".join(made) + (f"<tspan{last}>\u200b</tspan>" if last else "")


def _back(made: Sequence[str]) -> str:
    """What brings the line back after something raised or lowered."""
    found = re.search(r'dy="(-?\d+)"', made[-1]) if made else None
    return f' dy="{-int(found[1])}"' if found and " n" in made[-1] else ""


def _note(picture: Sheet, note: Note, version: str) -> str:
    near = f' data-near="{note.near}"' if note.near else ""
    role = f"t{_SYMBOL[note.role]}" if note.role else "ts"
    words = note.text
    if "{shape}" in words:
        words, role = words.replace("{shape}", f"({picture[note.near].shape})"), "n ts"
    inner = _text(note.x, note.y, words.replace("{before}", "0"), role, note.anchor)
    near += _numbered(note.text)
    if note.more:
        near += f' data-more="{note.more}"' + ' visibility="hidden"' * (note.more == "left")
    return f"<g{near}{_only(note, version)}>{inner}</g>"


# --- parts ----------------------------------------------------------------------------------------
def _part(part: Part, version: str) -> str:
    draw = {
        "operation": _operation,
        "tensor": _tensor,
        "query": _operation,
        "node": _node,
        "words": _words,
        "address": _address,
        "gate": _gate,
        "maps": _map,
        "list": _list,
        "planes": _plane,
        "frame": _frame,
    }[part.form]
    one = [draw(part, part.x + j * part.dx, j) for j in range(part.count)]
    inner = "".join(f'<g data-j="{j}">{each}</g>' for j, each in enumerate(one))
    role = f' class="{_SYMBOL[part.role]}"' if part.role else ""
    named = f'data-part="{part.name}" data-form="{part.form}"'
    filled = f' data-at="{escape(part.at)}"' if part.at and part.form != "words" else ""
    filled += f' data-counts="{part.counts}"' if part.at or part.shows else ""
    shows = f' data-shows="{part.shows}"' if part.shows else ""
    kept = ' data-ends=""' * part.ends + ' data-begins=""' * part.begins
    kept += f' data-asks="{part.asks}"' if part.asks is not None else ""
    kept += f' data-tells="{part.tells}"' if part.tells else ""
    kept += ' data-opens=""' if part.opens else ""
    kept += _numbered(part.label)
    return f"<g {named}{filled}{shows}{kept}{role}{_only(part, version)}>{inner}</g>"


def _numbered(label: str) -> str:
    """Marks a label with a number, which a filled picture counts on from where its row begins."""
    if "{j}" in label:
        return ' data-number="1"'
    return ' data-number="before"' * ("{before}" in label)


def _operation(part: Part, x: float, j: int) -> str:
    radius = part.h / 2 if part.form == "query" else 9
    box = _rect(x, part.y, part.w, part.h, radius)
    pale = _rect(x, part.y, part.w, part.h, radius, "pale") if part.learned or part.role else ""
    y = part.y - part.h / 2 + 16 if part.holds else part.y
    return box + pale + _text(x, y, part.label, "t" + _SYMBOL[part.role])


def _tensor(part: Part, x: float, j: int) -> str:
    label = _shown(part, j)
    strip = ""
    y = part.y
    if part.at:
        y = part.y - part.h / 2 + (part.h - 14) / 2 if label else part.y
        wide, middle = part.w - 12, part.y + part.h / 2 - 11 if label else part.y
        cells = f"M{_n(x - wide / 2)} {_n(middle)}h{_n(wide)}"
        count = _features(part)
        strip = f'<path class="strip" data-fill="strip" pathLength="{count}" d="{cells}"/>'
    words = _text(x, y, label) if label else ""
    if part.shows:
        words = _marked(words, "words")
    return _rect(x, part.y, part.w, part.h, 0) + strip + words


def _features(part: Part) -> int:
    """Cells of a strip: as many as a vector of few numbers has; eight where it has many."""
    last = part.shape.rpartition(",")[2].strip()
    return int(last) if last.isdigit() and int(last) <= _MOST else 8


def _node(part: Part, x: float, j: int) -> str:
    circle = f'<circle class="paper" cx="{_n(x)}" cy="{_n(part.y)}" r="{_n(part.w / 2)}"/>'
    return circle + _text(x, part.y, part.label)


def _words(part: Part, x: float, j: int) -> str:
    words = _text(x, part.y, _shown(part, j), "b")
    fills = "guess" if part.tells else "words" if part.shows else ""
    return _marked(words, fills) if fills else words


def _address(part: Part, x: float, j: int) -> str:
    w = float(part.example[j]) if part.example else 1 / part.count
    foot = part.y + part.h / 2
    size = part.w * 0.6 if part.count > 1 else part.w
    return (
        f'<rect class="bar" data-fill="bar" data-foot="{_n(foot)}" data-high="{_n(part.h)}" '
        f'x="{_n(x - size / 2)}" y="{_n(foot - w * part.h)}" width="{_n(size)}" '
        f'height="{_n(w * part.h)}"/>'
        f'<path class="thin" d="M{_n(x - part.w / 2)} {_n(foot)}h{_n(part.w)}"/>'
        + _marked(_text(x, foot - w * part.h - 10, _decimals(w), "n ts"), "weight")
    )


def _gate(part: Part, x: float, j: int) -> str:
    """A valve: two triangles on the line, and beside them a bar from 0 to 1."""
    w = float(part.example[j]) if part.example else 0.5
    a, b, y = x - part.w / 2, x + part.w / 2, part.y
    valve = f"M{_n(a)} {_n(y - 8)}L{_n(b)} {_n(y + 8)}V{_n(y - 8)}L{_n(a)} {_n(y + 8)}z"
    foot = y - 14
    return (
        f'<path class="paper" d="{valve}"/>'
        f'<rect class="bar" data-fill="bar" data-foot="{_n(foot)}" data-high="{_n(part.h)}" '
        f'x="{_n(x - 5)}" y="{_n(foot - w * part.h)}" width="10" height="{_n(w * part.h)}"/>'
        f'<path class="thin" d="M{_n(x - 5)} {_n(foot)}v{_n(-part.h)}h10v{_n(part.h)}z"/>'
        + _text(x, foot - part.h - 10, part.label)
    )


def _map(part: Part, x: float, j: int) -> str:
    """A square for the weights of one head: what fills the picture draws them into it."""
    return _rect(part.x + j * part.dx, part.y, part.w, part.h, 0)


def _plane(part: Part, x: float, j: int) -> str:
    """A map of an image: what fills the picture draws its values into it."""
    left, top = x - part.w / 2, part.y - part.h / 2
    k = part.which[j] if part.which else j
    return (
        _rect(x, part.y, part.w, part.h, 0)
        + f'<image data-fill="plane" data-map="{k}" x="{_n(left)}" y="{_n(top)}" '
        f'width="{_n(part.w)}" height="{_n(part.h)}" preserveAspectRatio="none"/>'
    )


def _frame(part: Part, x: float, j: int) -> str:
    """A line around a part of a map."""
    return _rect(x, part.y, part.w, part.h, 0, "frame")


LISTED = 5
"""Of the likeliest words, at most."""


def _list(part: Part, x: float, j: int) -> str:
    """The likeliest words, one below the other, each with a bar and its probability."""
    made, high, left = "", part.h / LISTED, x - part.w / 2
    wide = part.w - 160  # of a bar, where the word is certain
    for k in range(LISTED):
        y, p = part.y - part.h / 2 + (k + 0.5) * high, 0.5 ** (k + 1)
        word = str(part.example[0]) if part.example and not k else "…"
        made += (
            f'<g data-k="{k}">'
            + _marked(_text(left + 100, y, word, "b" * (not k), "end"), "likely")
            + f'<rect class="bar" data-fill="share" data-wide="{_n(wide)}" x="{_n(left + 112)}" '
            f'y="{_n(y - 5)}" width="{_n(wide * p)}" height="10"/>'
            + _marked(_text(x + part.w / 2, y, _decimals(p), "n ts", "end"), "sure")
            + "</g>"
        )
    return made


def _marked(text: str, fill: str) -> str:
    """A text that a filled picture changes."""
    return text.replace("<text", f'<text data-fill="{fill}"', 1)


def _shown(part: Part, j: int) -> str:
    """The label of the j-th: with its place, where the label has a number for it."""
    if part.example and (part.shows or part.tells):
        return str(part.example[j])
    return part.label.replace("{j}", str(j + 1)).replace("{before}", "0")


# --- arrows ---------------------------------------------------------------------------------------
Point = tuple[float, float]


def _arrow(picture: Sheet, arrow: Arrow, version: str) -> str:
    (first, starts, from_side), (last, ends, to_side) = (
        _end(picture, end) for end in (arrow.start, arrow.end)
    )
    curves = ""
    pieces: list[tuple[str, list[Point], bool]] = []  # their mark, their way, whether with a head
    if arrow.bus is not None:
        pieces = _bus(
            [(*first.side(from_side, j), _mark(first, j, "s")) for j in starts],
            [(*last.side(to_side, k), _mark(last, k, "e")) for k in ends],
            arrow.bus,
        )
    else:
        for j, k in _pairs(arrow, starts, ends):
            a, b = first.side(from_side, j), last.side(to_side, k)
            if arrow.fan:
                curves += _curve(picture[arrow.fan], a, b, j)
                continue
            via = [(x if x is None else x + j * first.dx, y) for x, y in arrow.via]
            if len(starts) > 1 and len(ends) == 1:  # from each slot straight into one wide box
                b = (a[0], b[1])
            elif len(ends) > 1 and len(starts) == 1 and from_side[:3] in ("top", "bot"):
                a = (b[0], a[1])
            elif len(ends) > 1 and len(starts) == 1 and not via:  # along the row, then into each
                via = [(b[0], a[1])]
            mark = _mark(first, j, "s") + _mark(last, k, "e")
            pieces.append((mark, [a, *_corners(a, via), b], True))
    style = ' class="thin"' if arrow.role == "key" else ' stroke-width="4"' * arrow.wide
    inner = curves + _joined(pieces, style)
    named = f'data-from="{first.name}" data-to="{last.name}"'
    fan = f' data-fan="{arrow.fan}"' if arrow.fan else ""
    if len(starts) == 1 < first.count and first.dx > first.w:  # of parts that touch, all leave
        named += f' data-place="{starts[0]}"'
    kind = f' class="{_SYMBOL[arrow.role]}{" fan" if arrow.fan else ""}"'
    return f"<g {named}{fan}{kind}{_only(arrow, version)}>{inner}</g>"


def _joined(pieces: Sequence[tuple[str, list[Point], bool]], style: str) -> str:
    """Lines and heads, one path of each for all pieces that carry the same mark."""
    lines: dict[str, str] = {}
    heads: dict[str, str] = {}
    for mark, points, head in pieces:
        lines[mark] = lines.get(mark, "") + _line(points, _HEAD if head else 0)
        if head:
            heads[mark] = heads.get(mark, "") + _head(points)
    drawn = [f'<path{mark}{style} d="{line}"/>' for mark, line in lines.items()]
    drawn += [f'<path{mark} class="head" d="{head}"/>' for mark, head in heads.items()]
    return "".join(drawn)


def _end(picture: Sheet, end: str) -> tuple[Part, range, str]:
    """The part at an end of an arrow, which of its row are meant, and the side."""
    name, _, side = end.partition(".")
    name, _, which = name.partition(":")
    part = picture[name]
    return part, range(int(which), int(which) + 1) if which else range(part.count), side


def _pairs(arrow: Arrow, starts: range, ends: range) -> list[tuple[int, int]]:
    """Which of a row at the start goes to which at the end."""
    if (arrow.each or arrow.shift) and len(starts) > 1:
        return [(j, j + arrow.shift) for j in starts if j + arrow.shift in ends]
    return [(j, k) for j in starts for k in ends]


def _mark(part: Part, j: int, end: str) -> str:
    """Marks a piece of an arrow with the one of a row that it goes with; of parts that touch, none.

    `end` is ``"s"`` where it starts from there, ``"e"`` where it ends.
    """
    return f' data-{end}="{j}"' if part.count > 1 and part.dx > part.w else ""


def _bus(
    starts: Sequence[tuple[float, float, str]], ends: Sequence[tuple[float, float, str]], y: float
) -> list[tuple[str, list[Point], bool]]:
    """One line at height y, into which all starts run, and from which all ends are reached.

    Each start, and each end, is (x, y, mark). Its piece runs to the middle of the line by itself,
    so that it can be hidden alone.
    """
    across = [x for x, *_ in (ends if len(ends) == 1 else starts if len(starts) == 1 else ())]
    middle = across[0] if across else sum(x for x, *_ in starts) / len(starts)
    pieces = [(mark, [(x, a), (x, y), (middle, y)], False) for x, a, mark in starts]
    return pieces + [(mark, [(middle, y), (x, y), (x, b)], True) for x, b, mark in ends]


def _corners(a: Point, via: Sequence[tuple[float | None, float | None]]) -> list[Point]:
    points = [a]
    for x, y in via:
        points.append((points[-1][0] if x is None else x, points[-1][1] if y is None else y))
    return points[1:]


def _line(points: Sequence[Point], short: float) -> str:
    """The line through the points, shorter at its end by the length of a head."""
    (x0, y0), (x, y) = points[-2:]
    long = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5 or 1
    end = (x - (x - x0) / long * short, y - (y - y0) / long * short)
    px, py = (_n(value) for value in points[0])
    drawn = f"M{px} {py}"
    for tx, ty in ((_n(tx), _n(ty)) for tx, ty in [*points[1:-1], end]):
        if tx != px and ty != py:
            drawn += f"L{tx} {ty}"
        elif (tx, ty) != (px, py):
            drawn += f"V{ty}" if tx == px else f"H{tx}"
        px, py = tx, ty
    return drawn


def _head(points: Sequence[Point]) -> str:
    (x0, y0), (x, y) = points[-2:]
    long = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5 or 1
    dx, dy = (x - x0) / long * _HEAD, (y - y0) / long * _HEAD
    wide = 0.45
    left, across = (-dx - dy * wide, -dy + dx * wide), (2 * dy * wide, -2 * dx * wide)
    return f"M{_n(x)} {_n(y)}" + "".join(f"l{_n(a)} {_n(b)}" for a, b in (left, across)) + "z"


def _curve(address: Part, a: Point, b: Point, j: int) -> str:
    """A line of the fan, as thick as its weight."""
    w = float(address.example[j]) if address.example else 1 / address.count
    middle = (a[1] + b[1]) / 2
    points = (a[0], middle), (b[0], middle), b
    d = f"M{_n(a[0])} {_n(a[1])}C" + " ".join(f"{_n(x)} {_n(y)}" for x, y in points)
    return f'<path data-fill="width" data-j="{j}" d="{d}" stroke-width="{_n(thick(w))}"/>'


def thick(weight: float) -> float:
    """Units of a line in a fan; no line vanishes."""
    return max(0.7, FAN * weight)


# --- small things ---------------------------------------------------------------------------------
def _rect(x: float, y: float, w: float, h: float, radius: float, kind: str = "") -> str:
    round_ = f' rx="{_n(radius)}"' if radius else ""
    place = f'x="{_n(x - w / 2)}" y="{_n(y - h / 2)}" width="{_n(w)}" height="{_n(h)}"'
    drawn = f'class="{kind}" ' if kind else ""
    return f"<rect {drawn}{place}{round_}/>"


def _only(thing: Part | Arrow | Note, version: str) -> str:
    """Marks what one version alone has, and hides it in the others."""
    if not thing.only:
        return ""
    return f' data-only="{thing.only}"' + ' display="none"' * (thing.only != version)


def _decimals(weight: float) -> str:
    """Two decimals without the zero in front: .54, 0, 1."""
    told = f"{weight:.2f}"
    return {"0.00": "0", "1.00": "1"}.get(told, told[1:])


def _n(value: float) -> str:
    """A number as short as it can be."""
    return f"{round(value, 1) + 0.0:.1f}".rstrip("0").rstrip(".")
