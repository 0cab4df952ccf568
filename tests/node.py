"""The project's ES modules in Node.js: what needs no page is tested without a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import bundles
import pytest

HOST = """
const lines = require("node:readline").createInterface({ input: process.stdin });
const told = (answer) => process.stdout.write(`${JSON.stringify(answer)}\\n`);
lines.on("line", async (line) => {
  const { load, text, argument } = JSON.parse(line);
  try {
    if (load) {
      const url = `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`;
      globalThis[load] = await import(url);
      return told({ value: null });
    }
    told({ value: (await (0, eval)(`(${text})`)(argument)) ?? null });
  } catch (error) {
    told({ error: `${error.name}: ${error.message}` });
  }
});
"""


class Node:
    """One Node.js process. A module is loaded under a name; functions then see it as a global."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen(
            [program, "--eval", HOST],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def _ask(self, **request: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def load(self, name: str, path: str) -> None:
        """Load the module at `path`, from the project's root, as the global `name`."""
        self._ask(load=name, text=bundles.bundle(bundles.ROOT / path))

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """What a JavaScript function gives for a JSON argument, as Playwright's `evaluate`."""
        return self._ask(text=function, argument=argument)

    def close(self) -> None:
        """End the process."""
        with self._process:  # closes its pipes, and waits
            pass


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A Node.js process for the tests of a file."""
    program = shutil.which("node")
    if program is None:
        pytest.fail("Node.js is missing; run the tests by: make unit")
    started = Node(program)
    yield started
    started.close()
