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


def test_every_figure_has_a_source():
    for figure in figures("bahdanau-table-1"):
        assert "arXiv:1409.0473" in figure.source
        assert figure.certainty in {"read", "computed", "remembered"}


def test_unknown_table():
    with pytest.raises(ValueError, match="bahdanau-table-1"):
        figures("table 9")
