"""The picture's view: its steps and its camera, and what fills it in a page and in a notebook."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from lecture_utils import diagrams
from lecture_utils.tasks.translation import fill_of
from lecture_utils.views import Diagram
from tests.live.committed import MODELS, torch_model

from . import in_page
from .conftest import Site
from .examples import diagram

Open = Callable[..., Page]
TEXT = "748 213, 95"
GROUP = '.lv-drawing [data-part="{}"]'


def test_an_unfilled_picture_is_light_and_holds_its_drawing_once() -> None:
    for name in (
        *("bahdanau", "fixed_context", "encoder_attention_decoder", "recurrent"),
        *("transformer", "encoder_layer", "decoder_layer", "heads"),
    ):
        picture = getattr(diagrams, name)
        html = Diagram(picture).static()._bundle["text/html"]
        assert len(html.encode()) <= 30_000, name
        (address,) = re.findall(r'src="data:image/svg\+xml,([^"]*)"', html)
        assert unquote(address).replace("'", '"').replace("&apos;", "'") == picture.svg
        assert "<svg" not in html


def test_steps_light_what_they_are_about(site: Site, open_page: Open) -> None:
    page = open_page(site.write(diagram()))
    page.locator(".lv-drawing").focus()
    steps = diagrams.bahdanau.steps
    for n, step in enumerate(steps, 1):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".lv-told")).to_have_text(step.text)
        lit = page.locator(".lv-drawing g[data-part].lit").evaluate_all(
            "all => all.map((one) => one.dataset.part)"
        )
        assert sorted(lit) == sorted(step.parts)
        later = page.locator(".lv-drawing g[data-part].later").evaluate_all(
            "all => all.map((one) => one.dataset.part)"
        )
        assert sorted(later) == sorted({name for one in steps[n:] for name in one.parts})
    page.keyboard.press("Home")
    expect(page.locator(".lv-told")).to_have_text(diagrams.bahdanau.left_out)
    assert page.locator(".lv-drawing g.later").count() == 0


def test_a_narrow_screen_shows_the_frame_and_the_whole_in_miniature(
    site: Site, open_page: Open
) -> None:
    url = site.write(diagram())
    for width, zooms in ((360, True), (1000, False)):
        page = open_page(url, viewport={"width": width, "height": 800}, reduced_motion="reduce")
        page.locator(".lv-drawing").focus()
        page.keyboard.press("ArrowRight")
        frame = diagrams.bahdanau.steps[0].frame if zooms else (0, 0, 640, 420)
        box = " ".join(map(str, frame))
        expect(page.locator(".lv-drawing > svg")).to_have_attribute("viewBox", box)
        expect(page.locator(".lv-mini")).to_have_count(1)
        assert page.locator(".lv-mini").is_visible() == zooms
        word = page.locator('.lv-drawing [data-part="query"] text').bounding_box()
        assert word["height"] > 14


def test_a_slide_asks_for_the_next_step_before_it_turns(site: Site, open_page: Open) -> None:
    page = open_page(site.write(diagram()))
    turn = (
        "by => !document.querySelector('.lv').dispatchEvent("
        "new CustomEvent('lv-step', { detail: { by }, cancelable: true }))"
    )
    expect(page.locator(".lv")).to_have_count(1)
    assert [page.evaluate(turn, 1) for _ in range(7)] == [True] * 6 + [False]
    assert [page.evaluate(turn, -1) for _ in range(7)] == [True] * 6 + [False]


def test_a_switch_shows_one_version(site: Site, open_page: Open) -> None:
    page = open_page(site.write(diagram()))
    shown = "all => all.filter((one) => !one.hasAttribute('display')).map((a) => a.dataset.only)"
    only = page.locator(".lv-drawing [data-only]")
    assert set(only.evaluate_all(shown)) == {"appendix"}
    page.get_by_role("radio", name="slide").check(force=True)
    assert set(only.evaluate_all(shown)) == {"slide"}


def test_what_fills_it_is_said_of_each_part(site: Site, open_page: Open) -> None:
    page = open_page(site.write(diagram()))
    page.locator(".lv-drawing").focus()
    for _ in range(2):
        page.keyboard.press("PageDown")
    said = page.locator(".lv-reading")
    page.locator(GROUP.format("address") + ' [data-j="2"]').hover()
    expect(said).to_contain_text("Most on “c” 1")
    page.locator(GROUP.format("before")).hover()
    expect(said).to_contain_text("8 numbers from -3.00 to 3.00")
    expect(page.locator(GROUP.format("next"))).to_have_text("c .50")
    expect(page.locator(GROUP.format("last"))).to_have_text("b")
    widths = page.locator(".lv-drawing [data-fan] path").evaluate_all(
        "all => all.map((one) => +one.getAttribute('stroke-width'))"
    )
    assert widths == [0.7, 0.7, 14, 0.7, 0.7, 0.7]
    for _ in range(4):  # seven slots, of which six are drawn: the window moves on
        page.keyboard.press("PageDown")
    words = page.locator(GROUP.format("memory") + " text")
    expect(words).to_have_text(["b", "c", "d", "e", "f", "g"])


def test_fewer_slots_than_are_drawn_hide_the_rest(site: Site, open_page: Open) -> None:
    weights = [np.full((1, 1, 2), 0.5)]
    state = [np.zeros((1, 4))]
    flow = dict.fromkeys(diagrams.bahdanau.places, state)
    flow |= {"context.address": weights, "encoder": [np.ones((1, 2, 4))]}
    view = Diagram(diagrams.bahdanau, flow, rows=["x"], columns=["a", "b"])
    page = open_page(site.write(view))
    shown = "all => all.filter((one) => getComputedStyle(one).visibility === 'visible').length"
    assert page.locator(GROUP.format("memory") + " [data-j]").evaluate_all(shown) == 2
    assert page.locator(".lv-drawing [data-fan] path").evaluate_all(shown) == 2


PICTURES = {
    "numerals-en-de": diagrams.bahdanau,
    "numerals-en-de-fixed": diagrams.fixed_context,
    "numerals-en-de-heads": diagrams.transformer,
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_page_fills_it_as_the_notebook_does(
    site: Site, open_page: Open, runtime: Path, name: str
) -> None:
    shutil.copytree(MODELS / name, runtime / "models" / name)
    picture = PICTURES[name]
    fill = fill_of(torch_model(name), picture.places)
    here = fill(TEXT)
    page = open_page(site.write(Diagram(picture, live=name, column_label="English")))
    there = in_page.ask(in_page.prepare(page), name, text=TEXT)
    assert (there["rows"], there["columns"]) == (here["rows"], list(here["columns"]))
    for place in picture.places:
        flow = there["flow"][place]
        shape = [int(n) for n in flow["shape"]]
        wanted = torch.stack(here["trace"][place]).float().numpy()
        assert shape == list(wanted.shape), place
        got = np.array(flow["weights"]).reshape(shape)
        assert np.abs(got - wanted).max() < 1e-4, place
    page.get_by_role("textbox", name="English").fill(TEXT)
    expect(page.get_by_role("status")).to_contain_text("reads back", timeout=60_000)
    expect(page.locator(GROUP.format("next") + " text").first).to_have_text(
        re.compile(f"^{here['rows'][0]}")
    )


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="picture: pass a picture"):
        Diagram("bahdanau")
    flow = {place: [torch.zeros(1, 4)] for place in diagrams.bahdanau.places}
    with pytest.raises(ValueError, match="trace: has no numbers for 'context'"):
        Diagram(diagrams.fixed_context, {"encoder": [torch.zeros(1, 2, 4)]})
    with pytest.raises(ValueError, match="several shapes"):
        Diagram(diagrams.bahdanau, {**flow, "encoder": [torch.zeros(1), torch.zeros(2)]})
    with pytest.raises(ValueError, match="no finite number"):
        Diagram(diagrams.bahdanau, {**flow, "encoder": [torch.tensor([torch.nan])]})
    told = {"rows": ["a"], "columns": ["b"]}
    with pytest.raises(ValueError, match="probabilities: has shape"):
        Diagram(diagrams.bahdanau, flow, **told, probabilities=[0.1, 0.2])


SEEN = """part => [...document.querySelectorAll(`.lv-drawing [data-part=${part}] [data-j]`)]
  .filter((one) => getComputedStyle(one).visibility !== "hidden")
  .map((one) => one.textContent.replace("\\u200b", ""))"""
DRAWN = """ends => document.querySelector(`.lv-drawing [data-from=${ends[0]}][data-to=${ends[1]}]`)
  .getAttribute("visibility") !== "hidden" """


def later(page: Page, times: int) -> None:
    """Turn to a later word."""
    page.locator(".lv-drawing").focus()
    for _ in range(times):
        page.keyboard.press("PageDown")


def test_a_row_that_is_too_short_shows_both_ends_and_counts_on(site: Site, open_page: Open) -> None:
    picture = diagrams.fixed_context
    fill = fill_of(torch_model("numerals-en-de-fixed"), picture.places)(TEXT)
    view = Diagram(picture, fill["trace"], columns=fill["columns"], rows=fill["rows"])
    page = open_page(site.write(view))
    expect(page.locator(".lv-drawing svg")).to_be_visible()
    assert page.evaluate(SEEN, "memory") == ["seven", "hundred", "…", "five"]
    number = page.locator(".lv-drawing [data-number=before] tspan.n")
    assert number.text_content() == "0"
    assert page.evaluate(DRAWN, ["first", "decoder"])
    later(page, len(fill["rows"]) - 1)
    assert number.text_content() == str(len(fill["rows"]) - 4)
    assert page.evaluate(SEEN, "first") == []
    assert not page.evaluate(DRAWN, ["memory", "first"])
    assert page.evaluate(DRAWN, ["memory", "context"]), "the context is there at every step"


def test_a_transformer_shows_the_words_about_the_moment(site: Site, open_page: Open) -> None:
    picture = diagrams.transformer
    fill = fill_of(torch_model("numerals-en-de-heads"), picture.places)(TEXT)
    rows, columns = fill["rows"], list(fill["columns"])
    page = open_page(site.write(Diagram(picture, fill["trace"], columns=columns, rows=rows)))
    expect(page.locator(".lv-drawing svg")).to_be_visible()
    assert page.evaluate(SEEN, "next") == rows[:4]
    assert page.evaluate(SEEN, "target") == ["(start)", *rows[:3]]
    ends = [*columns[:2], "…", columns[-1]]
    assert page.evaluate(SEEN, "source") == ends
    later(page, len(rows) - 1)
    assert page.evaluate(SEEN, "next") == rows[-4:]
    assert page.evaluate(SEEN, "target") == rows[-5:-1]
    assert page.evaluate(SEEN, "source") == ends, "the memory is made once"


@pytest.mark.parametrize("words", [["seven"], ["seven", "hundred"]])
def test_a_row_that_is_too_long_keeps_its_last_slot_at_its_end(
    words: list[str], site: Site, open_page: Open
) -> None:
    picture = diagrams.fixed_context
    fill = fill_of(torch_model("numerals-en-de-fixed"), picture.places)(
        {1: "7", 2: "700"}[len(words)]
    )
    view = Diagram(picture, fill["trace"], columns=fill["columns"], rows=fill["rows"])
    page = open_page(site.write(view))
    expect(page.locator(".lv-drawing svg")).to_be_visible()
    assert page.evaluate(SEEN, "memory") == words
    last = page.locator(".lv-drawing [data-from=memory][data-place='3']")
    assert (last.get_attribute("visibility") == "hidden") == (len(words) == 1)


def test_states_are_numbered_from_where_the_window_begins(site: Site, open_page: Open) -> None:
    picture = diagrams.recurrent
    words = [f"w{n}" for n in range(8)]
    trace = {place: [torch.rand(1, 6) for _ in words] for place in picture.places}
    page = open_page(site.write(Diagram(picture, trace, columns=words, rows=words)))
    expect(page.locator(".lv-drawing svg")).to_be_visible()
    assert page.evaluate(SEEN, "state") == ["h1", "h2", "h3", "h4"]
    assert page.evaluate(SEEN, "zero") == ["h0"]
    later(page, 7)
    assert page.evaluate(SEEN, "state") == ["h5", "h6", "h7", "h8"]
    assert page.evaluate(SEEN, "zero") == ["h4"]
    assert page.evaluate(SEEN, "words") == words[4:]
    shown = "all => all.map((one) => one.getAttribute('visibility'))"
    assert page.locator(".lv-drawing [data-more]").evaluate_all(shown) == ["visible", "hidden"]
