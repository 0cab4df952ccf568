"""What every view keeps, in a page and in a notebook, with scripts and without."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import bundles
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from lecture_utils.views import View, base
from lecture_utils.views.assets import bundled
from lecture_utils.views.base import WIDGET_VIEW, json_text
from tests.example import cases

from .conftest import ANYWIDGET, Site, Watched
from .examples import EXAMPLES, Example

Open = Callable[..., Page]
EVIL = "<img src=x onerror=\"document.title='taken'\">"
NUMBER = r"-?\d+\.\d+"
CONTROLS = ".lv :is(button, input, select, summary, [tabindex='0'])"
ASKING = [name for name, make in EXAMPLES.items() if make().state.get("asks")]
ASKED = {"text": "eins zwei", "story": ["A.", ""], "question": "q?"}
every = pytest.mark.parametrize("name", EXAMPLES)
asking = pytest.mark.parametrize("name", ASKING)


def widget(page: Page, view: View) -> Page:
    """The page with the view in the hands of a notebook's kernel that gives no answer."""
    page.evaluate(ANYWIDGET, [bundled(f"{view._view}.js"), json.loads(json_text(view.state))])
    page.add_style_tag(content=bundled(f"{view._view}.css"))
    expect(page.locator(".lv")).to_have_count(1)
    return page


def test_every_view_has_an_example() -> None:
    assert sorted({make()._view for make in EXAMPLES.values()}) == bundles.views()


@pytest.mark.parametrize(("make", "wrong", "message"), cases(EXAMPLES, "refuses"))
def test_what_cannot_be_shown_is_named(make: Example, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**wrong)


@every
def test_the_bundle_is_a_figure_a_picture_and_words(name: str) -> None:
    view = EXAMPLES[name]()
    data, _ = view._repr_mimebundle_()
    assert {"text/html", "text/plain"} <= set(data)
    assert {"image/png", "image/svg+xml"} & set(data)
    assert data["text/plain"] == view.summary() == repr(view)
    assert "0x" not in view.summary()
    static = view.static()._repr_mimebundle_()
    assert WIDGET_VIEW not in static
    assert (
        static["text/html"] == data["text/html"] == EXAMPLES[name]().static()._bundle["text/html"]
    )
    assert " id=" not in static["text/html"]
    assert "absent" not in json.dumps({**view.state, "weights": ""}, default=str), "no model's name"


@every
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_figure_comes_alive(site: Site, open_page: Open, name: str, scheme: str) -> None:
    url = site.write(EXAMPLES[name](), EXAMPLES[name]())
    page = open_page(url if scheme == "http" else (site.folder / "index.html").as_uri())
    expect(page.locator(".lv")).to_have_count(2)
    expect(page.locator("figure > img").first).to_be_hidden()
    expect(page.locator("figcaption").first).to_be_hidden()
    ids = page.eval_on_selector_all("[id], [name]", "all => all.map((el) => el.id).filter(Boolean)")
    assert len(ids) == len(set(ids)), "two views in one page"


@every
def test_without_scripts_there_are_picture_caption_and_table(
    site: Site, open_page: Open, name: str
) -> None:
    view = EXAMPLES[name]()
    page = open_page(site.write(view), java_script_enabled=False)
    image = page.get_by_role("img")
    expect(image).to_be_visible()
    assert image.get_attribute("alt") == view.summary()
    caption = page.locator("figcaption").inner_text()
    assert caption.startswith(f"{view.state['title']}. {view.summary()}")
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("table")).to_be_visible()


@pytest.mark.parametrize(("make", "name", "argument", "value", "words"), cases(EXAMPLES, "dials"))
def test_a_slider_says_what_its_argument_says(
    site: Site, open_page: Open, make: Example, name: str, argument: str, value: float, words: str
) -> None:
    assert make(**{argument: value}).summary().endswith(words)
    page = open_page(site.write(make()))
    reading = page.locator(".lv-reading")
    expect(reading).not_to_have_text(words)
    assert make().summary().endswith(reading.inner_text())
    page.get_by_role("slider", name=name).fill(str(value))
    expect(reading).to_have_text(words)
    expect(page.locator("[aria-live=polite]")).to_have_text(words)


@every
def test_picture_and_numbers_are_taken_along(site: Site, open_page: Open, name: str) -> None:
    page = open_page(site.write(EXAMPLES[name]()))

    def saved(kind: str) -> bytes:
        with page.expect_download() as download:
            page.get_by_role("button", name=f"save as {kind}").first.click()
        return Path(download.value.path()).read_bytes()

    assert len(ElementTree.fromstring(saved("SVG"))) > 1, "more than its paper"
    image = np.asarray(Image.open(io.BytesIO(saved("PNG"))))
    assert len(np.unique(image.reshape(-1, image.shape[-1]), axis=0)) > 2, "more than its paper"
    rows = [*csv.reader(saved("CSV").decode("utf-8-sig").splitlines())]
    assert len(rows) > 1
    assert len({*map(len, rows)}) == 1, "every row has a cell for every heading"
    taken = [float(cell) for row in rows for cell in row if re.fullmatch(rf"{NUMBER}|-?\d+", cell)]
    for told in re.findall(rf">({NUMBER})<", EXAMPLES[name]().table()):
        near = [x for x in taken if abs(x - float(told)) <= 0.51 * 10 ** -len(told.split(".")[1])]
        assert near, f"{told} stands in the stored table alone"
        taken.remove(near[0])


@every
def test_a_title_is_text(site: Site, open_page: Open, name: str) -> None:
    page = open_page(site.write(EXAMPLES[name](title=EVIL)))
    expect(page.locator(".lv-title")).to_have_text(EVIL)
    assert page.locator(".lv img").count() == 0
    assert page.title() == "Views"


@every
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_cut(
    site: Site, open_page: Open, axe: str, name: str, theme: str
) -> None:
    page = open_page(site.write(EXAMPLES[name](), theme=theme))
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator(".lv")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width in (320, 1280):
            page.evaluate(axe)
            found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
            assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []


@every
def test_what_a_finger_hits_is_large(site: Site, open_page: Open, name: str) -> None:
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    page = open_page(site.write(EXAMPLES[name]()), **phone)
    expect(page.locator(".lv")).to_have_count(1)
    small = page.eval_on_selector_all(
        ".lv :is(button, select, input:not([type=radio]), .lv-choice span)",
        "all => all.filter((el) => el.checkVisibility())"
        ".map((el) => [el, el.getBoundingClientRect()])"
        ".filter(([, { width, height }]) => Math.min(width, height) < 43.9)"
        ".map(([el, { width, height }]) => `${el.outerHTML.slice(0, 80)} ${width} ${height}`)",
    )
    assert small == []


@asking
def test_while_it_waits_the_old_answer_is_pale_and_a_bar_tells_how_much_has_come(
    open_page: Open, name: str
) -> None:
    page = widget(open_page(), EXAMPLES[name]())
    root, bar = page.locator(".lv"), page.locator("progress")
    page.locator("form button").first.click()
    expect(root).to_have_class(re.compile("lv-waiting"))
    page.evaluate("model.set('reply', { n: saved.at(-1).n, progress: 'Half.', done: 0.5 })")
    expect(bar).to_have_js_property("value", 0.5)
    page.evaluate("model.set('reply', { n: saved.at(-1).n, progress: '' })")
    expect(bar).to_have_count(0)
    page.evaluate("model.set('state', { ...model.get('state'), n: saved.at(-1).n })")
    expect(root).not_to_have_class(re.compile("lv-waiting"))


@every
def test_forced_colours_and_motion(site: Site, open_page: Open, name: str) -> None:
    url = site.write(EXAMPLES[name]())
    page = open_page(url, forced_colors="active", color_scheme="dark", reduced_motion="reduce")
    paper = "el => getComputedStyle(el).backgroundColor"
    assert page.locator(".lv").evaluate(paper) == "rgb(0, 0, 0)"
    moving = page.evaluate(
        "[...document.querySelectorAll('.lv, .lv *')].filter((el) =>"
        "['', '::before', '::after'].some((part) => { const s = getComputedStyle(el, part);"
        "return s.animationName !== 'none' || s.transitionDuration !== '0s' })).length"
    )
    assert moving == 0


@every
def test_no_key_leaves_a_view_but_commands(open_page: Open, name: str) -> None:
    page = widget(open_page(), EXAMPLES[name]())
    page.evaluate(
        "window.heard = []; document.addEventListener('keydown', ({ key }) => heard.push(key))"
    )
    controls = page.locator(CONTROLS)
    assert controls.count()
    for i in range(controls.count()):
        control = controls.nth(i)
        if not control.is_visible() and control.evaluate("el => el.type") != "radio":
            continue
        control.focus()
        for key in ("d", "a", "ArrowDown", "ArrowRight", "Enter", "Escape"):
            page.evaluate(
                "key => document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
                "{ key, bubbles: true, cancelable: true }))",
                key,
            )
        controls = page.locator(CONTROLS)  # Enter in a story adds a line
        if i > 40:
            break
    assert page.evaluate("heard") == []
    controls.first.focus()
    page.keyboard.press("Control+Shift+y")
    assert "Y" in page.evaluate("heard").pop().upper(), "a command goes on to the notebook"


@every
def test_removal_stops_all_listening(open_page: Open, watched: Watched, name: str) -> None:
    page = widget(open_page(), EXAMPLES[name]())
    page.wait_for_timeout(300)
    page.evaluate(
        "stop.abort(); document.documentElement.dataset.theme = 'dark';"
        "window.changed = 0; new MutationObserver((all) => { changed += all.length })"
        ".observe(document.querySelector('.lv'), { subtree: true, attributes: true,"
        "childList: true, characterData: true })"
    )
    page.set_viewport_size({"width": 300, "height": 500})
    page.wait_for_timeout(300)
    assert page.evaluate("changed") == 0
    assert watched.errors == []


@asking
def test_a_kernel_that_gives_no_sign_is_told_of(open_page: Open, name: str) -> None:
    page = open_page()
    page.clock.install()
    widget(page, EXAMPLES[name]())
    status = page.locator(".lv-status")
    page.locator("form button").first.click()
    expect(status).to_contain_text("…")
    page.clock.run_for(7_000)
    expect(status).to_contain_text(
        "No answer yet. If the kernel is busy, it will come; "
        "if it died or was restarted, run the cells above and this one again. Still shown"
    )
    page.locator("form button").first.click()
    page.evaluate("model.set('reply', { n: saved.at(-1).n, progress: '' })")
    page.clock.run_for(7_000)
    expect(status).to_contain_text("…")
    page.evaluate("model.set('reply', { n: saved.at(-1).n, progress: 'Half.' })")
    expect(status).to_have_text("Half.")


@asking
def test_a_kernel_whose_signs_end_before_it_has_answered_is_told_of(
    open_page: Open, name: str
) -> None:
    page = open_page()
    page.clock.install()
    widget(page, EXAMPLES[name]())
    status = page.locator(".lv-status")
    page.locator("form button").first.click()
    sign = "beat => model.set('reply', { n: saved.at(-1).n, progress: '', beat })"
    for beat in (1, 2, 3):  # longer than its patience, as long as signs come
        page.evaluate(sign, beat)
        page.clock.run_for(4_000)
        expect(status).to_contain_text("…")
    page.clock.run_for(3_000)
    expect(status).to_contain_text("run the cells above and this one again. Still shown")
    expect(page.locator(".lv")).not_to_have_class(re.compile("lv-waiting"))
    page.evaluate(
        "model.set('state', { ...model.get('state'), n: saved.at(-1).n, message: 'So.' })"
    )
    expect(status).to_have_text("So.")


def answers_at_once(page: Page) -> None:
    """Let the kernel give its sign before the view has set the request, as a page's does."""
    page.evaluate(
        "const { save_changes } = model; model.save_changes = () => { save_changes();"
        "model.set('reply', { n: saved.at(-1).n, progress: '' }) }"
    )


@asking
def test_a_page_that_gives_its_sign_at_once_may_load_for_long(open_page: Open, name: str) -> None:
    page = open_page()
    page.clock.install()
    widget(page, EXAMPLES[name]())
    answers_at_once(page)
    page.locator("form button").first.click()
    page.clock.run_for(60_000)
    expect(page.locator(".lv-status")).to_contain_text("…")


@asking
def test_a_failure_says_whose_answer_is_still_shown(open_page: Open, name: str) -> None:
    view = EXAMPLES[name]()
    asks = view.state["asks"]
    page = widget(open_page(), view)
    status = page.locator(".lv-status")
    fail = "model.set('reply', { n: saved.at(-1).n, error: 'No.' })"
    page.locator("form button").first.click()
    page.evaluate(fail)
    first = f"No. Still shown ({asks[0]}): " if len(asks) > 1 else "No. Still shown: "
    expect(status).to_have_text(re.compile("^" + re.escape(first)))
    if len(asks) == 1:
        return
    other = page.get_by_role("radio", name=asks[1])
    other.check(force=True)
    page.evaluate(fail)
    expect(status).to_have_text(re.compile("^" + re.escape(first)))
    page.locator("form button").first.click()
    page.evaluate("model.set('state', { ...model.get('state'), n: saved.at(-1).n })")
    page.locator("form button").first.click()
    page.evaluate(fail)
    expect(status).to_have_text(re.compile("^" + re.escape(f"No. Still shown ({asks[1]}): ")))


@asking
def test_a_python_kernel_gives_signs_as_long_as_it_works(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "BEAT", 0.02)
    view = EXAMPLES[name]()
    replies: list[dict] = []
    three = threading.Event()

    def heard(change: dict) -> None:
        replies.append(change["new"])
        if len(replies) == 3:
            three.set()

    view.observe(heard, "reply")

    def slow(*_: object, **__: object) -> None:
        assert three.wait(30)
        raise ValueError("Too long.")

    view._functions = dict.fromkeys(view._functions, slow)
    request = {**ASKED, **EXAMPLES[name].request}
    view.request = {**request, "n": 0.5, "label": view.state["asks"][0]}
    assert replies[-1] == {"n": 0.5, "error": "Too long."}, "and no sign comes behind the answer"
    assert [reply["beat"] for reply in replies[:-1]] == [*range(1, len(replies))]


@asking
def test_an_answer_to_an_earlier_question_is_not_shown(open_page: Open, name: str) -> None:
    page = widget(open_page(), EXAMPLES[name]())
    status = page.locator(".lv-status")
    page.locator("form button").first.click()
    first = page.evaluate("saved.at(-1).n")
    page.locator("form button").first.click()
    late = {"n": first, "error": "Late."}
    page.evaluate("late => model.set('reply', late)", late)
    page.evaluate(
        "n => model.set('state', { ...model.get('state'), n, message: 'Late, too.' })", first
    )
    expect(status).to_contain_text("…")
    page.evaluate(
        "model.set('state', { ...model.get('state'), n: saved.at(-1).n, message: 'In time.' })"
    )
    expect(status).to_have_text("In time.")


@asking
def test_a_python_kernel_gives_a_sign_then_an_answer_or_an_error(name: str) -> None:
    view = EXAMPLES[name]()
    replies = []
    view.observe(lambda change: replies.append(change["new"]), "reply")
    request = {**ASKED, **EXAMPLES[name].request}
    view.request = {**request, "n": 0.5, "label": view.state["asks"][0]}
    assert replies == [{"n": 0.5, "progress": "", "beat": 1}]
    assert view.state["n"] == 0.5

    def fail(*_: object, **__: object) -> None:
        error = ValueError("Too long.")
        error.faults, error.known = [[1, "long"]], ["a"]
        raise error

    view._functions = dict.fromkeys(view._functions, fail)
    view.request = {**request, "n": 0.75, "label": view.state["asks"][0]}
    told = {"n": 0.75, "error": "Too long.", "faults": [[1, "long"]], "known": ["a"]}
    assert replies[1:] == [{"n": 0.75, "progress": "", "beat": 1}, told]
    assert view.state["n"] == 0.5
