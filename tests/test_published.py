"""The figures of the papers."""

import re

import pytest

from lecture_utils.published import FOLDER, figures, load


def test_bahdanau_table_1():
    table = {(f.system, f.what): f.value for f in figures("bahdanau-table-1")}
    assert len(table) == 12
    assert table["RNNsearch-50", "BLEU, all sentences"] == 26.75
    # The paper's claim: trained on shorter sentences, attention still beats the fixed context.
    assert (
        table["RNNsearch-30", "BLEU, all sentences"] > table["RNNencdec-50", "BLEU, all sentences"]
    )


def test_vaswani_tables_2_and_3():
    table = {(f.system, f.what): f.value for f in figures("vaswani-table-3")}
    assert table["base", "perplexity"] == 4.92
    # The paper's claim: keys with fewer features do worse.
    few = [table[f"B: d_k = {d}", "BLEU"] for d in (16, 32)]
    assert few[0] < few[1] < table["base", "BLEU"]
    assert [f.value for f in figures("vaswani-table-2")] == [27.3, 38.1, 28.4, 41.8]


def test_miller_wikimovies():
    table = {(f.system, f.what): f.value for f in figures("miller-wikimovies")}
    assert len(table) == 11
    for source in ("KB", "IE", "Doc"):
        what = f"hits@1 in %, {source}"
        assert table["Key-Value Memory Network", what] > table["Memory Network", what]
    assert {f.certainty for f in figures("miller-wikimovies")} == {"remembered"}


def test_the_columns_of_memn2n_s_table_have_the_printed_means():
    means = {f.system: f.value for f in figures("memn2n-table-1-means")}
    for system, mean in means.items():
        errors = [f.value for f in figures("memn2n-table-1") if f.system == system]
        assert len(errors) == 20
        assert abs(sum(errors) / 20 - mean) < 0.051


def test_memnn_needs_two_hops_and_time():
    right = {f.system: f.value for f in figures("memnn-simulated")}
    assert max(right, key=right.get) == "MemNN, k = 2, time"


def test_chorowskis_phoneme_errors():
    table = {(f.system, f.what.split(", ")[2]): f.value for f in figures("chorowski-timit")}
    assert table["content", "single utterances"] == 18.7
    # The paper's claim: with place, even the repeated utterances cost no more than 2 points.
    place = "content and place"
    assert 0 < table[place, "10 times longer"] - table[place, "single utterances"] <= 2


def test_the_copies_of_the_neural_turing_machine_grow():
    assert [f.value for f in figures("ntm-copy")] == [20, 50, 120]


@pytest.mark.parametrize("table", load(FOLDER))
def test_every_figure_has_a_source_and_nothing_is_twice(table):
    for figure in figures(table):
        assert re.search(r"(arXiv:\d{4}\.\d{4,5}|doi:10\.\d{4}\S+), .", figure.source)
        assert figure.certainty in {"read", "computed", "remembered"}
    told = [(figure.system, figure.what) for figure in figures(table)]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    "table", ["memnn-simulated", "memn2n-table-1", "memn2n-table-1-means", "miller-wikimovies"]
)
def test_what_was_not_checked_again_says_so(table):
    assert {figure.certainty for figure in figures(table)} == {"remembered"}


GOOD = """[t]
source = "Ann 2015, arXiv:1409.0473"
place = "table 1"
certainty = "read"
what = "errors, {}"
columns = ["a", "b"]
[t.systems]
"net" = [1, nan]
"""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[t", "x.toml is no TOML"),
        (
            GOOD + GOOD.replace("[t", "[u").replace("[1, nan]", "[1]"),
            "u: 'net' has 1 figures for 2",
        ),
        (GOOD.replace('certainty = "read"', 'certainty = "sure"'), "t: certainty is 'sure'"),
        (GOOD.replace('place = "table 1"\n', ""), "t: 'place' is missing"),
    ],
)
def test_a_file_that_is_not_of_the_format_is_said(tmp_path, text, fault):
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(fault)):
        load(tmp_path)


def test_what_a_paper_does_not_print_is_left_out(tmp_path):
    (tmp_path / "x.toml").write_text(GOOD, encoding="utf-8")
    (figure,) = load(tmp_path)["t"]
    assert figure[:4] == ("net", "errors, a", 1, "Ann 2015, arXiv:1409.0473, table 1")
    (tmp_path / "y.toml").write_text(GOOD, encoding="utf-8")
    load.cache_clear()
    with pytest.raises(ValueError, match=r"y\.toml: there is a table 't' already"):
        load(tmp_path)


def test_unknown_table():
    with pytest.raises(ValueError, match="bahdanau-table-1"):
        figures("table 9")


def test_a_gate_costs_little_and_a_sigmoid_is_the_best_of_three():
    table = {(f.system, f.what): f.value for f in figures("senet-table-2")}
    for depth in (50, 101, 152):
        plain, gated = f"ResNet-{depth}", f"SE-ResNet-{depth}"
        # The paper's claim: fewer errors for half a per cent of the products.
        assert table[gated, "top-1 error in %"] < table[plain, "top-1 error in %"] - 0.7
        assert 1 < table[gated, "GFLOPs"] / table[plain, "GFLOPs"] < 1.005
    errors = {f.system: f.value for f in figures("senet-table-12") if "top-1" in f.what}
    assert min(errors, key=errors.get) == "sigmoid"
    assert len(figures("senet-table-10")) == 18


def test_which_pairwise_function_matters_little():
    top = {f.system: f.value for f in figures("non-local-kinetics") if "top-1" in f.what}
    without = top.pop("C2D")
    assert max(top.values()) - min(top.values()) < min(top.values()) - without


def test_naive_attention_learning_grows_worse_with_depth():
    table = {(f.system, f.what): f.value for f in figures("ran-learning")}
    apart = [
        table[f"Attention-{depth}", "error in %, naive"]
        - table[f"Attention-{depth}", "error in %, residual"]
        for depth in (56, 92, 128, 164)
    ]
    assert apart[-1] == max(apart)
    assert min(apart) > 0
    assert {f.certainty for f in (*figures("ran-learning"), *figures("ran-cifar"))} == {
        "remembered"
    }
    cifar = [f.value for f in figures("ran-cifar") if "CIFAR-10 " in f.what]
    assert cifar == sorted(cifar, reverse=True)
    photographs = {f.system: f.value for f in figures("ran-imagenet") if "top-1" in f.what}
    assert min(photographs, key=photographs.get) == "Attention-92"  # on larger pictures, too


def test_non_local_blocks_on_kinetics():
    table = {(f.system, f.what): f.value for f in figures("non-local-kinetics")}
    top = {system: value for (system, what), value in table.items() if "top-1" in what}
    # The paper's claim: all four help, and are about equal.
    found = [top[name] for name in ("gaussian", "embedded", "dot", "concat")]
    assert max(found) - min(found) < 0.5 < min(found) - top["C2D"]
    blocks = {f.system: f.value for f in figures("non-local-kinetics-blocks")}
    assert top["embedded"] == blocks["one block, res4"] < blocks["5 blocks"] < blocks["10 blocks"]
    assert min(blocks, key=blocks.get) == "one block, res5"
