"""The Python side of the alignment view."""

from __future__ import annotations

import base64
import html
import io
import json
import re
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from lecture_utils.views import Alignment, MemoryHops
from lecture_utils.views.base import (
    U16_AT_MOST,
    WIDGET_VIEW,
    as_array,
    pack,
    unpack,
)

from .conftest import COLUMNS, GOLD, ROWS, example, weights

HOSTILE = "</script><img src=x onerror=alert(1)>&\"'\u2028"


def html_of(view: Alignment) -> str:
    return view.static()._repr_mimebundle_()["text/html"]


def state_of(text: str) -> dict[str, Any]:
    found = re.fullmatch(r'.*<script type="application/json">(.*?)</script>.*', text, re.DOTALL)
    return json.loads(found[1])


def unpacked(state: dict[str, Any]) -> np.ndarray:
    data = base64.b64decode(state["weights"])
    if state["packing"] == "u16":
        return np.frombuffer(data, "<u2").reshape(state["shape"]) / 65535
    return (np.frombuffer(data, "u1").reshape(state["shape"]) / 255) ** 2


def plain(**changed: Any) -> Alignment:
    """Two words that a model wrote from two, by no weights."""
    told = {"weights": np.zeros((2, 2)), "rows": ["a", "b"], "columns": ["x", "y"]}
    told |= {"probabilities": [1.0, 0.75], "nothing": "From one vector.", "plain": True}
    return Alignment(**told | changed)


# What is shown


def test_the_bundle_serves_three_homes() -> None:
    data, metadata = example()._repr_mimebundle_()
    assert list(data) == [WIDGET_VIEW, "text/html", "image/png", "text/plain"]
    assert metadata == {}
    assert set(data[WIDGET_VIEW]) == {"version_major", "version_minor", "model_id"}
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_static_leaves_the_widget_out() -> None:
    static = example().static()
    assert list(static._repr_mimebundle_()) == ["text/html", "image/png"]
    assert repr(static) == example().summary()


def test_the_bundle_is_the_same_at_every_run() -> None:
    one, other = (example()._repr_mimebundle_()[0] for _ in range(2))
    del one[WIDGET_VIEW], other[WIDGET_VIEW]
    assert one == other


def test_the_summary_is_in_words_without_fragile_numbers() -> None:
    view = example()
    assert view.summary() == (
        "10 German words (rows) and the 8 English words (columns) that each reads. Most weight: "
        "“sieben” reads “seven”, “hundert” reads “hundred”, “acht” reads “eight”, “und” reads "
        "“seven”, “vierzig” reads “forty”, “tausend” reads “thousand”, “,” reads “,”, “fünf” reads "
        "“five”, “und” reads “seven”, “neunzig” reads “ninety”. 8 of 8 words with a gold link most "
        "read a gold word."
    )
    assert view._repr_mimebundle_()[0]["text/plain"] == view.summary() == repr(view)


def test_words_that_read_each_other_are_words_of_no_language() -> None:
    labels = {"row_label": "reads", "column_label": "is read"}
    view = Alignment([[0.2, 0.8], [1.0, 0.0]], ["a", "b"], ["a", "b"], **labels)
    told = "2 words (rows) and the 2 words (columns) that each reads. Most weight: “a” reads “b”"
    assert view.summary().startswith(told)


def test_the_summary_says_which_head_and_stops_in_time() -> None:
    words = [f"w{i}" for i in range(15)]
    view = Alignment(np.stack([np.stack([np.eye(15)] * 3)] * 2), words, words)
    assert "layer 1 of 2 and head 1 of 3." in view.summary()
    assert view.summary().endswith("“w11” reads “w11”; and 3 more.")


def test_zero_rows_read_nothing() -> None:
    fixed = Alignment(np.zeros((2, 3)), ["a", "b"], ["x", "y", "z"])
    assert fixed.summary().endswith("every weight is zero, the context is fixed.")
    half = Alignment([[0, 0], [0, 1]], ["a", "b"], ["x", "y"])
    assert "“a” reads nothing, “b” reads “y”" in half.summary()


def test_a_plain_view_has_words_and_no_weights() -> None:
    view = plain()
    assert view.summary() == "“x y” becomes “a b”. From one vector."
    assert view.table().count("<td>") == 2
    assert "<td>0.75</td>" in view.table()
    assert [text.get_text() for text in view.figure().axes[0].texts] == ["1.00", "0.75"]
    assert plain(probabilities=None).table().count("<td>") == 0
    assert not plain(probabilities=None).figure().axes[0].texts
    with pytest.raises(ValueError, match="plain: some weight is not zero; leave plain out"):
        plain(weights=np.eye(2))


def test_the_figure_holds_picture_caption_table_and_state() -> None:
    view = example()
    text = html_of(view)
    assert text.startswith('<figure class="lecture-view" data-view="alignment"><script')
    assert f'<img alt="{view.summary()}" src="data:image/webp;base64,' in text
    assert re.findall(r"<(figcaption|details|summary|table|script)", text) == (
        ["script", "figcaption", "details", "summary", "table"]
    )
    assert " id=" not in text
    assert "<b>0.91</b> gold" in text
    assert state_of(text)["rows"] == ROWS
    assert state_of(text)["gold"] == [list(link) for link in GOLD]


def test_a_large_table_holds_the_three_largest() -> None:
    words = [f"w{i}" for i in range(41)]
    table = Alignment(np.eye(41) * 0.5 + 0.01, words, words, gold=[(40, 40)]).table()
    assert table.count("<td>") == 3 * 41
    assert '<th scope="row">w40</th><td>w40 <b>0.51</b> gold</td><td>w0 0.01</td>' in table


def test_text_never_becomes_markup() -> None:
    view = Alignment(
        [[1.0]], [HOSTILE], [HOSTILE], heads=[HOSTILE], title=HOSTILE, row_label=HOSTILE,
        column_label=HOSTILE, text=HOSTILE, message=HOSTILE, examples=[HOSTILE],
    )  # fmt: skip
    text = html_of(view)
    assert text.count("</script>") == 1
    assert "<img src=x" not in text
    state = state_of(text)
    assert {state[k] for k in ("title", "row_label", "column_label", "text", "message")} == {
        HOSTILE
    }
    assert state["rows"] == state["columns"] == state["heads"] == state["examples"] == [HOSTILE]
    assert html.escape(HOSTILE) in text


def _picture_of(text: str) -> Image.Image:
    source = re.search(r'src="data:image/webp;base64,([^"]+)', text)[1]
    return Image.open(io.BytesIO(base64.b64decode(source))).convert("RGBA")


def test_the_picture_has_no_software_note_and_draws_what_is_largest_darkest() -> None:
    data, _ = example()._repr_mimebundle_()
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert "Software" not in picture.info
    assert _picture_of(data["text/html"]).tobytes() == picture.tobytes()
    assert min(picture.size) > 200


# What is sent


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7), (2, 3, 5, 7)])
def test_u16_is_exact_to_1e_5(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).random(shape)
    view = Alignment(values, list("abcde"), list("stuvwxy"))
    state = state_of(html_of(view))
    assert state["packing"] == "u16"
    assert np.abs(unpacked(state).reshape(shape) - values).max() < 1e-5


def test_many_weights_take_a_byte_each_and_it_is_said() -> None:
    values = np.random.default_rng(0).random((1, 31, 100, 100))
    assert values.size > U16_AT_MOST
    state = pack(values)
    assert state["packing"] == "u8 sqrt"
    assert len(state["weights"]) == values.size
    decoded = (np.frombuffer(state["weights"], "u1").reshape(values.shape) / 255) ** 2
    assert np.abs(decoded - values).max() < 0.004
    words = [str(i) for i in range(100)]
    assert "to 0.004" in Alignment(values, words, words).summary()


def test_twelve_layers_of_twelve_heads_stay_below_350_kb() -> None:
    words = [f"token{i}" for i in range(30)]
    values = np.random.default_rng(0).dirichlet(np.ones(30), size=(12, 12, 30))
    text = html_of(Alignment(values, words, words))
    state = re.search(r"<script.*</script>", text, re.DOTALL)[0]
    assert len(state.encode()) <= 350_000


def test_tensors_are_taken_with_their_gradients() -> None:
    tensor = torch.tensor(weights(), requires_grad=True)
    assert Alignment(tensor, ROWS, COLUMNS).state["weights"] == example().state["weights"]


def test_the_text_of_the_field_is_the_source() -> None:
    assert Alignment(weights(), ROWS, COLUMNS).state["text"] == (
        "seven hundred forty eight thousand, ninety five"
    )


# What is refused


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weights": np.zeros(8)}, r"weights: has shape \(8,\); pass \(T, S\)"),
        ({"weights": np.zeros((1, 1, 1, 10, 8))}, r"weights: has shape"),
        ({"weights": [[0.1], [0.2, 0.3]]}, r"weights: pass an array of numbers"),
        ({"weights": weights() * np.nan}, r"weights: holds NaN"),
        ({"weights": weights() * 2}, r"weights: values lie in \[.*, 1\.825\]"),
        ({"weights": weights() - 0.5}, r"weights: values lie in \[-0"),
        ({"rows": ROWS[1:]}, r"rows: 9 words for weights of 10 rows"),
        ({"columns": [*COLUMNS, "x"]}, r"columns: 9 words for 8 columns"),
        ({"rows": "sieben"}, r"rows: pass a list of strings"),
        ({"columns": [1] * 8}, r"columns: pass a list of strings"),
        ({"columns": None}, r"columns: pass a list of strings"),
        ({"columns": []}, r"columns: is empty"),
        ({"gold": [(10, 0)]}, r"gold: \(10, 0\) lies outside the 10 x 8 weights"),
        ({"gold": [(0, -1)]}, r"gold: \(0, -1\) lies outside"),
        ({"gold": [3]}, r"gold: pass pairs \(row, column\)"),
        ({"heads": ["a", "b"]}, r"heads: 2 names for 1 heads"),
        ({"probabilities": [0.5]}, r"probabilities: has shape \(1,\); pass \(10,\)"),
        ({"probabilities": [1.5] * 10}, r"probabilities: values lie in"),
        ({"live": [("attention", 3)]}, r"live: pass the name"),
        ({"live": ["attention"]}, r"live: pass the name"),
        ({"translate": "numerals"}, r"translate: pass a function"),
    ],
)
def test_bad_input_is_named(changed: dict[str, Any], message: str) -> None:
    arguments = {"weights": weights(), "rows": ROWS, "columns": COLUMNS, **changed}
    with pytest.raises(ValueError, match=message):
        Alignment(**arguments)


def test_rounding_past_the_ends_is_forgiven() -> None:
    assert as_array("weights", [[1.0000001, -1e-9]]).tolist() == [[1.0, 0.0]]


# The reader's own text, with a kernel


def upper(text: str) -> dict[str, Any]:
    if not text:
        raise ValueError("The field is empty.")
    words = text.split()
    return {
        "rows": [word.upper() for word in words], "columns": words, "weights": np.eye(len(words)),
        "gold": {(0, 0)}, "message": "✓ as meant",
    }  # fmt: skip


def test_an_edit_is_answered_with_a_new_state() -> None:
    view = example(translate=upper, live="numerals-en-de")
    assert view.state["asks"] == [""]
    view.request = {"n": 1, "text": "a b c", "label": ""}
    assert view.state["rows"] == ["A", "B", "C"]
    assert view.state["text"] == "a b c"
    assert view.state["message"] == "✓ as meant"
    assert view.state["title"] == "Numbers"
    assert view._live == [["", "numerals-en-de"]]
    assert "“A” reads “a”" in view.summary()


def test_an_error_is_told_and_the_last_result_stays() -> None:
    view = example(translate=upper)
    before = view.state
    view.request = {"n": 7, "text": ""}
    assert view.reply == {"n": 7, "error": "The field is empty."}
    assert view.state == before


def test_any_failure_reaches_the_reader() -> None:
    view = example(translate=lambda text: {}[text])
    view.request = {"n": 1, "text": "a"}
    assert view.reply == {"n": 1, "error": "KeyError: 'a'"}
    view = example(translate=lambda text: {"rows": [text]})
    view.request = {"n": 2, "text": "a"}
    assert view.reply == {"n": 2, "error": "translate: gave no columns, weights"}
    view = example(translate=lambda text: {**upper(text), "colour": 1})
    view.request = {"n": 3, "text": "a"}
    assert view.reply == {"n": 3, "error": "translate: gave colour, which the view does not know"}


def test_the_reader_chooses_between_functions() -> None:
    view = example(
        translate={"loud": upper, "quiet": lambda text: upper(text.lower()) | {"message": "q"}}
    )
    assert view.state["asks"] == ["loud", "quiet"]
    view.request = {"n": 1, "text": "a", "label": "quiet"}
    assert view.state["message"] == "q"
    view.request = {"n": 2, "text": "a", "label": "loud"}
    assert view.state["message"] == "✓ as meant"


def test_without_a_function_a_request_changes_nothing() -> None:
    view = example()
    before = view.state
    view.request = {"n": 1, "text": "a"}
    assert view.state == before
    assert "error" not in view.reply


@pytest.mark.parametrize("shape", [(5, 900), (900, 5), (300, 300)])
def test_a_large_picture_stays_one_that_pages_can_show(shape: tuple[int, int]) -> None:
    rows, columns = ([f"w{i}" for i in range(n)] for n in shape)
    bundle = Alignment(np.full(shape, 0.001), rows, columns).static()._repr_mimebundle_()
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))) as picture:
        assert max(picture.size) <= 1_600
    assert bundle["text/html"].count("data:image/webp") == 1


def test_a_long_word_or_label_is_cut_in_the_picture() -> None:
    long = "x" * 300
    view = Alignment([[1.0, 0]], [long], [long, "b"], row_label=long, column_label=long)
    with Image.open(io.BytesIO(base64.b64decode(view._bundle()["image/png"]))) as picture:
        assert max(picture.size) <= 1_600
    assert long in view.table()


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_weights_of_few_digits_are_taken(kind: str) -> None:
    weights = torch.rand(4, 50).softmax(dim=-1).to(getattr(torch, kind))
    view = Alignment(weights, list("abcd"), [f"w{i}" for i in range(50)])
    assert np.abs(unpack(view.state)[0, 0] - weights.double().numpy()).max() < 1e-5
    lines = [f"Line {i}." for i in range(50)]
    assert MemoryHops(weights, lines, "Which?", {"a": 1.0}).state["shape"] == [4, 50]


def test_letters_without_a_font_are_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lecture_utils.views.alignment.fonts", lambda: ["DejaVu Sans"])
    with pytest.warns(UserWarning, match="no installed font draws 3 letters") as said:
        Alignment([[1.0, 0]], ["칠"], ["백", "만"]).static()
    assert len(said) == 1


# A word already written, changed by the reader


def behind(text: str, prefix: list[str]) -> dict[str, Any]:
    rows = [*prefix, "x"]
    likely = [[("x", 0.5), ("y", 0.25)]] * len(rows)
    return {"rows": rows, "columns": ["a"], "weights": np.ones((len(rows), 1)), "likely": likely}


def test_a_function_is_given_the_words_that_stand() -> None:
    view = example(translate=behind)
    assert view.state["prefix"] == []
    view.request = {"n": 1, "text": "a", "prefix": ["p", "q"]}
    assert view.state["rows"] == ["p", "q", "x"]
    assert view.state["prefix"] == ["p", "q"]
    assert view.state["likely"] == [[["x", 0.5], ["y", 0.25]]] * 3
    view.request = {"n": 2, "text": "a"}
    assert view.state["rows"] == ["x"]
    assert view.state["prefix"] == []


@pytest.mark.parametrize("functions", [None, upper, {"one": behind, "other": upper}])
def test_nobody_changes_a_word_where_a_function_takes_none(functions: Any) -> None:
    view = example(translate=functions)
    assert view.state["prefix"] is None
    view.request = {"n": 1, "text": "a", "prefix": ["p"]}
    assert "error" not in view.reply


def test_a_page_changes_words_where_its_model_writes() -> None:
    assert state_of(html_of(example(translate=behind)))["prefix"] is None
    assert state_of(html_of(example(live="numerals-en-de")))["prefix"] == []


@pytest.mark.parametrize(
    ("likely", "message"),
    [
        ([], "likely: has 0; pass for each of the 10 moments pairs"),
        (3, "likely: pass for each of the 10 moments pairs"),
        ([[("a",)]] * 10, "likely: pass for each"),
        ([[(1, 0.5)]] * 10, "likely: pass"),
        ([[("a", 1.5)]] * 10, "likely: values lie in"),
    ],
)
def test_likely_words_are_checked(likely: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        example(likely=likely)


# Where a number comes from


def head(seed: int = 0) -> dict[str, Any]:
    """One head of 3 queries on 4 slots, d = 8, with two features of a value."""
    draw = np.random.default_rng(seed)
    made = {"queries": draw.normal(size=(3, 8)), "keys": draw.normal(size=(4, 8))}
    scores = np.exp(made["queries"] @ made["keys"].T / np.sqrt(8))
    made["weights"] = scores / scores.sum(axis=1, keepdims=True)
    return {
        **made,
        "values": draw.normal(size=(4, 2)),
        "rows": list("abc"),
        "columns": list("wxyz"),
    }


def test_what_made_the_weights_is_held_against_them() -> None:
    given = head()
    origin = Alignment(**given).state["origin"]
    for name in ("queries", "keys", "values"):
        assert np.abs(np.array(origin[name]) - given[name]).max() < 1e-6
    assert example().state["origin"] is None
    tensors = {name: torch.tensor(value) for name, value in given.items() if name.endswith("s")
               and name not in ("rows", "columns")}  # fmt: skip
    assert Alignment(**{**given, **tensors}).state["origin"] == origin


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"keys": head(1)["keys"]}, "queries: the softmax of their scaled scores differs from the"),
        ({"queries": head()["queries"] * np.sqrt(8)}, "queries: the softmax of their scaled"),
        ({"values": None}, "values: pass finite numbers of shape"),
        ({"keys": head()["keys"] * np.inf}, "keys: pass finite numbers"),
        ({"keys": head()["keys"].T}, r"queries: pass \(3, d\), keys \(4, d\), values"),
        ({"values": np.ones((3, 2))}, r"queries: pass \(3, d\), .* got \(3, 8\), \(4, 8\), \(3, 2"),
        ({"weights": np.stack([head()["weights"]] * 2)}, "queries: pass them for the weights of"),
        ({"queries": np.full((3, 8), 1e300)}, "queries: the softmax of their scaled scores"),
    ],
)
def test_other_numbers_than_those_of_the_head_are_refused(
    changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Alignment(**{**head(), **changed})
