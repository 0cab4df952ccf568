"""What the alignment view costs: main-thread CPU in a headless Chromium."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import numpy as np
from playwright.sync_api import Page

from lecture_utils.views import Alignment, page_script, style_text
from lecture_utils.views._base import json_text

HEADS, WORDS = 8, 64
REPEATS = 15
_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_DRAW = """() => {
  const values = { state: JSON.parse(document.querySelector("#state").textContent), home: "page" };
  const el = document.body.appendChild(document.createElement("div"));
  window.stop = new AbortController();
  const model = { get: (name) => values[name], set() {}, on() {}, save_changes() {} };
  window.lectureViews.alignment({ model, el, signal: stop.signal });
}"""
_CLEAR = "() => { stop.abort(); document.querySelector('.lv').parentElement.remove(); }"
_KEY = """key => document.querySelector(".lv-plane")
  .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))"""


def example() -> Alignment:
    """8 heads of 64 x 64 weights, with labels and gold links."""
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.full(WORDS, 0.1), size=(HEADS, WORDS))
    names = [f"word{i}" for i in range(WORDS)]
    return Alignment(weights, names, names, gold=[(i, i) for i in range(WORDS)])


def measure(page: Page) -> dict[str, float]:
    """Median CPU of the main thread, in ms, script, style, layout and paint together.

    First draw: from the state as JSON to the second frame. Update: the larger of a change of head
    and a move of the focus. What two frames of the idle page cost is taken off.
    """
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.set_content(
        f"<!doctype html><html lang='en'><title>view</title><style>{style_text()}</style>"
        f"<script type='application/json' id='state'>{json_text(example().state)}</script>"
    )
    page.add_script_tag(content=page_script())
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
    first = typical(lambda: page.evaluate(_DRAW), lambda: page.evaluate(_CLEAR))
    page.evaluate(_DRAW)
    updates = [
        typical(lambda key=key: page.evaluate(_KEY, key)) for key in ("PageDown", "ArrowDown")
    ]
    cdp.detach()
    return {
        "view.alignment.first_draw_ms": round(first - idle, 2),
        "view.alignment.update_ms": round(max(updates) - idle, 2),
    }
