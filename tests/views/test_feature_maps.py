"""The view of feature maps: what it takes, refuses, draws and says, and how a reader draws."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from lecture_utils.models.lenet import LeNet
from lecture_utils.recording import trace
from lecture_utils.views import FeatureMaps
from lecture_utils.views.base import json_text, unpack
from lecture_utils.views.images import across, answered, listed, percent
from tests.data.strokes import PAD, SIDE, drawn, rastered
from tests.node import Node

from .conftest import Site
from .examples import feature_maps, halved, stroke
from .test_contract import widget

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def page_words(node: Node) -> Node:
    """The pure functions of the view, in Node.js."""
    node.load("words", "lecture_utils/views/feature_maps/words.js")
    for name in ("classes", "pad", "pixels"):
        node.load(name, f"lecture_utils/views/shared/{name}.js")
    return node


# What it takes


def test_the_arrays_of_any_model_are_shown() -> None:
    torch.manual_seed(0)
    model, image = LeNet().eval(), torch.rand(1, 28, 28)
    places = ["C1", "S2", "C3", "S4", "C5", "F6"]
    with trace(model, places) as flow:
        scores = model(image[None])
    view = FeatureMaps(image, {name: flow[name][0] for name in places}, scores)
    sizes = [one["shape"] for one in view.state["maps"].values()]
    assert sizes == [[6, 28, 28], [6, 14, 14], [16, 10, 10], [16, 5, 5], [120], [84]]
    for name, packed in view.state["maps"].items():
        low, high = packed["low"], packed["high"]
        apart = low + (high - low) * unpack(packed) - flow[name][0][0].numpy()
        assert np.abs(apart).max() < 1e-4 * (high - low)
    assert view.state["scores"] == pytest.approx(scores[0].tolist())
    assert view.state["labels"] == list("0123456789")
    assert view.state["normalise"] is None


def test_an_image_of_three_channels_is_shown() -> None:
    photo = np.random.default_rng(0).random((3, 4, 6))
    view = FeatureMaps(photo, {"C1": np.ones((2, 2, 3))}, [1, 2], examples=[photo])
    assert view.state["image"]["shape"] == [3, 4, 6]
    assert view.state["examples"]["shape"] == [1, 3, 4, 6]
    assert view.static()


def test_a_drawing_of_more_pixels_is_kept() -> None:
    fine = np.kron(stroke, np.ones((4, 4)))
    view = feature_maps(drawing=fine)
    assert np.abs(unpack(view.state["drawing"])[0] - fine).max() < 1e-5


def test_a_hundred_classes_and_twenty_layers_are_drawn_too() -> None:
    layers = {f"layer {k}": np.eye(3)[None] for k in range(20)}
    view = FeatureMaps(stroke, layers, np.arange(100))
    assert "“99”, 63 % sure; next comes “98”, 23 %" in view.summary()
    assert view.table().count("<tr>") == 101
    assert view.static()


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({}, "drawing: pass whole numbers from 0, paper, to 255"),
        ({"drawing": [0] * 64, "shape": [1, 8, 8]}, "There is nothing to read: it is empty."),
        ({"drawing": [9] * 9, "shape": [1, 3, 3]}, "drawing: has shape (1, 3, 3); pass (1, 8, 8)"),
        ({"drawing": [9] * 9, "shape": [1, 8, 8]}, "drawing: pass whole numbers"),
        ({"drawing": [999] * 64, "shape": [1, 8, 8]}, "drawing: values lie in"),
        ({"drawing": [None] * 64, "shape": [1, 8, 8]}, "drawing: holds NaN"),
        ({"drawing": "seven", "shape": [1, 8, 8]}, "drawing: pass whole numbers"),
        ({"drawing": [9] * 64, "shape": "all"}, "shape: drawing: pass whole numbers"),
    ],
)
def test_a_request_that_is_none_keeps_the_last_answer(request_: dict, error: str) -> None:
    view = feature_maps()
    before = view.state
    view.request = {"n": 3, **request_}
    assert error in view.reply["error"]
    assert view.state is before


def test_a_function_is_asked_for_what_was_drawn() -> None:
    asked = []

    def see(drawing: np.ndarray, normalise: bool) -> dict[str, Any]:
        asked.append((drawing, normalise))
        return {**halved(drawing), "message": "So."}

    view = feature_maps(see=see)
    levels = np.zeros((16, 16), dtype=int)
    levels[4] = 51
    view.request = {
        **{"n": 1, "drawing": levels.ravel().tolist(), "shape": [1, 16, 16]},
        "normalise": False,
    }
    ((drawing, normalise),) = asked
    assert np.array_equal(drawing, levels / 255)
    assert normalise is False
    assert (view.state["message"], view.state["normalise"], view.state["n"]) == ("So.", False, 1)
    assert np.allclose(unpack(view.state["drawing"])[0], levels / 255)
    plain = feature_maps(see=lambda drawing: halved(drawing), normalise=None)
    plain.request = {"n": 1, "drawing": [255] * 64, "shape": [1, 8, 8], "normalise": True}
    assert plain.state["normalise"] is None


def test_an_answer_with_other_classes_is_refused() -> None:
    view = feature_maps(see=lambda *_: {**halved(stroke), "scores": [1, 2, 3]})
    view.request = {"n": 1, "drawing": [255] * 64, "shape": [1, 8, 8]}
    assert view.reply["error"] == "see: gave 3 scores; give one for each of the 2 labels"


# What it says, in Python and in the page


def test_the_page_says_the_same(page_words: Node) -> None:
    made = np.random.default_rng(0)
    for count in (1, 2, 10, 12, 13, 40):
        for spread in (0.01, 1, 9):
            scores = (spread * made.normal(size=count)).tolist()
            state = {"who": "net", "labels": [f"<{k}>" for k in range(count)], "scores": scores}
            told = page_words.evaluate(
                "(state) => { const sure = classes.chances(state.scores);"
                "const { answered, listed, percent } = classes;"
                "return [answered(state), listed(sure), sure.map(percent)] }",
                state,
            )
            sure = np.exp(scores) / np.exp(scores).sum()
            assert told == [answered(state), listed(sure), [percent(p) for p in sure]]
    found = page_words.evaluate(
        "(n) => Array.from({ length: n }, (_, k) => pixels.across(k + 1))", 300
    )
    assert found == [across(k + 1) for k in range(300)]


def test_how_sure_is_said_in_whole_percent(page_words: Node) -> None:
    told = [1.0, 0.995, 0.9949, 0.5, 0.005, 0.0049, 0.0]
    said = ["over 99 %", "over 99 %", "99 %", "50 %", "1 %", "under 1 %", "under 1 %"]
    assert [percent(p) for p in told] == said
    assert page_words.evaluate("(all) => all.map(classes.percent)", told) == said


def test_a_value_is_told_with_what_it_sees(page_words: Node) -> None:
    layer = {"name": "C1", "flat": 0, "shape": [2, 2, 3], "field": [5, 2, -2]}
    said = page_words.evaluate(
        """(layer) => {
          const values = Float32Array.from({ length: 12 }, (_, k) => k - 6);
          const tell = (changed, map, cell) =>
            words.told({ ...layer, values, ...changed }, map, cell, [1, 8, 8]);
          const single = { flat: 11, shape: [1, 4, 3] };
          return [
            tell({}, 1, null), tell({}, 1, [1, 2]), tell({ field: undefined }, 0, [0, 0]),
            tell({ field: [1, 1, 0] }, 0, [1, 1]), tell(single, 0, null), tell(single, 0, [3, 1]),
          ];
        }""",
        layer,
    )
    assert said == [
        "C1, map 2 of 2: from 0.00 to 5.00.",
        "C1, map 2 of 2, row 2, column 3 of 2 × 3: 5.00. "
        "It sees rows 1 to 5 and columns 3 to 7 of the image.",
        "C1, map 1 of 2, row 1, column 1 of 2 × 3: -6.00.",
        "C1, map 1 of 2, row 2, column 2 of 2 × 3: -2.00. It sees row 2 and column 2 of the image.",
        "C1, 11 values: from -6.00 to 4.00.",
        "C1, value 11 of 11: 4.00.",
    ]


FIELDS = {"C1": (5, 1, -2), "S2": (6, 2, -2), "C3": (14, 2, -2), "S4": (16, 4, -2)}
"""Receptive fields of a LeNet."""


@pytest.mark.parametrize("name", FIELDS)
def test_what_a_value_sees_is_what_its_gradient_reaches(page_words: Node, name: str) -> None:
    torch.manual_seed(0)
    model, image = LeNet(activation=torch.nn.Tanh), torch.rand(1, 1, 28, 28, requires_grad=True)
    with torch.no_grad():
        for weights in model.parameters():
            weights.abs_()
    kept = []
    getattr(model, name).register_forward_hook(lambda _, __, made: kept.append(made))
    model(image)
    h, w = kept[0].shape[-2:]
    for i, j in ((0, 0), (h // 2, w // 3), (h - 1, w - 1)):
        (reached,) = torch.autograd.grad(kept[0][0, 0, i, j], image, retain_graph=True)
        rows, columns = (np.flatnonzero(reached[0, 0].abs().sum(axis)) for axis in (1, 0))
        top, left, tall, wide = page_words.evaluate(
            "([field, cell]) => words.seen(field, cell)", [FIELDS[name], [i, j]]
        )
        assert (rows[0], rows[-1]) == (max(0, top), min(27, top + tall - 1))
        assert (columns[0], columns[-1]) == (max(0, left), min(27, left + wide - 1))


# The pad


def test_lines_on_the_pad_are_those_of_the_recorded_strokes(page_words: Node) -> None:
    """So the benchmark reads what the pad would hold."""
    for one in drawn()[::7]:
        scale = PAD / SIDE
        lines = [
            [[y0 * scale, x0 * scale], [y1 * scale, x1 * scale]]
            for points in one.strokes
            for (x0, y0), (x1, y1) in pairwise(points)
        ]
        levels = page_words.evaluate(
            "({ lines, size, width }) => { const levels = new Uint8ClampedArray(size * size);"
            "for (const [a, b] of lines) pad.line(levels, [size, size], a, b, width);"
            "return [...levels] }",
            {"lines": lines, "size": PAD, "width": one.width * scale},
        )
        apart = np.abs(np.array(levels).reshape(PAD, PAD) - 255 * rastered(one))
        assert apart.max() <= 1


def test_a_dot_is_round_and_a_line_never_pales(page_words: Node) -> None:
    levels = page_words.evaluate(
        "() => { const levels = new Uint8ClampedArray(400);"
        "pad.line(levels, [20, 20], [10, 10], [10, 10], 6);"
        "pad.line(levels, [20, 20], [10, 10], [10, 30], 0.5);"
        "return [...levels] }"
    )
    dot = np.array(levels).reshape(20, 20)[:, :10]
    assert (dot == dot[::-1]).all()
    assert (dot / 255).sum() == pytest.approx(np.pi * 9 / 2, rel=0.02)


def test_a_coarse_drawing_becomes_a_fine_one(page_words: Node) -> None:
    coarse = (np.arange(12).reshape(2, 2, 3) / 255).tolist()
    fine = page_words.evaluate(
        "(all) => [...pad.finer(all.flat(2), [2, 2, 3], 2)]",
        coarse,
    )
    assert (
        np.array(fine).reshape(2, 4, 6).tolist()
        == np.kron(np.arange(12).reshape(2, 2, 3), np.ones((1, 2, 2), dtype=int)).tolist()
    )


def asked(page: Page) -> dict[str, Any]:
    """The last request."""
    return page.evaluate("saved.at(-1)")


def ink(page: Page) -> np.ndarray:
    """The drawing that was asked about last, (32, 32)."""
    return np.array(asked(page)["drawing"]).reshape(asked(page)["shape"])[0]


def answer(page: Page, **changed: Any) -> None:
    """Let the kernel answer the last request with the same maps."""
    page.evaluate(
        "more => model.set('state', { ...model.get('state'), ...more, n: saved.at(-1).n })", changed
    )


def sketch(page: Page) -> Locator:
    return page.get_by_role("application", name=re.compile("^drawing of 8 × 8 squares"))


def alive(open_page: Open, **changed: Any) -> Page:
    """The example in the hands of a kernel, on a clear pad."""
    page = widget(open_page(), feature_maps(**changed))
    page.get_by_role("button", name="clear the drawing").click()
    return page


def test_a_mouse_draws_and_what_is_drawn_is_asked_about(open_page: Open) -> None:
    page = alive(open_page)
    assert not ink(page).any()
    box = sketch(page).locator("canvas").bounding_box()
    at = lambda y, x: (box["x"] + x * box["width"], box["y"] + y * box["height"])  # noqa: E731
    page.mouse.move(*at(0.25, 0.25))
    page.mouse.down()
    page.mouse.move(*at(0.25, 0.75), steps=4)
    page.mouse.up()
    page.mouse.move(*at(0.9, 0.5))
    drawing = ink(page)
    assert asked(page)["shape"] == [1, 32, 32]
    assert (drawing[8, 8:24] == 255).all()
    assert not drawing[16:].any(), "nothing is drawn while no button is down"
    page.get_by_role("radio", name="thin").check(force=True)
    page.mouse.move(*at(0.75, 0.5))
    page.mouse.down()
    page.mouse.up()
    assert 0 < (ink(page)[20:] > 0).sum() < (drawing[:, 12] > 0).sum() ** 2


def test_while_a_line_is_drawn_the_next_question_waits_for_the_last_answer(open_page: Open) -> None:
    page = alive(open_page)
    answer(page)
    count = "saved.length"
    before = page.evaluate(count)
    box = sketch(page).locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for k in range(5):
        page.mouse.move(box["x"] + 30 + 5 * k, box["y"] + 30)
    assert page.evaluate(count) == before + 1
    first = ink(page).sum()
    answer(page)
    assert page.evaluate(count) == before + 2
    assert ink(page).sum() > first, "what was drawn meanwhile"
    answer(page)
    assert page.evaluate(count) == before + 2, "nothing was drawn meanwhile"
    page.mouse.up()
    assert page.evaluate(count) == before + 3
    page.mouse.move(box["x"] + 90, box["y"] + 90)
    assert page.evaluate(count) == before + 3


def test_an_answer_leaves_what_is_drawn_and_another_state_brings_its_own(open_page: Open) -> None:
    page = alive(open_page)
    sketch(page).press("Space")
    drawn_ = ink(page)
    answer(page)
    page.get_by_role("button", name="look").click()
    assert (ink(page) == drawn_).all()
    page.evaluate("const { n, ...rest } = model.get('state'); model.set('state', rest)")
    page.get_by_role("button", name="look").click()
    assert np.abs(ink(page) - 255 * np.kron(stroke, np.ones((4, 4)))).max() <= 1


TOUCH = {"viewport": {"width": 390, "height": 600}, "has_touch": True, "is_mobile": True}


def test_a_finger_draws_and_the_page_stays(open_page: Open) -> None:
    page = open_page(**TOUCH)
    page.set_content('<meta name="viewport" content="width=device-width"><p style="height: 40rem">')
    widget(page, feature_maps())
    send = page.context.new_cdp_session(page).send

    def swipe(x: float, y: float, far: float = 96) -> float:
        """Swipe upwards from a point; how far the page went."""
        before = page.evaluate("scrollY")
        for k in range(9):
            kind = ("touchStart", *["touchMove"] * 8)[k]
            points = [{"x": x, "y": y - far * k / 8}]
            send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(500)
        return page.evaluate("scrollY") - before

    pad = page.locator(".lv-sketch canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box["width"] > 250, "it is large enough for a finger"
    page.get_by_role("button", name="clear the drawing").dispatch_event("click")
    assert not ink(page).any()
    from_, far = box["y"] + 0.9 * box["height"], 0.8 * box["height"]
    assert swipe(box["x"] + 0.5 * box["width"], from_, far) == 0
    assert (ink(page)[3:29, 16] == 255).all(), "the line is drawn to its end"
    assert not ink(page)[:, 24:].any()
    words = page.locator(".lv-answer").bounding_box()
    assert swipe(words["x"] + 30, words["y"] + 10) > 30, "elsewhere it goes"


def test_keys_draw_and_every_square_is_told(open_page: Open) -> None:
    page = alive(open_page)
    pad, said = sketch(page), page.locator("[aria-live]")
    page.get_by_role("radio", name="thin").check(force=True)
    pad.focus()
    pad.press("Home")
    pad.press("ArrowUp")
    expect(said).to_have_text("row 4, column 1: paper")
    pad.press("Space")
    answer(page)
    expect(said).to_have_text(
        "row 4, column 1: ink. The network answers “zero”, 54 % sure; next comes “one”, 46 %."
    )
    assert (ink(page)[13:15, 1:3] == 255).all()
    pad.press("ArrowRight")
    pad.press("Shift+End")
    assert (ink(page)[13:15, 1:31] == 255).all()
    expect(said).to_have_text("row 4, column 8: ink")
    pad.press("Space")
    expect(said).to_have_text("row 4, column 8: paper")
    assert not ink(page)[12:16, 28:].any()
    pad.press("PageDown")
    expect(said).to_have_text("row 6, column 8: paper")
    pad.press("PageUp")
    pad.press("PageUp")
    pad.press("PageUp")
    expect(said).to_have_text("row 1, column 8: paper")


def test_nothing_drawn_is_said_and_the_last_answer_stays(open_page: Open) -> None:
    page = alive(open_page)
    page.evaluate("model.set('reply', { n: saved.at(-1).n, error: 'There is nothing to read.' })")
    told = "There is nothing to read. Still shown (halved): the answer “zero”."
    expect(page.locator(".lv-status")).to_have_text(told)
    expect(page.locator("[aria-live]")).to_have_text(told)
    expect(page.locator(".lv-answer")).to_contain_text("answers “zero”, 54 % sure")


def test_examples_come_one_after_the_other(open_page: Open) -> None:
    page = alive(open_page)
    fine = [np.rint(255 * np.kron(one, np.ones((4, 4)))) for one in (stroke, stroke.T)]
    for wanted in (fine[1], fine[0], fine[1]):
        page.get_by_role("button", name="another example").click()
        assert np.abs(ink(page) - wanted).max() <= 1


def test_the_switch_turns_the_normalisation_off(open_page: Open) -> None:
    page = alive(open_page)
    assert asked(page)["normalise"] is True
    about = page.locator(".lv-shown .lv-about")
    expect(about).to_have_text("normalised: 8 × 8")
    page.get_by_role("radio", name="as drawn").check(force=True)
    assert asked(page)["normalise"] is False
    answer(page, normalise=False)
    expect(about).to_have_text("shown: 8 × 8")
    expect(page.locator(".lv-part")).to_be_hidden()
    page = alive(open_page, normalise=None, see=lambda drawing: {})
    assert "normalise" not in asked(page)
    expect(page.get_by_role("radio", name="as drawn")).to_have_count(0)


def test_who_answers_is_chosen(open_page: Open) -> None:
    page = alive(open_page)
    assert asked(page)["label"] == "halved"
    page.get_by_role("radio", name="again").check(force=True)
    assert asked(page)["label"] == "again"


# What is pointed at


def inside(page: Page, box: str, of: str) -> list[float]:
    """Top, left, height and width of a box, as parts of what it lies in."""
    a, b = (page.locator(one).bounding_box() for one in (box, of))
    return [
        *((a[k] - b[k]) / b[size] for k, size in (("y", "height"), ("x", "width"))),
        *(a[size] / b[size] for size in ("height", "width")),
    ]


def test_a_value_under_the_pointer_is_told_and_what_it_sees_is_outlined(open_page: Open) -> None:
    page = widget(open_page(), feature_maps(frame=(1, 2, 0.5)))
    layer = page.locator(".lv-layer canvas").nth(1)
    box = layer.bounding_box()
    layer.hover(position={"x": 0.9 * box["width"], "y": 0.3 * box["height"]})
    reading = page.locator(".lv-reading")
    expect(reading).to_have_text(
        "S2, map 1 of 2, row 3, column 4 of 4 × 4: -0.10. "
        "It sees rows 5 to 6 and columns 7 to 8 of the image."
    )
    expect(page.locator(".lv-enlarged .lv-about")).to_have_text("S2, map 1 of 2")
    wanted = [4 / 8, 6 / 8, 2 / 8, 2 / 8]
    assert inside(page, ".lv-sheet .lv-field", ".lv-sheet canvas") == pytest.approx(
        wanted, abs=0.02
    )
    on_pad = [(1 + 0.5 * 4) / 8, (2 + 0.5 * 6) / 8, 1 / 8, 1 / 8]
    pad = inside(page, ".lv-sketch .lv-field", ".lv-sketch canvas")
    assert pad == pytest.approx(on_pad, abs=0.02)
    part = inside(page, ".lv-sketch .lv-part", ".lv-sketch canvas")
    assert part == pytest.approx([1 / 8, 2 / 8, 4 / 8, 4 / 8], abs=0.02)
    page.locator(".lv-answer").hover()
    expect(reading).to_have_text(re.compile("^C1, map 1 of 2: from -0.10 to 0.90. Point at"))
    layer.click(position={"x": 5, "y": 5})
    page.locator(".lv-answer").hover()
    expect(reading).to_have_text(re.compile("^S2, map 1 of 2, row 1, column 1 of 4 × 4"))


def test_keys_go_from_map_to_map_and_into_one(open_page: Open) -> None:
    page = widget(open_page(), feature_maps())
    maps = page.get_by_role("application", name=re.compile("^C1, 2 maps of 8 × 8; S2"))
    lens = page.locator(".lv-lens")
    reading, said = page.locator(".lv-reading"), page.locator("[aria-live]")
    maps.focus()
    maps.press("ArrowDown")
    expect(said).to_have_text("C1, map 2 of 2: from -1.10 to -0.10.")
    maps.press("PageDown")
    maps.press("PageDown")
    maps.press("PageDown")
    expect(said).to_have_text(re.compile("^F3, 2 values: from "))
    maps.press("PageUp")
    maps.press("Enter")
    expect(lens).to_be_focused()
    expect(lens).to_have_attribute("aria-label", "S2, map 1 of 2, 4 by 4; arrow keys move")
    lens.press("ArrowRight")
    lens.press("End")
    expect(reading).to_have_text(re.compile("^S2, map 1 of 2, row 1, column 4 of 4 × 4: .* sees"))
    lens.press("PageDown")
    expect(reading).to_have_text(re.compile("^S2, map 2 of 2, row 1, column 4"))
    lens.press("Escape")
    expect(maps).to_be_focused()
    maps.press("Escape")
    expect(reading).to_have_text(re.compile("^C1, map 1 of 2: from"))


def test_behind_the_last_of_single_values_there_is_none(open_page: Open) -> None:
    layers = {"F5": np.arange(5.0)}
    page = widget(open_page(), FeatureMaps(stroke, layers, [0, 1]))
    lens, reading = page.locator(".lv-lens"), page.locator(".lv-reading")
    lens.focus()
    for key in ("ArrowDown", "End", "ArrowDown"):
        lens.press(key)
    expect(reading).to_have_text("F5, value 5 of 5: 4.00.")
    lens.hover()
    expect(reading).to_have_text(re.compile("^F5, value [1-4] of 5"))
    for place in (lens, page.locator(".lv-layer")):
        box = place.bounding_box()
        place.hover(position={"x": box["width"] - 4, "y": box["height"] - 4})
        expect(reading).to_have_text("F5, value 5 of 5: 4.00.")


def test_an_answer_with_other_layers_is_shown_from_the_first(open_page: Open) -> None:
    page = widget(open_page(), feature_maps())
    page.locator(".lv-layer canvas").nth(1).hover()
    other = FeatureMaps(stroke, {"A": np.eye(3)[None]}, [0, 1])
    changed = json.loads(json_text(other.state["maps"]))
    page.evaluate("maps => model.set('state', { ...model.get('state'), maps })", changed)
    expect(page.locator(".lv-layer")).to_have_count(1)
    expect(page.locator(".lv-reading")).to_have_text(re.compile("^A, map 1 of 1: from 0.00 to 1"))


def test_the_colours_end_at_the_largest_of_the_layer_and_show_a_sign_where_there_is_one(
    open_page: Open,
) -> None:
    page = widget(open_page(), feature_maps())
    colours = page.get_by_role("group", name="colours")
    expect(colours).to_have_text("-1.101.10, in C1")
    plain = {"C1": np.abs(halved(stroke)["maps"]["C1"])}
    page = widget(open_page(), feature_maps(maps=plain, fields=None))
    expect(page.get_by_role("group", name="colours")).to_have_text("01.10, in C1")


def test_where_nobody_answers_nothing_can_be_drawn(site: Site, open_page: Open) -> None:
    page = open_page(site.write(feature_maps(live=None)))
    expect(page.locator(".lv")).to_have_count(1)
    expect(page.locator(".lv form")).to_have_count(0)
    expect(page.locator(".lv-sketch[tabindex]")).to_have_count(0)
    expect(page.locator(".lv-drawn .lv-about")).to_have_text("drawing")


def test_classes_are_bars_with_numbers_and_of_many_the_likeliest(open_page: Open) -> None:
    page = widget(open_page(), feature_maps())
    rows = page.get_by_role("table", name="scores of the classes").get_by_role("row")
    expect(rows).to_have_text(["one46 %0.14", "zero54 %0.30"])
    page = widget(open_page(), FeatureMaps(stroke, {"F": [1.0]}, np.arange(20) / 2))
    rows = page.get_by_role("table", name="scores of the classes").get_by_role("row")
    expect(rows).to_have_count(10)
    expect(rows.first).to_have_text("1939 %9.50")


# What is kept


def test_numbers_and_picture_are_saved(open_page: Open) -> None:
    page = widget(open_page(), feature_maps())
    with page.expect_download() as kept:
        page.get_by_role("button", name="save as CSV").click()
    lines = kept.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "layer,map,row,column,value,probability"
    assert len(lines) == 1 + 2 + 2 * 64 + 2 * 16 + 2
    assert lines[1].startswith("score,one,,,0.14")
    assert lines[-1].startswith("F3,1,")
    with page.expect_download() as kept:
        page.get_by_role("button", name="save as SVG").click()
    svg = kept.value.path().read_text("utf-8")
    assert svg.count("<image") == 5
    assert "The network answers “zero”, 54 % sure" in svg.replace("&#8220;", "“")
    page.get_by_role("button", name="table").click()
    table = page.get_by_role("region", name="table of the map")
    expect(table.get_by_role("row")).to_have_count(9)
    page.locator(".lv-layer canvas").nth(1).hover()
    expect(table.get_by_role("row")).to_have_count(5)
