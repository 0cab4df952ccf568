"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium that the page tests drive."""
    import browser

    path = browser.find()
    if path is None:
        pytest.fail("no Chromium found; run: make browser")
    return path
