"""What every view sends where it is shown, to whom: every client has its own needs."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import anywidget
import ipywidgets
import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter

from .examples import EXAMPLES

WIDGET = "application/vnd.jupyter.widget-view+json"
VIEWS = list(EXAMPLES)
COLAB = {WIDGET: {"colab": {"custom_widget_manager": {"url": "https://example.org/manager.js"}}}}


def sent(name: str) -> tuple[dict, dict]:
    """What IPython sends of the view: data and metadata by MIME type."""
    return DisplayFormatter().format(EXAMPLES[name]())


def picture(name: str) -> str:
    """The MIME type of the picture that a view stores."""
    return "image/svg+xml" if name == "diagram" else "image/png"


@pytest.mark.parametrize("name", VIEWS)
def test_a_notebook_gets_the_widget_and_the_picture(name: str) -> None:
    data, _ = sent(name)
    assert set(data) == {WIDGET, "text/html", picture(name), "text/plain"}
    if "image/png" in data:
        assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    else:
        assert data["image/svg+xml"].startswith("<svg xmlns=")


@pytest.mark.parametrize("name", VIEWS)
def test_colab_is_told_where_the_widget_manager_lies(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, _ = sent(name)
    monkeypatch.setattr(  # as anywidget does in Colab
        anywidget.AnyWidget, "_repr_mimebundle_", lambda _, **__: ({WIDGET: data[WIDGET]}, COLAB)
    )
    assert sent(name)[1] == COLAB


@pytest.mark.parametrize("name", VIEWS)
def test_ipywidgets_7_sends_the_picture_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent_alone = []
    monkeypatch.setattr(  # as ipywidgets 7 does: the widget, and nothing else
        ipywidgets.DOMWidget,
        "_ipython_display_",
        lambda view: sent_alone.append(view),
        raising=False,
    )
    data, _ = sent(name)
    assert {WIDGET, "text/html", picture(name)} <= set(data)
    assert not sent_alone


@pytest.mark.parametrize("name", VIEWS)
def test_a_program_that_executes_a_notebook_gets_the_picture_alone(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Kernel:
        def get_parent(self) -> dict:
            return {"content": {"allow_stdin": self.somebody}}

    class Shell:
        kernel = Kernel()

    view = next(one for one in type(EXAMPLES[name]()).__mro__ if one.__name__ == "View")
    monkeypatch.setattr(sys.modules[view.__module__], "get_ipython", Shell)
    Kernel.somebody = True
    assert WIDGET in sent(name)[0]
    Kernel.somebody = False
    assert set(sent(name)[0]) == {"text/html", picture(name), "text/plain"}


def test_nbconvert_writes_the_pictures(tmp_path: Path, root: Path) -> None:
    source = "from tests.views.examples import EXAMPLES\nEXAMPLES[{!r}]()"
    cells = [nbformat.v4.new_code_cell(source.format(name)) for name in VIEWS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "views.ipynb")
    command = [*(sys.executable, "-m", "nbconvert", "--execute", "--to", "html"), "views.ipynb"]
    environment = {"PYTHONPATH": str(root), "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path)}
    environment |= {"PATH": str(Path(sys.executable).parent)}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    written = (tmp_path / "views.html").read_text(encoding="utf-8")
    pixels = written.count('src="data:image/webp;base64,')
    assert pixels + written.count('src="data:image/svg+xml,') == len(VIEWS)
    assert f'<script type="{WIDGET}"' not in written


def test_an_interrupted_answer_says_so() -> None:
    def translate(_: str) -> dict:
        raise KeyboardInterrupt

    view = EXAMPLES["alignment"](translate=translate)
    view.request = {"n": 1, "text": "slow"}
    assert view.reply == {"n": 1, "error": "The answer was interrupted: ask again."}
