"""Memory networks with hard reads: against loops, the four parts, time, learning, bad input."""

import pytest
import torch

from lecture_utils import training
from lecture_utils.data import babi
from lecture_utils.models.memnn import Match, MemNN, Timed, found, margin_loss, winner
from lecture_utils.recording import record

V, N = 12, 5
MEMORY = torch.tensor([[[3, 4, 5], [6, 4, 0], [7, 8, 9]], [[0, 0, 0], [3, 0, 0], [9, 3, 0]]])
QUESTION = torch.tensor([[10, 11, 0], [10, 3, 4]])


def make(**more):
    torch.manual_seed(0)
    return MemNN(V, features=N, **more)


def features(words, part):
    """Phi by hand: 3 |W| counts, in the order question, found, candidate."""
    counts = torch.zeros(3 * V)
    for word in words:
        if word:
            counts[part * V + word] += 1
    return counts


def test_match_is_the_bilinear_form_of_bags_of_words():
    torch.manual_seed(0)
    match = Match(V, N)
    U = torch.cat([match.question.weight, match.found.weight, match.candidate.weight]).T
    x = features([10, 11, 0], 0) + features([3, 4, 5], 1)
    for y in ([6, 4, 0], [7, 8, 9]):
        by_hand = x @ U.T @ U @ features(y, 2)
        query = match.query(QUESTION[:1], [MEMORY[:1, 0]])
        score = (query * match.key(torch.tensor([y]))).sum()
        torch.testing.assert_close(score, by_hand)


def test_timed_is_the_formula_in_loops():
    torch.manual_seed(0)
    timed, query, keys = Timed(N), torch.randn(1, N), torch.randn(1, 4, N)
    for last in (None, torch.tensor([2])):
        pairs = timed(query, keys, last)[0]
        x = 4 if last is None else 2
        for y in range(4):
            for other in range(4):
                bits = torch.tensor([x < y, x < other, y < other]).float() * 2 - 1
                by_hand = query[0] @ (keys[0, y] - keys[0, other] + bits @ timed.time)
                torch.testing.assert_close(pairs[y, other], by_hand)


def test_without_time_the_winner_is_the_largest_score():
    torch.manual_seed(0)
    timed, query, keys = Timed(N, time=False), torch.randn(3, N), torch.randn(3, 6, N)
    filled = torch.ones(3, 6, dtype=torch.bool)
    best = (keys @ query.unsqueeze(-1)).squeeze(-1).argmax(dim=-1)
    weights = winner(timed(query, keys, None), filled)
    assert weights.squeeze(1).argmax(dim=-1).tolist() == best.tolist()


def test_the_winner_is_the_paper_s_running_comparison():
    torch.manual_seed(1)
    pairs = torch.randn(20, 7, 7)
    filled = torch.rand(20, 7) > 0.3
    filled[:, -1] = True
    weights = winner(pairs, filled)
    assert weights.sum(dim=-1).eq(1).all()
    for b in range(20):
        best = None
        for i in range(7):
            if filled[b, i] and (best is None or pairs[b, i, best] > 0):
                best = i
        assert weights[b, 0, best] == 1


def test_the_four_parts_make_the_answer():
    model = make(hops=2)
    memory = MEMORY[:, :0]
    for i in range(3):
        memory = model.G(memory, model.I(MEMORY[:, i : i + 1]))
    assert torch.equal(memory, MEMORY)
    weights = model.O(QUESTION, memory)
    assert [w.shape for w in weights] == [(2, 1, 3)] * 2
    scores = model.R(QUESTION, memory, weights)
    assert torch.equal(scores, model(memory, QUESTION))
    words = [3, 4, 5]
    assert found([torch.tensor([[[1.0, 0.0, 0.0]]])], MEMORY[:1])[0].tolist() == [words]


def test_its_hard_addresses_are_recorded():
    model = make(hops=2)
    with record(model) as reads:
        model(MEMORY, QUESTION)
    assert reads["O"].shape == (2, 2, 3)
    assert reads["O"].sum(dim=-1).eq(1).all()
    assert reads["O"][1, :, 0].eq(0).all()  # an empty slot is never read


def test_the_loss_is_zero_when_all_margins_are_kept_and_says_by_how_much_not():
    model = make(hops=1, time=False)
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    support, answer = torch.tensor([[1], [2]]), torch.tensor([4, 5])
    loss = margin_loss(model, MEMORY, QUESTION, answer, support, margin=0.1)
    wrong = (2 + 1) / 2  # other memories that hold a sentence, mean
    assert loss.item() == pytest.approx(2 * wrong * 0.1 + (V - 1) * 0.1)


def test_the_order_in_time_is_learnt_and_needed():
    """The last sentence about somebody counts; only with time can it be told."""
    questions = babi.Questions(
        babi.simulate(1, 500, seed=0), babi.tokens(babi.simulate(1, 500, seed=0))
    )
    batch = questions.batch(slice(0, 200))
    memory = batch.sentences[batch.story]
    right = {}
    for time in (True, False):
        torch.manual_seed(0)
        model = MemNN(len(questions.tokens), features=16, hops=1, time=time)
        training.fit(
            model,
            questions.batches(32, seed=0),
            lambda m, b: margin_loss(m, b.sentences[b.story], b.question, b.answer, b.support),
            steps=150,
            learning_rate=1e-2,
            seed=0,
        )
        there = next(model.parameters()).device
        scores = model(memory.to(there), batch.question.to(there))
        right[time] = (scores.argmax(dim=-1).cpu() == batch.answer).float().mean().item()
    assert right[True] > 0.98
    assert right[False] < 0.8


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="hops must be at least 1"):
        MemNN(V, hops=0)
    with pytest.raises(ValueError, match="memory holds no sentence"):
        make()(torch.zeros(1, 3, 2, dtype=torch.long), QUESTION[:1])
    with pytest.raises(ValueError, match="support must name 2 places"):
        margin_loss(make(), MEMORY, QUESTION, torch.tensor([4, 5]), torch.tensor([[0, 1], [1, -1]]))
