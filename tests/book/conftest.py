"""The site, built once; a browser without a network; and a small book of which all is known."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import pages
from tests.node import node  # noqa: F401 - a fixture
from tests.pages import ROOT, served

SAMPLE = Path(__file__).parent / "sample"
expect.set_options(timeout=30_000)  # ms, for a machine that does much else at once


def build(root: Path) -> Path:
    """Build the book at `root` as ``make book`` does; give the folder of its pages."""
    if not (ROOT / "node_modules").is_dir():
        pytest.fail("node_modules is missing; run: npm ci")
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from jupyter_book.cli.main import main; main()"),
            *("build", ".", "-W", "--keep-going", "-n"),
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return root / "_build" / "html"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site: LECTURE_SITE, what ``make book`` built, or built now."""
    for built in (os.environ.get("LECTURE_SITE"), ROOT / "_build" / "html"):
        if built and (Path(built) / "index.html").is_file():
            return Path(built)
    copy = tmp_path_factory.mktemp("book")
    ignored = shutil.ignore_patterns(".*", "_build", "node_modules", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=ignored, dirs_exist_ok=True)
    (copy / "node_modules").symlink_to(ROOT / "node_modules")
    return build(copy)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built sample book: the project's settings and extension, and pages of our own."""
    root = tmp_path_factory.mktemp("sample")
    for part in ("book/_ext", "book/_static", "book/_tools", "lecture_utils"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("models"))
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    shutil.copy(ROOT / "_config.yml", root)
    shutil.copytree(SAMPLE, root, dirs_exist_ok=True)
    return build(root)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium."""
    with pages.chromium(chromium) as started:
        yield started


@pytest.fixture(scope="session")
def http(site: Path) -> Iterator[str]:
    """The address of the site on this machine."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def sample_http(sample: Path) -> Iterator[str]:
    """The address of the sample book on this machine."""
    with served(sample) as address:
        yield address
