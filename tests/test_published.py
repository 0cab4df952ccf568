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
    ],
)
def test_every_figure_has_a_source(table, paper):
    for figure in figures(table):
        assert paper in figure.source
        assert figure.certainty in {"read", "computed", "remembered"}


def test_unknown_table():
    with pytest.raises(ValueError, match="bahdanau-table-1"):
        figures("table 9")
