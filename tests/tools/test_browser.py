from __future__ import annotations

from pathlib import Path

import browser
import pytest


def test_a_named_browser_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "my chromium"
    monkeypatch.setenv("LECTURE_CHROMIUM", str(named))
    assert browser.find() is None
    assert browser.main() == 1
    named.touch()
    assert browser.find() == str(named)


def test_then_the_one_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "google-chrome"
    program.touch(mode=0o755)
    monkeypatch.delenv("LECTURE_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find() == str(program)
