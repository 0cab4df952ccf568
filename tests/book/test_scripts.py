"""Our scripts and styles: what readers download, what old browsers lack, how slides are dealt."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from lecture_site import bundles, node
from playwright.sync_api import Browser
from sphinx.errors import ExtensionError

from tests.pages import enter_lecture, watched

# Bytes, minified and gzipped. Raise a bound before less than a fifth of it is free.
BOUNDS = {
    "book.js": 3_700,
    "lecture.js": 8_000,
    "book.css": 4_500,
    "icons.css": 1_250,
    "lecture.css": 3_400,
}
SCRIPTS = node.HERE / "scripts"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    bundles.write(folder)
    return folder


def test_each_file_of_every_page_has_room_below_its_bound(written: Path) -> None:
    sizes = {
        path.name: len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in written.iterdir()
    }
    assert sizes.keys() == BOUNDS.keys()
    assert not {name: size for name, size in sizes.items() if size > 0.8 * BOUNDS[name]}


def test_a_script_is_classic_and_whole(written: Path) -> None:
    text = (written / "lecture.js").read_text(encoding="utf-8")
    assert text.startswith('"use strict";(()=>{')
    assert text.count("\n") <= 10, "not minified"
    assert "import" not in text
    assert "sessionStorage" in text, "what it imports is missing"


def test_a_style_keeps_its_pictures_and_the_addresses_of_its_fonts(written: Path) -> None:
    assert "data:image/svg+xml" in (written / "icons.css").read_text(encoding="utf-8")
    text = (written / "book.css").read_text(encoding="utf-8")
    for path in ("vendor/fonts/source-serif-4-latin-wght-normal.woff2", "(width<992px)"):
        assert path in text.replace(" ", "")


def test_a_fault_in_a_script_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "book.js").write_text("const = 1;", encoding="utf-8")
    monkeypatch.setattr(bundles, "HERE", tmp_path)
    with pytest.raises(ExtensionError, match=r"book\.js"):
        bundles.write(tmp_path)


def test_lecture_mode_needs_no_check_of_visibility(browser: Browser, sample_http: str) -> None:
    with watched(browser, sample_http, viewport={"width": 1280, "height": 720}) as watch:
        page = watch.page
        page.add_init_script("delete Element.prototype.checkVisibility")
        watch.open("book/index.html")
        assert page.evaluate("document.body.checkVisibility === undefined")
        slides = enter_lecture(page)
        page.evaluate("location.hash = 'lecture=alive.1'")
        field = page.locator("#view input")
        field.focus()
        page.evaluate("dispatchEvent(new Event('resize'))")
        page.wait_for_timeout(300)
        assert field.evaluate("node => node === document.activeElement"), "it is still to be seen"
        page.locator(".lm-bar").get_by_role("button", name="Next slide").click()
        page.locator(".lm-bar").get_by_role("button", name="Previous slide").click()
        field.focus()
        page.evaluate("location.hash = 'lecture=tall.1'")
        page.wait_for_timeout(50)
        assert page.evaluate("document.activeElement.matches('article')"), "it was hidden"
        page.keyboard.press("End")
        assert page.locator(".lm-count").inner_text() == f"{slides} / {slides}"
        page.keyboard.press("Escape")
        page.wait_for_selector(".lm-bar", state="detached")
        assert not watch.errors


# How blocks are dealt. The text of a page is dealt at 2.1, 1.8 or 1.5 of its size.

DEALS = {
    "what is short is one slide, as large as it goes": (
        {"heights": [100]},
        [[0, 1, 2.1]],
    ),
    "what is wide is set down, but not below the floor": (
        {"heights": [100], "wide": [0]},
        [[0, 1, 1.5]],
    ),
    "what is longer is split, not set smaller than the floor": (
        {"heights": [150, 150, 150]},
        [[0, 2, 1.5], [2, 3, 2.1]],
    ),
    "a break begins a slide": (
        {"heights": [100, 100], "breaks": [1]},
        [[0, 1, 2.1], [1, 2, 2.1]],
    ),
    "a line that introduces goes with what it introduces": (
        {"heights": [250, 30, 250], "traits": {"1": {"introduces": True}}},
        [[0, 1, 1.8], [1, 3, 1.8]],
    ),
    "a solution stays with its exercise": (
        {"heights": [200, 200, 50], "traits": {"2": {"folds": True}}},
        [[0, 1, 2.1], [1, 3, 1.8]],
    ),
    "what no screen holds is a slide of its own, and not set smaller": (
        {"heights": [2000]},
        [[0, 1, 1.5]],
    ),
    "a heading alone is a slide": ({"heights": []}, [[0, 0, 2.1]]),
}


@pytest.fixture(scope="module")
def dealt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list]:
    module = tmp_path_factory.mktemp("deal") / "deal.mjs"  # as .mjs, any Node.js takes it
    shutil.copy(SCRIPTS / "lecture" / "deal.js", module)
    done = subprocess.run(
        ["node", str(Path(__file__).parent / "deal.mjs"), module.as_uri()],
        input=json.dumps([case for case, _ in DEALS.values()]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return dict(zip(DEALS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", DEALS)
def test_blocks_are_dealt(dealt: dict[str, list], name: str) -> None:
    assert dealt[name] == DEALS[name][1]
