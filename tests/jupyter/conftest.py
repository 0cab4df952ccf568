"""One JupyterLab and one browser for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import pages
from tests.jupyter.lab import PATIENCE, Lab, opened, served

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab in a browser, with no notebook open."""
    home: Path = tmp_path_factory.mktemp("home")
    folder = tmp_path_factory.mktemp("notebooks")
    with (
        served(folder, home) as url,
        pages.chromium(chromium) as browser,
        opened(browser, url, folder) as lab,
    ):
        yield lab
