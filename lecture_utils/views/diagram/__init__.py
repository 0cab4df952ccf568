"""The diagram view: a system's picture, step by step, filled with the numbers of an example."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from lecture_utils.views.asked import Asked, Function
from lecture_utils.views.base import (
    U16_AT_MOST,
    Markup,
    as_array,
    html_table,
    likeliest,
    numbers,
    ranged,
    string,
    words,
)
from lecture_utils.views.diagram.fill import filled

MANY = 20_000
"""Numbers that fill a picture; above, states take a byte each, so that a page stays light."""


class Drawn(Protocol):
    """What the view needs of a picture; `lecture_utils.diagrams` has one for each system."""

    title: str
    description: str
    left_out: str
    places: Sequence[str]
    maps: Sequence[str]
    versions: Sequence[str]
    timed: bool
    steps: Sequence[Any]
    parts: Sequence[Any]
    focus: str
    told: Sequence[str]

    def drawn(self, version: str) -> str:
        """The picture as SVG."""


class Diagram(Asked, folder="diagram"):
    """The picture of a system: its way of the data in steps, and its numbers on an example.

    Args:
        picture: a specification of `lecture_utils.diagrams`.
        trace: the numbers of one example, for every place that ``picture.places`` lists: what
            `recording.trace` keeps, a list with one tensor a call, all of one shape; but the
            weights of heads, (1, H, t, s), may grow from call to call. None: the picture stays
            unfilled.
        columns: the S words that are read, the slots.
        rows: the T words that are written, one for each moment.
        probabilities: (T,) how sure the model was of each, in [0, 1].
        guesses: for every place that ``picture.told`` lists, what its states say of the next word:
            for each of the T moments pairs (word, probability), the likeliest first.
        title: a line above the picture; the picture's own if None.
        version: the one of the picture's versions that is shown first; its own first if None.
        live: an exported model that a page without a kernel runs on the reader's text: its name,
            or a list of (label, name).
        explain: the same in a notebook: text -> mapping with ``trace``, ``columns``, ``rows``
            and, optional, ``probabilities``, ``guesses`` and ``message``. A `ValueError` is shown
            beside the field. Or a mapping label -> such a function.
        text: the example as the reader would type it; the columns joined if None.
        column_label: what the text is, for instance a language.
        message: a line beside the field about what is shown.
        examples: texts that the reader can try with one click.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.
    """

    _needed = ("trace", "columns", "rows")
    _known = ("probabilities", "guesses")

    def __init__(
        self,
        picture: Drawn,
        trace: Mapping[str, Sequence[Any]] | None = None,
        *,
        columns: Sequence[str] | None = None,
        rows: Sequence[str] | None = None,
        probabilities: Any = None,
        guesses: Mapping[str, Any] | None = None,
        title: str | None = None,
        version: str | None = None,
        live: str | Sequence[tuple[str, str]] | None = None,
        explain: Function | Mapping[str, Function] | None = None,
        text: str | None = None,
        column_label: str = "text",
        message: str = "",
        examples: Sequence[str] = (),
    ) -> None:
        if not hasattr(picture, "drawn"):
            raise ValueError("picture: pass a picture of lecture_utils.diagrams")
        if version is not None and string("version", version) not in picture.versions:
            raise ValueError(f"version: there is no {version!r}; pass one of {picture.versions}")
        first = version or next(iter(picture.versions), "")
        self._picture = picture
        fixed = {
            **_told(picture),
            "title": string("title", picture.title if title is None else title),
            "svg": picture.drawn(first),
            "versions": list(picture.versions),
            "version": first,
            "timed": picture.timed,
            "focus": picture.focus,
            **_below(picture),
        }
        shown = {"trace": trace, "columns": columns, "rows": rows}
        shown |= {"probabilities": probabilities, "guesses": guesses}
        asked = {"live": live, "text": text, "message": message, "examples": examples}
        labels = {"column_label": column_label}
        super().__init__(shown, labels, fixed=fixed, explain=explain, **asked)

    def _shown(
        self,
        trace: Mapping[str, Sequence[Any]] | None,
        columns: Sequence[str] | None,
        rows: Sequence[str] | None,
        probabilities: Any = None,
        guesses: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        if trace is None:
            empty = {"columns": [], "rows": []}
            return {"flow": None, **empty, "probabilities": None, "guesses": None}
        found = {}
        for place in self._picture.places:
            try:
                calls = [numbers(call, "trace") for call in trace[place]]
            except (IndexError, KeyError, TypeError, ValueError):
                raise ValueError(
                    f"trace: has no numbers for {place!r}; pass what "
                    "recording.trace(model, picture.places) kept"
                ) from None
            found[place] = _joined(calls) if place in self._picture.maps else calls
        many = sum(call.size for calls in found.values() for call in calls) > MANY
        short = set(found) - set(self._picture.maps) if many else set()
        flow = {place: _packed(place, calls, place in short) for place, calls in found.items()}
        flow = _once(flow)
        told = {"columns": words("columns", columns), "rows": words("rows", rows)}
        sure = None
        if probabilities is not None:
            sure = as_array("probabilities", probabilities, (len(told["rows"]),))
            sure = [round(float(p), 4) for p in sure]
        likely = _guesses(guesses, self._picture.told, len(told["rows"]))
        return {"flow": flow, **told, "probabilities": sure, "guesses": likely}

    def summary(self) -> str:
        """The picture in words: its steps, numbered, and what it leaves out."""
        state = self.state
        steps = [f"{n}. {step['text']}" for n, step in enumerate(state["steps"], 1)]
        return " ".join(filter(None, [*steps, state["left_out"], self._filled_with()]))

    def _filled_with(self) -> str:
        """What fills the picture that stands still, in a sentence; empty where nothing does."""
        state = self.state
        if not state["flow"]:
            return ""
        if self._still == state["svg"]:
            return f"Drawn with an invented example; where scripts run, with {state['text']}."
        several = 'data-counts="call"' in state["svg"]  # moments side by side
        word = f", at “{state['rows'][0]}”, word 1 of {len(state['rows'])}"
        timed = state["timed"] and not several and len(state["rows"]) > 1
        return f"Filled with: {state['text']}{word if timed else ''}."

    @property
    def _still(self) -> str:
        """The drawing as it stands where no script runs: filled, if something fills it."""
        return filled(self.state["svg"], self.state) or self.state["svg"]

    def table(self) -> str:
        """What each part is, and the shape of its tensor."""
        lines = (
            [name, says, Markup(f"({shape})" if shape else "")]
            for name, (says, shape) in self.state["parts"].items()
            if says
        )
        return html_table(["part", "is", "shape"], lines)

    def _in_page(self) -> dict[str, Any]:
        """The state of a page: its drawing stands in the figure's picture, and only there."""
        return {**super()._in_page(), "svg": None}

    def _bundle(self) -> dict[str, Any]:
        svg = self._still
        return {"text/html": self._html(_address(svg)), "image/svg+xml": svg}


def _address(svg: str) -> str:
    """A drawing as an address of its own, for an attribute in double quotes.

    What an address and the attribute do not take is escaped, all else stays as it is.
    """
    plain = svg.replace("'", "&apos;").replace('"', "'").replace("%", "%25").replace("#", "%23")
    return "data:image/svg+xml," + plain.replace("&", "%26")


def _told(picture: Drawn) -> dict[str, Any]:
    """A picture in words: its title, its steps, its parts and what it leaves out."""
    return {
        "title": picture.title,
        "left_out": picture.left_out,
        "steps": [
            {"text": step.text, "parts": list(step.parts), "frame": list(step.frame)}
            for step in picture.steps
        ],
        "parts": {part.name: [part.says, part.shape] for part in picture.parts},
    }


def _below(picture: Drawn) -> dict[str, Any]:
    """The pictures into which parts open, each once: ``below``, deflated JSON, and ``opens``.

    ``opens`` has for a part which of them, and the layer whose numbers it shows.
    """
    parts = [part for part in picture.parts if part.opens]
    pictures = list({part.opens.name: part.opens for part in parts}.values())
    drawn = [{**_told(below), "svg": below.svg, "timed": below.timed} for below in pictures]
    packed = zlib.compress(json.dumps(drawn).encode(), 9)
    names = [below.name for below in pictures]
    return {
        "below": base64.b64encode(packed).decode("ascii") if drawn else "",
        "opens": {part.name: [names.index(part.opens.name), part.layer] for part in parts},
    }


def _guesses(
    guesses: Mapping[str, Any] | None, places: Sequence[str], moments: int
) -> dict[str, list[list[list[Any]]]] | None:
    """For every place and moment pairs [word, probability], checked."""
    if guesses is None:
        return None
    found = {}
    for place in places:
        if place not in guesses:
            raise ValueError(f"guesses: has none for {place!r}")
        found[place] = likeliest("guesses", guesses[place], moments, f"{place!r} ")
    return found


def _joined(calls: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Weights (1, H, t, s) of several calls as one (1, H, T, S); what is not there is 0."""
    if any(call.ndim != 4 or call.shape[:2] != (1, calls[0].shape[1]) for call in calls):
        shapes = sorted({call.shape for call in calls})
        raise ValueError(f"trace: pass weights (1, H, t, s) of one example; got {shapes}")
    wide = max((call.shape[-1] for call in calls), default=0)
    rows = [np.pad(c, [(0, 0)] * 3 + [(0, wide - c.shape[-1])]) for c in calls]
    return [np.concatenate(rows, axis=-2)] if rows else []


def _once(flow: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any] | str]:
    """The same, with the name of an earlier place where its numbers are the very same."""
    seen: dict[Any, str] = {}
    told: dict[str, dict[str, Any] | str] = {}
    for place, packed in flow.items():
        first = seen.setdefault(tuple(map(str, packed.items())), place)
        told[place] = packed if first == place else first
    return told


def _packed(place: str, calls: Sequence[np.ndarray], short: bool = False) -> dict[str, Any]:
    """The tensors of several calls as bytes: their shape, and their lowest and highest number.

    `short`: a byte each, in 255 steps from the lowest to the highest.
    """
    if not calls or any(call.shape != calls[0].shape for call in calls):
        raise ValueError(
            f"trace: {place!r} has no calls, or calls of several shapes; pass one example"
        )
    array = np.stack(calls)
    if not array.size or not np.isfinite(array).all():
        raise ValueError(f"trace: {place!r} is empty or holds what is no finite number")
    return ranged(array, 0 if short else U16_AT_MOST)
