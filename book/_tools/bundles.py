"""Bundle the scripts and style sheets that readers download (esbuild), and minify them.

    python book/_tools/bundles.py            write what notebooks load: lecture_utils/views/bundles
    python book/_tools/bundles.py --check    say which of these are stale; exit 1 if there are any

The sources are ES modules: a folder for each view in ``lecture_utils/views``, what they share in
``shared``, and the page's kernel in ``lecture_utils/live``. anywidget loads a view from one text,
so its bundle is committed; the scripts of the site are bundled when the book is built. Edit the
sources, then run this; never edit a bundle. What esbuild has minified, terser makes a twentieth
smaller, gzipped. Needs ``npm ci``.
"""

from __future__ import annotations

import argparse
import functools
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lecture_utils"
TARGET = "es2022"
"""What every browser since 2023 understands."""


class BundleError(Exception):
    """What a tool says of a source that it cannot bundle."""


def views() -> list[str]:
    """The views, in alphabetical order: the folders with a ``view.js``."""
    return sorted(path.parent.name for path in (PACKAGE / "views").glob("*/view.js"))


def kinds() -> list[str]:
    """The kinds of exported models that a page can run: a script and a module of one name."""
    scripts = (PACKAGE / "live").glob("*.js")
    return sorted(path.stem for path in scripts if path.with_suffix(".py").is_file())


@functools.cache
def bundle(source: str | Path, kind: str = "js", form: str = "esm") -> str:
    """A file of the project, or a text that imports some, as one minified text.

    A process bundles each source once: what changes afterwards it does not see.

    Args:
        source: a path, or the text itself, whose imports are relative to the project's root.
        kind: ``js`` or ``css``.
        form: of a script: ``esm``, a module, or ``iife``, which a page loads from a disk too.

    Raises:
        BundleError: a tool is missing or finds a mistake; the message is its own.
    """
    command = ["--bundle", "--minify", "--log-level=warning", f"--target={TARGET}"]
    command += ["--charset=utf8", "--legal-comments=none"]
    command += ["--external:*.woff2"]  # a style sheet's fonts stay files of the site
    if kind == "js":
        command += [f"--format={form}"]
    if form == "iife":
        command += ['--banner:js="use strict";']  # as a module is
    text = None
    if isinstance(source, Path):
        command += [str(source)]
    else:
        command += [f"--loader={kind}"]
        text = source
    bundled = _run("esbuild", command, text)
    if kind == "css":
        return bundled
    module = ["--module"] if form == "esm" else []
    return _run("terser", [*module, "--ecma=2022", "--compress=passes=2", "--mangle"], bundled)


def _run(name: str, options: list[str], text: str | None) -> str:
    """What a tool of Node.js gives for a text."""
    tool = shutil.which(name, path=str(ROOT / "node_modules" / ".bin"))
    if tool is None:
        raise BundleError(f"{name} is missing: run `npm ci`")
    done = subprocess.run(
        [tool, *options],
        input=text,
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise BundleError(done.stderr.strip())
    return done.stdout


def page_script(names: Iterable[str]) -> str:
    """The classic script of a page with these views: the views, and the kernel they talk to."""
    names = list(names)
    lines = [f'import {name} from "./lecture_utils/views/{name}/view.js";' for name in names]
    lines += [
        'import { start } from "./lecture_utils/live/page.js";',
        f"start({{ {', '.join(names)} }}, {json.dumps(kinds())});",
    ]
    return bundle("\n".join(lines), form="iife")


def page_style() -> str:
    """The style sheet of all views, and of what chapters draw and tabulate."""
    sheets = [f'@import "./lecture_utils/views/{name}/view.css";' for name in views()]
    sheets += [
        f'@import "./lecture_utils/views/shared/{name}.css";' for name in ("colours", "figures")
    ]
    return bundle("\n".join(sheets), kind="css")


def committed() -> dict[Path, str]:
    """What notebooks load: each file with the text that it should hold."""
    folder = PACKAGE / "views" / "bundles"
    made = {}
    for name in views():
        source = PACKAGE / "views" / name
        made[folder / f"{name}.js"] = bundle(source / "view.js")
        made[folder / f"{name}.css"] = bundle(source / "view.css", kind="css")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    options = parser.parse_args(arguments)
    fresh = committed()
    there = {path: path.read_text("utf-8") for path in (PACKAGE / "views" / "bundles").glob("*.*")}
    stale = sorted(path for path in fresh | there if fresh.get(path) != there.get(path))
    for path in stale:
        print(path.relative_to(ROOT), "is stale" if options.check else "written")
        if options.check:
            continue
        if path in fresh:
            path.write_text(fresh[path], "utf-8", newline="\n")
        else:
            path.unlink()
    if options.check and stale:
        print("Run: make bundles")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
