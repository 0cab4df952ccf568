"""The built site: what it asks for, says, weighs and breaks."""

from __future__ import annotations

import gzip
from fnmatch import fnmatchcase
from pathlib import Path

import browser as browsers
from playwright.sync_api import Browser, Page

from tests.bench.rows import Row, row
from tests.pages import (
    RULES,
    SITE,
    axe,
    chromium,
    enter_lecture,
    html_pages,
    reading,
    served,
)

SLIDES_BETWEEN = 8
"""Of a lecture, every eighth slide is examined: its blocks were examined on the page."""

SCRIPTS_KB = {
    **{"book": 3.7, "lecture": 8, "kinds/*": 4.6},
    # a picture and a large view of images on one page, or two
    **{"views-channel_gates-diagram": 25.5, "views-diagram-spatial_map": 25.5},
    "views-channel_gates-diagram-spatial_map": 33,
    "views*": 24,
}
"""What the book's own scripts may weigh, minified and gzipped, in units of 1000 bytes."""

ROOM = 0.2
"""The part of that which is kept free: a bound that is full to the last byte costs correctness."""

OTHERS = (
    *("scripts/*", "vendor/*", "design-tabs", "togglebutton", "clipboard.min", "copybutton*"),
    *("doctools", "documentation_options", "language_data", "searchtools", "sphinx_highlight"),
    *("sphinx-thebe", "_sphinx_javascript_frameworks_compat", "jquery"),
)
"""Scripts of the theme and of the packages that the site serves."""


@row("site.external_requests", "requests", "<= 0")
@row("site.console_errors", "errors", "<= 0")
@row("site.page_kb_gz.max", "kB", "<= 520")
@row("site.axe.violations", "violations", "<= 0")
def visits() -> dict[str, float]:
    """Visit every page over http in the light and from disk in the dark, then as slides.

    The weight is that of the heaviest page with all its files, gzipped, its live model aside, in
    units of 1000 bytes.

    Raises:
        FileNotFoundError: There is no built site, or no Chromium.
    """
    path = browsers.find()
    if not html_pages(SITE) or path is None:
        raise FileNotFoundError(f"no pages in {SITE}; run: make book" if path else "no Chromium")
    with chromium(path) as browser, served(SITE) as http:
        light = [_visit(browser, http, address, "light") for address in html_pages(SITE)]
        disk = f"{SITE.resolve().as_uri()}/"
        dark = [_visit(browser, disk, address, "dark") for address in html_pages(SITE)]
    external, errors, violations = (
        [fault for visited in light + dark for fault in visited[kind]] for kind in range(3)
    )
    for fault in (*external, *errors, *violations):
        print(fault)
    return {
        "site.external_requests": len(external),
        "site.console_errors": len(errors),
        "site.page_kb_gz.max": round(max(weight for *_, weight in light), 1),
        "site.axe.violations": len(violations),
    }


def _visit(
    browser: Browser, base: str, address: str, scheme: str
) -> tuple[list[str], list[str], list[str], float]:
    """Requests to elsewhere, errors, violations, and the weight in kB."""
    with reading(browser, base, address, color_scheme=scheme) as watch:
        weight = watch.weight_kb(SITE) if base.startswith("http") else 0.0
        violations = axe(watch.page, RULES[scheme])
        if watch.page.locator("#lecture-start").count():
            violations += _slide_violations(watch.page, RULES[scheme])
        return watch.external, watch.errors, violations, weight


def _slide_violations(page: Page, rules: list[str] | None) -> list[str]:
    violations = []
    for number in range(enter_lecture(page)):
        if number % SLIDES_BETWEEN == 0:
            violations += axe(page, rules)
        page.keyboard.press("PageDown")
    return violations


@row("site.script_kb_gz.*", "kB", f"<= {(1 - ROOM) * max(SCRIPTS_KB.values()):g}")
def scripts() -> list[Row]:
    """Each script of the book's own."""
    return script_rows(SITE)


def script_rows(site: Path) -> list[Row]:
    """What each script in the folder `site` weighs, and what it may, `ROOM` taken off."""
    static = site / "_static"
    rows = []
    for path in sorted(static.rglob("*.js")):
        name = path.relative_to(static).with_suffix("").as_posix()
        if any(fnmatchcase(name, other) for other in OTHERS):
            continue
        limit = next((kb for known, kb in SCRIPTS_KB.items() if fnmatchcase(name, known)), None)
        fault = "" if limit else f"give {path.name} a bound in SCRIPTS_KB"
        bound = f"<= {(1 - ROOM) * (limit or 0):g}"
        rows.append(Row(f"site.script_kb_gz.{name}", _packed_kb(path), "kB", bound, fault=fault))
    return rows


def _packed_kb(path: Path) -> float:
    """The size of a script as it is served, gzipped, in units of 1000 bytes."""
    return round(len(gzip.compress(path.read_bytes(), 9)) / 1000, 2)
