"""What readers download of the views: fresh, small, and of the rooms that the house allows."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import bundles
import pytest

from lecture_utils import views
from tests.pages import ROOT

VIEWS = ROOT / "lecture_utils" / "views"
LIVE = ROOT / "lecture_utils" / "live"
BOUND = 8_500
"""Bytes of a view's script, minified and gzipped; each must keep a fifth of it free."""
BOUNDS = {
    "alignment": 13_000,
    "channel_gates": 13_000,
    "diagram": 13_000,
    "feature_maps": 12_000,
    "heads": 13_000,
    "spatial_map": 13_000,
}
"""The same of the views that need more."""
KERNEL = 4_000
"""The same of what a page adds to its views: the host and its kernel."""


def packed(text: str) -> int:
    return len(gzip.compress(text.encode(), 9))


def imports(path: Path) -> set[Path]:
    """The modules that the module at `path` imports."""
    found = re.findall(r'^(?:import|export)\b[^;]*?"(\.[^"]+)";', path.read_text("utf-8"), re.M)
    assert len(found) == path.read_text("utf-8").count(' from "')
    return {(path.parent / name).resolve() for name in found}


def test_what_is_committed_is_fresh() -> None:
    made = bundles.committed()
    folder = VIEWS / "bundles"
    there = {path: path.read_text("utf-8") for path in folder.iterdir()}
    assert there.keys() == made.keys()
    stale = [path.name for path, text in made.items() if there[path] != text]
    assert not stale, f"{stale} differ from their sources; run: make bundles"


def test_every_view_is_a_folder_with_its_class() -> None:
    shown = [getattr(views, name) for name in views.__all__]
    assert sorted(one._view for one in shown if getattr(one, "_view", "")) == bundles.views()


SOURCES = [path for path in VIEWS.rglob("*.js") if path.parent.name != "bundles"]


@pytest.mark.parametrize("path", [*SOURCES, *LIVE.glob("*.js")], ids=lambda path: path.name)
def test_no_script_reaches_into_another_room(path: Path) -> None:
    for found in imports(path):
        assert found.is_file(), found
        assert found.parent in {path.parent, VIEWS / "shared"}, found
        assert path.parent != LIVE or found.parent == LIVE, "live knows no view"


@pytest.mark.parametrize("name", bundles.views())
def test_a_module_is_one_text_with_one_export(name: str) -> None:
    text = (VIEWS / "bundles" / f"{name}.js").read_text("utf-8")
    assert len(re.findall(r"\bexport\s*\{", text)) == 1
    assert not re.search(r"\bimport\b[^(]", text)
    assert packed(text) <= 0.8 * BOUNDS.get(name, BOUND)


def test_a_page_adds_little_to_its_views() -> None:
    script = bundles.page_script(bundles.views())
    alone = bundles.bundle(
        "".join(
            f'import {name} from "./lecture_utils/views/{name}/view.js"; window.{name} = {name};'
            for name in bundles.views()
        ),
        form="iife",
    )
    assert packed(script) - packed(alone) <= 0.8 * KERNEL
    assert "</script" not in script.lower()


def test_a_mistake_is_named() -> None:
    with pytest.raises(bundles.BundleError, match=r"views/zork/view\.js"):
        bundles.page_script(["zork"])


def test_importing_the_views_does_not_import_torch() -> None:
    code = "import sys, lecture_utils.views; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_every_rule_of_the_style_stays_inside_a_view() -> None:
    found = re.findall(r"([^{}]+)\{", bundles.page_style())
    frames = re.compile(r"(?:from|to|\d+%)(?:,\s*(?:from|to|\d+%))*")  # of an animation
    selectors = [each.strip() for each in found if "@" not in each and not frames.fullmatch(each)]
    assert len(selectors) > 100
    inside = (".lv", ".lecture-", "[data-tilt")
    assert [each for each in selectors if not any(part in each for part in inside)] == []
