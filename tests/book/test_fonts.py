"""The Korean glyphs that the site brings along: all that the data set has, and few bytes."""

from __future__ import annotations

import re
from pathlib import Path

import glyphs
from playwright.sync_api import Browser

from lecture_utils.data import numerals
from tests.pages import watched


def hangul(text: str) -> set[str]:
    return set(re.findall("[\uac00-\ud7a3]", text))


def test_every_korean_character_of_the_data_set_is_in_the_subset() -> None:
    written = "".join(numerals.VALUES["ko"])
    for number in (0, 748_213, 99_999, 123_456_789, 10**9):
        written += "".join(numerals.spell(number, "ko"))
    assert hangul(written) == set(glyphs.glyphs())


def test_the_subset_is_small_and_has_its_licence_beside_it() -> None:
    assert 1_000 < glyphs.FONT.stat().st_size < 12_000
    assert glyphs.FONT.read_bytes()[:4] == b"wOF2"
    licence = (glyphs.FONT.parent / "OFL.txt").read_text(encoding="utf-8")
    assert "2014-2021 Adobe" in licence
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_a_page_shows_each_of_them_in_the_book_s_own_font(
    browser: Browser, sample_http: str, sample: Path
) -> None:
    assert (sample / "_static" / "vendor" / "fonts" / "korean.woff2").is_file()
    with watched(browser, sample_http) as watch:
        page = watch.open("book/notebook.html").page
        assert not [one for one in watch.requests if "korean" in one], "only where it is needed"
        page.evaluate(
            """(text) => {
              const words = document.createElement("span");
              Object.assign(words, { lang: "ko", id: "korean", textContent: text });
              document.querySelector("article").append(words);
            }""",
            glyphs.glyphs(),
        )
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(200)
        session = page.context.new_cdp_session(page)
        session.send("DOM.enable")
        session.send("CSS.enable")
        root = session.send("DOM.getDocument")["root"]["nodeId"]
        found = session.send("DOM.querySelector", {"nodeId": root, "selector": "#korean"})
        fonts = session.send("CSS.getPlatformFontsForNode", found)["fonts"]
        assert [font["isCustomFont"] for font in fonts] == [True]
        assert sum(font["glyphCount"] for font in fonts) == len(glyphs.glyphs())
        assert not watch.errors
