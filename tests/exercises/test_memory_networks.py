"""What the checks of ``memory_networks`` say of typical mistakes."""

import pytest

from tests.exercises.chapters import SOLUTIONS, told

ranking = SOLUTIONS["ranking"]

MISTAKES = [
    ("write_and_forget", lambda m, f: m.append(f) or m, "the old memory was changed"),
    ("write_and_forget", lambda m, f: [*m, f], "the first free slot"),
    ("write_and_forget", lambda m, f: [f if x is None else x for x in m], "first free slot"),
    ("ranking", lambda s, t, m: (m - s[t] + s).relu().sum(), "leave it out"),
    ("ranking", lambda s, t, m: (s - s[t]).relu().sum(), "not 0.30"),
    ("ranking", lambda s, t, m: (0.1 - s[0] + s[1:]).relu().sum(), "the second is true"),
    ("ranking", lambda s, t, m: ranking(s.detach(), t, m), "no gradient"),
]


@pytest.mark.parametrize(("check", "mistake", "word"), MISTAKES)
def test_a_mistake_is_told_in_words(check, mistake, word):
    assert word in told(check, mistake)
