"""The Key-Value Memory Network: against plain loops, its special case, its hash, its refusals."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lecture_utils.models.kv_memnn import (
    Bag,
    KVMemNN,
    answer_loss,
    hashed,
    inverted_index,
)
from lecture_utils.recording import record

SIZE, DRAWN = 12, 5


def model(hops: int = 2, seed: int = 0) -> KVMemNN:
    torch.manual_seed(seed)
    made = KVMemNN(SIZE, features=6, hops=hops, drawn=DRAWN).eval()
    for parameter in made.parameters():
        nn.init.normal_(parameter)
    return made


def batch(seed: int = 0) -> list[Tensor]:
    """Questions (3, 4), keys (3, 5, 3), values (3, 5, 2), a mask (3, 5), candidates (7, 2)."""
    made = torch.Generator().manual_seed(seed)
    shapes = [(3, 4), (3, 5, 3), (3, 5, 2)]
    tokens = [torch.randint(0, SIZE, shape, generator=made) for shape in shapes]
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2, [False] * 5])
    return [*tokens, mask, torch.randint(0, SIZE, (7, 2), generator=made)]


def by_hand(net: KVMemNN, questions, keys, values, mask, candidates) -> np.ndarray:
    """The paper's equations 1 to 4 in NumPy, one question, slot and token at a time."""
    table = np.concatenate([net.A.learned.detach().numpy(), net.A.names.numpy()]).astype(float)

    def phi(tokens) -> np.ndarray:
        total = np.zeros(table.shape[1])
        for token in tokens.tolist():
            if token != 0:
                total += table[token]
        return total

    rows = []
    for b in range(len(questions)):
        q = phi(questions[b])
        for R in net.R:
            there = [i for i in range(keys.shape[1]) if mask[b, i]]
            powers = [np.exp(q @ phi(keys[b, i])) for i in there]
            o = np.zeros_like(q)
            for power, i in zip(powers, there, strict=True):
                o += power / sum(powers) * phi(values[b, i])
            q = R.detach().numpy().astype(float) @ (q + o)
        rows.append([q @ phi(candidate) for candidate in candidates])
    return np.array(rows)


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_equals_the_equations_in_loops(hops: int) -> None:
    net, parts = model(hops), batch()
    with torch.no_grad():
        scores = net(*parts).numpy()
    assert scores.shape == (3, 7)
    np.testing.assert_allclose(scores, by_hand(net, *parts), rtol=1e-4, atol=1e-4)


def test_records_one_address_for_each_hop() -> None:
    with record(model(3)) as reads:
        model(3)  # another model is not recorded
        net = model(3)
        net(*batch())
    assert not reads
    with record(net) as reads:
        net(*batch())
    weights = reads["address"]
    assert weights.shape == (3, 3, 5)  # (B, H, N)
    assert torch.allclose(weights[0].sum(-1), torch.ones(3))
    assert weights[1, :, 3:].eq(0).all()
    assert weights[2].eq(0).all()  # no slot was found: nothing is read


def test_what_the_mask_hides_changes_nothing() -> None:
    net, (questions, keys, values, mask, candidates) = model(), batch()
    other_keys, other_values = keys.clone(), values.clone()
    other_keys[1, 3:] = 7
    other_values[1, 3:] = 8
    with torch.no_grad():
        before = net(questions, keys, values, mask, candidates)
        after = net(questions, other_keys, other_values, mask, candidates)
    assert torch.equal(before, after)
    other_keys[1, 0] = 7
    assert not torch.equal(before, net(questions, other_keys, other_values, mask, candidates))


def test_values_that_are_the_keys_make_a_memory_network_of_the_end_to_end_kind() -> None:
    """One hop is softmax(u . m_i) over memories m_i, then a matrix of u + sum_i p_i m_i."""
    net, (questions, keys, _, mask, candidates) = model(1), batch()
    u, m = net.A(questions), net.A(keys)
    scores = torch.einsum("bd,bnd->bn", u, m).masked_fill(~mask, -1e9)
    o = torch.einsum("bn,bnd->bd", scores.softmax(-1) * mask, m)
    wanted = nn.functional.linear(nn.functional.linear(u + o, net.R[0]), net.A(candidates))
    given = net(questions, keys, keys, mask, candidates)
    torch.testing.assert_close(given, wanted, rtol=1e-4, atol=1e-4)


def test_the_order_of_slots_and_of_tokens_does_not_count() -> None:
    net, (questions, keys, values, mask, candidates) = model(), batch()
    mask = torch.ones_like(mask)
    order = torch.tensor([4, 2, 0, 3, 1])
    with torch.no_grad():
        before = net(questions, keys, values, mask, candidates)
        after = net(questions.flip(1), keys[:, order].flip(2), values[:, order], mask, candidates)
    torch.testing.assert_close(before, after, rtol=1e-4, atol=1e-4)


def test_a_bag_is_a_sum_without_padding_and_has_unit_names() -> None:
    torch.manual_seed(0)
    bag = Bag(500, features=64, drawn=400)
    tokens = torch.tensor([[3, 450, 0], [0, 0, 0]])
    assert torch.allclose(bag(tokens)[0], bag.learned[3] + bag.names[350])
    assert bag(tokens)[1].eq(0).all()
    assert bag(tokens[0]).shape == (64,)
    assert 0.9 < bag.names.norm(dim=1).mean() < 1.1


def test_names_are_drawn_anew_in_training_only_and_are_no_parameter() -> None:
    net, parts = model(), batch()
    first = net.A.names.clone()
    net(*parts)
    assert torch.equal(net.A.names, first)
    net.train()
    net(*parts)
    assert not torch.equal(net.A.names, first)
    assert [name for name, _ in net.named_parameters()] == ["A.learned", "R.0", "R.1"]
    assert "A.names" in net.state_dict()


def test_learns_to_read_a_name_that_training_never_asked_for() -> None:
    """Slots (name, relation) -> name; a third of the names is never asked for in training."""
    torch.manual_seed(0)
    count = 30
    names = torch.arange(3, 3 + count)  # 1 and 2 are the relations
    values = names + count
    keys = torch.cat([torch.stack([names, torch.full_like(names, r)], 1) for r in (1, 2)])
    given = torch.cat([values, values.roll(7)]).unsqueeze(1)
    asked = torch.arange(2 * count) % count < 20
    slots, mask = hashed(keys, inverted_index(keys, frequent=2))  # both facts about the name
    net = KVMemNN(3 + 2 * count, features=64, drawn=2 * count)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)

    def scores(rows: Tensor) -> Tensor:
        found = slots[rows]
        return net(keys[rows], keys[found], given[found], mask[rows], values.unsqueeze(1))

    for _ in range(100):
        rows = torch.where(asked)[0]
        loss = answer_loss(scores(rows), given[rows] == values)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    rows = torch.where(~asked)[0]
    assert values[scores(rows).argmax(-1)].eq(given[rows, 0]).float().mean() > 0.9


KEYS = torch.tensor([[1, 2, 0], [1, 3, 3], [1, 4, 2], [5, 0, 0]])


def test_the_index_lists_the_slots_of_each_token_and_leaves_frequent_ones_out() -> None:
    assert inverted_index(KEYS) == {1: [0, 1, 2], 2: [0, 2], 3: [1], 4: [2], 5: [3]}
    assert set(inverted_index(KEYS, frequent=2)) == {2, 3, 4, 5}
    assert set(inverted_index(KEYS, frequent=1)) == {3, 4, 5}


def test_hashing_finds_every_slot_that_shares_a_rare_token_and_no_other() -> None:
    generator = torch.Generator().manual_seed(0)
    keys = torch.randint(0, 40, (200, 4), generator=generator)
    questions = torch.randint(0, 40, (30, 5), generator=generator)
    counts = {t: sum(t in key for key in keys.tolist()) for t in range(1, 40)}
    rare = {t for t, count in counts.items() if count <= 18}
    assert 5 < len(rare) < 35
    slots, mask = hashed(questions, inverted_index(keys, frequent=18), most=200)
    assert slots.shape == mask.shape
    for question, row, there in zip(questions.tolist(), slots, mask, strict=True):
        wanted = [i for i, key in enumerate(keys.tolist()) if {*key} & {*question} & rare]
        assert row[there].tolist() == wanted
        assert there.tolist() == sorted(there.tolist(), reverse=True)


def test_of_too_many_slots_those_that_share_most_stay() -> None:
    slots, mask = hashed(torch.tensor([[1, 2, 4], [1, 0, 0], [9, 0, 0]]), inverted_index(KEYS), 2)
    assert slots.tolist() == [[0, 2], [0, 1], [0, 0]]
    assert mask.tolist() == [[True, True], [True, True], [False, False]]
    none, mask = hashed(torch.zeros(2, 3, dtype=torch.long), inverted_index(KEYS))
    assert none.shape == (2, 1)
    assert not mask.any()


def test_the_loss_is_minus_log_of_the_probability_of_a_right_answer() -> None:
    scores = torch.tensor([[1.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    right = torch.tensor([[True, False, True], [False, True, False]])
    chances = scores.softmax(-1)
    wanted = -(torch.log(chances[0, 0] + chances[0, 2]) + torch.log(chances[1, 1])) / 2
    assert torch.allclose(answer_loss(scores, right), wanted)
    one = torch.tensor([[False, True, False], [False, True, False]])
    wanted = nn.functional.cross_entropy(scores, torch.tensor([1, 1]))
    assert torch.allclose(answer_loss(scores, one), wanted)


def test_bad_input_is_refused_in_words() -> None:
    net, parts = model(), batch()
    bad = [
        (0, parts[0][0], "questions"),
        (0, parts[0][:2], "questions"),
        (1, parts[1][0], "keys"),
        (2, parts[2][:, :4], "values must be"),
        (2, parts[2][..., 0], "values must be"),
        (3, parts[3][:, :4], "mask must be"),
        (4, parts[4][:, 0], "candidates must be"),
    ]
    for place, value, words in bad:
        with pytest.raises(ValueError, match=words):
            net(*parts[:place], value, *parts[place + 1 :])
    with pytest.raises(ValueError, match="mask must be bool"):
        net(*parts[:3], parts[3].long(), parts[4])
    with pytest.raises(ValueError, match="keys must be long"):
        inverted_index(KEYS.float())
    with pytest.raises(ValueError, match="frequent must be"):
        inverted_index(KEYS, frequent=0)
    with pytest.raises(ValueError, match="most of at least 1"):
        hashed(KEYS, {}, most=0)
    with pytest.raises(ValueError, match="drawn counts"):
        Bag(5, 4, drawn=5)
    with pytest.raises(ValueError, match="at least one True"):
        answer_loss(torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.bool))
