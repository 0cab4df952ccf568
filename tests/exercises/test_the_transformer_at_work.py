"""What the checks of ``the_transformer_at_work`` say of wrong answers and of shortcuts."""

import pytest
import torch
from torch import nn

from lecture_utils import exercises
from tests.exercises.chapters import told


def top(p, k):
    """The k largest: where, and how large."""
    largest = p.topk(k)
    return largest.indices, largest.values


def normed(x):
    return nn.functional.layer_norm(x, x.shape[-1:])


def through(step):
    """An answer that makes the next state from the state before and a sublayer."""

    def answer(x, sublayers):
        states = []
        for sublayer in sublayers:
            x = step(x, sublayer)
            states.append(x)
        return states

    return answer


def added_in_place(x, sublayers):
    """Right, but it changes what it was given."""
    states = []
    for sublayer in sublayers:
        x += sublayer(x)
        x = normed(x)
        states.append(x)
    return states


def written_over(states, another, which):
    states[:, which] = another[:, which]
    return states


def slots(fits, k=0):
    """An answer that takes the k-th of the others that fit, or None."""

    def answer(source, others):
        return [
            next(iter([n for n, other in enumerate(others) if fits(source, other, j)][k:]), None)
            for j in range(len(source))
        ]

    return answer


def has(source, other, j, by=0):
    return 0 <= j + by < len(other) and other[j + by] == source[j]


def fits(source, other, j):
    return other != source and has(source, other, j)


def begins(draw):
    """An answer whose sentence begins where `draw` says."""

    def answer(E, PE, most, made):
        by = draw(most, made)
        return 2 * E + PE[by : by + len(E)]

    return answer


def drawn(most, made):
    return int(torch.randint(most + 1, (), generator=made))


def each_anywhere(E, PE, most, made):
    return 2 * E + PE[torch.randint(most + 1, (len(E),), generator=made)]


def added_to(E, PE, most, made):
    E *= 2
    by = drawn(most, made)
    return E + PE[by : by + len(E)]


WRONG = {
    "lens": [
        (lambda x, W, k: top((W @ x).softmax(-1), k)[::-1], "the words come first"),
        (lambda x, W, k: top(W @ x, k), "these are scores"),
        (lambda x, W, k: top((-(W @ x)).softmax(-1), k), "the least likely"),
        (
            lambda x, W, k: (top(W @ x, k)[0], top(W @ x, k)[1].softmax(-1)),
            "not over the k likeliest",
        ),
        (lambda x, W, k: tuple(part.flip(0) for part in top((W @ x).softmax(-1), k)), "first"),
        (lambda x, W, k: top((W @ x).sigmoid(), k), "softmax of W x"),
        (lambda x, W, k: top((W @ x).softmax(-1), k)[0], "two tensors"),
        (lambda x, W, k: top((W @ x).softmax(-1), len(W)), "must have shape"),
        (lambda x, W, k: top(W.softmax(0) @ x, k), "softmax of W x"),
        (lambda x, W, k: top((W @ normed(x)).softmax(-1), k), "softmax of W x"),
        (lambda x, W, k: top((W @ x).log_softmax(-1), k), "softmax of W x"),
        (lambda x, W, k: (torch.arange(k), (W @ x).softmax(-1)[:k]), "likeliest"),
        (lambda x, W, k: [part.tolist() for part in top((W @ x).softmax(-1), k)], "a tensor"),
    ],
    "stream_of": [
        (through(lambda x, f: x + f(normed(x))), "before the sublayer"),
        (through(lambda x, f: x + f(x)), "nothing is normalised"),
        (through(lambda x, f: normed(f(x))), "is not added"),
        (through(lambda x, f: f(x)), "state 0"),
        (through(lambda x, f: normed(x) + f(x)), "state 0"),
        (through(lambda x, f: nn.functional.layer_norm(x + f(x), x.shape)), "state 0"),
        (through(lambda x, f: normed((x + f(x)).T).T), "state 0"),
        (lambda x, fs: [normed(x + f(x)) for f in fs], "each reads the first state"),
        (lambda x, fs: through(lambda x, f: normed(x + f(x)))(x, fs)[-1:], "one state for each"),
        (lambda x, fs: [x, *through(lambda x, f: normed(x + f(x)))(x, fs)], "one state for each"),
        (lambda x, fs: torch.stack(through(lambda x, f: normed(x + f(x)))(x, fs)), "a list"),
        (lambda x, fs: through(lambda x, f: normed(x + f(x)))(x, fs[::-1]), "state 0"),
        (lambda x, fs: through(lambda x, f: normed(x + f(x)))(x, fs)[::-1], "state 0"),
        (added_in_place, "changes"),
    ],
    "exchange": [
        (lambda s, a, w: torch.where(w.unsqueeze(-1), s, a), "other way round"),
        (lambda s, a, w: s, "nothing is exchanged"),
        (lambda s, a, w: a, "all others stay"),
        (lambda s, a, w: torch.where(w.any(), a, s), "all others stay"),
        (lambda s, a, w: s + a * w.unsqueeze(-1), "come from the other"),
        (lambda s, a, w: (s + a * w.unsqueeze(-1)) / (1 + w.float().unsqueeze(-1)), "come from"),
        (lambda s, a, w: torch.where(w.flip(0).unsqueeze(-1), a, s), "come from"),
        (lambda s, a, w: torch.cat([a[:, w], s[:, ~w]], dim=1), "come from"),
        (lambda s, a, w: a[:, w], "must have shape"),
        (lambda s, a, w: s * ~w.unsqueeze(-1), "come from"),
        (lambda s, a, w: torch.where(w.unsqueeze(-1), a[:1], s), "come from"),
        (written_over, "changes"),
    ],
    "slots_from": [
        (slots(has), "the sentence itself"),
        (slots(lambda s, o, j: o != s and s[j] in o), "at another place"),
        (slots(lambda s, o, j: o != s and has(s, o, j, 1)), "another"),
        (slots(lambda s, o, j: o != s and has(s, o, j, -1)), "another"),
        (slots(lambda s, o, j: o != s and len(o) > j), "at another place"),
        (slots(lambda s, o, j: fits(s, o, j) and len(o) == len(s)), "stands in another sentence"),
        (slots(fits, -1), "the first that has it"),
        (slots(fits, 1), "the first that has it"),
        (lambda s, o: [n or 0 for n in slots(fits)(s, o)], "no such word"),
        (lambda s, o: [-1 if n is None else n for n in slots(fits)(s, o)], "no sentence"),
        (lambda s, o: [n for n in slots(fits)(s, o) if n is not None], "for each of"),
        (lambda s, o: [None if n is None else o[n] for n in slots(fits)(s, o)], "no sentence"),
        (lambda s, o: tuple(slots(fits)(s, o)), "give a list"),
        (lambda s, o: [None] * len(s), "stands in another sentence"),
        (
            lambda s, o: [next(n for n, x in enumerate(o) if x[j] == s[j]) for j in range(len(s))],
            "",
        ),
    ],
    "anywhere": [
        (begins(lambda most, made: 0), "always begins at place 0"),
        (begins(lambda most, made: most), "always begins at place 3"),
        (begins(lambda most, made: int(torch.randint(most, (), generator=made))), "place 3"),
        (begins(lambda most, made: drawn(most + 1, made)), "3 is the last"),
        (begins(lambda most, made: 1 + drawn(most - 1, made)), "never begins at place 0"),
        (begins(lambda m, made: round(m * torch.rand((), generator=made).item())), "too rarely"),
        (begins(lambda most, made: int(torch.randint(most + 1, ()))), "generator that is given"),
        (begins(lambda m, made: drawn(m, torch.Generator().manual_seed(1))), "draw anew"),
        (lambda E, PE, m, g: E + PE[(b := drawn(m, g)) : b + len(E)], "root of D"),
        (lambda E, PE, m, g: 4 * E + PE[(b := drawn(m, g)) : b + len(E)], "not by D"),
        (lambda E, PE, m, g: 2 * (E + PE[(b := drawn(m, g)) : b + len(E)]), "E alone"),
        (lambda E, PE, m, g: 2 * E + PE[drawn(m, g)], "side by side"),
        (lambda E, PE, m, g: 2 * E + PE[(b := drawn(m, g)) : b + len(E)].flip(0), "side by side"),
        (lambda E, PE, m, g: 2 * E + PE[drawn(m, g) :], "raised"),
        (lambda E, PE, m, g: PE[(b := drawn(m, g)) : b + len(E)], "the root of D times E"),
        (each_anywhere, "side by side"),
        (added_to, "changes"),
    ],
}


MUTANTS = {check: [wrong for wrong, _ in every] for check, every in WRONG.items()}
"""Answers that must not pass, by check."""


@pytest.mark.parametrize(
    ("check", "wrong", "word"), [(check, *one) for check, every in WRONG.items() for one in every]
)
def test_a_wrong_answer_is_told_in_words(check, wrong, word):
    assert word in told(check, wrong)


def test_an_exchange_that_rounds_otherwise_is_right():
    assert "Solved" in repr(exercises.exchange(lambda s, a, w: s + (a - s) * w.unsqueeze(-1)))


def test_places_that_are_drawn_otherwise_are_right():
    def drawn_as_a_part(most, made):
        return int((most + 1) * torch.rand((), generator=made))

    assert "Solved" in repr(exercises.anywhere(begins(drawn_as_a_part)))
