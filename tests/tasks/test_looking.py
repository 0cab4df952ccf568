"""Where a model looks: partners, looks, exchanged reads, parts of a sentence, shifted halves."""

from __future__ import annotations

import pytest
import torch

from lecture_utils.data import numerals
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.encoder_decoder import FixedContext, build
from lecture_utils.tasks import looking, translation

SIZES = [len(numerals.vocabulary(code)) for code in ("en", "de")]
SMALL = {"embedding_size": 4, "hidden_size": 6, "maxout_size": 3}
PAIRS = [translation.pair_of(row) for row in ([748], [21, 3], [90])]


@pytest.fixture
def model():
    torch.manual_seed(0)
    return bahdanau(*SIZES, **SMALL).eval()


def test_partners_are_the_true_links():
    places = looking.partners(PAIRS)
    # sieben hundert acht und vierzig <end> beside seven hundred forty eight
    assert places[0].tolist() == [0, 1, 3, -1, 2, -1]
    assert places[2].tolist() == [0, -1, -1, -1, -1, -1]
    korean = looking.partners([translation.pair_of([748_213], "ko")], "ko")
    links = numerals.links([748_213], "en", "ko")
    assert korean[0, 0] == min(j for i, j in links if i == 0)
    pairs = [translation.pair_of([11_213], "ko")]  # cheon: eleven, and thousand
    first, last = (looking.partners(pairs, "ko", last=late) for late in (False, True))
    assert first[0].tolist() == [0, 0, 2, 3, 4, 4, -1]
    assert last[0].tolist() == [0, 1, 2, 3, 4, 4, -1]


def test_units_mark_a_power_of_ten():
    # sieben hundert acht und vierzig tausend zwei hundert zehn
    pair = translation.pair_of([748_210])
    assert looking.units([pair])[0].nonzero().flatten().tolist() == [1, 5, 7]
    # chil sip sa man pal cheon i baek sip
    pair = translation.pair_of([748_210], "ko")
    found = looking.units([pair], "ko")[0].nonzero().flatten().tolist()
    assert found == [i for i, word in enumerate(pair.target) if word in "십백천만억"]
    assert len(found) == 5


def test_one_look_a_word_is_least_wrong_where_words_have_one_partner():
    assert looking.least_error(PAIRS) == 0
    pairs = [translation.pair_of([11_213], "ko")]
    links = numerals.links([11_213], "en", "ko")
    words = len({i for i, _ in links})
    assert len(links) > words
    assert looking.least_error(pairs, "ko") == pytest.approx(1 - 2 * words / (words + len(links)))


def test_a_look_is_the_largest_weight(model):
    found = looking.looks(model, PAIRS)
    assert found.shape == looking.partners(PAIRS).shape
    assert found[2].tolist() == [0] * 6  # a source of one word leaves no choice
    with pytest.raises(ValueError, match="addresses nothing"):
        looking.looks(build(FixedContext(), *SIZES, **SMALL), PAIRS)


def test_words_right_without_an_exchange_are_those_of_the_forward_pass(model):
    batch = translation.encoded(model, PAIRS)
    with torch.no_grad():
        wanted = model(*batch).argmax(dim=-1) == batch.target[:, 1:]
    assert torch.equal(looking.words_right(model, PAIRS), wanted)


def test_one_read_is_exchanged_at_a_time(model, monkeypatch):
    """The word is written from the state at the place; the state goes on with the true read."""
    given = []
    step = type(model.decoder).forward

    def watched(self, token, state, context):
        given.append((state.clone(), context.clone()))
        return step(self, token, state, context)

    monkeypatch.setattr(type(model.decoder), "forward", watched)
    places = torch.full_like(looking.partners(PAIRS), 99)
    looking.words_right(model, PAIRS, places)
    memory, _ = model.encode(*translation.encoded(model, PAIRS)[:2])
    assert torch.allclose(given[1][1][0], memory.states[0, 3])  # moved to the end of each sentence
    assert torch.allclose(given[1][1][2], memory.states[2, 0])
    exchanged = list(given)
    given.clear()
    looking.words_right(model, PAIRS)
    assert torch.equal(exchanged[2][0], given[1][0])  # the same state at the second word
    with pytest.raises(ValueError, match="one for each step"):
        looking.words_right(model, PAIRS, places[:, 1:])


def test_each_half_is_exchanged_by_itself(model):
    true = looking.partners(PAIRS)
    places = true.clamp(min=0), (true + 1).clamp(min=0)
    batch = translation.encoded(model, PAIRS)
    memory, state = model.encode(batch.source, batch.mask)
    forward, backward = memory.states.chunk(2, dim=-1)
    ends = batch.mask.sum(dim=1) - 1
    for i, token in enumerate(batch.target[:, :-1].unbind(dim=1)):
        at = [half[:, i].minimum(ends) for half in places]
        rows = torch.arange(len(PAIRS))
        read = torch.cat([forward[rows, at[0]], backward[rows, at[1]]], dim=-1)
        with torch.no_grad():
            wanted = model.decoder(token, *state, read)[0].argmax(-1) == batch.target[:, i + 1]
            state = model.step(token, state, memory)[1]
        assert torch.equal(looking.words_right(model, PAIRS, places)[:, i], wanted)
    both = looking.words_right(model, PAIRS, (places[1], places[1]))
    assert torch.equal(both, looking.words_right(model, PAIRS, places[1]))
    with pytest.raises(ValueError, match="one for each step"):
        looking.words_right(model, PAIRS, (places[0], places[1][:, 1:]))


def test_exchanges_differ_where_the_places_do(model, monkeypatch):
    seen = []

    def right(_, pairs, places=None, target="de", source="en"):
        seen.append(places)
        return torch.ones(looking.partners(pairs).shape, dtype=torch.bool)

    monkeypatch.setattr(looking, "words_right", right)
    found = looking.exchanged(model, PAIRS)
    assert set(found.values()) == {1.0}
    by_name = dict(zip(found, seen, strict=True))
    true = looking.partners(PAIRS)
    assert by_name["the read as it is"] is None
    assert torch.equal(by_name["the partner"], true)
    for word, by in (("before", -1), ("behind", 1)):
        assert torch.equal(by_name[f"the word {word} the partner"], true + by)
        forward, backward = by_name[f"only its forward half is from {word}"]
        assert torch.equal(forward, true + by)
        assert torch.equal(backward, true)
        forward, backward = by_name[f"only its backward half is from {word}"]
        assert torch.equal(forward, true)
        assert torch.equal(backward, true + by)


def test_only_words_between_two_others_are_judged(model, monkeypatch):
    """So no neighbour is outside the sentence, none is the partner, and no draw is."""
    pairs, seen = [translation.pair_of([n] * 4) for n in (748, 213)], []
    true = looking.partners(pairs)
    ends = torch.tensor([[len(pair.source) - 1] for pair in pairs])
    judged = (true > 0) & (true < ends)
    assert judged.any()
    assert (~judged & (true >= 0)).any()  # the first and the last word have partners too

    def right(_, pairs, places=None, target="de", source="en"):
        seen.append(places)
        return judged

    monkeypatch.setattr(looking, "words_right", right)
    found = looking.exchanged(model, pairs)
    assert set(found.values()) == {1.0}  # no other word is counted
    assert list(found)[-1] == "another word, drawn at random"
    drawn = seen[-1]
    assert (drawn != true)[judged].all()
    assert ((drawn >= 0) & (drawn <= ends))[judged].all()
    assert len(set(drawn[0][judged[0]].tolist())) > 3


def test_what_is_written_from_differs_where_the_places_do(model, monkeypatch):
    seen = {}

    def right(_, pairs, places=None, target="de", source="en"):
        seen[len(seen)] = places
        return torch.ones(looking.partners(pairs).shape, dtype=torch.bool)

    monkeypatch.setattr(looking, "words_right", right)
    found = looking.written_from(model, PAIRS)
    assert set(found.values()) == {1.0}
    true = looking.partners(PAIRS)
    assert seen[0] is None
    assert torch.equal(seen[2], true)
    assert torch.equal(seen[3], true - 1)
    assert torch.equal(seen[4], true + 1)
    assert (seen[5] < torch.tensor([[4], [4], [1]])).all()


def test_only_the_words_asked_for_are_judged(model, monkeypatch):
    true = looking.partners(PAIRS)
    first = torch.zeros_like(true, dtype=torch.bool)
    first[:, 0] = True
    monkeypatch.setattr(looking, "words_right", lambda *_: first)
    assert set(looking.written_from(model, PAIRS, among=first).values()) == {1.0}
    assert set(looking.written_from(model, PAIRS, among=~first).values()) == {0.0}
    monkeypatch.setattr(looking, "looks", lambda *_: true.where(first, true - 1))
    assert looking.beside(model, PAIRS, among=first)["at the partner"] == 1
    assert looking.beside(model, PAIRS, among=~first)["one before"] == 1


def test_in_another_language_the_word_behind_is_behind_the_last_partner(monkeypatch):
    pairs = [translation.pair_of([11_213], "ko")]
    torch.manual_seed(0)
    words = len(numerals.vocabulary("ko"))
    korean = bahdanau(SIZES[0], words, **SMALL).eval()
    first, last = (looking.partners(pairs, "ko", last=late) for late in (False, True))
    seen = []
    right = looking.words_right
    monkeypatch.setattr(looking, "words_right", lambda *a: seen.append(a[2]) or right(*a))
    looking.written_from(korean, pairs, "ko")
    assert torch.equal(seen[2], first)
    assert torch.equal(seen[4], last + 1)
    for own, name in (
        (last, "at the partner"),
        (last + 1, "one behind"),
        (first - 1, "one before"),
    ):
        monkeypatch.setattr(looking, "looks", lambda *_, own=own: own)
        assert looking.beside(korean, pairs, "ko")[name] == 1


def test_looks_beside_are_counted(model, monkeypatch):
    true = looking.partners(PAIRS)
    monkeypatch.setattr(looking, "looks", lambda *_: true - 1)
    assert looking.beside(model, PAIRS)["one before"] == 1
    monkeypatch.setattr(looking, "looks", lambda *_: true + 5)
    assert looking.beside(model, PAIRS)["elsewhere"] == 1


def test_parts_are_counted_from_both_ends(model, monkeypatch):
    """A translation that leaves out the third of five words is right at both its ends."""
    (pair,) = PAIRS[:1]
    words = [*pair.target[:2], *pair.target[3:]]
    true = looking.partners([pair])
    monkeypatch.setattr(looking, "translate", lambda *_: [words])
    monkeypatch.setattr(looking, "words_right", lambda *_: true >= 0)
    monkeypatch.setattr(looking, "looks", lambda *_: true + 2)
    found = looking.by_part(model, [pair], parts=5)
    assert found["from the start"] == [1, 1, 0, 0, 0]
    assert found["from the end"] == [0, 0, 0, 1, 1]
    assert found["told"] == [1, 1, 1, 0, 1]
    assert found["ahead"] == [2, 2, 2, 0, 2]  # "und" has no partner and is not counted


@pytest.fixture
def read_from(model, monkeypatch):
    """The memory that `shifted` reads."""
    told = []
    monkeypatch.setattr(looking, "with_memory", lambda *args: told.append(args[2]))

    def memory(pairs, extra, half, of="states"):
        looking.shifted(model, pairs, extra, half, of=of)
        return told[-1]

    return memory


def halves(model, *numbers):
    """The states of a list of numbers, the forward and the backward half of each."""
    batch = translation.encoded(model, [translation.pair_of(numbers)])
    return model.encode(*batch[:2])[0].states.chunk(2, dim=-1)


def test_a_half_is_exchanged_and_nothing_else(model, read_from):
    pairs, extra = [translation.pair_of([748])], [translation.pair_of([9, 9])]
    plain = halves(model, 748)
    for half, side in (("forward", 0), ("backward", 1)):
        parts = read_from(pairs, extra, half).states.chunk(2, dim=-1)
        assert torch.equal(parts[1 - side], plain[1 - side])
        assert not torch.allclose(parts[side], plain[side])
    forward = read_from(pairs, extra, "forward").states.chunk(2, dim=-1)[0]
    assert torch.allclose(forward, halves(model, 9, 9, 748)[0][:, -4:], atol=1e-6)
    backward = read_from(pairs, extra, "backward").states.chunk(2, dim=-1)[1]
    assert torch.allclose(backward, halves(model, 748, 9, 9)[1][:, :4], atol=1e-6)
    with pytest.raises(ValueError, match="half must be"):
        looking.shifted(model, pairs, extra, "both")


def test_the_control_exchanges_words_and_keeps_the_place(model, read_from):
    extra = [translation.pair_of([9])]
    pairs = [looking.joined(translation.pair_of([4]), translation.pair_of([748]))]
    assert pairs == [translation.pair_of([4, 748])]
    own, other = halves(model, 4, 748), halves(model, 9, 748)
    forward, backward = read_from(pairs, extra, "other words").states.chunk(2, dim=-1)
    assert torch.equal(backward, own[1])
    assert torch.equal(forward[:, :2], own[0][:, :2])
    assert torch.allclose(forward[:, 2:], other[0][:, 2:], atol=1e-6)
    assert not torch.allclose(forward[:, 2:], own[0][:, 2:])
    with pytest.raises(ValueError, match="place 1 of every sentence must be a comma"):
        looking.shifted(model, [translation.pair_of([748])], extra, "other words")


def test_the_control_behind_exchanges_words_and_keeps_the_place(model, read_from):
    pairs, extra = [translation.pair_of([748, 4])], [translation.pair_of([9])]
    own, other = halves(model, 748, 4), halves(model, 748, 9)
    forward, backward = read_from(pairs, extra, "other words behind").states.chunk(2, dim=-1)
    assert torch.equal(forward, own[0])
    assert torch.equal(backward[:, 4:], own[1][:, 4:])
    assert torch.allclose(backward[:, :4], other[1][:, :4], atol=1e-6)
    assert not torch.allclose(backward[:, :4], own[1][:, :4])
    with pytest.raises(ValueError, match="place 2 of every sentence must be a comma"):
        looking.shifted(model, [translation.pair_of([748])], extra, "other words behind")


def test_keys_and_values_are_exchanged_apart(model, read_from):
    pairs, extra = [translation.pair_of([748, 4])], [translation.pair_of([9, 9])]
    plain = model.encode(*translation.encoded(model, pairs)[:2])[0]
    both, keys, values = (
        read_from(pairs, extra, "backward", of) for of in ("states", "keys", "values")
    )
    assert torch.equal(keys.states, plain.states)
    assert torch.equal(values.keys, plain.keys)
    assert torch.equal(keys.keys, both.keys)
    assert torch.equal(values.states, both.states)
    assert not torch.allclose(both.keys, plain.keys)
    assert not torch.allclose(both.states, plain.states)
    with pytest.raises(ValueError, match="of 'states', 'keys' or 'values'; got 'backward', 'all'"):
        looking.shifted(model, pairs, extra, "backward", of="all")


def test_another_memory_is_read_from_the_models_own_first_state(model):
    pairs = numerals.pairs(3, "en", "de", seed=0, lengths=[6])
    batch = translation.encoded(model, pairs)
    memory, _ = model.encode(batch.source, batch.mask)
    mask = batch.mask.clone()
    mask[:, 2:] = False
    found = looking.with_memory(model, pairs, memory._replace(mask=mask), parts=1)
    true = looking.partners(pairs)
    most = (1 - true)[true >= 0].float().mean().item()  # no slot behind the second can be read
    assert found["ahead"][0] <= most + 1e-5
    assert looking.with_memory(model, pairs, memory, parts=1)["ahead"][0] != found["ahead"][0]


def test_not_shifted_is_the_forward_pass(model):
    pairs = numerals.pairs(3, "en", "de", seed=0, lengths=[6])
    found = looking.shifted(model, pairs, pairs, "none", parts=1)
    right = looking.words_right(model, pairs)
    sizes = torch.tensor([len(pair.target) for pair in pairs]).unsqueeze(1)
    judged = right[torch.arange(right.shape[1]) < sizes]
    assert found["told"] == [pytest.approx(judged.float().mean().item())]
    true = looking.partners(pairs)
    ahead = (looking.looks(model, pairs) - true)[true >= 0].float().mean().item()
    assert found["ahead"] == [pytest.approx(ahead, abs=1e-5)]
