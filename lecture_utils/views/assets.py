"""What notebooks load of a view: its script and its style sheet, each bundled into one text.

Written by ``book/_tools/bundles.py`` from the ES modules beside each view and in ``shared``.
"""

from __future__ import annotations

from pathlib import Path

BUNDLES = Path(__file__).resolve().parent / "bundles"


def bundled(name: str) -> str:
    """The text of the bundle `name`, such as ``alignment.js``."""
    try:
        return (BUNDLES / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no bundle {name}: run `make bundles`") from None
