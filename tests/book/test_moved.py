"""Addresses of before lead on to the pages that moved."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from lecture_site import moved
from playwright.sync_api import Browser
from sphinx.errors import ExtensionError

from tests.pages import ROOT, html_pages, watched

OLD: dict[str, str] = yaml.safe_load((ROOT / "book" / "moved.yml").read_text(encoding="utf-8"))


def made(site: Path, pages: dict[str, str]) -> None:
    """Write the pages that lead on into the folder `site`."""
    (site / "book").mkdir(exist_ok=True)
    (site / "book" / "moved.yml").write_text(yaml.safe_dump(pages), encoding="utf-8")
    builder = SimpleNamespace(format="html")
    moved.write(SimpleNamespace(builder=builder, outdir=site, srcdir=site), None)


def test_every_chapter_that_had_a_number_is_there() -> None:
    assert len(OLD) == 10
    for old, new in OLD.items():
        assert (ROOT / f"{new}.ipynb").is_file()
        assert not (ROOT / f"{old}.ipynb").exists()


def test_an_old_address_is_written_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "new.html").write_text("the page")
    made(tmp_path, {"b/c/old": "a/new", "old": "a/new"})
    made(tmp_path, {"b/c/old": "a/new"})  # again
    assert 'href="../../a/new.html"' in (tmp_path / "b" / "c" / "old.html").read_text()
    assert 'url=a/new.html"' in (tmp_path / "old.html").read_text()
    assert html_pages(tmp_path) == ["a/new.html"], "what leads on is no page to read"


def test_a_book_whose_pages_never_moved_needs_no_list(tmp_path: Path) -> None:
    builder = SimpleNamespace(format="html")
    moved.write(SimpleNamespace(builder=builder, outdir=tmp_path, srcdir=tmp_path), None)
    assert not list(tmp_path.iterdir())


def test_what_leads_nowhere_or_hides_a_page_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "new.html").write_text("a page")
    with pytest.raises(ExtensionError, match="old leads to gone, which is no page"):
        made(tmp_path, {"old": "gone"})
    (tmp_path / "old.html").write_text("another page")
    with pytest.raises(ExtensionError, match="old is a page of its own"):
        made(tmp_path, {"old": "new"})


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reader_with_an_old_link_arrives(browser: Browser, http: str, scripts: bool) -> None:
    old, new = next(iter(OLD.items()))
    with watched(browser, http, java_script_enabled=scripts) as watch:
        page = watch.open(f"{old}.html#train-it").page
        page.wait_for_url(f"**/{new}.html*")
        if scripts:
            assert page.url.endswith("#train-it")


def test_every_old_address_stands_in_the_site(site: Path) -> None:
    for old in OLD:
        assert " data-moved>" in (site / f"{old}.html").read_text(encoding="utf-8")
