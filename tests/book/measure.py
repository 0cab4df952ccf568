"""The figures of the built site: requests, errors, weight, accessibility."""

from __future__ import annotations

from pathlib import Path

import browser as browsers

from tests.pages import (
    RULES,
    axe,
    chromium,
    enter_lecture,
    html_pages,
    served,
    visit,
    watched,
)

SLIDES_BETWEEN = 8
"""Of a lecture, every eighth slide is examined: its blocks were examined on the page."""


def measure_site(site: Path) -> dict[str, float]:
    """Visit every page of the site at `site`, over http and from disk.

    Returns:
        ``site.external_requests`` and ``site.console_errors``, over http and ``file://`` together;
        ``site.page_kb_gz.max``, the heaviest page with all its files, gzipped, its live model
        aside, in units of 1000 bytes; ``site.axe.violations``, light and dark, as a page and in
        lecture mode together.

    Raises:
        FileNotFoundError: There is no built site, or no Chromium.
    """
    addresses = html_pages(site)
    path = browsers.find()
    if not addresses or path is None:
        raise FileNotFoundError(f"no pages in {site}; run: make book" if path else "no Chromium")
    external: list[str] = []
    errors: list[str] = []
    violations: list[str] = []
    weights = [0.0]
    with chromium(path) as browser, served(site) as http:
        for base in (http, f"{site.resolve().as_uri()}/"):
            for address in addresses:
                visited = visit(browser, base, address)
                external += visited.external
                errors += visited.errors
                weights.append(visited.weight_kb(site) if base == http else 0)
        for scheme in ("light", "dark"):
            for address in addresses:
                with watched(browser, http, color_scheme=scheme) as watch:
                    watch.open(address)
                    violations += axe(watch.page, RULES[scheme])
                    if watch.page.locator("#lecture-start").count():
                        slides = enter_lecture(watch.page)
                        for number in range(1, slides + 1):
                            if number % SLIDES_BETWEEN == 1:
                                violations += axe(watch.page, RULES[scheme])
                            watch.page.keyboard.press("PageDown")
    for fault in (*external, *errors, *violations):
        print(fault)
    return {
        "site.external_requests": len(external),
        "site.console_errors": len(errors),
        "site.page_kb_gz.max": round(max(weights), 1),
        "site.axe.violations": len(violations),
    }
