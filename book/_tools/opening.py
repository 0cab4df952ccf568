"""Say how to open the built site: from disk, and served for the models that run in the page."""

from __future__ import annotations

import shlex
from pathlib import Path

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"


def instructions(site: Path = SITE) -> str:
    """Give the two ways to open the site in folder `site`.

    Raises:
        FileNotFoundError: There is no built site in that folder.
    """
    index = site / "index.html"
    if not index.is_file():
        raise FileNotFoundError(f"no site in {site}; run: make book")
    serve = f"python3 -m http.server --directory {shlex.quote(str(site))}"
    return (
        f"\nThe book is built. Open it from disk:\n    {index.as_uri()}\n"
        "The models in its pages run once the folder is served, at http://localhost:8000:\n"
        f"    {serve}"
    )


if __name__ == "__main__":
    print(instructions())
