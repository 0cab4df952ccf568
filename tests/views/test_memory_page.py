"""The memory view in a page: what a reader sees and does, and the model that answers there."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from torch import nn

from lecture_utils.views import MemoryHops
from lecture_utils.views.assets import bundled
from lecture_utils.views.base import json_text
from tests.pages import RULES

from . import fake_memory, in_page
from .conftest import ANYWIDGET, Site, Watched, example
from .memory_example import QUESTION, READ, STORY, TASKS, WEIGHTS, hops

Open = Callable[..., Page]
AGAIN = " Ask again, and it is loaded again."
FORM = "model.json could not be used: this page does not know its form."
SHOWN = " Still shown: the answer “garden”."
EVIL = "<img src=x onerror=\"document.title='taken'\">"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, nn.Module]:
    """A model of random weights, exported as a chapter does it, and the model in torch."""
    folder = tmp_path_factory.mktemp("models")
    return folder, fake_memory.export(folder)


@pytest.fixture
def models(exported: tuple[Path, nn.Module], runtime: Path) -> Path:
    """The folder of the exported model on the test's own site."""
    shutil.copytree(exported[0], runtime / "models")
    return runtime / "models" / fake_memory.NAME


@pytest.fixture
def page(site: Site, models: Path, open_page: Open) -> Page:
    """A page with a story that can be edited; nothing is loaded yet."""
    view = hops(live=fake_memory.NAME, tasks=dict(fake_memory.babi.TASKS), task=1)
    return open_page(site.write(view))


@pytest.fixture
def editor(site: Site, open_page: Open) -> Page:
    """The same without a model behind it: what needs none can be tried."""
    page = open_page(site.write(hops(live="absent")))
    page.route("**/models/**", lambda route: route.abort())
    return page


@pytest.fixture
def lost(watched: Watched) -> Any:
    """Forget the errors of a browser that was told to lose its connection."""
    yield
    watched.errors[:] = [e for e in watched.errors if "ERR_FAILED" not in e and "404" not in e]


def lines(page: Page) -> list[str]:
    return page.locator(".lv-line input").evaluate_all("all => all.map((el) => el.value)")


def line(page: Page, number: int) -> Locator:
    return page.get_by_role("textbox", name=f"sentence {number}", exact=True)


def tags(page: Page) -> list[str]:
    return page.locator("tbody .lv-tag").all_inner_texts()


def cells(page: Page) -> list[list[str]]:
    return page.locator(".lv tbody tr").evaluate_all(
        "rows => rows.map((tr) => [...tr.querySelectorAll('.lv-hop')].map((td) => td.innerText))"
    )


def says(page: Page, words: str) -> None:
    expect(page.locator(".lv-status")).to_have_text(words, timeout=60_000)


def reading(page: Page) -> Locator:
    return page.locator(".lv-reading")


# Homes


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_figure_comes_alive(site: Site, open_page: Open, scheme: str) -> None:
    url = site.write(hops(), example())
    page = open_page(url if scheme == "http" else (site.folder / "index.html").as_uri())
    expect(page.locator(".lv")).to_have_count(2)
    table = page.get_by_role("table", name="story")
    rows = table.get_by_role("row")
    expect(rows).to_have_count(1 + 5 + 1)
    assert rows.nth(0).get_by_role("columnheader").all_inner_texts() == (
        ["sentence", "hop 1", "hop 2", "hop 3"]
    )
    told = rows.nth(2).locator("th, td").all_inner_texts()
    assert told == ["2", STORY[1], "gold", "0.88", "0.05", "0.02"]
    last = rows.nth(6).locator("th, td").all_inner_texts()
    assert last == ["", "empty slots", "", "0.01", "0.02", "0.02"]
    expect(reading(page).first).to_have_text(READ)
    expect(page.locator(".lv-answer")).to_have_text(
        "answer garden 0.97 (hallway 0.01, kitchen 0.01) ✓ right"
    )
    assert page.get_by_role("textbox").count() == 0, "nobody would answer"
    expect(page.locator("figure > img").first).to_be_hidden()


def widget(open_page: Open, view: MemoryHops) -> Page:
    page = open_page()
    page.evaluate(ANYWIDGET, [bundled("memory_hops.js"), json.loads(json_text(view.state))])
    return page


def asks(story: list[str], question: str) -> dict[str, Any]:
    return {"weights": np.eye(len(story))[:1], "answers": {"kitchen": 0.8}}


def test_a_kernel_is_asked_once_and_its_answer_shown(open_page: Open) -> None:
    kernel = hops(ask={"memory": asks, "other": asks})
    page = widget(open_page, kernel)
    line(page, 3).press_sequentially("!!", delay=20)
    page.wait_for_function("saved.length")
    page.wait_for_timeout(600)
    (request,) = page.evaluate("saved")
    told = [*STORY[:2], f"!!{STORY[2]}", *STORY[3:]]
    assert {k: v for k, v in request.items() if k != "n"} == (
        {"story": told, "question": QUESTION, "label": "memory"}
    )
    page.evaluate("n => model.set('reply', { n, error: 'No such word.' })", request["n"])
    says(page, "No such word." + SHOWN.replace("shown:", "shown (memory):"))
    kernel.request = request
    page.evaluate(
        "state => { const bytes = Uint8Array.from(atob(state.weights), (c) => c.charCodeAt(0));"
        "model.set('state', { ...state, weights: new DataView(bytes.buffer) }) }",
        json.loads(json_text(kernel.state)),
    )
    expect(line(page, 3)).to_be_focused()
    expect(page.locator(".lv-answer")).to_have_text("answer kitchen 0.80")
    assert cells(page) == [["1.00"], *[["0.00"]] * 4]
    assert tags(page) == ["", "was gold", "", "", ""]
    expect(page.get_by_role("button", name="new story")).to_have_count(0)


def test_a_new_story_comes_from_the_kernel(open_page: Open) -> None:
    told = (["Ann fled.", "Bob ate."], "Who fled?", "Ann", (0,))
    kernel = hops(ask=asks, new_story=lambda task: told, tasks=TASKS, task=2)
    page = widget(open_page, kernel)
    page.get_by_role("button", name="new story").click()
    page.wait_for_function("saved.length")
    (request,) = page.evaluate("saved")
    assert (request["task"], "story" in request) == (2, False)
    kernel.request = request
    page.evaluate(
        "state => { const bytes = Uint8Array.from(atob(state.weights), (c) => c.charCodeAt(0));"
        "model.set('state', { ...state, weights: new DataView(bytes.buffer) }) }",
        json.loads(json_text(kernel.state)),
    )
    expect(line(page, 2)).to_have_value("Bob ate.")
    assert tags(page) == ["gold", ""]
    expect(page.locator(".lv-answer")).to_have_text("answer kitchen 0.80 ✗ the true answer is Ann")
    expect(reading(page)).to_have_text("Hop 1 reads sentence 1 (1.00). The gold fact was read.")


# Writing


def test_the_keyboard_adds_removes_and_moves_lines(editor: Page, lost: None) -> None:
    page = editor
    line(page, 2).focus()
    page.keyboard.press("Enter")
    expect(line(page, 3)).to_be_focused()
    assert lines(page) == [*STORY[:2], "", *STORY[2:]]
    page.keyboard.press("Backspace")
    expect(line(page, 2)).to_be_focused()
    assert lines(page) == STORY
    page.keyboard.press("Alt+ArrowUp")
    expect(line(page, 1)).to_be_focused()
    assert lines(page) == [STORY[1], STORY[0], *STORY[2:]]
    assert cells(page)[0] == ["0.88", "0.05", "0.02"], "the weights go with their sentence"
    assert tags(page) == ["was gold", "", "was gold", "", ""]
    expect(reading(page)).to_have_text(
        "Hop 1 reads sentence 1 (0.88), hop 2 sentence 3 (0.91), hop 3 sentence 3 (0.95). "
        "The gold marks are of the story as it was told."
    )
    page.keyboard.press("Alt+ArrowUp")
    assert lines(page)[0] == STORY[1], "the first stays the first"
    page.keyboard.press("Alt+ArrowDown")
    assert lines(page) == STORY
    assert tags(page) == ["", "gold", "gold", "", ""]
    expect(reading(page)).to_have_text(READ)
    page.keyboard.press("ArrowDown")
    expect(line(page, 3)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    assert lines(page)[2] == STORY[2][:-1], "a line that is not empty stays"


def test_the_buttons_do_the_same(editor: Page, lost: None) -> None:
    page = editor
    line(page, 4).click()
    tools = page.get_by_role("group", name="sentence 4")
    tools.get_by_role("button", name="move up").click()
    assert lines(page) == [*STORY[:2], STORY[3], STORY[2], STORY[4]]
    tools = page.get_by_role("group", name="sentence 3")
    expect(tools.get_by_role("button", name="move up")).to_be_focused()
    tools.get_by_role("button", name="move down").click()
    assert lines(page) == STORY
    page.get_by_role("button", name="add below").click()
    expect(line(page, 5)).to_be_focused()
    assert lines(page)[4] == ""
    for left in range(5, 0, -1):
        page.get_by_role("button", name="remove").click()
        assert len(lines(page)) == left
    page.get_by_role("button", name="remove").click()
    assert lines(page) == [""], "the last line is emptied, not removed"
    expect(reading(page)).to_contain_text("Hop 1 reads a sentence that is gone (0.88)")


def test_marks_go_with_their_sentences(editor: Page, lost: None) -> None:
    page = editor
    line(page, 2).fill("John got the milk there.")
    assert tags(page) == ["", "", "was gold", "", ""]
    line(page, 2).fill(f" {STORY[1]} ")
    assert tags(page) == ["", "gold", "gold", "", ""]
    expect(page.locator(".lv-answer")).to_contain_text("✓ right")
    page.get_by_role("textbox", name="question").fill("Where is John?")
    assert tags(page) == [""] * 5
    expect(page.locator(".lv-answer")).not_to_contain_text("right")
    expect(reading(page)).not_to_contain_text("gold")
    expect(page.locator(".lv-key")).to_be_hidden()


def paste(page: Page, text: str) -> None:
    page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text', text);"
        "document.activeElement.dispatchEvent(new ClipboardEvent('paste',"
        "{ clipboardData: data, bubbles: true, cancelable: true })) }",
        text,
    )


def test_several_lines_are_pasted_as_several(editor: Page, lost: None) -> None:
    page = editor
    line(page, 5).focus()
    page.keyboard.press("Enter")
    paste(page, "Mary fled.\r\n\r\n  John ate. \nAnn slept.")
    assert lines(page) == [*STORY, "Mary fled.", "John ate.", "Ann slept."]
    expect(line(page, 8)).to_be_focused()
    paste(page, "x\n" * 2_000)
    expect(page.locator(".lv-status")).to_have_text(
        "Nothing was pasted: these are 2000 lines, and the view takes 1000 at most."
    )
    assert len(lines(page)) == 8


def test_text_is_text(site: Site, open_page: Open) -> None:
    evil = {"story": [EVIL], "weights": [[1.0]], "gold": None, "answers": {EVIL: 1.0}}
    told = {"question": EVIL, "title": EVIL, "noun": EVIL, "truth": EVIL, "message": EVIL}
    page = open_page(site.write(hops(**evil, **told), hops(**evil, **told, live="m")))
    expect(page.locator(".lv")).to_have_count(2)
    assert page.locator(".lv img").count() == 0
    assert page.title() == "Views"


# The model in the page


def same_as_torch(page: Page, model: nn.Module, story: list[str], question: str) -> None:
    """The page's answer is torch's, to 1e-4; its cells to two decimals."""
    sure, weights = fake_memory.answer(model, story, question)
    there = in_page.ask(page, fake_memory.NAME, story=story, question=question)
    found = np.array(there["weights"]).reshape(there["shape"])
    assert np.abs(found - weights.numpy()).max() < 1e-4
    best = sure[1:].topk(4)
    assert [word for word, _ in there["answers"]] == (
        [fake_memory.tokens()[i + 1] for i in best.indices]
    )
    assert np.abs(np.array([p for _, p in there["answers"]]) - best.values.numpy()).max() < 1e-4


def test_an_answer_is_torchs(page: Page, exported: tuple[Path, nn.Module]) -> None:
    line(page, 3).fill("john travelled to the kitchen")
    says(page, "")
    expect(page.locator("tbody .lv-hop")).to_have_count(2 * len(STORY))
    story = [*STORY[:2], "John travelled to the kitchen.", *STORY[3:]]
    _, weights = fake_memory.answer(exported[1], story, QUESTION)
    shown = np.array(cells(page), dtype=float).T
    assert np.abs(shown - weights.numpy()).max() < 0.0051
    rest = np.array(page.locator("tfoot .lv-hop").all_inner_texts(), dtype=float)
    assert np.abs(rest - (1 - weights.sum(dim=1).numpy())).max() < 0.0051
    in_page.prepare(page)
    for told in fake_memory.babi.simulate(range(1, 21), 1, seed=9):
        same_as_torch(page, exported[1], list(told.story)[-50:], told.question)


def test_nothing_is_loaded_before_the_first_edit(site: Site, models: Path, open_page: Open) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/")[-1].split("?")[0]))
    page.goto(site.write(hops(live=fake_memory.NAME, tasks=TASKS)))
    expect(page.locator(".lv")).to_have_count(1)
    line(page, 2).focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(600)
    assert asked == ["index.html", "views.css", "views.js"], "an empty line asks nothing"
    page.evaluate(
        "window.told = []; const status = document.querySelector('.lv-status');"
        "new MutationObserver(() => told.push(status.textContent))"
        ".observe(status, { childList: true })"
    )
    page.get_by_role("button", name="ask").click()
    expect(page.get_by_text("the 173 words that the model knows")).to_be_visible(timeout=60_000)
    assert asked[3:] == [
        "model.json", "story_memory.js", "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm",
        "answer.onnx",
    ]  # fmt: skip
    told = page.evaluate("told")
    sizes = [float(text.split()[3]) for text in told if text.startswith("Loading the model: ")]
    assert (told[0], told[-1], sizes) == ("Reading …", "", sorted(sizes))
    page.get_by_role("button", name="new story").click()
    expect(page.locator(".lv-key")).to_be_visible()
    page.wait_for_function("!document.querySelector('.lv-line input').value.startsWith('Mary mov')")
    assert asked[8:] == ["stories.json"]


def test_a_new_story_is_never_the_last_one(page: Page) -> None:
    told = fake_memory.pool()
    seen = []
    page.get_by_role("combobox", name="task").select_option("20")
    for _ in range(8):
        before = lines(page)
        page.get_by_role("button", name="new story").click()
        page.wait_for_function(
            "before => [...document.querySelectorAll('.lv-line input')].map((i) => i.value).join()"
            " !== before", arg=",".join(before),
        )  # fmt: skip
        question = page.get_by_role("textbox", name="question").input_value()
        seen.append((lines(page), question))
    assert all(a != b for a, b in zip(seen[1:], seen, strict=False))
    for story, question in seen:
        (found,) = [each for each in told[20] if each[:2] == [story, question]]
    assert [i for i, tag in enumerate(tags(page)) if tag == "gold"] == sorted(found[3])
    assert "gold fact" in reading(page).inner_text()


NONSENSE = [
    ("Mary hugged a zebra.", "The model does not know “hugged” (sentence 1), “zebra” (sentence 1).",
     "unknown word"),
    ("mary " * 14, "Sentence 1 has 14 words; the model reads 11 at most.", "too long"),
    ("<script>alert(1)</script>",
     "The model does not know “<script>alert(1)</script>” (sentence 1).", "unknown word"),
    ("칠백", "“칠백” (sentence 1) is in a script the model has not learnt.", "unknown word"),
]  # fmt: skip


def test_nonsense_keeps_the_last_good_answer(page: Page) -> None:
    described = page.locator(".lv-status").get_attribute("id")
    for text, words, tag in NONSENSE:
        line(page, 1).fill(text)
        says(page, f"{words}{SHOWN}")
        expect(line(page, 1)).to_have_attribute("aria-invalid", "true")
        expect(line(page, 1)).to_have_attribute("aria-describedby", described)
        assert tags(page)[0] == tag
        assert cells(page)[1] == ["0.88", "0.05", "0.02"]
    expect(page.locator("[aria-live]")).to_have_text(f"{words}{SHOWN}")
    page.get_by_text("words that the model knows").click()
    assert " bathroom " in page.locator("details p").inner_text()
    line(page, 1).fill(STORY[0])
    page.get_by_role("textbox", name="question").fill("")
    says(page, f"There is no question: write one, such as “Where is Mary?”{SHOWN}")
    page.get_by_role("textbox", name="question").fill("Mary went to the kitchen.")
    says(page, "That does not begin like a question; the model answers it all the same.")
    expect(line(page, 1)).to_have_attribute("aria-invalid", "false")
    for _ in STORY:
        page.get_by_role("button", name="remove").click()
    says(page, still(page, "The story is empty: write a sentence."))


def still(page: Page, words: str) -> str:
    """An error as it stands beside the last good answer."""
    best = page.locator(".lv-answer b").inner_text()
    return f"{words} Still shown: the answer “{best}”."


def test_a_story_longer_than_the_memory(page: Page, exported: tuple[Path, nn.Module]) -> None:
    line(page, 1).focus()
    paste(page, "\n".join(["Nobody knows zebras."] * 345 + STORY * 10))
    assert len(lines(page)) == 400
    for _ in STORY[1:]:
        page.keyboard.press("ArrowDown")
        page.get_by_role("button", name="remove").click()
        line(page, 396).focus()
    says(page, "The memory holds 50 sentences: the oldest 346, sentences 1 to 346, are left out.")
    told = tags(page)
    assert told == ["left out"] * 346 + [""] * 50
    shown = np.array(cells(page)[346:], dtype=float).T
    _, weights = fake_memory.answer(exported[1], STORY * 10, QUESTION)
    assert np.abs(shown - weights.numpy()).max() < 0.0051
    assert cells(page)[0] == ["", ""]


def test_the_last_edit_wins(page: Page, exported: tuple[Path, nn.Module]) -> None:
    for place in ("garden", "office", "kitchen"):
        line(page, 1).fill(f"Mary went to the {place}.")
        page.wait_for_timeout(420)
    expect(page.locator("tbody .lv-hop")).to_have_count(2 * len(STORY), timeout=60_000)
    page.wait_for_timeout(500)
    _, weights = fake_memory.answer(
        exported[1], ["Mary went to the kitchen.", *STORY[1:]], QUESTION
    )
    assert np.abs(np.array(cells(page), dtype=float).T - weights.numpy()).max() < 0.0051


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("answer.onnx", -100, "answer.onnx could not be used: {left} of {size} bytes arrived."),
        ("model.json", b"<html>", FORM),
        ("model.json", b'{"format":1,"kind":"story memory"}', FORM),
        ("stories.json", -9, "stories.json could not be used: {left} of {size} bytes arrived."),
        ("stories.json", b"x", "stories.json could not be used: 1 of {size} bytes arrived."),
        ("stories.json", None, "stories.json could not be used: the server answers 404."),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named(
    page: Page, models: Path, lost: None, file: str, content: bytes | int | None, words: str
) -> None:
    path = models / file
    whole = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        path.write_bytes(whole[:content] if isinstance(content, int) else content)
    left = len(whole) + content if isinstance(content, int) else 0
    page.get_by_role("button", name="new story").click()
    says(page, f"{words.format(left=left, size=len(whole))}{AGAIN}{SHOWN}")
    assert lines(page) == STORY, "the story stays, too"
    assert tags(page) == ["", "gold", "gold", "", ""]
    path.write_bytes(whole)
    page.get_by_role("button", name="new story").click()
    says(page, "")
    assert lines(page) != STORY


def test_changed_stories_are_refused(page: Page, models: Path) -> None:
    path = models / "stories.json"
    path.write_bytes(path.read_bytes().replace(b"Mary", b"Mara"))
    page.get_by_role("button", name="new story").click()
    says(page, f"stories.json could not be used: its checksum is wrong.{AGAIN}{SHOWN}")


def test_a_lost_connection_is_told(page: Page, lost: None) -> None:
    page.route("**/*.onnx", lambda route: route.abort())
    line(page, 1).fill("Mary went to the office.")
    says(page, f"answer.onnx could not be used: the connection failed.{AGAIN}{SHOWN}")
    page.unroute("**/*.onnx")
    page.get_by_role("button", name="ask").click()
    says(page, "")


def test_from_a_file_it_says_what_to_do(site: Site, open_page: Open) -> None:
    site.write(hops(live="m"))
    page = open_page((site.folder / "index.html").as_uri())
    line(page, 1).fill("Mary went to the office.")
    says(page, "The live model needs the folder to be served: run `python -m http.server "
         f"-d _build/html` and open http://localhost:8000.{SHOWN}")  # fmt: skip


# Looks


@pytest.mark.parametrize("count", [3, 6])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_page_never_scrolls_sideways(
    site: Site, open_page: Open, width: int, count: int
) -> None:
    story = ["Sandra went back to the bathroom there after that."] * 30
    weights = np.full((count, 30), 1 / 40)
    both = [("three hops", "a"), ("one hop", "b")]
    view = hops(story=story, weights=weights, live=both, tasks=dict(fake_memory.babi.TASKS))
    page = open_page(site.write(view, hops()), viewport={"width": width, "height": 800})
    expect(page.locator(".lv")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    frame = page.locator(".lv-story").first
    assert frame.evaluate("el => el.scrollWidth - el.clientWidth") == 0
    assert frame.evaluate("el => el.scrollHeight > el.clientHeight"), "a long story scrolls"
    frame.evaluate("el => el.scrollTo(0, 200)")
    top = "el => el.getBoundingClientRect().top"
    head = frame.locator("thead th").last.evaluate(top) - frame.evaluate(top)
    assert 0 <= head < 20, "the names of the hops stay"
    stacked = page.locator("tbody tr").first.evaluate("el => getComputedStyle(el).display")
    assert stacked == ("grid" if width < 600 else "table-row")
    heads = (
        page.locator("thead")
        .first.locator("th")
        .evaluate_all(
            "all => all.map((el) => el.getBoundingClientRect()).map((box) => [box.left, box.right])"
        )[1:]
    )
    numbers = (
        page.locator("tbody tr")
        .first.locator(".lv-hop span")
        .evaluate_all(
            "all => all.map((el) => el.getBoundingClientRect()).map((box) => [box.left, box.right])"
        )
    )
    assert len(heads) == len(numbers) == count
    for row in (heads, numbers):
        assert all(a[1] <= b[0] for a, b in pairwise(row)), "hops overlap"
    small = page.locator(".lv :is(button, input[type=text], select)").evaluate_all(
        "all => all.map((el) => el.getBoundingClientRect()).filter((box) => box.height < 24)"
    )
    assert small == [], "a finger finds every control"


def test_forced_colours_and_motion(site: Site, open_page: Open) -> None:
    url = site.write(hops())
    page = open_page(url, forced_colors="active", color_scheme="dark")
    bar = page.locator(".lv-hop i").nth(3)
    moves = "el => getComputedStyle(el, '::before').transitionDuration"
    fill = "el => getComputedStyle(el, '::before').backgroundColor"
    paper = page.locator(".lv").evaluate("el => getComputedStyle(el).backgroundColor")
    assert paper == "rgb(0, 0, 0)"
    assert bar.evaluate(fill) != paper
    assert bar.evaluate(moves) == "0.2s"
    assert (
        open_page(url, reduced_motion="reduce").locator(".lv-hop i").first.evaluate(moves) == "0s"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(site: Site, models: Path, open_page: Open, axe: str, theme: str) -> None:
    both = [("three hops", fake_memory.NAME), ("one hop", fake_memory.NAME)]
    many = np.vstack([WEIGHTS, WEIGHTS])
    views = [hops(live=both, tasks=TASKS), hops(story=STORY * 9, weights=np.tile(many, 9) / 9)]
    for width in (900, 360):
        page = open_page(site.write(*views, theme=theme), viewport={"width": width, "height": 900})
        expect(page.locator(".lv")).to_have_count(2)
        page.locator(".lv-line input").nth(1).fill("Mary hugged a zebra.")
        says(
            page.locator(".lv").first,
            NONSENSE[0][1].replace("sentence 1", "sentence 2")
            + SHOWN.replace("shown:", "shown (three hops):"),
        )
        page.evaluate(axe)
        found = page.evaluate("rules => axe.run({ resultTypes: ['violations'] })", RULES["light"])
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []


def test_every_control_has_a_name(site: Site, open_page: Open) -> None:
    both = [("three hops", "a"), ("one hop", "b")]
    page = open_page(site.write(hops(live=both, tasks=TASKS)))
    for role, names in {
        "textbox": ["question", *(f"sentence {i}" for i in range(1, 6))],
        "combobox": ["task"],
        "radio": ["three hops", "one hop"],
        "button": ["add below", "move up", "move down", "remove", "new story", "ask",
                   "save as SVG", "save as PNG", "save as CSV"],
        "group": ["Two facts", "sentence 1"],
        "table": ["story"],
    }.items():  # fmt: skip
        for name in names:
            expect(page.get_by_role(role, name=name, exact=True)).to_have_count(1)
    assert page.locator("[aria-live], [role=status]").count() == 1


def saved(page: Page, kind: str) -> bytes:
    with page.expect_download() as found:
        page.get_by_role("button", name=f"save as {kind}").click()
    assert found.value.suggested_filename == f"memory.{kind.lower()}"
    return Path(found.value.path()).read_bytes()


def test_saving(site: Site, open_page: Open) -> None:
    page = open_page(site.write(hops(title='a <b> & "c"')))
    table = list(csv.reader(io.StringIO(saved(page, "CSV").decode("utf-8-sig"))))
    assert table[0] == ["", "sentence", "mark", "hop 1", "hop 2", "hop 3"]
    assert [row[1] for row in table[1:6]] == STORY
    assert table[2][2] == "gold"
    assert np.abs(np.array([row[3:] for row in table[1:6]], dtype=float).T - WEIGHTS).max() < 2e-5
    assert [row[1] for row in table[6:]] == [
        "empty slots", QUESTION, "answer garden 0.97 (hallway 0.01, kitchen 0.01) ✓ right",
    ]  # fmt: skip
    assert saved(page, "PNG").startswith(b"\x89PNG")
    root = page.evaluate(
        "text => {"
        "const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;"
        "return [root.nodeName, root.querySelector('text').textContent,"
        "root.querySelectorAll('rect').length] }",
        saved(page, "SVG").decode(),
    )
    assert root == ["svg", 'a <b> & "c"', 1 + 2 * 3 * 6]


def test_what_is_saved_is_the_last_answer_and_what_it_answered(editor: Page, lost: None) -> None:
    page = editor
    before = saved(page, "CSV"), saved(page, "SVG")
    line(page, 2).fill("Zorp.")
    line(page, 4).focus()
    page.get_by_role("button", name="remove").click()
    page.get_by_role("textbox", name="question").fill("Where is Zorp?")
    expect(page.locator(".lv-status")).to_contain_text("Still shown")
    assert (saved(page, "CSV"), saved(page, "SVG")) == before
