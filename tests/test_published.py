"""The figures of the papers."""

import pytest

from lecture_utils.published import figures


def test_bahdanau_table_1():
    table = {(f.system, f.what): f.value for f in figures("bahdanau-table-1")}
    assert len(table) == 12
    assert table["RNNsearch-50", "BLEU, all sentences"] == 26.75
    # The paper's claim: trained on shorter sentences, attention still beats the fixed context.
    assert (
        table["RNNsearch-30", "BLEU, all sentences"] > table["RNNencdec-50", "BLEU, all sentences"]
    )


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


@pytest.mark.parametrize(
    ("table", "paper"),
    [
        ("bahdanau-table-1", "arXiv:1409.0473"),
        ("chorowski-timit", "arXiv:1506.07503"),
        ("ntm-copy", "arXiv:1410.5401"),
        ("miller-wikimovies", "arXiv:1606.03126"),
        ("memnn-simulated", "arXiv:1410.3916"),
        ("memn2n-table-1", "arXiv:1503.08895"),
        ("memn2n-table-1-means", "arXiv:1503.08895"),
    ],
)
def test_every_figure_has_a_source(table, paper):
    for figure in figures(table):
        assert paper in figure.source
        assert figure.certainty in {"read", "computed", "remembered"}


def test_unknown_table():
    with pytest.raises(ValueError, match="bahdanau-table-1"):
        figures("table 9")
