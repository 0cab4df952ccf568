"""Every view in a real JupyterLab: it lives, answers, harms no cell, and is there tomorrow."""

from __future__ import annotations

import re
from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import expect

from tests import pages
from tests.jupyter.lab import PATIENCE, Lab, drive, views
from tests.views import examples

NOBODY = re.compile("run (this|the) cell again")
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


def test_every_view_has_an_example() -> None:
    assert len(views()) >= 3
    assert [getattr(examples, name)()._view for name in views()] == views()


@pytest.fixture(params=views())
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
    return bool(getattr(examples, view)().state.get("asks"))


def write(lab: Lab, text: str) -> None:
    """Write into the first field of the view, in place of what is there."""
    lab.view.locator("input[type=text]:visible, textarea:visible").first.fill(text)


def said(lab: Lab, words: str | re.Pattern[str], timeout: int = PATIENCE) -> None:
    """Wait until the view says the words."""
    expect(lab.view).to_contain_text(words, timeout=timeout)


def test_a_day_with_a_view(view: str, lab: Lab) -> None:
    """Run, read, write, press every key on every control, interrupt, save, reopen, restart."""
    assert lab.view.evaluate(SCROLLERS) == []
    lab.execute("apputils:change-theme", theme="JupyterLab Dark")
    lab.settle()
    lab.page.evaluate(pages.AXE.read_text(encoding="utf-8"))
    assert lab.view.evaluate(CONTRAST) == []
    lab.execute("apputils:change-theme", theme="JupyterLab Light")

    asking = asks(view)
    if asking:
        write(lab, "two words")
        said(lab, examples.HEARD)
        write(lab, "zork")
        said(lab, examples.FAULT)
        write(lab, "slow")
        lab.settle()
        lab.interrupt()  # JupyterLab runs it in a thread of its own, which ends in its own time
        said(lab, re.compile(f"interrupted|{examples.HEARD}"))
        write(lab, "zork")
        said(lab, examples.FAULT)
    driven, harm = drive(lab)
    assert driven > 10
    assert harm == []
    assert lab.view.evaluate(SCROLLERS) == []
    assert "'n'" in lab.run(2)  # the kernel has been asked, or told

    lab.save()
    lab.close()
    stored = nbformat.read(lab.folder / f"{view}.ipynb", as_version=4)
    assert len(stored.cells) == 4
    assert "image/png" in stored.cells[1].outputs[0].data
    lab.open(lab.folder / f"{view}.ipynb")
    expect(lab.view).to_be_visible()
    text = lab.page.locator(".jp-NotebookPanel:visible").inner_text()
    assert "Error displaying widget" not in text
    if asking:
        write(lab, "two words")
        said(lab, NOBODY)  # this kernel is another one


def test_a_restarted_kernel_does_not_know_the_view(view: str, lab: Lab) -> None:
    if not asks(view):
        pytest.skip("the view asks nothing")
    lab.restart()
    write(lab, "two words")
    said(lab, NOBODY, timeout=15_000)
    lab.run_all()
    expect(lab.view).to_be_visible()
    write(lab, "two words")
    said(lab, examples.HEARD)
