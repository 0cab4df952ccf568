"""Translate lists of numbers with an encoder-decoder, from one language into another.

Languages are the keys of `lecture_utils.data.numerals.LANGUAGES`; a model has the vocabularies of
`numerals.vocabulary`. Everything runs on the device where the model is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lecture_utils.data import numerals
from lecture_utils.data.pairs import END, PAD, SPECIALS, Batch, Pair, Vocabulary, collate
from lecture_utils.models.encoder_decoder import EncoderDecoder, greedy
from lecture_utils.models.transformer import Transformer
from lecture_utils.recording import record, trace
from lecture_utils.scores import aligned, alignment_error_rate, exact_match

LENGTHS = tuple(length for length in range(1, 31) for _ in range(length))
"""Source lengths in morphemes to train on: up to 30, each as often as it is long."""


def loss(model: nn.Module, batch: Batch) -> Tensor:
    """-log P(target | source) per word, a scalar; padding does not count."""
    logits = model(batch.source, batch.mask, batch.target)  # (B, T-1, V)
    return nn.functional.cross_entropy(
        logits.flatten(0, 1), batch.target[:, 1:].flatten(), ignore_index=PAD
    )


def encoded(
    model: nn.Module, pairs: Sequence[Pair], target: str = "de", source: str = "en"
) -> Batch:
    """The pairs as one batch, on the device of the model."""
    batch = collate(pairs, numerals.vocabulary(source), numerals.vocabulary(target))
    device = next(model.parameters()).device
    return Batch(*(part.to(device) for part in batch))


def translate(
    model: EncoderDecoder, pairs: Sequence[Pair], target: str = "de", source: str = "en"
) -> list[list[str]]:
    """The words that the model writes, greedily, for the source of each pair."""
    batch = encoded(model, pairs, target, source)
    limit = 3 * batch.source.shape[1] + 1  # no language says a word with more than three
    written = greedy(model, batch.source, batch.mask, limit)
    return [numerals.vocabulary(target).decode(row) for row in written.tolist()]


def exact(
    model: EncoderDecoder, pairs: Sequence[Pair], target: str = "de", source: str = "en"
) -> float:
    """Part of the pairs that are translated without a fault."""
    return exact_match(translate(model, pairs, target, source), [pair.target for pair in pairs])


@torch.no_grad()
def words_right(
    model: EncoderDecoder, pairs: Sequence[Pair], target: str = "de", source: str = "en"
) -> float:
    """Part of the words that are right where the decoder is told the true words before."""
    batch = encoded(model, pairs, target, source)
    true = batch.target[:, 1:]
    right = model(*batch).argmax(dim=-1) == true
    return right[true != PAD].float().mean().item()


@torch.no_grad()
def word_by_word(
    model: EncoderDecoder, pairs: Sequence[Pair], words: int = 20
) -> dict[str, list[float]]:
    """Part right of each of the first `words` German words, from English, counted four ways."""
    batch, written = encoded(model, pairs), translate(model, pairs)
    told = model(*batch).argmax(dim=-1) == batch.target[:, 1:]
    others = [*written[1:], *written[:1]]
    counted: dict[str, list[list[bool]]] = {
        "told the true words": told.tolist(),
        "free, aligned": [],
        "free, place by place": [],
        "another's translation, aligned": [],
    }
    for pair, own, other in zip(pairs, written, others, strict=True):
        places = [own[i : i + 1] == [word] for i, word in enumerate(pair.target)]
        rows = (aligned(own, pair.target), places, aligned(other, pair.target))
        for name, row in zip(list(counted)[1:], rows, strict=True):
            counted[name].append(row)
    return {
        name: [sum(row[i] for row in rows) / len(pairs) for i in range(words)]
        for name, rows in counted.items()
    }


def link_error(
    looks: Tensor, pairs: Sequence[Pair], target: str = "de", source: str = "en"
) -> float:
    """Alignment error rate of one link a word, (B, T-1): the place in the source it looks at.

    Only words that have a true link are judged.
    """
    predicted, gold = set(), set()
    for b, pair in enumerate(pairs):
        true = numerals.links(numerals.read_list(pair.source, source), source, target)
        judged = {row for row, _ in true}
        gold |= {(b, *link) for link in true}
        predicted |= {(b, row, int(looks[b, row])) for row in judged}
    return alignment_error_rate(predicted, gold)


@torch.no_grad()
def alignment_error(
    model: nn.Module, pairs: Sequence[Pair], target: str = "de", source: str = "en"
) -> float:
    """Alignment error rate of the arg max links, while the model is told the true words."""
    with record(model) as reads:
        model(*encoded(model, pairs, target, source))
    best = reads["context.address"].argmax(dim=-1)  # (B, T-1)
    return link_error(best, pairs, target, source)


def pair_of(numbers: Sequence[int], target: str = "de", source: str = "en") -> Pair:
    """A list of numbers in two languages."""
    return Pair(numerals.spell_list(numbers, source), numerals.spell_list(numbers, target))


def short_first(
    batches: int, seed: int, target: str = "de", source: str = "en", size: int = 64
) -> Iterator[Pair]:
    """Training sentences without end, a curriculum: short ones first, then those of `LENGTHS`.

    Args:
        batches: so many batches of sentences of at most 8 morphemes come first.
        seed: another one gives other sentences; a non-negative integer.
        target: language of the targets.
        source: language of the sources.
        size: pairs in a batch.
    """
    short = numerals.stream(source, target, seed=10 * seed + 1, lengths=range(1, 9), split="train")
    long = numerals.stream(source, target, seed=10 * seed + 2, lengths=LENGTHS, split="train")
    return chain(islice(short, batches * size), long)


ONE_WORD = tuple(n for n in range(100) if len(numerals.spell(n, "en")) == 1)
"""The numbers of one English morpheme; each has one in German too."""


def lists(kind: str, count: int, size: int = 200) -> list[Pair]:
    """Lists of `count` numbers of one morpheme, English to German, to see what likeness does.

    Args:
        kind: ``equal``, the same number all the time: there are as many as `ONE_WORD` has;
            ``two``, two numbers in turn; ``random``, each number drawn for itself.
        count: numbers in a list.
        size: lists, where they are drawn.
    """
    if kind not in ("equal", "two", "random") or count < 1:
        raise ValueError(
            f"kind must be 'equal', 'two' or 'random', and count at least 1; got {kind!r}, {count}"
        )
    if kind == "equal":
        return [pair_of([number] * count) for number in ONE_WORD]
    made = torch.Generator().manual_seed(count)
    different = 2 if kind == "two" else count
    drawn = torch.randint(len(ONE_WORD), (size, different), generator=made).tolist()
    if kind == "two":  # the second is never the first
        step = torch.randint(1, len(ONE_WORD), (size,), generator=made).tolist()
        drawn = [[a, (a + by) % len(ONE_WORD)] for (a, _), by in zip(drawn, step, strict=True)]
    return [pair_of([ONE_WORD[row[i % different]] for i in range(count)]) for row in drawn]


MOST = (60, 100)
"""Words of a reader's list that are read, at most, and words that are written for it."""


class Written(NamedTuple):
    """What a model writes for a reader's text.

    Attributes:
        rows: the words.
        columns: the text in words of the source.
        message: what the words say, read back, and whether they were cut off.
        probabilities: (T,), of each word.
        likely: of each word's place the likeliest words that could stand there, and their
            probabilities.
        gold: the true links: pairs (row, column) of words that say the same of the same number.
    """

    rows: list[str]
    columns: tuple[str, ...]
    message: str
    probabilities: Tensor
    likely: list[list[tuple[str, float]]]
    gold: list[tuple[int, int]]


def asked(
    model: nn.Module,
    text: str,
    target: str = "de",
    source: str = "en",
    most: tuple[int, int] = MOST,
    watch: Callable[[], AbstractContextManager[Any]] = nullcontext,
    prefix: Sequence[str] = (),
) -> tuple[Written, Any]:
    """Translate a reader's text, and say of it what a page says of an exported model's answer.

    Args:
        model: it translates greedily.
        text: as for `numerals.parse`.
        target: language of the targets.
        source: language of the sources.
        most: words that are read, at most, and words that are written.
        watch: opens a block while the model writes, such as `recording.record`.
        prefix: words of the target that stand already; the model writes what follows.

    Returns:
        What is written, with the prefix, and what `watch` gave.

    Raises:
        ValueError: the text is no list of numbers, or too long; or nothing was written; or the
            prefix is too long, or has a word that the model cannot write.
    """
    numbers = numerals.parse(text, source, numerals.LARGEST - 1, most[0])
    batch = encoded(model, [pair_of(numbers, target, source)], target, source)
    beginning = _begun(prefix, numerals.vocabulary(target), most[1])
    with watch() as seen:
        (written,) = greedy(_Begins(model, beginning), batch.source, batch.mask, most[1]).tolist()
    rows = numerals.vocabulary(target).decode(written)
    if not rows:
        raise ValueError("The model answered with no word at all.")
    columns = numerals.spell_list(numbers, source)
    cut = "" if END in written else f" (stopped after {most[1]} words, without an end)"
    pair = Pair(columns, tuple(rows))
    told = Written(
        rows,
        columns,
        numerals.read_back(rows, numbers, target) + cut,
        chances(model, pair, target, source),
        likeliest(model, pair, target, source),
        numerals.alike(rows, columns, source, target),
    )
    return told, seen


class _Begins:
    """A model that writes some words first, whatever it thinks of them."""

    def __init__(self, model: EncoderDecoder, words: Sequence[int]) -> None:
        self.model, self.encode, self.words = model, model.encode, iter(words)

    def step(self, token: Tensor, state: Any, memory: Any) -> tuple[Tensor, Any]:
        logits, state = self.model.step(token, state, memory)
        if (word := next(self.words, None)) is not None:
            logits = torch.full_like(logits, -torch.inf)
            logits[:, word] = 0.0
        return logits, state


def _begun(prefix: Sequence[str], vocabulary: Vocabulary, most: int) -> list[int]:
    """The numbers of words that stand already, in capitals or not; none may be special."""
    if len(prefix) > most:
        raise ValueError(f"That begins with {len(prefix)} words; the model writes {most} at most.")
    known = vocabulary.tokens[len(SPECIALS) :]
    written = {**{word.lower(): word for word in known}, **{word: word for word in known}}
    numbers = []
    for word in prefix:
        found = written.get(word, written.get(word.lower()))
        if found is None:
            raise ValueError(f"{numerals.quoted(word)} is no word that the model can write.")
        numbers += vocabulary.encode([found])
    return numbers


@torch.no_grad()
def _words_after(model: nn.Module, pair: Pair, target: str, source: str) -> tuple[Tensor, Tensor]:
    """P(. | source, words before) at each place of the target: (T, V); and its words, (T,)."""
    batch = encoded(model, [pair], target, source)
    logits = model(batch.source, batch.mask, batch.target)[0, :-1]  # (T, V), the end left out
    return logits.softmax(dim=-1).cpu(), batch.target[0, 1:-1].cpu()


def chances(model: nn.Module, pair: Pair, target: str = "de", source: str = "en") -> Tensor:
    """P(word | source, words before) of each word of the target: (T,)."""
    sure, words = _words_after(model, pair, target, source)
    return sure.gather(1, words[:, None])[:, 0]


def likeliest(
    model: nn.Module, pair: Pair, target: str = "de", source: str = "en", most: int = 5
) -> list[list[tuple[str, float]]]:
    """The likeliest words for each place of the target, and their probabilities.

    The words before are those of the pair. No marker, such as the end, is among them.
    """
    sure, _ = _words_after(model, pair, target, source)
    tokens = numerals.vocabulary(target).tokens
    order = sure[:, len(SPECIALS) :].argsort(dim=-1, descending=True, stable=True) + len(SPECIALS)
    return [
        [(tokens[word], row[word].item()) for word in ranked[:most].tolist()]
        for row, ranked in zip(sure, order, strict=True)
    ]


def reply_of(
    model: EncoderDecoder,
    target: str = "de",
    source: str = "en",
    most: tuple[int, int] = MOST,
) -> Callable[[str], dict[str, Any]]:
    """A function from a reader's text to what `lecture_utils.views.Alignment` shows.

    Its weights are zeros where the model addresses nothing. Args as of `asked`, the prefix beside
    the text.
    """

    def reply(text: str, prefix: Sequence[str] = ()) -> dict[str, Any]:
        told, reads = asked(model, text, target, source, most, partial(record, model), prefix)
        nothing = torch.zeros(1, len(told.rows), len(told.columns))
        weights = reads.get("context.address", nothing)[0, : len(told.rows)]
        return {**told._asdict(), "weights": weights}

    return reply


def fill_of(
    model: EncoderDecoder,
    places: Sequence[str],
    target: str = "de",
    source: str = "en",
    most: tuple[int, int] = MOST,
    told: Sequence[str] = (),
) -> Callable[[str], dict[str, Any]]:
    """A function from a reader's text to what fills a picture, for `lecture_utils.views.Diagram`.

    The calls of a place belong to the words: the end of the sentence has none.

    Args:
        model: it translates greedily.
        places: what the picture shows, as `recording.trace` names it.
        target: language of the targets.
        source: language of the sources.
        most: words that are read, at most, and words that are written.
        told: places of a `Transformer`'s decoder whose states are read out, see `guesses`.

    Raises:
        ValueError: `told` for a model that is no `Transformer`.
    """
    if told and not isinstance(model, Transformer):
        raise ValueError("told is for a Transformer, whose decoder reads out any state; pass ()")

    def fill(text: str, prefix: Sequence[str] = ()) -> dict[str, Any]:
        watch = partial(trace, model, [*places, *told])
        written, flow = asked(model, text, target, source, most, watch, prefix)
        answer = written._asdict()
        del answer["gold"], answer["likely"]
        calls = {place: _of_words(calls, len(written.rows)) for place, calls in flow.items()}
        answer["trace"] = {place: calls[place] for place in places if place in calls}
        if told:
            answer["guesses"] = {place: guesses(model, calls[place], target) for place in told}
        return answer

    return fill


def _of_words(calls: Sequence[Any], words: int) -> list[Any]:
    """The calls that belong to the words; of several tensors at once the first, as on a page."""
    return [call[0] if isinstance(call, tuple) else call for call in calls[:words]]


@torch.no_grad()
def guesses(
    model: Transformer, states: Sequence[Tensor], target: str = "de", most: int = 5
) -> list[list[tuple[str, float]]]:
    """What the states of any layer of the decoder say of the next word, see `Decoder.logits`.

    Args:
        model: of which they are.
        states: (1, 1, D), one for each word that is written.
        target: language of the targets.
        most: words, at most.

    Returns:
        For each state words of the target and their probabilities, the likeliest first.
    """
    tokens = numerals.vocabulary(target).tokens
    device = next(model.parameters()).device
    found = []
    for state in states:
        sure = model.decoder.logits(state.to(device))[0, -1].softmax(dim=-1).cpu()
        likeliest = sure.argsort(descending=True, stable=True)[:most].tolist()
        found.append([(tokens[word], sure[word].item()) for word in likeliest])
    return found


def fill_later(
    model: Callable[[], EncoderDecoder], places: Sequence[str], told: Sequence[str] = ()
) -> Callable[[str], dict[str, Any]]:
    """As `fill_of`, for a picture that stands in a notebook before its model is trained.

    Args:
        model: gives the model, such as ``lambda: fixed``; a `NameError` of it is told the reader.
        places: as of `fill_of`.
        told: as of `fill_of`.
    """

    def fill(text: str, prefix: Sequence[str] = ()) -> dict[str, Any]:
        try:
            trained = model()
        except NameError:
            raise ValueError(
                "The model is trained further down: run the cells as far as that, then ask again."
            ) from None
        return fill_of(trained, places, told=told)(text, prefix)

    return fill


def repeated(model: EncoderDecoder, count: int, target: str = "de", source: str = "en") -> float:
    """Part of the ten lists ``0, 0, ...`` to ``9, 9, ...`` that are translated without a fault."""
    pairs = [pair_of([digit] * count, target, source) for digit in range(10)]
    return exact(model, pairs, target, source)
