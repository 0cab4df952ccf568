"""What every view shares: the widget, the MIME bundle, the packing of weights."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from numbers import Real
from reprlib import repr
from typing import Any

import anywidget
import numpy as np
import traitlets
from IPython import get_ipython
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from lecture_utils.views.assets import bundled

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
U16_AT_MOST = 300_000  # weights; above, one byte each
BEAT = 2.0  # seconds between signs of a kernel that works on an answer
_FONTS = ("DejaVu Sans", "Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic")


def numbers(values: Any, told: str) -> NDArray[np.float64]:
    """An array or tensor, or what becomes one, as float64; `told` says of an error what to pass."""
    try:
        if hasattr(values, "detach"):
            values = values.detach().double().cpu().numpy()
        return np.asarray(values, dtype=np.float64)
    except Exception:  # whatever a stranger's object does when it is asked for numbers
        raise ValueError(told) from None


def as_array(
    name: str, values: Any, shape: tuple[int | str, ...] | None = None
) -> NDArray[np.float64]:
    """An array or tensor as float64, refused unless every value is a number in [0, 1].

    `shape`: which one it has to have, a letter where an axis is of any length but 0; any if None.
    """
    array = numbers(values, f"{name}: pass an array of numbers, all rows of one length")
    if shape is not None and not _fits(array.shape, shape):
        told = str(shape).replace("'", "")
        raise ValueError(f"{name}: has shape {array.shape}; pass {told}")
    if np.isnan(array).any():
        raise ValueError(f"{name}: holds NaN; pass numbers in [0, 1]")
    if array.size and (array.min() < -1e-6 or array.max() > 1 + 1e-6):
        raise ValueError(
            f"{name}: values lie in [{array.min():.4g}, {array.max():.4g}]; "
            "pass numbers in [0, 1], for instance behind a softmax"
        )
    return array.clip(0, 1)


def _fits(shape: tuple[int, ...], wanted: tuple[int | str, ...]) -> bool:
    """Whether a shape is the wanted one, which has a letter where any length but 0 will do."""
    return len(shape) == len(wanted) and all(
        got > 0 if isinstance(want, str) else got == want
        for got, want in zip(shape, wanted, strict=True)
    )


def string(name: str, value: Any) -> str:
    """A string that every page can hold, or a `ValueError` that names the argument."""
    if not isinstance(value, str):
        raise ValueError(f"{name}: pass a string; got {type(value).__name__}")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError(f"{name}: holds half of a letter (a lone surrogate); pass whole ones")
    return str(value)


def flag(name: str, value: Any) -> bool:
    """True or False, or a `ValueError` that names the argument."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}: pass True or False; got {type(value).__name__}")
    return bool(value)


def within(name: str, value: Any, low: float, high: float) -> float:
    """A number from `low` to `high`, or a `ValueError` that names the argument."""
    if not isinstance(value, Real) or not low <= value <= high:
        raise ValueError(f"{name}: pass a number from {low:g} to {high:.4g}; got {repr(value)}")
    return float(value)


def items(name: str, values: Any, told: str) -> list[Any]:
    """The items of any iterable, or a `ValueError` that says what to pass."""
    try:
        return list(values)
    except Exception:  # whatever a stranger's object does when it is asked for its items
        raise ValueError(f"{name}: {told}") from None


def whole(name: str, value: Any, told: str) -> int:
    """A whole number, or a `ValueError` that says what to pass."""
    try:
        number = int(value)
        same = bool(number == value)
    except Exception:  # whatever a stranger's object does when it is asked for a number
        raise ValueError(f"{name}: {told}") from None
    if not same:
        raise ValueError(f"{name}: {told}")
    return number


def words(name: str, values: Sequence[str]) -> list[str]:
    """A list of at least one string, or a `ValueError` that names the argument."""
    told = "pass a list of strings, one per word"
    listed = [None] if isinstance(values, str) else items(name, values, told)
    if not all(isinstance(value, str) for value in listed):
        raise ValueError(f"{name}: {told}")
    listed = [string(name, value) for value in listed]
    if not listed:
        raise ValueError(f"{name}: is empty; pass at least one word")
    return listed


def likeliest(name: str, rows: Any, moments: int, of: str = "") -> list[list[list[Any]]]:
    """For each of the moments pairs [word, probability], or a `ValueError` that names them."""
    told = f"pass for each of the {moments} moments pairs (word, probability)"
    listed = items(name, rows, told)
    if len(listed) != moments:
        raise ValueError(f"{name}: {of}has {len(listed)}; {told}")

    def pair(given: Any) -> list[Any]:
        both = items(name, given, told)
        if len(both) != 2:
            raise ValueError(f"{name}: {told}")
        return [string(name, both[0]), round(float(as_array(name, [both[1]])[0]), 4)]

    return [[pair(given) for given in items(name, row, told)] for row in listed]


def slack(values: Any) -> float:
    """How far the sum of a row of weights may lie above 1: more where numbers have few digits."""
    kind = str(getattr(values, "dtype", "")).removeprefix("torch.")
    return {"float16": 0.01, "bfloat16": 0.08}.get(kind, 1e-3)


def exported(live: str | Sequence[tuple[str, str]] | None) -> list[list[str]]:
    """The argument `live` of a view, one name or several pairs, as a list of [label, name]."""
    told = "pass the name of an exported model, or a list of (label, name)"
    if live is None:
        return []
    listed = [("", live)] if isinstance(live, str) else items("live", live, told)
    pairs = [items("live", pair, told) for pair in listed]
    if not all(len(pair) == 2 and all(isinstance(x, str) for x in pair) for pair in pairs):
        raise ValueError(f"live: {told}")
    return [[string("live", part) for part in pair] for pair in pairs]


def labelled(name: str, functions: Any, of: str) -> dict[str, Callable[..., Any]]:
    """Functions by label: of a mapping, of one function (whose label is empty), or of None."""
    if functions is None:
        return {}
    found = dict(functions) if isinstance(functions, Mapping) else {"": functions}
    if not all(isinstance(label, str) and callable(found[label]) for label in found):
        raise ValueError(f"{name}: pass a function of {of}, or a mapping label -> such")
    return {string(name, label): function for label, function in found.items()}


def fields(name: str, made: dict[str, Any], needed: set[str], known: set[str]) -> dict[str, Any]:
    """What the function `name` has made, if it has all that is needed and nothing unknown."""
    if missing := sorted(needed - set(made)):
        raise ValueError(f"{name}: gave no {', '.join(missing)}")
    if unknown := sorted(set(made) - needed - known):
        raise ValueError(f"{name}: gave {', '.join(unknown)}, which the view does not know")
    return made


def pack(weights: ArrayLike, two_bytes: int = U16_AT_MOST) -> dict[str, Any]:
    """Weights in [0, 1] as bytes, with their shape and the name of the packing.

    ``u16``: two bytes, little-endian, ``round(65535 w)``; the error is below 1e-5.
    ``u8 sqrt``: one byte, ``round(255 sqrt(w))``, above `two_bytes` weights; error below 0.004.
    """
    array = np.asarray(weights, dtype=np.float64)
    if array.size > two_bytes:
        data, packing = np.rint(np.sqrt(array) * 255).astype("u1"), "u8 sqrt"
    else:
        data, packing = np.rint(array * 65535).astype("<u2"), "u16"
    return {"weights": data.tobytes(), "packing": packing, "shape": list(array.shape)}


def ranged(values: NDArray[np.float64], two_bytes: int = U16_AT_MOST) -> dict[str, Any]:
    """Finite numbers of any range as `pack` has them, with the lowest and the highest."""
    low, high = float(values.min()), float(values.max())
    return {**pack((values - low) / ((high - low) or 1), two_bytes), "low": low, "high": high}


def unpack(state: Mapping[str, Any]) -> NDArray[np.float64]:
    """The weights that `pack` has packed, in their shape."""
    two = state["packing"] == "u16"
    flat = np.frombuffer(state["weights"], "<u2" if two else "u1").reshape(state["shape"])
    return flat / 65535 if two else (flat / 255.0) ** 2


def clipped(text: str, most: int = 40) -> str:
    """A text that a picture has room for, cut where it is long."""
    return text if len(text) <= most else f"{text[:most]}…"


def new_figure(width: float, height: float, dpi: float = 120) -> Figure:
    """A matplotlib figure, in inches, that touches no global state."""
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor="white", layout="none")
    FigureCanvasAgg(figure)
    return figure


def fonts() -> list[str]:
    """Installed fonts that between them draw Latin and Hangul."""
    installed = {font.name for font in fontManager.ttflist}
    return [name for name in _FONTS if name in installed]


def png(figure: Figure) -> bytes:
    """The figure as PNG, the same bytes at every run; one warning for all boxes in it."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        figure.savefig(buffer, format="png", metadata={"Software": None})
    missing = [each for each in said if "missing from" in str(each.message)]
    for each in said:
        if each not in missing:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    if missing:
        warnings.warn(
            f"no installed font draws {len(missing)} letters of this picture: they are boxes. "
            "Install one that does, for instance Noto Sans CJK; the words beside it have them all",
            stacklevel=2,
        )
    return buffer.getvalue()


def webp(picture: bytes) -> bytes:
    """The same pixels in a third of the bytes, for a page; a PNG also shows where no page is."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(buffer, format="WEBP", lossless=True, method=6)
    return buffer.getvalue()


def json_text(value: Any) -> str:
    """JSON that may stand in a ``<script>``: no ``<``, ``>`` or ``&``; bytes as base64."""
    plain = json.dumps(
        value,
        ensure_ascii=False,
        separators=(",", ":"),
        default=lambda raw: base64.b64encode(raw).decode("ascii"),
    )
    return re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", plain)


class Markup(str):
    """Text of HTML, which `html_table` takes as it is."""


def html_table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table in HTML: its headings, then of every line its heading and its cells."""

    def cell(kind: str, text: str) -> str:
        scope = {"td": "", "col": ' scope="col"', "row": ' scope="row"'}[kind]
        tag = "th" if scope else "td"
        return f"<{tag}{scope}>{text if isinstance(text, Markup) else html.escape(text)}</{tag}>"

    top = "".join(cell("col", text) for text in head)
    body = "".join(
        f"<tr>{cell('row', first)}{''.join(cell('td', text) for text in texts)}</tr>"
        for first, *texts in lines
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


class Static:
    """A view as it stands on its own: a figure and a picture, no widget."""

    def __init__(self, bundle: dict[str, Any], text: str) -> None:
        self._bundle, self._text = bundle, text

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return dict(self._bundle)


def _unattended() -> bool:
    """Whether a program, nbconvert for instance, executes the notebook: nobody can type there.

    The widget would be blank in what it writes, and would hide the picture.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    request = getattr(kernel, "get_parent", dict)() or {}
    return not request.get("content", {}).get("allow_stdin", True)


class View(anywidget.AnyWidget):
    """A view of one kind: ``class Heads(View, folder="heads")``, and how it is told and drawn.

    Its `folder` names the bundles of its script and its style, too.

    Args:
        state: what is shown; the view adds ``asks``, the labels of those who would answer.
        live: the exported models that answer in a page, as for `exported`.
        functions: those who answer in a notebook, by label, as `labelled` gives them. A subclass
            that has any observes ``request`` and lets `_respond` answer it.

    Traits (synchronised with the page):
        state: what is shown; JSON, with bytes for weights.
        request: what the reader asks for, ``{"n": float, "label": str, ...}``; set by the view.
        reply: what comes before the next state, with the ``n`` of its request: ``progress`` in
            words (empty at once, as a sign that somebody listens, with ``beat``, which counts
            the signs that follow while the answer is made) or an ``error`` in words, with
            ``faults``, pairs (line or "question", a word or two), and the words that are ``known``.
    """

    _view = ""

    def __init_subclass__(cls, folder: str = "", **rest: Any) -> None:
        if folder:
            cls._view = folder
            cls._esm, cls._css = bundled(f"{folder}.js"), bundled(f"{folder}.css")
        super().__init_subclass__(**rest)

    state = traitlets.Dict().tag(sync=True)
    request = traitlets.Dict().tag(sync=True)
    reply = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        state: dict[str, Any],
        live: str | Sequence[tuple[str, str]] | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self._live = exported(live)
        self._functions = dict(functions or {})
        super().__init__(state={**state, "asks": list(self._functions)})

    def _in_page(self) -> dict[str, Any]:
        """The state where the page is the kernel: its exported models are those who answer."""
        return {**self.state, "asks": [label for label, _ in self._live]}

    def summary(self) -> str:
        """What the view shows, in a sentence or two; the same at every run."""
        raise NotImplementedError

    def table(self) -> str:
        """The numbers, as an HTML table."""
        raise NotImplementedError

    def figure(self) -> Figure:
        """The picture, as a matplotlib figure."""
        raise NotImplementedError

    def _respond(
        self,
        request: dict[str, Any],
        made: Callable[[Callable[..., Any]], dict[str, Any]],
    ) -> None:
        """Answer a request by the function that it names: with a new state, or with an error."""
        functions = self._functions
        function = functions.get(request.get("label") or next(iter(functions), ""))
        if function is None:
            return
        turn = {"n": request.get("n", 0)}
        try:
            with self._signs(turn):
                state = made(function)
        except KeyboardInterrupt:
            self.reply = {**turn, "error": "The answer was interrupted: ask again."}
        except Exception as error:  # the reader sees it beside the field; nobody else would
            plain = isinstance(error, ValueError)
            told = {"error": str(error) if plain else f"{type(error).__name__}: {error}"}
            told |= {key: getattr(error, key) for key in ("faults", "known") if hasattr(error, key)}
            self.reply = {**turn, **told}
        else:
            self.state = {**state, "asks": list(functions), **turn}

    @contextmanager
    def _signs(self, turn: dict[str, Any]) -> Iterator[None]:
        """Tell the view, now and every `BEAT` seconds until it has answered, that the kernel lives.

        Where the signs end without an answer, the view says that the kernel may have died.
        """
        answered = threading.Event()

        def sign() -> None:
            for beat in count(2):
                if answered.wait(BEAT):
                    return
                self.reply = {**turn, "progress": "", "beat": beat}

        self.reply = {**turn, "progress": "", "beat": 1}
        signs = threading.Thread(target=sign, daemon=True)
        signs.start()
        try:
            yield
        finally:
            answered.set()
            signs.join()

    def _html(self, source: str) -> str:
        """The figure that a page without a kernel brings to life; has no ids.

        `source` is the address of its picture, for who has no scripts: ``data:image/...``.
        """
        title = self.state.get("title") or ""
        told = html.escape(self.summary())
        stop = "" if title.endswith((".", "?", "!")) else "."
        caption = f"<strong>{html.escape(title)}{stop}</strong> {told}" if title else told
        named = json.dumps(self._live, ensure_ascii=False)
        live = f' data-live="{html.escape(named)}"' if self._live else ""
        return (
            f'<figure class="lecture-view" data-view="{self._view}"{live}>'
            f'<script type="application/json">{json_text(self._in_page())}</script>'
            f'<img alt="{told}" src="{source}">'
            f"<figcaption>{caption}"
            f"<details><summary>The same as a table</summary>{self.table()}</details></figcaption>"
            "</figure>"
        )

    def _bundle(self) -> dict[str, Any]:
        picture = png(self.figure())
        source = base64.b64encode(webp(picture)).decode("ascii")
        return {
            "text/html": self._html(f"data:image/webp;base64,{source}"),
            "image/png": base64.b64encode(picture).decode("ascii"),
        }

    def static(self) -> Static:
        """The view without the widget: HTML and PNG only, for exports."""
        return Static(self._bundle(), self.summary())

    _ipython_display_ = None  # that of ipywidgets 7 sends the widget alone, without its picture

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        made, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        bundle = {**self._bundle(), "text/plain": self.summary()}
        if WIDGET_VIEW not in made or _unattended():
            return bundle, {}
        return {WIDGET_VIEW: made[WIDGET_VIEW], **bundle}, metadata

    def __repr__(self) -> str:
        return self.summary()
