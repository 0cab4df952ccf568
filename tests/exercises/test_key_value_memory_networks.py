"""What the checks of ``key_value_memory_networks`` say of typical mistakes."""

import pytest
import torch

from tests.exercises.chapters import SOLUTIONS, told

key_value_hop = SOLUTIONS["key_value_hop"]
slots_by_word = SOLUTIONS["slots_by_word"]
windows = SOLUTIONS["windows"]

MISTAKES = [
    ("windows", lambda words, names, reach: windows(words, names, 2), "comes twice"),
    (
        "windows",
        lambda words, names, reach: [
            (words[max(0, words.index(w) - reach) : words.index(w) + reach + 1], w)
            for w in words
            if w in names
        ],
        "comes twice",
    ),
    ("slots_by_word", lambda keys, n: slots_by_word(keys, 9), "leave it out"),
    ("slots_by_word", lambda keys, n: slots_by_word(keys, n - 1), "yours finds None"),
    ("slots_by_word", lambda keys, n: slots_by_word(keys[:2], n), "leave it out"),
    ("slots_by_word", lambda keys, n: slots_by_word(keys, 2), "use <="),
    ("slots_by_word", lambda keys, n: [], "a dict"),
    ("key_value_hop", lambda q, k, v, R: key_value_hop(q, k, k, R), "read the keys"),
    ("key_value_hop", lambda q, k, v, R: key_value_hop(q, k, v, torch.eye(4)), "multiply by R"),
    ("key_value_hop", lambda q, k, v, R: key_value_hop(q, k, v, R.T), "transposed"),
    ("key_value_hop", lambda q, k, v, R: key_value_hop(q, k, v, R) - R @ q, "is lost"),
    ("key_value_hop", lambda q, k, v, R: torch.softmax(k @ q, 0) @ v, "what was read"),
    ("windows", lambda w, n, r: windows(w, n, r + 1), "cut, not wrapped"),
    ("windows", lambda w, n, r: windows(w, {"Peru"}, r), "in order"),
    (
        "windows",
        lambda w, n, r: [([x for x in a if x != c], c) for a, c in windows(w, n, r)],
        "its",
    ),
]


@pytest.mark.parametrize(("check", "mistake", "word"), MISTAKES)
def test_a_mistake_is_told_in_words(check, mistake, word):
    assert word in told(check, mistake)
