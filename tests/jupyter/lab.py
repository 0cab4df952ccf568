"""A real JupyterLab, with a real Chromium before it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route

from tests import pages

PATIENCE = 60_000  # ms, for a kernel that starts on a machine that does much else at once
KEYS = [
    *("ArrowDown", "ArrowUp", "ArrowRight", "ArrowLeft"),
    *("d", "d", "a", "b", "x", "z", "m", "Enter"),
]
"""Keys that move to another cell of a notebook, delete, add, cut, paste or change one."""
CONTROLS = ", ".join(
    f".lv {kind}:visible:not([disabled])"
    for kind in ("input", "select", "textarea", "button", "summary", "a[href]", '[tabindex="0"]')
)
ANSWERED = 'view.state.get("n") == view.request.get("n", 0)'
"""Whether the view shows the answer to what was asked last; true in a kernel that has answered."""
NOISE = (
    "Could not restore the debugger state",  # of a kernel that ended meanwhile
    "is deprecated",
    "WebGL",
    "jupyterlab.readthedocs.io",  # JupyterLab asks for news
    "net::ERR_FAILED",  # ... and gets none: the network is cut
)
"""What JupyterLab itself writes to the console."""


def settings(folder: Path) -> Path:
    """Put what an installation of the package adds to an environment below `folder`."""
    project = tomllib.loads((pages.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for source, target in project["tool"]["hatch"]["build"]["targets"]["wheel"][
        "shared-data"
    ].items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pages.ROOT / source, folder / target)
    return folder / "etc" / "jupyter"


def environment(home: Path, config: Path) -> dict[str, str]:
    """An environment in which nobody has settings of their own."""
    return {
        **os.environ,
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "JUPYTER_CONFIG_PATH": str(config),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(pages.ROOT),
    }


@contextmanager
def served(folder: Path, home: Path) -> Iterator[str]:
    """Serve the notebooks in `folder` by JupyterLab; give its address, with a slash at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"),
        *(f"--ServerApp.root_dir={folder}", f"--LabApp.workspaces_dir={home / 'workspaces'}"),
        *(f"--LabApp.user_settings_dir={home / 'settings'}", "--LabApp.news_url=None"),
    ]
    log = home / "server.log"
    home.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(home, settings(home / "prefix")),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(600):
            if server.poll() is not None:
                raise RuntimeError(f"JupyterLab ended: {log.read_text(errors='replace')[-2000:]}")
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}api", timeout=5).close()
                break
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()  # it ends its kernels
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@dataclass
class Lab:
    """A JupyterLab in a browser tab that reaches nothing else.

    `errors` is what it wrote to the console that is no known noise.
    """

    url: str
    folder: Path
    page: Page
    errors: list[str] = field(default_factory=list)

    def write(self, view: str) -> Path:
        """Write a notebook with the view in its second cell."""
        source = "from tests.views.examples import EXAMPLES\n\n"
        source += f"view = EXAMPLES[{view!r}]()\nview"
        notebook = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_markdown_cell("Before."),
                nbformat.v4.new_code_cell(source),
                nbformat.v4.new_code_cell(ANSWERED),
                nbformat.v4.new_markdown_cell("After."),
            ],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.path(view))
        return self.path(view)

    def path(self, view: str) -> Path:
        """Where the notebook of the view lies."""
        return self.folder / f"{view.replace(', ', '-').replace(' ', '-')}.ipynb"

    def execute(self, command: str, **arguments: Any) -> None:
        """Execute a command of JupyterLab, by its name, and wait for its end."""
        script = "([command, given]) => jupyterapp.commands.execute(command, given).then(() => {})"
        self.page.evaluate(script, [command, arguments])

    def notebook(self, script: str) -> Any:
        """Evaluate JavaScript of `panel`, the notebook that is open, and `cells`, its widgets."""
        start = "const panel = jupyterapp.shell.currentWidget, cells = panel.content.widgets;"
        return self.page.evaluate(f"async () => {{ {start} return {script}; }}")

    def wait(self, script: str, timeout: int = PATIENCE) -> None:
        """Wait until the JavaScript `script`, as for `notebook`, is true."""
        start = (
            "const panel = jupyterapp.shell.currentWidget; const cells = panel?.content?.widgets;"
        )
        self.page.wait_for_function(f"() => {{ {start} return {script}; }}", timeout=timeout)

    def open(self, path: Path) -> None:
        """Open a notebook, and wait for its kernel."""
        self.execute("docmanager:open", path=path.name, factory="Notebook")
        self.wait(
            f"panel?.context?.path === {json.dumps(path.name)} && panel.context.isReady && "
            "panel.sessionContext.session?.kernel?.connectionStatus === 'connected'"
        )

    def run_all(self) -> None:
        """Run every cell, and wait for the last."""
        self.notebook("cells.forEach((one) => one.model.clearExecution?.())")
        self.execute("notebook:run-all-cells")
        self.wait("cells[2].model.executionCount && cells[2].model.outputs.length > 0")

    def save(self) -> None:
        """Save the notebook that is open."""
        self.execute("docmanager:save")
        self.wait("!panel.context.model.dirty")

    def close(self) -> None:
        """Close the notebook and end its kernel."""
        self.notebook("await panel.sessionContext.shutdown()")
        self.notebook("panel.context.model.dirty = false")  # nobody is asked whether to save
        self.execute("application:close")
        self.wait("!panel?.context")

    def run(self, cell: int) -> str:
        """Run one cell; give what it shows as text."""
        self.notebook(f"panel.content.activeCellIndex = {cell}")
        self.notebook(f"cells[{cell}].model.clearExecution()")
        self.execute("notebook:run-cell")
        self.wait(f"cells[{cell}].model.executionCount && cells[{cell}].model.outputs.length > 0")
        return str(self.notebook(f"cells[{cell}].model.outputs.get(0).data['text/plain']"))

    def state(self) -> Any:
        """The cells, kind and source, and which one is selected."""
        return self.notebook(
            "[cells.map((one) => [one.model.type, one.model.sharedModel.source]), "
            "panel.content.activeCellIndex]"
        )

    @property
    def view(self) -> Locator:
        """The view that is shown, alive."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .lv:visible").first

    def restart(self) -> None:
        """Restart the kernel, and wait until it is there."""
        self.notebook("await panel.sessionContext.session.kernel.restart()")
        self.wait("panel.sessionContext.session.kernel.status === 'idle'")

    def settle(self) -> None:
        """Wait until the view has drawn and asked what it wants to."""
        self.page.wait_for_timeout(600)


@contextmanager
def opened(browser: Browser, url: str, folder: Path) -> Iterator[Lab]:
    """Open JupyterLab in a browser that reaches nothing else."""
    context: BrowserContext = browser.new_context(viewport={"width": 1200, "height": 1000})
    context.set_default_timeout(PATIENCE)

    def guard(route: Route) -> None:
        inside = route.request.url.startswith((url, "data:", "blob:"))
        route.continue_() if inside else route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    lab = Lab(url, folder, page)

    def note(text: str) -> None:
        if not any(noise in text for noise in NOISE):
            lab.errors.append(text)

    page.on("pageerror", lambda error: note(str(error)))
    page.on(
        "console",
        lambda said: (
            note(f"{said.text} ({said.location.get('url', '')})") if said.type == "error" else None
        ),
    )
    try:
        page.goto(f"{url}lab")
        page.wait_for_function("() => window.jupyterapp")
        page.evaluate("() => jupyterapp.restored.then(() => {})")
        yield lab
    finally:
        context.close()


_NAME = """(el) => [el.tagName.toLowerCase(), el.type ?? "", el.getAttribute("aria-label")
  ?? el.closest("label")?.textContent ?? el.textContent].join(" ").slice(0, 60).trim()"""


def drive(lab: Lab) -> tuple[int, list[str]]:
    """Press `KEYS` on every control of the view; give their number, and those that did harm.

    Harm is a cell that came, went or changed, or another cell that is selected. A control that
    did harm ends the drive, since the view may be gone. The last control comes first: one that
    adds or takes away others does not move those that are still to come.
    """
    lab.notebook("panel.content.activeCellIndex = 1")
    before = lab.state()
    controls = lab.page.locator(CONTROLS)
    driven = 0
    for at in reversed(range(controls.count())):
        if at >= controls.count():
            continue
        control = controls.nth(at)
        control.focus()
        name = control.evaluate(_NAME)
        driven += 1
        for key in KEYS:
            lab.page.keyboard.press(key)
        if lab.state() != before:
            return driven, [name]
    return driven, []
