"""A description says which field a page could not use, and what to pass."""

from __future__ import annotations

from typing import Any

import pytest

from lecture_utils import live
from tests.live import tiny

WRONG: list[tuple[Any, dict[str, Any], str]] = [
    (tiny.sequences, {"source": live.Language("en", tiny.ENGLISH[:-1], 9)},
     "source.tokens are 6, but the model has 7; pass the model's"),
    (tiny.sequences, {"target": live.Language("de", [*tiny.GERMAN, "drei"], 9)},
     "target.tokens are 9, but the model has 8"),
    (tiny.sequences, {"source": live.Language("en", [*tiny.ENGLISH[:-1], "one"], 9)},
     r"source.tokens must differ from each other; twice: \['one'\]"),
    (tiny.sequences, {"source": live.Language("en", "one two", 9)},
     "source.tokens must be a list of texts; got 'one two'"),
    (tiny.sequences, {"source": live.Language("en", tiny.ENGLISH, 0)},
     "source.most must be a whole number of at least 1; got 0"),
    (tiny.sequences, {"target": live.Language("de", tiny.GERMAN, 1.5)},
     "target.most must be a whole number of at least 1; got 1.5"),
    (tiny.sequences, {"source": live.Language("en", tiny.ENGLISH, 9, unknown="?")},
     r"source.unknown has what is not in source.tokens: \['\?'\]"),
    (tiny.sequences, {"text": live.Numerals({"one": 1, "three": 3}, {}, 9)},
     r"text.source has what is not in source.tokens: \['three'\]"),
    (tiny.sequences, {"text": live.Numerals({}, {"one": 1}, 9)},
     r"text.target has what is not in target.tokens: \['one'\]"),
    (tiny.sequences, {"text": live.Numerals({}, {}, -1)},
     "text.largest must be a whole number of at least 1; got -1"),
    (tiny.filling, {"places": ["encoder.layers.2"]},
     r"places has what is not in the names of the model's modules: \['encoder.layers.2'\]"),
    (tiny.filling, {"told": ["decoder.layers.7<0"]}, "told has what is not in the names of the"),
    (tiny.filling, {"places": "encoder"}, "places must be a list of texts; got 'encoder'"),
    (tiny.filling, {"told": ["encoder.layers.0"]},
     r"told must be places of the decoder's states; got \['encoder.layers.0'\]"),
    (tiny.sequences, {"told": ["decoder.cell"]}, "told is for a Transformer, whose decoder reads"),
    (tiny.stories, {"tokens": tiny.WORDS[:-1]}, "tokens are 5, but the model has 6"),
    (tiny.stories, {"tokens": [*tiny.WORDS[1:], "."]}, 'begin with the empty word, ""; got \'Wh'),
    (tiny.stories, {"tokens": [0, 1, 2, 3, 4, 5]}, "tokens must be a list of texts"),
    (tiny.stories, {"words": 0}, "words must be a whole number of at least 1; got 0"),
    (tiny.stories, {"tasks": {2: "two"}}, r"stories has what is not in tasks: \['1'\]"),
    (tiny.stories, {"stories": {1: [(["Mary went"], "Where is Mary", "garden", [0])]}},
     r"stories\[1\], an answer, has what is not in tokens: \['garden'\]"),
    (tiny.stories, {"stories": {1: [(["Mary went"], "Where is Mary", "kitchen", [1])]}},
     r"stories\[1\] has facts \[1\] in a story of 1 lines; a fact is the place of a line"),
    (tiny.stories, {"stories": {1: [([], "Where is Mary", "kitchen", [])]}}, "a story of 0 lines"),
    (tiny.knowledge, {"words": ["<pad>"]}, "names as values are 9, but the model has 13"),
    (tiny.knowledge, {"words": ["<pad>", "what", "capital", "of", "Kenya"]},
     r"words and names must differ from each other; twice: \['Kenya'\]"),
    (tiny.knowledge, {"aliases": {"UK": "United Kingdom"}},
     r"aliases has what is not in names: \['United Kingdom'\]"),
    (tiny.knowledge, {"slots": []}, "slots must be a key of one or more tokens"),
    (tiny.knowledge, {"slots": [["Kenya", "Nairobi"], ["Kenya", "of", "Nairobi"]]},
     "slots must be a key of one or more tokens, the same for all"),
    (tiny.knowledge, {"slots": [["Kenya"]]}, "slots must be a key of one or more tokens"),
    (tiny.knowledge, {"slots": [["Uganda", "of", "Kenya"]]},
     r"slots, a key, has what is not in words or names: \['Uganda'\]"),
    (tiny.knowledge, {"slots": [["Kenya", "of", "what"]]},
     r"slots, a value, has what is not in names: \['what'\]"),
    (tiny.knowledge, {"frequent": 0}, "frequent must be a whole number of at least 1; got 0"),
    (tiny.knowledge, {"most": "6"}, "most must be a whole number of at least 1; got '6'"),
    (tiny.images, {"labels": ["one", "one"]}, "labels must differ from each other"),
    (tiny.images, {"channels": 0}, "channels must be a whole number of at least 1; got 0"),
    (tiny.images, {"size": (12, 0.5)}, "size must be a whole number of at least 1; got 0.5"),
    (tiny.images, {"box": 0}, "box must be a whole number of at least 1; got 0"),
    (tiny.images, {"box": 13}, "box is 13: pass at most 12, the side of an image, or None"),
    (tiny.images, {"channels": 3}, "box is 8: .*; it is for images of one channel"),
    (tiny.images, {"places": {"C9": "9"}},
     r"places has what is not in the names of the model's modules: \['9'\]"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "other", "message"), WRONG)
def test_a_field_that_a_page_could_not_use_is_named(make, other, message) -> None:
    with pytest.raises(ValueError, match=message):
        make(**other)


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


def test_a_layer_that_is_used_twice_is_no_place_of_an_image_model() -> None:
    twice = tiny.image_model()
    twice.insert(3, twice[1])
    with pytest.raises(ValueError, match="'1' is passed by 2 values; pass a place"):
        tiny.images(twice, places={"tanh": "1"}).graphs()


def test_what_is_no_state_is_not_read_out() -> None:
    kind = tiny.filling(told=["decoder.layers.1.feed_forward.W_1"])
    with pytest.raises(ValueError, match=r"told: .*W_1. has no states of 8 features"):
        kind.graphs()


@pytest.mark.parametrize("kind", tiny.kinds().values(), ids=tiny.kinds())
def test_a_good_description_is_taken_and_cannot_be_changed(kind) -> None:
    with pytest.raises(AttributeError):
        kind.model = None
