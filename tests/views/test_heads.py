"""The view of all heads: what it measures, takes, refuses, draws and says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from lecture_utils.models.multi_head import MultiHead
from lecture_utils.recording import record
from lecture_utils.views import Alignment, Heads
from lecture_utils.views.base import unpack
from lecture_utils.views.heads import measures
from tests.node import Node

from .conftest import Site
from .examples import heads

Open = Callable[..., Page]
EVEN, OWN = np.full((3, 3), 1 / 3), np.eye(3)


def some(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).dirichlet(np.full(shape[-1], 0.3), size=shape[:-1])


# What a head is like


def test_even_weights_are_widest_and_a_diagonal_is_near_and_narrow() -> None:
    found = measures(np.array([[EVEN, OWN]]))
    assert found["entropy"] == pytest.approx(np.array([[np.log2(3), 0]]))
    assert found["distance"] == pytest.approx(np.array([[(1 + 2 / 3 + 1) / 3, 0]]))
    assert np.isnan(found["agreement"]).all()


def test_gold_links_are_what_distance_and_agreement_are_measured_by() -> None:
    found = measures(np.array([[EVEN, OWN]]), [(0, 2), (1, 1), (1, 0)])
    assert found["distance"] == pytest.approx(np.array([[(1 + 1 / 3) / 2, 1.0]]))
    assert found["agreement"] == pytest.approx(np.array([[0.5, 0.5]])), "the first of equals"


def test_rows_that_read_nothing_do_not_count() -> None:
    half = OWN.copy()
    half[0] = 0
    found = measures(np.array([[half, 0 * OWN]]), [(0, 0), (2, 2)])
    assert [found[kind][0, 0] for kind in ("entropy", "distance", "agreement")] == [0, 0, 1]
    assert all(np.isnan(of[0, 1]) for of in found.values())


@pytest.mark.parametrize("gold", [[], [(0, 3), (2, 0), (2, 1)]])
def test_the_page_measures_as_python_does(node: Node, gold: list[tuple[int, int]]) -> None:
    node.load("heads", "lecture_utils/views/heads/measures.js")
    weights = some(2, 3, 4, 5).astype("f4")
    weights[0, 1, 2] = weights[1, 2] = 0
    told = {"values": weights.ravel().tolist(), "shape": weights.shape, "gold": gold}
    there = node.evaluate(
        "(told) => { const values = Float32Array.from(told.values);"
        "return [0, 1, 2, 3, 4, 5].map(heads.measuring({ ...told, values })) }",
        told,
    )
    for kind, here in measures(weights, gold).items():
        found = np.array([one[kind] for one in there], dtype=float).reshape(2, 3)
        assert found == pytest.approx(here, abs=1e-5, nan_ok=True), kind


def test_heads_are_sorted_and_those_without_a_measure_come_last(node: Node) -> None:
    node.load("heads", "lecture_utils/views/heads/measures.js")
    list_ = [{"entropy": e, "agreement": a} for e, a in ((2, 0), (None, None), (1, 0.5), (2, 1))]
    order = "(told) => heads.sorted((k) => told[0][k], told[0].length, told[1])"
    assert node.evaluate(order, [list_, "place"]) == [0, 1, 2, 3]
    assert node.evaluate(order, [list_, "entropy"]) == [2, 0, 3, 1]
    assert node.evaluate(order, [list_, "agreement"]) == [3, 2, 0, 1]


# Any model's weights


def test_the_readers_own_model_is_shown_by_record() -> None:
    layers = torch.nn.ModuleList([MultiHead(8, 2), MultiHead(8, 2)])
    with record(layers) as reads:
        for layer in layers:
            layer(torch.randn(1, 4, 8), torch.randn(1, 4, 8))
    view = Heads(reads, list("abcd"))
    assert view.state["shape"] == [2, 2, 4, 4]
    for shown, name in zip(unpack(view.state), reads, strict=True):
        assert np.abs(shown - reads[name][0].numpy()).max() < 1e-5


TINY = {"vocab_size": 20, "attn_implementation": "eager"}


@pytest.mark.parametrize("kind", ["bert", "gpt2"])
@pytest.mark.parametrize("view", [Heads, Alignment])
def test_a_model_of_hugging_face_is_shown_as_it_is(kind: str, view: type) -> None:
    transformers = pytest.importorskip("transformers", reason="only to see that its models show")
    torch.manual_seed(0)
    if kind == "bert":
        sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3}
        config = transformers.BertConfig(**TINY, **sizes, intermediate_size=8)
        model = transformers.BertModel(config)
    else:
        config = transformers.GPT2Config(**TINY, n_embd=12, n_layer=2, n_head=3)
        model = transformers.GPT2Model(config)
    with torch.no_grad():
        given = model.eval()(torch.arange(5)[None], output_attentions=True).attentions
    words = list("abcde")
    shown = view(given, words, words)
    assert shown.state["shape"] == [2, 3, 5, 5]
    assert np.abs(unpack(shown.state) - torch.cat(given).numpy()).max() < 1e-5
    assert (np.triu(unpack(shown.state), 1).max() == 0) == (kind == "gpt2"), "no look ahead"


def test_a_list_of_maps_is_of_heads_and_a_list_of_heads_is_of_layers() -> None:
    heads_, words = list(some(3, 4, 4)), list("abcd")
    assert Alignment(heads_, words, words).state["shape"] == [1, 3, 4, 4]
    assert Heads([torch.tensor(one) for one in heads_], words).state["shape"] == [1, 3, 4, 4]
    assert Heads(list(some(2, 3, 4, 4)), words).state["shape"] == [2, 3, 4, 4]


# What is refused


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ((None, None), r'layer 1 is None; .*attn_implementation="eager"'),
        ([some(2, 3, 4, 4)], r"layer 1 has a batch of 2; pass those of one text"),
        ([some(1, 3, 4, 4), some(1, 2, 4, 4)], r"layer 1 has .* layer 2 has \(2, 4, 4\); pass"),
        ({"a": some(4, 4), "b": some(4, 5)}, r"a has .* \(1, 4, 4\), b has \(1, 4, 5\)"),
        ({"a": some(4)}, r"a has shape \(4,\); pass \(1, H, T, S\)"),
        ([some(4, 4) * 2], r"values lie in"),
        ({}, r"is empty"),
    ],
)
@pytest.mark.parametrize("view", [Heads, Alignment])
def test_layers_that_cannot_be_shown_are_named(view: type, weights: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"weights: {message}"):
        view(weights, list("abcd"), list("abcd"))


def test_few_weights_take_two_bytes_and_many_one() -> None:
    words = [f"w{i}" for i in range(30)]
    assert Heads(some(2, 4, 30, 30), words).state["packing"] == "u16"
    large = Heads(some(8, 8, 30, 30), words)
    assert large.state["packing"] == "u8 sqrt"
    assert "to 0.004" in large.summary()


# In words and as a table, without scripts


def test_the_summary_names_the_narrowest_the_widest_and_who_agrees_most() -> None:
    assert heads().summary() == (
        "2 layers of 3 heads, each the weights of 3 words (rows) on 3 words (columns). "
        "The narrowest reads: layer 1, head 2; the widest: layer 1, head 1. "
        "Most agrees with the gold links: layer 1, head 2, 50%."
    )
    nothing = Heads(np.zeros((1, 2, 3, 3)), list("abc"))
    assert nothing.summary().endswith("(columns). No word reads any: every weight is zero.")


def test_the_table_has_a_row_a_head() -> None:
    table = heads().table()
    assert table.count("<tr>") == 7
    own = '<th scope="row">1, head 2</th><td>0.00</td><td>1.00</td><td>0.50</td>'
    assert own in table
    assert '<th scope="row">2, head 3</th><td></td><td></td><td></td>' in table


# In a page


def told(page: Page) -> str:
    return page.locator(".lv-named").inner_text()


def test_keys_open_heads_and_the_map_says_its_cells(site: Site, open_page: Open) -> None:
    page = open_page(site.write(heads()))
    atlas, plane = page.locator(".lv-atlas"), page.locator(".lv-plane")
    atlas.focus()
    for key, name in (
        ("ArrowRight", "Layer 1, head 2"), ("ArrowDown", "Layer 2, head 2"),
        ("End", "Layer 2, head 3"), ("PageUp", "Layer 1, head 3"), ("Home", "Layer 1, head 1"),
        ("PageDown", "Layer 2, head 1"), ("Escape", "Layer 1, head 1"),
        ("ArrowRight", "Layer 1, head 2"),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert told(page).startswith(f"{name}: "), key
    expect(page.locator("[aria-live]")).to_have_text(told(page))
    assert told(page) == (
        "Layer 1, head 2: entropy 0.0 of 1.6 bits, 1.0 words from the gold links, "
        "agrees with 50 % of the gold links."
    )
    page.keyboard.press("Enter")
    expect(plane).to_be_focused()
    page.keyboard.press("Home")
    said = page.locator(".lv-reading")
    expect(said).to_contain_text("“a” reads “a” 1.00, then “short” 0.00. Entropy 0.0 of 1.6 bits.")
    page.keyboard.press("PageDown")
    assert told(page).startswith("Layer 1, head 3: ")
    expect(said).to_contain_text("“a” reads “a” 0.00, 2nd of 3; most is on “text” 1.00.")
    page.keyboard.press("Escape")
    expect(atlas).to_be_focused()


def test_sorting_moves_the_heads_on_the_canvas(site: Site, open_page: Open) -> None:
    page = open_page(site.write(heads()))
    tops = page.locator(".lv-atlas .lv-tops")
    assert tops.inner_text().split() == ["1", "2", "3"]
    order = "table => [...table.querySelectorAll('tbody tr')].map((row) => row.innerText.trim())"
    page.get_by_role("button", name="heads").click()
    table = page.get_by_role("region", name="table of the heads")
    by_place = table.evaluate(order)
    page.get_by_label("sort by").select_option("entropy")
    assert tops.inner_text().split() == [], "a column is no head any more"
    entropies = [row.split()[3] for row in table.evaluate(order)]
    assert entropies == ["0.00", "0.00", "0.67", "1.25", "1.58", "–"]
    assert sorted(table.evaluate(order)) == sorted(by_place)
    assert told(page).startswith("Layer 1, head 2 (1st of 6 by entropy): ")
    corner = "c => [...c.getContext('2d').getImageData(0, 0, 2, 1).data]"
    pixels = page.locator(".lv-tiles canvas").evaluate(corner)
    assert pixels[:4] != pixels[4:], "the diagonal came first"
    page.get_by_label("sort by").select_option("place")
    pixels = page.locator(".lv-tiles canvas").evaluate(corner)
    assert pixels[:4] == pixels[4:], "even weights"


def test_a_click_opens_the_head_under_it_and_pointing_only_names_it(
    site: Site, open_page: Open
) -> None:
    page = open_page(site.write(heads()))
    box = page.locator(".lv-tiles").bounding_box()
    place = {"x": box["width"] * 5 / 6, "y": box["height"] / 4}
    page.locator(".lv-tiles").hover(position=place)
    assert told(page).startswith("Layer 1, head 3: ")
    page.mouse.move(0, 0)
    assert told(page).startswith("Layer 1, head 1: ")
    page.locator(".lv-tiles").click(position=place)
    page.mouse.move(0, 0)
    assert told(page).startswith("Layer 1, head 3: ")


@pytest.mark.parametrize(
    "view",
    [
        heads,
        lambda: Alignment([[1.0]], ["ja"], ["yes"], row_label="German", column_label="English"),
    ],
)
def test_both_axes_say_who_reads_and_what_is_read(
    site: Site, open_page: Open, view: Callable[[], Any]
) -> None:
    page = open_page(site.write(view()))
    found = page.locator(".lv-corner").inner_text().split("\n")
    alone = view()._view == "heads"
    assert found == (["is read →", "reads ↓"] if alone else ["English is read →", "German reads ↓"])
    page.set_viewport_size({"width": 320, "height": 700})
    short = "^is read →\\s*reads ↓$" if alone else "^English →\\s*German ↓$"
    expect(page.locator(".lv-corner")).to_have_text(re.compile(short))


def test_what_is_saved_is_the_canvas_the_open_head_and_a_row_a_head(
    site: Site, open_page: Open
) -> None:
    page = open_page(site.write(heads()))
    with page.expect_download() as saved:
        page.get_by_role("button", name="save as SVG").click()
    text = saved.value.path().read_text("utf-8")
    assert text.count("<svg ") == 2
    assert 'href="data:image/png;base64,' in text
    assert "is read →" in text
    assert page.evaluate(
        "text => new DOMParser().parseFromString(text, 'image/svg+xml')"
        ".querySelector('parsererror') === null",
        text,
    )
    with page.expect_download() as saved:
        page.get_by_role("button", name="save as CSV").click()
    lines = saved.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "layer,head,entropy,distance,agreement"
    assert lines[2] == "1,head 2,0.00,1.00,0.50"
    assert len(lines) == 7


def test_an_answer_of_other_sizes_is_drawn() -> None:
    view = heads()
    view.request = {"n": 1, "text": "one two", "label": "itself"}
    assert view.state["shape"] == [2, 3, 2, 2]
    assert view.state["gold"] == []
    view.request = {"n": 2, "text": " ", "label": "itself"}
    assert view.reply == {"n": 2, "error": "The field is empty: write a word."}
