"""The translation of numbers: what trains, what is written, what judges, what a view shows."""

from __future__ import annotations

import math
from itertools import islice

import pytest
import torch

from lecture_utils.data import numerals
from lecture_utils.data.pairs import END
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.encoder_decoder import FixedContext, build
from lecture_utils.models.transformer import transformer
from lecture_utils.recording import record
from lecture_utils.tasks import translation
from tests.live.committed import torch_model

SIZES = {code: len(numerals.vocabulary(code)) for code in numerals.LANGUAGES}


@pytest.fixture
def model():
    torch.manual_seed(0)
    return bahdanau(SIZES["en"], SIZES["de"], embedding_size=4, hidden_size=6, maxout_size=3).eval()


class Knows(torch.nn.Module):
    """An encoder-decoder in name: it writes what it is told, whatever the source."""

    def __init__(self, rows: list[list[int]], size: int) -> None:
        super().__init__()
        self.rows, self.size = torch.tensor(rows), torch.nn.Parameter(torch.zeros(size))

    def encode(self, source, mask):
        return None, torch.zeros(len(source), dtype=torch.long)

    def step(self, token, state, memory):
        words = self.rows[torch.arange(len(token)), state.clamp(max=self.rows.shape[1] - 1)]
        return torch.nn.functional.one_hot(words, len(self.size)).float(), state + 1

    def forward(self, source, mask, target):
        state = self.encode(source, mask)[1]
        steps = [self.step(target[:, 0], state + i, None)[0] for i in range(target.shape[1] - 1)]
        return torch.stack(steps, dim=1)


def test_the_loss_of_a_batch_does_not_depend_on_its_padding(model):
    pairs = numerals.pairs(2, "en", "de", seed=0, lengths=[2]) + numerals.pairs(
        1, "en", "de", seed=0, lengths=[9]
    )
    losses = [translation.loss(model, translation.encoded(model, [pair])) for pair in pairs]
    words = torch.tensor([len(pair.target) + 1.0 for pair in pairs])
    together = translation.loss(model, translation.encoded(model, pairs))
    assert together.item() == pytest.approx(
        (torch.stack(losses) * words).sum().item() / words.sum().item(), abs=1e-5
    )
    assert together.item() == pytest.approx(math.log(SIZES["de"]), rel=0.2)


def test_exact_counts_whole_sentences():
    pairs = [translation.pair_of([4]), translation.pair_of([20, 3])]
    german = numerals.vocabulary("de")
    right = german.encode(pairs[1].target)
    rows = [[*german.encode(["vier"]), END, END, END], [*right, END]]
    assert translation.exact(Knows(rows, len(german)), pairs) == 1
    rows[0][0] = german.encode(["acht"])[0]
    assert translation.translate(Knows(rows, len(german)), pairs) == [["acht"], [*pairs[1].target]]
    assert translation.exact(Knows(rows, len(german)), pairs) == 0.5


@pytest.mark.parametrize("target", numerals.LANGUAGES)
@pytest.mark.parametrize("source", numerals.LANGUAGES)
def test_no_translation_is_cut_off(source, target):
    """A word of a language takes at most three of another, so there is room for the end."""
    numbers = [*range(1200), 12_345, 99_999, 100_000, 777_777, 97_097_097, 999_999_999, 10**9]
    for number in numbers:
        pair = translation.pair_of([number], target, source)
        assert len(pair.target) <= 3 * len(pair.source)


def test_a_model_that_never_ends_is_stopped():
    german = numerals.vocabulary("de")
    forever = Knows([german.encode(["vier"])], len(german))
    assert translation.translate(forever, [translation.pair_of([7])]) == [["vier"] * 4]


def test_the_alignment_error_is_that_of_loops(model):
    pairs = numerals.pairs(8, "en", "ko", seed=0, lengths=[3, 6])
    torch.manual_seed(1)
    korean = bahdanau(SIZES["en"], SIZES["ko"], embedding_size=4, hidden_size=6).eval()
    common = total = 0
    for pair in pairs:
        one = translation.encoded(korean, [pair], "ko")
        memory, state = korean.encode(one.source, one.mask)
        gold = numerals.links(numerals.read_list(pair.source, "en"), "en", "ko")
        total += len(gold) + len({row for row, _ in gold})
        for row, token in enumerate(one.target[0, :-2]):
            with record(korean) as reads:
                _, state = korean.step(token[None], state, memory)
            common += (row, reads["context.address"].argmax().item()) in gold
    found = translation.alignment_error(korean, pairs, "ko")
    assert found == pytest.approx(1 - 2 * common / total)
    assert 0 < found < 1


def test_short_sentences_come_first_and_all_are_for_training():
    pairs = list(islice(translation.short_first(2, seed=3, size=10), 60))
    assert max(len(pair.source) for pair in pairs[:20]) <= 8
    assert max(len(pair.source) for pair in pairs[20:]) > 20
    assert {numerals.split_of(pair.source) for pair in pairs} == {"train"}
    assert pairs != list(islice(translation.short_first(2, seed=4, size=10), 60))
    assert translation.LENGTHS.count(30) == 30


def test_the_reply_is_what_the_view_takes(model):
    told = translation.reply_of(model)("748 213, 95")
    assert told["columns"] == numerals.spell_list([748_213, 95], "en")
    assert told["weights"].shape == (len(told["rows"]), len(told["columns"]))
    assert told["message"].startswith("✗ reads back as ")
    with pytest.raises(ValueError, match="“banana” is not a number word"):
        translation.reply_of(model)("banana")


def test_the_reply_has_true_links_when_it_is_right():
    german = numerals.vocabulary("de")
    right = Knows([[*german.encode(numerals.spell(21, "de")), END]], len(german))
    told = translation.reply_of(right)("21")
    assert set(told["gold"]) == numerals.links([21], "en", "de")
    assert told["message"] == "✓ reads back as 21"
    others = len(german) - 1  # each has e^0, the right one e^1
    assert told["probabilities"].tolist() == pytest.approx([math.e / (math.e + others)] * 3)
    assert told["weights"].abs().max() == 0  # nothing was addressed


def test_what_is_written_wrong_is_read_back_with_the_links_that_are_true():
    german = numerals.vocabulary("de")
    wrong = Knows([[*german.encode(["acht", "und", "vierzig"]), END]], len(german))
    told = translation.reply_of(wrong)("47")
    assert told["message"] == "✗ reads back as 48; you wrote 47"
    assert told["gold"] == [(0, 1), (2, 0)]


def test_an_answer_that_does_not_end_is_cut_off_and_one_without_a_word_is_refused():
    german = numerals.vocabulary("de")
    forever = Knows([german.encode(["vier"])], len(german))
    told = translation.fill_of(forever, [], most=(60, 3))("4")
    assert told["rows"] == ["vier"] * 3
    assert told["message"].endswith("; you wrote 4 (stopped after 3 words, without an end)")
    assert "gold" not in told
    with pytest.raises(ValueError, match="answered with no word at all"):
        translation.reply_of(Knows([[END]], len(german)))("4")
    with pytest.raises(ValueError, match="That is 3 words, commas counted; the model reads 2 at"):
        translation.reply_of(forever, most=(2, 3))("4, 4")


def test_a_model_goes_on_behind_the_words_of_a_prefix():
    reply = translation.reply_of(torch_model("numerals-en-de"))
    free = reply("748")
    assert reply("748", free["rows"][:2])["rows"] == free["rows"]
    other = reply("748", ["sieben", "hundert", "neun"])
    assert other["rows"][:3] == ["sieben", "hundert", "neun"]
    assert other["rows"][-2:] == ["und", "vierzig"], "it goes on where the source goes on"
    assert other["message"] == "✗ reads back as 749; you wrote 748"
    assert reply("748", ["Sieben", "HUNDERT", "neun"])["rows"] == other["rows"]
    assert [row[0][0] for row in free["likely"]] == free["rows"]
    assert dict(other["likely"][2])["acht"] > 0.9, "what the model would have written there"
    assert other["probabilities"][2] < 0.01 < 0.9 < free["probabilities"][2]
    with pytest.raises(ValueError, match="“neunzehn zwei” is no word that the model can write"):
        reply("748", ["neunzehn zwei"])
    with pytest.raises(
        ValueError, match="That begins with 101 words; the model writes 100 at most"
    ):
        reply("748", ["acht"] * 101)


def test_a_picture_can_wait_for_its_model(model):
    trained = {}

    def ready():
        if not trained:
            raise NameError("fixed")
        return trained["fixed"]

    fill = translation.fill_later(ready, ["encoder"])
    with pytest.raises(ValueError, match=r"trained further down: run the cells as far as that"):
        fill("21")
    trained["fixed"] = model
    assert fill("21")["rows"] == translation.reply_of(model)("21")["rows"]
    assert set(fill("21")["trace"]) == {"encoder"}


@pytest.fixture
def heads():
    torch.manual_seed(2)
    return transformer(SIZES["en"], SIZES["de"], 16, 2, 2, 24, positions="rotary").eval()


@pytest.mark.parametrize(("most", "words"), [(100, 2), (1, 1)])
def test_what_passes_a_place_belongs_to_a_word(most, words):
    fill = translation.fill_of(
        torch_model("numerals-en-de-heads"), ["decoder.embed", "encoder"], most=(60, most)
    )
    told = fill("40 000")
    assert told["rows"] == ["vierzig", "tausend"][:words]
    assert {place: len(calls) for place, calls in told["trace"].items()} == {
        "decoder.embed": words,
        "encoder": 1,
    }, "the end of the sentence has none"


def test_what_the_layers_say_is_what_the_decoder_reads_out(heads):
    places = ["decoder.embed", "decoder.layers.0", "decoder.layers.1"]
    fill = translation.fill_of(heads, places[:1], most=(60, 4), told=places)
    told = fill("21")
    assert {*told["trace"]} == {"decoder.embed"}
    assert {*told["guesses"]} == {*places}
    assert len(told["rows"]) == 4
    tokens = numerals.vocabulary("de").tokens
    states = torch.cat(told["trace"]["decoder.embed"], dim=1)
    with torch.no_grad():
        sure = heads.decoder.readout(states)[0].softmax(dim=-1)
    for row, found in zip(sure, told["guesses"]["decoder.embed"], strict=True):
        best = row.topk(5)
        assert [word for word, _ in found] == [tokens[i] for i in best.indices]
        assert [p for _, p in found] == pytest.approx(best.values.tolist(), abs=1e-6)
    last = told["guesses"]["decoder.layers.1"]
    assert [row[0][0] for row in last] == told["rows"]
    assert [row[0][1] for row in last] == pytest.approx(told["probabilities"].tolist(), abs=1e-5)
    later = translation.fill_later(lambda: heads, places[:1], told=places[2:])("21")
    assert {*later["guesses"]} == {"decoder.layers.1"}


def test_only_a_transformer_reads_its_states_out(model):
    with pytest.raises(ValueError, match=r"told is for a Transformer.* pass \(\)"):
        translation.fill_of(model, ["encoder"], told=["decoder.cell"])


def test_the_chances_are_those_of_the_steps(model):
    pair = translation.pair_of([748])
    found = translation.chances(model, pair)
    batch = translation.encoded(model, [pair])
    memory, state = model.encode(batch.source, batch.mask)
    for token, word, chance in zip(batch.target[0], batch.target[0, 1:-1], found, strict=False):
        with torch.no_grad():
            logits, state = model.step(token[None], state, memory)
        assert logits.softmax(dim=-1)[0, word].item() == pytest.approx(chance.item(), abs=1e-6)
    assert len(found) == len(pair.target)


def test_a_fixed_context_addresses_nothing():
    torch.manual_seed(0)
    fixed = build(FixedContext(), SIZES["en"], SIZES["de"], 4, 6, 3).eval()
    assert translation.reply_of(fixed)("1, 2")["weights"].abs().max() == 0


def test_repeated_lists(monkeypatch):
    asked = []
    monkeypatch.setattr(translation, "exact", lambda model, pairs, *codes: asked.extend(pairs))
    translation.repeated(None, 3, "ko")
    assert asked[7].source == ("seven", ",", "seven", ",", "seven")
    assert asked[7].target == ("칠", ",", "칠", ",", "칠")
    assert len(asked) == 10


def test_lists_of_equal_and_other_numbers():
    equal = translation.lists("equal", 4)
    assert len(equal) == len(translation.ONE_WORD) == 28
    assert all(len(set(pair.source) - {numerals.COMMA}) == 1 for pair in equal)
    for kind, different in (("two", 2), ("random", 12)):
        found = translation.lists(kind, 12, size=50)
        assert len(found) == 50
        said = [numerals.read_list(pair.source, "en") for pair in found]
        assert {len(row) for row in said} == {12}
        assert max(len(set(row)) for row in said) <= different
    assert all(row[0] != row[1] and row[::2] == row[:1] * 6 for row in _said("two"))
    assert len({*map(tuple, _said("random"))}) == 50
    assert {len(pair.source) for pair in translation.lists("random", 12)} == {23}
    with pytest.raises(ValueError, match="kind must be"):
        translation.lists("alike", 3)


def _said(kind):
    return [numerals.read_list(p.source, "en") for p in translation.lists(kind, 12, size=50)]


def test_words_are_counted_four_ways(monkeypatch):
    pairs = [translation.pair_of(row) for row in ([748], [21, 3])]
    torch.manual_seed(0)
    model = build(FixedContext(), *(len(numerals.vocabulary(code)) for code in ("en", "de")))
    true = [list(pair.target) for pair in pairs]
    monkeypatch.setattr(translation, "translate", lambda *_: [true[0][1:], true[1]])
    found = translation.word_by_word(model, pairs, words=4)
    assert found["free, place by place"] == [0.5] * 4  # the first translation lacks its first word
    assert found["free, aligned"] == [0.5, 1, 1, 1]
    # ein und zwanzig , drei beside sieben hundert acht und vierzig: "und" alone
    assert sum(found["another's translation, aligned"]) <= 1
    batch = translation.encoded(model, pairs)
    told = (model(*batch).argmax(dim=-1) == batch.target[:, 1:])[:, :4].float().mean(dim=0)
    assert found["told the true words"] == told.tolist()
