"""End-to-end memory networks: against loops, the paper's special cases, empties, times."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from lecture_utils.models.memn2n import (
    ages,
    linear_start,
    memn2n,
    position_encoding,
    random_ages,
)
from lecture_utils.recording import record

V, D, N = 12, 6, 5
SENTENCES = torch.tensor([[0, 0, 0], [3, 4, 5], [6, 4, 0], [7, 8, 9], [3, 0, 0]])
STORY = torch.tensor([[1, 2, 3], [0, 0, 4]])
QUESTION = torch.tensor([[10, 11, 0], [10, 3, 4]])


def make(**more):
    torch.manual_seed(0)
    return memn2n(V, features=D, slots=N, **{"noise": 0.0, **more}).eval()


def answer(model):
    return model(SENTENCES, STORY, QUESTION)


def test_position_encoding_is_the_formula():
    weights = position_encoding(torch.tensor([[3, 4, 5, 0], [7, 0, 0, 0]]), D)
    for row, words in enumerate((3, 1)):
        for j in range(1, words + 1):
            for k in range(1, D + 1):
                expected = (1 - j / words) - (k / D) * (1 - 2 * j / words)
                assert math.isclose(weights[row, j - 1, k - 1].item(), expected, abs_tol=1e-6)


@pytest.mark.parametrize("hops", [1, 2, 3])
@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("tying", ["adjacent", "layer-wise"])
def test_it_is_the_paper_in_loops(hops, linear, tying):
    model = make(hops=hops, tying=tying)
    linear_start(model, linear)
    words = model.memory.embed.words.weight.detach().double().numpy()
    times = model.memory.times.weight.detach().double().numpy()

    def table(matrix, k):
        return matrix[:, k * D : (k + 1) * D]

    def embed(numbers, k):
        real = [n for n in numbers if n]
        total, count = np.zeros(D), len(real)
        for j, n in enumerate(real, 1):
            for f in range(D):
                weight = (1 - j / count) - ((f + 1) / D) * (1 - 2 * j / count)
                total[f] += 2 * weight * table(words, k)[n, f]
        return total

    for b in range(2):
        adjacent = tying == "adjacent"
        u = embed(QUESTION[b].tolist(), 0 if adjacent else 2)
        told = [SENTENCES[s].tolist() for s in STORY[b].tolist() if s]
        for hop in range(hops):
            keys, values = (hop, hop + 1) if adjacent else (0, 1)
            m, c = np.zeros((N, D)), np.zeros((N, D))  # empty slots are zeros
            for i, sentence in enumerate(reversed(told)):  # i: how long ago
                m[i] = embed(sentence, keys) + table(times, keys)[i]
                c[i] = embed(sentence, values) + table(times, values)[i]
            p = m @ u
            if not linear:
                p = np.exp(p) / np.exp(p).sum()
            u = (
                u if adjacent else model.hops[0].carry.weight.detach().double().numpy() @ u
            ) + p @ c
        if adjacent:
            logits = table(words, hops) @ u
        else:
            logits = model.answer.weight.detach().double().numpy() @ u
        torch.testing.assert_close(
            answer(model)[b].double(), torch.from_numpy(logits), rtol=0, atol=1e-6
        )


def test_a_bag_of_words_does_not_see_their_order():
    swapped = SENTENCES[:, [1, 0, 2]]
    for position, same in ((False, True), (True, False)):
        model = make(position=position)
        other = model(swapped, STORY, QUESTION)
        assert torch.allclose(answer(model)[:1], other[:1], atol=1e-6) is same


def test_the_order_of_the_sentences_counts_by_their_times_alone():
    model = make()
    turned = torch.tensor([[3, 1, 2], [0, 0, 4]])
    assert not torch.allclose(answer(model)[0], model(SENTENCES, turned, QUESTION)[0], atol=1e-4)
    nn.init.zeros_(model.memory.times.weight)
    torch.testing.assert_close(answer(model), model(SENTENCES, turned, QUESTION))


def test_empty_places_before_a_story_change_nothing():
    model = make()
    wide = torch.cat([torch.zeros(2, 2, dtype=torch.long), STORY], dim=1)
    torch.testing.assert_close(answer(model), model(SENTENCES, wide, QUESTION))


def test_of_a_long_story_the_last_sentences_are_kept():
    model = make()
    long = torch.tensor([[4, 3, 2, 1, 2, 3, 4]])
    kept = model(SENTENCES, long[:, -N:], QUESTION[:1])
    torch.testing.assert_close(model(SENTENCES, long, QUESTION[:1]), kept)


def test_weights_are_recorded_hop_by_hop_and_empty_slots_have_some():
    model = make()
    with record(model) as reads:
        answer(model)
    assert sorted(reads) == [f"hops.{k}.address" for k in range(3)]
    for weights in reads.values():
        assert weights.shape == (2, 1, N)
        torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 1))
        assert (weights[1, 0, :-1] > 0).all()  # empty, and weighed like a score of 0


def test_linear_start_weighs_by_the_scores_and_empty_slots_not_at_all():
    model = make()
    linear_start(model, True)
    with record(model) as reads:
        answer(model)
    assert (reads["hops.0.address"][1, 0, :-1] == 0).all()
    assert (reads["hops.0.address"] < 0).any()
    linear_start(model, False)
    with record(model) as reads:
        answer(model)
    assert (reads["hops.0.address"] > 0).all()


def test_the_empty_word_stays_zero_in_training():
    model = make(noise=0.1).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    answer(model).sum().backward()
    optimizer.step()
    assert model.memory.embed.words.weight[0].abs().max() == 0
    assert model.memory.embed.words.weight[3].abs().max() > 0


def test_ages_count_from_the_question():
    assert ages(STORY).tolist() == [[2, 1, 0], [0, 0, 0]]


def test_random_ages_leave_gaps_but_keep_the_order():
    torch.manual_seed(0)
    story = torch.tensor([[0, 0, *range(1, 21)]]).expand(400, -1)
    drawn = random_ages(story, 0.1)[:, 2:]
    assert (drawn[:, :-1] > drawn[:, 1:]).all()
    assert drawn.min() == 0
    assert drawn.max() == 21  # 20 sentences and at most two empty
    untouched = (drawn == torch.arange(19, -1, -1)).all(dim=-1).float().mean()
    assert 0.3 < untouched < 0.45  # none, or gaps only before the first sentence
    assert (drawn[:, -1] > 0).float().mean() < 0.2  # gaps may stand anywhere


def test_random_ages_leave_a_gap_in_a_short_story_too():
    torch.manual_seed(0)
    drawn = random_ages(torch.tensor([[1, 2, 3]]).expand(400, -1), 0.1)
    assert drawn.max() == 3
    assert (
        0.25 < (drawn[:, 0] == 3).float().mean() < 0.5
    )  # one gap in half, before the first in 1/4
    assert torch.equal(random_ages(torch.tensor([[1, 2, 3]]), 0.0), torch.tensor([[2, 1, 0]]))


def test_no_noise_outside_training():
    model = make(noise=0.9)
    torch.testing.assert_close(answer(model), answer(model))
    model.train()
    torch.manual_seed(1)
    story = torch.tensor([[1, 2, 3, 4, 1]])
    several = [model(SENTENCES, story, QUESTION[:1]) for _ in range(20)]
    assert any(not torch.allclose(several[0], other) for other in several)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tying": "loose"}, "tying is"),
        ({"hops": 0}, "hops and slots must be at least 1"),
        ({"slots": 0}, "hops and slots must be at least 1"),
    ],
)
def test_bad_sizes_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        memn2n(V, **wrong)
