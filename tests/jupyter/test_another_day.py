"""A kernel that dies while it answers, a slow one, and a notebook that comes from elsewhere."""

from __future__ import annotations

import nbformat
from playwright.sync_api import expect

from tests.jupyter.lab import PATIENCE, Lab

DIES = """import os, threading, time

from tests.views.examples import alignment


def answer(text):
    threading.Timer(3, os.kill, (os.getpid(), 9)).start()
    time.sleep(600)


view = alignment(translate={"one": answer})
view"""
SLOW = """import time

from tests.views.examples import alignment


def answer(text):
    time.sleep(9)  # longer than a view waits for a sign
    return {"rows": ["late"], "columns": ["a"], "weights": [[1.0]], "message": "It took long."}


view = alignment(translate={"one": answer})
view"""


def opened(lab: Lab, name: str, source: str) -> None:
    """A notebook whose second cell is `source`, run to its end."""
    path = lab.write("alignment")
    notebook = nbformat.read(path, 4)
    notebook.cells[1].source = source
    path = path.with_name(f"{name}.ipynb")
    nbformat.write(notebook, path)
    lab.open(path)
    lab.run_all()
    expect(lab.view).to_be_visible(timeout=PATIENCE)


def ask(lab: Lab) -> None:
    lab.view.get_by_role("textbox").fill("two words")


def test_a_kernel_that_dies_while_it_answers_is_told_of(lab: Lab) -> None:
    opened(lab, "dies", DIES)
    ask(lab)
    status = lab.view.locator(".lv-status")
    expect(status).to_contain_text("…")
    expect(status).to_contain_text(
        "if it died or was restarted, run the cells above and this one again", timeout=20_000
    )
    for button in lab.page.locator(".jp-Dialog button:visible").all():
        button.click()  # JupyterLab's own word of it
    lab.close()
    lab.errors.clear()  # what JupyterLab writes of a lost kernel


def test_a_kernel_that_works_for_long_is_waited_for(lab: Lab) -> None:
    opened(lab, "slow", SLOW)
    ask(lab)
    status = lab.view.locator(".lv-status")
    expect(status).to_contain_text("…")
    lab.page.wait_for_timeout(8_000)
    expect(status).to_contain_text("…")
    expect(status).to_have_text("It took long.", timeout=20_000)
    lab.close()
    assert lab.errors == []


def test_a_notebook_from_elsewhere_lives_when_it_is_trusted(lab: Lab) -> None:
    """As README says: until then its picture stands still."""
    opened(lab, "here", SLOW)
    lab.save()
    lab.close()
    notebook = nbformat.read(lab.path("here"), 4)
    notebook.cells[0].source = "Written elsewhere."  # so it is not the one that was signed here
    nbformat.write(notebook, lab.path("elsewhere"))
    lab.open(lab.path("elsewhere"))
    expect(lab.page.locator(".jp-NotebookPanel:visible img").first).to_be_visible()
    lab.settle()
    assert lab.view.count() == 0
    lab.page.evaluate("() => { jupyterapp.commands.execute('notebook:trust') }")
    lab.page.locator(".jp-Dialog button", has_text="Trust").click()
    expect(lab.view).to_be_visible(timeout=PATIENCE)
    lab.close()


def test_a_view_that_is_saved_without_being_run_is_gone(lab: Lab) -> None:
    """As README says; where this fails, JupyterLab keeps it now, and README can be shorter."""
    opened(lab, "once", SLOW)
    path, held = lab.path("once"), []
    for _ in range(2):
        lab.save()
        lab.close()
        held.append(bool(nbformat.read(path, 4).metadata.widgets.popitem()[1]["state"]))
        lab.open(path)
        lab.notebook("panel.context.model.dirty = true")
    lab.run_all()
    expect(lab.view).to_be_visible()
    lab.close()
    assert held == [True, False]
