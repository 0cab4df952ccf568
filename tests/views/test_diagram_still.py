"""A picture that stands still, where no script runs, is filled as the page fills it."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect

from lecture_utils import diagrams
from lecture_utils.models.lenet import LeNet
from lecture_utils.recording import trace
from lecture_utils.tasks.translation import fill_of
from lecture_utils.views import Diagram
from lecture_utils.views.diagram.fill import MARKS, decimals, filled
from tests.live.committed import torch_model

from .examples import diagram
from .test_contract import widget

Open = Callable[..., Page]
FREE = {"class", "style", "role", "aria-hidden", "aria-label", "data-slot", "image-rendering"}


def translator(name: str, picture: str, text: str) -> Diagram:
    """A picture filled by a model that the book exports."""
    drawn = getattr(diagrams, picture)
    told = drawn.told
    fill = fill_of(torch_model(name), drawn.places, told=told)(text)
    likely = {"guesses": fill["guesses"]} if told else {}
    sure = np.linspace(0.125, 1, len(fill["rows"]))
    return Diagram(
        *(drawn, fill["trace"]),
        **{"columns": fill["columns"], "rows": fill["rows"], "probabilities": sure, **likely},
    )


def unrolled(words: int, shape: tuple[int, ...] = (1, 30)) -> Diagram:
    """The recurrent network on so many words, its states of a shape."""
    rows = [f"w{n}" for n in range(words)]
    made = np.random.default_rng(0)
    trace = {place: [made.normal(size=shape) for _ in rows] for place in diagrams.recurrent.places}
    return Diagram(diagrams.recurrent, trace, columns=rows, rows=rows)


def lenet() -> Diagram:
    """LeNet, filled with an image at random."""
    torch.manual_seed(0)
    model = LeNet()
    with torch.no_grad(), trace(model, diagrams.lenet.places) as flow:
        model(torch.rand(1, 1, 28, 28))
    return Diagram(diagrams.lenet, flow, columns=["an image"], rows=["5"])


VIEWS: dict[str, Callable[[], Diagram]] = {
    "seven slots, six drawn": diagram,
    "two slots": lambda: diagram(
        **{**next(iter(diagram()._functions.values()))("a b"), "text": "a b"}
    ),
    "a translation": lambda: translator("numerals-en-de", "bahdanau", "748 213, 95"),
    "a fixed context": lambda: translator("numerals-en-de-fixed", "fixed_context", "748 213, 95"),
    "a Transformer": lambda: translator("numerals-en-de-heads", "transformer", "748 213, 95"),
    "a Transformer's one word": lambda: translator("numerals-en-de-heads", "transformer", "7"),
    "a Transformer at work": lambda: translator("numerals-en-de-paper", "at_work", "748 213, 95"),
    "at work on one word": lambda: translator("numerals-en-de-paper", "at_work", "7"),
    "LeNet": lenet,
    "one word": lambda: translator("numerals-en-de-fixed", "fixed_context", "7"),
    "three states": lambda: unrolled(3),
    "eight states": lambda: unrolled(8),
    "one number a state": lambda: unrolled(3, ()),
}


def signs(svg: str) -> list[Any]:
    """What can be seen of each element of a drawing, in order."""
    return [seen(one) for one in ElementTree.fromstring(svg).iter()]


def seen(one: ElementTree.Element) -> tuple[str, dict[str, Any], str]:
    """An element: its name, what is set of it, and its words."""
    name = one.tag.rpartition("}")[2]
    given: dict[str, Any] = {key: value for key, value in one.attrib.items() if key not in FREE}
    given["visibility"] = given.get("visibility") == "hidden"
    for key, value in given.items():
        if isinstance(value, str) and re.fullmatch(r"-?[\d.]+(e-?\d+)?", value):
            given[key] = pytest.approx(float(value), abs=0.011)
    if href := given.pop("href", ""):
        pixels = Image.open(io.BytesIO(base64.b64decode(href.partition(",")[2]))).convert("RGBA")
        given["pixels"] = pytest.approx(np.asarray(pixels)[..., 3].ravel().astype(float), abs=1.01)
    words = "".join(one.itertext()).strip("\u200b \n") if name == "text" else ""
    return name, given, words


def in_page(page: Page) -> str:
    return page.locator(".lv-drawing > svg").evaluate(
        "el => new XMLSerializer().serializeToString(el)"
    )


@pytest.mark.parametrize("name", VIEWS)
def test_it_is_filled_as_the_page_fills_it(open_page: Open, name: str) -> None:
    view = VIEWS[name]()
    page = widget(open_page(), view)
    expect(page.locator(".lv-drawing svg")).to_be_visible()
    page.locator(".lv-drawing").focus()
    last = len(view.state["rows"]) - 1
    for moment in sorted({0, last // 2, last}):
        while turned(page) < moment:
            page.keyboard.press("PageDown")
        still = filled(view.state["svg"], view.state, moment)
        if not moment:
            assert still == view.static()._bundle["image/svg+xml"]
        here, there = signs(still), signs(in_page(page))
        assert len(here) == len(there)
        assert [pair for pair in zip(here, there, strict=True) if not same(*pair)] == []
        assert here != signs(view.state["svg"]), "filled with nothing"


def turned(page: Page) -> int:
    """Which moment the page shows."""
    told = (
        page.locator(".lv-tools .lv-word").inner_text()
        if page.locator(".lv-tools .lv-word:visible").count()
        else ": 1 of"
    )
    return int(re.search(r": (\d+) of", told)[1]) - 1


def same(a: tuple[str, dict[str, Any], str], b: tuple[str, dict[str, Any], str]) -> bool:
    """Whether two elements look the same; numbers may differ by a hundredth."""
    if (a[0], a[2], a[1].keys()) != (b[0], b[2], b[1].keys()):
        return False
    return all(value(a[1][key]) == b[1][key] for key in a[1])


def value(wanted: Any) -> Any:
    """The number itself, of one that may differ a little."""
    return getattr(wanted, "expected", wanted)


def test_the_caption_says_what_is_seen() -> None:
    view = diagram()
    assert view.summary().endswith("Filled with: a b c d e f g, at “a”, word 1 of 7.")
    assert unrolled(3).summary().endswith("Filled with: w0 w1 w2.")
    plain = Diagram(diagrams.bahdanau)
    assert "Filled" not in plain.summary()
    assert plain.static()._bundle["image/svg+xml"] == diagrams.bahdanau.svg
    svg = view.state["svg"].replace('data-fill="bar"', 'data-fill="zork"')
    view.state = {**view.state, "svg": svg}
    assert "Drawn with an invented example; where scripts run, with a b c" in view.summary()
    assert view.static()._bundle["image/svg+xml"] == svg


def test_what_cannot_be_filled_stays(open_page: Open) -> None:
    state = diagram().state
    assert filled(state["svg"], {**state, "flow": None}) is None
    for picture in (diagrams.bahdanau, diagrams.fixed_context, diagrams.recurrent):
        marks = set(re.findall(r'data-fill="(\w+)"', picture.svg))
        assert marks <= MARKS


def test_two_decimals_are_rounded_as_in_the_page(open_page: Open) -> None:
    page = open_page()
    for weight in (0, 0.004, 0.005, 0.125, 0.375, 0.994, 0.995, 0.999, 1):
        assert decimals(weight).rjust(3) == page.evaluate(
            "w => (({ '0.00': '0', '1.00': '1' })[w.toFixed(2)]"
            " ?? w.toFixed(2).replace(/^0/, '')).padStart(3)",
            weight,
        )
