"""The memory view of a knowledge base in a page: a question brings the slots that it finds."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from lecture_utils.views import MemoryHops
from lecture_utils.views.base import json_text
from tests.pages import AXE_TAGS

from . import fake_knowledge
from .conftest import Site
from .fake_knowledge import NAME, TASKS
from .test_memory_page import FORM, cells, lost, reading, saved, says, tags, widget

Open = Callable[..., Page]
__all__ = ["lost"]  # a fixture
KENYA = "What is the capital of Kenya?"
SLOTS = [
    "Kenya + has capital → Nairobi",
    "Kenya + has official language → English",
    "Kenya + has official language → Kiswahili",
]
NOTHING = "No slot holds a word of this question; nothing was read."
SHOWN = f" Still shown: the answer “Nairobi” to “{KENYA}”."


def base(**changed: Any) -> MemoryHops:
    """The slots about Kenya, as a chapter would show them."""
    told = {
        "weights": [[0.9, 0.05, 0.05], [0.8, 0.1, 0.1]], "story": SLOTS, "question": KENYA,
        "answers": {"Nairobi": 0.7, "London": 0.1}, "gold": [0], "truth": ["Nairobi"],
        "title": "Facts", "noun": "slot", "editable": False, "tasks": TASKS, "live": NAME,
    }  # fmt: skip
    return MemoryHops(**{**told, **changed})


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SimpleNamespace]:
    """A network of random weights, exported as a chapter does it, and the same in torch."""
    folder = tmp_path_factory.mktemp("models")
    return folder, fake_knowledge.export(folder)


@pytest.fixture
def models(exported: tuple[Path, SimpleNamespace], runtime: Path) -> Path:
    """The folder of the exported model on the test's own site."""
    shutil.copytree(exported[0], runtime / "models")
    return runtime / "models" / NAME


@pytest.fixture
def page(site: Site, models: Path, open_page: Open) -> Page:
    """A page with a question that can be edited; nothing is loaded yet."""
    return open_page(site.write(base()))


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="question")


def lines(page: Page) -> list[str]:
    return page.locator("tbody .lv-line").all_inner_texts()


def answered(page: Page, it: SimpleNamespace, question: str) -> None:
    """What the page shows of a question is torch's."""
    wanted, chances, weights = fake_knowledge.answer(it, question)
    assert lines(page) == wanted
    shown = np.array(cells(page), dtype=float).T
    assert np.abs(shown - weights.numpy()).max() < 0.0051
    told = page.locator(".lv-answer").inner_text()
    best = sorted(chances, key=lambda name: -chances[name])[:5]
    assert told.startswith(f"answer {best[0]} {chances[best[0]]:.2f} (")
    assert all(f"{name} {chances[name]:.2f}" in told for name in best)


def test_only_the_question_is_a_field(page: Page) -> None:
    expect(page.get_by_role("textbox")).to_have_count(1)
    table = page.get_by_role("table", name="slots")
    assert table.get_by_role("columnheader").all_inner_texts() == ["slot", "hop 1", "hop 2"]
    assert lines(page) == SLOTS
    assert tags(page) == ["gold", "", ""]
    for name in ("remove", "add below", "move up", "move down"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.locator(".lv-answer")).to_have_text("answer Nairobi 0.70 (London 0.10) ✓ right")
    expect(reading(page)).to_have_text(
        "Hop 1 reads slot 1 (0.90), hop 2 slot 1 (0.80). The gold fact was read."
    )


def test_a_question_brings_its_slots_and_torchs_answer(
    page: Page, exported: tuple[Path, SimpleNamespace]
) -> None:
    for question, gold in {
        "Which language is official in Kenya?": ["", "gold", "gold"],
        "What is Kiswahili and London?": ["", ""],
        "Where is the government of the UK?": [""],
        "Bissau is the capital of what?": ["gold"],
        "group 12, Zinc, Kenya, Nairobi, English, Bissau": [""] * fake_knowledge.MOST,
    }.items():
        field(page).fill(f" {question} ")
        expect(page.locator("tbody .lv-tag")).to_have_text(gold, timeout=60_000)
        answered(page, exported[1], question)
        expect(field(page)).to_have_value(f" {question} ")
    expect(page.get_by_text("the 10 names that the memory knows")).to_be_visible()


def test_right_is_any_right_answer(page: Page, exported: tuple[Path, SimpleNamespace]) -> None:
    question = "Which language is official in Kenya?"
    _, chances, _ = fake_knowledge.answer(exported[1], question)
    best = max(chances, key=chances.__getitem__)
    field(page).fill(question)
    right = "✓ right" if best in ("English", "Kiswahili") else "✗ the true answer is English or Kis"
    expect(page.locator(".lv-answer")).to_contain_text(right, timeout=60_000)
    expect(reading(page)).to_contain_text("gold fact")


def test_a_new_question_comes_with_its_gold_slot(
    page: Page, exported: tuple[Path, SimpleNamespace]
) -> None:
    seen = []
    for _ in range(4):
        before = field(page).input_value()
        page.get_by_role("button", name="new question").click()
        page.wait_for_function(
            "before => document.querySelector('.lv-ask input').value !== before", arg=before
        )
        seen.append(field(page).input_value())
        says(page, "")
        answered(page, exported[1], seen[-1])
        assert tags(page).count("gold") == 1
    assert all(a != b for a, b in zip(seen[1:], seen, strict=False))
    page.get_by_role("combobox", name="kind").select_option("belongs to")
    page.get_by_role("button", name="new question").click()
    expect(field(page)).to_have_value("To which group does Zinc belong?")
    says(page, "")
    page.get_by_role("combobox", name="kind").select_option("lies in")
    page.get_by_role("button", name="new question").click()
    expect(page.locator(".lv-status")).to_contain_text("There is no question 3. Still shown: ")
    assert lines(page) == ["Zinc + belongs to → group 12"]


NONSENSE = {
    "": ("There is no question: write one.", "empty"),
    "???": (f"{NOTHING} Name something that the memory knows.", "nothing found"),
    "What is the capital of kenya?": (
        f"{NOTHING} The model does not know “kenya”: did you mean “Kenya”?", "nothing found"),
    "guinea bissau": (
        f"{NOTHING} The model does not know “guinea”, “bissau”: did you mean “Guinea-Bissau”?",
        "nothing found"),
    "<img src=x onerror=alert(1)>": (
        f"{NOTHING} The model does not know “img”, “src” and 4 more.", "nothing found"),
}  # fmt: skip


def test_nonsense_keeps_the_last_good_answer(page: Page) -> None:
    for text, (words, tag) in NONSENSE.items():
        field(page).fill(text)
        says(page, f"{words}{SHOWN}")
        expect(field(page)).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".lv-ask .lv-tag")).to_have_text(tag)
        assert lines(page) == SLOTS
        assert tags(page) == ["gold", "", ""]
        expect(page.locator(".lv-answer")).to_contain_text("✓ right")
    assert page.locator(".lv img").count() == 0
    page.get_by_text("the 10 names that the memory knows").click()
    assert "Guinea-Bissau" in page.locator("details p").inner_text()
    field(page).fill("Please tell: what is the capital of Zinc?")
    says(page, "The model does not know “please”, “tell”. The question was read without.")
    expect(field(page)).to_have_attribute("aria-invalid", "false")


def test_the_keyboard_is_enough(page: Page) -> None:
    page.locator(".lv-story").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="new question")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value("To which group does Zinc belong?", timeout=60_000)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(field(page)).to_be_focused()
    page.keyboard.type("Where is the government of Kenya?")
    page.keyboard.press("Enter")
    expect(page.locator(".lv tbody tr")).to_have_count(3)
    expect(page.locator("[aria-live]")).to_contain_text("answer ")
    expect(page.locator("[aria-live]")).to_contain_text("Hop 1 ")


def test_what_is_saved_belongs_to_the_slots(page: Page) -> None:
    field(page).fill("nonsense")
    says(page, f"{NOTHING} The model does not know “nonsense”.{SHOWN}")
    table = list(csv.reader(io.StringIO(saved(page, "CSV").decode("utf-8-sig"))))
    assert [row[1] for row in table[1:4]] == SLOTS
    assert table[5][1] == KENYA


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (-9, "knowledge.json could not be used: {left} of {size} bytes arrived."),
        (None, "knowledge.json could not be used: the server answers 404."),
    ],
)
def test_a_damaged_knowledge_base_is_named(
    page: Page, models: Path, lost: None, content: int | None, words: str
) -> None:
    path = models / "knowledge.json"
    whole = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(whole[:content])
    page.get_by_role("button", name="ask").click()
    told = words.format(left=len(whole) - 9, size=len(whole))
    says(page, f"{told} Ask again, and it is loaded again.{SHOWN}")
    path.write_bytes(whole)
    page.get_by_role("button", name="ask").click()
    says(page, "")


def test_a_model_of_another_kind_is_refused(page: Page, models: Path) -> None:
    path = models / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "kind": "story memory"}))
    page.get_by_role("button", name="ask").click()
    says(page, f"{FORM} Ask again, and it is loaded again.{SHOWN}")


def test_from_a_file_it_says_what_to_do(site: Site, open_page: Open) -> None:
    site.write(base())
    page = open_page((site.folder / "index.html").as_uri())
    field(page).fill("Where is the government of Kenya?")
    says(page, "The live model needs the folder to be served: run `python -m http.server "
         f"-d _build/html` and open http://localhost:8000.{SHOWN}")  # fmt: skip


def test_a_kernel_is_sent_the_question_alone(open_page: Open) -> None:
    def ask(question: str) -> dict[str, Any]:
        return {"story": ["a → b"], "weights": [[1]], "answers": {"b": 1}, "gold": [0]}

    kernel = base(ask=ask, new_question=lambda kind: f"Kind {kind}?")
    page = widget(open_page, kernel)
    field(page).fill("Who? ")
    page.wait_for_function("saved.length")
    (request,) = page.evaluate("saved")
    assert {k: v for k, v in request.items() if k != "n"} == {"question": "Who?", "label": ""}
    page.evaluate("n => model.set('reply', { n, error: 'No such word.' })", request["n"])
    says(page, f"No such word.{SHOWN}")
    kernel.request = request
    answer(page, kernel)
    assert (lines(page), tags(page)) == (["a → b"], ["gold"])
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("Who? ")
    page.get_by_role("button", name="new question").click()
    page.wait_for_function("saved.length === 2")
    kernel.request = page.evaluate("saved[1]")
    answer(page, kernel)
    expect(field(page)).to_have_value("Kind 1?")


def answer(page: Page, kernel: MemoryHops) -> None:
    """Send the kernel's state to the page."""
    page.evaluate(
        "state => { const bytes = Uint8Array.from(atob(state.weights), (c) => c.charCodeAt(0));"
        "model.set('state', { ...state, weights: new DataView(bytes.buffer) }) }",
        json.loads(json_text(kernel.state)),
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(site: Site, models: Path, open_page: Open, axe: str, theme: str) -> None:
    for width in (900, 320):
        page = open_page(site.write(base(), theme=theme), viewport={"width": width, "height": 900})
        field(page).fill("nonsense")
        says(page, f"{NOTHING} The model does not know “nonsense”.{SHOWN}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(axe)
        found = page.evaluate(
            "values => axe.run({ resultTypes: ['violations'], runOnly: { type: 'tag', values } })",
            AXE_TAGS,
        )
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
