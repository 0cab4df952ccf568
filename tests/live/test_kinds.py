"""A description says which field a page could not use, and what to pass."""

from __future__ import annotations

import json
import re
from typing import Any

import bundles
import pytest

from lecture_utils.live.kind import Kind
from tests.example import cases
from tests.live import tiny
from tests.node import Node


def test_every_kind_has_an_example_that_is_asked() -> None:
    asked = {make.kind.__module__ for make in tiny.KINDS.values() if make.request and make.view}
    assert sorted(name.rpartition(".")[2] for name in asked) == bundles.kinds()


@pytest.mark.parametrize(("make", "other", "message"), cases(tiny.KINDS, "refuses"))
def test_a_field_that_a_page_could_not_use_is_named(make, other, message) -> None:
    with pytest.raises(ValueError, match=message):
        make(**other)


def script(node: Node, kind: Kind) -> dict[str, Any]:
    """Load the page's half of a kind as `half`, and give what ``model.json`` tells it."""
    node.load("half", f"lecture_utils/live/{type(kind).__module__.rpartition('.')[2]}.js")
    return json.loads(json.dumps({**kind.fields(), **{key: {"file": key} for key in kind.files()}}))


@pytest.mark.parametrize("make", tiny.KINDS.values(), ids=tiny.KINDS)
def test_a_page_takes_a_description_and_nothing_else(node: Node, make: tiny.Example) -> None:
    told = script(node, make())
    assert node.evaluate("(told) => [told, {}].map((spec) => !!half.fits(spec))", told) == [
        *(True, False)
    ]


@pytest.mark.parametrize(("make", "request_", "words"), cases(tiny.KINDS, "nonsense"))
def test_nonsense_is_answered_in_words(node: Node, make, request_, words) -> None:
    asked = [request_, script(node, make())]
    with pytest.raises(RuntimeError, match=re.escape(words)):
        node.evaluate("([request, spec]) => half.answer(request, { spec })", asked)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("encoder.layers.0.attention.rotary", "passed by 6 values"),
        ("decoder.layers.0.cross.W_K", "passed by 0 values"),
        ("decoder.layers.0<1", "more than the word of the step"),
        ("decoder.layers.0<2", "what is no tensor"),
        ("decoder.layers.0<9", "is given 4"),
    ],
)
def test_a_place_that_a_page_could_not_fill_is_named(place, message) -> None:
    kind = tiny.filling(places=[place], told=())
    with pytest.raises(ValueError, match=f"'{place}'.*{message}"):
        kind.graphs()


def test_an_image_model_s_labels_are_as_many_as_its_scores() -> None:
    with pytest.raises(ValueError, match="labels are 2, but the model has 3; pass the model's"):
        tiny.images(labels=["one", "two"]).graphs()


def test_weights_that_do_not_lie_on_their_grid_are_refused() -> None:
    grids = {"where it looks": (8, 6, 8, 6)}
    told = r"'where it looks' has weights \(48, 12\), .* not lie on 8 x 6 and 8 x 6 places"
    with pytest.raises(ValueError, match=told):
        tiny.looking(grids=grids).graphs()
    with pytest.raises(ValueError, match=r"'gate' has weights \(4, 8, 6\)"):
        tiny.looking(grids={"gate": (8, 6, 8, 6)}).graphs()


def test_a_layer_that_is_used_twice_is_no_place_of_an_image_model() -> None:
    twice = tiny.image_model()
    twice.insert(3, twice[1])
    with pytest.raises(ValueError, match="'1' is passed by 2 values; pass a place"):
        tiny.images(model=twice, places={"tanh": "1"}).graphs()


def test_what_is_no_state_is_not_read_out() -> None:
    kind = tiny.filling(told=["decoder.layers.1.feed_forward.W_1"])
    with pytest.raises(ValueError, match=r"told: .*W_1. has no states of 8 features"):
        kind.graphs()


@pytest.mark.parametrize("kind", [make() for make in tiny.KINDS.values()], ids=tiny.KINDS)
def test_a_good_description_is_taken_and_cannot_be_changed(kind) -> None:
    with pytest.raises(AttributeError):
        kind.model = None
