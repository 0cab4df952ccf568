"""Find a Chromium for the page tests, or let Playwright install its own.

``LECTURE_CHROMIUM`` names one explicitly. From the command line, prints the path that is used.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Give the path of a Chromium on this machine, or None."""
    named = os.environ.get("LECTURE_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    if on_path:
        return on_path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


def main() -> int:
    """Print the path of a Chromium, installing Playwright's where there is none."""
    if find() is None and "LECTURE_CHROMIUM" not in os.environ:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    path = find()
    if path is None:
        print(
            "No Chromium found for the page tests. Install one (apt-get install chromium), or set "
            "LECTURE_CHROMIUM to its path.",
            file=sys.stderr,
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
