"""The exported model in the page: loading, translating, and everything that can go wrong."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from lecture_utils.data import numerals

from . import fake_translator
from .conftest import ROWS, Site, Watched, example

Open = Callable[..., Page]
NAME = "numerals-en-de"
SHOWN = " Still shown (attention): 748 000, 95"
ALONE = " Still shown: 748 000, 95"
AGAIN = " Ask again, and it is loaded again."


@pytest.fixture
def models(runtime: Path) -> Path:
    """The folder of exported models, with one in it that attends and one that does not."""
    folder = runtime / "models"
    fake_translator.export(folder, NAME, wrong={"nine": "acht"})
    fake_translator.export(folder, f"{NAME}-fixed", attention=False)
    return folder


@pytest.fixture
def page(site: Site, models: Path, open_page: Open) -> Page:
    """A page with a view that can be asked; nothing is loaded yet."""
    both = [("attention", NAME), ("fixed context", f"{NAME}-fixed")]
    return open_page(site.write(example(live=both, examples=["7, 70", "12 thousand"])))


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="English")


def says(page: Page, text: str) -> None:
    expect(page.get_by_role("status")).to_have_text(text, timeout=60_000)


def rows(page: Page) -> list[str]:
    return page.locator(".lv-sides span").all_inner_texts()


def test_nothing_is_loaded_before_the_first_edit(site: Site, models: Path, open_page: Open) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/")[-1]))
    page.goto(site.write(example(live=NAME)))
    expect(page.get_by_role("status")).to_have_text("as stored")
    page.wait_for_timeout(600)
    assert [name.split("?")[0] for name in asked] == ["index.html", "views.css", "views.js"]
    field(page).fill("48")
    says(page, "✓ reads back as 48")
    assert asked[3:] == [
        "model.json", "sequence_to_sequence.js", "ort.wasm.bundle.min.mjs",
        "ort-wasm-simd-threaded.wasm", "encode.onnx", "step.onnx",
    ]  # fmt: skip
    field(page).fill("47")
    says(page, "✓ reads back as 47")
    assert len(asked) == 9, "loaded once for the page"


def test_an_edit_is_translated_and_aligned(page: Page) -> None:
    field(page).fill("748 000, 12")
    says(page, "✓ reads back as 748\u202f000, 12")
    columns = list(numerals.spell_list([748_000, 12], "en"))
    expect(page.locator(".lv-tops span")).to_have_text(columns)
    assert rows(page) == ["sieben", "hundert", "vierzig", "acht", "tausend", ",", "zwölf"]
    page.get_by_role("button", name="next word").click()
    even = (1 - fake_translator.SHARP) / len(columns)
    first = f"“sieben” reads “seven” {fake_translator.SHARP + even:.2f}, then “hundred” {even:.2f}."
    told = page.locator(".lv-reading").inner_text()
    assert told.startswith(f"{first} A gold link. Entropy ")
    expect(page.locator(".lv-sure span")).to_have_count(len(columns))
    assert page.locator(".lv-sides span").first.get_attribute("lang") == "de"
    assert page.locator(".lv-gold").get_attribute("d").count("z") == len(columns)


def test_a_wrong_answer_is_told_in_words(page: Page) -> None:
    field(page).fill("59")
    says(page, "✗ reads back as 58; you wrote 59")


def test_a_fixed_context_has_no_weights(page: Page) -> None:
    page.get_by_role("radio", name="fixed context").check()
    says(page, "✓ reads back as 748\u202f000, 95")
    assert len(rows(page)) == 8
    expect(page.locator(".lv-reading")).to_contain_text(
        "No word reads any: every weight is zero, the context is fixed."
    )


def test_an_example_is_one_click_away(page: Page) -> None:
    page.get_by_role("button", name="7, 70").click()
    says(page, "✓ reads back as 7, 70")
    expect(field(page)).to_have_value("7, 70")
    page.get_by_role("button", name="12 thousand").click()
    says(page, "“12 thousand” does not form a number: write digits alone, or words as in "
         "forty-eight. Still shown (attention): 7, 70")  # fmt: skip


def test_enter_asks_without_an_edit(page: Page) -> None:
    field(page).press("Enter")
    says(page, "✓ reads back as 748\u202f000, 95")


def test_the_last_edit_wins(page: Page) -> None:
    field(page).fill("48")
    says(page, "✓ reads back as 48")
    field(page).fill(", ".join(["748 213"] * 6))
    page.wait_for_function("document.querySelectorAll('.lv-sides span').length > 3")
    field(page).fill("7")
    says(page, "✓ reads back as 7")
    page.wait_for_timeout(300)
    assert rows(page) == ["sieben"]


def test_an_answer_that_was_cut_off_does_not_stay(page: Page) -> None:
    field(page).fill("48")
    says(page, "✓ reads back as 48")
    page.evaluate(
        "const sides = document.querySelector('.lv-sides'); new MutationObserver(() => {"
        "const input = document.querySelector('.lv input');"
        "if (sides.children.length !== 3 || input.value === 'x') return;"
        "input.value = 'x'; input.dispatchEvent(new Event('input'));"
        "}).observe(sides, { childList: true })"
    )
    field(page).fill("748 213")
    says(page, "“x” is not a number word: write digits, or words such as forty-eight. "
         "Still shown (attention): 48")  # fmt: skip
    assert rows(page) == ["vierzig", "acht"]


def test_words_appear_one_by_one(page: Page) -> None:
    field(page).fill("48")
    says(page, "✓ reads back as 48")
    page.evaluate(
        "window.counts = []; const sides = document.querySelector('.lv-sides');"
        "new MutationObserver(() => counts.push(sides.children.length))"
        ".observe(sides, { childList: true })"
    )
    field(page).fill("748 213")
    says(page, "✓ reads back as 748\u202f213")
    counts = page.evaluate("counts")
    assert counts == [*range(1, 9), 8]


NONSENSE = {
    "": "The field is empty: write a number, such as 748 213.",
    "seven bananas": "“bananas” is not a number word: write digits, or words such as forty-eight.",
    "2 000 000 000": "“2 000 000 000” is too large: the largest is 999\u202f999\u202f999.",
    "seven " * 500: "That is 500 words, commas counted; the model reads 60 at most.",
    "칠백": "“칠백” is in a script the model has not learnt: write digits or English number words.",
    "<script>alert(1)</script>": "“<script>alert(1)</script>” is not a number word: "
    "write digits, or words such as forty-eight.",
    ",": "There is only a comma: write a number on each side of it.",
}


def test_nonsense_keeps_the_last_good_result(page: Page) -> None:
    field(page).fill("48")
    says(page, "✓ reads back as 48")
    described = field(page).get_attribute("aria-describedby")
    assert page.get_by_role("status").get_attribute("id") == described
    for text, words in NONSENSE.items():
        field(page).fill(text)
        says(page, f"{words} Still shown (attention): 48")
        assert rows(page) == ["vierzig", "acht"]
        expect(field(page)).to_have_attribute("aria-invalid", "true")
        assert page.locator(".lv script").count() == 0
    field(page).fill("7")
    says(page, "✓ reads back as 7")
    expect(field(page)).to_have_attribute("aria-invalid", "false")


def test_from_a_file_it_says_what_to_do(site: Site, models: Path, open_page: Open) -> None:
    site.write(example(live=NAME))
    page = open_page((site.folder / "index.html").as_uri())
    field(page).fill("48")
    says(
        page,
        "The live model needs the folder to be served: run `python -m http.server -d _build/html` "
        f"and open http://localhost:8000.{ALONE}",
    )
    assert rows(page) == ROWS


# What can go wrong on the way


@pytest.mark.parametrize("file", ["encode.onnx", "step.onnx"])
def test_a_truncated_model_is_never_half_loaded(page: Page, models: Path, file: str) -> None:
    path = models / NAME / file
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    field(page).fill("48")
    says(
        page,
        f"{file} could not be used: {len(whole) - 100} of {len(whole)} bytes arrived."
        f"{AGAIN}{SHOWN}",
    )
    assert rows(page) == ROWS
    path.write_bytes(whole)
    field(page).fill("49")
    says(page, "✗ reads back as 48; you wrote 49")


def test_a_changed_model_is_refused(page: Page, models: Path) -> None:
    path = models / NAME / "step.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    field(page).fill("48")
    says(page, f"step.onnx could not be used: its checksum is wrong.{AGAIN}{SHOWN}")
    assert rows(page) == ROWS


def test_a_model_that_does_not_run_is_named(page: Page, models: Path) -> None:
    (models / NAME / "step.onnx").write_bytes(b"nothing of the kind")
    spec = json.loads((models / NAME / "model.json").read_text(encoding="utf-8"))
    spec["graphs"]["step"].update(
        bytes=19, sha256=hashlib.sha256(b"nothing of the kind").hexdigest()
    )
    (models / NAME / "model.json").write_text(json.dumps(spec), encoding="utf-8")
    field(page).fill("48")
    says(page, f"step.onnx could not be used: it is no model that this page can run.{AGAIN}{SHOWN}")


@pytest.mark.parametrize("text", ["<!doctype html>", '{"format": 2, "kind": "seq2seq"}', "null"])
def test_a_strange_description_is_refused(page: Page, models: Path, text: str) -> None:
    (models / NAME / "model.json").write_text(text, encoding="utf-8")
    field(page).fill("48")
    says(page, f"model.json could not be used: this page does not know its form.{AGAIN}{SHOWN}")


@pytest.mark.parametrize("file", ["model.json", "encode.onnx", "ort-wasm-simd-threaded.wasm"])
def test_a_missing_file_is_named(page: Page, models: Path, watched: Watched, file: str) -> None:
    (path,) = models.parent.rglob(file) if "wasm" in file else [models / NAME / file]
    path.rename(path.with_suffix(".away"))
    field(page).fill("48")
    says(page, f"{file} could not be used: the server answers 404.{AGAIN}{SHOWN}")
    assert rows(page) == ROWS
    path.with_suffix(".away").rename(path)
    field(page).fill("48 ")
    says(page, "✓ reads back as 48")
    assert "404" in watched.expected(page)


def test_a_lost_connection_is_told(page: Page, watched: Watched) -> None:
    def cut(route: Route) -> None:
        route.abort()

    page.route("**/*.onnx", cut)
    field(page).fill("48")
    says(page, f"encode.onnx could not be used: the connection failed.{AGAIN}{SHOWN}")
    page.unroute("**/*.onnx", cut)
    field(page).fill("7")
    says(page, "✓ reads back as 7")
    assert "ERR_FAILED" in watched.expected(page)


def test_loading_shows_how_much_has_come(page: Page, models: Path) -> None:
    page.locator(".lv-status").wait_for(state="attached")
    page.evaluate(
        "window.told = []; const status = document.querySelector('.lv-status');"
        "new MutationObserver(() => told.push(status.textContent))"
        ".observe(status, { childList: true })"
    )
    field(page).fill("48")
    says(page, "✓ reads back as 48")
    told = page.evaluate("told")
    sizes = [float(text.split()[3]) for text in told if text.startswith("Loading the model: ")]
    assert sizes == sorted(sizes)
    assert sizes[-1] > 14
    totals = [float(text.split()[5]) for text in told if text.startswith("Loading the model: ")]
    runtime = sum(path.stat().st_size for path in (models.parent / "vendor" / "ort").iterdir())
    assert totals[1] == round(runtime / 1e6, 1), "ORT_BYTES of runtime.js"
    assert sizes[-1] == totals[-1]
    assert told[0] == "Translating …"
    assert told[-2:] == ["Translating …", "✓ reads back as 48"]


def test_an_answer_without_an_end_is_cut_and_it_is_said(page: Page, models: Path) -> None:
    path = models / NAME / "model.json"
    spec = json.loads(path.read_text(encoding="utf-8"))
    spec["limits"]["target"] = 3
    path.write_text(json.dumps(spec), encoding="utf-8")
    field(page).fill("748 000")
    says(
        page,
        "✗ reads back as 740; you wrote 748\u202f000 (stopped after 3 words, without an end)",
    )


def test_weights_reach_the_table(page: Page) -> None:
    field(page).fill("48")
    says(page, "✓ reads back as 48")
    page.get_by_role("button", name="table", exact=True).click()
    cells = page.locator(".lv-table td").all_inner_texts()
    even = (1 - fake_translator.SHARP) / 2
    expected = (np.eye(2) * fake_translator.SHARP + even).ravel()
    assert [float(text.split()[0]) for text in cells] == pytest.approx(expected, abs=0.006)


def test_a_wasm_that_is_cut_is_named_and_a_second_try_works(
    page: Page, models: Path, watched: Watched
) -> None:
    (path,) = models.parent.rglob("*.wasm")
    whole = path.read_bytes()
    for broken in (whole[: len(whole) // 2], b"<!doctype html>"):
        path.write_bytes(broken)
        field(page).fill("48")
        said = "it is cut short, or another file came in its place."
        says(page, f"ort-wasm-simd-threaded.wasm could not be used: {said}{AGAIN}{SHOWN}")
    path.write_bytes(whole)
    field(page).fill("48 ")
    says(page, "✓ reads back as 48")
    watched.errors[:] = [said for said in watched.errors if "CompileError" not in said]


def test_a_server_may_send_modules_as_it_likes(page: Page) -> None:
    def plain(route: Route) -> None:
        answer = route.fetch()
        kind = {"content-type": "application/octet-stream"}
        route.fulfill(response=answer, headers={**answer.headers, **kind})

    page.route("**/*.mjs", plain)
    page.route("**/kinds/*.js", plain)
    field(page).fill("48")
    says(page, "✓ reads back as 48")


def test_a_page_that_may_run_no_wasm_says_so(
    site: Site, models: Path, open_page: Open, watched: Watched
) -> None:
    url = site.write(example(live=NAME))
    path = site.folder / "index.html"
    policy = "script-src 'self' 'unsafe-inline' blob:"
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    path.write_text(path.read_text("utf-8").replace("<head>", f"<head>{tag}"), "utf-8")
    page = open_page(url)
    field(page).fill("48")
    said = "The live model needs WebAssembly, which this page is not allowed to run."
    says(page, f"{said}{ALONE}")
    watched.errors[:] = [said for said in watched.errors if "Content Security" not in said]


def test_a_browser_without_wasm_says_so(site: Site, models: Path, open_page: Open) -> None:
    page = open_page()
    page.add_init_script("delete globalThis.WebAssembly")
    page.goto(site.write(example(live=NAME)))
    field(page).fill("48")
    said = "The live model needs WebAssembly, which this page is not allowed to run."
    says(page, f"{said}{ALONE}")


def test_a_server_that_falls_silent_is_given_up(site: Site, models: Path, open_page: Open) -> None:
    page = open_page()
    page.clock.install()
    page.goto(site.write(example(live=NAME)))
    page.route("**/step.onnx", lambda route: None)
    with page.expect_request("**/step.onnx"):
        field(page).fill("48")
        page.clock.run_for(2_000)
    page.clock.run_for(61_000)
    says(page, f"step.onnx could not be used: the connection is silent.{AGAIN}{ALONE}")


# A word that is written, changed by the reader


def change(page: Page, row: int) -> Locator:
    """Open the field at the word of a row by a click."""
    page.locator(".lv-sides span").nth(row).click()
    return page.get_by_role("textbox", name=f"word {row + 1}, instead of")


def test_a_written_word_is_changed_and_taken_back(page: Page) -> None:
    field(page).fill("748")
    says(page, "✓ reads back as 748")
    word = change(page, 1)
    expect(word).to_be_focused()
    expect(word).to_have_value("hundert")
    word.fill("neunzig")
    word.press("Enter")
    says(page, "✗ reads back as no number; you wrote 748")
    yours = page.locator(".lv-yours")
    expect(yours).to_have_text("You wrote “neunzig”, word 2. The rest is the network's.")
    assert rows(page) == ["sieben", "neunzig", "vierzig", "acht"]
    expect(page.locator(".lv-mine")).to_have_text(["neunzig"])
    expect(page.get_by_role("application")).to_be_focused()
    expect(page.locator(".lv-reading")).to_contain_text("“neunzig”, your word, reads “hundred”")
    change(page, 3).fill("neun")
    page.get_by_role("button", name="write").click()
    expect(page.locator(".lv-mine")).to_have_text(["neunzig", "neun"])
    assert rows(page)[1:] == ["neunzig", "vierzig", "neun"]
    expect(yours).to_have_text(
        "You wrote “neunzig”, word 2; “neun”, word 4. The rest is the network's."
    )
    change(page, 3)
    page.keyboard.press("Escape")  # leaves the field, and the word
    expect(page.locator(".lv-mine")).to_have_text(["neunzig", "neun"])
    expect(page.get_by_role("application")).to_be_focused()
    change(page, 3).fill("")
    page.keyboard.press("Enter")
    expect(page.locator(".lv-mine")).to_have_text(["neunzig"])
    assert rows(page) == ["sieben", "neunzig", "vierzig", "acht"]
    change(page, 1)
    page.get_by_role("button", name="take it back").click()
    says(page, "✓ reads back as 748")
    assert rows(page) == ["sieben", "hundert", "vierzig", "acht"]
    expect(page.locator(".lv-mine")).to_have_count(0)
    expect(yours).to_be_empty()


def test_a_word_is_changed_by_keys_and_by_choice(page: Page) -> None:
    field(page).fill("48")
    says(page, "✓ reads back as 48")
    weights = page.get_by_role("application")
    weights.focus()
    weights.press("ArrowDown")
    weights.press("ArrowDown")
    weights.press("Enter")
    expect(page.get_by_role("textbox", name="word 2, instead of “acht”")).to_be_focused()
    offered = page.locator(".lv-rewrite .lv-tries button")
    expect(offered).to_have_count(5)
    expect(offered.first).to_have_text(re.compile(r"^acht 0\.9\d$|^acht 1\.00$"))
    other = offered.nth(1).inner_text().split()[0]
    offered.nth(1).click()
    expect(page.locator(".lv-mine")).to_have_text([other])
    assert rows(page) == ["vierzig", other]
    page.get_by_role("button", name=f"change “{other}” …").click()
    page.get_by_role("button", name="take it back").click()
    says(page, "✓ reads back as 48")


def test_a_word_that_the_model_cannot_write_is_refused_beside_the_field(page: Page) -> None:
    field(page).fill("48")
    says(page, "✓ reads back as 48")
    word = change(page, 0)
    word.fill("banane")
    word.press("Enter")
    beside = page.locator(".lv-rewrite .lv-wrong")
    expect(beside).to_have_text("“banane” is no word that the model can write.")
    expect(word).to_have_attribute("aria-invalid", "true")
    expect(word).to_have_attribute("aria-describedby", beside.get_attribute("id") or "")
    expect(page.locator(".lv-ask .lv-status")).to_have_text("✓ reads back as 48")
    assert rows(page) == ["vierzig", "acht"]
    word.fill("acht")
    word.press("Enter")
    expect(page.locator(".lv-mine")).to_have_text(["acht"])


def test_another_text_begins_without_the_changed_word(page: Page) -> None:
    field(page).fill("48")
    says(page, "✓ reads back as 48")
    change(page, 0).fill("acht")
    page.keyboard.press("Enter")
    expect(page.locator(".lv-mine")).to_have_count(1)
    change(page, 0)
    field(page).fill("47")
    says(page, "✓ reads back as 47")
    expect(page.locator(".lv-mine")).to_have_count(0)
    expect(page.locator(".lv-rewrite")).to_be_hidden()


def test_nobody_is_offered_what_nobody_answers(site: Site, open_page: Open) -> None:
    page = open_page(site.write(example()))
    page.locator(".lv-sides span").first.click()
    expect(page.locator(".lv-rewrite")).to_have_count(0)
    expect(page.locator(".lv-reading")).not_to_contain_text("change it")


@pytest.mark.parametrize("width", [320, 390])
def test_a_finger_changes_a_word_on_a_phone(
    site: Site, models: Path, open_page: Open, width: int
) -> None:
    phone = {"viewport": {"width": width, "height": 700}, "has_touch": True, "is_mobile": True}
    page = open_page(site.write(example(live=NAME)), **phone)
    page.locator(".lv-cells").tap(position={"x": 8, "y": 40})
    opener = page.get_by_role("button", name="change “hundert” …")
    opener.tap()
    page.locator(".lv-rewrite input").fill("neunzig")
    page.get_by_role("button", name="write").tap()
    expect(page.locator(".lv-mine")).to_have_text(["neunzig"], timeout=60_000)
    opener = page.locator(".lv-inside > button")
    page.locator(".lv-cells").tap(position={"x": 8, "y": 40})
    opener.tap()
    for target in (opener, *page.locator(".lv-rewrite :is(button, input)").all()):
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
