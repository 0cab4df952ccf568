"""The chapter page: where its first picture stands, its part of open code, what it cuts off."""

from __future__ import annotations

from collections.abc import Callable

import browser as browsers
from playwright.sync_api import Page

from tests.bench.rows import row
from tests.pages import SITE, chromium, html_pages, reading, served

DESK, TELEPHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

FIRST_VIEW = """() => {
  const seen = [...document.querySelectorAll("article figure, article .cell_output :is(img, svg)")]
    .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height > 100);
  const top = Math.min(...seen.map((node) => node.getBoundingClientRect().top + scrollY));
  return top / innerHeight;
}"""
"""Screens above the first view or picture; Infinity where a page has none."""

OPEN_CODE = """() => {
  const height = (node) => node.checkVisibility() ? node.getBoundingClientRect().height : 0;
  const code = [...document.querySelectorAll("article .cell_input pre")].map((pre) => {
    const folded = [...pre.querySelectorAll("details:not([open]) > summary")];
    return height(pre) - folded.map(height).reduce((a, b) => a + b, 0);
  });
  return 100 * code.reduce((a, b) => a + b, 0) / document.querySelector("article").scrollHeight;
}"""
"""Part of the article's height that is code, in percent; the line of a fold is none."""

CUT = """() => {
  const places = "pre, .equation, span.math, table, .lecture-figure";
  const signed = (node) => {
    for (let at = node; !at.matches("article"); at = at.parentElement) {
      const { overflowX, maskImage } = getComputedStyle(at);
      if (at.scrollWidth > at.clientWidth + 1 && overflowX !== "visible") {
        return ["auto", "scroll"].includes(overflowX) && maskImage !== "none";
      }
    }
    return false;
  };
  const right = (node) => {
    const inner = node.matches("span.math, .equation") ? node.querySelector("mjx-math") : node;
    return inner.getBoundingClientRect().left + Math.max(inner.scrollWidth, inner.clientWidth);
  };
  const room = document.querySelector("article").getBoundingClientRect().right;
  return [...document.querySelectorAll("article :is(" + places + ")")]
    .filter((node) => node.checkVisibility() && !node.closest("figure[data-view]"))
    .filter((node) => right(node) > room + 1 || node.scrollWidth > node.clientWidth + 1)
    .filter((node) => !node.matches("span.math:not(.wide)") && !signed(node))
    .map((node) => node.outerHTML.slice(0, 120));
}"""
"""Code, formulas, tables and figures that are wider than their place, without a sign of it."""


def _chapters(measure: Callable[[Page], float], **viewport: int) -> dict[str, float]:
    path = browsers.find()
    if path is None:
        raise FileNotFoundError("no Chromium")
    pages = [address for address in html_pages(SITE) if address.count("/") == 2]
    if not pages:
        raise FileNotFoundError(f"no chapters in {SITE}; run: make book")
    found = {}
    with chromium(path) as browser, served(SITE) as http:
        for address in pages:
            with reading(browser, http, address, viewport=viewport) as watch:
                found[address] = measure(watch.page)
                print(f"{address}: {found[address]:.2f}")
    return found


@row("page.first_view_screens", "screens", "<= 1.5")
def first_view() -> float:
    """How far down the first view or picture stands, in the worst chapter."""
    return round(max(_chapters(lambda page: page.evaluate(FIRST_VIEW), **DESK).values()), 2)


@row("page.visible_code_share", "%", "<= 30")
def visible_code() -> float:
    """The part of a chapter's height that is open code, in the worst chapter."""
    return round(max(_chapters(lambda page: page.evaluate(OPEN_CODE), **DESK).values()), 1)


@row("page.phone_overflow", "places", "<= 0")
def phone_overflow() -> float:
    """What a telephone cuts off without a sign, in all chapters."""

    def cut(page: Page) -> float:
        places = page.evaluate(CUT)
        print(*places, sep="\n")
        return len(places)

    return sum(_chapters(cut, **TELEPHONE).values())
