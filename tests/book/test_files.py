"""The files of the built site, read without a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from tests.bench.site import script_rows
from tests.pages import ROOT, html_pages


class Read(HTMLParser):
    """What a page holds: ids, links, pictures, files, its description."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.files: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.description = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = dict(attributes)
        if known.get("id"):
            self.ids.add(known["id"] or "")
        if tag == "a" and known.get("href"):
            self.links.append(known["href"] or "")
        if tag == "img":
            self.pictures.append(known)
        if tag in {"script", "img", "source", "iframe"} and known.get("src"):
            self.files.append(known["src"] or "")
        if tag == "link" and known.get("rel") in {"stylesheet", "icon", "preload"}:
            self.files.append(known["href"] or "")
        if tag == "meta" and known.get("name") == "description":
            self.description = known.get("content") or ""


@pytest.fixture(scope="module")
def read(site: Path) -> dict[str, Read]:
    return {
        address: Read((site / address).read_text(encoding="utf-8")) for address in html_pages(site)
    }


def test_every_link_inside_the_site_resolves(site: Path, read: dict[str, Read]) -> None:
    broken = []
    for address, page in read.items():
        for link in (*page.links, *page.files):
            target = urlsplit(urljoin(address, link))
            if target.scheme == "data":
                continue
            if target.scheme or target.netloc:
                assert link not in page.files, f"{address} asks for {link}"
                continue
            file = site / unquote(target.path)
            if not file.exists():
                broken.append(f"{address}: {link}")
            known = read[target.path].ids if target.path in read else {unquote(target.fragment)}
            if target.fragment and unquote(target.fragment) not in known:
                broken.append(f"{address}: {link}")
    assert not broken


def test_every_page_reads_without_scripts(site: Path) -> None:
    formula = re.compile(r'class="[^"]*\bmath\b[^"]*"')
    note = re.compile(r"<aside\b[^>]*\blecturer\b[^>]*>")
    for address in {*html_pages(site)} - {"search.html"}:  # which says that it needs them
        article = (site / address).read_text("utf-8").partition("<article")[2]
        article = article.partition("</article>")[0]
        assert re.search(r"<h1\b[^>]*>\s*\S", article), f"{address} has no title"
        typeset = article.count("<mjx-container")
        assert len(formula.findall(article)) == typeset, f"{address} has a formula as source"
        shown = [aside for aside in note.findall(article) if " hidden" not in aside]
        assert not shown, f"{address} shows a lecturer's note"


def test_every_picture_has_words(read: dict[str, Read]) -> None:
    silent = [
        f"{address}: {picture.get('src')}"
        for address, page in read.items()
        for picture in page.pictures
        if not (picture.get("alt") or "").strip()
        or (picture["alt"] or "").endswith((".png", ".svg"))
    ]
    assert not silent


def test_every_page_describes_itself(read: dict[str, Read]) -> None:
    described = {
        address: page.description for address, page in read.items() if address != "search.html"
    }
    assert not [address for address, text in described.items() if not 20 <= len(text) <= 400]
    assert not [address for address, text in described.items() if re.search(r"\\[a-z(\[]|\$", text)]
    assert len(set(described.values())) == len(described)


def test_a_missing_page_says_so(site: Path) -> None:
    text = (site / "404.html").read_text(encoding="utf-8")
    assert re.search(r"<h1[^>]*>\s*This page does not exist", text)


def test_no_script_is_heavy(site: Path) -> None:
    rows = script_rows(site)
    assert {"site.script_kb_gz.book", "site.script_kb_gz.lecture"} <= {row.name for row in rows}
    assert not [row.line() for row in rows if not row.kept]


def test_a_script_without_a_bound_is_told(tmp_path: Path) -> None:
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "new.js").write_text("let long = 1;", encoding="utf-8")
    (row,) = script_rows(tmp_path)
    assert not row.kept
    assert "give new.js a bound" in row.fault


def test_a_model_is_small_enough_for_a_page() -> None:
    for folder in (ROOT / "book" / "_static" / "models").iterdir():
        graphs = sum(file.stat().st_size for file in folder.glob("*.onnx"))
        assert 10_000 < graphs <= 1_000_000, folder.name
