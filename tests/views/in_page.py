"""An exported model asked in a page, past its view: as the page's kernel asks it."""

from __future__ import annotations

import json
from typing import Any

import bundles
from playwright.sync_api import Page

RUNTIME = (
    'import * as runtime from "./lecture_utils/live/runtime.js"; window.runtime = runtime;'
    f"window.kinds = {json.dumps(bundles.kinds())};"
)

ASK = """async ([name, request]) => {
  const root = `${location.origin}/_static/`;
  const place = runtime.files(`${root}models/${name}/`, root, () => {});
  const { spec, kind } = await runtime.describe(place, kinds);
  const logits = []; // of every step of a decoder
  async function load() {
    const { graphs, ...rest } = await place.load();
    if (!graphs.step) return { graphs, ...rest };
    const step = async (inputs) => {
      const made = await graphs.step(inputs);
      logits.push([...made.logits.data]);
      return made;
    };
    return { graphs: { ...graphs, step }, ...rest };
  }
  const answer = await kind.answer(request, { ...place, load, spec, part() {}, alive: () => true });
  return { ...answer, weights: [...(answer.weights ?? [])], logits };
}"""


def prepare(page: Page) -> Page:
    """Give a page of a site what `ask` needs."""
    page.add_script_tag(content=bundles.bundle(RUNTIME, form="iife"))
    return page


def ask(page: Page, name: str, **request: Any) -> dict[str, Any]:
    """The state that the exported model `name` answers a request with, and its logits."""
    return page.evaluate(ASK, [name, request])
