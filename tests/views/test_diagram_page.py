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
from lecture_utils.data.pairs import Pair
from lecture_utils.models.lenet import LeNet
from lecture_utils.recording import trace
from lecture_utils.tasks.translation import encoded, fill_of
from lecture_utils.views import Diagram
from lecture_utils.views.diagram import _joined
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
        assert html.count("<svg") == 1


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


def test_a_tall_picture_is_shown_from_edge_to_edge_where_it_is_asked_to(
    site: Site, open_page: Open
) -> None:
    for picture, tall in ((diagrams.decoder_layer, True), (diagrams.bahdanau, False)):
        page = open_page(site.write(Diagram(picture)), reduced_motion="reduce")
        expect(page.locator(".lv-tall" if tall else ".lv-diagram:not(.lv-tall)")).to_have_count(1)
        page.add_style_tag(content=".lv-tall { --wide: 1; } .lv { --least: 99; --most: 9px; }")
        page.locator(".lv-drawing").focus()
        page.keyboard.press("ArrowRight")
        x, y, w, h = picture.steps[0].frame
        box = f"0 {y} 640 {h}" if tall else f"{x} {y} {w} {h}"
        expect(page.locator(".lv-drawing > svg")).to_have_attribute("viewBox", box)


_SLICED = """() => {
  const stage = document.querySelector(".lv-drawing > svg").getBoundingClientRect();
  const texts = [...document.querySelectorAll(".lv-drawing text")].filter((text) =>
    !text.closest(".lit, .cut") && text.checkVisibility());
  return texts.filter((text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    if (bottom < stage.top || top > stage.bottom) return false;
    return (left < stage.left - 1 && right > stage.left) ||
      (left < stage.right && right > stage.right + 1);
  }).map((text) => text.textContent);
}"""


def test_a_slide_shows_as_much_around_a_step_as_its_words_allow(
    site: Site, open_page: Open
) -> None:
    picture = diagrams.bahdanau
    page = open_page(site.write(Diagram(picture)), reduced_motion="reduce")
    page.add_style_tag(content=".lv { width: 600px; --least: 17; --most: 340px; }")
    page.locator(".lv-drawing").focus()
    for x, y, w, h in (step.frame for step in picture.steps):
        page.keyboard.press("ArrowRight")
        wide, tall = 600 * 15 / 17, max(h, 300)  # 600 and 340 pixels, at 17 pixels for 15 units
        left, top, *size = map(
            float, page.locator(".lv-drawing > svg").get_attribute("viewBox").split()
        )
        assert size == pytest.approx([wide, tall])
        assert 0 <= left <= x, "the frame is seen"
        assert left + wide >= x + w
        assert 0 <= top <= y
        assert top + tall >= y + h
        assert page.evaluate(_SLICED) == [], "only what the step is about may run off"
        assert not page.locator(".lit .cut, .cut .lit").count()


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
    expect(only).not_to_have_count(0)
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
    for drawn in (GROUP.format("memory") + " [data-j]", ".lv-drawing [data-fan] path"):
        expect(page.locator(drawn).locator("visible=true")).to_have_count(2)


PICTURES = {
    "numerals-en-de": diagrams.bahdanau,
    "numerals-en-de-fixed": diagrams.fixed_context,
    "numerals-en-de-heads": diagrams.transformer,
    "numerals-en-de-paper": diagrams.at_work,
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_page_fills_it_as_the_notebook_does(
    site: Site, open_page: Open, runtime: Path, name: str
) -> None:
    shutil.copytree(MODELS / name, runtime / "models" / name)
    picture = PICTURES[name]
    fill = fill_of(torch_model(name), picture.places, told=picture.told)
    here = fill(TEXT)
    page = open_page(site.write(Diagram(picture, live=name, column_label="English")))
    there = in_page.ask(in_page.prepare(page), name, text=TEXT)
    assert (there["rows"], there["columns"]) == (here["rows"], list(here["columns"]))
    for place in picture.places:
        flow = there["flow"][place]
        shape = [int(n) for n in flow["shape"]]
        calls = [call.numpy() for call in here["trace"][place]]
        wanted = np.stack(_joined(calls) if place in picture.maps else calls)
        assert shape == list(wanted.shape), place
        got = np.array(flow["weights"]).reshape(shape)
        assert np.abs(got - wanted).max() < 1e-4, place
    page.get_by_role("textbox", name="English").fill(TEXT)
    expect(page.get_by_role("status")).to_contain_text("reads back", timeout=60_000)
    expect(page.locator(GROUP.format("next") + " text").first).to_have_text(
        re.compile(f"^{here['rows'][0]}")
    )


@pytest.fixture(scope="module")
def working() -> Diagram:
    """The Transformer at work on one sentence."""
    picture = diagrams.at_work
    fill = fill_of(torch_model("numerals-en-de-paper"), picture.places, told=picture.told)(TEXT)
    kept = ("rows", "columns", "probabilities", "guesses")
    return Diagram(picture, fill["trace"], **{name: fill[name] for name in kept})


def chosen(page: Page, part: str) -> None:
    """Go to a part by the keyboard."""
    page.locator(".lv-drawing").focus()
    for _ in range(60):
        if page.locator(f".lv-drawing [data-part={part}].on").count():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"no way to {part}")


def test_squares_of_heads_say_who_reads_what(site: Site, open_page: Open, working: Diagram) -> None:
    page = open_page(site.write(working))
    said, rows = page.locator(".lv-reading"), working.state["rows"]
    chosen(page, "across_2")
    assert "“(start)” reads most, head 1: “" in said.inner_text()
    later(page, 1)
    expect(said).to_contain_text(f"“{rows[0]}” reads most, head 1: “")
    page.locator(GROUP.format("back_2") + " [data-j='2']").hover()
    expect(said).to_contain_text(f"“{rows[0]}” reads most, head 3: “")
    (above, _), (top, high) = page.locator(
        GROUP.format("across_2") + " [data-j='0'] [data-fill]"
    ).evaluate_all(
        "all => all.map((one) => ['y', 'height'].map((name) => +one.getAttribute(name)))"
    )
    assert (top - above) / high == pytest.approx(1), "the outlined row is that of the moment"


def test_maps_of_an_image_say_their_number_and_their_ends(site: Site, open_page: Open) -> None:
    torch.manual_seed(0)
    model = LeNet()
    with torch.no_grad(), trace(model, diagrams.lenet.places) as flow:
        model(torch.rand(1, 1, 28, 28))
    view = Diagram(diagrams.lenet, flow, columns=["an image"], rows=["5"])
    page = open_page(site.write(view))
    page.locator(GROUP.format("C3_maps") + ' [data-j="3"]').hover()
    (first, last) = (f"{x:.2f}" for x in flow["S4<0"][0][0, 3].aminmax())
    said = page.locator(".lv-reading")
    expect(said).to_contain_text(f"Number 4: 10 × 10 numbers from {first} to {last}.")
    page.locator(GROUP.format("image")).hover()
    expect(said).to_contain_text("The image: one map, 0 is paper")
    assert "Number" not in said.inner_text()


def test_what_a_state_says_stands_beside_it(site: Site, open_page: Open, working: Diagram) -> None:
    page = open_page(site.write(working))
    for moment in (0, 1):
        for layer in (1, 2):
            place = f"decoder.layers.{layer - 1}.add_feed_forward"
            word, p = working.state["guesses"][place][moment][0]
            text = page.locator(GROUP.format(f"guess_{layer}") + " text")
            expect(text).to_have_text(re.compile(rf"^{word} (1|\.\d\d)$"))
            assert abs(float(text.text_content().split()[1]) - p) <= 0.006
        listed = page.locator(GROUP.format("next") + " [data-fill=likely]").all_text_contents()
        assert listed == [word for word, _ in working.state["guesses"][place][moment]]
        later(page, 1)


def test_a_layer_opens_into_its_picture_and_back(
    site: Site, open_page: Open, working: Diagram
) -> None:
    page = open_page(site.write(working))
    title, told = page.locator(".lv-title"), page.locator(".lv-told")
    back = page.get_by_role("button", name="back to the whole picture")
    expect(back).to_be_hidden()
    later(page, 2)
    page.keyboard.press("ArrowRight")
    chosen(page, "writing_2")
    page.get_by_role("button", name="look inside this part").click()
    expect(title).to_have_text("A Transformer at work › One layer of the decoder, layer 2")
    expect(page.locator(".lv-drawing [data-part=norm_cross]")).to_have_count(1)
    words = page.evaluate(SEEN, "words")
    assert words == ["(start)", *working.state["rows"][:2]], "the word that asks is the last"
    page.keyboard.press("ArrowRight")
    expect(told).to_have_text(diagrams.decoder_layer.steps[0].text)
    strips = page.locator(GROUP.format("states") + " [data-j='3'] image")
    assert strips.get_attribute("href").startswith("data:image/png")
    page.keyboard.press("Escape")
    expect(title).to_have_text("A Transformer at work")
    expect(told).to_have_text(diagrams.at_work.steps[0].text)
    expect(page.locator(".lv-drawing [data-part=writing_2].on")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(title).to_contain_text("layer 2")
    back.click()
    page.locator(GROUP.format("reading_1") + " text").first.click()
    expect(title).to_have_text("A Transformer at work › One layer of the encoder, layer 1")
    numbers = page.locator(".lv-reading")
    chosen(page, "norm")
    expect(numbers).to_contain_text("64 numbers from")


def test_what_two_layers_show_inside_differs(site: Site, open_page: Open, working: Diagram) -> None:
    page = open_page(site.write(working))
    seen = []
    for layer in (1, 2):
        chosen(page, f"reading_{layer}")
        page.keyboard.press("Enter")
        expect(page.locator(".lv-title")).to_contain_text(f"layer {layer}")
        squares = page.locator(GROUP.format("maps") + " image")
        seen.append(squares.evaluate_all("all => all.map((one) => one.getAttribute('href'))"))
        page.keyboard.press("Escape")
    assert len(seen[0]) == 4
    assert not {*seen[0]} & {*seen[1]}


def test_guesses_and_weights_are_checked(working: Diagram) -> None:
    picture, state = diagrams.at_work, working.state
    fill = fill_of(torch_model("numerals-en-de-paper"), picture.places, told=picture.told)("7")
    told = {"rows": fill["rows"], "columns": fill["columns"]}
    assert len(state["guesses"]) == 2
    some = dict(fill["guesses"])
    place = some.popitem()[0]
    for guesses, word in (
        (some, "has none for"),
        ({**fill["guesses"], place: []}, "pass for each of the 1 moments"),
        ({**fill["guesses"], place: [[("a", 2.0)]]}, "values lie in"),
        ({**fill["guesses"], place: [[("a",)]]}, "pairs"),
        ({**fill["guesses"], place: 7}, "pairs"),
    ):
        with pytest.raises(ValueError, match=word):
            Diagram(picture, fill["trace"], **told, guesses=guesses)
    flat = {**fill["trace"], picture.maps[0]: [torch.zeros(1, 2, 2)]}
    with pytest.raises(ValueError, match=r"pass weights \(1, H, t, s\)"):
        Diagram(picture, flat, **told)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="picture: pass a picture"):
        Diagram("bahdanau")
    flow = {place: [torch.zeros(1, 4)] for place in diagrams.bahdanau.places}
    with pytest.raises(ValueError, match="trace: has no numbers for 'context'"):
        Diagram(diagrams.fixed_context, {"encoder": [torch.zeros(1, 2, 4)]})
    for nothing in (torch.zeros(2, 4), [], 7):
        with pytest.raises(ValueError, match="trace: has no numbers for"):
            Diagram(diagrams.fixed_context, nothing)
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


def test_a_double_click_opens_a_layer_once(site: Site, open_page: Open, working: Diagram) -> None:
    page = open_page(site.write(working))
    title = page.locator(".lv-title")
    page.locator(GROUP.format("reading_1") + " text").first.dblclick()
    expect(title).to_have_text("A Transformer at work › One layer of the encoder, layer 1")
    page.wait_for_timeout(300)  # a second opening would come now
    page.get_by_role("button", name="back to the whole picture").click()
    expect(title).to_have_text("A Transformer at work")


def test_a_browser_that_cannot_look_inside_says_so(
    site: Site, open_page: Open, working: Diagram
) -> None:
    page = open_page(site.write(working))
    page.evaluate("delete window.DecompressionStream")
    page.locator(GROUP.format("reading_1") + " text").first.dblclick()
    expect(page.locator(".lv-reading")).to_have_text("This browser is too old.")
    expect(page.locator(".lv-title")).to_have_text("A Transformer at work")


def test_what_is_read_of_a_slot_names_it_and_stays(
    site: Site, open_page: Open, working: Diagram
) -> None:
    page = open_page(site.write(working))
    said, columns = page.locator(".lv-reading"), working.state["columns"]
    page.locator(GROUP.format("memory") + " [data-j='3']").hover()
    expect(said).to_contain_text(f"Of “{columns[-1]}”: 64 numbers")
    before = said.inner_text()
    later(page, 2)
    expect(said).to_have_text(before)
    page.keyboard.press("Escape")
    chosen(page, "memory")  # by the keyboard: the first
    expect(said).to_contain_text(f"Of “{columns[0]}”: 64 numbers")


def test_of_a_word_that_stands_twice_it_is_said_which(
    site: Site, open_page: Open, working: Diagram
) -> None:
    assert working.state["columns"].count("hundred") == 2
    page = open_page(site.write(working))
    chosen(page, "among_2")
    expect(page.locator(".lv-reading")).to_contain_text(re.compile(r"“hundred” \((1st|2nd)\) \."))
    assert not re.search(r"“hundred” \.", page.locator(".lv-reading").inner_text())


HANGING = """() => [...document.querySelectorAll(".lv-drawing [data-s], .lv-drawing [data-e]")]
  .filter((piece) => {
    const { from, to } = piece.parentNode.dataset, { s, e } = piece.dataset;
    const gone = (part, j) => j && getComputedStyle(document.querySelector(
      `.lv-drawing [data-part="${part}"] [data-j="${j}"]`)).visibility === "hidden";
    return !!(gone(from, s) || gone(to, e)) !== (getComputedStyle(piece).visibility === "hidden");
  }).map((piece) => piece.outerHTML + piece.parentNode.outerHTML.slice(0, 90))"""
PIECES = "all => all.filter((one) => getComputedStyle(one).visibility !== 'hidden').length"


def test_no_line_hangs_where_its_slot_is_hidden(
    site: Site, open_page: Open, working: Diagram
) -> None:
    page = open_page(site.write(working))
    seen = []
    for part in ("writing_1", "reading_1"):
        chosen(page, part)
        page.keyboard.press("Enter")
        expect(page.locator(".lv-title")).to_contain_text("›")
        for _ in range(2):
            assert page.evaluate(HANGING) == []
            lines = page.locator(".lv-drawing [data-from=words].k [data-s]")
            seen.append(lines.evaluate_all(PIECES))
            later(page, 3)
        page.keyboard.press("Escape")
        later(page, len(working.state["rows"]) - 6)
    assert seen[:2] == [1, 4], "of one word, one line; of four, four"


def test_the_word_of_the_moment_is_marked(site: Site, open_page: Open) -> None:
    picture = diagrams.transformer
    fill = fill_of(torch_model("numerals-en-de-heads"), picture.places)(TEXT)
    rows = fill["rows"]
    page = open_page(
        site.write(Diagram(picture, fill["trace"], columns=fill["columns"], rows=rows))
    )
    for moment in range(len(rows)):
        now = page.locator(GROUP.format("next") + " .now")
        expect(now).to_have_text(rows[moment])
        line = now.locator("text").evaluate("one => getComputedStyle(one).textDecorationLine")
        assert line == "underline"
        later(page, 1)


def test_slots_that_are_left_out_are_dots(site: Site, open_page: Open, working: Diagram) -> None:
    page = open_page(site.write(working))
    words = page.locator(GROUP.format("memory") + " text")
    expect(words.filter(has_text="…")).to_have_count(1)


ROWS_OF = {"asking": "asking_all", "state_1": "states_all_1", "state_2": "states_all_2"}
STRIPS = """part => Object.fromEntries([...document.querySelectorAll(
  `.lv-drawing [data-part=${part}] [data-j]`)].filter((one) => one.getClientRects().length &&
  getComputedStyle(one).visibility !== "hidden").map((one) => [one.dataset.slot,
  one.querySelector("image").getAttribute("href")]))"""


def test_training_has_all_rows_at_once_and_they_are_those_of_use(
    site: Site, open_page: Open, working: Diagram
) -> None:
    page = open_page(site.write(working))
    expect(page.locator(".lv-drawing svg")).to_be_visible()
    rows, middle = working.state["rows"], 5
    used: dict[str, list[str]] = {part: [] for part in ROWS_OF}
    for moment in range(len(rows)):
        for part, hrefs in used.items():
            hrefs += page.evaluate(STRIPS, part).values()
        if moment < len(rows) - 1:
            later(page, 1)
    for _ in range(len(rows) - 1 - middle):
        page.keyboard.press("PageUp")
    page.get_by_role("radio", name="training").check()
    for part, whole in ROWS_OF.items():
        assert page.evaluate(STRIPS, part) == {}, "hidden in the other mode"
        shown = page.evaluate(STRIPS, whole)
        assert [*shown] == ["3", "4", "5", "6"], "four words about the moment"
        assert [*shown.values()] == used[part][3:7]
        assert len({*used[part]}) == len(rows)
    assert page.evaluate(SEEN, "target_all") == rows[2:6]
    assert page.evaluate(SEEN, "next_all") == rows[3:7]
    chosen(page, "states_all_1")
    with pytest.raises(AssertionError, match="no way to state_1"):
        chosen(page, "state_1")
    page.get_by_role("radio", name="use").check()
    assert page.evaluate(STRIPS, "states_all_1") == {}
    chosen(page, "state_1")


def test_what_both_modes_show_is_computed_alike(working: Diagram) -> None:
    picture, model = diagrams.at_work, torch_model("numerals-en-de-paper")
    one_by_one = fill_of(model, picture.places)(TEXT)
    pair = Pair(one_by_one["columns"], tuple(one_by_one["rows"]))
    with torch.no_grad(), trace(model, picture.places) as flow:
        model(*encoded(model, [pair]))
    for part in ROWS_OF.values():
        (whole,) = flow[picture[part].at]
        rows = torch.cat(one_by_one["trace"][picture[part].at], dim=1)
        assert rows.shape[1] == len(pair.target)
        assert (whole[:, : rows.shape[1]] - rows).abs().max() < 1e-5
    for part in ("back_1", "across_1", "back_2", "across_2"):
        (whole,) = flow[picture[part].at]
        for t, row in enumerate(one_by_one["trace"][picture[part].at]):
            size = row.shape[-1]
            assert (whole[:, :, t : t + 1, :size] - row).abs().max() < 1e-5
            assert not whole[:, :, t, size:].any(), "the mask hides what is not there yet"


def test_on_a_laptop_the_steps_of_a_tall_picture_stay_in_sight(
    site: Site, open_page: Open, working: Diagram
) -> None:
    page = open_page(site.write(working), viewport={"width": 1280, "height": 720})
    drawing = page.locator(".lv-drawing")
    assert drawing.bounding_box()["height"] > 720
    button = page.get_by_role("button", name="next step")
    lit = page.locator(".lv-drawing .lit[data-part]:not([display])")
    for _ in diagrams.at_work.steps:
        box = button.bounding_box()
        assert 0 < box["y"] < 720 - box["height"]
        button.click()
        above = page.locator(".lv-say").bounding_box()["y"]
        first, last = lit.first.bounding_box(), lit.last.bounding_box()
        for box in (first, last):
            assert box["y"] >= -1
            assert box["y"] + box["height"] <= above + 1
    told = page.locator(".lv-told")
    expect(told).to_have_text(diagrams.at_work.steps[-1].text)
    box = told.bounding_box()
    assert box["y"] + box["height"] <= 720
