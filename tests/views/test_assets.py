"""The composition of the JavaScript, and its size."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lecture_utils.views import Alignment, module_text, page_script, style_text
from lecture_utils.views.assets import FOLDER, names

ROOT = Path(__file__).parents[2]
ESBUILD = shutil.which("esbuild", path=ROOT / "node_modules" / ".bin")


def test_a_module_has_one_export_and_no_import() -> None:
    assert names() == ["address_lab", "alignment"]
    text = module_text("alignment")
    assert re.findall(r"^export\b.*", text, re.MULTILINE) == ["export default { render };"]
    assert not re.search(r"^import\b", text, re.MULTILINE)
    assert [text.count(f"const {name} = (() => {{") for name in ("core", "live")] == [1, 1]


def test_shared_parts_define_one_name_each() -> None:
    for name in ("core", "live"):
        text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
        assert re.findall(r"^(?:const|let|var|function|class) (\w+)", text, re.MULTILINE) == [name]


def test_the_page_script_is_one_classic_script() -> None:
    text = page_script()
    assert not re.search(r"^(export|import)\b", text, re.MULTILINE)
    assert 'window.lectureViews["alignment"] = render;' in text
    assert text.count("const core = (() => {") == 1
    assert "</script" not in text.lower()


def test_both_homes_run_the_same_text() -> None:
    assert Alignment._esm == module_text("alignment")
    body = module_text("alignment").split("export default")[0].split("// The alignment view")[1]
    assert body in page_script()


def test_an_unknown_view_is_refused() -> None:
    with pytest.raises(ValueError, match=r"name: no view 'host'; the views are address_lab, "):
        module_text("host")


def test_assets_load_by_path_with_the_standard_library_alone() -> None:
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('assets', {str(FOLDER / 'assets.py')!r})\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "assert module.page_script() and module.style_text() and module.module_text('alignment')\n"
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
    selectors = [s.strip() for s in re.findall(r"([^{}]+)\{", text) if "@media" not in s]
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


@pytest.mark.parametrize("name", names())
def test_the_view_is_small(tmp_path: Path, name: str) -> None:
    live = (FOLDER / "live.js").read_text(encoding="utf-8")
    whole = module_text(name)
    assert minified(whole.replace(live, ""), tmp_path) <= 15_000
    if name == "alignment":  # the lab uses nothing of live
        assert minified(whole, tmp_path) <= 21_000
