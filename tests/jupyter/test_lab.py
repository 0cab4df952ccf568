"""Every view in a real JupyterLab: it lives, answers, harms no cell, and is there tomorrow."""

from __future__ import annotations

import re
from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import expect

from tests import pages
from tests.jupyter.lab import PATIENCE, Lab, drive
from tests.views.examples import EXAMPLES

NOBODY = re.compile("run the cell(s above and this one)? again")
SCROLLERS = """(el) => {
  const found = [];
  for (let one = el; one && !one.matches(".jp-Cell"); one = one.parentElement) {
    const { overflowX, overflowY } = getComputedStyle(one);
    const rolls = (way) => way === "auto" || way === "scroll";
    if (rolls(overflowY) && one.scrollHeight > one.clientHeight) found.push(`${one.className}: y`);
    if (rolls(overflowX) && one.scrollWidth > one.clientWidth) found.push(`${one.className}: x`);
  }
  return found;
}"""
CONTRAST = """(el) => axe.run(el, { runOnly: ["color-contrast"], resultTypes: ["violations"] })
  .then(({ violations }) => violations.flatMap((rule) => rule.nodes.map((node) => node.html)))"""


@pytest.fixture(params=EXAMPLES)
def view(request: pytest.FixtureRequest, lab: Lab) -> Iterator[str]:
    """A notebook with the view, which has been run; nothing may complain until it is closed."""
    lab.errors.clear()
    lab.open(lab.write(request.param))
    lab.run_all()
    expect(lab.view).to_be_visible(timeout=PATIENCE)
    yield request.param
    lab.close()
    assert lab.errors == []


def asks(view: str) -> bool:
    """Whether the view asks a function, and not only tells the kernel what is set."""
    return bool(EXAMPLES[view]().state.get("asks"))


def write(lab: Lab, text: str) -> None:
    """Write into the first field of the view, in place of what is there; or draw."""
    fields = lab.view.locator("input[type=text]:visible, textarea:visible")
    if fields.count():
        fields.first.fill(text)
    else:
        lab.view.get_by_role("application").first.press("Space")


def answered(lab: Lab, text: str) -> None:
    """Write something, and wait until the kernel has answered it."""
    write(lab, text)
    lab.settle()
    for _ in range(20):
        if lab.run(2) == "True":
            break
        lab.settle()
    assert lab.run(2) == "True", "the kernel did not answer"
    expect(lab.view).not_to_contain_text(NOBODY)
    expect(lab.view.locator(".lv-status.lv-wrong")).to_have_count(0)


def unanswered(lab: Lab) -> None:
    """Write something, and wait until the view says that no kernel answers, and what to do."""
    write(lab, "three more words")
    expect(lab.view).to_contain_text(NOBODY, timeout=20_000)


def test_a_day_with_a_view(view: str, lab: Lab) -> None:
    """Read, write, press every key on every control, restart, save, and open it tomorrow."""
    assert lab.view.evaluate(SCROLLERS) == []
    lab.execute("apputils:change-theme", theme="JupyterLab Dark")
    lab.settle()
    lab.page.evaluate(pages.AXE.read_text(encoding="utf-8"))
    assert lab.view.evaluate(CONTRAST) == []
    lab.execute("apputils:change-theme", theme="JupyterLab Light")

    if asks(view):
        answered(lab, "two words")
    driven, harm = drive(lab)
    assert driven
    assert harm == []
    assert lab.view.evaluate(SCROLLERS) == []

    if asks(view):
        lab.restart()
        unanswered(lab)
        lab.run_all()
        expect(lab.view).not_to_contain_text(NOBODY)
        answered(lab, "two words")

    lab.save()
    lab.close()
    path = lab.path(view)
    assert {"image/png", "image/svg+xml"} & set(nbformat.read(path, 4).cells[1].outputs[0].data)
    lab.open(path)
    expect(lab.view).to_be_visible()
    expect(lab.page.locator(".jp-NotebookPanel:visible")).not_to_contain_text("Error displaying")
    if asks(view):
        unanswered(lab)  # this kernel is another one


def test_the_kernel_writes_the_rest_anew(lab: Lab) -> None:
    """Change a word that is written, be refused one, and take the change back, by keys alone."""
    lab.errors.clear()
    lab.open(lab.write("alignment"))
    lab.run_all()
    answered(lab, "one two three")
    written = lab.view.locator(".lv-sides span")
    expect(written).to_have_text(["three", "two", "one"])
    plane = lab.view.get_by_role("application")
    plane.focus()
    plane.press("ArrowDown")
    plane.press("Enter")
    word = lab.view.get_by_role("textbox", name=re.compile("^word [12], instead of"))
    for wrong in ("zebra", "four"):
        word.fill(wrong)
        word.press("Enter")
        if wrong == "zebra":
            said = lab.view.locator(".lv-rewrite [role=alert]")
            expect(said).to_have_text("“zebra” is no word that the model can write.")
    expect(lab.view.locator(".lv-mine")).to_have_text(["four"])
    assert "four" in written.all_inner_texts()
    plane.press("Enter")
    word.press("Escape")  # leaves the field, and the word
    expect(plane).to_be_focused()
    expect(lab.view.locator(".lv-mine")).to_have_text(["four"])
    plane.press("Enter")
    word.fill("")
    word.press("Enter")
    expect(written).to_have_text(["three", "two", "one"])
    assert lab.view.evaluate(SCROLLERS) == []
    lab.close()
    assert lab.errors == []
