"""The address lab in a page without a kernel, and on an anywidget model."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from lecture_utils.views.address_lab import _told
from lecture_utils.views.assets import bundled
from lecture_utils.views.base import json_text
from tests.node import Node

from .conftest import ANYWIDGET, Site
from .test_address_lab import HOSTILE, MEMORY, by_addressing, lab, random_setting

Open = Callable[..., Page]
FIRST = lab().summary().split("). ", 1)[1]


def reading(page: Page) -> str:
    return page.locator(".lv-reading").inner_text()


def slider(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def set_to(page: Page, name: str, value: float) -> None:
    slider(page, name).evaluate(
        "(el, value) => { el.value = value; el.dispatchEvent(new Event('input')) }", str(value)
    )


def weights(page: Page) -> list[float]:
    return [float(text) for text in page.locator("td.lv-weight span").all_inner_texts()]


def number(page: Page, name: str, feature: int) -> Locator:
    return page.get_by_role("textbox", name=f"{name}, feature {feature}", exact=True)


# The arithmetic


@pytest.fixture(scope="module")
def bare(node: Node) -> Node:
    """The view's functions in Node.js, with nothing to see."""
    node.load("lab", "lecture_utils/views/address_lab/address.js")
    return node


def test_names_that_would_lie_on_each_other_are_pushed_apart(node: Node) -> None:
    node.load("plane", "lecture_utils/views/address_lab/plane.js")
    places = [[0, 0.02], [0.1, 0], [0.9, 0.01], [0.05, 0.5]]
    pushed = node.evaluate(
        """places => {
          const labels = places.map(([left, y]) => ({ left, wide: 0.3, y }));
          plane.apart(labels);
          return labels.map(({ left, y }) => [left, y]);
        }""",
        places,
    )
    assert sorted(pushed) == [[0, 0.11], [0.05, 0.5], [0.1, 0], [0.9, 0.01]]


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_the_page_weighs_as_addressing(bare: Node, start: int) -> None:
    asked = [random_setting(seed) for seed in range(start, start + 50)]
    found = bare.evaluate("asked => asked.map(lab.address)", asked)
    for now, got in zip(asked, found, strict=True):
        for key, wanted in by_addressing(now).items():
            assert np.abs(np.array(got[key]) - wanted).max() < 1e-6, (key, now)


def test_the_page_says_what_python_says(bare: Node) -> None:
    asked = [random_setting(seed) for seed in range(60)]
    said = bare.evaluate(
        """asked => asked.map((now) => {
          const { weights, read } = lab.address(now);
          return lab.told(now.slots, weights, read);
        })""",
        asked,
    )
    assert said == [_told(now) for now in asked]


# Homes


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_figure_comes_alive(site: Site, open_page: Open, scheme: str) -> None:
    url = site.write(lab(title="Dials"))
    page = open_page(url if scheme == "http" else (site.folder / "index.html").as_uri())
    expect(page.locator(".lv-reading")).to_have_text(FIRST)
    expect(page.locator("figure > img")).to_be_hidden()
    expect(page.locator(".lv-title")).to_have_text("Dials")
    assert weights(page) == [round(float(w), 2) for w in lab().weights]
    assert page.locator(".lv tbody th").all_inner_texts() == [
        *("query", "M1", "M2", "M3", "M4", "M5", "read r"),
    ]


def test_a_kernel_hears_the_last_setting_and_can_set_another(open_page: Open) -> None:
    page = open_page()
    page.evaluate(ANYWIDGET, [bundled("address_lab.js"), json.loads(json_text(lab().state))])
    page.wait_for_timeout(300)
    assert page.evaluate("saved") == [], "nothing is sent before the reader does something"
    at_once = """(el, places) => {
      for (const place of places) {
        el.value = place;
        el.dispatchEvent(new Event("input"));
      }
    }"""
    temperature = page.get_by_role("slider", name="temperature")
    temperature.evaluate(at_once, [20, 60, 101])
    page.wait_for_function("saved.length")
    page.wait_for_timeout(300)
    (request,) = page.evaluate("saved")
    view = lab()
    view.request = request
    assert view.reply == {}
    assert view.weights.tolist() == [0, 1, 0, 0, 0]
    other = lab(query=[-1, 0])
    page.evaluate("state => model.set('state', state)", json.loads(json_text(other.state)))
    assert reading(page) == other.summary().split("). ", 1)[1]
    temperature.evaluate(f"el => {{ ({at_once})(el, [30]); stop.abort(); }}")
    page.wait_for_timeout(300)
    assert len(page.evaluate("saved")) == 1, "a view that is gone says nothing"


# The dials


def test_from_soft_to_hard(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()))
    bits = []
    for place in (0, 30, 60, 90):
        set_to(page, "temperature", place)
        bits.append(float(reading(page).split("entropy ")[1].split()[0]))
    assert bits == sorted(bits, reverse=True)
    assert bits[0] > 2.2
    dial = slider(page, "temperature")
    expect(dial).to_have_attribute("aria-valuetext", "T = 0.020")
    dial.focus()
    page.keyboard.press("End")
    expect(dial).to_have_attribute("aria-valuetext", "hard, arg max")
    assert weights(page) == [0, 1, 0, 0, 0]
    page.keyboard.press("ArrowLeft")
    expect(dial).to_have_attribute("aria-valuetext", "T = 0.010")


def test_the_gate_keeps_the_address_of_before(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab(previous=[0, 0, 0, 0, 1])))
    slider(page, "gate g").focus()
    page.keyboard.press("Home")
    assert weights(page) == [0, 0, 0, 0, 1]
    expect(slider(page, "gate g")).to_have_attribute("aria-valuetext", "0.00")


def test_shift_blur_and_sharpening(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab(gate=0)))
    page.get_by_role("radio", name="+1").check()
    assert weights(page) == [0, 1, 0, 0, 0]
    page.get_by_role("radio", name="−1").check()
    assert weights(page) == [0, 0, 0, 0, 1], "in a circle"
    page.get_by_role("radio", name="+1").check()
    set_to(page, "blur of the shift", 0.1)
    blur = slider(page, "blur of the shift")
    expect(blur).to_have_attribute("aria-valuetext", "s = (0.10, 0.10, 0.80)")
    assert weights(page) == [0.1, 0.8, 0, 0, 0.1]
    set_to(page, "sharpening γ", 3)
    assert weights(page)[1] == 1.0


def test_the_score_is_the_dot_product_or_the_angle(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()))
    page.get_by_role("radio", name="cosine").check()
    assert weights(page) == [round(float(w), 2) for w in lab(cosine=True).weights]
    assert page.get_by_role("radio", name="cosine").is_checked()


def test_stepping_walks_along_the_slots(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab(gate=0, shift=1)))
    button = page.get_by_role("button", name="step: this address becomes the one before")
    seen = []
    for _ in range(6):
        seen.append(weights(page).index(1.0))
        button.click()
    assert seen == [1, 2, 3, 4, 0, 1]
    expect(page.locator(".lv-word")).to_have_text("after 6 steps")
    page.get_by_role("button", name="start again").click()
    assert weights(page) == [0, 1, 0, 0, 0]
    expect(page.locator(".lv-word")).to_have_text("")


def test_presets(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()))
    for preset in lab().state["presets"]:
        page.get_by_role("button", name=preset["label"], exact=True).click()
        told = {key: value for key, value in preset.items() if key != "label"}
        assert reading(page) == _told(told)
        chosen = [box.is_checked() for box in page.get_by_role("radio").all()[2:]]
        assert chosen == [step == preset["shift"] for step in (-1, 0, 1)]
    assert "“3 C” 0.50, then “5 D” 0.50" in _told(lab().state["presets"][2])
    page.get_by_role("button", name="as given").click()
    assert reading(page) == FIRST


def test_a_lab_without_location_shows_no_dial_of_it(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab(location=False)))
    assert [s.get_attribute("aria-valuetext") for s in page.get_by_role("slider").all()] == [
        "T = 1.0"
    ]
    assert page.get_by_role("button", name="start again").count() == 0
    assert page.locator(".lv thead th").all_inner_texts() == ["slot", "content", "score", "weight"]


# The numbers


def test_one_tab_stop_and_arrows_inside(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()))
    number(page, "query", 1).focus()
    at = lambda: page.evaluate("document.activeElement.ariaLabel")  # noqa: E731
    for key, wanted in (
        ("ArrowRight", "query, feature 2"), ("ArrowRight", "query, feature 2"),
        ("ArrowDown", "M1, feature 2"), ("ArrowLeft", "M1, feature 1"),
        ("End", "M1, feature 2"), ("Home", "M1, feature 1"), ("ArrowUp", "query, feature 1"),
        ("ArrowUp", "query, feature 1"), ("ArrowLeft", "query, feature 1"),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert at() == wanted, key
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "radio"
    page.keyboard.press("Shift+Tab")
    assert at() == "M1, feature 1"


def test_typing_moves_the_address_and_keys_nudge(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()))
    number(page, "query", 1).fill("-2")
    number(page, "query", 2).fill("0,5")
    expect(number(page, "query", 2)).to_have_value("0,5")
    wanted = lab(query=[-2, 0.5])
    assert reading(page) == wanted.summary().split("). ", 1)[1]
    number(page, "M4", 1).focus()
    expect(number(page, "query", 2)).to_have_value("0.50")
    page.keyboard.press("PageUp")
    expect(number(page, "M4", 1)).to_have_value("-1.40")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    expect(number(page, "M4", 1)).to_have_value("-1.60")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("abc", "“abc” is not a number. Still in use: 1.00."),
        ("", "“” is not a number. Still in use: 1.00."),
        ("1e999", "“1e999” is not a number. Still in use: 1.00."),
        ("1000", "“1000” is out of range, −100 to 100. Still in use: 1.00."),
        ("<b>" * 9, "“<b><b><b><b><b><b><b…” is not a number. Still in use: 1.00."),
    ],
)
def test_nonsense_is_said_and_the_last_good_number_stays(
    site: Site, open_page: Open, text: str, said: str
) -> None:
    page = open_page(site.write(lab()))
    field = number(page, "query", 1)
    field.fill(text)
    expect(page.get_by_role("status")).to_have_text(said)
    expect(field).to_have_attribute("aria-invalid", "true")
    assert reading(page) == FIRST
    page.keyboard.press("Escape")
    expect(field).to_have_value("1.00")
    expect(field).to_have_attribute("aria-invalid", "false")
    expect(page.get_by_role("status")).to_have_text("")


def test_the_query_is_dragged(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab(temperature=0)))
    box = page.locator(".lv-pad").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    for up in (10, 40, 80):
        page.mouse.move(middle[0], middle[1] - up)
    page.mouse.up()
    page.mouse.move(middle[0] - 90, middle[1])
    assert abs(float(number(page, "query", 1).input_value())) <= 0.05
    assert float(number(page, "query", 2).input_value()) > 1.5
    assert weights(page) == [0, 0, 1, 0, 0], "M3 lies at the top"


def test_the_query_moves_by_keys(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()))
    pad = page.locator(".lv-pad")
    pad.focus()
    for key in ("ArrowLeft", "ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(number(page, "query", 1)).to_have_value("1.40")
    expect(number(page, "query", 2)).to_have_value("0.70")
    assert pad.get_attribute("aria-label").startswith("query (1.40, 0.70), reads (")
    page.keyboard.press("Escape")
    assert reading(page) == FIRST


def test_only_two_features_have_a_plane(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab(memory=np.eye(3), query=[1, 0, 0])))
    expect(page.locator(".lv-pad")).to_be_hidden()
    page.get_by_role("button", name="copy task, by shift").click()
    expect(page.locator(".lv-pad")).to_be_visible()
    assert page.locator(".lv-pad text").all_text_contents() == [
        *("1 A", "2 B, 4 B", "3 C", "5 D", "q", "r"),
    ]


def test_the_plane_follows_an_edited_slot(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()))
    page.get_by_role("button", name="copy task, by shift").click()
    labels = page.locator(".lv-pad text")
    for value, shown in (
        ("-1", ["1 A", "2 B", "3 C", "4 B", "5 D"]),
        ("2", ["1 A", "2 B, 4 B", "3 C", "5 D"]),
    ):
        page.get_by_role("textbox", name="2 B, feature 2").fill(value)
        assert labels.all_text_contents() == [*shown, "q", "r"]


def test_names_lie_beside_their_dots_inside_the_plane(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()))
    page.get_by_role("button", name="copy task, by content").click()
    frame = page.locator(".lv-pad").bounding_box()
    names = page.locator(".lv-pad text").evaluate_all(
        "all => all.map((el) => el.getBoundingClientRect().toJSON())"
    )
    assert frame
    assert len(names) == 6
    for box in names:
        assert frame["x"] <= box["left"] < box["right"] <= frame["x"] + frame["width"]
        assert frame["y"] <= box["top"] < box["bottom"] <= frame["y"] + frame["height"]
    dots = page.locator(".lv-dot").evaluate_all(
        "all => all.map((el) => el.getBoundingClientRect().toJSON())"
    )
    for dot, name in zip(dots, names, strict=False):
        assert name["left"] >= dot["right"] or name["right"] <= dot["left"]
    asked, read = names[-2:]
    assert asked["bottom"] <= read["top"] + 4 or read["bottom"] <= asked["top"] + 4


def test_large_numbers_fit_their_cells(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()))
    number(page, "query", 1).fill("-100")
    number(page, "query", 2).fill("12.34")
    page.keyboard.press("Tab")
    assert number(page, "query", 1).input_value() == "-100"
    assert number(page, "query", 2).input_value() == "12.3"
    cut = page.locator(".lv-lab :is(input, td > span)").evaluate_all(
        "all => all.filter((el) => el.scrollWidth > el.clientWidth)"
        ".map((el) => el.value ?? el.textContent)"
    )
    assert not cut


def test_on_a_telephone_a_slider_keeps_its_size(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()), viewport={"width": 360, "height": 800})
    wide = "all => all.map((el) => el.getBoundingClientRect().width)"
    expect(page.locator("input[type=range]")).not_to_have_count(0)
    before = page.locator("input[type=range]").evaluate_all(wide)
    set_to(page, "temperature", 101)
    assert page.locator("input[type=range]").evaluate_all(wide) == before


def test_the_live_region_speaks_after_a_pause(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()))
    region = page.locator("[aria-live='polite']").last
    assert region.text_content() == ""
    set_to(page, "temperature", 101)
    expect(region).to_have_text(reading(page))


def saved(page: Page, kind: str) -> bytes:
    with page.expect_download() as found:
        page.get_by_role("button", name=f"save as {kind}").click()
    assert found.value.suggested_filename == f"address.{kind.lower()}"
    return Path(found.value.path()).read_bytes()


def test_saving(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab(title='a <b> & "c"')))
    table = list(csv.reader(io.StringIO(saved(page, "CSV").decode("utf-8-sig"))))
    assert table[0] == ["slot", "feature 1", "feature 2", "score", "by content", "before", "weight"]
    got = np.array([row[1:] for row in table[2:-1]], dtype=float)
    assert np.abs(got[:, :2] - MEMORY).max() == 0
    assert np.abs(got[:, -1] - lab().weights).max() < 1e-6
    assert np.abs(np.array(table[-1][1:3], dtype=float) - lab().read).max() < 1e-6
    assert saved(page, "PNG").startswith(b"\x89PNG")
    drawing = saved(page, "SVG").decode()
    found = page.evaluate(
        "text => {"
        "const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;"
        "return [root.nodeName, root.querySelector('text').textContent,"
        "root.querySelectorAll('rect').length] }",
        drawing,
    )
    assert found == ["svg", 'a <b> & "c"', 1 + len(MEMORY)]


def test_text_is_text(site: Site, open_page: Open) -> None:
    names = [f"{HOSTILE}{i}" for i in range(5)]
    page = open_page(site.write(lab(slots=names, title=HOSTILE, presets={HOSTILE: {}})))
    expect(page.locator(".lv-title")).to_have_text(HOSTILE)
    assert page.locator(".lv img").count() == 0
    assert page.title() == "Views"


# Looks


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("features", [2, 8])
def test_the_page_never_scrolls_sideways(
    site: Site, open_page: Open, width: int, features: int
) -> None:
    view = lab(memory=np.ones((6, features)), query=np.ones(features), title="A title")
    page = open_page(site.write(view), viewport={"width": width, "height": 800})
    expect(page.locator(".lv")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    room = page.locator(".lv-frame").evaluate("el => el.scrollWidth - el.clientWidth")
    assert room <= 0 or features == 8, "two features fit even a telephone"


def test_every_control_has_a_name(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab(title="Dials")))
    expect(page.locator(".lv")).to_have_count(1)
    for role, names in {
        "slider": ["temperature", "gate g", "blur of the shift", "sharpening γ"],
        "radiogroup": ["score", "shift"],
        "radio": ["dot product", "cosine", "−1", "0", "+1"],
        "button": ["as given", "hard", "start again, as the preset began", "save as CSV"],
        "group": ["Dials", "step"],
        "table": ["query, slots and read"],
    }.items():
        for name in names:
            expect(page.get_by_role(role, name=name, exact=True)).to_have_count(1)


def test_forced_colours_keep_bars_and_points(site: Site, open_page: Open) -> None:
    page = open_page(site.write(lab()), forced_colors="active", color_scheme="dark")
    paper = page.locator(".lv").evaluate("el => getComputedStyle(el).backgroundColor")
    assert paper == "rgb(0, 0, 0)"
    bar = page.locator(".lv-weight i").first
    assert "255, 255, 255" in bar.evaluate("el => getComputedStyle(el).backgroundImage")
    dot = page.locator(".lv-dot").first
    assert dot.evaluate("el => getComputedStyle(el).fill") == "rgb(255, 255, 255)"
