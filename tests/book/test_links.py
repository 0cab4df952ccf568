"""Letters of equations, parts of pictures and lines of code that carry one name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lecture_site import links
from playwright.sync_api import Browser, Locator, Page, expect

from tests.pages import ROOT, Watched, watched

GOOD = {"bahdanau.sum": ["$c_i$", "w @ h"], "bahdanau.memory": ["$h_j$", "h = "]}


def linked() -> dict[str, dict[str, list[str]]]:
    """What each chapter links, by the address of its page."""
    found = {}
    for path in sorted((ROOT / "book").rglob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if told := notebook["metadata"].get("lecture", {}).get("links"):
            found[path.relative_to(ROOT).with_suffix(".html").as_posix()] = told
    return found


LINKED = linked()


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (["bahdanau.sum"], "no object"),
        ({"bahdanow.sum": ["$c$", "x"]}, "no picture 'bahdanow'"),
        ({"Part.sum": ["$c$", "x"]}, "no picture 'Part'"),
        ({"bahdanau.soum": ["$c$", "x"]}, "has the parts before, last"),
        ({"bahdanau.sum": "$c$"}, "no list such as"),
        ({"bahdanau.sum": ["$c$", ""]}, "no list such as"),
        ({"bahdanau.sum": ["$c$"]}, "lacks code"),
        ({"bahdanau.sum": ["w @ h"]}, "lacks a term"),
        ({"key": ["keys = "]}, "no picture 'key'"),
    ],
)
def test_what_cannot_be_linked_is_named(told: Any, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        links.read(told)


def test_a_term_is_marked_wherever_it_stands_and_nowhere_else() -> None:
    found, used = links.read(GOOD | {"key": ["$k$"]}), set()
    text = links.marked(r"c_i = \sum_k a_{c_i} h_j, \quad \tanh_j, kk, k", found, used)
    c, h = r"\class{link-sum to-value}{c_i}", r"\class{link-memory}{h_j}"
    k = r"\class{to-key}{k}"
    assert text == rf"{c} = \sum_{k} a_{{{c}}} {h}, \quad \tanh_j, kk, {k}"
    assert used == {"c_i", "h_j", "k"}


def test_a_term_within_another_is_marked_too() -> None:
    told = {"bahdanau.score": ["$U h_j$", "x"], "bahdanau.memory": ["$h_j$", "y"]}
    text = links.marked("U h_j + h_j", links.read(told), set())
    h = r"\class{link-memory}{h_j}"
    assert text == rf"\class{{link-score}}{{U {h}}} + {h}"


def test_lines_get_the_classes_of_their_pieces() -> None:
    found, used = links.read(GOOD), set()
    lines = links.lines("h = 1\n\nc = w @ h\nh = w @ h\n", found, used)
    both = "link-sum to-value link-memory"
    assert lines == {1: "link-memory", 3: "link-sum to-value", 4: both}
    assert used == {"w @ h", "h = "}
    block = "<div><pre><span></span><b>h</b> = 1\nc\n</pre></div>\n"
    assert links.mark_lines(block, {2: "link-sum"}) == (
        '<div><pre><span></span><b>h</b> = 1\n<span class="link-sum">c</span>\n</pre></div>\n'
    )


def test_four_chapters_link_their_letters() -> None:
    assert len(LINKED) >= 4
    assert "book/sequences/bahdanau_attention.html" in LINKED


# --- in a browser ---------------------------------------------------------------------------------
ENDS = {
    "letter": 'mjx-container[display="true"] .link-{}:is(mjx-container *):not(mjx-assistive-mml *)',
    "line": "article .cell_input .link-{}",
    "part": '.lv-drawing [data-part="{}"]',
}


def opened(watch: Watched, address: str) -> Page:
    """A page with all code open and all pictures drawn."""
    page = watch.open(address).page
    page.evaluate("for (const fold of document.querySelectorAll('details.fold')) fold.open = true")
    for figure in page.locator("figure[data-view=diagram]").all():
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".lv-drawing svg")).to_be_visible()
    return page


def marked(ends: Locator) -> list[bool]:
    """Whether each of these is marked."""
    return ends.evaluate_all("nodes => nodes.map((node) => node.matches('.linked'))")


def point(end: Locator) -> None:
    """Point at an end as a mouse does, wherever it is covered by what lies in it."""
    end.scroll_into_view_if_needed()
    end.dispatch_event("pointerover", {"bubbles": True})


@pytest.mark.parametrize("address", LINKED)
def test_each_end_marks_the_other_two(browser: Browser, http: str, address: str) -> None:
    names = [name.partition(".")[2] for name in LINKED[address] if "." in name]
    with watched(browser, http, viewport={"width": 1280, "height": 900}) as watch:
        page = opened(watch, address)
        for name in names:
            ends = {kind: page.locator(place.format(name)) for kind, place in ENDS.items()}
            for kind, these in ends.items():
                assert these.count(), f"{name} has no {kind}"
                point(page.locator("h1"))
                assert not any(any(marked(others)) for others in ends.values()), name
                point(these.first)
                told = {other: all(marked(others)) for other, others in ends.items()}
                assert all(told.values()), f"{name}: pointing at its {kind} marks {told}"
        assert watch.errors == []


def test_what_a_picture_was_stepped_to_stays_marked(browser: Browser, http: str) -> None:
    with watched(browser, http, viewport={"width": 1280, "height": 900}) as watch:
        page = opened(watch, "book/sequences/bahdanau_attention.html")
        figure = page.locator("figure[data-view=diagram]").nth(1)
        ahead = figure.get_by_role("button", name="next step")
        for _ in range(3):  # to "A softmax makes the scores an address"
            ahead.click()
        address = page.locator(ENDS["letter"].format("address"))
        assert all(marked(address))
        point(page.locator("h1"))
        assert all(marked(address)), "pointing elsewhere forgets the step"
        ahead.click()
        assert not any(marked(address))
        assert all(marked(page.locator(ENDS["letter"].format("sum"))))
        figure.locator(".lv-drawing").press("Home")
        for _ in range(2):
            figure.locator(".lv-drawing").press("ArrowDown")
        told = page.locator(".lv-drawing .on")
        expect(told).to_have_count(1)


def test_letters_have_the_colours_of_their_roles_without_scripts(
    browser: Browser, http: str
) -> None:
    address = f"{http}book/sequences/bahdanau_attention.html"
    with browser.new_context(java_script_enabled=False).new_page() as page:
        page.goto(address)
        told = "mjx-container .link-{}"
        colours = [
            page.locator(told.format(name)).first.evaluate("node => getComputedStyle(node).color")
            for name in ("address", "sum")
        ]
        assert colours == ["rgb(179, 67, 11)", "rgb(0, 121, 107)"]
