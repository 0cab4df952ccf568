"""The composition of the JavaScript, and its size."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lecture_utils.views import Alignment
from lecture_utils.views.assets import bundled, page_script, style_text
from lecture_utils.views.assets import FOLDER, HOST, VIEWS, names, script_name, shared

ROOT = Path(__file__).parents[2]
ESBUILD = shutil.which("esbuild", path=ROOT / "node_modules" / ".bin")


def test_a_module_has_one_export_and_no_import() -> None:
    for name, parts in VIEWS.items():
        text = module_text(name)
        assert re.findall(r"^export\b.*", text, re.MULTILINE) == ["export default { render };"]
        assert not re.search(r"^import\b", text, re.MULTILINE)
        found = re.findall(r"^const (\w+) = \(\(\) => \{", text, re.MULTILINE)
        assert tuple(found) == parts


def test_every_module_is_a_view_or_a_part_or_the_host() -> None:
    assert names() == sorted(VIEWS)
    assert {path.stem for path in FOLDER.glob("*.js")} == {*VIEWS, *shared(), HOST}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_has_the_parts_that_it_uses_and_no_other(name: str) -> None:
    uses = lambda text: {part for part in shared() if re.search(rf"\b{part}\.\w", text)}  # noqa: E731
    parts = [*VIEWS[name], name]
    for i, part in enumerate(parts):
        text = (FOLDER / f"{part}.js").read_text(encoding="utf-8")
        text = re.sub(r"//.*|/\*.*?\*/", "", text)
        assert uses(text) - {part} <= set(parts[:i]), part
    whole = "".join((FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in parts)
    assert uses(whole) == set(VIEWS[name])


def test_shared_parts_define_one_name_each() -> None:
    for name in shared():
        text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
        assert re.findall(r"^(?:const|let|var|function|class) (\w+)", text, re.MULTILINE) == [name]


@pytest.mark.parametrize("views", [["alignment"], ["memory_hops", "alignment"], names()])
def test_a_page_gets_one_classic_script_with_its_views_and_their_parts(views: list[str]) -> None:
    text = page_script(views)
    assert not re.search(r"^(export|import)\b", text, re.MULTILINE)
    registered = re.findall(r'^window\.lectureViews\["(\w+)"\] = render;', text, re.MULTILINE)
    assert registered == sorted(views)
    found = re.findall(r"^const (\w+) = \(\(\) => \{", text, re.MULTILINE)
    assert sorted(found) == sorted({part for view in views for part in VIEWS[view]})
    assert "</script" not in text.lower()


def test_a_script_is_named_after_its_views() -> None:
    twice = ["memory_hops", "alignment", "alignment"]
    assert script_name(twice) == "views-alignment-memory_hops.js"
    assert page_script(["memory_hops", "alignment"]) == page_script(["alignment", "memory_hops"])


def test_both_homes_run_the_same_text() -> None:
    assert Alignment._esm == bundled("alignment.js")
    body = bundled("alignment.js").split("export default")[0].split("// The alignment view")[1]
    assert body in page_script(["alignment"])


def test_an_unknown_view_is_refused() -> None:
    for asked in (module_text, lambda name: page_script([name]), lambda name: script_name([name])):
        with pytest.raises(ValueError, match=r"no view 'host'; the views are address_lab, "):
            asked("host")


def test_assets_load_by_path_with_the_standard_library_alone() -> None:
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('assets', {str(FOLDER / 'assets.py')!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "assert module.page_script(['alignment']) and module.module_text('alignment')\n"
        "assert module.style_text()\n"
        "heavy = {'torch', 'numpy', 'anywidget', 'lecture_utils'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-I", "-c", code], check=True)


def test_importing_the_views_does_not_import_torch() -> None:
    code = "import sys, lecture_utils.views; sys.exit('torch' in sys.modules)"
    root = FOLDER.parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_every_rule_of_the_style_stays_inside_a_view() -> None:
    text = re.sub(r"/\*.*?\*/", "", style_text(), flags=re.DOTALL)
    selectors = [s.strip() for s in re.findall(r"([^{}]+)\{", text) if "@" not in s]
    assert selectors
    assert [
        s
        for s in selectors
        if ".lv" not in s and ".lecture-view" not in s and "[data-tilt" not in s
    ] == []


def minified(text: str, tmp_path: Path) -> int:
    if ESBUILD is None:
        pytest.skip("esbuild is missing; run: npm ci")
    source = tmp_path / "module.js"
    source.write_text(text, encoding="utf-8")
    made = subprocess.run([ESBUILD, "--minify", str(source)], capture_output=True, check=True)
    return len(made.stdout)


def test_the_host_is_small(tmp_path: Path) -> None:
    source = (FOLDER / "host.js").read_text(encoding="utf-8")
    assert len(source) <= 3_000
    assert minified(source, tmp_path) <= 1_500


def test_the_view_is_small(tmp_path: Path) -> None:
    whole = bundled("alignment.js")
    own = "".join((FOLDER / f"{part}.js").read_text("utf-8") for part in ("core", "alignment"))
    assert minified(own, tmp_path) <= 15_000
    assert minified(whole, tmp_path) <= 22_000


def test_the_memory_view_is_small(tmp_path: Path) -> None:
    own = "".join((FOLDER / f"{part}.js").read_text("utf-8") for part in ("core", "memory_hops"))
    assert minified(own, tmp_path) <= 15_000
    assert minified(bundled("memory_hops.js"), tmp_path) <= 26_000  # stories and knowledge bases


def test_the_lab_is_small(tmp_path: Path) -> None:
    assert minified(bundled("address_lab.js"), tmp_path) <= 15_000
