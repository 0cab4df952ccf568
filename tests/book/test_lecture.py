"""Lecture mode, on a page of which all is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages import RULES, Watched, axe, enter_lecture, slide_faults, watched

SIZES = [(1280, 720), (1920, 1080), (1024, 768), (360, 640)]
INDEX = "book/index.html"


@pytest.fixture
def sample_page(browser: Browser, sample_http: str) -> Iterator[Watched]:
    with watched(browser, sample_http, viewport={"width": 1280, "height": 720}) as watch:
        yield watch.open(INDEX)
        assert not watch.external + watch.errors


def count(page: Page) -> str:
    return page.locator(".lm-count").inner_text()


def title(page: Page) -> str:
    heading = page.locator("article :is(h1, h2, h3)[data-lm=on]")
    return heading.evaluate("node => node.firstChild.textContent")


def go(page: Page, name: str) -> None:
    page.evaluate("id => { location.hash = `lecture=${id}.1`; }", name)
    page.wait_for_timeout(50)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_block_is_on_one_slide_and_every_slide_fits(
    browser: Browser, sample_http: str, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    with watched(browser, sample_http, viewport=viewport) as watch:
        faults = slide_faults(watch.open(INDEX).page)
    assert not faults


def test_text_on_a_large_screen_is_legible(sample_page: Watched) -> None:
    page = sample_page.page
    for _ in range(enter_lecture(page)):
        style = page.evaluate("document.querySelector('article').style.cssText")
        assert 1.5 <= float(re.search(r"--lm-scale: ([\d.]+)", style)[1]) <= 2.1
        page.keyboard.press("PageDown")


def test_the_button_enters_and_the_bar_leaves(sample_page: Watched) -> None:
    page = sample_page.page
    page.locator("#lecture-start").click()
    page.locator(".lm-bar").get_by_role("button", name="Next slide").click()
    assert count(page).startswith("2 /")
    page.locator(".lm-bar").get_by_role("button", name="Exit").click()
    page.wait_for_selector(".lm-bar", state="detached")
    assert page.evaluate("document.activeElement.id") == "lecture-start"


def test_leaving_restores_the_page(sample_page: Watched) -> None:
    page = sample_page.page
    page.evaluate("window.scrollTo({top: 700, behavior: 'instant'})")
    page.wait_for_timeout(150)
    before = page.evaluate("[document.querySelector('article').outerHTML, scrollY, location.href]")
    enter_lecture(page)
    assert count(page) != "1 / 1"
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    page.wait_for_selector(".lm-bar", state="detached")
    page.wait_for_timeout(100)
    after = page.evaluate("[document.querySelector('article').outerHTML, scrollY, location.href]")
    assert after == before


def test_a_lecture_begins_where_the_reader_is(sample_page: Watched) -> None:
    page = sample_page.page
    page.evaluate("document.querySelector('#forced').scrollIntoView({behavior: 'instant'})")
    enter_lecture(page)
    assert title(page) == "Forced"


def test_keys_turn_slides(sample_page: Watched) -> None:
    page = sample_page.page
    slides = enter_lecture(page)
    for key, number in [
        ("ArrowRight", 2), (" ", 3), ("PageDown", 4), ("ArrowLeft", 3), ("PageUp", 2),
        ("Shift+ ", 1), ("End", slides), ("ArrowRight", slides), ("Home", 1), ("ArrowLeft", 1),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert count(page) == f"{number} / {slides}", key


def test_what_the_last_slide_has_shown_stays(browser: Browser, http: str) -> None:
    with watched(browser, http, viewport={"width": 1280, "height": 720}) as watch:
        page = watch.open("book/sequences/bahdanau_attention.html").page
        slides = enter_lecture(page)
        page.keyboard.press("End")
        waiting = [page.locator("[data-lm=later]").count()]
        assert waiting[0], "the last slide has nothing that waits"
        for _ in range(waiting[0] + 2):
            page.keyboard.press("ArrowRight")
            waiting.append(page.locator("[data-lm=later]").count())
        assert waiting == [*range(waiting[0], 0, -1), 0, 0, 0]
        assert count(page) == f"{slides} / {slides}"


def test_marks(sample_page: Watched) -> None:
    page = sample_page.page
    enter_lecture(page)
    go(page, "forced")
    assert page.get_by_text("Before the break.").is_visible()
    assert not page.get_by_text("After the break.").is_visible()
    page.keyboard.press("ArrowRight")
    assert page.get_by_text("After the break.").is_visible()
    page.keyboard.press("ArrowRight")
    assert page.get_by_text("Both read this.").is_visible()
    assert not page.get_by_text("Only the page has this.").is_visible()
    page.keyboard.press("ArrowRight")
    assert title(page) == "Alive"


def test_a_view_lives_on_its_slide(sample_page: Watched) -> None:
    page = sample_page.page
    page.evaluate("""() => {
      const view = document.querySelector("#view");
      const output = view.querySelector("output");
      view.querySelector("button").onclick = () => { output.value = Number(output.value) + 1; };
      view.querySelector("canvas").getContext("2d").fillRect(0, 0, 40, 20);
      window.theView = view;
    }""")
    enter_lecture(page)
    go(page, "alive")
    page.get_by_role("button", name="Count").click()
    page.keyboard.press("PageDown")
    page.keyboard.press("PageUp")
    page.get_by_role("button", name="Count").click()
    page.keyboard.press("Escape")
    page.wait_for_selector(".lm-bar", state="detached")
    assert (
        page.evaluate("""() => theView === document.querySelector("#view")
      && theView.querySelector("canvas").getContext("2d").getImageData(5, 5, 1, 1).data[3] === 255
      && theView.querySelector("output").textContent""")
        == "2"
    )


def test_typing_does_not_turn_slides(sample_page: Watched) -> None:
    page = sample_page.page
    enter_lecture(page)
    go(page, "alive")
    here = count(page)
    field = page.locator("#view input")
    field.fill("")
    field.press_sequentially("o n b 7?")
    for key in ("ArrowRight", "ArrowLeft", "Home", "End"):
        field.press(key)
    assert field.input_value() == "o n b 7?"
    page.locator("#view [role=grid]").focus()
    for key in ("ArrowRight", "ArrowDown", " ", "End"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Count").focus()
    page.keyboard.press(" ")
    assert count(page) == here
    assert not page.locator("dialog[open]").count()
    field.focus()
    page.keyboard.press("Escape")  # leaves the field
    assert count(page) == here
    page.keyboard.press("ArrowRight")
    assert count(page) != here


@pytest.mark.parametrize("place", ["#view input", "#view [role=grid]", "#view button"])
def test_a_clicker_turns_slides_wherever_the_focus_is(sample_page: Watched, place: str) -> None:
    page = sample_page.page
    enter_lecture(page)
    go(page, "alive")
    here = count(page)
    page.evaluate(
        """place => {  // a view for which the key means something else
      window.taken = 0;
      document.querySelector("#view").classList.add("lv");
      document.querySelector(place).addEventListener("keydown", () => { taken += 1; });
    }""",
        place,
    )
    page.locator(place).first.focus()
    page.keyboard.press("PageDown")
    assert count(page) != here
    page.keyboard.press("PageUp")
    assert count(page) == here
    assert page.evaluate("taken") == 0


def test_a_key_that_a_view_took_is_not_ours(sample_page: Watched) -> None:
    page = sample_page.page
    enter_lecture(page)
    go(page, "alive")
    here = count(page)
    page.evaluate(
        "() => { document.querySelector('#view button').onkeydown = (e) => e.preventDefault(); }"
    )
    page.get_by_role("button", name="Count").focus()
    page.keyboard.press("ArrowRight")
    assert count(page) == here


def test_what_does_not_fit_is_scrolled_before_it_is_left(sample_page: Watched) -> None:
    page = sample_page.page
    enter_lecture(page)
    go(page, "tall")
    here = count(page)
    place = "document.querySelector('article').scrollTop"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(place) == 80
    page.keyboard.press("ArrowUp")
    assert (page.evaluate(place), count(page)) == (0, here)
    for _ in range(40):
        page.keyboard.press("ArrowDown")
        if count(page) != here:
            break
    assert count(page) != here
    page.keyboard.press("ArrowUp")
    assert count(page) == here


def test_the_address_leads_to_a_slide(sample_page: Watched) -> None:
    page = sample_page.page
    enter_lecture(page)
    go(page, "forced")
    page.keyboard.press("ArrowRight")
    assert page.url.endswith("#lecture=forced.2")
    page.reload()
    page.wait_for_selector(".lm-bar")
    page.wait_for_timeout(300)
    assert page.get_by_text("After the break.").is_visible()
    sample_page.page.goto("about:blank")
    sample_page.open(f"{INDEX}#lecture=tall.1")
    assert title(page) == "Tall"
    page.keyboard.press("Escape")
    page.wait_for_selector(".lm-bar", state="detached")
    assert page.url.endswith("#tall")
    assert page.evaluate("document.querySelector('#tall').getBoundingClientRect().top") < 200


def test_back_leaves_and_forward_returns(sample_page: Watched) -> None:
    page = sample_page.page
    enter_lecture(page)
    go_to = count(page)
    page.go_back()
    page.wait_for_selector(".lm-bar", state="detached")
    assert "#lecture" not in page.url
    page.go_forward()
    page.wait_for_selector(".lm-bar")
    assert count(page) == go_to


def test_a_link_to_a_section_leads_to_its_slide(sample_page: Watched) -> None:
    page = sample_page.page
    enter_lecture(page)
    go(page, "wide-and-deep")
    page.get_by_role("link", name="the forced break").click()
    assert title(page) == "Forced"


def test_an_unknown_address_shows_the_first_slide(sample_page: Watched) -> None:
    page = sample_page.open(f"{INDEX}#lecture=nothing.7").page
    page.reload()
    page.wait_for_selector(".lm-bar")
    assert count(page).startswith("1 /")


def test_overview_help_and_black(sample_page: Watched) -> None:
    page = sample_page.page
    slides = enter_lecture(page)
    page.keyboard.press("o")
    overview = page.get_by_role("dialog", name="Overview of the slides")
    assert overview.get_by_role("listitem").count() == slides
    page.keyboard.press("ArrowRight")
    assert count(page).startswith("1 /")
    overview.get_by_role("button", name="Tall").click()
    assert title(page) == "Tall"
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys of the lecture").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".lm-bar").is_visible()
    here = count(page)
    page.keyboard.press("b")
    assert page.evaluate("document.documentElement.classList.contains('lm-black')")
    page.keyboard.press("ArrowRight")
    assert not page.evaluate("document.documentElement.classList.contains('lm-black')")
    assert count(page) == here


def test_a_slide_is_announced(sample_page: Watched) -> None:
    page = sample_page.page
    slides = enter_lecture(page)
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("status").inner_text() == f"Slide 2 of {slides}: Long"


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no scripts"])
def test_readers_do_not_meet_the_notes(browser: Browser, sample_http: str, script: bool) -> None:
    with watched(browser, sample_http, java_script_enabled=script) as watch:
        page = watch.open(INDEX).page
        notes = page.locator("aside.lecturer")
        assert notes.count() == 2
        assert not any(note.is_visible() for note in notes.all())


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_notes_in_a_second_window(
    browser: Browser, sample: Path, sample_http: str, scheme: str
) -> None:
    base = sample_http if scheme == "http" else f"{sample.resolve().as_uri()}/"
    with watched(browser, base, cut=False) as watch:
        page = watch.open(INDEX).page
        enter_lecture(page)
        with page.context.expect_page() as opened:
            page.keyboard.press("n")
        notes = opened.value
        assert notes.locator("#notes strong").inner_text() == "hello"
        assert notes.locator("#notes mjx-container").count() == 1
        assert "planned 2 of 5.5 min · in time" in notes.locator("#time").inner_text()
        assert notes.locator(".lm-sheet").count() == 2
        assert notes.locator("#then").inner_text().startswith("Next: Long")
        notes.keyboard.press("ArrowRight")
        assert count(page).startswith("2 /")
        page.keyboard.press("ArrowLeft")
        assert notes.locator("#now").inner_text() == "A sample · 2 min"
        notes.get_by_role("button", name="Next").click()
        assert count(page).startswith("2 /")
        notes.wait_for_timeout(300)
        size = "getComputedStyle(document.querySelector('#notes p')).fontSize"
        assert float(notes.evaluate(size).removesuffix("px")) > 18
        assert not axe(notes)
        with notes.expect_event("close"):
            page.keyboard.press("Escape")
        page.wait_for_selector(".lm-bar", state="detached")
        assert not watch.external + watch.errors


def pdf_pages(page: Page) -> list[tuple[float, float]]:
    """The width and height of each page, in points."""
    boxes = re.findall(
        rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)",
        page.pdf(prefer_css_page_size=True, print_background=True),
    )
    return [(float(width), float(height)) for width, height in boxes]


def test_a_lecture_prints_a_slide_to_a_page(sample_page: Watched) -> None:
    page = sample_page.page
    before = page.evaluate("document.querySelector('article').outerHTML")
    slides = enter_lecture(page)
    boxes = pdf_pages(page)
    assert len(boxes) == slides + 1, "one for each slide, one for what is folded on them"
    assert set(boxes) == {(960.0, 540.0)}
    assert count(page) == f"1 / {slides}"
    page.keyboard.press("Escape")
    page.wait_for_selector(".lm-bar", state="detached")
    assert page.evaluate("document.querySelector('article').outerHTML") == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lecture_mode_has_no_violations(browser: Browser, sample_http: str, scheme: str) -> None:
    with watched(browser, sample_http, color_scheme=scheme) as watch:
        page = watch.open(INDEX).page
        for _ in range(enter_lecture(page)):
            assert not axe(page, RULES[scheme])
            page.keyboard.press("PageDown")
        for key in ("o", "?"):
            page.keyboard.press(key)
            assert not axe(page, RULES[scheme])
            page.keyboard.press("Escape")


def test_reduced_motion(browser: Browser, sample_http: str) -> None:
    with watched(browser, sample_http, reduced_motion="reduce") as watch:
        page = watch.open(INDEX).page
        enter_lecture(page)
        moving = page.evaluate(
            "document.getAnimations().filter(a => a.playState === 'running').length"
        )
        assert moving == 0


# A picture that is taller than a slide
def test_a_tall_picture_fills_its_slide(browser: Browser, http: str) -> None:
    """Each step shows the whole width of the picture, in letters that can be read."""
    options = {"viewport": {"width": 1280, "height": 720}, "reduced_motion": "reduce"}
    with watched(browser, http, **options) as watch:
        page = watch.open("book/transformer/the_transformer_at_work.html").page
        slides = enter_lecture(page)
        shown = page.locator("[data-lm=on] .lv-tall .lv-drawing > svg")
        for _ in range(slides):
            if shown.count():
                break
            page.keyboard.press("PageDown")
            page.wait_for_timeout(100)
        page.keyboard.press("PageDown")
        expect(page.locator("[data-lm=on] .lv-say")).to_contain_text("step 1 of")
        x, _, units, tall = map(float, shown.get_attribute("viewBox").split())
        box = shown.bounding_box()
        assert (x, units) == (0, 640)
        assert box["width"] > 1100
        letters = 15 * min(box["width"] / units, box["height"] / tall)
        assert letters >= 20, f"its words are {letters:.0f} px tall"
        assert not watch.external + watch.errors


# A chapter that chose its slides


CHOSEN = "book/lecture.html"


@pytest.fixture
def chosen(browser: Browser, sample_http: str) -> Iterator[Page]:
    with watched(browser, sample_http, cut=False, viewport={"width": 1280, "height": 720}) as watch:
        yield watch.open(CHOSEN).page
        assert not watch.external + watch.errors


def seen(page: Page) -> list[str]:
    """The text of each block that a slide shows, without its heading."""
    return page.evaluate("""() => [...document.querySelectorAll("article [data-lm=on]")]
      .filter((node) => !node.matches("h1, h2, h3") && node.checkVisibility())
      .map((node) => node.dataset.tex ?? node.querySelector("[data-tex]")?.dataset.tex
        ?? node.innerText.trim())""")


def test_chosen_slides_show_what_was_chosen(chosen: Page) -> None:
    for hidden in ("It begins here", "And then this", "Ask why"):
        assert not chosen.get_by_text(hidden).is_visible(), "the page has none of it"
    enter_lecture(chosen)
    shown = []
    for _ in range(6):
        shown.append((count(chosen), seen(chosen)))
        chosen.keyboard.press("PageDown")
    forward = "def forward(self, x):\n    return 2 * x"
    two = ["Under the second heading", "g = h", forward]
    assert shown == [
        ("1 / 4", ["It begins here"]),
        ("2 / 4", ["And one sentence stands out", "a = b"]),
        ("3 / 4", two),
        ("3 / 4", [*two, "And then this"]),
        ("3 / 4", [*two, "And then this", "it printed this"]),
        ("4 / 4", ["i = j"]),
    ]


def test_what_waits_goes_before_the_slide_does(chosen: Page) -> None:
    enter_lecture(chosen)
    go(chosen, "two")
    chosen.keyboard.press("PageDown")  # the headline, then what was printed: both wait
    assert "And then this" in seen(chosen)
    while count(chosen) == "3 / 4":
        chosen.keyboard.press("PageUp")
    assert count(chosen) == "2 / 4"
    chosen.keyboard.press("PageDown")
    assert "And then this" not in seen(chosen), "it waits again"
    chosen.keyboard.press("End")
    chosen.keyboard.press("PageUp")
    assert "And then this" in seen(chosen), "who comes back sees the slide whole"


def test_chosen_slides_have_their_notes_and_minutes_and_the_clock_tells_who_is_late(
    chosen: Page,
) -> None:
    enter_lecture(chosen)
    key = "`lecture-started-${location.pathname}`"
    chosen.evaluate(f"sessionStorage.setItem({key}, Date.now() - 1000 * 60 * 5.5)")
    chosen.reload()
    chosen.wait_for_selector(".lm-bar")
    with chosen.context.expect_page() as opened:
        chosen.keyboard.press("n")
    notes = opened.value
    told = []
    for _ in range(4):
        chosen.wait_for_timeout(50)
        time = notes.locator("#time").inner_text()
        told.append((notes.locator("#notes").inner_text().split(), time.split(" · ", 2)[-1]))
        while count(chosen).startswith(f"{len(told)} /") and len(told) < 4:
            chosen.keyboard.press("PageDown")
    assert [words for words, _ in told] == [
        ["Say", "hello.", "Ask", "why?"],
        ["Ask", "who", "knows?"],
        ["No", "notes."],
        ["Expect", "silence."],
    ]
    planned = [re.sub(r"5:3\d", "5:30", time) for _, time in told]
    assert planned == [
        "5:30 · planned 2 of 4.5 min · 3 min behind",
        "5:30 · planned 3.5 of 4.5 min · 2 min behind",
        "5:30 · planned 3.5 of 4.5 min · 2 min behind",
        "5:30 · planned 4.5 of 4.5 min · 1 min behind",
    ]
    chosen.keyboard.press("t")
    assert notes.locator("#time").inner_text().endswith("3 min ahead")
