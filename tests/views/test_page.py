"""The alignment view in a page without a kernel, and on an anywidget model."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from lecture_utils.views import Alignment
from lecture_utils.views.assets import bundled
from lecture_utils.views.base import json_text
from lecture_utils.views.colours import WEIGHTS

from .conftest import ANYWIDGET, COLUMNS, GOLD, ROWS, Site, Watched, example, weights
from .test_alignment import head, plain

Open = Callable[..., Page]
TWO = [("attention", "a"), ("fixed context", "b")]
PHONE = {"width": 390, "height": 800}
SIEBEN = "“sieben” reads “seven” 0.91, then “hundred” 0.01. A gold link. Entropy 0.7 of 3.0 bits."


def reading(page: Page) -> str:
    return page.locator(".lv-reading").inner_text()


def press(page: Page, *keys: str) -> str:
    for key in keys:
        page.keyboard.press(key)
    return reading(page)


def enter(page: Page) -> str:
    """Come to the picture by the Tab key."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('lv-plane')"):
            return reading(page)
    raise AssertionError("the Tab key never reached the picture")


# Homes


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_figure_comes_alive(site: Site, open_page: Open, scheme: str) -> None:
    url = site.write(example())
    page = open_page(url if scheme == "http" else (site.folder / "index.html").as_uri())
    expect(page.locator(".lv-sides span")).to_have_text(ROWS)
    expect(page.locator(".lv-tops span")).to_have_text(COLUMNS)
    expect(page.locator("figure > img")).to_be_hidden()
    expect(page.locator("figcaption")).to_be_hidden()
    assert enter(page) == SIEBEN


def test_a_plain_figure_shows_words_and_how_sure_they_are(site: Site, open_page: Open) -> None:
    page = open_page(site.write(plain()), viewport=PHONE)
    expect(page.locator(".lv-sides span")).to_have_text(["a", "b"])
    expect(page.locator(".lv-sure span")).to_have_text(["1.00", "0.75"])
    for part in (".lv-cells", ".lv-tops", ".lv-corner"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.get_by_text("weight")).to_have_count(0)
    assert reading(page) == "From one vector."
    assert enter(page) == "“a”. From one vector."
    assert press(page, "ArrowRight") == "“a”. From one vector."
    assert press(page, "ArrowDown") == "“b”. From one vector."


def test_two_figures_do_not_disturb_each_other(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example(), example(2, live="a")))
    expect(page.locator(".lv")).to_have_count(2)
    ids = page.eval_on_selector_all("[id]", "all => all.map((el) => el.id)")
    assert len(ids) == len(set(ids))
    assert not page.locator("figure").first.evaluate("el => el.querySelector('[id]')")
    page.get_by_role("button", name="next word").first.click()
    expect(page.locator(".lv-word")).to_have_text(["word 1 of 10", "all 10 words"])


def test_a_far_figure_waits_until_it_is_near(site: Site, open_page: Open) -> None:
    url = site.write(example(), example())
    text = (site.folder / "index.html").read_text(encoding="utf-8")
    apart = text.replace("</figure>\n", "</figure><div style='height: 5000px'></div>")
    (site.folder / "index.html").write_text(apart, encoding="utf-8")
    page = open_page(url)
    expect(page.locator(".lv")).to_have_count(1)
    page.locator("figure").last.scroll_into_view_if_needed()
    expect(page.locator(".lv")).to_have_count(2)


def test_the_tab_key_goes_on_into_a_view_that_comes_alive(site: Site, open_page: Open) -> None:
    url = site.write(example())
    text = (site.folder / "index.html").read_text(encoding="utf-8")
    far = text.replace("<figure", "<div style='height: 5000px'></div><figure", 1)
    (site.folder / "index.html").write_text(far, encoding="utf-8")
    page = open_page(url)
    page.keyboard.press("Tab")  # to the table below the still picture
    expect(page.locator("figure .lv")).to_be_visible()
    expect(page.locator("figure .lv :focus")).to_have_count(1)


def test_a_broken_state_keeps_the_picture(site: Site, open_page: Open, watched: Watched) -> None:
    url = site.write(example())
    page_file = site.folder / "index.html"
    text = page_file.read_text(encoding="utf-8")
    page_file.write_text(text.replace('"weights":"', '"weights":"!'), encoding="utf-8")
    page = open_page(url)
    expect(page.get_by_role("img")).to_be_visible()
    expect(page.locator(".lv")).to_have_count(0)
    assert "view alignment:" in watched.expected(page)


def widget(open_page: Open, view: Alignment) -> Page:
    page = open_page()
    page.evaluate(ANYWIDGET, [bundled("alignment.js"), _plain(view)])
    return page


def _plain(view: Alignment) -> dict[str, object]:
    return json.loads(json_text(view.state))


def test_an_anywidget_model_is_drawn_from_bytes(open_page: Open) -> None:
    page = widget(open_page, example())
    expect(page.locator(".lv-sides span")).to_have_text(ROWS)
    assert enter(page) == SIEBEN
    assert page.get_by_role("textbox").count() == 0


def test_without_a_translator_a_kernel_offers_no_field(open_page: Open) -> None:
    page = widget(open_page, example(live="numerals-en-de"))
    assert page.get_by_role("textbox").count() == 0


def test_an_edit_asks_the_kernel_once_and_shows_its_state(open_page: Open) -> None:
    both = {"attention": lambda text: {}, "fixed context": lambda text: {}}
    page = widget(open_page, example(translate=both))
    field = page.get_by_role("textbox", name="English")
    field.press_sequentially("!!", delay=20)
    page.wait_for_function("saved.length")
    page.wait_for_timeout(600)
    (request,) = page.evaluate("saved")
    assert {k: request[k] for k in ("text", "label")} == (
        {"text": "!!748 000, 95", "label": "attention"}
    )
    page.evaluate("n => model.set('reply', { n, error: 'No such number.' })", request["n"])
    status = page.get_by_role("status")
    expect(status).to_have_text("No such number. Still shown (attention): 748 000, 95")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".lv-sides span")).to_have_text(ROWS)
    answer = _plain(Alignment([[0, 1.0]], ["eins"], ["one", "two"], text="1", message="✓ as meant"))
    page.evaluate("state => model.set('state', { ...state })", answer)
    expect(page.locator(".lv-sides span")).to_have_text(["eins"])
    expect(status).to_have_text("✓ as meant")
    expect(field).to_have_attribute("aria-invalid", "false")


# The numbers


def cell_colour(page: Page, i: int, j: int) -> list[int]:
    return page.locator(".lv-cells canvas").evaluate(
        "(el, [i, j]) => [...el.getContext('2d').getImageData(j, i, 1, 1).data]", [i, j]
    )


def test_cells_have_the_colours_of_the_picture(site: Site, open_page: Open) -> None:
    values = np.linspace(0, 1, 256).reshape(16, 16)
    words = [str(i) for i in range(16)]
    page = open_page(site.write(Alignment(values, words, words)))
    page.get_by_role("radio", name="1", exact=True).check()
    expected = np.rint(WEIGHTS(values.ravel()) * 255)
    found = [cell_colour(page, *divmod(k, 16)) for k in range(256)]
    assert np.abs(np.array(found) - expected).max() <= 3


def test_the_scale_is_the_rows_own_or_absolute(site: Site, open_page: Open) -> None:
    page = open_page(site.write(Alignment([[0.5, 0.25], [1, 0]], ["a", "b"], ["x", "y"])))
    darkest = cell_colour(page, 1, 0)
    assert cell_colour(page, 0, 0) == darkest
    page.get_by_role("radio", name="1", exact=True).check()
    assert cell_colour(page, 0, 0) != darkest
    assert cell_colour(page, 1, 0) == darkest


def test_one_byte_weights_are_decoded_and_it_is_said(site: Site, open_page: Open) -> None:
    words = [f"w{i}" for i in range(100)]
    values = np.tile(np.eye(100) * 0.7 + 0.003, (31, 1, 1))
    page = open_page(site.write(Alignment(values, words, words)))
    assert enter(page).startswith("“w0” reads “w0” 0.7")
    expect(page.get_by_text("weight (to 0.004) 0")).to_be_visible()


def test_the_table_holds_the_numbers(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example()))
    toggle = page.get_by_role("button", name="table", exact=True)
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.click()
    expect(toggle).to_have_attribute("aria-expanded", "true")
    rows = page.get_by_role("region", name="table of the weights").get_by_role("row")
    expect(rows).to_have_count(11)
    texts = rows.nth(1).locator("th, td").all_inner_texts()
    assert [t.split()[0] for t in texts] == ["sieben", "0.91", *["0.01"] * 7]
    assert page.locator("td.lv-link").count() == len(GOLD)
    toggle.click()
    assert page.get_by_role("table").count() == 0


def saved(page: Page, kind: str) -> bytes:
    with page.expect_download() as found:
        page.get_by_role("button", name=f"save as {kind}").click()
    assert found.value.suggested_filename == f"alignment.{kind.lower()}"
    return Path(found.value.path()).read_bytes()


def test_saving(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example(title='a <b> & "c"')))
    table = list(csv.reader(io.StringIO(saved(page, "CSV").decode("utf-8-sig"))))
    assert table[0] == ["German \\ English", *COLUMNS]
    assert [row[0] for row in table[1:]] == ROWS
    got = np.array([row[1:] for row in table[1:]], dtype=float)
    assert np.abs(got - weights()).max() < 2e-5
    assert saved(page, "PNG").startswith(b"\x89PNG")
    drawing = saved(page, "SVG").decode()
    root = page.evaluate(
        "text => {"
        "const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;"
        "return [root.nodeName, root.querySelector('text').textContent,"
        "root.querySelectorAll('rect').length] }",
        drawing,
    )
    assert root == ["svg", 'a <b> & "c"', 1 + 80 + len(GOLD)]


# Moving


def test_the_keyboard_script(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example(2, 3)))
    assert enter(page) == SIEBEN
    assert press(page, "ArrowRight").startswith(
        "“sieben” reads “hundred” 0.01, 2nd of 8; most is on “seven” 0.91. Entropy"
    )
    assert press(page, "ArrowDown").startswith("“hundert” reads “hundred” 0.91")
    assert press(page, "End").startswith("“hundert” reads “five” 0.01, 2nd of 8")
    assert press(page, "ArrowRight").startswith("“hundert” reads “five”")
    assert press(page, "Home").startswith("“hundert” reads “seven” 0.01")
    assert press(page, "ArrowUp", "ArrowUp").startswith("“sieben”")
    head = page.get_by_role("combobox", name="head")
    press(page, "PageDown")
    expect(head).to_have_value("1")
    assert press(page, "PageUp", "PageUp").startswith("“sieben”")
    expect(head).to_have_value("2")
    assert press(page, "Escape").startswith("Point at a cell")
    assert press(page, "ArrowLeft").startswith("“sieben” reads “seven”")
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.lv-frame')")


def test_words_that_occur_twice_are_told_apart(site: Site, open_page: Open) -> None:
    page = open_page(site.write(Alignment(np.eye(3), ["a", "b", "a"], ["x", "x", "y"])))
    assert (
        enter(page)
        == "“a” (1st) reads “x” (1st) 1.00, then “x” (2nd) 0.00. Entropy 0.0 of 1.6 bits."
    )


def test_a_long_title_is_saved_whole(site: Site, open_page: Open) -> None:
    title = "Who reads whom in a very small map whose title is far longer than it is wide"
    page = open_page(site.write(Alignment(np.eye(2), ["a", "b"], ["x", "y"], title=title)))
    page.set_content(saved(page, "SVG").decode())
    width = page.locator("svg").evaluate("el => el.width.baseVal.value")
    box = page.locator("text", has_text=title).evaluate("el => el.getBBox().x + el.getBBox().width")
    assert 0.9 * width < box < width


def test_equal_weights_are_told_as_equal(site: Site, open_page: Open) -> None:
    weights = np.array([[0.4, 0.4, 0.2], [0.402, 0.398, 0.2]])
    page = open_page(site.write(Alignment(weights, ["a", "b"], ["x", "y", "z"])))
    assert enter(page).startswith("“a” reads “x” 0.40, as much as “y”. ")
    both = "reads “z” 0.20, 3rd of 3; most is on “x” 0.40 and “y” 0.40. "
    assert press(page, "End").startswith(f"“a” {both}")
    assert press(page, "ArrowDown").startswith(f"“b” {both}"), "equal to the digits that are told"


def test_the_keys_keep_the_chosen_cell_in_view(site: Site, open_page: Open) -> None:
    many = [f"w{i}" for i in range(60)]
    page = open_page(site.write(Alignment(np.eye(60), many, many)), viewport=PHONE)
    enter(page)
    sides = page.locator(".lv-sides")
    for keys in (["ArrowDown"] * 55, ["End"], ["ArrowUp"] * 50, ["Home"], ["ArrowRight"] * 3):
        press(page, *keys)
        box, words = page.locator(".lv-box").bounding_box(), sides.bounding_box()
        assert -2 <= box["y"] <= PHONE["height"] - box["height"] + 2
        assert words["x"] + words["width"] - 2 <= box["x"] <= PHONE["width"] - box["width"] + 2


def test_the_live_region_speaks_after_a_pause(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example()))
    region = page.locator("[aria-live='polite']")
    enter(page)
    expect(region).to_have_text(SIEBEN)
    page.evaluate(
        "window.said = []; new MutationObserver(() => said.push(document.querySelector("
        "'[aria-live]').textContent)).observe(document.querySelector('[aria-live]'),"
        "{ childList: true, characterData: true, subtree: true })"
    )
    last = press(page, *["ArrowDown"] * 4)
    page.wait_for_timeout(500)
    assert page.evaluate("said") == [last]


def test_pointing_reads_and_clicking_keeps(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example()))
    cells = page.locator(".lv-cells")
    box = cells.bounding_box()
    wide, high = box["width"] / 8, box["height"] / 10
    at = {"x": 1.5 * wide, "y": 1.5 * high}
    cells.hover(position=at)
    assert reading(page).startswith("“hundert” reads “hundred” 0.91")
    page.mouse.move(1, 1)
    assert reading(page).startswith("Point at a cell")
    cells.click(position=at)
    page.mouse.move(1, 1)
    assert reading(page).startswith("“hundert” reads “hundred” 0.91")
    expect(page.locator(".lv-on")).to_have_text(["hundred", "hundert"])


def test_a_touch_reads_a_cell(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example()), has_touch=True, viewport={"width": 360, "height": 800})
    page.locator(".lv-cells").tap(position={"x": 3, "y": 3})
    assert reading(page) == SIEBEN


def test_stepping_through_the_words(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example()), reduced_motion="reduce")
    word = page.locator(".lv-word")
    forward, back = (page.get_by_role("button", name=f"{k} word") for k in ("next", "previous"))
    covered = "el => getComputedStyle(el).clipPath"
    expect(word).to_have_text("all 10 words")
    forward.click()
    expect(word).to_have_text("word 1 of 10")
    assert reading(page) == SIEBEN
    assert page.locator(".lv-veil").evaluate(covered).startswith("inset(28px")
    forward.click()
    forward.click()
    assert reading(page).startswith("“acht” reads “eight” 0.91")
    assert page.locator(".lv-veil").evaluate(covered).startswith("inset(84px")
    page.locator(".lv-cells").hover(position={"x": 3, "y": 5 * 28}, force=True)
    assert reading(page).startswith("“acht”"), "nor by the pointer"
    back.click()
    expect(word).to_have_text("word 2 of 10")
    enter(page)
    press(page, "ArrowDown", "ArrowDown")
    assert reading(page).startswith("“hundert”"), "a word that is not yet written cannot be read"
    press(page, "Escape")
    expect(word).to_have_text("all 10 words")
    back.click()
    expect(word).to_have_text("word 10 of 10")


def test_layers_and_heads(site: Site, open_page: Open) -> None:
    values = weights(2, 3)
    values[1, 2, 0] = np.eye(8)[7]
    page = open_page(site.write(example(), Alignment(values, ROWS, COLUMNS, heads=["p", "q", "r"])))
    expect(page.locator(".lv")).to_have_count(2)
    single, several = page.locator(".lv").all()
    assert single.get_by_role("combobox").count() == 0
    several.get_by_role("combobox", name="layer").select_option(label="2")
    several.get_by_role("combobox", name="head").select_option(label="r")
    several.get_by_role("button", name="next word").click()
    assert several.locator(".lv-reading").inner_text().startswith("“sieben” reads “five” 1.00")
    strip = several.locator(".lv-strip")
    strip.click(position={"x": 5, "y": 5})
    expect(several.get_by_role("combobox", name="head")).to_have_value("0")
    assert several.locator(".lv-reading").inner_text().startswith("“sieben” reads “five” 0.01")


def test_a_fixed_context_is_said(site: Site, open_page: Open) -> None:
    page = open_page(site.write(Alignment(np.zeros((2, 2)), ["a", "b"], ["x", "y"])))
    expect(page.locator(".lv-reading")).to_have_text(
        "No word reads any: every weight is zero, the context is fixed."
    )
    assert enter(page) == "“a” reads nothing: every weight is zero."


def test_the_caller_says_across_the_picture_why_nothing_is_read(
    site: Site, open_page: Open
) -> None:
    told = "It does not look back."
    view = Alignment(np.zeros((2, 2)), ["a", "b"], ["x", "y"], nothing=told)
    assert view.summary().endswith(told)
    page = open_page(site.write(view, example()))
    expect(page.locator(".lv-nothing").first).to_have_text(told)
    expect(page.locator(".lv-nothing").first).to_be_visible()
    expect(page.locator(".lv-nothing").last).to_be_hidden()


def test_the_words_come_once_at_first_sight_and_no_more_when_stepping(
    site: Site, open_page: Open
) -> None:
    page = open_page(site.write(example()), viewport={"width": 1000, "height": 300})
    page.add_style_tag(content="body { padding-top: 2000px } :root { --slow: 1 }")
    veil = page.locator(".lv-veil")
    moving = "el => el.getAnimations().map((a) => a.animationName).filter(Boolean)"
    page.evaluate("scrollTo(0, 1e6)")
    page.wait_for_function("document.querySelector('.lv-veil')?.matches('.lv-come')")
    veil.evaluate("el => Promise.all(el.getAnimations().map((a) => a.finished))")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(100)
    page.evaluate("scrollTo(0, 1e6)")
    page.wait_for_timeout(100)
    assert veil.evaluate(moving) == []
    page.get_by_role("button", name="next word").click()
    expect(veil).not_to_have_class(re.compile("lv-come"))
    assert 0 < float(veil.evaluate("el => getComputedStyle(el).opacity")) < 1, "pale, not blank"


def test_probabilities_stand_beside_their_words(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example(probabilities=np.linspace(0.1, 1, 10))))
    sure = page.locator(".lv-sure span")
    expect(sure.nth(0)).to_have_text("0.10")
    expect(sure.nth(1)).to_have_text("0.20")


def test_text_is_text(site: Site, open_page: Open) -> None:
    evil = "<img src=x onerror=\"document.title='taken'\">"
    page = open_page(site.write(Alignment([[1.0]], [evil], [evil], title=evil, row_label=evil)))
    page.get_by_role("button", name="table", exact=True).click()
    expect(page.locator(".lv-sides span")).to_have_text([evil])
    assert page.locator(".lv img").count() == 0
    assert page.title() == "Views"


# Looks


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("words", [3, 10, 40])
def test_the_page_never_scrolls_sideways(
    site: Site, open_page: Open, width: int, words: int
) -> None:
    names = [f"morpheme{i}" for i in range(words)]
    view = Alignment(
        np.eye(words),
        names,
        names,
        title="A title",
        live=TWO,
        probabilities=np.ones(words),
        examples=["twelve thousand three hundred", "7"],
    )
    page = open_page(site.write(view), viewport={"width": width, "height": 800})
    expect(page.locator(".lv-tops span")).to_have_count(words)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    frame = page.locator(".lv-frame").evaluate("el => el.scrollWidth - el.clientWidth")
    assert frame > 0 or words < 40 or width > 360, "what does not fit scrolls inside its frame"


def test_labels_turn_where_they_do_not_fit(site: Site, open_page: Open) -> None:
    page = open_page(site.write(Alignment(np.eye(8), ["a"] * 8, ["seven"] * 8)))
    plane = page.locator(".lv-plane")
    for width, tilt in ((1000, "0"), (420, "50"), (280, "90"), (1000, "0")):
        page.set_viewport_size({"width": width, "height": 800})
        expect(plane).to_have_attribute("data-tilt", tilt)


def test_the_colours_follow_the_page(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example(), theme="light"), color_scheme="dark")
    pixel = lambda: cell_colour(page, 0, 1)[:3]  # noqa: E731 - a weight near zero is paper
    assert min(pixel()) > 200
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(50)
    assert max(pixel()) < 60
    assert min(cell_colour(page, 0, 0)[:2]) > 200, "on dark paper the largest weight is light"
    page.evaluate("delete document.documentElement.dataset.theme")
    page.wait_for_timeout(50)
    assert max(pixel()) < 60, "the system's choice counts where the page has none"
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    page.wait_for_timeout(50)
    assert min(pixel()) > 200
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.wait_for_timeout(50)
    assert max(pixel()) < 60


def test_forced_colours(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example()), forced_colors="active", color_scheme="dark")
    enter(page)
    assert (
        page.locator(".lv").evaluate("el => getComputedStyle(el).backgroundColor") == "rgb(0, 0, 0)"
    )
    assert max(cell_colour(page, 0, 1)[:3]) < 60
    outline = page.locator(".lv-gold").evaluate("el => getComputedStyle(el).stroke")
    assert outline not in ("rgb(0, 0, 0)", "none")


def test_every_control_has_a_name(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example(2, 3, live=TWO)))
    expect(page.locator(".lv")).to_have_count(1)
    for role, names in {
        "textbox": ["English"],
        "combobox": ["layer", "head"],
        "radio": ["attention", "fixed context", "row max", "1"],
        "button": ["translate", "previous word", "next word", "table", "save as SVG"],
        "group": ["Numbers", "step through the words"],
        "application": [
            "10 German words by 8 English words; arrow keys move, enter changes a word"
        ],
    }.items():
        for name in names:
            expect(page.get_by_role(role, name=name, exact=True)).to_have_count(1)


# Where a number comes from


def made_of(page: Page, region: str) -> list[list[str]]:
    """The rows of numbers that are listed in a region."""
    rows = page.get_by_role("region", name=region).locator("tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


@pytest.mark.parametrize("phone", [False, True])
def test_a_number_shows_the_row_and_the_column_that_made_it(
    site: Site, open_page: Open, axe: str, phone: bool
) -> None:
    given = head()
    options = {"viewport": {"width": 320, "height": 700}, "has_touch": True, "is_mobile": True}
    page = open_page(site.write(Alignment(**given)), **(options if phone else {}))
    box = page.locator(".lv-cells").bounding_box()
    at = {"x": box["width"] * 2.5 / 4, "y": box["height"] * 1.5 / 3}  # row 2, column 3
    cells = page.locator(".lv-cells")
    cells.tap(position=at) if phone else cells.hover(position=at)
    query, key = given["queries"][1], given["keys"][2]
    told = lambda list_: [f"{x:.2f}".replace("-0.00", "0.00") for x in list_]  # noqa: E731
    first, second, products = made_of(page, "where the score comes from")
    assert (first[:8], second[:8]) == (told(query), told(key))
    assert products == told([*(query * key), query @ key])
    score = f"Its score: {query @ key:.2f}, over the root of 8 {query @ key / np.sqrt(8):.2f}."
    expect(page.locator(".lv-reading")).to_contain_text(score)
    numbers = page.get_by_role("group", name="numbers of the read").get_by_role("button")
    reads = given["weights"] @ given["values"]
    assert numbers.all_inner_texts() == told(reads[1])
    numbers.nth(1).tap() if phone else numbers.nth(1).focus()
    expect(numbers.nth(1)).to_have_attribute("aria-pressed", "true")
    weights, column, products = made_of(page, "where this number comes from")
    assert weights[:4] == told(given["weights"][1])
    assert column[:4] == told(given["values"][:, 1])
    assert products == told([*(given["weights"][1] * given["values"][:, 1]), reads[1, 1]])
    if phone:
        sizes = [one.bounding_box() for one in numbers.all()]
        assert min(min(size["width"], size["height"]) for size in sizes) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= (320 if phone else 1000)
    page.evaluate(axe)
    found = page.evaluate("() => axe.run('.lv').then((told) => told.violations.map((v) => v.id))")
    assert found == []


def test_the_keys_move_through_the_products(site: Site, open_page: Open) -> None:
    given = head()
    page = open_page(site.write(Alignment(**given)))
    page.locator(".lv-plane").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    i, j = page.locator(".lv-origin p").first.inner_text().split("row ")[1][0], 1
    assert i in "23"
    sums = made_of(page, "where the score comes from")[2][-1]
    scores = given["queries"] @ given["keys"].T
    assert sums == f"{scores[int(i) - 1, j]:.2f}"


def test_a_map_of_other_weights_shows_no_products(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example()))
    expect(page.locator(".lv-origin")).to_be_hidden()
