"""The view of maps over an image: what it takes and says, and how a scene is composed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from lecture_utils.models.non_local import NonLocal
from lecture_utils.recording import record
from lecture_utils.views import SpatialMap
from lecture_utils.views.base import unpack
from lecture_utils.views.spatial_map import _coverage, _small, _told
from tests.node import Node

from .conftest import Site
from .examples import cross, halves, ring, scene, spatial_map
from .test_contract import widget

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def functions(node: Node) -> Node:
    """The pure functions of the view, in Node.js."""
    for name in ("words", "places", "stamps"):
        node.load(name, f"lecture_utils/views/spatial_map/{name}.js")
    return node


# What it takes


def test_the_weights_of_a_model_are_shown_on_their_grid() -> None:
    torch.manual_seed(0)
    model, features = NonLocal(4, subsample=True).eval(), torch.randn(1, 4, 6, 8)
    with record(model) as reads:
        model(features)
    weights = reads["address"]
    grids = {"reads": (6, 8, 3, 4)}
    view = SpatialMap(np.ones((12, 16)), {"reads": weights}, grids=grids, query=(2, 5))
    packed = view.state["maps"]["reads"]
    assert packed["shape"] == [6, 8, 3, 4]
    got = packed["low"] + (packed["high"] - packed["low"]) * unpack(packed)
    assert np.abs(got - weights[0].reshape(6, 8, 3, 4).numpy()).max() < 1e-5
    own = got[2, 5]
    place = np.unravel_index(own.argmax(), own.shape)
    told = f"the query at row 3, column 6 gives most weight to row {place[0] + 1}, "
    assert told + f"column {place[1] + 1} of 3 × 4 places" in view.summary()


def test_of_a_mask_of_many_channels_the_mean_is_shown() -> None:
    mask = np.random.default_rng(0).random((5, 2, 3))
    view = SpatialMap(np.ones((4, 6)), {"gate": mask})
    packed = view.state["maps"]["gate"]
    got = packed["low"] + (packed["high"] - packed["low"]) * unpack(packed)
    assert np.allclose(got, mask.mean(axis=0), atol=1e-4)
    assert view.state["labels"] is None
    assert "answers" not in view.summary()
    assert view.static()


def test_an_image_of_three_channels_and_many_maps_are_drawn() -> None:
    photo = np.random.default_rng(0).random((3, 6, 4))
    maps = {f"stage {k}": np.eye(3) for k in range(9)}
    assert SpatialMap(photo, maps, truth=photo[0] > 0.5).static()


def test_a_scene_is_composed_of_pieces() -> None:
    """The darker stays where two lie on each other."""
    image = SpatialMap.composed([0.5 * ring, cross], [(0, 0, 0), (1, 1, 1)], (1, 6, 7))
    by_hand = np.zeros((6, 7))
    by_hand[:4, :4] = 0.5 * ring
    by_hand[1:5, 1:5] = np.maximum(by_hand[1:5, 1:5], cross)
    assert np.array_equal(image[0], by_hand)
    for size in ((6, 7), (1, 6, 0), (1, 2.5, 7), "all"):
        with pytest.raises(ValueError, match="size: pass"):
            SpatialMap.composed([cross], [], size)


@pytest.mark.parametrize(
    ("see", "error"),
    [
        (lambda _: {"maps": {"gate": scene[0]}, "scores": [1, 2]}, "see: gave maps of other names"),
        (lambda _: {"maps": halves(scene)["maps"]}, "see: gave no scores"),
        (lambda _: {**halves(scene), "scores": [1, 2, 3]}, "see: gave 3 scores; give one for each"),
        (lambda _: {**halves(scene), "colour": 1}, "see: gave colour, which the view does not"),
    ],
)
def test_what_a_function_gives_is_checked(see: Any, error: str) -> None:
    view = spatial_map(see=see)
    view.request = {"n": 1, "drawing": [255] * 96, "shape": [1, 8, 12]}
    assert view.reply["error"].startswith(error)
    assert "n" not in view.state, "the last result is kept"


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({}, "drawing: pass whole numbers"),
        ({"drawing": [0] * 96, "shape": [1, 8, 12]}, "There is nothing to read"),
        (
            {"drawing": [9] * 12, "shape": [1, 3, 4]},
            "drawing: has shape (1, 3, 4); pass (1, 8, 12)",
        ),
    ],
)
def test_a_scene_that_is_none_is_named(request_: dict[str, Any], error: str) -> None:
    view = spatial_map()
    view.request = {"n": 1, **request_}
    assert view.reply["error"].startswith(error)


def test_a_function_is_shown_the_scene_as_it_was_composed() -> None:
    asked = []
    view = spatial_map(see=lambda given: asked.append(given) or halves(given))
    levels = np.arange(96)
    view.request = {"n": 1, "drawing": levels.tolist(), "shape": [1, 8, 12]}
    assert np.array_equal(asked[0], levels.reshape(8, 12) / 255)
    assert view.state["n"] == 1
    assert view.state["truth"] is view.state["placed"] is None, "they were of the scene before"
    assert np.allclose(unpack(view.state["image"])[0], levels.reshape(8, 12) / 255, atol=1e-5)
    assert "answers “right”" in view.summary()


# What it says, in Python and in the page


def test_the_page_says_the_same(functions: Node) -> None:
    made = np.random.default_rng(0)
    cases = []
    for h, w in ((1, 1), (2, 3), (7, 5)):
        for queries in (None, (4, 6)):
            for cell in (None, (0, 0), (h - 1, w - 1)):
                for inside in (None, made.random((h, w)), np.zeros((h, w)), np.ones((h, w))):
                    values = made.random((h, w)) ** 4
                    one = {"name": "s", "values": values, "queries": queries, "cell": cell}
                    cases.append({**one, "inside": inside})
    cases.append({**cases[-1], "values": np.zeros((7, 5)), "inside": np.eye(7, 5)})
    asked = [
        {
            **{"name": one["name"], "queries": one["queries"], "cell": one["cell"]},
            "shape": one["values"].shape,
            "values": one["values"].ravel().tolist(),
            "inside": None if one["inside"] is None else one["inside"].ravel().tolist(),
        }
        for one in cases
    ]
    said = functions.evaluate("(all) => all.map(words.told)", asked)
    assert said == [_told(**one) for one in cases]
    assert len({*said}) > 40
    numbers = [0, 1e-6, 0.0004, 0.00994, 0.00996, 0.05, 0.0994, 0.0996, 0.5, 1]
    assert functions.evaluate("(all) => all.map(words.small)", numbers) == [*map(_small, numbers)]


def test_what_lies_inside_the_outline_is_told_in_numbers() -> None:
    weights = np.array([[0.5, 0.25], [0.25, 0.0]])
    inside = np.array([[1.0, 0.5], [0.0, 0.0]])
    told = _told("where it looks", weights, (3, 3), (0, 2), inside)
    assert told == (
        "where it looks: the query at row 1, column 3 gives most weight to row 1, column 1 of "
        "2 × 2 places, 0.50. Inside the outline lies 0.62 of the weight; spread evenly it would be "
        "0.38."
    )
    told = _told("gate", weights, None, None, inside)
    assert told.endswith("In the mean 0.42 inside the outline, 0.15 outside.")


@pytest.mark.parametrize("grid", [(1, 1), (2, 3), (5, 4), (9, 7), (13, 11)])
def test_how_much_of_a_place_is_outlined(functions: Node, grid: tuple[int, int]) -> None:
    mask = (np.random.default_rng(0).random((9, 7)) < 0.4).astype(float)
    found = _coverage(mask, grid)
    fine = np.kron(mask, np.ones(grid))  # every pixel as grid of them
    by_hand = fine.reshape(grid[0], 9, grid[1], 7).mean(axis=(1, 3))
    assert np.allclose(found, by_hand)
    asked = [mask.astype(int).ravel().tolist(), mask.shape, grid]
    page = functions.evaluate(
        "([mask, size, grid]) => [...places.coverage(mask, size, grid)]", asked
    )
    assert np.allclose(np.array(page).reshape(grid), by_hand, atol=1e-6)


def test_the_outline_goes_around_what_is_true(functions: Node) -> None:
    def path(mask: list[int], *size: int) -> list[str]:
        found = functions.evaluate("([m, size]) => places.outline(m, size)", [mask, size])
        return re.findall(r"M\d+ \d+[hv]1", found)

    assert sorted(path([1], 1, 1)) == ["M0 0h1", "M0 0v1", "M0 1h1", "M1 0v1"]
    assert len(path([1, 1, 0, 0], 2, 2)) == 6
    assert len(path([0] * 4, 2, 2)) == 0
    assert len(path([1] * 4 + [0] + [1] * 4, 3, 3)) == 12 + 4, "and around a hole"


def test_rows_and_means_of_an_address(functions: Node) -> None:
    weights = np.random.default_rng(0).random((2, 3, 2, 2))
    got = functions.evaluate(
        "(w) => { const values = Float32Array.from(w.flat(3)); const shape = [2, 3, 2, 2];"
        "return [places.row(values, shape, [1, 0]), places.row(values, shape, null),"
        "places.mean(values, [6, 2, 2])].map((one) => [...one]) }",
        weights.tolist(),
    )
    assert np.allclose(got[0], weights[1, 0].ravel())
    assert np.allclose(got[1], weights.mean(axis=(0, 1)).ravel())
    assert np.allclose(got[2], got[1])


def test_the_page_composes_as_python_does(functions: Node) -> None:
    made = np.random.default_rng(0)
    for channels in (1, 3):
        pieces = made.random((3, channels, 4, 5))
        size = (channels, 9, 12)
        placed = [(0, 0, 0), (2, 3, 2), (1, 5, 7), (0, 4, 3)]
        wanted = SpatialMap.composed(pieces, placed, size)
        asked = [pieces.ravel().tolist(), pieces.shape, placed, size]
        levels, mask = functions.evaluate(
            """([values, shape, corners, size]) => {
              const pieces = { values: Float32Array.from(values), shape };
              const placed = corners.map(([k, top, left]) => ({ k, top, left }));
              const ground = new Float32Array(size[0] * size[1] * size[2]);
              return [[...stamps.composed(pieces, placed, ground, size)],
                [...stamps.inked(pieces, placed, size)]];
            }""",
            asked,
        )
        assert np.abs(np.array(levels) / 255 - wanted.ravel()).max() <= 0.5 / 255 + 1e-6
        assert np.array_equal(np.array(mask).reshape(9, 12), wanted.max(axis=0) >= 0.2)


def test_where_there_is_room_and_what_a_point_hits(functions: Node) -> None:
    at = "({ top, left }) => ({ k: 0, top, left })"
    free = f"([all, room]) => stamps.free(all.map({at}), room)"
    assert functions.evaluate(free, [[], [5, 9]]) == [2, 4]
    assert functions.evaluate(free, [[{"top": 0, "left": 0}], [5, 9]]) == [4, 8]
    corners = [{"top": 0, "left": 0}, {"top": 8, "left": 8}]
    assert functions.evaluate(free, [corners, [9, 9]]) in ([0, 8], [8, 0])
    hit = "([all, box, point]) => stamps.hit(all, box, point)"
    both = [{"top": 0, "left": 0}, {"top": 2, "left": 2}]
    hits = [
        functions.evaluate(hit, [both, [4, 4], point]) for point in ((1, 1), (3.5, 3.5), (9, 0))
    ]
    assert hits == [0, 1, -1]


# How a reader moves


def alive(open_page: Open, **changed: Any) -> Page:
    """The example in the hands of a kernel."""
    return widget(open_page(), spatial_map(**changed))


def drawing(page: Page) -> np.ndarray:
    """The scene that was asked about last."""
    asked = page.evaluate("saved.at(-1)")
    return np.array(asked["drawing"]).reshape(asked["shape"])[0]


def composed(*placed: tuple[int, int, int]) -> np.ndarray:
    """The same of pieces that were put there."""
    return np.rint(255 * SpatialMap.composed([cross, ring], placed, (1, 8, 12))[0])


def answer(page: Page, **changed: Any) -> None:
    """Let the kernel answer the last request."""
    page.evaluate(
        "more => model.set('state', { ...model.get('state'), ...more, n: saved.at(-1).n })", changed
    )


def at(page: Page, name: str, row: float, column: float) -> tuple[float, float]:
    """Where a pixel of the image is on the screen."""
    box = page.locator(f".lv-{name} canvas").first.bounding_box()
    return box["x"] + box["width"] * column / 12, box["y"] + box["height"] * row / 8


def test_a_piece_is_dragged_and_the_network_is_asked(open_page: Open) -> None:
    page = alive(open_page)
    page.mouse.move(*at(page, "sketch", 3, 3))
    page.mouse.down()
    page.mouse.move(*at(page, "sketch", 4, 4), steps=3)
    first = page.evaluate("saved.length")
    page.mouse.move(*at(page, "sketch", 5.1, 4.1), steps=3)
    assert page.evaluate("saved.length") == first, "the next question waits for the answer"
    page.mouse.up()
    assert np.array_equal(drawing(page), composed((0, 3, 2), (1, 4, 7)))
    page.mouse.move(*at(page, "sketch", 1, 1))
    assert np.array_equal(drawing(page), composed((0, 3, 2), (1, 4, 7))), "it was let go"
    assert page.evaluate("saved.at(-1).normalise") is False


def test_a_piece_stays_in_the_image(open_page: Open) -> None:
    page = alive(open_page)
    page.mouse.move(*at(page, "sketch", 3, 3))
    page.mouse.down()
    page.mouse.move(*at(page, "sketch", -5, 30))
    page.mouse.up()
    assert np.array_equal(drawing(page), composed((0, 0, 8), (1, 4, 7)))


def test_a_piece_is_carried_from_the_tray(open_page: Open) -> None:
    page = alive(open_page)
    box = page.get_by_role("button", name="a ring").bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    page.mouse.move(*at(page, "sketch", 5.9, 2.1), steps=4)
    page.mouse.up()
    assert np.array_equal(drawing(page), composed((0, 1, 1), (1, 4, 7), (1, 4, 0)))
    page.get_by_role("button", name="take away the framed piece").click()
    assert np.array_equal(drawing(page), composed((0, 1, 1), (1, 4, 7)))


def test_a_click_adds_a_piece_where_there_is_room(open_page: Open) -> None:
    page = alive(open_page)
    page.mouse.click(*at(page, "sketch", 6, 9))
    expect(page.locator(".lv-key")).to_have_text("the framed piece")
    page.get_by_role("button", name="clear the scene").click()
    assert not drawing(page).any()
    page.get_by_role("button", name="a cross").click()
    assert np.array_equal(drawing(page), composed((0, 2, 4)))
    page.get_by_role("button", name="a cross").click()
    assert np.array_equal(drawing(page), composed((0, 2, 4), (0, 0, 0))), "farthest from the first"


def test_keys_choose_move_and_take_away(open_page: Open) -> None:
    page = alive(open_page)
    pad = page.get_by_role("application", name=re.compile("^scene of 8 × 12 pixels"))
    pad.focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    assert np.array_equal(drawing(page), composed((0, 1, 1), (1, 3, 6)))
    page.keyboard.press("Shift+ArrowLeft")
    assert np.array_equal(drawing(page), composed((0, 1, 1), (1, 3, 2)))
    expect(page.locator("[aria-live=polite]")).to_have_text("a ring, row 4, column 3")
    page.keyboard.press("End")
    assert np.array_equal(drawing(page), composed((0, 1, 1), (1, 3, 8)))
    page.keyboard.press("Space")
    assert np.array_equal(drawing(page), composed((0, 1, 1), (0, 3, 8))), "the next piece"
    page.keyboard.press("Delete")
    assert np.array_equal(drawing(page), composed((0, 1, 1)))
    count = page.evaluate("saved.length")
    page.keyboard.press("Delete")
    assert page.evaluate("saved.length") == count, "none is chosen"
    page.keyboard.press("Escape")
    tray = page.get_by_role("toolbar", name="pieces").get_by_role("button")
    tray.first.focus()
    page.keyboard.press("ArrowRight")
    expect(tray.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    assert drawing(page).sum() == composed((0, 1, 1), (1, 4, 8)).sum()


def test_a_finger_drags_and_the_page_does_not_scroll(open_page: Open) -> None:
    phone = {"viewport": {"width": 320, "height": 500}, "has_touch": True, "is_mobile": True}
    page = widget(open_page(**phone), spatial_map())
    for part in (".lv-sketch", ".lv-tray button"):
        touch = page.locator(part).first.evaluate("el => getComputedStyle(el).touchAction")
        assert touch == "none", part
    page.locator(".lv-sketch").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    cdp = page.context.new_cdp_session(page)
    (x, y), (to_x, to_y) = at(page, "sketch", 3, 3), at(page, "sketch", 1, 9)
    for kind, left, top in (
        *[("touchStart", x, y), ("touchMove", x + 9, y)],
        *[("touchMove", to_x, to_y), ("touchEnd", to_x, to_y)],
    ):
        points = [] if kind == "touchEnd" else [{"x": left, "y": top}]
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_function("saved.length > 1")
    assert np.array_equal(drawing(page), composed((0, 0, 7), (1, 4, 7)))
    assert page.evaluate("scrollY") == before


# What is looked at


def test_a_place_is_pointed_at_and_its_row_is_shown(open_page: Open) -> None:
    page = alive(open_page)
    reading = page.locator(".lv-reading")
    expect(reading).to_have_text(
        re.compile("^address: all 24 queries give in the mean most weight")
    )
    page.mouse.move(*at(page, "sheet", 7, 1))
    expect(reading).to_have_text(re.compile("^address: the query at row 4, column 1 gives most"))
    page.mouse.move(0, 0)
    expect(reading).to_have_text(re.compile("all 24 queries"))
    page.mouse.click(*at(page, "sheet", 7, 1))
    page.mouse.move(0, 0)
    expect(reading).to_have_text(re.compile("the query at row 4, column 1"))
    page.keyboard.press("ArrowRight")
    sheet = page.get_by_role("application", name=re.compile("^address, 4 by 6 places"))
    expect(sheet).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(reading).to_have_text(re.compile("the query at row 3, column 2"))
    expect(page.get_by_role("radio", name="one query")).to_be_checked()
    page.keyboard.press("PageDown")
    expect(page.get_by_role("radio", name="gate")).to_be_checked()
    expect(reading).to_have_text(re.compile("^gate, row 6, column 4 of 8 × 12 places: "))
    page.keyboard.press("Escape")
    expect(reading).to_have_text(re.compile("^gate, 8 × 12 places: from 0.00 to 1.00"))
    expect(page.get_by_role("group", name="queries")).to_be_hidden()


def test_the_map_is_laid_over_the_image_and_wiped(open_page: Open) -> None:
    page = alive(open_page)
    over = page.locator(".lv-laid")
    assert over.evaluate("el => getComputedStyle(el).opacity") == "0.6"
    page.get_by_role("slider", name="opacity").fill("0.25")
    assert over.evaluate("el => getComputedStyle(el).opacity") == "0.25"
    page.get_by_role("slider", name="wipe").fill("0.5")
    assert over.evaluate("el => getComputedStyle(el).clipPath") == "inset(0px 0px 0px 50%)"


def test_colours_span_the_map_or_0_to_1(open_page: Open) -> None:
    page = alive(open_page)
    colours = page.get_by_role("group", name="colours")
    expect(colours).not_to_contain_text("1.00")
    page.get_by_role("radio", name="0 to 1").check(force=True)
    expect(colours).to_contain_text("0.001.00")


def test_what_matters_is_outlined_until_the_scene_changes(open_page: Open) -> None:
    page = alive(open_page)
    key, line = page.locator(".lv-key"), page.locator(".lv-line")
    expect(key).to_have_text("what matters")
    edges = line.get_attribute("d")
    page.get_by_role("button", name="clear the scene").click()
    page.evaluate("model.set('reply', { n: saved.at(-1).n, error: 'No.' })")
    page.mouse.move(*at(page, "sheet", 7, 1))
    assert line.get_attribute("d") == edges, "the map is still that of the scene before"
    page.get_by_role("button", name="look").click()
    answer(page)
    expect(key).to_be_hidden()
    assert line.get_attribute("d") == ""
    page.get_by_role("button", name="a ring").click()
    answer(page)
    expect(key).to_have_text("the framed piece")
    assert len(line.get_attribute("d")) < len(edges)
    page.get_by_role("application", name=re.compile("^scene")).focus()
    page.keyboard.press("Escape")
    expect(key).to_have_text("the pieces")


def test_without_anyone_who_answers_nothing_is_composed(site: Site, open_page: Open) -> None:
    page = open_page(site.write(spatial_map(live=None, truth=None)))
    expect(page.locator(".lv")).to_have_count(1)
    expect(page.locator(".lv-sketch")).to_have_count(0)
    expect(page.locator(".lv form")).to_have_count(0)
    expect(page.locator(".lv-key")).to_have_text("the pieces")


def test_numbers_are_taken_along(open_page: Open) -> None:
    page = alive(open_page)
    page.mouse.click(*at(page, "sheet", 7, 1))
    with page.expect_download() as kept:
        page.get_by_role("button", name="save as CSV").click()
    lines = kept.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "map,query row,query column,row,column,value,outlined"
    assert len(lines) == 1 + 24 + 96
    assert lines[1].startswith("address,4,1,1,1,")
    assert lines[25].startswith("gate,,,1,1,0,0")
    page.get_by_role("button", name="table").click()
    table = page.get_by_role("region", name="table of the map")
    expect(table.get_by_role("row")).to_have_count(5)


def test_a_mask_of_many_channels_that_a_page_gives_is_averaged(open_page: Open) -> None:
    page = alive(open_page)
    page.get_by_role("button", name="look").click()
    page.evaluate(
        """() => {
          const maps = { ...model.get("state").maps };
          maps.gate = { weights: Float32Array.from([0, 1, 0.5, 0.5, 1, 0.5, 1, 0.5]),
            packing: "none", shape: [2, 2, 2] };
          model.set("state", { ...model.get("state"), maps, n: saved.at(-1).n });
        }"""
    )
    page.get_by_role("radio", name="gate").check(force=True)
    expect(page.locator(".lv-reading")).to_contain_text(
        "gate, 2 × 2 places: from 0.50 to 0.75, largest at row 1, column 2."
    )


def test_half_of_what_is_stored_is_small(site: Site) -> None:
    """14 x 14 places that look at 14 x 14: a byte a weight."""
    weights = np.random.default_rng(0).dirichlet(np.ones(196), size=196)
    view = SpatialMap(np.ones((28, 28)), {"reads": weights}, grids={"reads": (14, 14, 14, 14)})
    assert view.state["maps"]["reads"]["packing"] == "u8 sqrt"
    packed = view.state["maps"]["reads"]
    low, high = packed["low"], packed["high"]
    got = low + (high - low) * unpack(packed)
    assert np.abs(got.reshape(196, 196) - weights).max() < 0.004 * (high - low)
    assert len(json.dumps(view.static()._bundle["text/html"])) < 120_000
