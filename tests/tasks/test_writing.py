"""How words are chosen and what becomes of a wrong one, on translators that are made up."""

from __future__ import annotations

import random
from typing import NamedTuple, Self

import pytest
import torch
from torch import Tensor, nn

from lecture_utils.data import numerals
from lecture_utils.data.pairs import END, Pair
from lecture_utils.models.positions import Rotary
from lecture_utils.models.transformer import transformer
from lecture_utils.tasks import writing
from lecture_utils.tasks.translation import asked, encoded, pair_of

GERMAN = numerals.vocabulary("de")


class Rows(NamedTuple):
    """A memory: which sentences of the script are being written."""

    which: Tensor

    def expand(self, times: int) -> Self:
        return Rows(self.which.expand(times))


class Scripted(nn.Module):
    """A translator that says, at each place, the word of its script, whatever stands before."""

    def __init__(self, pairs: list[Pair], words: list[list[str]], other: dict = {}) -> None:  # noqa: B006
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.source = encoded(self, pairs).source
        longest = max(map(len, words)) + 1
        self.script = torch.full((len(words), longest, len(GERMAN)), -9.0)
        for row, line in enumerate(words):
            numbers = [*GERMAN.encode(line), *[END] * (longest - len(line))]
            self.script[row, range(longest), numbers] = 0.0
        for (row, place, word), score in other.items():
            self.script[row, place, GERMAN.encode([word])[0]] = score

    def encode(self, source: Tensor, mask: Tensor | None = None) -> tuple[Rows, tuple[Tensor]]:
        def of(row: Tensor) -> int:
            width = int((row != 0).sum())
            return next(
                i for i, own in enumerate(self.source) if torch.equal(own[own != 0], row[:width])
            )

        rows = torch.tensor([of(row) for row in source])
        return Rows(rows), (torch.zeros_like(rows),)

    def step(self, token: Tensor, state: tuple[Tensor], memory: Rows) -> tuple:
        at = state[0].clamp(max=self.script.shape[1] - 1)
        return self.script[memory.which.expand(len(at)), at], (state[0] + 1,)

    def forward(self, source: Tensor, mask: Tensor | None, target: Tensor) -> Tensor:
        memory, _ = self.encode(source)
        places = torch.arange(target.shape[1] - 1).clamp(max=self.script.shape[1] - 1)
        return self.script[memory.which][:, places]


@pytest.fixture
def pairs() -> list[Pair]:
    return numerals.pairs(6, "en", "de", seed=1, lengths=[12], split="test")


def true(pairs: list[Pair]) -> list[list[str]]:
    return [list(pair.target) for pair in pairs]


def test_the_probability_is_that_of_the_words_and_the_end(pairs):
    torch.manual_seed(0)
    model = transformer(len(numerals.vocabulary("en")), len(GERMAN)).eval()
    words = [*true(pairs[:2]), ["eins"]]
    found = writing.log_probability(model, pairs[:3], words)
    with torch.no_grad():
        for pair, line, value in zip(pairs, words, found, strict=False):
            batch = encoded(model, [Pair(pair.source, tuple(line))])
            log = model(*batch)[0].log_softmax(dim=-1)
            by_hand = sum(log[i, word] for i, word in enumerate([*GERMAN.encode(line), END]))
            assert value == pytest.approx(by_hand.item(), abs=1e-4)


def test_a_search_finds_what_greedy_decoding_misses(pairs):
    (one,) = pairs[:1]
    line = list(one.target)
    # Two words are nearly as likely at the first place: greedily another one is said.
    model = Scripted([one], [line], {(0, 0, "neun" if line[0] != "neun" else "acht"): 0.1})
    found = writing.search(model, [one])
    assert found["greedy"] == 0.0
    assert found["missed"] == 0.0, "what was written is the more probable"
    assert found["beam"] == found["beam, 0.6"] == 0.0
    perfect = writing.search(Scripted([one], [line]), [one])
    assert perfect == {"greedy": 1.0, "beam": 1.0, "beam, 0.6": 1.0}


def test_a_fault_of_searching_is_told_from_one_of_the_model(pairs, monkeypatch):
    model = Scripted(pairs, true(pairs))
    wrong = [["eins"], *true(pairs)[1:]]  # what is written is not what the model prefers
    monkeypatch.setattr(writing, "translate", lambda model, pairs: wrong)
    found = writing.search(model, pairs)
    assert found["greedy"] == pytest.approx(5 / 6)
    assert found["beam"] == 1.0
    assert found["missed"] == 1.0


def test_faults_are_counted_told_the_truth_and_free(pairs):
    lines = true(pairs)
    lines[0][3] = "tausend" if lines[0][3] != "tausend" else "hundert"
    lines[1] = [lines[1][0], *lines[1]]  # a word more: told the truth, hardly a place is right
    model = Scripted(pairs, lines)
    assert writing.faults(model, pairs)["wrong"] == pytest.approx(2 / 6)
    first = writing.faults(Scripted(pairs[:1], lines[:1]), pairs[:1])
    assert first == {"wrong": 1.0, "told": 1.0, "free": 1.0}
    second = writing.faults(Scripted(pairs[1:2], lines[1:2]), pairs[1:2])
    assert second["free"] == 0.0, "a shift is forgiven"
    assert second["told"] > 5
    assert writing.faults(Scripted(pairs, true(pairs)), pairs) == {"wrong": 0, "told": 0, "free": 0}


def test_damages_are_what_they_are_called():
    words, made = ["eins", ",", "zwei", "und", "zwanzig"], random.Random(0)
    assert writing.as_it_was(words, 2, made) == words[:3]
    drawn = {writing.another(words, 2, made)[2] for _ in range(300)}
    assert drawn == {*GERMAN.tokens[4:]} - {"zwei"}
    assert writing.another(words, 2, made)[:2] == words[:2]
    assert writing.left_out(words, 2, made) == ["eins", ",", "und"]
    assert writing.said_twice(words, 2, made) == ["eins", ",", "zwei", "zwei"]


def test_a_beginning_is_gone_on_with(pairs):
    model = Scripted(pairs, true(pairs))
    begun = [["hundert", "hundert", "eins"]] * len(pairs)
    rests = writing.continued(model, pairs, begun)
    assert rests == [line[3:] for line in true(pairs)]
    torch.manual_seed(0)
    other = transformer(len(numerals.vocabulary("en")), len(GERMAN)).eval()
    text, begun = "748 213, 95", ["acht", "hundert"]
    pair = pair_of([748_213, 95])
    (rest,) = writing.continued(other, [pair], [begun])
    told, _ = asked(other, text, prefix=begun)
    assert rest[:20] == told.rows[2:22]


def test_who_goes_by_the_place_alone_recovers_from_another_word_only(pairs):
    at = 2
    kept = [p for p in pairs if "," in p.target[at + 2 :] and p.target[at + 1] != ","]
    assert len(kept) > 2
    found = writing.recovered(Scripted(kept, true(kept)), kept, at)
    assert found["nothing"] == found["another word"] == {"rest": 1.0, "later": 1.0}
    assert found["one left out"] == {"rest": 0.0, "later": 1.0}
    assert found["one said twice"]["later"] == 1.0
    assert found["one said twice"]["rest"] < 1


class ByPlace(Scripted):
    """A translator that says the word of its script for the place where it is said to stand."""

    def __init__(self, pairs: list[Pair]) -> None:
        super().__init__(pairs, true(pairs))
        self.decoder = Rotary(2)

    def step(self, token: Tensor, state: tuple[Tensor], memory: Rows) -> tuple:
        places = self.decoder.places
        logits, _ = super().step(token, state if places is None else (places[state[0]],), memory)
        return logits, (state[0] + 1,)


def test_who_goes_by_the_place_alone_is_helped_by_the_place(pairs):
    at = 2
    kept = [p for p in pairs if p.target[at + 1] != ","]
    model = ByPlace(kept)
    found = {name: part["rest"] for name, part in writing.displaced(model, kept, at).items()}
    assert found == {"said twice, one place for both": 1, "nothing said, a place skipped": 0}
    assert writing.recovered(model, kept, at)["one said twice"]["rest"] == 0
    assert model.decoder.places is None, "the words stand again where they stood"


@pytest.mark.parametrize(
    ("words", "rest"),
    [("eins , zwei , drei", "zwei , drei"), (", eins", "eins"), ("eins ,", ""), ("eins", "")],
)
def test_what_stands_behind_the_comma(words, rest):
    assert writing.behind_comma(words.split()) == rest.split()
