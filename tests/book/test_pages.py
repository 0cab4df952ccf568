"""What a reader does on a page: search, switch, print, go by keyboard, run a model."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.pages import watched

LOOKS = "node => [getComputedStyle(node).display !== 'none', node.getBoundingClientRect().width]"


def test_on_paper_a_view_is_its_picture(browser: Browser, http: str) -> None:
    address = "book/memory/end_to_end_memory_networks.html"
    with watched(browser, http, viewport={"width": 700, "height": 900}) as watch:
        page = watch.open(address).page
        figure = page.locator("figure[data-view]").first
        figure.scroll_into_view_if_needed()
        figure.locator(".lv").wait_for()
        page.emulate_media(media="print")
        seen, width = figure.locator("> img").evaluate(LOOKS)
        assert seen
        assert 300 < width <= 700
        assert figure.locator("> figcaption").evaluate(LOOKS)[0]
        assert not figure.locator(".lv").is_visible()
        assert not page.locator("#pst-back-to-top").evaluate(LOOKS)[0]


def test_the_top_bar_by_keyboard_moves_nothing(browser: Browser, http: str) -> None:
    with watched(browser, http, viewport={"width": 1280, "height": 800}) as watch:
        page = watch.open("book/notation.html").page
        page.evaluate("scrollTo({ top: 400, behavior: 'instant' })")
        page.locator(".bd-header-article button:visible").first.focus()
        passed = 0
        while page.evaluate("!!document.activeElement.closest('.bd-header-article')"):
            assert page.evaluate("scrollY") == 400
            passed += 1
            page.keyboard.press("Tab")
        assert passed >= 4


def test_a_button_of_the_top_bar_keeps_the_focus_of_a_key(browser: Browser, http: str) -> None:
    with watched(browser, http, viewport={"width": 1280, "height": 800}) as watch:
        page = watch.open("book/notation.html").page
        button = page.get_by_role("button", name="Colours: ")
        button.focus()
        seen = {button.get_attribute("aria-label")}
        for _ in range(3):
            page.keyboard.press("Enter")
            expect(button).to_be_focused()
            seen.add(button.get_attribute("aria-label"))
        assert seen == {"Colours: light", "Colours: dark", "Colours: auto"}


@pytest.mark.parametrize("width", [975, 500])
def test_the_contents_open_in_a_dialog_and_give_the_focus_back(
    browser: Browser, http: str, width: int
) -> None:
    with watched(browser, http, viewport={"width": width, "height": 800}) as watch:
        page = watch.open("book/notation.html").page
        contents = page.locator("nav.bd-links").first
        expect(contents).to_be_hidden()
        button = page.locator(".primary-toggle").first
        button.click()
        expect(contents).to_be_visible()
        page.keyboard.press("Escape")
        expect(contents).to_be_hidden()
        page.wait_for_function("document.activeElement.matches('.primary-toggle')")


def test_a_section_that_is_tapped_closes_the_contents(browser: Browser, http: str) -> None:
    screen = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    with watched(browser, http, **screen) as watch:
        page = watch.open("book/memory/memory_networks.html").page
        page.locator(".secondary-toggle").first.tap()
        link = page.locator("#pst-secondary-sidebar-modal a[href^='#']:visible").nth(4)
        section = link.get_attribute("href")
        link.tap()
        expect(page.locator("#pst-secondary-sidebar-modal")).to_be_hidden()
        expect(page.locator(f"{section} :is(h2, h3)").first).to_be_in_viewport()
        expect(page.locator(".tooltip:visible")).to_have_count(0)


def test_the_page_follows_the_system_into_the_dark_at_once(browser: Browser, http: str) -> None:
    with watched(browser, http, color_scheme="dark") as watch:
        page = watch.open("book/index.html", settle=0).page
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.locator(".theme-switch-button").last.click()
        page.reload()
        assert page.evaluate("document.documentElement.dataset.mode") != "auto"
        assert not watch.errors


# x + x of two numbers, in ONNX
MODEL = "CAg6NQoOCgF4CgF4EgF5IgNBZGQSAWdaDwoBeBIKCggIARIECgIIAmIPCgF5EgoKCAgBEgQKAggCQgQKABAR"


def test_the_site_brings_the_runtime_of_its_models(browser: Browser, http: str) -> None:
    with watched(browser, http) as watch:
        page = watch.open("book/index.html").page
        doubled = page.evaluate(
            """async (model) => {
              const place = "../_static/vendor/ort/ort.wasm.bundle.min.mjs";
              const ort = await import(new URL(place, location));
              ort.env.wasm.numThreads = 1;
              const bytes = Uint8Array.from(atob(model), (letter) => letter.charCodeAt(0));
              const session = await ort.InferenceSession.create(bytes);
              const { y } = await session.run({ x: new ort.Tensor("float32", [1, 2], [2]) });
              return [...y.data];
            }""",
            MODEL,
        )
        asked = [Path(urlsplit(url).path).name for url in watch.requests if "/vendor/ort/" in url]
        assert doubled == [2, 4]
        assert asked == ["ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"]
        assert not watch.external + watch.errors


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_view_in_the_first_screen_moves_once(browser: Browser, http: str, motion: str) -> None:
    """Its rows appear one by one, before anybody scrolls."""
    for size in ((1440, 900), (1280, 720), (390, 844)):
        screen = {"viewport": {"width": size[0], "height": size[1]}, "reduced_motion": motion}
        with watched(browser, http, **screen) as watch:
            page = watch.open("book/index.html").page
            veil = page.locator(".lv-veil.lv-come")
            veil.wait_for(state="attached")
            moves = veil.evaluate("el => getComputedStyle(el).animationName") != "none"
            assert moves == (motion == "no-preference"), size
            veil.evaluate("el => Promise.all(el.getAnimations().map((a) => a.finished))")
            page.evaluate("scrollTo(0, 1e6)")
            page.evaluate("scrollTo(0, 0)")
            page.wait_for_timeout(100)
            assert (
                veil.evaluate(
                    "el => el.getAnimations().filter((a) => a.playState === 'running').length"
                )
                == 0
            )


# What stands beyond the sheet's edge, what may not go on on the next one, what is said twice.
_ON_PAPER = """() => {
  const seen = (where) => [...document.querySelectorAll(where)].filter((n) => n.checkVisibility());
  const { right } = document.querySelector("article").getBoundingClientRect();
  const said = (node) => `${node.tagName} ${node.textContent.trim().slice(0, 40)}`;
  return {
    cut: seen("article :is(table, pre, img, svg)")
      .filter((n) => n.getBoundingClientRect().right > right + 1).map(said),
    whole: seen("article .cell_input, article .cell_input :is(div, pre)").filter((n) => {
      const { display, overflow, breakInside } = getComputedStyle(n);
      return display !== "block" || overflow !== "visible" || breakInside !== "auto";
    }).map(said),
    faded: seen("article pre").filter((n) => getComputedStyle(n).maskImage !== "none").map(said),
    solutions: seen("article > section > h3").map((n) => n.textContent)
      .filter((text) => text.startsWith("Solution: ")),
    folded: seen("summary").filter((n) => n.textContent === "Solution").length,
    titles: seen(".lecture-view figcaption > strong").map((n) => n.textContent),
  };
}"""


@pytest.mark.parametrize("chapter", ["recurrent_networks", "bahdanau_attention"])
def test_on_paper_nothing_is_cut_and_solutions_come_last(
    browser: Browser, http: str, chapter: str
) -> None:
    with watched(browser, http, viewport={"width": 718, "height": 1000}) as watch:
        page = watch.open(f"book/sequences/{chapter}.html").page
        solutions = page.locator("article summary", has_text=re.compile("^Solution$")).count()
        before = page.locator("article").evaluate("node => node.textContent")
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.wait_for_timeout(200)
        found = page.evaluate(_ON_PAPER)
        assert not found["cut"] + found["whole"] + found["faded"]
        assert len(found["solutions"]) == solutions >= 3
        assert found["solutions"][0].startswith("Solution: 1. ")
        assert not found["folded"]
        assert "English numbers into German, word by word." not in found["titles"], "in the picture"
        assert found["titles"], "a drawing has its title in words"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("article").evaluate("node => node.textContent") == before
