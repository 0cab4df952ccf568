"""Each check accepts a solution and says what is wrong with typical mistakes."""

import torch

from lecture_utils import exercises

SOLUTIONS = {
    "two_steps": lambda x1, x2, h, W, U, b: torch.tanh(
        x2 @ W.T + torch.tanh(x1 @ W.T + h @ U.T + b) @ U.T + b
    ),
    "steps_until_forgotten": 20,
    "beam_beats_greedy": ([0.6, 0.4], [[0.5, 0.5], [0.9, 0.1]]),
    "weighted_average": lambda w, v: w @ v,
    "general_score": lambda q, k, W: q @ W @ k.transpose(-1, -2),
    "additive_score": lambda s, h, W, U, v: torch.tanh((s @ W.T)[:, None] + h @ U.T) @ v,
    "alignment_error": lambda a, s: 1 - 2 * len(a & s) / (len(a) + len(s)),
    "entropy_in_bits": lambda w: torch.special.entr(w).sum(-1) / torch.log(torch.tensor(2.0)),
}


def place_features(previous, filters):
    padded = torch.nn.functional.pad(previous, (filters.shape[1] // 2,) * 2)
    return padded.unfold(0, filters.shape[1], 1) @ filters.T


def window_around_median(previous, reach):
    median = (previous.cumsum(-1) < 0.5).sum(-1, keepdim=True)
    return (torch.arange(previous.shape[-1]) - median).abs() <= reach


def softmax_with_mask(scores, mask):
    weights = scores.masked_fill(~mask, -torch.inf).softmax(-1)
    return weights.masked_fill(~mask, 0)


def greedy_words(step, state, start, end, limit):
    word, words = start, []
    while len(words) < limit:
        scores, state = step(word, state)
        word = scores.index(max(scores))
        if word == end:
            break
        words.append(word)
    return words


def lstm_step(x, h, c, cell):
    gates = x @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh
    i, f, g, o = gates.chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


SOLUTIONS |= {f.__name__: f for f in (softmax_with_mask, greedy_words, lstm_step)}
SOLUTIONS |= {f.__name__: f for f in (place_features, window_around_median)}
SOLUTIONS["change_of_a_shift"] = lambda w: w.roll(1, dims=-1) - w

MISTAKES = [
    ("two_steps", lambda x1, x2, h, W, U, b: torch.tanh(x1 @ W.T + h @ U.T + b), "after x1 only"),
    ("two_steps", lambda *a: torch.zeros(3, 5), "off by"),
    ("steps_until_forgotten", 10, "is still"),
    ("steps_until_forgotten", 99, "fewer"),
    ("steps_until_forgotten", 31.0, "whole number"),
    ("beam_beats_greedy", ([0.6, 0.4], [[0.9, 0.1], [0.5, 0.5]]), "undecided"),
    ("beam_beats_greedy", ([0.6, 0.6], [[0.9, 0.1], [0.5, 0.5]]), "sum 1"),
    ("weighted_average", lambda w, v: (w @ v).sum(1), "shape"),
    ("weighted_average", lambda w, v: 3, "is a int"),
    ("softmax_with_mask", lambda s, m: s.masked_fill(~m, -torch.inf).softmax(-1), "nan"),
    ("softmax_with_mask", lambda s, m: s.softmax(-1).masked_fill(~m, 0), "row 1 does not sum"),
    ("softmax_with_mask", lambda s, m: s.softmax(-1), "padding still has weight"),
    ("softmax_with_mask", lambda s, m: s.masked_fill(~m, -1e9).softmax(-1), "row 2"),
    (
        "softmax_with_mask",
        lambda s, m: (
            torch.nan_to_num(
                (s.exp() * m) / (s.exp() * m).sum(-1, keepdim=True), nan=0, posinf=torch.inf
            )
            if s.max() < 100
            else (s.exp() * m) / (s.exp() * m).sum(-1, keepdim=True)
        ),
        "overflow",
    ),
    ("general_score", lambda q, k, W: q @ k.transpose(-1, -2), "RuntimeError"),
    ("additive_score", lambda *a: SOLUTIONS["additive_score"](*a).softmax(-1), "the weights"),
    ("alignment_error", lambda a, s: 1 - len(a & s) / len(a), "not"),
    ("entropy_in_bits", lambda w: torch.special.entr(w).sum(-1), "nats"),
    ("entropy_in_bits", lambda w: -(w * w.log2()).sum(-1), "0 log 0"),
    ("greedy_words", lambda *a: [*greedy_words(*a), 2], "leave it out"),
    ("change_of_a_shift", lambda w: w.roll(1, dims=-1), "the new address"),
    ("change_of_a_shift", lambda w: w.roll(-1, dims=-1) - w, "one slot back"),
    ("change_of_a_shift", lambda w: torch.nn.functional.pad(w, (1, -1)) - w, "sum to 0"),
    ("change_of_a_shift", lambda w: w.roll(2, dims=-1) - w, "slot i gains"),
    ("place_features", lambda p, f: place_features(p, f.flip(-1)), "turned round"),
    ("place_features", lambda p, f: place_features(p.roll(1), f), "slot j itself"),
    (
        "place_features",
        lambda p, f: torch.cat([p[-2:], p, p[:2]]).unfold(0, 5, 1) @ f.T,
        "in a circle",
    ),
    ("window_around_median", lambda p, r: window_around_median(p, r).float(), "must be bool"),
    ("window_around_median", lambda p, r: window_around_median(p, r + 1), "row 0: the window"),
    ("window_around_median", lambda p, r: window_around_median(p, 1), "holds all six"),
    (
        "window_around_median",
        lambda p, r: (torch.arange(6) - p.argmax(-1, keepdim=True)).abs() <= r,
        "the largest weight",
    ),
    ("lstm_step", lambda x, h, c, cell: cell(x, (h, c))[0], "pair"),
    ("lstm_step", lambda x, h, c, cell: cell(x, (h, c))[::-1], "c = f"),
]


def checks():
    return {
        name: value
        for name, value in vars(exercises).items()
        if hasattr(value, "__wrapped__") and not name.startswith("_")
    }


def test_every_check_has_a_solution_here_and_accepts_it():
    assert set(checks()) == set(SOLUTIONS)
    for name, check in checks().items():
        verdict = check(SOLUTIONS[name])
        assert verdict, f"{name}: {verdict}"
        assert repr(verdict).startswith("Solved: ")


def test_every_check_refuses_stubs():
    for name, check in checks().items():
        for stub in (None, ..., lambda *args: None):
            verdict = check(stub)
            assert not verdict, name
            assert repr(verdict).startswith("Not yet: ")


def test_mistakes_are_told_in_words():
    for name, mistake, word in MISTAKES:
        verdict = checks()[name](mistake)
        assert not verdict, name
        assert word in verdict.message, f"{name}: {verdict}"


def test_an_answer_that_raises_is_news_not_a_crash():
    def broken(*args):
        return 1 / 0

    assert "ZeroDivisionError" in exercises.weighted_average(broken).message
