"""What the views cost: to draw, to store, and to keep."""

from __future__ import annotations

import gzip
import itertools
import time
from collections.abc import Callable
from statistics import median

import browser as browsers
import bundles
import numpy as np
from playwright.sync_api import Page

from lecture_utils import diagrams
from lecture_utils.views import (
    AddressLab,
    Alignment,
    ChannelGates,
    Diagram,
    FeatureMaps,
    Heads,
    SpatialMap,
)
from lecture_utils.views.assets import bundled
from lecture_utils.views.base import View, json_text
from tests.bench.rows import row
from tests.diagrams.binding import Run
from tests.diagrams.test_bound import PICTURES, VERSIONS, made, sizes
from tests.pages import ROOT, chromium

HEADS, WORDS = 8, 64
REPEATS = 15
LARGE = 512
LINES_BEFORE = 8868 / 3
"""What `lines` was in version 536a121, of three views, before they shared any part."""
_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_DRAW = """NAME => {
  const values = { state: JSON.parse(document.querySelector("#state").textContent) };
  const el = document.body.appendChild(document.createElement("div"));
  window.stop = new AbortController();
  const heard = {};
  const on = (name, call) => { heard[name] = call; };
  const model = { get: (name) => values[name], set() {}, on, save_changes() {} };
  window.answer = () => {
    values.state = { ...values.state, n: 1 };
    heard["change:state"]();
  };
  window.views[NAME].render({ model, el, signal: stop.signal });
}"""
_CLEAR = "() => { stop.abort(); document.querySelector('.lv').parentElement.remove(); }"
_SLIDE = """([name, value]) => {
  const input = [...document.querySelectorAll(".lv input[type=range]")][name];
  input.value = value;
  input.dispatchEvent(new Event("input"));
}"""
_KEY = """key => document.querySelector(".lv-plane")
  .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))"""


_TURN = _KEY.replace("lv-plane", "lv-drawing")
_OPEN = _KEY.replace("lv-plane", "lv-atlas")
_MAP = _KEY.replace("lv-plane", "lv-maps")
_VALUE = _KEY.replace("lv-plane", "lv-lens")
_QUERY = _KEY.replace("lv-plane", "lv-sheet")
_STAMP = _KEY.replace("lv-plane", "lv-sketch")
_GATE = _KEY.replace("lv-plane", "lv-gates")
_SORT = "i => document.querySelectorAll('[aria-label^=sort] input')[i].click()"


def example() -> Alignment:
    """8 heads of 64 x 64 weights, with labels and gold links."""
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.full(WORDS, 0.1), size=(HEADS, WORDS))
    names = [f"word{i}" for i in range(WORDS)]
    return Alignment(weights, names, names, gold=[(i, i) for i in range(WORDS)])


def lab() -> AddressLab:
    """8 slots of 2 features, with the plane and every dial."""
    memory = np.random.default_rng(0).normal(size=(8, 2))
    return AddressLab(memory, [1, 0.5], gate=0.5, shift=1, blur=0.1, sharpen=2)


def measure(page: Page) -> dict[str, float]:
    """The alignment's figures; an update is a change of head or a move of the focus."""
    keys = [lambda key=key: page.evaluate(_KEY, key) for key in ("PageDown", "ArrowDown")]
    return _measure(page, example(), keys)


def measure_lab(page: Page) -> dict[str, float]:
    """The lab's figures; an update is a turn of the temperature or of the sharpening."""
    places = iter(range(1, 1_000_000))
    slides = [
        lambda i=i, turns=turns: page.evaluate(_SLIDE, [i, next(places) % turns])
        for i, turns in ((0, 90), (3, 19))
    ]
    return _measure(page, lab(), slides)


def picture() -> Diagram:
    """Attention at one step, filled with eight words in eight, of 96 features a state."""
    rng = np.random.default_rng(0)
    states = [rng.normal(size=(1, 96)) for _ in range(8)]
    flow = {
        "encoder": [rng.normal(size=(1, 8, 192))],
        "context.address": [rng.dirichlet(np.full(8, 0.3), size=(1, 1)) for _ in range(8)],
        "context.address.W<0": [state[None] for state in states],
        "decoder.cell": states,
        "decoder.cell<1": states,
    }
    words = [f"word{i}" for i in range(8)]
    return Diagram(diagrams.bahdanau, flow, rows=words, columns=words)


def measure_picture(page: Page) -> dict[str, float]:
    """The picture's figures; an update is its next step, or its next word."""
    keys = [lambda key=key: page.evaluate(_TURN, key) for key in ("ArrowRight", "PageDown")]
    found = _measure(page, picture(), keys)
    return {name.replace("update", "step"): value for name, value in found.items()}


def all_heads() -> Heads:
    """12 layers of 12 heads of 30 x 30 weights."""
    weights = np.random.default_rng(0).dirichlet(np.full(30, 0.1), size=(12, 12, 30))
    return Heads(weights, [f"word{i}" for i in range(30)], title="All heads of a model")


def measure_heads(page: Page) -> dict[str, float]:
    """The figures of all heads; an update opens a head, or moves the focus in it."""
    keys = [
        lambda: page.evaluate(_OPEN, "ArrowRight"),
        lambda: page.evaluate(_OPEN, "PageDown"),
        lambda: page.evaluate(_KEY, "ArrowDown"),
        lambda: page.evaluate(_KEY, "PageDown"),
    ]
    return _measure(page, all_heads(), keys)


def lenet() -> FeatureMaps:
    """Maps and values of the sizes of a LeNet, on a drawing of 112 x 112."""
    made = np.random.default_rng(0)
    sizes = {"C1": (6, 28, 28), "S2": (6, 14, 14), "C3": (16, 10, 10), "S4": (16, 5, 5)}
    maps = {name: made.normal(size=size) for name, size in sizes.items()}
    maps |= {"C5": made.normal(size=120), "F6": made.normal(size=84)}
    return FeatureMaps(
        *(made.random((28, 28)), maps, made.normal(size=10)),
        **{"drawing": made.random((112, 112)), "normalise": True, "frame": (0, 0, 4)},
        **{"fields": {"C3": (14, 2, -2)}, "see": lambda drawing, normalise: {}},
    )


def measure_maps(page: Page) -> dict[str, float]:
    """The figures of feature maps; an update is an answer, another map, or another value."""
    return _measure(
        page,
        lenet(),
        [
            lambda: page.evaluate("() => answer()"),
            lambda: page.evaluate(_MAP, "ArrowRight"),
            lambda: page.evaluate(_MAP, "PageDown"),
            lambda: page.evaluate(_VALUE, "ArrowDown"),
        ],
    )


def scene() -> SpatialMap:
    """An address of 12 x 24 places and two masks over a scene of 24 x 48, and twenty pieces."""
    made = np.random.default_rng(0)
    away = np.hypot(*(np.mgrid[:14, :14] - 6.5))
    pieces = np.exp(-((away - np.linspace(2, 6, 20)[:, None, None]) ** 2))  # rings, about as digits
    placed = [(0, 3, 2), (1, 7, 31)]
    weights = made.dirichlet(np.full(288, 0.1), size=288)
    maps = {"address": weights, "first": made.random((24, 48)), "second": made.random((12, 24))}
    return SpatialMap(
        SpatialMap.composed(pieces, placed, (1, 24, 48)),
        maps,
        **{"grids": {"address": (12, 24, 12, 24)}, "scores": made.random(2), "query": (5, 7)},
        **{"pieces": pieces, "placed": placed, "see": lambda scene: {}},
    )


def measure_scene(page: Page) -> dict[str, float]:
    """The figures of maps over an image; an update is an answer, a query, a map, a moved piece."""
    return _measure(
        page,
        scene(),
        [
            lambda: page.evaluate("() => answer()"),
            lambda: page.evaluate(_QUERY, "ArrowDown"),
            lambda: page.evaluate(_QUERY, "PageDown"),
            lambda: page.evaluate(_STAMP, "ArrowRight"),
        ],
    )


def gates() -> ChannelGates:
    """Gates of ten classes in nine layers, as a SENet of 20 layers on CIFAR-10 has them."""
    made, of = np.random.default_rng(0), np.arange(100) % 10
    sizes = {f"layer{i}.{j}": 16 * 2 ** (i - 1) for i in (1, 2, 3) for j in range(3)}
    own = {name: made.random(size) for name, size in sizes.items()}
    shown = {"image": made.random((3, 32, 32)), "scores": made.normal(size=10), "own": own}
    layers = {name: made.random((100, size)) for name, size in reversed(sizes.items())}
    return ChannelGates(layers, classes=of, **shown, see=lambda drawing, held: {})


def measure_gates(page: Page) -> dict[str, float]:
    """The figures of gates; an update is an answer, another gate, layer, order, or class."""
    orders = itertools.cycle((3, 1, 2))
    changes = [
        lambda: page.evaluate("() => answer()"),
        lambda: page.evaluate(_GATE, "ArrowRight"),
        lambda: page.evaluate(_GATE, "PageDown"),
        lambda: page.evaluate(_SORT, next(orders)),
    ]
    return _measure(page, gates(), changes)


def _drawn(figures: Callable[[Page], dict[str, float]]) -> dict[str, float]:
    """What a function measures on a new page."""
    path = browsers.find()
    if path is None:
        raise FileNotFoundError("no Chromium; run: make browser")
    with chromium(path) as browser:
        return figures(browser.new_page())


@row("view.alignment.first_draw_ms", "ms", "<= 16")
@row("view.alignment.update_ms", "ms", "<= 4")
def alignment() -> dict[str, float]:
    """8 heads of 64 x 64 weights."""
    return _drawn(measure)


@row("view.address_lab.first_draw_ms", "ms", "<= 16")
@row("view.address_lab.update_ms", "ms", "<= 4")
def address_lab() -> dict[str, float]:
    """8 slots, the plane and every dial."""
    return _drawn(measure_lab)


@row("view.heads.first_draw_ms", "ms", "<= 16")
@row("view.heads.update_ms", "ms", "<= 4")
def heads() -> dict[str, float]:
    """12 x 12 heads of 30 x 30 weights on one canvas, and one of them open."""
    return _drawn(measure_heads)


@row("view.heads.html_kb", "kB", "<= 200")
def heads_size() -> float:
    """The same as stored HTML, with its picture and its table."""
    return round(len(all_heads().static()._bundle["text/html"].encode()) / 1000, 1)


@row("view.feature_maps.first_draw_ms", "ms", "<= 16")
@row("view.feature_maps.update_ms", "ms", "<= 4")
def feature_maps() -> dict[str, float]:
    """The layers of a LeNet, a drawing, and ten classes."""
    return _drawn(measure_maps)


@row("view.spatial_map.first_draw_ms", "ms", "<= 16")
@row("view.spatial_map.update_ms", "ms", "<= 4")
def spatial_map() -> dict[str, float]:
    """An address and two masks over a scene, and twenty pieces."""
    return _drawn(measure_scene)


@row("view.channel_gates.first_draw_ms", "ms", "<= 16")
@row("view.channel_gates.update_ms", "ms", "<= 4")
def channel_gates() -> dict[str, float]:
    """Gates of ten classes, nine layers of up to 64 channels, and an image."""
    return _drawn(measure_gates)


@row("view.diagram.first_draw_ms", "ms", "<= 16")
@row("view.diagram.step_ms", "ms", "<= 4")
def diagram() -> dict[str, float]:
    """A filled picture: its steps and its words."""
    return _drawn(measure_picture)


@row("view.diagram.html_kb", "kB", "<= 30")
@row("view.diagram.script_kb_gz", "kB", "<= 12")
def diagram_size() -> dict[str, float]:
    """The largest unfilled picture as HTML, and the view's script, minified and gzipped."""
    largest = max(
        len(Diagram(picture).static()._bundle["text/html"].encode())
        for picture in vars(diagrams).values()
        if isinstance(picture, diagrams.Picture)
    )
    script = gzip.compress(bundled("diagram.js").encode(), 9)
    return {
        "view.diagram.html_kb": round(largest / 1000, 1),
        "view.diagram.script_kb_gz": round(len(script) / 1000, 2),
    }


@row("pictures.bound", "pictures", ">= 5")
def pictures() -> int:
    """Versions of pictures that were held against a run of their model, and were as drawn."""
    for name, version in VERSIONS:
        Run(PICTURES[name], *made(name, version)).check(sizes(PICTURES[name]), version)
    return len(PICTURES)


@row("views.large.s", "s", "<= 2")
def large() -> float:
    """CPU seconds of 512 x 512 weights as stored HTML, with their picture."""
    words = [f"w{i}" for i in range(LARGE)]
    weights = np.random.default_rng(0).dirichlet(np.full(LARGE, 0.1), size=LARGE)
    started = time.process_time()
    Alignment(weights, words, words).static()
    return round(time.process_time() - started, 2)


@row("view.lines", "lines a view", f"<= {LINES_BEFORE * 2 / 3:.0f}")
def lines() -> int:
    """Lines of the views, what runs models behind them in a page, and their tests, by views."""
    files = [
        *(ROOT / "lecture_utils" / "views").rglob("*"),
        *(ROOT / "lecture_utils" / "live").rglob("*.js"),
        *(ROOT / "tests" / "views").rglob("*"),
        *(ROOT / "tests" / "live").glob("test_*_words.py"),
    ]
    views = {path.parent for path in files if path.name == "view.js"}
    total = sum(
        len(path.read_text(encoding="utf-8").splitlines())
        for path in files
        if path.suffix in {".py", ".js", ".css"} and path.parent.name != "bundles"
    )
    return round(total / len(views))


def _measure(page: Page, view: View, updates: list[Callable[[], object]]) -> dict[str, float]:
    """Median CPU of the main thread, in ms, script, style, layout and paint together.

    First draw: from the state as JSON to the second frame. Update: the larger of `updates`. What
    two frames of the idle page cost is taken off.
    """
    name = view._view
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.set_content(
        f"<!doctype html><html lang='en'><title>view</title><style>{bundled(f'{name}.css')}</style>"
        f"<script type='application/json' id='state'>{json_text(view.state)}</script>"
    )
    source = f"./lecture_utils/views/{name}/view.js"
    script = f'import view from "{source}"; window.views = {{ {name}: view }};'
    page.add_script_tag(content=bundles.bundle(script, form="iife"))
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        metrics = cdp.send("Performance.getMetrics")["metrics"]
        return 1000 * next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    def cost(do: Callable[[], object]) -> float:
        page.evaluate(_FRAMES)
        before = spent()
        do()
        page.evaluate(_FRAMES)
        return spent() - before

    def typical(do: Callable[[], object], undo: Callable[[], object] | None = None) -> float:
        costs = []
        for _ in range(REPEATS):
            costs.append(cost(do))
            if undo:
                undo()
        return median(costs)

    idle = typical(lambda: page.evaluate("() => {}"))
    first = typical(lambda: page.evaluate(_DRAW, name), lambda: page.evaluate(_CLEAR))
    page.evaluate(_DRAW, name)
    update = max(typical(change) for change in updates)
    cdp.detach()
    return {
        f"view.{name}.first_draw_ms": round(first - idle, 2),
        f"view.{name}.update_ms": round(update - idle, 2),
    }
