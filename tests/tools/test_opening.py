from __future__ import annotations

from pathlib import Path

import opening
import pytest


def test_gives_an_address_and_a_command_that_bear_spaces(tmp_path: Path) -> None:
    site = tmp_path / "my book"
    site.mkdir()
    (site / "index.html").touch()
    text = opening.instructions(site)
    assert (site / "index.html").as_uri() in text
    assert "my%20book" in text
    assert f"--directory '{site}'" in text


def test_says_what_to_run_when_nothing_is_built(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make book"):
        opening.instructions(tmp_path)
