"""A notebook's kernel answers as the page's does: the same text, the same state of the view."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from lecture_utils import diagrams, live
from lecture_utils.tasks import heads
from lecture_utils.tasks.drawing import see_of
from lecture_utils.tasks.translation import fill_of, reply_of
from lecture_utils.views import Alignment, Diagram, FeatureMaps
from lecture_utils.views.base import unpack
from tests.live import tiny
from tests.live.committed import MODELS, told, torch_model
from tests.live.committed import kind as committed_kind

from . import in_page
from .conftest import Site, Watched
from .examples import EXAMPLES
from .test_contract import widget

Open = Callable[..., Page]
TEXTS = (
    "748 213, 95",
    "one million and five",
    ", ".join("7" * 15),  # by content alone, and with a fixed context, it goes wrong
    "748 213, 95, 21, 32, 999 999 999, 1, 13",
)
WRONG = ("", "7,,8", "seven bananas", ", ".join("7" * 70))
HEADS = ("numerals-en-de-heads", "numerals-en-de-scattered", "numerals-en-de-paper")
NAMES = ("numerals-en-de", "numerals-en-de-fixed", "numerals-en-de-place", *HEADS)


def shorter(folder: Path, name: str, most: int) -> None:
    """Let the exported model write so many words at most."""
    file = folder / name / "model.json"
    about = json.loads(file.read_text(encoding="utf-8"))
    about["limits"]["target"] = most
    file.write_text(json.dumps(about), encoding="utf-8")


@pytest.fixture
def page(request: pytest.FixtureRequest, site: Site, open_page: Open, runtime: Path) -> Page:
    """A page that can be asked the models."""
    for name in NAMES:
        shutil.copytree(MODELS / name, runtime / "models" / name)
    shutil.copytree(MODELS / NAMES[0], runtime / "models" / "cut")
    shorter(runtime / "models", "cut", 4)
    return in_page.prepare(open_page(site.write(Diagram(diagrams.bahdanau))))


def answered(view: Alignment | Diagram, text: str) -> dict[str, Any]:
    """The view's new state, or its reply, when it is asked as the view in the browser asks it."""
    n = view.request.get("n", 0) + 1
    view.request = {"n": n, "text": text}
    return view.state if view.state.get("n") == n else view.reply


def alignment(name: str, most: int | None = None) -> Alignment:
    """The view of a notebook, with a function behind it."""
    limits = told(name)["limits"]
    make = heads.reply_of if name in HEADS else reply_of
    reply = make(torch_model(name), most=(limits["source"], most or limits["target"]))
    return Alignment([[1.0]], ["a"], ["b"], translate=reply)


def same(here: dict[str, Any], there: dict[str, Any]) -> None:
    """Everything that a reader sees of an answer."""
    for field in ("text", "rows", "columns", "message", "gold", "heads"):
        assert here[field] == there[field], field
    assert here["shape"] == [int(n) for n in there["shape"]]
    assert np.abs(unpack(here).ravel() - np.array(there["weights"])).max() < 1e-4
    assert np.abs(np.array(here["probabilities"]) - np.array(there["probabilities"])).max() < 2e-4


@pytest.mark.parametrize("name", NAMES)
def test_a_translation_is_told_alike(page: Page, name: str) -> None:
    view = alignment(name)
    marks = set()
    for text in TEXTS:
        here = answered(view, text)
        same(here, in_page.ask(page, name, text=text))
        marks.add(here["message"][0])
    assert "✓" in marks
    for text in WRONG:
        with pytest.raises(Exception, match=r".") as failed:
            in_page.ask(page, name, text=text)
        here = answered(view, text)
        assert here["error"] in str(failed.value)


def same_choices(here: list, there: list) -> None:
    """The words that could stand at each place, the likeliest first; no marker is among them."""
    assert len(here) == len(there)
    for row, others in zip(here, there, strict=True):
        assert len(row) == len(others) == 5
        told_here, told_there = dict(row), dict(map(tuple, others))
        for word in {*told_here} ^ {*told_there}:  # two that are as likely may change places
            assert abs({**told_here, **told_there}[word] - row[-1][1]) < 1e-4
        both = {*told_here} & {*told_there}
        assert max(abs(told_here[word] - told_there[word]) for word in both) < 2e-4
        assert not any(word.startswith("<") for word in {*told_here, *told_there})


WRITTEN = ["sieben", "hundert", "acht", "und", "vierzig"]
BEGINNINGS = ([], ["acht"], ["ACHT"], [*WRITTEN[:2], "neun"], WRITTEN)
"""As written, another word, the same in capitals, one later, all of it."""


@pytest.mark.parametrize("name", NAMES)
def test_what_follows_other_words_is_told_alike(page: Page, name: str) -> None:
    limits = told(name)["limits"]
    most = limits["target"]
    make = heads.reply_of if name in HEADS else reply_of
    reply = make(torch_model(name), most=(limits["source"], most))
    for prefix in BEGINNINGS:
        here = reply("748", prefix)
        there = in_page.ask(page, name, text="748", prefix=prefix)
        assert here["rows"][: len(prefix)] == [word.lower() for word in prefix]
        assert (here["rows"], here["message"]) == (there["rows"], there["message"])
        shape = [int(n) for n in there["shape"]]
        apart = np.array(there["weights"]).reshape(shape) - here["weights"].numpy()
        assert np.abs(apart).max() < 1e-4
        sure = np.array(there["probabilities"]) - here["probabilities"].numpy()
        assert np.abs(sure).max() < 2e-4
        same_choices(here["likely"], there["likely"])
        assert there["prefix"] == prefix
    for prefix in (["acht", "bananen"], ["<end>"], ["<pad>"], ["x" * 50], ["acht"] * (most + 1)):
        with pytest.raises(
            ValueError, match=r"no word that the model can|; the model writes"
        ) as no:
            reply("748", prefix)
        with pytest.raises(Exception, match=r".") as failed:
            in_page.ask(page, name, text="748", prefix=prefix)
        assert str(no.value) in str(failed.value)


def test_what_goes_wrong_and_what_is_cut_off_is_told_alike(page: Page) -> None:
    here = answered(alignment(NAMES[1]), TEXTS[2])
    assert here["message"].startswith("✗ reads back as")
    there = in_page.ask(page, "cut", text=TEXTS[0])
    view = alignment(NAMES[0], most=4)
    same(answered(view, TEXTS[0]), there)
    assert there["message"].endswith("(stopped after 4 words, without an end)")
    assert len(there["rows"]) == 4


COPIED = """async ([name]) => {
  const root = `${location.origin}/_static/`;
  const place = runtime.files(`${root}models/${name}/`, root, () => {});
  await runtime.describe(place, kinds);
  const { graphs, int64, float32 } = await place.load();
  const { memory, keys, state_0 } = await graphs.encode({ source: int64([5, 6], [1, 2]) });
  const told = async (state_0) =>
    [...(await graphs.step({ memory, keys, state_0, token: int64([1], [1]) })).logits.data];
  return [await told(state_0), await told(float32([...state_0.data], state_0.dims))];
}"""


def test_a_kind_gives_a_graph_numbers_of_its_own(page: Page) -> None:
    given, copied = page.evaluate(COPIED, [NAMES[0]])
    assert len(given) > 10
    assert given == copied


@pytest.fixture
def filling(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Transformer is exported with what fills a picture of it, and one that writes 3 words."""
    monkeypatch.setenv("LECTURE_MODELS", str(runtime / "models"))
    kind = replace(committed_kind(HEADS[0]), places=tiny.PLACES, told=tiny.TOLD)
    folder = live.export("filling", kind, metrics={}, seed=0)
    shutil.copytree(folder, folder.parent / "three")
    shorter(folder.parent, "three", 3)


def stacked(calls: list[torch.Tensor]) -> np.ndarray:
    """The tensors of several calls; of weights (1, H, 1, s) the rows of one (1, H, T, S)."""
    if len(calls) > 1 and calls[0].ndim == 4:
        wide = max(call.shape[-1] for call in calls)
        rows = [torch.nn.functional.pad(call, (0, wide - call.shape[-1])) for call in calls]
        calls = [torch.cat(rows, dim=-2)]
    return torch.stack(calls).float().numpy()


@pytest.mark.usefixtures("filling")
def test_a_transformer_is_filled_and_says_alike(page: Page) -> None:
    model = torch_model(HEADS[0])
    asked = [*((text, "filling", 100) for text in ("7", *TEXTS[:2])), (TEXTS[0], "three", 3)]
    for text, name, most in asked:
        fill = fill_of(model, tiny.PLACES, told=tiny.TOLD, most=(60, most))
        here, there = fill(text), in_page.ask(page, name, text=text)
        assert here["rows"] == there["rows"]
        assert {*here["trace"]} == {*there["flow"]} == {*tiny.PLACES}
        for place, calls in here["trace"].items():
            passed, wanted = there["flow"][place], stacked(calls)
            assert [int(n) for n in passed["shape"]] == [*wanted.shape], place
            got = np.array(passed["weights"]).reshape(wanted.shape)
            assert np.abs(got - wanted).max() < 1e-4, place
            words = 1 if place.startswith("encoder") or wanted.ndim == 5 else len(here["rows"])
            assert len(wanted) == words, place
        assert {*here["guesses"]} == {*there["guesses"]} == {*tiny.TOLD}
        for place, rows in here["guesses"].items():
            assert len(rows) == len(there["guesses"][place]) == len(here["rows"])
            for row, others in zip(rows, there["guesses"][place], strict=True):
                assert [word for word, _ in row] == [word for word, _ in others], place
                apart = np.array([p for _, p in row]) - np.array([p for _, p in others])
                assert len(row) == 5
                assert np.abs(apart).max() < 1e-4
        last = here["guesses"][tiny.TOLD[-1]]
        assert [row[0][0] for row in last] == here["rows"], "the last layer says what is written"
        sure = np.array([row[0][1] for row in last])
        assert np.abs(sure - here["probabilities"].numpy()).max() < 1e-4


def test_a_picture_is_filled_and_told_alike(page: Page) -> None:
    picture, name = diagrams.bahdanau, NAMES[0]
    view = Diagram(picture, explain=fill_of(torch_model(name), picture.places))
    for text in TEXTS[:2]:
        here, there = answered(view, text), in_page.ask(page, name, text=text)
        for field in ("text", "rows", "columns", "message"):
            assert here[field] == there[field], field
        sure = np.array(here["probabilities"]) - np.array(there["probabilities"])
        assert np.abs(sure).max() < 2e-4
        for place in picture.places:
            assert here["flow"][place]["shape"] == there["flow"][place]["shape"], place


@pytest.mark.parametrize("name", [name for name, make in tiny.KINDS.items() if make.request])
@torch.no_grad()
def test_a_page_answers_as_torch_does(ask: Callable[..., dict[str, Any]], name: str) -> None:
    make = tiny.KINDS[name]
    made, wanted = ask(make(), **make.request), make.answers(make())
    assert wanted
    for field, one in wanted.items():
        if isinstance(one, dict):
            one, made = one["scores"], {**made, field: made[field]["scores"]}
        listed = one.ravel().tolist() if isinstance(one, torch.Tensor) else one
        assert listed, "it answers something"
        assert made[field] == pytest.approx(listed, abs=1e-4), field


AS_IN_A_PAGE = """({ answer, n }) => {
  const restored = (one) => {
    if (one === null || typeof one !== "object" || Array.isArray(one)) return one;
    const made = Object.entries(one).map(([key, value]) => [key, restored(value)]);
    const whole = Object.fromEntries(made);
    return whole.packing === "none"
      ? { ...whole, weights: Float32Array.from(whole.weights) } : whole;
  };
  model.set("state", { ...model.get("state"), message: "", ...restored(answer), n });
}"""
"""What the page's kernel does with an answer."""


def packed(answer: Any) -> list[dict[str, Any]]:
    """All numbers of an answer that go with a shape."""
    if not isinstance(answer, dict):
        return []
    inner = [found for value in answer.values() for found in packed(value)]
    return inner + [answer] * ("packing" in answer)


@pytest.mark.parametrize("name", [name for name, make in tiny.KINDS.items() if make.view])
def test_the_view_that_asks_takes_what_a_page_answers(
    ask: Callable[..., dict[str, Any]], open_page: Open, watched: Watched, name: str
) -> None:
    make = tiny.KINDS[name]
    example = EXAMPLES[make.view]
    view, answer = example(), ask(make(), **make.request)
    answer.pop("logits")
    if not answer["weights"] and "weights" not in view.state:
        answer.pop("weights")
    changes = {*view.state} - {"title", "asks", "examples", *getattr(view, "_fixed", ())}
    changes -= {argument for _, argument, *_ in example.dials}
    assert changes - {"message"} <= {*answer}, "it would show the old one"
    for one in packed(answer):
        assert np.size(one["weights"]) == np.prod(one["shape"])
    page = widget(open_page(), view)
    before = page.locator(".lv").inner_text()
    page.evaluate(AS_IN_A_PAGE, {"answer": answer, "n": 1})
    assert page.locator(".lv").inner_text() != before
    assert watched.errors == []


DRAWINGS = {
    "a dot": np.eye(1, 24 * 24, 30).reshape(24, 24),
    "a line": np.eye(24),
    "all": np.ones((24, 24)),
    "shades": np.rint(np.linspace(0, 255, 48 * 48).reshape(48, 48)) / 255,
}


@pytest.mark.parametrize("normalise", [True, False])
def test_a_drawing_is_seen_alike(ask: Callable[..., dict[str, Any]], normalise: bool) -> None:
    kind = tiny.images()
    see = see_of(kind.model, kind.places, kind.size, kind.box, kind.values)
    view = FeatureMaps(**see(np.eye(24)), labels=kind.labels, normalise=True, see=see)
    for n, drawing in enumerate(DRAWINGS.values(), 1):
        levels = np.rint(255 * drawing).astype(int).ravel().tolist()
        request = {"drawing": levels, "shape": [1, *drawing.shape], "normalise": normalise}
        view.request = {"n": n, **request}
        assert view.state["n"] == n, view.reply
        here, there = view.state, ask(kind, **request)
        assert here["normalise"] == there["normalise"] == normalise
        assert here["frame"] == pytest.approx(there["frame"], abs=1e-9)
        assert here["scores"] == pytest.approx(there["scores"], abs=1e-4)
        assert [*here["maps"]] == [*there["maps"]] == ["C1", "S2", "F3"]
        shown = {**here["maps"], "image": here["image"], "drawing": here["drawing"]}
        for name, packed in shown.items():
            passed = {**there["maps"], **there}[name]
            assert [int(k) for k in passed["shape"]] == packed["shape"], name
            low, high = packed.get("low", 0), packed.get("high", 1)
            wanted = low + (high - low) * unpack(packed)
            got = np.array(passed["weights"]).reshape(wanted.shape)
            assert np.abs(got - wanted).max() < 1e-4, name


@torch.no_grad()
def test_where_a_model_looks_is_told_alike(ask: Callable[..., dict[str, Any]]) -> None:
    kind = tiny.looking()
    see = see_of(kind.model, kind.places, kind.size, None, kind.values, kind.grids)
    here = see(np.array(tiny.COLOURED).reshape(3, 8, 6) / 255)
    there = ask(kind, **tiny.looking.request)
    assert [*here["maps"]] == [*there["maps"]] == ["where it looks", "gate"]
    for name, wanted in here["maps"].items():
        passed = there["maps"][name]
        assert [int(k) for k in passed["shape"]] == [*wanted.shape], name
        got = np.array(passed["weights"]).reshape(wanted.shape)
        assert np.abs(got - wanted.numpy()).max() < 1e-4, name
    assert here["maps"]["where it looks"].shape == (8, 6, 4, 3)
    assert here["maps"]["where it looks"].std() > 0.01, "it does look somewhere"


def test_gates_and_what_comes_of_holding_them_are_told_alike(
    ask: Callable[..., dict[str, Any]],
) -> None:
    kind = tiny.gates()
    see = see_of(kind.model, kind.places, kind.size, None, kind.values, gates=kind.gates)
    given = tiny.gates.request
    for held in (tiny.HELD, {}):
        here = see(np.ones((6, 6)), held=held)
        there = ask(kind, **{**given, "held": held})
        assert (here["after"] is None) == (there["after"] is None) == (not held)
        pairs = [(here, there), *([(here["after"], there["after"])] if held else [])]
        for mine, passed in pairs:
            assert mine["scores"].tolist() == pytest.approx(passed["scores"], abs=1e-4)
            for name in ("SE", "BAM"):
                wanted = mine["gates"][name].tolist()
                assert [int(k) for k in passed["gates"][name]["shape"]] == [4]
                got = passed["gates"][name]["weights"]
                assert [*got] == pytest.approx(wanted, abs=1e-4), name
    assert here["gates"]["SE"].std() > 0.01


def test_what_cannot_be_seen_is_told_alike(ask: Callable[..., dict[str, Any]]) -> None:
    kind = tiny.images()
    see = see_of(kind.model, kind.places, kind.size, kind.box, kind.values)
    view = FeatureMaps(**see(np.eye(24)), labels=kind.labels, normalise=True, see=see)
    empty = {"drawing": [0] * 576, "shape": [1, 24, 24]}
    view.request = {"n": 1, **empty}
    assert view.reply["error"] == "There is nothing to read: it is empty."
    assert "n" not in view.state, "the last result is kept"
    with pytest.raises(Exception, match=view.reply["error"]):
        ask(kind, **empty)
