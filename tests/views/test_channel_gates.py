"""The view of channel gates: what it takes, says and refuses, and how a reader holds gates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from lecture_utils.models.resnet import small_resnet
from lecture_utils.models.senet import insert
from lecture_utils.recording import record
from lecture_utils.views import ChannelGates
from lecture_utils.views.base import json_text, unpack
from lecture_utils.views.channel_gates import told_of
from tests.node import Node

from .conftest import Site
from .examples import GATES, channel_gates, gated, shown_first, square
from .test_contract import widget

Open = Callable[..., Page]

FIRST = (
    "SE, 4 channels: channel 1 differs most, 0.20 for “one” and 0.80 for “zero”; within a class it "
    "spreads by 0.10 and 0.00. In the mean over channels the classes differ by 0.15 and spread by "
    "0.05."
)


@pytest.fixture(scope="module")
def said(node: Node) -> Node:
    """The pure functions of the view, in Node.js."""
    node.load("words", "lecture_utils/views/channel_gates/words.js")
    return node


# What it takes


def test_what_record_gives_is_shown_by_class() -> None:
    torch.manual_seed(0)
    model, of = insert(small_resnet(8, 3), ratio=4).eval(), torch.tensor([0, 1, 2, 1, 0, 2, 2])
    with record(model) as reads:
        model(torch.rand(7, 3, 8, 8))
    view = ChannelGates(reads, classes=of)
    assert view.state["counts"] == [2, 2, 3]
    assert view.state["labels"] == ["0", "1", "2"]
    for name, masks in reads.items():
        mean, spread = (unpack(view.state["layers"][name][part]) for part in ("mean", "spread"))
        for k in range(3):
            own = masks[of == k, :, 0, 0].numpy()
            assert np.abs(mean[k] - own.mean(axis=0)).max() < 1e-4
            assert np.abs(spread[k] - own.std(axis=0)).max() < 1e-4


def test_of_masks_with_places_the_mean_is_taken() -> None:
    masks = np.random.default_rng(0).random((4, 3, 2, 5))
    view = ChannelGates({"BAM": masks}, classes=[0, 0, 1, 1])
    mean = unpack(view.state["layers"]["BAM"]["mean"])
    assert np.abs(mean[1] - masks[2:].mean(axis=(0, 2, 3))).max() < 1e-4


def test_means_and_spreads_are_taken_as_they_are() -> None:
    mean, spread = np.array([[0.2, 0.6], [0.4, 0.5]]), np.array([[0.1, 0.0], [0.0, 0.1]])
    view = ChannelGates({"SE": (mean, spread)}, labels=["a", "b"])
    assert np.abs(unpack(view.state["layers"]["SE"]["mean"]) - mean).max() < 1e-4
    assert np.abs(unpack(view.state["layers"]["SE"]["spread"]) - spread).max() < 1e-4
    with pytest.raises(ValueError, match=r"'SE', spreads: has shape \(1, 2\); pass \(2, 2\)"):
        ChannelGates({"SE": (mean, spread[:1])})
    with pytest.raises(ValueError, match="gates: pass means of the same classes for each layer"):
        ChannelGates({"a": (mean, spread), "b": (mean[:1], spread[:1])})


def test_many_classes_channels_and_layers_are_drawn_too() -> None:
    made, of = np.random.default_rng(0), np.arange(200) % 100
    view = ChannelGates({f"layer {k}": made.random((200, 256)) for k in range(6)}, classes=of)
    assert view.static()
    assert view.table().count("<tr>") == 7


def test_without_an_image_there_is_nothing_to_ask() -> None:
    view = ChannelGates({"SE": GATES}, classes=[0, 0, 1])
    assert view.state["image"] is None
    assert view.summary().startswith("SE, 4 channels: channel 1 differs most")


# What it says, in Python and in the page


def test_the_page_says_the_same(said: Node) -> None:
    assert channel_gates().summary().endswith(FIRST)
    made = np.random.default_rng(0)
    for channels, count in ((1, 2), (4, 3), (16, 10)):
        mean, spread = made.random((2, count, channels)).round(3)
        labels, pair = [f"<{k}>" for k in range(count)], [count - 1, 0]
        layer = {"name": "L", "C": channels, "mean": mean.ravel(), "spread": spread.ravel()}
        told = {**layer, "mean": layer["mean"].tolist(), "spread": layer["spread"].tolist()}
        here = told_of("L", mean, spread, labels, pair)
        there = said.evaluate("(all) => words.told(...all)", [told, labels, pair])
        numbers = [[float(x) for x in re.findall(r"\d\.\d\d", text)] for text in (here, there)]
        assert numbers[0] == pytest.approx(numbers[1], abs=0.011), "rounding differs at a half"
        assert re.sub(r"\d\.\d\d", "x", here) == re.sub(r"\d\.\d\d", "x", there)


LAYER = {"name": "L", "C": 3, "mean": [0.1, 0.8, 0.5, 0.3, 0.7, 0.9], "spread": [0.1] * 6}


@pytest.mark.parametrize(("sort", "order"), [(0, [0, 1, 2]), (1, [1, 2, 0]), (3, [2, 0, 1])])
def test_channels_are_sorted(said: Node, sort: int, order: list[int]) -> None:
    found = said.evaluate("(all) => words.ordered(...all)", [LAYER, [1, 1], [0, 1], sort])
    assert found == order


def test_channels_are_sorted_by_all_classes_too(said: Node) -> None:
    three = {**LAYER, "mean": [*LAYER["mean"], 0.1, 0.0, 0.5]}
    order = said.evaluate("(all) => words.ordered(...all)", [three, [1, 1, 1], [0, 1], 2])
    assert order == [1, 2, 0]


def test_the_mean_over_all_images_counts_the_images_of_a_class(said: Node) -> None:
    found = said.evaluate("(all) => words.overall(...all)", [LAYER, [3, 1]])
    assert found == pytest.approx([0.15, 0.775, 0.6])


def test_what_is_held_is_said_in_words(said: Node) -> None:
    many = ["off"] * 8 + [""]
    for held, told in (
        ([], ""),
        ([["A", ["", "off", ""]]], "channel 2 of A off"),
        ([["A", ["off", "off", "mean"]]], "channels 1, 2 of A off; channel 3 of A at the mean"),
        (
            [["A", ["mean"] * 3], ["B", many]],
            "all 3 channels of A at the mean; 8 channels of B off",
        ),
    ):
        assert said.evaluate("(held) => words.heldWords(new Map(held))", held) == told
    numbers = said.evaluate("(all) => words.values(...all)", [["", "off", "mean"], [0.1, 0.2, 0.3]])
    assert numbers == [-1, 0, 0.3]


# Who answers in a notebook


def test_a_function_is_asked_for_what_is_held() -> None:
    asked = []

    def see(drawing: np.ndarray, held: dict[str, list[float]]) -> dict[str, Any]:
        asked.append((drawing, held))
        return {**gated(drawing, held), "message": "So."}

    view = channel_gates(see=see)
    request = {"drawing": [255] * 36, "shape": [1, 6, 6], "held": {"SE": [0.25, -1, -1, 0]}}
    view.request = {"n": 1, **request}
    ((drawing, held),) = asked
    assert (drawing == 1).all()
    assert held == {"SE": [0.25, -1, -1, 0]}
    state = view.state
    assert (state["n"], state["message"], state["scores"]) == (1, "So.", [1.0, 0.5])
    assert state["after"]["scores"] == [0.25, 0.5]
    assert unpack(state["after"]["gates"]["SE"]) == pytest.approx([0.25, 0.5, 0.9, 0], abs=1e-4)
    assert unpack(state["gates"]["SE"]) == pytest.approx([1, 0.5, 0.9, 0], abs=1e-4)
    view.request = {"n": 2, **request, "held": {}}
    assert view.state["after"] is None


@pytest.mark.parametrize(
    ("held", "error"),
    [
        ({"other": [0] * 4}, "held: pass a mapping from any of ['SE', 'BAM'] to a number up to 1"),
        ({"SE": [0] * 3}, "held: pass"),
        ({"SE": [2] * 4}, "held: pass"),
        ({"SE": ["off"] * 4}, "held: pass"),
        ({"SE": [None] * 4}, "held: pass"),
        ("SE", "held: pass"),
    ],
)
def test_what_cannot_be_held_keeps_the_last_answer(held: Any, error: str) -> None:
    view = channel_gates()
    before = view.state
    view.request = {"n": 3, "drawing": [255] * 36, "shape": [1, 6, 6], "held": held}
    assert error in view.reply["error"]
    assert view.state is before


def test_an_answer_without_gates_is_refused() -> None:
    view = channel_gates(see=lambda drawing, held: {"image": drawing, "scores": [0, 1]})
    view.request = {"n": 1, "drawing": [255] * 36, "shape": [1, 6, 6]}
    assert view.reply["error"] == "see: gave no gates"


# In a reader's hands


def plane(page: Page) -> Locator:
    return page.get_by_role("application", name=re.compile(": gates of 2 classes and 4 channels;"))


def pick(page: Page, group: str, name: str) -> None:
    """Choose one of several radio buttons."""
    choice = page.get_by_role("radiogroup", name=group)
    choice.get_by_role("radio", name=name, exact=True).check(force=True)


def asked(page: Page) -> dict[str, Any]:
    """The last request."""
    return page.evaluate("saved.at(-1)")


def answer(page: Page, view: ChannelGates) -> None:
    """Let the kernel answer the last request as the view's own function does."""
    request = asked(page)
    view.request = {**request, "n": request["n"]}
    state = json.loads(json_text(view.state))
    page.evaluate("state => model.set('state', state)", state)


def test_a_channel_is_held_and_both_answers_stand_side_by_side(open_page: Open) -> None:
    view = channel_gates()
    page = widget(open_page(), view)
    table = page.get_by_role("table", name="scores of the classes")
    expect(table.get_by_role("row")).to_have_text(["one44 %0.25", "zero56 %0.50"])
    plane(page).press("ArrowRight")
    pick(page, "hold this channel", "off")
    assert asked(page)["held"] == {"SE": [0, -1, -1, -1]}
    answer(page, view)
    rows = ["classas computedheld", "one44 %38 %", "zero56 %62 %"]
    expect(table.get_by_role("row")).to_have_text(rows)
    told = "The network answers “zero”, 56 % sure; next comes “one”, 44 %. "
    expect(page.locator(".lv-answer")).to_have_text(
        f"{told}With channel 1 of SE off: “zero”, 62 %."
    )
    expect(page.locator(".lv-reading")).to_have_text(re.compile("This image: 0.25, held 0.00."))
    pick(page, "hold this channel", "at the mean")
    assert asked(page)["held"]["SE"] == pytest.approx([0.4, -1, -1, -1], abs=1e-4)
    page.get_by_role("button", name="let go of all that is held").click()
    assert asked(page)["held"] == {}
    answer(page, view)
    expect(table.get_by_role("row")).to_have_text(["one44 %0.25", "zero56 %0.50"])
    expect(page.locator(".lv-answer")).to_have_text(told.strip())


def test_a_whole_layer_is_held_and_what_is_held_elsewhere_stays(open_page: Open) -> None:
    page = widget(open_page(), channel_gates())
    layer = page.get_by_role("radiogroup", name="hold all channels of the layer")
    pick(page, "hold all channels of the layer", "off")
    assert asked(page)["held"] == {"SE": [0, 0, 0, 0]}
    page.get_by_role("combobox", name="layer").select_option("BAM")
    expect(layer.get_by_role("radio", name="as computed")).to_be_checked()
    pick(page, "hold all channels of the layer", "at the mean")
    assert asked(page)["held"]["SE"] == [0, 0, 0, 0]
    assert asked(page)["held"]["BAM"] == pytest.approx([0.5, 0.8, 0.5, 0.4], abs=1e-4)
    plane(page).press("ArrowRight")
    plane(page).press("Space")
    assert asked(page)["held"]["BAM"][0] == -1, "space goes on from the mean to as computed"
    for radio in layer.get_by_role("radio").all():
        expect(radio).not_to_be_checked()


def test_keys_go_from_gate_to_gate_and_hold_one(open_page: Open) -> None:
    page = widget(open_page(), channel_gates())
    gates, aloud = plane(page), page.locator("[aria-live]")
    gates.focus()
    gates.press("ArrowRight")
    expect(aloud).to_have_text(
        "SE, channel 1: 0.20 for “one”, within it a spread of 0.10; of all classes from 0.20 "
        "(“one”) to 0.80 (“zero”). This image: 0.25."
    )
    gates.press("End")
    gates.press("ArrowDown")
    gates.press("ArrowDown")
    expect(aloud).to_have_text(re.compile("^SE, channel 4: 0.50 for “zero”"))
    for how in (0, pytest.approx(0.5, abs=1e-4), None):
        gates.press(" ")
        held = asked(page)["held"]
        assert (held["SE"][3] if held else None) == how
    gates.press("PageDown")
    expect(aloud).to_have_text(re.compile("^BAM, 4 channels: channel 4 differs most"))
    gates.press("PageDown")
    gates.press("PageUp")
    gates.press("Escape")
    expect(aloud).to_have_text(FIRST)


def test_sorting_moves_the_columns_and_not_the_words(open_page: Open) -> None:
    page = widget(open_page(), channel_gates())
    pick(page, "sort channels by", "mean")
    expect(page.locator(".lv-reading")).to_have_text(re.compile("^" + re.escape(FIRST)))
    gates = plane(page)
    gates.press("ArrowRight")
    expect(page.locator(".lv-reading")).to_have_text(re.compile("^SE, channel 3: 0.80 for “one”"))
    page.get_by_role("button", name="table").click()
    rows = page.get_by_role("region", name="table of the gates").get_by_role("row")
    expect(rows.nth(1)).to_have_text("30.800.100.800.00")


def test_two_classes_are_compared_and_bars_are_as_high_as_they_differ(open_page: Open) -> None:
    page = widget(open_page(), channel_gates())
    about = page.locator(".lv-by-apart .lv-about")
    expect(about).to_have_text("“one” minus “zero”: bars, -0.60 to 0.60; pale: the spread within")
    box = page.locator(".lv-by-apart svg").bounding_box()
    bar = page.locator(".lv-by-apart path").nth(2).bounding_box()  # the second is lower
    assert bar["height"] == pytest.approx(box["height"] / 2, rel=0.05)
    page.get_by_role("combobox", name="with").select_option("one")
    expect(page.locator(".lv-reading")).to_have_text(re.compile("the classes differ by 0.00"))


def test_a_gate_under_the_pointer_is_marked_in_every_panel(open_page: Open) -> None:
    page = widget(open_page(), channel_gates())
    canvas = page.locator(".lv-by-mean canvas")
    box = canvas.bounding_box()
    canvas.hover(position={"x": 0.6 * box["width"], "y": 0.75 * box["height"]})
    expect(page.locator(".lv-reading")).to_have_text(re.compile("^SE, channel 3: 0.80 for “zero”"))
    expect(page.locator(".lv-gates .lv-here")).to_have_count(4)
    for mark in page.locator(".lv-gates .lv-here").all():
        expect(mark).to_be_visible()
        assert float(mark.evaluate("el => el.style.left").strip("%")) == 50
    page.locator(".lv-answer").hover()
    expect(page.locator(".lv-here").first).to_be_hidden()


def test_the_map_s_colours_are_the_means(site: Site, open_page: Open) -> None:
    page = open_page(site.write(channel_gates()))
    expect(page.locator(".lv")).to_have_count(1)
    pixels = page.locator(".lv-by-mean canvas").evaluate(
        "el => [el.width, el.height, ...el.getContext('2d').getImageData(0, 0, 4, 2).data]"
    )
    assert pixels[:2] == [4, 2]
    light = np.array(pixels[2:]).reshape(2, 4, 4)[..., :3].sum(axis=-1)
    mean = np.stack([GATES[:2].mean(axis=0), GATES[2]])
    assert (np.diff(light.ravel()[np.argsort(mean, axis=None)]) <= 0).all(), "more is darker"
    assert light[0, 0] > light[1, 0]
    assert light[0, 1] == light[1, 1]


def test_a_drawing_is_asked_about_with_what_is_held(open_page: Open) -> None:
    page = widget(open_page(), channel_gates())
    plane(page).press(" ")
    page.get_by_role("button", name="clear the drawing").click()
    request = asked(page)
    assert not any(request["drawing"])
    assert request["held"] == {"SE": [0, -1, -1, -1]}
    page.evaluate("model.set('reply', { n: saved.at(-1).n, error: 'There is nothing to read.' })")
    told = "There is nothing to read. Still shown (gated): the answer “zero”."
    expect(page.locator(".lv-status")).to_have_text(told)


def test_where_nobody_answers_nothing_can_be_held(site: Site, open_page: Open) -> None:
    page = open_page(site.write(channel_gates(live=None)))
    expect(page.locator(".lv")).to_have_count(1)
    expect(page.locator(".lv form")).to_have_count(0)
    expect(page.get_by_role("radiogroup", name="hold this channel")).to_have_count(0)
    gates = plane(page)
    gates.press("ArrowRight")
    gates.press(" ")
    expect(page.locator(".lv-reading")).to_have_text(re.compile("^SE, channel 1"))
    plain = ChannelGates({"SE": GATES}, classes=[0, 0, 1])
    page = open_page(site.write(plain))
    expect(page.locator(".lv-reading")).to_have_text(re.compile("^SE, 4 channels"))
    expect(page.locator(".lv-by-own")).to_have_count(0)


def test_a_coloured_image_is_chosen_and_not_drawn(open_page: Open) -> None:
    photo = np.random.default_rng(0).random((3, 6, 6))
    shown: dict[str, Any] = {"image": photo, "examples": [photo, photo[:, ::-1]]}
    page = widget(open_page(), channel_gates(**shown))
    expect(page.locator(".lv-sketch[tabindex]")).to_have_count(0)
    page.get_by_role("button", name="another example").click()
    assert asked(page)["shape"] == [3, 24, 24]
    assert np.mean(asked(page)["drawing"]) == pytest.approx(255 * photo.mean(), abs=1)


def test_all_numbers_are_taken_along(open_page: Open) -> None:
    page = widget(open_page(), channel_gates())
    with page.expect_download() as kept:
        page.get_by_role("button", name="save as CSV").click()
    lines = kept.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "layer,channel,class,mean,spread,this image,held"
    assert len(lines) == 1 + 2 + 2 * 2 * 4
    assert lines[1] == f"score,,one,,,{shown_first['scores'][0]},"
    assert square.mean() == 0.25
    with page.expect_download() as kept:
        page.get_by_role("button", name="save as SVG").click()
    svg = kept.value.path().read_text("utf-8")
    assert svg.count("<image") == 2
    assert svg.count("<path") == 6
