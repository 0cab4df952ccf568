"""The Python side of the address lab."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np
import pytest
import torch

from lecture_utils.addressing import (
    Cosine,
    Dot,
    Tempered,
    interpolate,
    masked_softmax,
    one_hot,
    read,
    sharpen,
    shift,
)
from lecture_utils.views import AddressLab
from lecture_utils.views.address_lab import _fixed
from lecture_utils.views.base import WIDGET_VIEW

MEMORY = [[2, 0.2], [1.4, 1.4], [0.2, 1.8], [-1.5, 1.2], [-1.8, -0.4]]
QUERY = [1, 0.6]
HOSTILE = "</script><img src=x onerror=alert(1)>&\"'\u2028"


def lab(**changed: Any) -> AddressLab:
    return AddressLab(**{"memory": MEMORY, "query": QUERY, **changed})


def random_setting(seed: int) -> dict[str, Any]:
    """Any setting that the lab allows, the ends of the dials among them."""
    rng = np.random.default_rng(seed)
    n, d = int(rng.integers(3, 17)), int(rng.integers(1, 9))
    return {
        "memory": rng.normal(size=(n, d)).tolist(),
        "query": rng.normal(size=d).tolist(),
        "previous": rng.dirichlet(np.full(n, 0.5)).tolist(),
        "slots": [f"M{i + 1}" for i in range(n)],
        "cosine": bool(rng.integers(2)),
        "temperature": float(rng.choice([0, 0.05, rng.uniform(0.1, 5)])),
        "gate": float(rng.choice([0, 1, rng.random()])),
        "shift": int(rng.integers(-1, 2)),
        "blur": float(rng.choice([0, 1 / 3, rng.uniform(0, 1 / 3)])),
        "sharpen": float(rng.choice([1, 20, rng.uniform(1, 20)])),
    }


def by_addressing(now: dict[str, Any]) -> dict[str, Any]:
    """Scores, weights and read of a setting, by the package's own addresses."""
    memory, query, previous = (
        torch.tensor(now[key], dtype=torch.float64) for key in ("memory", "query", "previous")
    )
    inner = Cosine() if now["cosine"] else Dot()
    scores = inner.score(query[None], memory)
    if now["temperature"]:
        content = Tempered(inner, now["temperature"])(query[None], memory)
        same = masked_softmax(scores / now["temperature"])
        torch.testing.assert_close(content, same)
    else:
        content = one_hot(scores)
    gate = torch.tensor(now["gate"], dtype=torch.float64)
    kernel = torch.full((3,), now["blur"], dtype=torch.float64)
    kernel[1 + now["shift"]] = 1 - 2 * now["blur"]
    moved = shift(interpolate(content, previous[None], gate), kernel)
    weights = sharpen(moved, now["sharpen"])
    found = {"scores": scores, "content": content, "weights": weights}
    return {k: v[0].numpy() for k, v in found.items()} | {"read": read(weights, memory)[0].numpy()}


@pytest.mark.parametrize("seed", range(40))
def test_python_weighs_as_addressing(seed: int) -> None:
    now = random_setting(seed)
    view, wanted = AddressLab(**now), by_addressing(now)
    assert np.abs(view.weights - wanted["weights"]).max() < 1e-9
    assert np.abs(view.read - wanted["read"]).max() < 1e-9
    assert abs(view.weights.sum() - 1) < 1e-9


# What is shown


def test_the_bundle_serves_three_homes_and_is_the_same_at_every_run() -> None:
    data, _ = lab()._repr_mimebundle_()
    assert list(data) == [WIDGET_VIEW, "text/html", "image/png", "text/plain"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    again, _ = lab()._repr_mimebundle_()
    del data[WIDGET_VIEW], again[WIDGET_VIEW]
    assert data == again


def test_the_summary_says_what_is_read() -> None:
    view = lab(memory=np.eye(4) * 3, query=[1, 0, 0, 0], temperature=0)
    assert view.summary() == (
        "A memory of 4 slots with 4 features, the query (1.00, 0.00, 0.00, 0.00). Most weight: "
        "“M1” 1.00. Sum 1.00, entropy 0.0 of 2.0 bits. r = 1.00 × M1 = (3.00, 0.00, 0.00, 0.00)."
    )
    assert view._repr_mimebundle_()[0]["text/plain"] == view.summary() == repr(view)


def test_a_flat_address_names_three_slots_in_order_and_says_that_there_are_more() -> None:
    view = lab(memory=np.eye(8), query=np.zeros(8))
    assert "Most weight: “M1” 0.13, then “M2” 0.13. Sum 1.00, entropy 3.0 of 3.0" in view.summary()
    assert "r = 0.13 × M1 + 0.13 × M2 + 0.13 × M3 + … = (0.13, 0.13" in view.summary()


@pytest.mark.parametrize(
    ("value", "text"), [(0.125, "0.13"), (-0.125, "-0.13"), (-0.001, "0.00"), (2, "2.00")]
)
def test_numbers_are_written_as_a_browser_writes_them(value: float, text: str) -> None:
    assert _fixed(value) == text


def test_the_figure_holds_picture_caption_table_and_state() -> None:
    text = lab(title="Dials").static()._repr_mimebundle_()["text/html"]
    assert text.startswith('<figure class="lecture-view" data-view="address_lab"><script')
    assert re.findall(r"<(figcaption|details|summary|table|script)", text) == (
        ["script", "figcaption", "details", "summary", "table"]
    )
    assert "<strong>Dials.</strong>" in text
    assert " id=" not in text
    state = json.loads(re.search(r"json\">(.*?)</script>", text, re.DOTALL)[1])
    assert state["memory"] == MEMORY
    assert [preset["label"] for preset in state["presets"]] == [
        "soft average", "hard", "copy task, by content", "copy task, by shift", "blurred shift",
        "blurred, then sharpened",
    ]  # fmt: skip


def test_the_table_has_a_row_for_each_slot() -> None:
    table = lab(query=[1, 0], temperature=0, gate=0.5).table()
    assert table.count("<tr>") == 1 + len(MEMORY)
    row = '<th scope="row">M1</th><td>2.00, 0.20</td><td>2.00</td><td>1.00</td><td>1.00</td>'
    assert row in table
    assert "before" not in lab(location=False).table()


def test_text_never_becomes_markup() -> None:
    names = [f"{HOSTILE}{i}" for i in range(5)]
    view = lab(slots=names, title=HOSTILE, presets={HOSTILE: {"gate": 0.5}})
    text = view.static()._repr_mimebundle_()["text/html"]
    assert text.count("</script>") == 1
    assert "<img src=x" not in text


# The presets


def preset(view: AddressLab, label: str, **changed: Any) -> AddressLab:
    (found,) = [p for p in view.state["presets"] if p["label"] == label]
    return AddressLab(**{k: v for k, v in found.items() if k != "label"} | changed)


def walked(view: AddressLab, steps: int) -> list[int]:
    """The slots, counted from 1, that hold most weight while the reader steps."""
    slots = []
    for _ in range(steps):
        slots.append(int(view.weights.argmax()) + 1)
        view = AddressLab(**view.setting | {"previous": view.weights})
    return slots


def test_soft_average_and_hard_are_the_ends_of_one_dial() -> None:
    view = lab()
    assert preset(view, "soft average").weights.max() < 0.5
    assert preset(view, "hard").weights.tolist() == [0, 1, 0, 0, 0]


def test_content_cannot_tell_equal_items_apart_and_a_shift_can() -> None:
    by_content = preset(lab(), "copy task, by content")
    np.testing.assert_allclose(by_content.weights, [0, 0, 0.5, 0, 0.5], atol=1e-9)
    items = {tuple(row) for row in by_content.setting["memory"]}
    assert tuple(by_content.read.round(6)) not in items
    by_shift = preset(lab(), "copy task, by shift")
    assert walked(by_shift, 4) == [2, 3, 4, 5]
    assert by_shift.weights.max() == 1


def test_a_blurred_shift_melts_and_sharpening_holds_it() -> None:
    for label, low, high in (("blurred shift", 0, 0.5), ("blurred, then sharpened", 0.95, 1)):
        view = preset(lab(), label)
        for _ in range(5):
            view = AddressLab(**view.setting | {"previous": view.weights})
        assert low < view.weights.max() < high


def test_a_preset_keeps_what_it_does_not_change() -> None:
    view = lab(cosine=True, presets={"far": {"query": [9, 9]}})
    assert preset(view, "far").setting == view.setting | {"query": [9.0, 9.0]}
    assert [p["label"] for p in lab(location=False).state["presets"]] == ["soft average", "hard"]
    assert lab(presets={}).state["presets"] == []


# What the reader sets, with a kernel


def test_what_the_reader_sets_is_read_back() -> None:
    view = lab()
    before = view.state
    view.request = {"n": 1, **view.setting, "temperature": 0}
    assert view.weights.tolist() == [0, 1, 0, 0, 0]
    assert view.read.tolist() == MEMORY[1]
    assert "“M2” 1.00." in view.summary()
    assert view.state == before
    view.state = {**view.state, "query": [-1.0, 0.0]}
    assert view.setting["query"] == [-1.0, 0.0]
    assert view.setting["temperature"] == 1


def test_what_makes_no_sense_is_told_and_the_last_setting_stays() -> None:
    view = lab()
    view.request = {"n": 3, **view.setting, "gate": 7}
    assert view.reply == {"n": 3, "error": "gate: pass a number from 0 to 1; got 7"}
    view.request = {"n": 4, "colour": 1}
    assert "colour" in view.reply["error"]
    assert view.setting["gate"] == 1


def test_tensors_are_taken_with_their_gradients() -> None:
    memory = torch.tensor(MEMORY, requires_grad=True)
    np.testing.assert_allclose(lab(memory=memory).weights, lab().weights, atol=1e-6)
