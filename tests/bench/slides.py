"""The slides of the chapters that chose theirs: how many, what is on them, how small it gets."""

from __future__ import annotations

import browser as browsers
from playwright.sync_api import Page

from tests.bench.rows import Row, row
from tests.pages import SITE, chromium, enter_lecture, html_pages, served, slide_faults, watched

FLOORS = {"text": 26, "equation": 30, "label": 20, "code": 20}
"""What may be no smaller on a slide of 1280 x 720, in px."""
CHOSEN = ("recurrent_networks", "encoder_decoder", "encoder_attention_decoder")
CHOSEN += ("bahdanau_attention", "queries_keys_and_values", "multi_head_attention")
CHOSEN += ("convolutional_networks", "residual_networks", "non_local_networks")
CHOSEN += ("residual_attention_network",)
"""The chapters that the bounds hold for; those of the others are reported."""

PARTS = ("book/sequences/", "book/memory/", "book/transformer/", "book/vision/")
"""Where chapters are."""

_MEASURE = """(kinds) => {
  const article = document.querySelector("article.bd-article");
  const smallest = {};
  const scale = (node) => node.ownerSVGElement
    ? Math.hypot(node.getScreenCTM().a, node.getScreenCTM().b) : node.currentCSSZoom;
  for (const node of article.querySelectorAll("[data-lm=on] *, [data-lm=on]")) {
    const own = [...node.childNodes].some((part) => part.nodeType === 3 && part.data.trim());
    const formula = node.matches("mjx-container");
    if (!(own || formula) || !node.checkVisibility({ checkVisibilityCSS: true })) continue;
    if (!formula && node.closest("mjx-container")) continue;
    if (node.closest(".lv-hidden, [aria-hidden=true]:not(.lv-cells *), script, style")) continue;
    if (node.matches("sub, sup, tspan")) continue; // an exponent
    const kind = formula ? (node.getAttribute("display") ? "equation" : "text")
      : node.closest(".lv, svg") ? "label" : node.closest("pre, code") ? "code" : "text";
    const px = parseFloat(getComputedStyle(node).fontSize) * scale(node);
    if (px < (smallest[kind]?.[0] ?? 1e9)) smallest[kind] = [px, node.textContent.slice(0, 40)];
  }
  const pictures = "[data-lm=on] :is(img, svg, .lv-frame), .motif[data-lm=on]";
  const picture = [...article.querySelectorAll(pictures)].some(
    (node) => node.checkVisibility() && !node.closest("mjx-container"));
  const lines = [...article.querySelectorAll("[data-lm=on] .lm-code pre")]
    .reduce((sum, pre) => sum + pre.textContent.trimEnd().split("\\n").length, 0);
  return { smallest, picture, lines, number: document.querySelector(".lm-count").textContent };
}"""


def slides(page: Page) -> list[dict]:
    """Turn a page into slides; what is on each: a picture, lines of code, the smallest sizes.

    A slide is all that the clicker shows of it, a figure that waits for a question too.
    """
    found = []
    for number in range(1, enter_lecture(page) + 1):
        view = page.locator("[data-lm=on] figure[data-view]").count()
        page.wait_for_timeout(1500 if view else 100)  # ms, for a view to wake
        shown = page.evaluate(_MEASURE)
        for _ in range(40):  # what waits on a slide comes first
            page.keyboard.press("PageDown")
            if not page.locator(".lm-count").inner_text().startswith(f"{number} /"):
                break
            more = page.evaluate(_MEASURE)
            shown["picture"] |= more["picture"]
            shown["lines"] = max(shown["lines"], more["lines"])
            for kind, size in more["smallest"].items():
                shown["smallest"][kind] = min(size, shown["smallest"].get(kind, size))
        found.append(shown)
    return found


def without_note(page: Page) -> int:
    """How many slides of a page in lecture mode say "No notes." in the second window."""
    page.keyboard.press("Home")
    with page.context.expect_page() as opened:
        page.keyboard.press("n")
    notes, silent = opened.value, 0
    for number in range(1, int(page.locator(".lm-count").inner_text().split("/")[1]) + 1):
        silent += "No notes." in notes.locator("#notes").inner_text()
        for _ in range(40):
            page.keyboard.press("PageDown")
            if not page.locator(".lm-count").inner_text().startswith(f"{number} /"):
                break
    return silent


@row("slides.per_chapter", "slides", "<= 18")
@row("slides.with_picture", "%", ">= 50")
@row("slides.smallest_px.*", "px", ">= 20")
@row("slides.without_note", "slides", "<= 0")
@row("slides.overflow", "slides", "<= 0")
@row("slides.most_code", "lines", "<= 12")
@row("slides.of.*", "slides", ">= 1")
def chosen() -> list[Row]:
    """Every slide at 1280 x 720: worst of the first four chapters; of the others, how many.

    Raises:
        FileNotFoundError: There is no built site, or no Chromium.
    """
    path = browsers.find()
    if not html_pages(SITE) or path is None:
        raise FileNotFoundError(f"no pages in {SITE}; run: make book" if path else "no Chromium")
    counts, shares, silent, faults, most = [], [], 0, 0, 0
    smallest = dict.fromkeys(FLOORS, 1e9)
    others = []
    with chromium(path) as browser, served(SITE) as http:
        for address in html_pages(SITE):
            name = address.removesuffix(".html").rpartition("/")[2]
            if not address.startswith(PARTS):
                continue
            size = {"width": 1280, "height": 720}
            with watched(browser, http, cut=False, viewport=size) as watch:
                page = watch.open(address).page
                if name not in CHOSEN:
                    others.append(Row(f"slides.of.{name}", enter_lecture(page), "slides", ">= 1"))
                    continue
                found = slides(page)
                silent += without_note(page)
            with watched(browser, http, viewport=size) as watch:
                for fault in slide_faults(watch.open(address).page):
                    print(address, fault)
                    faults += 1
            counts.append(len(found))
            shares.append(100 * sum(one["picture"] for one in found) / len(found))
            print(f"{name}: {shares[-1]:.0f} % with a picture")
            most = max(most, *(one["lines"] for one in found))
            for one in found:
                for kind, (px, text) in one["smallest"].items():
                    if px < FLOORS[kind]:
                        print(address, one["number"], kind, round(px, 1), repr(text))
                    smallest[kind] = min(smallest[kind], px)
    sizes = [
        Row(f"slides.smallest_px.{kind}", round(px, 1), "px", f">= {FLOORS[kind]}")
        for kind, px in smallest.items()
    ]
    return [
        Row("slides.per_chapter", max(counts), "slides", "<= 18"),
        Row("slides.with_picture", round(min(shares)), "%", ">= 50"),
        Row("slides.without_note", silent, "slides", "<= 0"),
        Row("slides.overflow", faults, "slides", "<= 0"),
        Row("slides.most_code", most, "lines", "<= 12"),
        *sizes,
        *others,
    ]
