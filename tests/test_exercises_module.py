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


def write_and_forget(memory, features):
    free = memory.index(None) if None in memory else len(memory)
    return ([*memory[:free], features, *memory[free + 1 :]])[-len(memory) :]


def ranking(scores, true, margin):
    lost = (margin - scores[true] + scores).relu()
    return lost.sum() - lost[true]


def word_weights(J, d):
    j, k = torch.arange(1, J + 1.0)[:, None], torch.arange(1, d + 1.0)
    return (1 - j / J) - (k / d) * (1 - 2 * j / J)


SOLUTIONS |= {
    f.__name__: f
    for f in (
        softmax_with_mask,
        greedy_words,
        lstm_step,
        write_and_forget,
        ranking,
        word_weights,
    )
}
SOLUTIONS |= {
    "hop": lambda u, m, c: u + torch.softmax(m @ u, 0) @ c,
    "tables_of_word_vectors": 4,
}


def slots_by_word(keys, frequent):
    found = {}
    for slot, key in enumerate(keys):
        for word in set(key):
            found.setdefault(word, []).append(slot)
    return {word: slots for word, slots in found.items() if len(slots) <= frequent}


def windows(words, names, reach):
    return [
        (words[max(0, i - reach) : i + reach + 1], word)
        for i, word in enumerate(words)
        if word in names
    ]


def key_value_hop(q, keys, values, R):
    return R @ (q + torch.softmax(keys @ q, 0) @ values)


SOLUTIONS |= {f.__name__: f for f in (slots_by_word, windows, key_value_hop)}


def tempered_weights(scores, temperature):
    if temperature == 0:
        return torch.eye(scores.shape[-1])[scores.argmax(-1)]
    return (scores / temperature).softmax(-1)


def straight_through_gradient(scores, values, g):
    w, back = scores.softmax(-1), values @ g
    return w * (back - w @ back)


def reinforce(scores, slots, losses):
    chosen = scores.log_softmax(-1).gather(-1, slots[:, None]).squeeze(-1)
    return (losses.detach() * chosen).mean()


SOLUTIONS |= {f.__name__: f for f in (tempered_weights, straight_through_gradient, reinforce)}
SOLUTIONS["slots_until_outweighed"] = 150

SOLUTIONS |= {
    "look_up": lambda q, k, v: (q[:, None] == k).float() @ v,
    "weights_computed": (154, 150),
}
SOLUTIONS |= {f.__name__: f for f in (place_features, window_around_median)}
SOLUTIONS["change_of_a_shift"] = lambda w: w.roll(1, dims=-1) - w

MISTAKES = [
    ("look_up", lambda q, k, v: torch.softmax((q[:, None] == k).float(), -1) @ v, "third key"),
    ("look_up", lambda q, k, v: v[(q[:, None] == k).int().argmax(1)], "9 is no key"),
    ("look_up", lambda q, k, v: v, "shape"),
    (
        "look_up",
        lambda q, k, v: (
            (k[(at := torch.searchsorted(k, q).clamp(max=3))] == q).float()[:, None] * v[at]
        ),
        "5 the second",
    ),
    ("weights_computed", (143, 150), "the end is written too"),
    ("weights_computed", (154, 3), "not 3"),
    ("weights_computed", 154, "a pair"),
    ("weights_computed", (1, 2, 3), "a pair"),
    ("weights_computed", (100, 150), "not 100"),
    ("write_and_forget", lambda m, f: m.append(f) or m, "the old memory was changed"),
    ("write_and_forget", lambda m, f: [*m, f], "the first free slot"),
    ("write_and_forget", lambda m, f: [f if x is None else x for x in m], "first free slot"),
    ("ranking", lambda s, t, m: (m - s[t] + s).relu().sum(), "leave it out"),
    ("ranking", lambda s, t, m: (s - s[t]).relu().sum(), "not 0.30"),
    ("ranking", lambda s, t, m: (0.1 - s[0] + s[1:]).relu().sum(), "the second is true"),
    ("ranking", lambda s, t, m: ranking(s.detach(), t, m), "no gradient"),
    ("hop", lambda u, m, c: torch.softmax(m @ u, 0) @ c, "this is o"),
    ("hop", lambda u, m, c: u + (m @ u) @ c, "sum to 1"),
    ("hop", lambda u, m, c: torch.zeros(4), "off by"),
    ("word_weights", lambda J, d: torch.ones(J, d), "off by"),
    (
        "word_weights",
        lambda J, d: (
            torch.ones(J, d)
            - torch.arange(float(J))[:, None] / J
            - torch.arange(float(d)) / d * (1 - 2 * torch.arange(float(J))[:, None] / J)
        ),
        "from 1, not from 0",
    ),
    ("tables_of_word_vectors", 8, "now tie them"),
    ("tables_of_word_vectors", 3, "not 3"),
    ("tables_of_word_vectors", "four", "whole number"),
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
    ("slots_until_outweighed", 149, "still has weight"),
    ("slots_until_outweighed", 151, "already"),
    ("slots_until_outweighed", 0, "still has weight"),
    ("slots_until_outweighed", 150.0, "whole number"),
    ("tempered_weights", lambda s, t: (s * t).softmax(-1), "you multiply"),
    ("tempered_weights", lambda s, t: s.softmax(-1), "a softmax of scores / 0.5"),
    ("tempered_weights", lambda s, t: (s / t).softmax(-1), "case of its own"),
    ("tempered_weights", lambda s, t: (s / max(t, 1e-9)).softmax(-1), "largest score has"),
    (
        "tempered_weights",
        lambda s, t: (s == s.amax(-1, keepdim=True)).float() if t == 0 else (s / t).softmax(-1),
        "only the first",
    ),
    (
        "tempered_weights",
        lambda s, t: tempered_weights(-s, t) if t == 0 else tempered_weights(s, t),
        "largest score has weight 1",
    ),
    (
        "tempered_weights",
        lambda s, t: (s / t).exp() / (s / t).exp().sum(-1, keepdim=True),
        "off by nan",
    ),
    ("straight_through_gradient", lambda s, v, g: v @ g, "gradient of the weights"),
    ("straight_through_gradient", lambda s, v, g: s.softmax(-1) * (v @ g), "less weight elsewhere"),
    ("straight_through_gradient", lambda s, v, g: torch.zeros(4), "w the softmax"),
    ("reinforce", lambda s, i, x: -reinforce(s, i, x), "sign"),
    ("reinforce", lambda s, i, x: 5 * reinforce(s, i, x), "mean over the batch"),
    ("reinforce", lambda s, i, x: reinforce(s.detach(), i, x), "no gradient"),
    ("reinforce", lambda s, i, x: x.mean(), "detach them"),
    (
        "reinforce",
        lambda s, i, x: (x * s.log_softmax(-1).gather(-1, i[:, None])[:, 0]).mean(),
        "detach them",
    ),
    (
        "reinforce",
        lambda s, i, x: (x.detach() * s.gather(-1, i[:, None])[:, 0]).mean(),
        "log_softmax",
    ),
    ("change_of_a_shift", lambda w: w.roll(1, dims=-1), "the new address"),
    ("change_of_a_shift", lambda w: w.roll(-1, dims=-1) - w, "one slot back"),
    ("change_of_a_shift", lambda w: torch.nn.functional.pad(w, (1, -1)) - w, "sum to 0"),
    ("change_of_a_shift", lambda w: w.roll(2, dims=-1) - w, "slot i gains"),
    ("place_features", lambda p, f: place_features(p, f.flip(-1)), "turned round"),
    ("place_features", lambda p, f: place_features(p.roll(1), f), "slot j itself"),
    (
        "place_features",
        lambda p, f: torch.nn.functional.pad(p, (2, 2)).unfold(0, f.shape[1], 1)[:6] @ f.T,
        "slot j itself",
    ),
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
        lambda p, r: (torch.arange(6) - (p.cumsum(-1) <= 0.5).sum(-1, keepdim=True)).abs() <= r,
        "row 3: the window",
    ),
    (
        "window_around_median",
        lambda p, r: (torch.arange(6) - p.argmax(-1, keepdim=True)).abs() <= r,
        "the largest weight",
    ),
    ("lstm_step", lambda x, h, c, cell: cell(x, (h, c))[0], "pair"),
    ("lstm_step", lambda x, h, c, cell: cell(x, (h, c))[::-1], "c = f"),
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
